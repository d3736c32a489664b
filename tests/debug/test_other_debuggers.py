"""Words that a hand knows from gdb or pdb: they do what there is, or say what there is instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given

import tui_backprop as tb
from tests.strategies import traces
from tui_backprop import Session
from tui_backprop.api import Scenario
from tui_backprop.debug.commands import COMMANDS
from tui_backprop.debug.commands.command import INSTEAD
from tui_backprop.errors import CommandError
from tui_backprop.graph.naming import label
from tui_backprop.language.catalogue import language_of
from tui_backprop.scenario.load import loads
from tui_backprop.tui.commands import find

if TYPE_CHECKING:
    from tui_backprop.debug.commands import Command
    from tui_backprop.timeline.trace import Trace

OWN = """\
format: 1
inputs: {x: [1, 2], b: 3, locals: 4}
program: |
  node = x * b
  d = node + locals
  d = d * 2
backward: {of: d}
"""


def own() -> Session:
    """A walk with names that are words of commands, at its end."""
    session = Scenario(loads(OWN)).session()
    session.end()
    return session


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("x X", "print X"), ("p X + 1", "print X + 1"), ("jump 7", "goto 7"),
     ("jump X.grad[1]", "goto X.grad[1]"), ("run", "restart"), ("bt", "where")],
)  # fmt: skip
def test_a_word_of_theirs_does_what_ours_does(typed: str, meant: str) -> None:
    """From the same step: the same answer, the same step."""
    found = []
    for line in (typed, meant):
        session = tb.load("vector-double").session()
        session.goto(5)
        found.append((session.execute(line), session.cursor))
    assert found[0] == found[1]


@pytest.mark.parametrize("word", INSTEAD)
def test_what_there_is_not_is_answered_by_what_there_is(word: str) -> None:
    """In one sentence, in Chinese too; on the screen the arrow's name is no way around."""
    session = own()
    for ask in (session.execute, find, lambda line: session.execute(f"help {line}")):
        with pytest.raises(CommandError, match=r"'where' tells .*, 'fold' and 'unfold'") as caught:
            ask(word)
        told = language_of("zh").retold(str(caught.value))
        assert "where" in told
        assert "stack" not in told
    assert session.cursor == session.last


def test_a_word_is_no_command_and_something_else_too() -> None:
    """What there is instead is told only of words that no command has."""
    words = {word for command in COMMANDS for word in (command.name, *command.aliases)}
    assert words.isdisjoint(INSTEAD)


@pytest.mark.parametrize(
    "word", [alias for command in COMMANDS for alias in command.aliases if alias.isidentifier()]
)
def test_a_number_given_to_a_name_that_is_a_command_too(word: str) -> None:
    """No command takes it: the line that sets it is told; a comparison is not taken for one."""
    with pytest.raises(CommandError, match=f"^numbers are set by: set {word} = 3$"):
        own().execute(f"{word} = 3")
    told = list[str]()
    try:
        told.append(own().execute(f"{word} == 3"))
    except CommandError as error:
        told.append(str(error))
    assert "numbers are set by" not in told[0]


@given(traces())
def test_info_of_a_name_is_info_node_of_it(trace: Trace) -> None:
    """Of every node that has one, at the first step and at the last."""
    session = Session(trace)
    for goes in (session.restart, session.end):
        goes()
        for node in trace.graph.nodes:
            if node.name:
                name = label(trace.graph, node.id)
                assert session.execute(f"info {name}") == session.execute(f"info node {name}")


@given(traces())
def test_info_locals_has_a_line_for_every_name(trace: Trace) -> None:
    """In the order of the tape: the name, the shape, the value or that it is not known yet."""
    session = Session(trace)
    named = [node for node in trace.graph.nodes if node.name]
    for goes in (session.restart, session.end):
        goes()
        lines = session.execute("info locals").splitlines()
        for line, node in zip(lines, named, strict=True):
            name = label(trace.graph, node.id)
            value = session.execute(f"info node {name}").partition("value    ")[2].splitlines()[0]
            assert line.startswith(name)
            assert str(node.shape) in line
            assert line.endswith(f"  {value}")


def test_what_is_not_built_yet_is_no_number() -> None:
    """It is there with its shape."""
    session = own()
    session.restart()
    assert [line.split() for line in session.execute("info locals").splitlines()] == [
        ["x", "(2,)", "[1,", "2]"], ["b", "()", "·"], ["locals", "()", "·"], ["node", "(2,)", "·"],
        ["d@1", "(2,)", "·"], ["d@2", "(2,)", "·"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "begins"),
    [("b", "b  node"), ("d", "d@2  node"), ("d@1", "d  node"), ("x.grad[0]", "x  node"),
     ("node", "node  node"), ("node node", "node  node"), ("node locals", "locals  node"),
     ("locals", "x "), ("l", "x "), ("br", "no breakpoints"), ("", "no breakpoints"),
     ("dis", "nothing is displayed"), ("#0", "x  node")],
)  # fmt: skip
def test_a_name_comes_before_a_word_that_is_only_begun(asked: str, begins: str) -> None:
    """A whole word comes before a name, and `node` in front of it asks for the name."""
    assert own().execute(f"info {asked}").startswith(begins)


@pytest.mark.parametrize(("asked", "meant"), [("X", "x"), ("local", ""), ("noed", "node")])
def test_a_name_nearly_right(asked: str, meant: str) -> None:
    """As nearly a word of `info`."""
    if not meant:
        assert own().execute(f"info {asked}").startswith("x ")
        return
    with pytest.raises(CommandError, match=f"did you mean '{meant}'"):
        own().execute(f"info {asked}")


def test_of_very_many_names_the_first_are_told() -> None:
    """And how many more there are."""
    lines = "".join(f"  y{k} = x + {k}\n" for k in range(600))
    session = Scenario(loads(f"format: 1\ninputs: {{x: 1}}\nprogram: |\n{lines}")).session()
    told = session.execute("info locals").splitlines()
    assert (len(told), told[-1]) == (501, "… 101 more")


@pytest.mark.parametrize("command", [c for c in COMMANDS if c.aliases], ids=lambda c: c.name)
def test_help_names_the_other_words(command: Command) -> None:
    """Who looks a word up finds the one that is shorter."""
    assert f"also: {', '.join(command.aliases)}" in own().execute(f"help {command.name}")
