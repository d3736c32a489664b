"""What the tests of quick ways draw, and how near two results must be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from tui_backprop.rules.types import Array


def drawn_v(y: Array, chance: np.random.Generator) -> Array:
    """A cotangent of ordinary numbers."""
    return np.asarray(chance.normal(size=np.shape(y)))


def hard_v(y: Array, chance: np.random.Generator) -> Array:
    """A cotangent of zeros, numbers of all sizes, infinities and NaN."""
    return np.asarray(chance.choice([0.0, 1.0, 1e30, np.inf, np.nan, -1e-30], size=y.shape))


def assert_near(found: Array, expected: Array, digits: float = 1e3) -> None:
    """But for rounding: relative to the largest finite entry, for a sum may cancel."""
    assert found.dtype == expected.dtype
    scale = np.max(np.abs(expected), initial=0, where=np.isfinite(expected))
    rounding = digits * np.finfo(expected.dtype).eps
    np.testing.assert_allclose(found, expected, rtol=rounding, atol=rounding * scale)
