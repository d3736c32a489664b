"""Order: sorted entries, the largest few, the middle, quantiles, running extremes."""

from __future__ import annotations

from math import ceil, floor
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.errors import ArgumentError
from tui_backprop.language.message import joined, said
from tui_backprop.rules import slope_reasons
from tui_backprop.rules.ops.reducing.ordering import (
    DESCENDING,
    LAST,
    ONE,
    SORT_EXAMPLES,
    SORTED,
    entry_at,
    nth,
    order_of,
    share,
    sorted_numbers,
    sorted_shape,
)
from tui_backprop.rules.ops.reducing.picking import Picking, Picks, mean_of
from tui_backprop.rules.reduction_slopes import AXIS, KEEPDIMS, nonempty_shape
from tui_backprop.rules.rows import Part, structural
from tui_backprop.rules.rule import Example, Parameter, Traits
from tui_backprop.rules.shapes import (
    names_axis_of_number,
    normal_axis,
    refuse_axis_of_number,
)
from tui_backprop.rules.sparsity import Running

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array, Shape


def _k_shape(x: Shape, k: Any, axis: Any = -1, largest: bool = True) -> Shape:
    del largest  # as many either way
    length = 1 if names_axis_of_number(axis, x) else x[normal_axis(axis, x)]
    if not 0 <= k <= length:
        raise ArgumentError(
            said(
                "topk with k={k}: shape {x} has {length} entries along axis {axis}, so k is 0 to "
                "{length}",
                k=k,
                x=x,
                length=length,
                axis=axis,
            )
        )
    if not x:
        if k != 1:
            raise ArgumentError(said("topk of a number gives that number: k is 1, found {k}", k=k))
        return x
    along = normal_axis(axis, x)
    return (*x[:along], k, *x[along + 1 :])


_TOP: Final = Picking(
    pick=lambda lines, k, largest=True: Picks(order_of(lines, largest)[..., :k, None], ONE),
    value=lambda m, line, k, largest=True: [entry_at(m, line, n, largest) for n in range(k)],
    partial=lambda m, line, to, own, y, k, largest=True: share(m, line, own, to, largest),
    numbers=lambda lines, k, largest=True: sorted_numbers(lines, largest)[..., :k],
)


_LAST: Final = (1.0, 0.0)
_METHODS: Final = ("linear", "lower", "higher", "midpoint", "nearest")


def between(n: int, q: float, method: str) -> tuple[tuple[int, float], ...]:
    """The places of a quantile in the order of n entries, and their weights."""
    at = q * (n - 1)
    low, high = floor(at), ceil(at)
    if method == "lower" or low == high:
        return ((low, 1.0),)
    if method == "higher":
        return ((high, 1.0),)
    if method == "nearest":
        return ((round(at), 1.0),)  # halves to the even place, as NumPy has it
    weight = 0.5 if method == "midpoint" else at - low
    return ((low, 1 - weight), (high, weight))


def as_tuple(q: Any) -> tuple[Any, ...]:
    """One quantile, or several."""
    return q if isinstance(q, tuple) else (q,)


def _asked(n: int, q: Any, method: str) -> Picks:
    """Of each quantile the two places in the order, or one twice, and their weights."""
    asked = as_tuple(q)
    places = np.zeros((len(asked), 2), dtype=np.intp)
    weights = np.zeros((len(asked), 2))
    for row, each in enumerate(asked):
        for k, (place, weight) in enumerate(between(n, each, method)):
            places[row, k:], weights[row, k] = place, weight
    return Picks(places, weights)


def _quantiles(lines: Array, q: Any, method: str = "linear") -> Picks:
    """A NaN among them stands last, and is what a quantile then takes."""
    places, weights = _asked(lines.shape[-1], q, method)
    found = nth(lines, places.ravel()).reshape((*lines.shape[:-1], *places.shape))
    is_nan = np.asarray(np.isnan(lines).any(axis=-1))
    if not is_nan.any():
        return Picks(found, weights)
    last = lines.shape[-1] - 1 - np.argmax(np.isnan(np.flip(lines, -1)), axis=-1)
    is_nan = is_nan[..., None, None]
    return Picks(np.where(is_nan, last[..., None, None], found), np.where(is_nan, _LAST, weights))


def _quantile_numbers(lines: Array, q: Any, method: str = "linear") -> Array:
    places, weights = _asked(lines.shape[-1], q, method)
    ordered = np.partition(lines, np.unique(places), axis=-1)
    found = mean_of(ordered[..., places], weights)
    is_nan = np.asarray(np.isnan(lines).any(axis=-1))
    if not is_nan.any():
        return found
    return np.where(is_nan[..., None], np.asarray(np.nan, dtype=lines.dtype), found)


def _quantile_value(m: Any, line: list[Any], q: Any, method: str = "linear") -> list[Any]:
    return [
        sum(
            _exact(m, w) * entry_at(m, line, place) for place, w in between(len(line), each, method)
        )
        for each in as_tuple(q)
    ]


def _quantile_partial(
    m: Any, line: list[Any], to: int, own: int, _y: Any, q: Any, method: str = "linear"
) -> Any:
    found = between(len(line), as_tuple(q)[to], method)
    return sum(_exact(m, w) * share(m, line, own, place) for place, w in found)


def _exact(m: Any, weight: float) -> Any:
    """A half as 1/2; another weight as the number that it is."""
    return m.divide(1, 2) if weight == 0.5 else (1 if weight == 1 else weight)


def quantile_shape(
    x: Shape,
    q: Any,
    axis: Any = None,
    method: str = "linear",
    keepdims: bool = False,
    name: str = "quantile",
) -> Shape:
    """The shape of a quantile, or of several along a new first axis.

    Raises:
        ArgumentError: no such method, or q is not from 0 to 1.
        ShapeError: there is nothing to take one of.
    """
    if method not in _METHODS:
        raise ArgumentError(
            said(
                "quantile has no method '{method}': expected one of {methods}",
                method=method,
                methods=joined(", ", _METHODS),
            )
        )
    for each in as_tuple(q):
        if not (isinstance(each, int | float) and 0 <= each <= 1):
            raise ArgumentError(
                said("quantile takes q from 0 to 1, or several such numbers, found {q}", q=q)
            )
    refuse_axis_of_number(axis, x)  # as NumPy does
    out = nonempty_shape(name, x, axis, keepdims)
    return (len(q), *out) if isinstance(q, tuple) else out


def quantile(q: Any) -> Picking:
    """Several quantiles stand along a new first axis, as in NumPy."""
    lies = "first" if isinstance(q, tuple) else "alone"
    return Picking(_quantiles, _quantile_value, _quantile_partial, lies, numbers=_quantile_numbers)


def _median_shape(x: Shape, axis: Any = None, keepdims: bool = False) -> Shape:
    return quantile_shape(x, 0.5, axis, keepdims=keepdims, name="median")


_MEDIAN: Final = Picking(
    pick=lambda lines: _quantiles(lines, 0.5),
    value=lambda m, line: _quantile_value(m, line, 0.5),
    partial=lambda m, line, to, own, y: _quantile_partial(m, line, to, own, y, 0.5),
    lies="alone",
    numbers=lambda lines: _quantile_numbers(lines, 0.5),
)


def _running(sign: int) -> Picking:
    """The largest entry so far, or with sign −1 the smallest."""
    name = "maximum" if sign > 0 else "minimum"

    def pick(lines: Array) -> Picks:
        """The last place that has the value; a NaN is the value from its place on."""
        y = getattr(np, name).accumulate(lines, axis=-1)
        places = np.arange(lines.shape[-1], dtype=np.intp)
        is_new = np.equal(lines, y)
        if np.isnan(y[..., -1:]).any():
            is_new |= np.isnan(lines)
        return Picks(np.maximum.accumulate(is_new * places, -1)[..., None], ONE)

    def value(m: Any, line: list[Any]) -> list[Any]:
        found = line[:1]
        for x in line[1:]:
            found.append(getattr(m, name)(found[-1], x))
        return found

    def partial(m: Any, line: list[Any], to: int, own: int, _y: Any) -> Any:
        """1 where no entry before is beyond this one, and none behind it reaches it."""
        found: Any = 1
        for k, other in enumerate(line[: to + 1]):
            if k != own:
                low, high = (other, line[own]) if sign > 0 else (line[own], other)
                holds = m.less_equal(low, high) if k < own else m.less(low, high)
                found = m.where(holds, found, 0)
        return found

    return Picking(
        pick, value, partial, pattern=_so_far,
        numbers=lambda lines: getattr(np, name).accumulate(lines, axis=-1),
    )  # fmt: skip


def _so_far(out: Shape, _x: Shape, axis: Any) -> Running:
    return Running(out or (1,), normal_axis(axis, out) if out else 0)


def _running_shape(x: Shape, axis: Any) -> Shape:
    if not names_axis_of_number(axis, x):
        normal_axis(axis, x)
    return x


_ALONG: Final = Parameter("axis", "int", -1)
_TIES: Final = (
    "entries that tie keep their order, as in PyTorch's sort(stable=True) and JAX: each receives "
    "what its own place receives"
)
_PICKS: Final = Traits(chooses=True, zero=slope_reasons.other_entry)
_ORDERED: Final = Traits(zero=slope_reasons.elsewhere)

RULES: Final[tuple[Rule, ...]] = (
    structural(
        "sort",
        "x",
        parameters=(LAST, DESCENDING),
        forward=SORTED.forward,
        shape=sorted_shape,
        parts=(SORTED.part(),),
        summary="the entries along an axis from the least to the largest; of axis=None, of all",
        kink=SORTED.kink,
        convention=_TIES,
        examples=SORT_EXAMPLES,
        traits=_PICKS,
    ),
    structural(
        "topk",
        "x",
        parameters=(Parameter("k", "int"), _ALONG, Parameter("largest", "bool", default=True)),
        forward=_TOP.forward,
        shape=_k_shape,
        parts=(_TOP.part(),),
        summary="the k largest entries along an axis, the largest first; of PyTorch's two results "
        "the values",
        kink=_TOP.kink,
        convention="of entries that tie the first comes first, as in JAX; PyTorch's topk leaves it "
        "open",
        examples=(Example(((3,),), {"k": 2}), Example(((2, 3),), {"k": 1, "axis": 1}),
                  Example(((3, 2),), {"k": 2, "axis": 0, "largest": False}),
                  Example(((3,),), {"k": 0}), Example(((),), {"k": 1})),
        traits=_PICKS,
    ),
    structural(
        "median",
        "x",
        parameters=(AXIS, KEEPDIMS),
        forward=_MEDIAN.forward,
        shape=_median_shape,
        parts=(_MEDIAN.part(),),
        summary="the middle entry, of an even number the mean of the middle two as in NumPy; "
        "torch.median takes the lower of the two",
        kink=_MEDIAN.kink,
        convention="of entries that tie those receive that the stable order puts in the middle, as "
        "in PyTorch's quantile(x, 0.5)",
        examples=(Example(((3,),)), Example(((),)), Example(((2, 2),)),
                  Example(((2, 4),), {"axis": 1}), Example(((3, 2),), {"axis": 0}),
                  Example(((2, 3, 2),), {"axis": (0, -1), "keepdims": True})),
        traits=Traits(reduces=True, zero=slope_reasons.elsewhere),
    ),
    structural(
        "quantile",
        "x",
        parameters=(Parameter("q", "borders"), AXIS,
                    Parameter("method", "text", "linear", is_named=True), KEEPDIMS),
        forward=lambda m, x, q, **params: quantile(q).forward(m, x, q=q, **params),
        shape=quantile_shape,
        parts=(
            Part(
                vjp=lambda v, y, x, q, **params: quantile(q).pulled(v, y, x, q=q, **params),
                jvp=lambda t, y, x, q, **params: quantile(q).pushed(t, y, x, q=q, **params),
                sparsity=lambda out, x, q, **params: quantile(q).sparsity(out, x, q=q, **params),
                entry=lambda m, j, i, y, x, q, **params: (
                    quantile(q).entry(m, j, i, y, x, q=q, **params)
                ),
                masked=True,
            ),
        ),
        summary="the entry below which a share q of the others lies, between two in proportion",
        kink=lambda m, x, q, **params: quantile(q).kink(m, x, q=q, **params),
        convention="of entries that tie those receive that the stable order puts there, as in "
        "PyTorch",
        spellings={"interpolation": "method", "dim": "axis"},
        examples=(Example(((3,),), {"q": 0.25}), Example(((),), {"q": 0.3}),
                  Example(((2, 3),), {"q": 0.5, "axis": 1}),
                  Example(((4, 2),), {"q": (0.1, 0.75), "axis": 0}),
                  Example(((2, 2),), {"q": 0.6, "method": "nearest", "keepdims": True}),
                  Example(((4,),), {"q": (0.5,), "method": "lower"}),
                  Example(((4,),), {"q": 0.4, "method": "higher"}),
                  Example(((2, 2),), {"q": 0.3, "method": "midpoint"})),
        traits=_ORDERED,
    ),
    *(
        structural(
            name,
            "x",
            parameters=(Parameter("axis", "int"),),
            forward=picking.forward,
            shape=_running_shape,
            parts=(picking.part(),),
            summary=f"the {which} entry so far along an axis; of PyTorch's two results the values",
            kink=picking.kink,
            convention="of entries that tie the last so far receives, as in PyTorch; in JAX they "
            "share it",
            examples=(Example(((3,),), {"axis": 0}), Example(((),), {"axis": 0}),
                      Example(((2, 3),), {"axis": -1}), Example(((2, 2, 2),), {"axis": 1}),
                      Example(((2, 0),), {"axis": 1})),
            traits=_PICKS,
        )
        for name, which, picking in (
            ("cummax", "largest", _running(1)),
            ("cummin", "smallest", _running(-1)),
        )
    ),
)  # fmt: skip
