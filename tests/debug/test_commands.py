"""The command language: every command, its words, and what it refuses."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import seed_example
from tui_backprop.debug.commands import COMMANDS, Command, find_command
from tui_backprop.debug.session import Session
from tui_backprop.errors import CommandError

each_command = pytest.mark.parametrize("command", COMMANDS, ids=lambda c: c.name)


def session() -> Session:
    """The seed: 13 steps, X is written from step 4 on."""
    return Session(seed_example())


def test_words_and_keys_mean_one_command_each() -> None:
    """No name, alias or key is given twice."""
    words = [word for c in COMMANDS for word in (c.name, *c.aliases)]
    keys = [key for c in COMMANDS for key in c.keys]
    assert len(words) == len(set(words))
    assert len(keys) == len(set(keys))


@each_command
def test_a_command_says_what_it_does(command: Command) -> None:
    """A sentence of help, and its word first in its usage."""
    assert command.help.endswith(".")
    assert command.usage.startswith(command.name)
    assert find_command(command.name) is command


@each_command
def test_a_prefix_means_the_one_command_that_begins_so(command: Command) -> None:
    """Where several do, all of them are named."""
    for length in range(1, len(command.name)):
        word = command.name[:length]
        begin_so = [c for c in COMMANDS if c.name.startswith(word)]
        aliased = [c for c in COMMANDS if word in (c.name, *c.aliases)]
        if aliased or len(begin_so) == 1:
            assert find_command(word) is (aliased or begin_so)[0]
        else:
            with pytest.raises(CommandError, match=", ".join(c.name for c in begin_so)):
                find_command(word)


@pytest.mark.parametrize(
    ("lines", "k"),
    [
        (["step"], 1), (["s"], 1), (["s 5"], 5), (["step 99"], 12), (["end", "rs"], 11),
        (["end", "reverse-step 2"], 10), (["goto 3", "next"], 12), (["n 2"], 2),
        (["goto 8", "rn"], 3), (["goto 8", "finish"], 12), (["goto 8", "reverse-finish"], 3),
        (["continue"], 12), (["end", "rc"], 0), (["goto 7"], 7), (["goto step 7"], 7),
        (["goto Y"], 2), (["goto 9", "goto node 1"], 1), (["goto X.grad[1]"], 7),
        (["end", "restart"], 0), (["break Y", "c"], 2), (["break Y", "c", "c"], 3),
        (["b step 6", "c"], 6), (["b step 6", "b step 6", "c"], 12), (["watch X.grad[2]", "c"], 10),
        (["w X.grad", "w X.grad", "c"], 12), (["b Y", "b step 6", "delete 1", "c"], 6),
        (["b Y", "b step 6", "delete", "c"], 12), (["goto 2", "break", "restart", "c"], 2),
        (["goto 8", "zeros"], 5), (["goto 7", "set v = [0, 0, 1]"], 7), (["", "   "], 0),
    ],
)  # fmt: skip
def test_commands_lead_where_they_say(lines: list[str], k: int) -> None:
    """Counts, places, breakpoints and watches, on the walk of the seed."""
    walk = session()
    for line in lines:
        walk.execute(line)
    assert walk.cursor == k


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("stpe", "did you mean 'step'"), ("x", "type"), ("re", "reverse-step"),
        ("step 0", "from 1"),
        ("step x", "from 1"), ("step -1", "from 1"), ("finish 2", "no argument"),
        ("goto 13", "0 to 12"), ("goto -1", "0 to 12"), ("goto --5", "expected a name"),
        ("goto " + "9" * 5000, "0 to 12"),
        ("goto Z", "there are: X"), ("goto X.grad[3]", r"shape \(3,\)"),
        ("goto", "expected a name"), ("goto 1.grad", "expected a name"),
        ("break step 13", "0 to 12"), ("break X.grad", "watch X.grad"),
        ("break step", "there is no 'step'"), ("break step x", "0 to 12"), ("watch", "watch what"),
        ("watch 1", "no step of this walk writes"),
        ("delete 1", "there are 0"), ("delete x", "from 1"), ("set w = 1", "set v ="),
        ("set v", "set v ="), ("set v = [1, 2]", r"\(3,\)"), ("set v = ", "expected a number"),
    ],
)  # fmt: skip
def test_what_cannot_be_carried_out_changes_nothing(line: str, message: str) -> None:
    """A message that says what would be accepted; cursor, stops and v stay."""
    walk = session()
    walk.goto(5)
    with pytest.raises(CommandError, match=message):
        walk.execute(line)
    assert (walk.cursor, walk.stops, walk.trace.grad["X"].tolist()) == (5, (), [2, 4, 6])


def test_reports_say_what_was_done() -> None:
    """Setting, listing and removing answer in words; a plain move answers nothing."""
    walk = session()
    lines = ("info", "b Y", "w X.grad[0]", "info breakpoints", "step", "c", "delete 2", "delete")
    assert [walk.execute(line) for line in lines] == [
        "no breakpoints and no watches", "breakpoint at Y: set",
        "watch X.grad[0]: stops at each step that writes it",
        "1: breakpoint at Y  2: watch X.grad[0]", "", "breakpoint at Y",
        "watch X.grad[0]: removed", "1 breakpoints and watches removed",
    ]  # fmt: skip


@given(st.lists(st.sampled_from([c.name for c in COMMANDS]) | st.text(max_size=8), max_size=3))
def test_no_line_breaks_the_session(words: list[str]) -> None:
    """Any line is carried out or refused as a command, and the cursor stays inside the walk."""
    walk = session()
    with suppress(CommandError):
        walk.execute(" ".join(words))
    assert 0 <= walk.cursor <= walk.last
