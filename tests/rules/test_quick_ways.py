"""Where a row has a quick way for most numbers, it gives there what its way for all numbers gives.

The way for all numbers is called as such, or the numbers are such that only it is taken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tests.rules.cases import Case, each_case_if

if TYPE_CHECKING:
    from tui_backprop.rules.types import Array


def _drawn_v(y: Array, chance: np.random.Generator) -> Array:
    return np.asarray(chance.normal(size=np.shape(y)))


@each_case_if(lambda case: case.rule.prepare is not None)
def test_prepared_arguments_mean_what_the_written_ones_mean(case: Case) -> None:
    """Forward and VJP, bit for bit; what is prepared is prepared already."""
    prepare, operands = case.rule.prepare, case.operands()
    assert prepare is not None
    quick = prepare(**case.params)
    y = case.forward(operands)
    np.testing.assert_array_equal(case.rule.forward(np, *operands, **quick), y)
    v = _drawn_v(y, np.random.default_rng(3))
    for edge in case.edges:
        pulled = edge.derivative.vjp(v, y, operands, quick)
        np.testing.assert_array_equal(pulled, edge.vjp(v, operands, y))
    again = prepare(**quick)
    np.testing.assert_array_equal(case.rule.forward(np, *operands, **again), y)
