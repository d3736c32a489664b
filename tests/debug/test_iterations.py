"""Every command inside of an iteration of a training: what it says without training, further on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

import tui_backprop as tb
from tui_backprop.debug.commands import perform
from tui_backprop.errors import CommandError
from tui_backprop.graph.model import ZeroGrad
from tui_backprop.graph.update_rules import UPDATE_RULES, Update
from tui_backprop.progress import run_to_end
from tui_backprop.scenario.files import shipped
from tui_backprop.timeline.trace import Trace

if TYPE_CHECKING:
    from pathlib import Path

SGD = UPDATE_RULES["sgd"]
AT_REST = Update(SGD, SGD.defaults, 3, ())
"""Three iterations with nothing to train: each is the same walk."""

LOOKING = (
    "why", "why zero", "origin nan", "origin inf", "health", "info", "info nodes", "info inputs",
    "list", "where", "J", "help v", "help J", "print step", "info breakpoints",
)  # fmt: skip
MOVING = (
    "step", "next", "finish", "reverse-step", "reverse-next", "reverse-finish", "step 3", "next 2",
    "goto claim", "until any(isnan(v))", "continue",
)  # fmt: skip
SAID = re.compile(r"(?<=\bstep )\d+|(?<=\bsteps )\d+|(?<=\bstep = )\d+")


def _walks(path: Path) -> tuple[tb.Session, tb.Session]:
    """A plain walk of a scenario, and one of three iterations of it."""
    model = tb.load(path).model
    passes, zeros = (ZeroGrad(), *model.passes), model.view.zeros == "show"
    repeated = Trace(model.graph, model.leaves, passes, zeros=zeros)
    repeated.update = AT_REST
    assert repeated.training is not None
    left = repeated.training.trace(1).initial
    plain = Trace(model.graph, model.leaves, passes, zeros=zeros, initial=left)
    return tb.Session(plain), tb.Session(repeated)


def _answer(session: tb.Session, line: str) -> tuple[str, list[int | None]]:
    """What a command says, with steps counted from the start of the iteration."""
    start = session.timeline.steps.start
    try:
        answer = run_to_end(perform(session, line))
    except CommandError as error:
        return str(error), []
    steps = [None if each.step is None else each.step - start for each in answer.lines]
    text = "\n".join(each.text for each in answer.lines)
    return SAID.sub(lambda found: str(int(found[0]) - start), text), steps


@pytest.mark.parametrize("path", shipped(), ids=lambda path: path.stem)
def test_an_iteration_is_the_walk_that_there_is_without_training(path: Path) -> None:
    """Every question about a step has the same answer, and every move ends at the same event."""
    plain, trained = _walks(path)
    length = plain.timeline.length
    assert trained.timeline.length == 3 * length
    names = list(plain.trace.graph.names)[:3]
    inputs = list(plain.trace.graph.inputs)[:2]
    asked = [f"info {name}" for name in names] + [f"why {name}.grad" for name in inputs]
    asked += [f"goto {name}" for name in names]
    for k in sorted({0, length // 3, 2 * length // 3, length - 1}):
        for line in (*LOOKING, *asked, *MOVING):
            plain.goto(k)
            trained.goto(length + k)
            trained.inside = plain.inside
            assert trained.timeline.steps.start == length
            expected, found = _answer(plain, line), _answer(trained, line)
            is_within = length <= trained.cursor < 2 * length
            if line in MOVING and (not is_within or plain.cursor in {0, length - 1}):
                continue  # it may go on to another iteration, which a plain walk has not
            assert found == expected, (k, line)
            assert trained.cursor - length == plain.cursor, (k, line)
