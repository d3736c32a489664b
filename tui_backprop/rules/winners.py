"""The largest entry of every window: its value, its place, and how far it is above the next.

It stands apart from the pools because it is found axis by axis: windows of k × k entries take 2·k
steps over the array, and are never written down.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.rules.types import Array, IntArray
    from tui_backprop.rules.windows import Slide

    Slides = tuple[Slide, ...]


def along(x: Array, slides: Slides, apply: Callable[[Slide, Array], Array]) -> Array:
    """One sliding axis after the other, each brought to the end; the last one first."""
    for a, slide in reversed(tuple(enumerate(slides, -len(slides)))):
        done = apply(slide, np.moveaxis(x, a, -1))
        x = np.moveaxis(done, -1, a)
    return x


def _top(x: Array, slide: Slide) -> tuple[Array, IntArray]:
    """The largest entry of each window along the last axis, and the first place that has it.

    NaN counts as the largest, and of several the last one wins, as in PyTorch.
    """
    best = np.full((*x.shape[:-1], slide.windows), -np.inf, dtype=x.dtype)
    place = np.broadcast_to(slide.places().first, best.shape).copy()
    for _, windows, places in slide.terms():
        old, new = best[..., windows], x[..., places]
        wins = (new > old) | np.isnan(new)
        where = np.arange(x.shape[-1])[places]
        best[..., windows] = np.where(wins, new, old)
        place[..., windows] = np.where(wins, where, place[..., windows])
    return best, place


def winners(x: Array, slides: Slides) -> IntArray:
    """For each window, in the value's shape, where its largest entry lies: flat over the axes.

    Of rows that tie the first wins, and of the entries in it the first.
    """
    best, place = _top(x, slides[-1])
    if len(slides) == 1:
        return place
    _, row = _top(best.swapaxes(-1, -2), slides[0])
    row = row.swapaxes(-1, -2)
    column = np.take_along_axis(place, row, axis=-2)
    return np.asarray(row * slides[-1].length + column)


def largest(m: Any, x: Any, slide: Slide) -> Any:
    """Of each window along the last axis."""
    if m is np:
        return _top(x, slide)[0]
    found = np.empty((*x.shape[:-1], slide.windows), dtype=object)
    for a in range(slide.windows):
        found[..., a] = m.max(x[..., slide.places().of(a)], axis=-1)
    return found


def gap(x: Array, slides: Slides) -> Array:
    """How far the largest entry of each window is above the next; inf where there is no other."""
    best, second = x, np.full_like(x, -np.inf)
    for a, slide in reversed(tuple(enumerate(slides, -len(slides)))):
        best, second = _two(np.moveaxis(best, a, -1), np.moveaxis(second, a, -1), slide)
        best, second = np.moveaxis(best, -1, a), np.moveaxis(second, -1, a)
    # inf − inf would be NaN.
    return np.where(np.equal(best, second), 0, np.subtract(best, second))


def _two(best: Array, second: Array, slide: Slide) -> tuple[Array, Array]:
    """The two largest along the last axis, of pairs."""
    top = np.full((*best.shape[:-1], slide.windows), -np.inf, dtype=best.dtype)
    next_ = top.copy()
    for _, windows, places in slide.terms():
        old, new = top[..., windows], best[..., places]
        others = np.maximum(next_[..., windows], second[..., places])
        next_[..., windows] = np.maximum(others, np.minimum(old, new))
        top[..., windows] = np.maximum(old, new)
    return top, next_
