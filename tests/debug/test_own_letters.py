"""A program with a v or a J of its own: in commands, too, the letter is the program's."""

from __future__ import annotations

import pytest

from tui_backprop.debug.debugger import Debugger
from tui_backprop.errors import CommandError
from tui_backprop.scenario.load import loads
from tui_backprop.timeline.trace import Trace

OWN = """\
format: 1
inputs: {v: [1, 2], W: [3, 4]}
program: |
  J = W * v
  Y = J * J
backward: {of: Y, v: [1, 10]}
"""
OTHER = (
    OWN.replace("v: [1, 2]", "q: [1, 2]")
    .replace("J = W * v", "p = W * q")
    .replace("J * J", "p * p")
)


def opened(text: str) -> Debugger:
    """A session at the end of the walk."""
    model = loads(text, "t.yaml")
    session = Debugger(Trace(model.graph, model.leaves, model.passes))
    session.goto(session.last)
    return session


def seed_of(session: Debugger) -> list[float]:
    """The seed of the only pass."""
    run = session.trace.runs[0]
    assert run is not None
    return [float(x) for x in run.seed]


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("print v", "v = [1, 2]"),
        ("print v[1]", "v[1] = 2"),
        ("print J", "J = [3, 8]"),
        ("print norm(Y.grad) ** 2", "norm(Y.grad) ** 2 = 101"),
    ],
)
def test_an_expression_means_the_variable(typed: str, answer: str) -> None:
    """The vector is the adjoint that it was summed as."""
    assert opened(OWN).execute(typed) == answer


def test_v_can_be_set_and_the_seed_too() -> None:
    """The seed goes by its name."""
    session = opened(OWN)
    session.execute("set v[0] = 5")
    assert session.trace.leaves["v"].tolist() == [5.0, 2.0]
    session.execute("set seed = [0, 1]")
    session.execute("set seed[0] = 3")
    assert seed_of(session) == [3.0, 1.0]
    with pytest.raises(CommandError, match="only seed and leaves can be set: seed, v, W"):
        session.execute("set Y = 1")


def test_what_was_set_is_set_again() -> None:
    """A saved session says it as it is typed."""
    session = opened(OWN)
    session.execute("set v = 2 * v")
    session.execute("set seed = 2 * Y.grad")
    other = opened(OWN)
    for line in ("set v = [2, 4]", "set seed = [2, 20]"):
        other.execute(line)
    assert other.trace.leaves["v"].tolist() == session.trace.leaves["v"].tolist()
    assert seed_of(other) == seed_of(session)


def test_without_one_v_is_the_vector() -> None:
    """And the seed, where it is set."""
    session = opened(OTHER)
    session.execute("set v = [0, 1]")
    assert seed_of(session) == [0.0, 1.0]
    with pytest.raises(CommandError, match="only v and leaves can be set: v, q, W"):
        session.execute("set Y = 1")


def test_the_glossary_calls_the_vector_by_its_adjoint() -> None:
    """As the screen does, with this walk's numbers."""
    theirs, others = (opened(text).execute("help partial") for text in (OWN, OTHER))
    assert "Times J.grad[" in theirs
    assert "Times v[" in others
