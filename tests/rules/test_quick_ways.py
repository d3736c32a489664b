"""Where a row has a quick way for most numbers, it gives there what its way for all numbers gives.

The way for all numbers is called as such, or the numbers are such that only it is taken.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Final

import mpmath
import numpy as np

from tests.marks import together
from tests.rules.cases import Case, each_case_if
from tui_backprop.rules import RULES, find
from tui_backprop.rules.shapes import unbroadcast

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array

_NUMBERS: Final = np.array([
    0.0, -0.0, 0.25, 0.3, 0.5, 0.75, 1.0, -1.0, 2.5, -3.7, 40.0, -750.0, 1e-160, 1e160, -1e300,
    5e-324, np.inf, -np.inf, np.nan,
])  # fmt: skip


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


_ENTRYWISE: Final = tuple(
    rule
    for rule in RULES.values()
    if rule.elementwise and rule.is_differentiable and len(rule.operands) < 3
)


@together("rule", _ENTRYWISE)
def test_an_entry_is_what_it_is_alone(rule: Rule) -> None:
    """Value and pulled back v: no other number in the array has a say in it."""
    count = len(rule.operands)
    drawn = np.array(list(product(_NUMBERS, repeat=count))).T
    params = {p.name: 1 if p.kind == "int" else p.default for p in rule.parameters}
    v = _drawn_v(drawn[0], np.random.default_rng(5))
    with np.errstate(all="ignore"):
        together_ = _evaluated(rule, v, tuple(drawn), params)
        alone = [
            _evaluated(rule, v[k : k + 1], tuple(drawn[:, k : k + 1]), params)
            for k in range(v.size)
        ]
    for found, *each in zip(together_, *alone, strict=True):
        np.testing.assert_allclose(found, np.concatenate(each), rtol=1e-14, atol=0)


def _evaluated(
    rule: Rule, v: Array, operands: tuple[Array, ...], params: dict[str, object]
) -> list[Array]:
    """The value, and what each operand receives."""
    y = np.asarray(rule.forward(np, *operands, **params))
    pulled = (d.vjp(v, y, operands, params) for d in rule.derivatives if d is not None)
    return [y, *(unbroadcast(one, v.shape) for one in pulled)]


def test_log_odds_keep_all_digits_beside_a_half() -> None:
    """There 1 − x is rounded: the number below 1/2 has twice the log-odds that it would have."""
    apart = [sign * 2.0**-k for k in range(2, 55) for sign in (1, -1)]
    numbers = np.array([0.5 + a for a in apart if 0 < 0.5 + a < 1 and 0.5 + a != 0.5])
    found = find("logit").forward(np, numbers, eps=None)
    with mpmath.workdps(50):
        for x, value in zip(numbers.tolist(), found.tolist(), strict=True):
            exact = mpmath.log(mpmath.mpf(x) / (1 - mpmath.mpf(x)))
            assert abs(value - exact) <= 4 * np.finfo(float).eps * abs(exact)
