"""Every command has an answer to the question how it is given up."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tui_backprop.api import load
from tui_backprop.dataclass import replace
from tui_backprop.debug.background import (
    QUICK,
    QUICK_UNLESS_STOPPED,
    how_far,
    is_quick,
    perform_in_thread,
)
from tui_backprop.debug.commands import COMMANDS
from tui_backprop.debug.conditions import search
from tui_backprop.debug.health import measuring as examination
from tui_backprop.debug.session import state_of
from tui_backprop.errors import CommandError
from tui_backprop.graph import evaluation, jacobian
from tui_backprop.graph import passes as backward
from tui_backprop.graph.passes import run_forward
from tui_backprop.progress import Progress, listener, run_to_end
from tui_backprop.timeline.timeline import Timeline

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tui_backprop import Session

LINES = {
    "goto": "goto claim",
    "until": "until norm(X.grad) > 0",
    "break": "break if norm(X.grad) > 0",
    "tbreak": "tbreak if norm(X.grad) > 0",
    "watch": "watch X.grad",
    "condition": "condition 1 norm(X) > 0",
    "enable": "enable 1",
    "disable": "disable 1",
    "delete": "delete 1",
    "ignore": "ignore 1 2",
    "print": "print norm(X @ X)",
    "display": "display norm(X)",
    "undisplay": "undisplay 1",
    "info": "info break",
    "why": "why X.grad[1]",
    "origin": "origin nan",
    "set": "set X = [1, 5, 2]",
    "compare": "compare vector-double-slip",
    "J": "J total",
    "save": "save F",
    "source": "source F",
    "restore": "restore display: norm(X)",
    "unfold": "unfold model",
    "say": "say now",
    "mark": "mark now",
    "differences": "differences X",
}
"""What is asked where a word alone would ask for little."""


def session_with_all(folder: Path) -> Session:
    """Something set, displayed, stopped at, gone into, recorded: every command has its work."""
    session = load("vector-double-slip").session()
    session.listener = lambda _line: None
    for line in ("set X = [1, 2, 4]", "set X = [1, 2, 5]", "undo", "break if step > 5",
                 "display X", f"save {folder / 'all.commands'}", "goto 9"):  # fmt: skip
        session.execute(line)
    graph = session.trace.graph
    nodes = tuple(replace(node, module=f"model.{node.id}") for node in graph.nodes)
    session.trace.graph = replace(graph, nodes=nodes)
    session.inside = "model.1"
    return session


def line_of(name: str, folder: Path) -> str:
    """A line of the command of that name."""
    return LINES.get(name, name).replace(" F", f" {folder / 'all.commands'}")


def test_every_command_is_quick_or_carried_out_apart() -> None:
    """The quick ones are named; a new command is carried out apart unless somebody adds it."""
    names = {command.name for command in COMMANDS}
    assert names >= QUICK | QUICK_UNLESS_STOPPED | set(LINES)
    session = load("chain").session()
    apart_ = {name for name in names if not is_quick(session, LINES.get(name, name))}
    assert apart_ == names - QUICK - QUICK_UNLESS_STOPPED
    session.execute("break if step > 100")
    assert not any(is_quick(session, name) for name in QUICK_UNLESS_STOPPED)


NAMED = [command.name for command in COMMANDS if command.name != "accuse"]
"""Those with an answer here; nothing is planted that could be accused."""

WORKING = (
    (evaluation, "run_forward"),
    (evaluation, "run_backward"),
    (backward, "run_backward"),
    (examination, "run_backward"),
    (jacobian, "run_backward"),
    (search, "first"),
    (search, "_inside"),
    (Timeline, "__init__"),
)
"""What takes long where arrays or graphs are large."""


@pytest.mark.parametrize("name", NAMED)
def test_no_command_works_where_keys_are_heard(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Evaluations, searches and walks are made in another thread, which can be left."""
    session = session_with_all(tmp_path)
    for where, what in WORKING:
        monkeypatch.setattr(where, what, _elsewhere(getattr(where, what)))
    heard: list[str] = []
    session.listener = heard.append
    line = line_of(name, tmp_path)
    run_to_end(perform_in_thread(session, line))
    assert heard[-1] == line


def _elsewhere(function: Callable[..., Any]) -> Callable[..., Any]:
    def called(*args: Any, **named: Any) -> Any:
        assert threading.current_thread() is not threading.main_thread()
        return function(*args, **named)

    return called


@pytest.mark.few(6)
@pytest.mark.parametrize("name", NAMED)
def test_apart_is_the_same_as_here(name: str, tmp_path: Path) -> None:
    """The answer, and what the session is afterwards."""
    line = line_of(name, tmp_path)
    here, there = session_with_all(tmp_path), session_with_all(tmp_path)
    expected = here.execute(line)
    answer = run_to_end(perform_in_thread(there, line))
    assert answer.text == expected
    assert (there.cursor, there.reason, there.direction) == (
        here.cursor, here.reason, here.direction
    )  # fmt: skip
    assert [b.text for b in there.breakpoints] == [b.text for b in here.breakpoints]
    np.testing.assert_array_equal(there.trace.values["Y"], here.trace.values["Y"])


def test_what_is_given_up_has_changed_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread ends where it reports next, even in the middle of an evaluation."""
    begun, left = threading.Event(), threading.Event()

    def endless(*_args: object) -> None:
        heard = listener()
        assert heard is not None
        begun.set()
        try:
            while True:
                heard.report("evaluating", 1, 2)
        finally:
            left.set()

    session = load("vector-double").session()
    before = state_of(session)
    monkeypatch.setattr(evaluation, "run_forward", endless)
    progress = Progress()
    work = perform_in_thread(session, "set X = [1, 2, 4]", progress)
    assert next(work) == 0
    assert begun.wait(10)
    assert how_far(progress) == "evaluating: 1 of 2; escape stops"
    work.close()
    assert left.wait(10)
    assert dict(state_of(session)) == dict(before)


def test_an_error_is_raised_where_somebody_waits() -> None:
    """As if the line had been carried out here."""
    session = load("vector-double").session()
    with pytest.raises(CommandError, match="nothing was set"):
        run_to_end(perform_in_thread(session, "compare before"))


def test_a_walk_that_moved_meanwhile_is_not_overwritten(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was worked out is about another place."""
    go_on = threading.Event()

    def waiting(*args: Any) -> Any:
        go_on.wait(10)
        return run_forward(*args)

    session = load("vector-double").session()
    monkeypatch.setattr(evaluation, "run_forward", waiting)
    work = perform_in_thread(session, "set X = [1, 2, 4]")
    next(work)
    session.goto(5)
    go_on.set()
    with pytest.raises(CommandError, match="moved while"):
        run_to_end(work)
    assert session.cursor == 5
