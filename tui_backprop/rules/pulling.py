"""Multiplying v by a slope: the inner step of every elementwise backward pass.

It stands apart from the derivatives because it runs at every edge: what it must ask of numbers and
arrays is decided here, once.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tui_backprop.rules.types import Array, Params

Pull: TypeAlias = "Callable[[Any, Sequence[Any]], Any]"
"""(v, every value by node id) → what goes on to the operand."""

_PLAIN: Final = frozenset((int, float))
"""Numbers that take the dtype of what they meet."""


def reading(
    row: Callable[..., Any], params: Params, at: tuple[int, ...]
) -> Callable[[Sequence[Any]], Any]:
    """A function of a row as one of all values: ``values`` → ``row(np, …, **params)``.

    Args:
        row: a forward or a partial, whose first argument is the interpretation.
        params: the static arguments.
        at: where among the values the others stand.
    """
    call = partial(row, **params) if params else row
    if len(at) == 1:
        (n,) = at
        return lambda values: call(np, values[n])
    if len(at) == 2:
        n, a = at
        return lambda values: call(np, values[n], values[a])
    if len(at) == 3:
        n, a, b = at
        return lambda values: call(np, values[n], values[a], values[b])
    return lambda values: call(np, *[values[k] for k in at])


def unmasked(slope: Callable[[Sequence[Any]], Any]) -> Pull:
    """What multiplies v by a slope."""

    def pull(v: Any, values: Sequence[Any]) -> Any:
        found = slope(values)
        kind = type(found)
        if kind is np.ndarray:
            if found.dtype is not v.dtype:
                found = np.asarray(found, dtype=v.dtype)
        elif kind is not type(v) and kind not in _PLAIN:
            found = v.dtype.type(found)
        return v * found

    return pull


def masked(slope: Callable[[Sequence[Any]], Any]) -> Pull:
    """The same; a slope of 0 lets nothing through."""

    def pull(v: Any, values: Sequence[Any]) -> Any:
        found = slope(values)
        if type(found) is np.ndarray and found.ndim:
            return slope_times(v, np.asarray(found, dtype=v.dtype), masked=True)
        if found:
            return v * v.dtype.type(found)
        return np.zeros_like(v) if v.ndim else v.dtype.type(0)

    return pull


def slope_times(v: Any, partial: Any, *, masked: bool) -> Array:
    """``v · partial`` entry by entry; masked, 0 wherever the partial is."""
    product = np.multiply(v, partial)
    return np.where(np.equal(partial, 0), 0, product) if masked else np.asarray(product)
