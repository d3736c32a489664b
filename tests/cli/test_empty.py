"""Leaves without entries, and with as many axes as there may be: every command takes them."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.cli.support import run
from tests.marks import together
from tui_backprop.api import load
from tui_backprop.errors import TuiBackpropError
from tui_backprop.graph.evaluation import Evaluation
from tui_backprop.graph.model import Backward
from tui_backprop.limits import DEFAULT_LIMITS, MOST_AXES
from tui_backprop.program import build
from tui_backprop.rules import RULES

if TYPE_CHECKING:
    from pathlib import Path

PROGRAMS = {
    "[]": "y = 2 * X\nz = sum(y * [])",
    "{shape: [0, 3], fill: 1}": "y = X @ [1, 2, 3]\nz = sum(y) + sum(X.T.reshape(0))",
    "{shape: [3, 0], random: normal, seed: 1}": "y = tanh(X)\nz = sum(y) + sum(y, axis=1).sum()",
    "[[], []]": "y = X[:, None] + len(X)\nz = y.prod() + mean(X)",
    f"{{shape: {[1] * 31 + [2]}, fill: 0.5}}": (
        "y = X * 2 + X.T.reshape(X.shape)\n"
        "z = sum(softmax(y, axis=0)) + max(y, axis=(1, 2)).sum() + sum(X[..., 0])"
    ),
}
DOCUMENTS = ((), ("--format", "json"), ("--format", "latex"), ("--format", "markdown"),
             ("--plain",), ("--level", "node"))  # fmt: skip


@pytest.fixture(params=PROGRAMS)
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A scenario over such a leaf."""
    program = "".join(f"  {line}\n" for line in PROGRAMS[request.param].splitlines())
    found = tmp_path / "scenario.yaml"
    text = f"format: 1\ninputs:\n  X: {request.param}\nprogram: |\n{program}backward: {{of: z}}\n"
    found.write_text(text, encoding="utf-8")
    return found


@pytest.mark.parametrize("words", DOCUMENTS)
def test_every_document(
    path: Path, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """The walk is written down to its end."""
    done = run(capsys, "trace", path, *words)
    assert done.status == 0
    assert done.out
    assert not done.err


def test_check(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The witnesses are asked, and nobody disagrees."""
    assert run(capsys, "check", path).status == 0


def test_every_question(path: Path) -> None:
    """In the debugger each is answered or refused in a sentence."""
    session = load(path).session()
    for line in ("next", "end", "health", "origin nan", "origin inf", "print X.grad", "print J",
                 "why", "where", "list", "info nodes", "break if any(X > 1)", "restart", "continue",
                 "set X = []", "reverse-continue", "set seed ones"):  # fmt: skip
        with suppress(TuiBackpropError):
            assert session.execute(line) is not None


@pytest.mark.few(5)
@together("name", [name for name in RULES if name != "index"])
def test_every_op_at_the_limit_of_axes(name: str) -> None:
    """With as many axes as there may be it computes and pulls back, or refuses; not with more."""
    rule = RULES[name]
    params = "".join(f", {k}={v!r}" for k, v in rule.examples[0].params.items())
    refusals: list[str] = []
    for tail in ((2, 2), (2,), ()):
        shape = (1,) * (MOST_AXES - len(tail)) + tail
        leaves = {"X": np.full(shape, 0.4), "Y": np.full(shape, 0.6)}
        operands = ", ".join(["X", *["Y"] * (len(rule.operands) - 1)])
        for given in {params, "", ", axis=-1", ", axis=0"}:
            try:
                graph = build(f"z = {name}({operands}{given})", leaves, {}, np.dtype(float))
                with np.errstate(all="ignore"):
                    found = Evaluation(graph, leaves, [Backward(graph.names["z"])])
            except TuiBackpropError as error:
                refusals.append(str(error))
                continue
            assert found.grad["X"].shape == shape
    assert all(refusals)


def test_one_axis_more() -> None:
    """It is refused, of a leaf, of a list and of what an op gives; no flag raises the limit."""
    leaf = {"X": np.zeros((1,) * (MOST_AXES + 1))}
    nested = "[" * 33 + "1" + "]" * 33
    for program, leaves in (
        ("z = X", leaf),
        ("z = X[None]", {"X": leaf["X"][0]}),
        (f"z = x + {nested}", {"x": np.zeros(1)}),
    ):
        with pytest.raises(TuiBackpropError, match="33 axes exceed the limit of 32"):
            build(program, leaves, {}, np.dtype(float))
    with pytest.raises(TuiBackpropError, match="at most 32"):
        DEFAULT_LIMITS.raised(axes=33)
    assert DEFAULT_LIMITS.raised(axes=3).axes == 3
