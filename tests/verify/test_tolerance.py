"""How far two numbers may be apart."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_backprop.verify.tolerance import Tolerance, in_dtype

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


def test_a_number_is_held_as_the_dtype_holds_it() -> None:
    """What overflows in float32 is infinite there."""
    assert in_dtype(1e39, np.dtype(np.float32)) == math.inf
    assert in_dtype(1e39, np.dtype(np.float64)) == 1e39
