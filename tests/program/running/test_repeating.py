"""Turns that are made at once, held to turns that are run one by one: the same graph."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.program.support import error_of, graph_of
from tui_backprop.errors import ProgramError
from tui_backprop.graph.model import Node
from tui_backprop.limits import DEFAULT_LIMITS
from tui_backprop.program.running import machine, repeating

if TYPE_CHECKING:
    from tui_backprop.graph.model import Graph
    from tui_backprop.program.code.constants import Value
    from tui_backprop.program.running.repeating import Repeating
    from tui_backprop.program.running.resolve import Resolver

_FIELDS = [field.name for field in fields(Node)]

_STATEMENTS = (
    "x = tanh(x * y + 2)", "y = x - y", "x = y", "z = x * 0.5 + z", "h = h * h", "z = sum(x) * 1.5",
    "x = x + s", "s = s * 2", "x = relu(x) * a", "b = 3 * 4", "X = X * y[0]", "h = X @ h4",
    "y = -y / (y * y + 1)", "x = x[0] + x", "y = y + t", "x = x + y[t % 3]", "y = softmax(y)",
    "x = huber_loss(x, y) + x", "w = h + x", "x = w * 2", "s = X", "y = where(x > 0, x, y)",
    "x = x + [1, 2, 3]", "x = f(x, y)", "k = [x, y]", "x = k[1] + b", "q = X.T", "x = q[0]",
    "x = x * 10**400", "y = y @ X", "pass",
)  # fmt: skip
_HEAD = (
    "def f(p, q):\n    r = p * q\n    return r + 1\na = 2\nz = x * 2\nw = y\nk = [x, y]\nb = 1\n"
)


def _spelled(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.ndarray) else value


def _described(graph: Graph) -> list[Any]:
    nodes = [
        [_spelled(getattr(node, name)) for name in _FIELDS if name not in {"rule", "params"}]
        + [node.op, dict(node.params)]
        for node in graph.nodes
    ]
    leaves = graph.inputs, graph.constants, graph.static_leaves, [*graph.composed]
    return [nodes, [*graph.names.items()], graph.elements, graph.multiplications, *leaves]


_LEAVES = {"x": (3,), "y": (3,), "h": (3,), "X": (3, 4), "h4": (4,), "s": ()}


def _built(program: str) -> list[Any] | list[str]:
    try:
        return _described(graph_of(program, _LEAVES))
    except ProgramError as error:
        return [str(problem) for problem in error.problems]


def _hold(program: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(machine, "_ALIKE", 10**9)
        plain = _built(program)
    with monkeypatch.context() as patched:
        patched.setattr(machine, "_ALIKE", 2)
        patched.setattr(repeating, "TURNS", 4)
        patched.setattr(machine, "TURNS", 4)
        assert _built(program) == plain


@given(
    st.lists(st.sampled_from(_STATEMENTS), min_size=1, max_size=5),
    st.lists(st.sampled_from(_STATEMENTS), max_size=2),
    st.integers(0, 14),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_loop_makes_the_same_graph(
    monkeypatch: pytest.MonkeyPatch, body: list[str], after: list[str], turns: int
) -> None:
    """Names, shapes, texts and places too, and the problems of a body that has some."""
    lines = [*(f"    {line}" for line in body), *(x for x in after if "t" not in x)]
    _hold(_HEAD + f"for t in range({turns}):\n" + "\n".join(lines), monkeypatch)


@pytest.mark.parametrize(
    "program",
    [
        "for t in range(9):\n    x = x * 2\nz = x + t\nfor t in range(9):\n    x = y * x - 1",
        "for t in range(9):\n    for u in range(9, 0, -1):\n        x = x * y\n    y = y + u * t",
        "for t in range(9):\n    x = x * 3 * 2.5\n    x = x + x\n    x = y * x\nx = x + 1",
        "for t in range(9):\n    s = s + x\nz = s",
        "def g(u):\n    for t in range(9):\n        u = u * 2 + s\n    return u\nz = g(g(x))",
        "for t in range(9):\n    tanh(x)\n    y = -0.0 * y + 0.0",
        "for t in range(9):\n    x = max(x, 0.25) * 1e-3 + max(y)",
    ],
)
def test_bodies_that_are_only_ops(program: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names that are bound twice, in two loops, by an inner loop, and a shape that grows once."""
    _hold(program, monkeypatch)


def test_it_is_what_makes_a_recurrence(monkeypatch: pytest.MonkeyPatch) -> None:
    """All turns but the first, so that the others here are no comparison of a thing with itself."""
    made: list[int] = []
    run = repeating.Repeating.run

    def noted(self: Repeating, values: Resolver, frame: list[Value], turns: int) -> None:
        made.append(turns)
        run(self, values, frame, turns)

    monkeypatch.setattr(repeating.Repeating, "run", noted)
    graph = graph_of("for t in range(100):\n    x = tanh(x * y + 0.5)")
    assert (made, len(graph.nodes)) == ([99], 6 + 400)


def test_a_limit_is_named_where_it_is_met() -> None:
    """As of turns that are run one by one: at the op, once the turns are known not to fit."""
    limits = DEFAULT_LIMITS.raised(total_elements=300)
    error = error_of("for t in range(100):\n    x = x * y", limits=limits)
    assert "elements" in str(error.problems[0])
