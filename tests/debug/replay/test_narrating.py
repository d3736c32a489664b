"""Narration that is typed while a walk is recorded: a replay says it at that place."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import seed_example
from tui_backprop import Session
from tui_backprop.debug.replay.reader import read
from tui_backprop.debug.replay.recorder import Recorder
from tui_backprop.debug.replay.script import Mark, Say
from tui_backprop.errors import CommandError


class Kept(StringIO):
    """A file whose text outlives it."""

    def close(self) -> None:
        """Stay readable."""


def recorded(*lines: str) -> list[Any]:
    """What a recording of these lines holds, as it is read again."""
    file = Kept()
    session = Session(seed_example())
    Recorder(file, float, "vector-double", "0" * 64).listen(session)
    for line in lines:
        session.execute(line)
    return [line.act for line in read(file.getvalue()).lines]


def test_it_stands_where_it_was_said() -> None:
    """Between the commands, in one language or in several."""
    acts = recorded("step", "say Now look at y.", 'say en "now" zh "现在"', "step")
    said = [act for act in acts if isinstance(act, Say)]
    assert [act.text for act in said] == [{"": "Now look at y."}, {"en": "now", "zh": "现在"}]
    assert [type(act).__name__ for act in acts] == ["Do", "Say", "Say", "Do"]


def test_a_chapter_begins_where_it_was_marked() -> None:
    """As `say`, in one language or in several."""
    acts = recorded("mark The seed", "step", 'mark en "Back" zh "往回"')
    assert [act.name for act in acts if isinstance(act, Mark)] == [
        {"": "The seed"}, {"en": "Back", "zh": "往回"},
    ]  # fmt: skip


@given(st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1))
def test_any_text_is_said_as_it_was_typed(text: str) -> None:
    """Quotes, backslashes and all; it is never read as a command."""
    typed = f"x {text}".strip()
    (act,) = recorded(f"say {typed}")
    assert act == Say({"": typed})


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("say", "say what"),
        ("mark", "mark what"),
        ('say "open', "in quotes"),
        ('say fr "x"', "unknown language"),
        ('say en "a" en "b"', "second text"),
        ("say " + "x" * 4001, "at most 4,000"),
    ],
)
def test_what_cannot_be_said_is_not_recorded(line: str, why: str) -> None:
    """A recording stays one that can be read."""
    file = Kept()
    session = Session(seed_example())
    Recorder(file, float, "vector-double", "0" * 64).listen(session)
    with pytest.raises(CommandError, match=why):
        session.execute(line)
    assert read(file.getvalue()).lines == ()


def test_without_a_recording_nobody_would_hear_it() -> None:
    """It says how one is made."""
    with pytest.raises(CommandError, match="--record FILE"):
        Session(seed_example()).execute("say hello")
