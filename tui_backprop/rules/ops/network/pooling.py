"""Pools of deep learning: the largest entry of each window, or their mean, channel by channel.

``x`` is (…, L) or (…, H, W), the last axes slide. As in PyTorch a stride left out is the window's
length, padding counts as 0 in a mean unless it is left out, and never wins a maximum; of entries
that tie the first one of the window receives everything.
"""

from __future__ import annotations

from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.errors import ArgumentError, ShapeError
from tui_backprop.language.message import said
from tui_backprop.rules import slope_reasons
from tui_backprop.rules.axiswise import Axiswise, same
from tui_backprop.rules.gathering import as_array
from tui_backprop.rules.reduction_slopes import MOST_SYMBOLS
from tui_backprop.rules.rows import Part, call_text, structural
from tui_backprop.rules.rule import Example, Parameter, Traits
from tui_backprop.rules.windows import Slide, refuse_empty_windows, refuse_misfits, sizes

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.rules.ops.network.uneven_windows import Shared
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array, Index, IntArray, Params, Shape

    Slides = tuple[Slide | Shared, ...]
    Reader = Callable[[Shape, Params], Slides]


def along(x: Array, slides: Slides, apply: Callable[[Any, Array], Array]) -> Array:
    """One sliding axis after the other, each brought to the end; the last one first."""
    for a, slide in reversed(tuple(enumerate(slides, -len(slides)))):
        done = apply(slide, np.moveaxis(x, a, -1))
        x = np.moveaxis(done, -1, a)
    return x


def _top(x: Array, slide: Slide | Shared) -> tuple[Array, IntArray]:
    """The largest entry of each window along the last axis, and the first place that has it.

    NaN counts as the largest, and of several the last one wins, as in PyTorch.
    """
    best = np.full((*x.shape[:-1], slide.windows), -np.inf, dtype=x.dtype)
    place = np.broadcast_to(slide.places().first, best.shape).copy()
    is_first = True
    for _, windows, places in slide.terms():
        old, new = best[..., windows], x[..., places]
        was_first, is_first = is_first, False
        if was_first and new.shape == best.shape:  # nothing is to be beaten yet
            best = new.copy()
            continue
        wins = (new > old) | np.isnan(new)
        where = np.arange(x.shape[-1])[places]
        best[..., windows] = np.where(wins, new, old)
        place[..., windows] = np.where(wins, where, place[..., windows])
    return best, place


def winners(x: Array, slides: Slides) -> IntArray:
    """For each window the flat position, over the sliding axes, of its largest entry.

    Of rows that tie the first wins, and of the entries in it the first.
    """
    best, place = _top(x, slides[-1])
    if len(slides) == 1:
        return place
    _, row = _top(best.swapaxes(-1, -2), slides[0])
    row = row.swapaxes(-1, -2)
    column = np.take_along_axis(place, row, axis=-2)
    return np.asarray(row * slides[-1].length + column)


def largest(m: Any, x: Any, slide: Slide | Shared) -> Any:
    """The largest entry of each window along the last axis."""
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


def _two(best: Array, second: Array, slide: Slide | Shared) -> tuple[Array, Array]:
    """The two largest along the last axis, of pairs."""
    top = np.full((*best.shape[:-1], slide.windows), -np.inf, dtype=best.dtype)
    next_ = top.copy()
    for _, windows, places in slide.terms():
        old, new = top[..., windows], best[..., places]
        others = np.maximum(next_[..., windows], second[..., places])
        next_[..., windows] = np.maximum(others, np.minimum(old, new))
        top[..., windows] = np.maximum(old, new)
    return top, next_


def _slides(name: str, x: Shape, axes: int, params: Params) -> tuple[Slide, ...]:
    """How windows slide along each of the last axes."""
    if len(x) < axes or not all(x[-axes:]):
        raise ShapeError(
            said(
                "{name} slides over the last {over}; shape {x} has no entries there",
                name=name,
                over=over(axes),
                x=x,
            )
        )
    kernel = sizes(params["kernel_size"], axes, "kernel_size", 1)
    padding = sizes(params["padding"], axes, "padding", 0)
    stride = params["stride"]
    steps = kernel if stride is None else sizes(stride, axes, "stride", 1)
    dilation = sizes(params.get("dilation", 1), axes, "dilation", 1)
    slides = tuple(map(Slide, x[-axes:], kernel, steps, padding, dilation))
    if any(2 * s.padding > s.reach for s in slides):
        raise ArgumentError(
            said(
                "padding={padding} must be at most half of what a window reaches over: "
                "kernel_size={kernel}, dilation={dilation}",
                padding=padding,
                kernel=kernel,
                dilation=dilation,
            )
        )
    if params["ceil_mode"]:
        slides = tuple(s.rounded_up() for s in slides)
    refuse_misfits(name, slides)
    refuse_empty_windows(name, slides)
    return slides


def window_pattern(x: Shape, slides: Slides) -> Axiswise:
    """Windows on the last axes; before them everything agrees."""
    lead = prod(x[: -len(slides)])
    out = (lead, *(s.windows for s in slides))
    own = (lead, *(s.length for s in slides))
    meetings = (s.over_places(1 + a, 1 + a) for a, s in enumerate(slides))
    return Axiswise(out, own, (same(0, 0, lead), *meetings))


def _wins(m: Any, j: Index, i: Index, y: Any, x: Any, slides: Slides) -> Any:
    """Whether an entry is the largest of its window, and the first of those as large."""
    axes = len(slides)
    places = [s.places().of(int(a)) for s, a in zip(slides, j[-axes:], strict=True)]
    own = tuple(int(c) for c in i)
    before = [p for p in product(*places) if p < own[-axes:]]
    if len(before) >= MOST_SYMBOLS:
        return m.where(m.equal(m.named("argmax"), len(before)), 1, 0)
    found = m.where(m.equal(x[own], y[j]), 1, 0)
    for p in reversed(before):
        found = m.where(m.equal(x[(*own[:-axes], *p)], y[j]), 0, found)
    return found


def max_part(read: Reader) -> Part:
    """The derivative of a largest entry; ``read`` tells how windows lie on the last axes."""

    def found(x: Array, params: Params) -> tuple[IntArray, tuple[int, int]]:
        """Of each window, channel by channel; and the shape of x likewise."""
        slides = read(x.shape, params)
        lead = prod(x.shape[: -len(slides)])
        windows = prod(s.windows for s in slides)
        place = winners(x, slides).reshape(lead, windows)
        return place, (lead, prod(s.length for s in slides))

    def pull(v: Array, _y: Array, x: Array, **params: Any) -> Array:
        place, shape = found(x, params)
        total = np.zeros(shape, dtype=v.dtype)
        np.add.at(total, (np.arange(shape[0])[:, None], place), v.reshape(place.shape))
        return total.reshape(x.shape)

    def push(t: Array, y: Array, x: Array, **params: Any) -> Array:
        place, shape = found(x, params)
        chosen = np.take_along_axis(t.reshape(shape), place, axis=-1)
        return np.asarray(chosen).reshape(y.shape)

    def entry(m: Any, j: Index, i: Index, y: Any, x: Any, **params: Any) -> Any:
        slides = read(x.shape, params)
        if m is not np:
            return _wins(m, j, i, y, x, slides)
        if all(np.size(c) == 1 for c in (*j, *i)):  # of one place only its channel is looked at
            lead = tuple(int(np.reshape(c, ())) for c in j[: -len(slides)])
            return winners(x[lead], slides)[j[-len(slides) :]] == _flat(i, slides)
        return winners(x, slides)[j] == _flat(i, slides)

    return Part(
        vjp=pull,
        jvp=push,
        sparsity=lambda out, x, **params: window_pattern(x, read(x, params)),
        entry=entry,
        masked=True,
    )


def _flat(i: Index, slides: Slides) -> Any:
    """The place on the sliding axes, as `winners` counts it."""
    return i[-1] if len(slides) == 1 else i[-2] * slides[-1].length + i[-1]


def mean_part(read: Reader) -> Part:
    """The derivative of a mean, likewise."""

    def pull(v: Array, _y: Array, x: Array, **params: Any) -> Array:
        slides = read(x.shape, params)
        means = np.divide(v, counts_of(slides, v.dtype, params))
        return along(means, slides, lambda slide, line: slide.spread(line))

    def entry(m: Any, j: Index, _i: Index, _y: Any, x: Any, **params: Any) -> Any:
        slides = read(x.shape, params)
        counts = counts_of(slides, np.dtype(int), params)[j[-len(slides) :]]
        return m.divide(1, counts)

    return Part(
        linear=True,
        vjp=pull,
        sparsity=lambda out, x, **params: window_pattern(x, read(x, params)),
        entry=entry,
    )


def counts_of(slides: Slides, dtype: Any, params: Params) -> Array:
    """The divisors of the windows' sums, along the sliding axes."""
    found = np.ones((), dtype=dtype)
    for s in slides:
        found = found[..., None] * s.counted(params.get("count_include_pad", True)).astype(dtype)
    return found


def _row(
    name: str,
    axes: int,
    forward: Callable[..., Any],
    parameters: tuple[Parameter, ...],
    examples: tuple[Example, ...],
    **stated: Any,
) -> Rule:
    """A pool: ``forward(m, x, slides, params)``, and what else its row states."""
    kernel, *others = every = (*_PARAMETERS, *parameters)

    def read(x: Shape, params: Params) -> tuple[tuple[Slide, ...], Params]:
        filled = {p.name: p.default for p in every} | dict(params)
        return _slides(name, x, axes, filled), filled

    return structural(
        name,
        "x",
        text=call_text(name, ("x", kernel.name), (p.name for p in others)),
        parameters=every,
        forward=lambda m, x, **params: forward(m, as_array(m, x), *read(x.shape, params)),
        shape=lambda x, **params: (*x[:-axes], *(s.windows for s in read(x, params)[0])),
        cost=lambda out, x, **params: (
            max(prod(out), prod(x)) * sum(s.kernel for s in read(x, params)[0])
        ),
        examples=(*(_LINE if axes == 1 else _PLANE), *examples),
        **stated,
    )


def _max_pool(name: str, axes: int) -> Rule:
    def read(x: Shape, params: Params) -> Slides:
        return _slides(name, x, axes, params)

    return _row(
        name,
        axes,
        lambda m, x, slides, _: along(x, slides, lambda s, line: largest(m, line, s)),
        (Parameter("dilation", "shape", 1), _CEIL_MODE),
        _FARTHER[axes],
        parts=(max_part(read),),
        kink=lambda m, x, **params: gap(x, read(x.shape, params)),
        convention="of entries that tie the first in the window receives all",
        traits=Traits(chooses=True, zero=slope_reasons.other_entry),
        summary=f"the largest entry of each window that slides over the last {over(axes)}",
    )


def _avg_pool(name: str, axes: int) -> Rule:
    return _row(
        name,
        axes,
        lambda m, x, slides, params: m.divide(
            along(x, slides, lambda s, line: s.collect(line)), counts_of(slides, x.dtype, params)
        ),
        (_CEIL_MODE, Parameter("count_include_pad", "bool", default=True)),
        _UNEVEN[axes],
        parts=(mean_part(lambda x, params: _slides(name, x, axes, params)),),
        summary=f"the mean of each window that slides over the last {over(axes)}",
    )


def over(axes: int) -> str:
    """What windows slide over, in words."""
    return said("axis") if axes == 1 else said("two axes")


_PARAMETERS: Final = (
    Parameter("kernel_size", "shape"),
    Parameter("stride", "sizes", None),
    Parameter("padding", "shape", 0),
)
_CEIL_MODE: Final = Parameter("ceil_mode", "bool", default=False)
_FARTHER: Final = {
    1: (
        Example(((1, 6),), {"kernel_size": 2, "dilation": 3, "stride": 1}),
        Example(((6,),), {"kernel_size": 3, "stride": 2, "ceil_mode": True}),
    ),
    2: (Example(((3, 4),), {"kernel_size": 2, "dilation": (1, 2), "ceil_mode": True}),),
}
_UNEVEN: Final = {
    1: (
        Example(((6,),), {"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True}),
        Example(((1, 4),), {"kernel_size": 3, "padding": 1, "count_include_pad": False}),
    ),
    2: (
        Example(
            ((3, 3),),
            {"kernel_size": 2, "padding": 1, "ceil_mode": True, "count_include_pad": False},
        ),
    ),
}
_LINE: Final = (
    Example(((1, 4),), {"kernel_size": 2}),
    Example(((2, 5),), {"kernel_size": 3, "stride": 2, "padding": 1}),
    Example(((0, 2),), {"kernel_size": 2}),
)
_PLANE: Final = (
    Example(((1, 2, 4),), {"kernel_size": 2}),
    Example(((3, 4),), {"kernel_size": (2, 3), "stride": 1, "padding": (1, 0)}),
)

RULES: Final[tuple[Rule, ...]] = (
    _max_pool("max_pool1d", 1),
    _max_pool("max_pool2d", 2),
    _avg_pool("avg_pool1d", 1),
    _avg_pool("avg_pool2d", 2),
)
