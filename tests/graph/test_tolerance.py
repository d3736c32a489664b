"""How far two numbers may be apart."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_backprop.graph.tolerance import Tolerance, in_dtype, is_same

anything = st.floats(allow_nan=True, allow_infinity=True)
tolerances = st.builds(Tolerance, st.floats(0, 1), st.floats(0, 1))


@given(tolerances, anything, anything)
def test_agreement_is_mutual(tolerance: Tolerance, a: float, b: float) -> None:
    """Neither of two numbers is the measure of the other."""
    assert tolerance.allows(a, b) == tolerance.allows(b, a)


@given(tolerances, anything)
def test_every_number_agrees_with_itself(tolerance: Tolerance, a: float) -> None:
    """NaN and infinities too: the same thing was found."""
    assert tolerance.allows(a, a)


@given(tolerance=tolerances, a=st.floats(allow_nan=False, allow_infinity=False))
@pytest.mark.parametrize("other", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_agrees_with_no_number(
    tolerance: Tolerance, a: float, other: float
) -> None:
    """No tolerance makes an infinity a number."""
    assert not tolerance.allows(a, other)


def test_infinities_of_either_sign_differ() -> None:
    """The sign counts, and NaN is neither."""
    assert not Tolerance(1, 1).allows(math.inf, -math.inf)
    assert not Tolerance(1, 1).allows(math.inf, math.nan)


def test_relative_and_absolute_add_up() -> None:
    """|a − b| ≤ atol + rtol · max(|a|, |b|)."""
    tolerance = Tolerance(rtol=0.5, atol=1.0)
    assert tolerance.allows(4.0, 1.0)
    assert not tolerance.allows(4.0, 0.9)


@given(tolerances, st.lists(st.tuples(anything, anything)))
def test_arrays_disagree_where_their_entries_do(
    tolerance: Tolerance, pairs: list[tuple[float, float]]
) -> None:
    """One by one, as arrays, or by how far: the same entries."""
    a, b = np.array(pairs, dtype=np.float64).reshape(-1, 2).T
    found = tolerance.apart(a, b)
    assert found.tolist() == [not tolerance.allows(x, y) for x, y in pairs]
    assert found.tolist() == (tolerance.excesses(a, b) > 1).tolist()


@given(anything, anything)
def test_without_a_tolerance_only_the_same_number_agrees(a: float, b: float) -> None:
    """Of NaN, every one is the same; zeros of both signs are."""
    assert Tolerance().apart(a, b) == (a != b and not (np.isnan(a) and np.isnan(b)))


def test_arrays_broadcast() -> None:
    """A number against many."""
    assert Tolerance(atol=0.1).apart([1.0, 1.05, 2.0], 1.0).tolist() == [False, False, True]


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        (np.array([1.0, np.nan]), np.array([1.0, np.nan]), True),
        (np.array([0.0]), np.array([-0.0]), False),
        (np.array(1.0), np.array(1.0, dtype=np.float32), False),
        (np.zeros(2), np.zeros((1, 2)), False),
        (np.zeros(0), np.zeros(0), True),
    ],
)
def test_the_same_to_the_last_bit(
    left: np.typing.NDArray[np.float64], right: np.typing.NDArray[np.float64], same: bool
) -> None:
    """Type, shape and the sign of zero count."""
    assert is_same(left, right) == same


def test_a_number_is_held_as_the_dtype_holds_it() -> None:
    """What overflows in float32 is infinite there."""
    assert in_dtype(1e39, np.dtype(np.float32)) == math.inf
    assert in_dtype(1e39, np.dtype(np.float64)) == 1e39
