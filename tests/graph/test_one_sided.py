"""The slopes next to a kink, measured on the op itself."""

from __future__ import annotations

from math import inf, sqrt
from typing import Any

import pytest

from tests.strategies import GraphMaker
from tui_backprop.graph.model import Edge
from tui_backprop.graph.one_sided import sides


@pytest.mark.parametrize(
    ("op", "x", "i", "params", "left", "right"),
    [
        ("relu", 0.0, 0, {}, 0, 1),
        ("abs", 0.0, 0, {}, -1, 1),
        ("clip", 1.0, 0, {"min": -1, "max": 1}, 1, 0),
        ("hardtanh", -1.0, 0, {}, 0, 1),
        ("leaky_relu", 0.0, 0, {"negative_slope": 0.25}, 0.25, 1),
        ("elu", 0.0, 0, {"alpha": 2.0}, 2, 1),
        ("max", [3.0, 1.0, 3.0], 2, {}, 0, 1),
        ("max", [3.0, 1.0, 3.0], 1, {}, 0, 0),
        ("norm", [0.0, 0.0], 1, {}, -1, 1),
        ("norm", [0.0, 5.0], 0, {"ord": 1}, -1, 1),
        ("std", [2.0, 2.0, 2.0], 0, {}, -sqrt(2) / 3, sqrt(2) / 3),
        ("floor", 2.0, 0, {}, inf, 0),
        ("cbrt", 0.0, 0, {}, inf, inf),
        ("square", 3.0, 0, {}, 6, 6),
        ("cos", 0.0, 0, {}, 0, 0),
        ("exp", 1000.0, 0, {}, None, None),
        ("sqrt", 0.0, 0, {}, None, None),
    ],
)  # fmt: skip
def test_both_sides(
    op: str, x: Any, i: int, params: dict[str, Any], left: float | None, right: float | None
) -> None:
    """Against the calculus; infinite at a jump, None where one side has no numbers."""
    maker = GraphMaker()
    at = maker.input(x, "x")
    y = maker.op(op, at, name="y", **params)
    found = sides(maker.trace(), Edge(at, y, 0), 0, i)
    if left is None or right is None:
        assert found is None
        return
    assert found is not None
    assert list(found) == pytest.approx([left, right], rel=1e-5)
    assert found.differ == (left != right or left == inf)


def test_one_operand_of_two_and_one_entry_of_many() -> None:
    """The other operand and the other entries stay where they are; broadcast ones too."""
    maker = GraphMaker()
    a, b = maker.input([[1.0, 5.0], [2.0, 4.0]], "a"), maker.input([2.0, 4.0], "b")
    y = maker.op("maximum", a, b, name="y")
    trace = maker.trace()
    assert sides(trace, Edge(a, y, 0), 2, 2) == (0, 1)
    assert sides(trace, Edge(b, y, 1), 2, 0) == (0, 1)
    assert sides(trace, Edge(b, y, 1), 1, 1) == (0, 0)
