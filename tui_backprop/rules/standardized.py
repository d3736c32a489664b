"""Blocks of entries divided by their own size: what came out, its J, and where a weight stands.

It stands apart from the rows because each of them is one of these with operands that may be left
out. ``m`` is the interpretation, ``x`` the operand, ``z`` what comes out, ``v`` its cotangent:

    z = (x − mean) / √(variance + eps), or x / √(mean of x² + eps)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.rules.blocks import of_block, same
from tui_backprop.rules.shapes import normal_axes, reduced_count
from tui_backprop.rules.sparsity import Tied
from tui_backprop.rules.special import mended

if TYPE_CHECKING:
    from tui_backprop.rules.types import Array, Index, Shape


def mean_of(m: Any, x: Any, axis: Any) -> Any:
    """Of every block, the axes kept."""
    return m.divide(m.sum(x, axis=axis, keepdims=True), reduced_count(x.shape, axis))


_SMALL: Final = 1e-140
_HUGE: Final = 1e140
"""Beyond them squares begin to lose digits, or overflow."""


def root_of_mean_square(m: Any, x: Any, axis: Any, eps: float) -> Any:
    """√(mean of x² + ε) of every block; where squares would overflow, scaled by a power of two."""
    usual = m.sqrt(mean_of(m, x * x, axis) + eps)
    if m is not np:
        return usual
    axes = normal_axes(axis, x.shape)
    largest = np.max(np.abs(x), axis=axes, keepdims=True, initial=0)
    is_small = (largest < _SMALL) & (largest > 0) if eps == 0 else False
    is_rare = (largest > _HUGE) & (largest < np.inf) | is_small

    def rare() -> Any:
        _, exponent = np.frexp(largest)
        part = np.ldexp(x, -exponent)
        small = np.ldexp(np.asarray(eps, dtype=x.dtype), -2 * exponent)
        return np.ldexp(np.sqrt(mean_of(np, part * part, axis) + small), exponent)

    return mended(usual, is_rare, rare)


def _spread(m: Any, x: Any, axis: Any, eps: float) -> Any:
    """√(σ² + ε) of every block, of entries as they are."""
    mean = mean_of(m, x, axis)
    if m is np:
        return root_of_mean_square(m, x - mean, axis, eps)
    return m.sqrt(mean_of(m, x * x, axis) - mean * mean + eps)  # the same, in n terms, not n²


@dataclass(frozen=True, slots=True)
class Kind:
    """One way to normalize.

    Attributes:
        name: the op.
        is_centred: whether the mean is taken off.
        axis: the default.
        is_by_channel: whether weight and bias stand along the axes that are not named.
        summary: what it does.
    """

    name: str
    is_centred: bool
    axis: int
    is_by_channel: bool
    summary: str

    def normalized(self, m: Any, x: Any, axis: Any, eps: float) -> Any:
        """The entries z of x."""
        x = x - mean_of(m, x, axis) if self.is_centred else x
        return x / root_of_mean_square(m, x, axis, eps)

    def divisor(self, m: Any, x: Any, axis: Any, eps: float) -> Any:
        """What every block was divided by."""
        return (_spread if self.is_centred else root_of_mean_square)(m, x, axis, eps)

    def pulled(self, v: Array, x: Array, axis: Any, eps: float) -> Array:
        """The cotangent of x for one of z; J is symmetric."""
        z = self.normalized(np, x, axis, eps)
        found = v - z * mean_of(np, v * z, axis)
        if self.is_centred:
            found = found - mean_of(np, v, axis)
        return np.asarray(found / self.divisor(np, x, axis, eps))

    def entry(self, m: Any, j: Index, i: Index, z: Any, x: Any, axis: Any, eps: float) -> Any:
        """∂z[j]/∂x[i], where z gives an entry of z for its place."""
        shared = m.divide(int(self.is_centred) + z(j) * z(i), reduced_count(x.shape, axis))
        name = "deviation" if self.is_centred else "rms"
        divisor = of_block(m, name, lambda b: self.divisor(m, b, axis, eps), x, i, axis)
        return (same(m, j, i, axis, x.shape) - shared) / divisor

    def entry_of(self, m: Any, place: Index, x: Any, axis: Any, eps: float) -> Any:
        """One entry of z, or many."""
        if m is np:
            return self.normalized(np, x, axis, eps)[place]
        if self.is_centred:
            mean = of_block(m, "mean", lambda b: mean_of(m, b, axis), x, place, axis)
        else:
            mean = 0
        name = "deviation" if self.is_centred else "rms"
        divisor = of_block(m, name, lambda b: self.divisor(m, b, axis, eps), x, place, axis)
        return (x[place] - mean) / divisor

    def axes(self, x: Shape, axis: Any) -> tuple[int, ...]:
        """The axes of x along which weight and bias stand."""
        named = normal_axes(axis, x)
        rest = tuple(a for a in range(len(x)) if a not in named)
        return rest if self.is_by_channel else named

    def placed(self, w: Any, x: Any, axis: Any) -> Any:
        """A weight in as many axes as x has."""
        own = self.axes(x.shape, axis)
        return w.reshape(tuple(n if a in own else 1 for a, n in enumerate(x.shape)))

    def gathered(self, v: Array, w: Array, x: Array, axis: Any) -> Array:
        """The sum of what every place of a weight receives."""
        own = self.axes(x.shape, axis)
        gone = tuple(a for a in range(x.ndim) if a not in own)
        return np.reshape(np.sum(v, axis=gone), w.shape)

    def ties(self, out: Shape, x: Shape, w: Shape, axis: Any) -> Tied:
        """Which place of a weight each entry reads."""
        return Tied(out, w, tuple((a, k) for k, a in enumerate(self.axes(x, axis))))
