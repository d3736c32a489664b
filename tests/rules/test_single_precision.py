"""Slopes in float32 where it ends sooner than float64: the same numbers, rounded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from tui_backprop.rules import find

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array


def slopes(rule: Rule, argument: int, dtype: str, *numbers: list[float]) -> Array:
    """∂y/∂x entry by entry."""
    operands = tuple(np.array(x, dtype=dtype) for x in numbers)
    with np.errstate(all="ignore"):
        y = np.asarray(rule.forward(np, *operands))
        return rule.derivative(argument).vjp(np.ones_like(y), y, operands, {})


@pytest.mark.parametrize("beside", [[], [1.0], [-1000.0], [float("nan")]])
def test_silu_far_below_zero(beside: list[float]) -> None:
    """Its slope is nearly 0 where the exponential in it overflows, whatever stands beside it."""
    found = slopes(find("silu"), 0, "float32", [-87.0, -90.0, -100.0, -300.0, *beside])
    wanted = slopes(find("silu"), 0, "float64", [-87.0, -90.0, -100.0, -300.0, *beside])
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-37)


@pytest.mark.parametrize("argument", [0, 1])
@pytest.mark.parametrize("beside", [0.0, 2.0])
def test_arctan2_near_the_origin(argument: int, beside: float) -> None:
    """There the squares vanish; at (0, 0) the slope is 0 by convention."""
    y, x = [0.0, 1e-25, 3e-20, beside], [0.0, 2e-25, -1e-20, beside]
    found = slopes(find("arctan2"), argument, "float32", y, x)
    np.testing.assert_allclose(found, slopes(find("arctan2"), argument, "float64", y, x), rtol=1e-5)
    assert found[0] == 0
