"""Running sums of exponentials, in logarithms: log of the sum of exp(x) up to each place.

    y[j] = log Σ_{k≤j} exp(x[k])        ∂y[j]/∂x[i] = exp(x[i]) / Σ_{k≤j} exp(x[k]) for i ≤ j

Everything is told by how far it lies below the largest entry so far, s: no exponential overflows,
and slopes add up to 1 however large x is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from tui_backprop.rules.gathering import as_array
from tui_backprop.rules.ops.reducing.reductions import (
    SCAN_EXAMPLES,
    back_along,
    lines_along,
    on_line,
    recurrence,
    running_shape,
    running_sparsity,
)
from tui_backprop.rules.reduction_slopes import AXIS, MANY
from tui_backprop.rules.rows import Part, structural

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array, Index


class _Sums(NamedTuple):
    """What is known of lines, whose last axis runs.

    Attributes:
        top: the largest entry so far, s; 0 where that is no number.
        total: Σ exp(x − s) so far.
        kept: exp(s before − s): what is left of what was summed one place before.
    """

    top: Array
    total: Array
    kept: Array


def _summed(lines: Array, weights: Any = 1) -> _Sums:
    """The sums, each exponential multiplied by a weight."""
    largest = np.maximum.accumulate(lines, axis=-1)
    top = np.where(np.isfinite(largest), largest, np.zeros_like(largest))
    kept = np.ones_like(top)
    # What is nothing stays nothing, though the largest entry may be below −700.
    is_nothing = np.equal(largest[..., :-1], -np.inf)
    kept[..., 1:] = np.where(is_nothing, 0, np.exp(top[..., :-1] - top[..., 1:]))
    powers = weights * np.exp(lines - top)
    total = np.flip(recurrence(np.flip(kept, -1), np.flip(powers, -1)), -1)
    return _Sums(top, total, kept)


_NEAR: Final = 8.0
"""Between entries so near each other no exponential is so small that a sum would lose it."""


def _at_once(lines: Array) -> tuple[Array, Array, Array] | None:
    """Of many entries the largest of each line, powers of how far below it all are, and their sums.

    None where the entries of a line lie far apart, or some are no numbers.
    """
    if lines.size < MANY:
        return None
    top = lines.max(axis=-1, keepdims=True)
    if not (top - lines.min(axis=-1, keepdims=True) < _NEAR).all():
        return None
    powers = np.exp(lines - top)
    return top, powers, powers.cumsum(axis=-1)


def _forward(m: Any, x: Any, axis: Any = None) -> Any:
    if m is not np:
        return m.log(m.cumsum(m.exp(as_array(m, x)), axis=axis))
    lines = lines_along(x, axis)
    known = _at_once(lines)
    if known is not None:
        return back_along(known[0] + np.log(known[2]), running_shape(x.shape, axis), axis)
    sums = _summed(lines)
    return back_along(sums.top + np.log(sums.total), running_shape(x.shape, axis), axis)


def _vjp(v: Array, _y: Array, x: Array, axis: Any = None) -> Array:
    """x̄[i] = exp(x[i] − s[i]) · r[i] with r[i] = v[i]/total[i] + kept[i+1]·r[i+1]."""
    lines = lines_along(x, axis)
    known = _at_once(lines)
    if known is not None:
        _, powers, total = known
        behind = (lines_along(v, axis) / total)[..., ::-1].cumsum(axis=-1)[..., ::-1]
        return back_along(powers * behind, x.shape, axis)
    sums = _summed(lines)
    later = np.concatenate([sums.kept[..., 1:], sums.kept[..., :1]], axis=-1)
    received = recurrence(later, lines_along(v, axis) / sums.total)
    return back_along(np.exp(lines - sums.top) * received, x.shape, axis)


def _jvp(t: Array, y: Array, x: Array, axis: Any = None) -> Array:
    lines = lines_along(x, axis)
    pushed = _summed(lines, lines_along(t, axis)).total / _summed(lines).total
    return back_along(pushed, np.shape(y), axis)


def _entry(m: Any, j: Index, i: Index, y: Any, x: Any, axis: Any = None) -> Any:
    if m is not np:
        return m.exp(x[i] - y[j])
    line, last, own = on_line(j, i, x.shape, axis)
    lines = lines_along(x, axis)
    if all(np.size(c) == 1 for c in (*line, last, own)):  # of one place only its line is looked at
        alone = lines[tuple(int(np.reshape(c, ())) for c in line)]
        lines, line = alone, ()
    sums = _summed(lines)
    return np.exp(lines[(*line, own)] - sums.top[(*line, last)]) / sums.total[(*line, last)]


RULES: Final[tuple[Rule, ...]] = (
    structural(
        "logcumsumexp",
        "x",
        parameters=(AXIS,),
        forward=_forward,
        shape=running_shape,
        parts=(Part(vjp=_vjp, jvp=_jvp, sparsity=running_sparsity, entry=_entry),),
        summary="log of the running sums of exp(x) along an axis, or of all entries; stable at "
        "any size",
        examples=SCAN_EXAMPLES,
    ),
)
