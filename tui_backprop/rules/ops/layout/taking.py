"""Entries taken by numbers that are data: `take`, `gather` and their kin.

With indexing the places stand in the program, so that J's pattern is known from it; here they may
be computed, as by `argmax` or `argsort`, and the pattern is known when they are. Programs have only
real numbers: the nearest whole one names a place, and a negative one counts from the end. Where it
names none the entry is NaN.

In a row, ``x`` holds what is taken, and ``at`` the numbers.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.errors import ShapeError
from tui_backprop.language.message import said
from tui_backprop.rules import slope_reasons
from tui_backprop.rules.ops.layout.embedding import names, names_any
from tui_backprop.rules.rows import Part, structural
from tui_backprop.rules.rule import Domain, Example, Parameter, Reason, Traits
from tui_backprop.rules.shapes import broadcast_shape, names_axis_of_number, normal_axis
from tui_backprop.rules.sparsity import Gathered, Spread, Tied

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.sparsity import Sparsity
    from tui_backprop.rules.types import Array, Index, IntArray, Shape

PLACES: Final = Domain(values=(0.0, 1.0, 2.0))
"""Where the witnesses draw places from: an axis of an example has at least three."""


@dataclass(frozen=True, slots=True)
class Taking:
    """Which number names the place of each entry of the value, and which axes go along.

    Attributes:
        axes: ``(x, at, axis)``, two shapes → the value's shape with, for each of its axes, the axis
            of x that it is, or −1, and that of the numbers, or −1.
    """

    axes: Callable[[Shape, Shape, Any], tuple[Shape, tuple[int, ...], tuple[int, ...]]]

    def shape(self, x: Shape, at: Shape, axis: Any = None) -> Shape:
        """The shape of the value."""
        return self.axes(x, at, axis)[0]

    def forward(self, m: Any, x: Any, at: Any, axis: Any = None) -> Any:
        """The entries; NaN for those that are not there."""
        if m is not np:
            return self._formula(m, x, at, axis)
        x, at = np.asarray(x), np.asarray(at)
        source, is_whole = self._source(x.shape, at, axis)
        if is_whole:
            return x.ravel()[source]
        if not x.size:
            return np.full(source.shape, np.nan, dtype=x.dtype)
        return np.where(source >= 0, x.ravel()[source], np.asarray(np.nan, dtype=x.dtype))

    def source(self, x: Shape, at: Array, axis: Any) -> IntArray:
        """The flat position in x that each entry reads; −1 where there is none."""
        return self._source(x, at, axis)[0]

    def _source(self, x: Shape, at: Array, axis: Any) -> tuple[IntArray, bool]:
        """The same, and whether it is known at a glance that all are there."""
        out, of_x, of_at = self.axes(x, at.shape, axis)
        length = prod(x) if axis is None else (x[normal_axis(axis, x)] if x else 1)
        plain = plain_places(at, length)
        stride = 1 if axis is None or not x else prod(x[normal_axis(axis, x) + 1 :])
        if plain is None:
            places, exists = named(at, length)
            found = _spread(np.where(exists, places * stride, -prod(x) - 1), of_at, out)
        else:
            found = _spread(plain if stride == 1 else plain * stride, of_at, out)
        for a, own in enumerate(of_x):
            if own >= 0 and x[own] > 1:
                steps = np.arange(out[a], dtype=np.intp) * prod(x[own + 1 :])
                found = found + steps.reshape([-1 if b == a else 1 for b in range(len(out))])
        return (found, True) if plain is not None else (np.maximum(found, -1), False)

    def part(self) -> Part:
        """The derivative by x; one read twice receives both contributions."""
        return Part(
            vjp=self._scattered,
            jvp=lambda t, y, x, at, axis=None: np.where(
                (found := self.source(x.shape, np.asarray(at), axis)) >= 0,
                t.ravel()[found] if t.size else 0, np.asarray(0, dtype=t.dtype),
            ),
            sparsity=self._pattern,
            entry=self._entry,
            masked=True,
            picked=lambda out, x, at, axis=None: Gathered(
                self.source(np.shape(x), np.asarray(at), axis).ravel(), np.size(x)
            ),
        )  # fmt: skip

    def is_missing(self, _y: Array, x: Array, at: Array, axis: Any = None) -> Array:
        """Where a number names no place."""
        return self.source(np.shape(x), np.asarray(at), axis) < 0

    def number_of(self, j: Index, x: Shape, at: Shape, axis: Any) -> Index:
        """The coordinates of the number that names the place of an entry of the value."""
        _, _, of_at = self.axes(x, at, axis)
        by_axis = {own: j[a] for a, own in enumerate(of_at) if own >= 0 and at[own] != 1}
        return tuple(by_axis.get(a, 0) for a in range(len(at)))

    def _scattered(self, v: Array, _y: Array, x: Array, at: Array, axis: Any = None) -> Array:
        source, is_whole = self._source(x.shape, np.asarray(at), axis)
        source, v = source.ravel(), v.ravel()
        if not is_whole:
            there = source >= 0
            source, v = source[there], v[there]
        if v.dtype == np.float64:
            whole = np.zeros(x.size)
            np.add.at(whole, source, v)
            return whole.reshape(x.shape)
        total = np.bincount(source, v, minlength=x.size)  # adds up in float64
        return total.astype(v.dtype, copy=False).reshape(x.shape)

    def _pattern(self, out: Shape, x: Shape, at: Shape, axis: Any = None) -> Sparsity:
        """Any place along the axis may be named; what lies beyond the numbers is never read."""
        _, of_x, _ = self.axes(x, at, axis)
        ties = tuple((a, own) for a, own in enumerate(of_x) if own >= 0)
        lengths = {own: out[a] for a, own in ties}
        read = tuple(lengths.get(a, n) for a, n in enumerate(x))
        if read == x:
            return Tied(out, x, ties)
        flat = np.arange(prod(x), dtype=np.intp).reshape(x)
        places = flat[tuple(slice(n) for n in read)].ravel()
        return Spread(Tied(out, read, ties), places, prod(x))

    def _entry(self, m: Any, j: Index, i: Index, _y: Any, x: Any, at: Any, axis: Any = None) -> Any:
        shape = x.shape
        if axis is None:
            own, length = (np.ravel_multi_index(i, shape) if i else 0), prod(shape)
        else:
            own = i[normal_axis(axis, shape)] if shape else 0
            length = shape[normal_axis(axis, shape)] if shape else 1
        number = at[self.number_of(j, shape, np.shape(at) if m is np else at.shape, axis)]
        return is_named(m, number, own, length)

    def _formula(self, m: Any, x: Any, at: Any, axis: Any) -> Any:
        x = np.asarray(x, dtype=object)
        out, of_x, _ = self.axes(x.shape, at.shape, axis)
        found = np.empty(out, dtype=object)
        for place in np.ndindex(out):
            number = at[self.number_of(place, x.shape, at.shape, axis)]
            kept = {own: place[a] for a, own in enumerate(of_x) if own >= 0}
            if axis is None:
                line = list(x.ravel())
            else:
                along = x[tuple(kept.get(a, slice(None)) for a in range(x.ndim))]
                line = list(np.asarray(along, dtype=object).ravel())
            shares = (is_named(m, number, c, len(line)) * e for c, e in enumerate(line))
            found[place] = sum(shares)
        return found


def plain_places(at: Array, length: int) -> IntArray | None:
    """The place that each number names, where all name one; else None."""
    if not at.size or at.dtype.kind != "f":
        return None
    with np.errstate(invalid="ignore"):  # what is no place becomes the lowest number
        found = np.floor(at + 0.5).astype(np.intp)
    if found.view(np.uintp).max() < length:  # a negative one is a huge one there
        return found
    if found.max() >= length or found.min() < -length:
        return None
    return np.where(found < 0, found + length, found)


def named(at: Array, length: int) -> tuple[IntArray, Array]:
    """The place that each number names, any where there is none, and whether there is one."""
    exists = names_any(np, at, length) | names_any(np, at + length, length)
    places = np.floor(np.where(exists, at, 0) + 0.5).astype(np.intp)
    return np.where(places < 0, places + length, places), exists


def is_named(m: Any, number: Any, place: Any, length: int) -> Any:
    """1 where a number names a place, counted from the beginning or from the end."""
    from_end = m.where(names(m, number, place - length), 1, 0)
    return m.where(names(m, number, place), 1, from_end)


def _spread(places: IntArray, of_at: tuple[int, ...], out: Shape) -> IntArray:
    """The places along those axes of the value that are theirs."""
    if places.shape == out and of_at == tuple(range(len(out))):
        return places
    shape = [places.shape[own] if own >= 0 else 1 for own in of_at]
    return np.broadcast_to(places.reshape(shape), out)


def _take_axes(x: Shape, at: Shape, axis: Any) -> tuple[Shape, tuple[int, ...], tuple[int, ...]]:
    """The axes of the numbers stand in place of the one along which is taken."""
    if axis is None:
        return at, (-1,) * len(at), tuple(range(len(at)))
    along = normal_axis(axis, x)
    before, behind = tuple(range(along)), tuple(range(along + 1, len(x)))
    out = (*x[:along], *at, *x[along + 1 :])
    return (
        out,
        (*before, *(-1 for _ in at), *behind),
        (*(-1 for _ in before), *range(len(at)), *(-1 for _ in behind)),
    )


def _select_axes(x: Shape, at: Shape, axis: Any) -> tuple[Shape, tuple[int, ...], tuple[int, ...]]:
    if len(at) != 1:
        raise ShapeError(
            said("index_select takes a vector of places, found index {at} for x {x}", at=at, x=x)
        )
    return _take_axes(x, at, axis)


def _along_axes(x: Shape, at: Shape, axis: Any) -> tuple[Shape, tuple[int, ...], tuple[int, ...]]:
    """All axes meet, and those of length 1 are repeated."""
    if axis is None:
        if len(at) != 1:
            raise ShapeError(
                said(
                    "take_along_axis without an axis takes a vector of places, found {at} for "
                    "{x}: name the axis, as in axis=-1",
                    at=at,
                    x=x,
                )
            )
        return at, (-1,), (0,)
    along = normal_axis(axis, x)
    if len(at) != len(x):
        raise ShapeError(
            said(
                "take_along_axis needs places with as many axes as there are in x: found {at} for "
                "{x}; of an argmax keep the axis with keepdims=True",
                at=at,
                x=x,
            )
        )
    if any(1 != n != x[a] != 1 for a, n in enumerate(at) if a != along):
        raise ShapeError(
            said(
                "take_along_axis along axis {axis}: places of shape {at} do not broadcast with "
                "{x} along the other axes",
                axis=axis,
                at=at,
                x=x,
            )
        )
    rest = broadcast_shape((*x[:along], 1, *x[along + 1 :]), (*at[:along], 1, *at[along + 1 :]))
    out = (*rest[:along], at[along], *rest[along + 1 :])
    axes = range(len(x))
    return (
        out,
        tuple(a if a != along and x[a] == out[a] else -1 for a in axes),
        tuple(a if at[a] == out[a] else -1 for a in axes),
    )


def _gather_axes(x: Shape, at: Shape, axis: Any) -> tuple[Shape, tuple[int, ...], tuple[int, ...]]:
    """All axes meet, and the numbers may be fewer than x has entries along the others."""
    if (names_axis_of_number(axis, x) and len(at) <= 1) or (len(x) == 1 and not at):
        return at, (-1,) * len(at), tuple(range(len(at)))
    along = normal_axis(axis, x)
    others = [a for a in range(len(x)) if a != along]
    if len(at) != len(x) or any(at[a] > x[a] for a in others):
        raise ShapeError(
            said(
                "gather needs an index with the axes of x, none longer but axis {axis}: found "
                "{at} for {x}; take_along_axis broadcasts",
                axis=axis,
                at=at,
                x=x,
            )
        )
    axes = tuple(range(len(x)))
    return at, tuple(a if a != along else -1 for a in axes), axes


_TAKE, _ALONG = Taking(_take_axes), Taking(_along_axes)
_GATHER, _SELECT = Taking(_gather_axes), Taking(_select_axes)
AXIS: Final = Parameter("axis", "int")
NAMED: Final = Traits(passed_over=slope_reasons.not_named)
"""Of what reads entries that numbers name: the others are passed over."""


def _row(
    name: str,
    taking: Taking,
    operands: str,
    summary: str,
    examples: tuple[Example, ...],
    parameter: Parameter,
    **stated: Any,
) -> Rule:
    return structural(
        name,
        operands,
        parameters=(parameter,),
        forward=taking.forward,
        shape=taking.shape,
        parts=(taking.part(), None),
        summary=summary,
        domains=(Domain(), PLACES),
        reasons=(Reason("{" + operands.split()[1] + "} names no place there", taking.is_missing),),
        traits=NAMED,
        examples=examples,
        **stated,
    )


RULES: Final[tuple[Rule, ...]] = (
    _row(
        "take",
        _TAKE,
        "x indices",
        "the entries at places that are numbers, along an axis or among all in C order; one taken "
        "twice adds up",
        (Example(((3,), (2,))), Example(((3,), ())), Example(((3, 1), (2, 2))),
         Example(((3, 2), (2,)), {"axis": 0}), Example(((2, 3), ()), {"axis": 1}),
         Example(((2, 3, 2), (2, 1)), {"axis": 1}), Example(((3,), (0,)))),
        Parameter("axis", "optional_int", None),
    ),
    _row(
        "take_along_axis",
        _ALONG,
        "x indices",
        "of each line along an axis the entries that its own numbers name, as those of an argsort",
        (Example(((3,), (2,))), Example(((2, 3), (2, 1))), Example(((3, 2), (2, 2)), {"axis": 0}),
         Example(((2, 3), (1, 2)), {"axis": 1}), Example(((1, 3), (2, 2)), {"axis": -1}),
         Example(((3, 1), (2,)), {"axis": None})),
        Parameter("axis", "optional_int", -1),
    ),
    _row(
        "gather",
        _GATHER,
        "x index",
        "PyTorch's take_along_axis: the index may be shorter, and nothing is broadcast",
        (Example(((3,), (2,)), {"axis": 0}), Example(((2, 3), (2, 2)), {"axis": 1}),
         Example(((3, 3), (2, 2)), {"axis": 0}), Example(((3,), (3,)), {"axis": -1})),
        AXIS,
        call_order=("x", "axis", "index"),
        spellings={"dim": "axis"},
        text="gather({x}, {axis}, {index})",
    ),
    _row(
        "index_select",
        _SELECT,
        "x index",
        "the rows, or the lines along another axis, that a vector of places names",
        (Example(((3,), (2,)), {"axis": 0}), Example(((2, 3), (2,)), {"axis": 1})),
        AXIS,
        call_order=("x", "axis", "index"),
        spellings={"dim": "axis"},
        text="index_select({x}, {axis}, {index})",
    ),
)  # fmt: skip
