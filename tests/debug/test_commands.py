"""The command language: every command, its words, and what it refuses."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import seed_example
from tui_backprop import Session
from tui_backprop.debug.commands import COMMANDS, Command, find_command, perform
from tui_backprop.errors import CommandError
from tui_backprop.progress import run_to_end

if TYPE_CHECKING:
    from collections.abc import Iterator

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


@pytest.mark.parametrize(
    "command", [c for c in COMMANDS if len(c.name) > 1], ids=lambda command: command.name
)
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
        (["b step 6", "c"], 6), (["b step 6", "b step 6", "c"], 6), (["watch X.grad[2]", "c"], 10),
        (["w X.grad", "w X.grad", "c"], 4), (["b Y", "b step 6", "delete 1", "c"], 6),
        (["b Y", "b step 6", "delete", "c"], 12), (["goto 2", "break", "restart", "c"], 2),
        (["goto 2", "break", "break", "restart", "c"], 12), (["b op multiply", "c", "c"], 3),
        (["b seed", "c"], 3), (["b partial", "c", "c"], 5), (["b Y partial", "c"], 4),
        (["b op multiply seed", "c"], 3), (["b write X.grad[2]", "c", "c"], 11),
        (["b partial if X.grad[0] > 1", "c"], 4), (["b if norm(X.grad) > 7", "c"], 12),
        (["until step >= 5"], 5), (["goto 7", "until step >= 5"], 8), (["u step > 99"], 12),
        (["b seed", "until step > 5"], 3), (["b partial", "ignore 1 3", "c"], 7),
        (["b partial", "condition 1 v[1] > 1 and step > 6", "c"], 7),
        (["b Y", "disable 1", "c"], 12), (["b Y", "disable", "enable 1", "c"], 2),
        (["tbreak Y", "c", "rc", "c"], 12), (["# a comment"], 0),
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
        ("stpe", "did you mean 'step'"), ("q", "lists them"), ("re", "reverse-step"),
        ("step 0", "from 1"),
        ("step x", "from 1"), ("step -1", "from 1"), ("finish x", "whole number from 1"),
        ("goto 13", "0 to 12"), ("goto -1", "0 to 12"), ("goto --5", "expected a name"),
        ("goto " + "9" * 5000, "0 to 12"),
        ("goto Z", "there are: X"), ("goto X.grad[3]", r"shape \(3,\)"),
        ("goto", "expected a name"), ("goto 1.grad", "no '1'"),
        ("break step 13", "0 to 12"), ("break X.grad", "watch X.grad"), ("break op", "op what"),
        ("break step", "step what"), ("break step x", "0 to 12"), ("watch", "watch what"),
        ("break op relu", "there are: input, const, multiply"), ("break write 1", "is a constant"),
        ("break zero_grad", "no step of this walk is at"), ("break if", "expected an expression"),
        ("break if nrm(X)", "did you mean 'norm'"), ("until", "expected an expression"),
        ("watch 1", "never changes"), ("condition 1 v", "there is no breakpoint 1"),
        ("ignore 1 2", "there are: none"), ("enable 7", "there is no breakpoint 7"),
        ("delete 1", "there are: none"), ("delete x", "number of a breakpoint"),
        ("set w = 1", "there is no 'w'"),
        ("set v", "expected what = numbers"), ("set v = [1, 2]", r"\(3,\)"),
        ("set v = ", "expected a number"), ("set Y = 1", "only v and leaves can be set: v, X"),
        ("set X[0] = [1, 2]", "is one number"), ("set X[5] = 1", r"shape \(3,\)"),
        ("set v = X.grad", "not computed yet"), ("set seed onehot 3", "from 0 to 2"),
        ("set seed", "expected seed ones"), ("undo", "nothing to undo"),
        ("redo", "nothing to redo"),
        ("print", "expected an expression"), ("print Z", "there is no 'Z'"), ("J all", "J total"),
        ("J total 1", "is a constant"), ("J total X[0]", "J is by a whole node, such as X"),
        ("info qq", "info about what"), ("info node Z", "there is no 'Z'"),
        ("info op tahn", "'tanh'"),
        ("undisplay 1", "there are 0"), ("list 3", "no argument"), ("where x", "no argument"),
        ("why Y", "ask about a gradient, Y.grad"), ("why Z.grad", "no 'Z'"),
        ("why X.grad", r"such as|Such as X.grad\[0\]"), ("why X.grad[0] page 0", "from 1"),
        ("origin", "origin nan, or origin inf"), ("origin nan Y", "ignoring and names"),
        ("origin nan ignoring", "ignoring and names"), ("origin nan ignoring Q", "no 'Q'"),
        ("save", "name a file"), ("source", "name a file"), ("source nowhere", "No such file"),
        ("save .", "no file of commands"), ("save " + "a" * 5000, "too long"),
        ("save ~nobody-at-all/x", "no such home"), ("source ~nobody-at-all/x", "no such home"),
    ],
)  # fmt: skip
def test_what_cannot_be_carried_out_changes_nothing(line: str, message: str) -> None:
    """A message that says what would be accepted; cursor, stops and v stay."""
    walk = session()
    walk.goto(5)
    with pytest.raises(CommandError, match=message):
        walk.execute(line)
    assert (walk.cursor, walk.breakpoints, walk.displays) == (5, (), ())
    assert walk.trace.grad["X"].tolist() == [2, 4, 6]


def test_reports_say_what_was_done() -> None:
    """Setting, listing and removing answer in words; a plain move answers nothing."""
    walk = session()
    lines = ("info", "b Y", "b Y", "w X.grad[0]", "info breakpoints", "step", "c", "delete 2", "d")
    assert [walk.execute(line) for line in lines] == [
        "no breakpoints and no watchpoints", "breakpoint 1: Y: set; first at step 2",
        "breakpoint 1: Y: is set already",
        "watchpoint 2: X.grad[0]: stops where its value changes",
        "1  breakpoint  Y  hits 0\n2  watchpoint  X.grad[0]  hits 0", "", "breakpoint 1: Y",
        "watchpoint 2: X.grad[0]: removed", "1 breakpoints and watchpoints removed",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "column"),
    [("print 1 +", 9), ("  print nrm(X)", 8), ("break Y if   nrm(X) > 0", 13), ("watch X if Z", 11),
     ("condition 1 Z > 0", 12), ("frobnicate", 0), ("  bogus", 2), ("print X.grda", 7),
     ("set v = Z", 8)],
)  # fmt: skip
def test_an_error_points_at_its_column(line: str, column: int) -> None:
    """Counted from the start of the line, wherever the expression stands."""
    walk = session()
    walk.execute("break Y")
    with pytest.raises(CommandError) as caught:
        walk.execute(line)
    assert caught.value.column == column


@each_command
def test_help_tells_all_about_a_command(command: Command) -> None:
    """Its usage and its sentence, then what more there is; a word of its name comes after that."""
    text = session().execute(f"help {command.name}")
    also = f"also: {', '.join(command.aliases)}" if command.aliases else ""
    about = "\n".join(x for x in (command.usage, command.help, command.details, also) if x)
    rest = text.removeprefix(about)
    assert rest != text
    assert not rest or rest.startswith((f"\n{command.name}: ", f"\n{command.name}("))  # or an op's


def test_help_lists_every_command() -> None:
    """A line each."""
    assert len(session().execute("help").split("\n")) == len(COMMANDS)


def test_a_set_and_its_undo_are_the_identity() -> None:
    """Numbers, cursor and walk come back; redo goes there again."""
    walk = session()
    walk.goto(8)
    before = walk.trace
    walk.execute("set X[0] = 5")
    walk.execute("set v = X")
    assert walk.trace.grad["X"].tolist() == [10, 4, 6]
    assert walk.history.baseline is before
    walk.execute("undo")
    walk.execute("undo")
    assert walk.trace is before
    assert walk.cursor == 8
    assert walk.history.in_force == ()
    walk.execute("redo")
    assert walk.trace.values["X"].tolist() == [5, 2, 3]


def test_asking_why_answers_for_the_step() -> None:
    """Of an entry that is named, or of the one that this step wrote; a line leads to its step."""
    walk = session()
    walk.goto(8)
    assert walk.execute("why") == walk.execute("why X.grad[1]")
    assert "X.grad[1] = 4 after step 8" in walk.execute("why")
    answer = run_to_end(perform(walk, "why")).lines
    assert 8 in [line.step for line in answer]
    assert walk.execute("why zero X.grad[1]").startswith("X.grad[1] = 4 after step 8: not 0")
    assert walk.execute("origin nan") == "no NaN appears in this walk"


def test_what_is_saved_brings_a_fresh_session_to_the_same(tmp_path: Path) -> None:
    """Trials, breakpoints with their counts and conditions, displays."""
    walk = session()
    for line in ("set X[0] = 5", "b Y if step > 2", "tbreak op multiply", "w norm(X.grad)",
                 "ignore 2 3", "disable 3", "display v"):  # fmt: skip
        walk.execute(line)
    file = tmp_path / "kept"
    walk.execute(f"save {file}")
    other = session()
    other.execute(f"source {file}")
    assert other.execute("info") == walk.execute("info")
    assert other.execute("display") == walk.execute("display")
    assert other.trace.values["X"].tolist() == [5, 2, 3]


def test_a_file_of_commands_names_the_line_that_fails(tmp_path: Path) -> None:
    """Nothing of it stays: as if it had never been asked for."""
    file = tmp_path / "commands"
    file.write_text("# a walk\nstep 3\nset v = [5, 5, 5]\nbreak Y\n\nundo\nstpe\n")
    walk = session()
    walk.execute("set X[0] = 5")
    before = walk.execute("info")
    with pytest.raises(CommandError, match=r"commands:7: unknown command 'stpe'"):
        walk.execute(f"source {file}")
    assert walk.cursor == 0
    assert walk.execute("info") == before
    assert walk.execute("break Y").startswith("breakpoint 1")
    walk.execute("undo")
    assert walk.trace.values["X"].tolist() == [1, 2, 3]


def test_who_gives_up_a_file_of_commands_has_done_nothing(tmp_path: Path) -> None:
    """Whatever was carried out of it before."""
    file = tmp_path / "commands"
    file.write_text("break if any(v > 9)\nset v = [5, 5, 5]\ncontinue\n")
    walk = session()
    journey = perform(walk, f"source {file}")
    next(journey)
    assert walk.breakpoints
    journey.close()
    assert not walk.breakpoints
    assert walk.trace.values["X"].tolist() == [1, 2, 3]
    assert walk.sourcing == 0


def test_a_file_that_sources_itself_comes_to_an_end(tmp_path: Path) -> None:
    """It is refused at a stated depth, and the session can source again."""
    file = tmp_path / "commands"
    file.write_text(f"source {file}\n")
    walk = session()
    with pytest.raises(CommandError, match="8 deep"):
        walk.execute(f"source {file}")
    assert walk.sourcing == 0


def test_no_other_file_is_overwritten(tmp_path: Path) -> None:
    """Only what begins as a file of commands does."""
    file = tmp_path / "thesis"
    file.write_text("ten years of work")
    with pytest.raises(CommandError, match="not overwritten"):
        session().execute(f"save {file}")
    assert file.read_text() == "ten years of work"


@pytest.fixture(autouse=True, scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Whatever a drawn line writes, it writes it there."""
    home = Path.cwd()
    os.chdir(tmp_path_factory.mktemp("commands"))
    yield
    os.chdir(home)


@given(st.lists(st.sampled_from([c.name for c in COMMANDS]) | st.text(max_size=8), max_size=3))
def test_no_line_breaks_the_session(words: list[str]) -> None:
    """Any line is carried out or refused as a command, and the cursor stays inside the walk."""
    walk = session()
    with suppress(CommandError):
        walk.execute(" ".join(words))
    assert 0 <= walk.cursor <= walk.last


@pytest.mark.few(0)
@pytest.mark.parametrize(
    ("line", "most", "undo"),
    [("set X[0] = {n}", 1000, "undo"), ("break if step == {n}", 100, "delete"),
     ("display step + {n}", 100, "undisplay")],
)  # fmt: skip
def test_nobody_sets_more_than_a_person_would(line: str, most: int, undo: str) -> None:
    """Each is refused beyond its number, and there is room again when some are gone."""
    session = Session(seed_example())
    for n in range(most):
        session.execute(line.format(n=n))
    with pytest.raises(CommandError):
        session.execute(line.format(n=most))
    session.execute(undo)
    session.execute(line.format(n=most))
