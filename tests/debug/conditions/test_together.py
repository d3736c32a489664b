"""An expression at many steps at once is what it is at each of them, to the last bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.debug.conditions.test_interval_ops import NUMBERS
from tests.fuzz.effort import effort
from tui_backprop.debug.conditions.evaluation import VOCABULARY, evaluate
from tui_backprop.debug.conditions.references import Known
from tui_backprop.debug.conditions.together import Readings, evaluate_together, known_at_each
from tui_backprop.limits import DEFAULT_LIMITS
from tui_backprop.program.formula import build_formula, result_of

FORMULAS = (
    "prod(a)", "sum(a)", "mean(a)", "std(a)", "var(a)", "max(a)", "min(a)", "norm(a)",
    "count_nonzero(a)", "any(a > b)", "all(a == b)", "sum(a, keepdims=True)",
    "sum(a, axis=-1, keepdims=True) + c",
    "prod(a, axis=0) > 1", "std(a, axis=0)", "var(a, axis=-1, keepdims=True)", "any(a, axis=-1)",
    "a + b * a - b / a", "where(a > b, a, b)", "sqrt(abs(a)) <= square(b)", "isnan(a) or isinf(b)",
    "isfinite(a) and not b", "sin(a)", "exp(a) + tanh(b)", "a ** 3", "maximum(a, b)", "a.T + a.T",
    "sum(a.T)", "sum(a * c)", "sum(c.T)", "cumsum(a)", "a[0] == b[-1]", "mean(a) > std(b)",
    "ravel(a) * ravel(c)[0]", "1 / max(a)", "c > 0 and any(isnan(a))",
)  # fmt: skip
SHAPES = st.sampled_from([(1,), (3,), (2, 3), (9,), (40,), (3, 17), (130,)])


@pytest.mark.few(6)
@pytest.mark.parametrize("text", FORMULAS)
@effort(0.4)
@given(st.data())
def test_many_steps_at_once_are_each_of_them(text: str, data: st.DataObject) -> None:
    """Of any numbers, NaN, infinities and what is not computed among them."""
    shape = data.draw(SHAPES)
    dtype = np.dtype(data.draw(st.sampled_from(["float64", "float32"])))
    count = data.draw(st.integers(1, 4))
    a, b = (_readings(data, shape, dtype, count) for _ in range(2))
    c = Readings(a.at(0), varies=False)
    leaves = {"a": shape, "b": shape, "c": shape}
    graph = build_formula(text, leaves, dtype, VOCABULARY, DEFAULT_LIMITS)
    found = evaluate_together(graph, [a, b, c], result_of(graph), count)
    if found is None:
        assert ".T" in text or "c" in text
        return
    values, known = known_at_each(found, count)
    for k in range(count):
        alone = evaluate(graph, [a.at(k), b.at(k), c.at(k)], result_of(graph))
        assert values.dtype == alone.values.dtype
        assert np.array_equal(known[k], alone.known)
        np.testing.assert_array_equal(values[k][known[k]], alone.values[alone.known])


def _readings(
    data: st.DataObject, shape: tuple[int, ...], dtype: np.dtype[np.floating], count: int
) -> Readings:
    """Some numbers of the strategy and many others, which no two orders add up alike."""
    seed = data.draw(st.integers(0, 9999))
    random = np.random.default_rng(seed)
    with np.errstate(all="ignore"):
        values = random.normal(size=(count, *shape)).astype(dtype)
        values *= dtype.type(data.draw(st.sampled_from([1.0, 1.0, 1e-30, 1e30])))
        few = data.draw(st.lists(NUMBERS, max_size=4))
        places = random.integers(0, values.size, size=len(few))
        values.reshape(-1)[places] = few
    is_masked = data.draw(st.booleans())
    mask = np.asarray(random.random(values.shape) < 0.7) if is_masked else None
    return Readings(Known(values, mask), varies=True)
