"""Bounds are never too narrow: whatever stays within them gives an answer within theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.effort import effort
from tui_backprop.debug.conditions.evaluation import PREDICATES, VOCABULARY, evaluate
from tui_backprop.debug.conditions.extents import hull_of
from tui_backprop.debug.conditions.interval_ops import hull
from tui_backprop.debug.conditions.references import Known
from tui_backprop.limits import DEFAULT_LIMITS
from tui_backprop.program.formula import build_formula, result_of
from tui_backprop.rules import RULES

if TYPE_CHECKING:
    from tui_backprop.debug.conditions.extents import Extent
    from tui_backprop.rules.types import Array, IntArray

NUMBERS = st.sampled_from(
    [0.0, -0.0, 1.0, -1.0, 0.5, 3.0, -2.5, 1e-320, 1e200, -1e200, 1e308, np.inf, -np.inf, np.nan]
) | st.floats(width=32)
FORMULAS = (
    "a + b", "a - b", "a * b", "a / b", "-a", "abs(a)", "square(a)",
    "maximum(a, b)", "minimum(a, b)", "a < b", "a <= b", "a > b", "a >= b", "a == b", "a != b",
    "a and b", "a or b", "not a", "any(a)", "all(a)", "any(a > b)", "isnan(a)", "isinf(a)",
    "isfinite(a)", "sum(a)", "mean(a)", "prod(a)", "std(a)", "var(a)", "std(a, ddof=1)",
    "prod(a, axis=0, keepdims=True)", "var(a - b)", "max(a)", "min(a)", "count_nonzero(a)",
    "norm(a)", "sum(a, axis=0, keepdims=True)", "a[1]", "a[::-1]", "concatenate([a, b])",
    "a * a - b", "norm(a - b) > 1 and not any(isnan(b))",
    *["a function that rises"] * 3,
)  # fmt: skip


RISING = [f"{name}(a)" for name, rule in RULES.items() if rule.traits.rises]


@st.composite
def samples(draw: st.DrawFn) -> list[tuple[Array, IntArray]]:
    """A few arrays of one shape, each with what is known of it."""
    dtype = draw(st.sampled_from(["float64", "float32"]))
    with np.errstate(all="ignore"):
        return [
            (np.array(draw(st.lists(NUMBERS, min_size=2, max_size=2)), dtype=dtype),
             np.array(draw(st.lists(st.sampled_from([True, True, False]), min_size=2, max_size=2))))
            for _ in range(draw(st.integers(1, 3)))
        ]  # fmt: skip


@pytest.mark.few(6)
@pytest.mark.parametrize("text", FORMULAS)
@effort(0.4)
@given(st.data())
def test_an_answer_lies_within_its_bounds(text: str, data: st.DataObject) -> None:
    """Of every combination of what the operands were made of."""
    text = data.draw(st.sampled_from(RISING)) if "that rises" in text else text
    drawn = [data.draw(samples()), data.draw(samples())]
    leaves = dict.fromkeys(("a", "b"), (2,))
    graph = build_formula(text, leaves, np.dtype(float), VOCABULARY, DEFAULT_LIMITS)
    extents = [
        hull_of(np.stack([x for x, _ in some]), np.stack([mask for _, mask in some]))
        for some in drawn
    ]
    bound = hull(graph, extents, result_of(graph))
    assert bound is not None
    for one in drawn[0]:
        for other in drawn[1]:
            found = evaluate(graph, [Known(*one), Known(*other)], result_of(graph))
            assert_within(found, bound)


def assert_within(found: Known, bound: Extent) -> None:
    """Each entry: known only where it may be, NaN only where it may be, between its ends."""
    mask = np.broadcast_to(True if found.mask is None else found.mask, found.values.shape)
    values = np.asarray(found.values)
    assert not np.any(mask & ~bound.known)
    assert not np.any(~mask & ~bound.unknown)
    is_nan = np.isnan(values)
    assert not np.any(mask & is_nan & ~bound.nan)
    number = mask & ~is_nan
    assert not np.any(number & ~bound.number)
    with np.errstate(invalid="ignore"):
        assert np.all(~number | ((bound.low <= values) & (values <= bound.high)))


def test_predicates_stay_out_of_programs() -> None:
    """A scenario has no use for an answer that nothing flows back through."""
    assert not {rule.name for rule in PREDICATES} & set(RULES)
    assert not any(rule.is_differentiable for rule in PREDICATES)
    assert len(VOCABULARY) == len(list(VOCABULARY)) == len(RULES) + len(PREDICATES)
