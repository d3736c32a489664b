"""Adaptive pools: however long an axis is, so many windows share it out.

``x`` is (…, L) or (…, H, W). As in PyTorch, None leaves an axis as it is, and of entries that tie
for the largest the first one of the window receives everything.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, Final

from tui_backprop.errors import ArgumentError, ShapeError
from tui_backprop.language.message import said
from tui_backprop.rules import slope_reasons
from tui_backprop.rules.gathering import as_array
from tui_backprop.rules.ops.network.pooling import (
    along,
    counts_of,
    gap,
    largest,
    max_part,
    mean_part,
    over,
)
from tui_backprop.rules.ops.network.uneven_windows import Shared
from tui_backprop.rules.rows import structural
from tui_backprop.rules.rule import Example, Parameter, Traits
from tui_backprop.rules.windows import Slide

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Params, Shape

_MOST: Final = 2**31 - 1


def _shared(name: str, x: Shape, axes: int, params: Params) -> tuple[Slide | Shared, ...]:
    """How windows share each of the last axes."""
    if len(x) < axes or not all(x[-axes:]):
        raise ShapeError(
            said(
                "{name} slides over the last {over}; shape {x} has no entries there",
                name=name,
                over=over(axes),
                x=x,
            )
        )
    size = params["output_size"]
    given = tuple(size) if isinstance(size, tuple | list) else (size,)
    given = given * axes if len(given) == 1 else given
    if len(given) != axes or any(n is not None and not 1 <= n <= _MOST for n in given):
        several = "" if axes == 1 else said(", or {count} of them", count=axes)
        raise ArgumentError(
            said(
                "{what}={value}: expected a whole number from {least} to {most}{several}",
                what="output_size",
                value=size,
                least=1,
                most=_MOST,
                several=several,
            )
        )
    lengths = x[-axes:]
    return tuple(_slide(n, n if k is None else k) for n, k in zip(lengths, given, strict=True))


def _slide(length: int, windows: int) -> Slide | Shared:
    """Windows that share an axis out; of one length, side by side, where that goes even."""
    kernel, left_over = divmod(length, windows)
    return Shared(length, windows) if left_over else Slide(length, kernel, kernel)


def _row(
    name: str,
    axes: int,
    forward: Callable[[Any, Any, tuple[Slide | Shared, ...]], Any],
    **stated: Any,
) -> Rule:
    def read(x: Shape, params: Params) -> tuple[Slide | Shared, ...]:
        return _shared(name, x, axes, params)

    return structural(
        name,
        "x",
        text=f"{name}({{x}}, {{output_size}})",
        parameters=(Parameter("output_size", "output_size"),),
        forward=lambda m, x, **params: forward(m, as_array(m, x), read(x.shape, params)),
        shape=lambda x, **params: (*x[:-axes], *(s.windows for s in read(x, params))),
        cost=lambda out, x, **params: (
            max(prod(out), prod(x)) * sum(s.kernel for s in read(x, params))
        ),
        examples=_LINE if axes == 1 else _PLANE,
        **stated,
    )


def _max_pool(name: str, axes: int) -> Rule:
    def read(x: Shape, params: Params) -> tuple[Slide | Shared, ...]:
        return _shared(name, x, axes, params)

    return _row(
        name,
        axes,
        lambda m, x, shared: along(x, shared, lambda s, line: largest(m, line, s)),
        parts=(max_part(read),),
        kink=lambda m, x, **params: gap(x, read(x.shape, params)),
        convention="of entries that tie the first in the window receives all",
        traits=Traits(chooses=True, zero=slope_reasons.other_entry),
        summary=f"the largest entry of each of so many windows over the last {over(axes)}",
    )


def _avg_pool(name: str, axes: int) -> Rule:
    return _row(
        name,
        axes,
        lambda m, x, shared: m.divide(
            along(x, shared, lambda s, line: s.collect(line)), counts_of(shared, x.dtype, {})
        ),
        parts=(mean_part(lambda x, params: _shared(name, x, axes, params)),),
        summary=f"the mean of each of so many windows over the last {over(axes)}",
    )


_LINE: Final = (
    Example(((1, 5),), {"output_size": 2}),
    Example(((2, 2, 4),), {"output_size": 3}),
    Example(((3,),), {"output_size": 5}),
    Example(((0, 2),), {"output_size": 1}),
)
_PLANE: Final = (
    Example(((1, 3, 4),), {"output_size": 2}),
    Example(((3, 2),), {"output_size": (2, None)}),
    Example(((2, 3),), {"output_size": (3, 2)}),
)

RULES: Final[tuple[Rule, ...]] = (
    _max_pool("adaptive_max_pool1d", 1),
    _max_pool("adaptive_max_pool2d", 2),
    _avg_pool("adaptive_avg_pool1d", 1),
    _avg_pool("adaptive_avg_pool2d", 2),
)
