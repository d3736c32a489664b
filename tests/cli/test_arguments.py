"""Which command is meant."""

from __future__ import annotations

import argparse

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_backprop.cli.commands import NAMES, VALUE_OPTIONS, find
from tui_backprop.cli.shared.arguments import parser, with_command

words = st.lists(st.sampled_from([*NAMES, "x.yaml", "--json", "--lang=zh", "--", "--limit=a=1"]))


@given(words)
def test_a_command_always_stands_first(found: list[str]) -> None:
    """And the rest keeps its order."""
    placed = with_command(found)
    assert placed[0] in NAMES
    assert sorted(placed[1:]) == sorted(found) or sorted(placed) == sorted(found)


@pytest.mark.parametrize(
    ("given_words", "expected"),
    [
        ([], ["open"]),
        (["vector-double"], ["open", "vector-double"]),
        (["--lang", "zh", "vector-double"], ["open", "--lang", "zh", "vector-double"]),
        (["trace", "x"], ["trace", "x"]),
        (["--lang", "zh", "trace", "x"], ["trace", "--lang", "zh", "x"]),
        (["--lang=zh", "trace", "x"], ["trace", "--lang=zh", "x"]),
        (["--lang", "list"], ["open", "--lang", "list"]),
        (["./check"], ["open", "./check"]),
        (["--", "check"], ["open", "--", "check"]),
        (["--help"], ["--help"]),
        (["--version"], ["--version"]),
        (["check", "--help"], ["check", "--help"]),
    ],
)
def test_the_first_word_that_is_no_option_decides(
    given_words: list[str], expected: list[str]
) -> None:
    """A scenario that is called like a command is written as a path."""
    assert with_command(given_words) == expected


def test_every_option_with_a_value_is_known() -> None:
    """Else its value would be taken for a command."""
    (added,) = (a for a in parser()._actions if isinstance(a, argparse._SubParsersAction))
    found = {
        option
        for own in added.choices.values()
        for action in own._actions
        if action.option_strings and action.nargs != 0
        for option in action.option_strings
    }
    assert found == VALUE_OPTIONS


def test_a_command_is_called_what_the_list_calls_it() -> None:
    """Names are known without importing what they name, so they must agree."""
    assert tuple(command.name for command in map(find, NAMES)) == NAMES
