"""When two numbers count as one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_backprop.debug.closeness import apart, is_same

ANY = st.floats() | st.sampled_from([0.0, -0.0, 1.0])


@given(ANY, ANY)
def test_without_a_tolerance_only_the_same_number_is_near(a: float, b: float) -> None:
    """Of NaN, every one is the same; zeros of both signs are."""
    assert bool(apart(a, b)) == (a != b and not (np.isnan(a) and np.isnan(b)))


@given(ANY, ANY, st.sampled_from([0.0, 1e-9, 0.5]))
def test_it_is_symmetric_and_reflexive(a: float, b: float, rtol: float) -> None:
    """Neither side is the truth."""
    assert not apart(a, a, rtol)
    assert bool(apart(a, b, rtol)) == bool(apart(b, a, rtol))


@pytest.mark.parametrize("other", [1.0, -np.inf, np.nan, 1e308])
def test_an_infinity_is_near_to_itself_only(other: float) -> None:
    """However large the tolerance: rtol times infinity allows nothing."""
    assert apart(np.inf, other, rtol=0.5, atol=1e300)
    assert not apart(np.inf, np.inf)


def test_arrays_are_compared_entry_by_entry() -> None:
    """Relative to the larger of the two, or by the absolute tolerance."""
    assert apart([1.0, 100.0, 0.0], [1.1, 101.0, 0.05], rtol=0.05, atol=0.1).tolist() == [
        False, False, False
    ]  # fmt: skip
    assert apart([1.0, 100.0, 0.0], [1.1, 101.0, 0.05], rtol=0.05).tolist() == [True, False, True]


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
