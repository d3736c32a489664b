"""Entries by their rank: the k-th smallest, percentiles, quantiles of what is no NaN.

In a row, ``x`` is the operand. How entries are picked along a line is as in `order`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.dataclass import replace
from tui_backprop.errors import ArgumentError
from tui_backprop.language.message import said
from tui_backprop.rules import slope_reasons
from tui_backprop.rules.ops.reducing.order import as_tuple, between, quantile, quantile_shape
from tui_backprop.rules.ops.reducing.ordering import ONE, entry_at, nth, share
from tui_backprop.rules.ops.reducing.picking import Picking, Picks, mean_of
from tui_backprop.rules.reduction_slopes import AXIS, KEEPDIMS
from tui_backprop.rules.rows import Part, structural
from tui_backprop.rules.rule import Example, Parameter, Traits
from tui_backprop.rules.shapes import names_axis_of_number, normal_axis, reduced_shape

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array, Shape


def _kth_shape(x: Shape, k: Any, axis: Any = -1, keepdims: bool = False) -> Shape:
    length = 1 if names_axis_of_number(axis, x) else x[normal_axis(axis, x)]
    if not 1 <= k <= length:
        raise ArgumentError(
            said(
                "kthvalue with k={k}: shape {x} has {length} entries along axis {axis}, so k is 1 "
                "to {length}",
                k=k,
                x=x,
                length=length,
                axis=axis,
            )
        )
    return x if not x else reduced_shape(x, axis, keepdims)


_KTH: Final = Picking(
    pick=lambda lines, k: Picks(nth(lines, np.asarray([k - 1]))[..., None], ONE),
    value=lambda m, line, k: [entry_at(m, line, k - 1)],
    partial=lambda m, line, to, own, y, k: share(m, line, own, k - 1),
    lies="alone",
    numbers=lambda lines, k: np.partition(lines, k - 1, axis=-1)[..., k - 1 : k],
)


_HALF: Final = quantile(0.5)
"""What picks and what computes are the same for every q."""


def _of_numbers(lines: Array, q: Any, method: str = "linear") -> Picks:
    """As `quantile` picks among the entries of each line that are numbers; of none, the first."""
    is_nan = np.isnan(lines)
    if not is_nan.any():
        return _HALF.pick(lines, q, method)
    counts = (~is_nan).sum(axis=-1).ravel()
    order = np.argsort(lines, axis=-1, kind="stable").reshape(counts.size, lines.shape[-1])
    asked = as_tuple(q)
    places = np.zeros((counts.size, len(asked), 2), dtype=np.intp)
    weights = np.zeros((counts.size, len(asked), 2))
    for count in np.unique(counts):
        own = counts == count
        for row, each in enumerate(asked):
            for k, (place, weight) in enumerate(between(max(int(count), 1), each, method)):
                places[own, row, k:] = order[own, place][:, None]
                weights[own, row, k] = weight
    shape = (*lines.shape[:-1], len(asked), 2)
    return Picks(places.reshape(shape), weights.reshape(shape))


def _numbers_only(lines: Array, q: Any, method: str = "linear") -> Array:
    if _HALF.numbers is not None and not np.isnan(lines).any():
        return _HALF.numbers(lines, q, method)
    places, weights = _of_numbers(lines, q, method)
    taken = np.take_along_axis(lines[..., None, :], places, axis=-1)
    return mean_of(taken, weights)


def _numbers_quantile(q: Any) -> Picking:
    """Of symbols, which are numbers, it is the quantile."""
    return replace(quantile(q), pick=_of_numbers, numbers=_numbers_only)


_NAN_MEDIAN: Final = Picking(
    pick=lambda lines: _of_numbers(lines, 0.5),
    value=lambda m, line: _HALF.value(m, line, 0.5),
    partial=lambda m, line, to, own, y: _HALF.partial(m, line, to, own, y, 0.5),
    lies="alone",
    numbers=lambda lines: _numbers_only(lines, 0.5),
)


def _nanmedian_shape(x: Shape, axis: Any = None, keepdims: bool = False) -> Shape:
    return quantile_shape(x, 0.5, axis, keepdims=keepdims, name="nanmedian")


def _nanquantile_shape(x: Shape, q: Any, axis: Any = None, **others: Any) -> Shape:
    return quantile_shape(x, q, axis, name="nanquantile", **others)


def _percentile_shape(x: Shape, q: Any, axis: Any = None, **others: Any) -> Shape:
    for each in as_tuple(q):
        if not (isinstance(each, int | float) and 0 <= each <= 100):
            raise ArgumentError(
                said("percentile takes q from 0 to 100, or several such numbers, found {q}", q=q)
            )
    return quantile_shape(x, _share_of(q), axis, name="percentile", **others)


def _share_of(percent: Any) -> Any:
    found = tuple(each / 100 for each in as_tuple(percent))
    return found if isinstance(percent, tuple) else found[0]


def _as_quantile(
    name: str,
    picking: Callable[[Any], Picking],
    share_of: Callable[[Any], Any] = lambda q: q,
    **row: Any,
) -> Rule:
    """A row with the arguments of ``quantile``, whose q may be something else."""

    def asked(of: str) -> Callable[..., Any]:
        def answer(*given: Any, q: Any, **params: Any) -> Any:
            meant = share_of(q)
            return getattr(picking(meant), of)(*given, q=meant, **params)

        return answer

    return structural(
        name,
        "x",
        parameters=(Parameter("q", "borders"), AXIS,
                    Parameter("method", "text", "linear", is_named=True), KEEPDIMS),
        forward=asked("forward"),
        parts=(
            Part(
                vjp=asked("pulled"), jvp=asked("pushed"), sparsity=asked("sparsity"),
                entry=asked("entry"), masked=True,
            ),
        ),
        kink=asked("kink"),
        spellings={"interpolation": "method", "dim": "axis"},
        traits=Traits(zero=slope_reasons.elsewhere),
        **row,
    )  # fmt: skip


_STABLE: Final = "of entries that tie those receive that the stable order puts there"

RULES: Final[tuple[Rule, ...]] = (
    structural(
        "kthvalue",
        "x",
        parameters=(Parameter("k", "int"), Parameter("axis", "int", -1), KEEPDIMS),
        forward=_KTH.forward,
        shape=_kth_shape,
        parts=(_KTH.part(),),
        summary="the k-th smallest entry along an axis, counted from 1; of PyTorch's two results "
        "the values",
        kink=_KTH.kink,
        convention=f"{_STABLE}; PyTorch leaves it open",
        examples=(Example(((3,),), {"k": 2}), Example(((2, 3),), {"k": 1}),
                  Example(((3, 2),), {"k": 3, "axis": 0, "keepdims": True}),
                  Example(((),), {"k": 1})),
        traits=Traits(chooses=True, zero=slope_reasons.other_entry),
    ),
    structural(
        "nanmedian",
        "x",
        parameters=(AXIS, KEEPDIMS),
        forward=_NAN_MEDIAN.forward,
        shape=_nanmedian_shape,
        parts=(_NAN_MEDIAN.part(),),
        summary="the median of the entries that are no NaN; NaN where all are",
        kink=_NAN_MEDIAN.kink,
        convention=f"{_STABLE}, as in PyTorch's nanquantile(x, 0.5)",
        examples=(Example(((3,),)), Example(((),)), Example(((2, 4),), {"axis": 1}),
                  Example(((2, 3, 2),), {"axis": (0, -1), "keepdims": True})),
        traits=Traits(zero=slope_reasons.elsewhere),
    ),
    _as_quantile(
        "nanquantile",
        _numbers_quantile,
        shape=_nanquantile_shape,
        summary="the quantile of the entries that are no NaN; NaN where all are",
        convention=f"{_STABLE}, as in PyTorch",
        examples=(Example(((3,),), {"q": 0.25}), Example(((),), {"q": 0.3}),
                  Example(((2, 3),), {"q": 0.5, "axis": 1}),
                  Example(((2, 2),), {"q": 0.6, "method": "nearest", "keepdims": True})),
    ),
    _as_quantile(
        "percentile",
        quantile,
        _share_of,
        shape=_percentile_shape,
        summary="the entry below which q of 100 others lie, between two in proportion",
        convention=f"{_STABLE}, as in PyTorch's quantile",
        examples=(Example(((3,),), {"q": 25}), Example(((2, 3),), {"q": 50, "axis": 1}),
                  Example(((4, 2),), {"q": (10, 75), "axis": 0}),
                  Example(((4,),), {"q": 40, "method": "higher"})),
    ),
)  # fmt: skip
