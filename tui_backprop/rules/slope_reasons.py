"""Why a slope is 0 or infinite at some numbers, or data pass an entry over: what rows say in words.

A row names one of these functions among its traits. Each is given one partial with the numbers
around it, and answers None where its reason is not the one. An op that needs none is explained by
what is true of any: its row states the slope 0, it saturates, it underflows, another factor is 0.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from enum import Enum
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from tui_backprop.language.message import said
from tui_backprop.rules.shapes import normal_axes

if TYPE_CHECKING:
    from tui_backprop.rules.types import Array, Index, IntArray, Params


class Kind(Enum):
    """What kind of thing stopped a gradient."""

    SEED = "the seed is 0"
    UNREAD = "nothing reads the entry"
    OFF = "the unit is off"
    CLIPPED = "outside the bounds"
    BRANCH = "another operand was taken"
    FLAT = "the derivative is stated to be 0"
    KINK = "a convention at a kink"
    SATURATED = "saturated"
    FADED = "nearly saturated"
    VALUE = "a factor is 0"
    IGNORED = "a sample that is ignored"
    ALONE = "nothing to compare with"
    UNDERFLOW = "too small for the number format"
    CANCELLED = "contributions cancel"
    ROUNDED = "lost in rounding"
    OTHER = "the slope is 0 here"


Found: TypeAlias = tuple[Kind, str]
"""A kind, and one sentence about it."""


class PartialAt(ABC):
    """One partial ∂y_j/∂x_i and the numbers around it; who knows the graph writes them.

    Attributes:
        op: the op.
        names: what its row calls its operands.
        row_convention: what its row states for a kink, which may be elsewhere.
        params: its static arguments.
        argument: which operand x is.
        j: the place of the row in the value, flat.
        i: the place of the column in x, flat.
        y: the whole value.
        operands: the whole operands.
    """

    op: str
    names: tuple[str, ...]
    row_convention: str
    params: Params
    argument: int
    j: int
    i: int
    y: Array
    operands: tuple[Array, ...]

    @property
    def x(self) -> Array:
        """The operand that the column is of."""
        return self.operands[self.argument]

    @property
    def own_value(self) -> float:
        """x_i."""
        return float(self.x.flat[self.i])

    @property
    def result_value(self) -> float:
        """y_j."""
        return float(self.y.flat[self.j])

    def place(self, argument: int) -> int:
        """Where in a broadcast operand an elementwise op read what made y_j."""
        shape = self.operands[argument].shape
        at = place(self.j, self.y)[self.y.ndim - len(shape) :]
        own = tuple(0 if n == 1 else c for n, c in zip(shape, at, strict=True))
        return int(np.ravel_multi_index(own, shape)) if shape else 0

    def value(self, argument: int) -> float:
        """The entry of an operand that an elementwise op read."""
        return float(self.operands[argument].flat[self.place(argument)])

    def operand(self, argument: int) -> str:
        """The same entry, written ``b = 0.5``."""
        return self.entry(argument, self.place(argument))

    @property
    def own(self) -> str:
        """``X[1] = 3``."""
        return self.entry(self.argument, self.i)

    @property
    def result(self) -> str:
        """``Y[0] = 6``."""
        return self.result_entry(self.j)

    @abstractmethod
    def entry(self, argument: int, flat: int) -> str:
        """Any entry of an operand with its number."""

    @abstractmethod
    def result_entry(self, flat: int) -> str:
        """Any entry of the value with its number."""

    @abstractmethod
    def number(self, value: float) -> str:
        """A number as answers write it."""

    @abstractmethod
    def name(self, argument: int, flat: int | None = None) -> str:
        """What an operand, or an entry of it, is called."""

    @abstractmethod
    def formula(self, argument: int) -> str:
        """How an operand was computed."""

    @abstractmethod
    def group(self) -> IntArray:
        """The entries of x that y_j reads, flat."""

    @abstractmethod
    def by_convention(self, slope: str) -> str:
        """The sentence that the slope is a convention, with the slopes on either side."""


def relu(at: PartialAt) -> Found | None:
    """At a negative number, or at the kink."""
    if at.value(0) < 0:
        return Kind.OFF, said("relu is off: {operand} < 0", operand=at.operand(0))
    return corner(at)


def corner(at: PartialAt) -> Found | None:
    """At a kink at 0, the row's own convention."""
    return (Kind.KINK, at.by_convention(at.row_convention)) if at.value(0) == 0 else None


def clip(at: PartialAt) -> Found | None:
    """Outside of bounds, which are numbers of the program or operands."""
    x = at.value(0)
    low, high = (_bound(at, k) for k in ("min", "max"))
    if at.argument:
        return None
    if (low is None or low <= x) and (high is None or x <= high):
        return Kind.KINK, at.by_convention(said(at.row_convention))
    if low is None:
        where = said("above {high}", high=_bound_text(high))
    elif high is None:
        where = said("below {low}", low=_bound_text(low))
    else:
        where = said("outside {low} to {high}", low=_bound_text(low), high=_bound_text(high))
    return Kind.CLIPPED, said("clipped: {operand} lies {where}", operand=at.operand(0), where=where)


def _bound(at: PartialAt, name: str) -> float | None:
    if name not in at.names:
        found: float | None = at.params.get(name)
        return found
    return at.value(at.names.index(name))


def _bound_text(bound: float | None) -> str:
    """Six digits where they are all of it, else every digit."""
    if bound is None:
        raise AssertionError("nothing lies outside of a bound that there is not")
    short = f"{bound:g}"
    return short if float(short) == bound else repr(float(bound))


def hardtanh(at: PartialAt) -> Found | None:
    """Outside of its bounds; at a bound it is a convention."""
    low, high = (at.params[k] for k in ("min_val", "max_val"))
    if low <= at.value(0) <= high:
        return None
    return Kind.CLIPPED, said(
        "hardtanh is flat: {operand} does not lie between {low} and {high}",
        operand=at.operand(0), low=_bound_text(low), high=_bound_text(high),
    )  # fmt: skip


def where(at: PartialAt) -> Found | None:
    """In the branch that the condition leaves out."""
    holds = at.value(0) != 0
    if holds == (at.argument == 1):
        return None
    taken, condition = at.operand(1 if holds else 2), at.formula(0)
    if holds:
        return Kind.BRANCH, said(
            "where takes the other branch, {taken}: {condition} holds there",
            taken=taken, condition=condition,
        )  # fmt: skip
    return Kind.BRANCH, said(
        "where takes the other branch, {taken}: {condition} does not hold there",
        taken=taken, condition=condition,
    )  # fmt: skip


def other_operand(at: PartialAt) -> Found | None:
    """An op that chooses one of two operands chose the other."""
    other = 1 - at.argument
    if at.result_value != at.value(other) or at.value(at.argument) == at.result_value:
        return None
    return Kind.BRANCH, said(
        "{op} takes the other operand: {taken}, and not {left}",
        op=at.op, taken=at.operand(other), left=at.operand(at.argument),
    )  # fmt: skip


def other_entry(at: PartialAt) -> Found | None:
    """An op that chooses one of many entries chose another."""
    if at.own_value == at.result_value:
        return Kind.KINK, said(
            "{entry} ties with another entry: {convention}",
            entry=at.own, convention=said(at.row_convention),
        )  # fmt: skip
    return Kind.BRANCH, said(
        "{op} takes another entry: {taken}, and not {left}",
        op=at.op, taken=at.result, left=at.own,
    )  # fmt: skip


def elsewhere(at: PartialAt) -> Found | None:
    """An op that takes those at some places of the order took others."""
    if at.own_value == at.result_value:
        return other_entry(at)
    return Kind.BRANCH, said(
        "{op} takes the entries at other places of the order, and not {left}",
        op=at.op, left=at.own,
    )  # fmt: skip


def own_zero(at: PartialAt) -> Found | None:
    """The slope of a square is a multiple of what is squared."""
    if at.own_value != 0:
        return None
    return Kind.VALUE, said("{entry}, and the slope is a multiple of it", entry=at.own)


def length(at: PartialAt) -> Found | None:
    """The slope of a length is x / length; not so with other orders of a norm."""
    order, shape = at.params["ord"], at.operands[0].shape
    is_length = order in (None, "fro") or (order == 2 and len(shape) == 1 and shape[0] >= 1)
    return own_zero(at) if is_length and at.result_value != 0 else None


def from_mean(at: PartialAt) -> Found | None:
    """The slope of a variance is a multiple of the distance from the mean."""
    if at.own_value != np.mean(at.operands[0].flat[at.group()]):
        return None
    return Kind.VALUE, said("{entry} is the mean of its group, and the slope is a multiple of "
                            "its distance from it", entry=at.own)  # fmt: skip


def deviation(at: PartialAt) -> Found | None:
    """A root has no slope at 0, whatever is under it."""
    return from_mean(at) if at.result_value != 0 else None


def same_as_target(at: PartialAt) -> Found | None:
    """The slope of a loss that compares is a multiple of the difference."""
    other = 1 - at.argument
    if at.operands[other].flat[at.i] != at.own_value:
        return None
    return Kind.VALUE, said("{one} and {other}: the slope is a multiple of their difference",
                            one=at.own, other=at.entry(other, at.i))  # fmt: skip


def product(at: PartialAt) -> Found | None:
    """Another factor of a product of many entries is 0."""
    others = at.group()
    others = others[others != at.i]
    zeros = others[at.operands[at.argument].flat[others] == 0]
    if not len(zeros):
        return None
    return Kind.VALUE, said("it is multiplied by {factor}",
                            factor=at.entry(at.argument, int(zeros[0])))  # fmt: skip


def dropout(at: PartialAt) -> Found | None:
    """Of an entry that is dropped."""
    if at.argument == 1 or at.value(1) != 0:
        return None
    return Kind.VALUE, said("dropout drops it: {operand}", operand=at.operand(1))


def power(at: PartialAt) -> Found | None:
    """With an exponent of 0, or of a base that is 0."""
    if at.argument == 0 and at.value(1) == 0:
        return Kind.VALUE, said(
            "the exponent {operand}: the power does not depend on its base", operand=at.operand(1)
        )
    return own_zero(at) if at.argument == 0 and at.value(1) != 1 else None


def divide(at: PartialAt) -> Found | None:
    """Of a numerator of 0, or by an infinity."""
    if at.argument == 1 and at.value(0) == 0:
        return Kind.VALUE, said("the numerator {operand}", operand=at.operand(0))
    if at.argument == 0 and np.isinf(at.value(1)):
        return Kind.VALUE, said("the denominator {operand}: 1/inf is 0", operand=at.operand(1))
    return None


def softmax(at: PartialAt) -> Found | None:
    """A score that is −inf, the only one of its row that is not, or a weight that is 0 or 1."""
    x = at.operands[0]
    for flat in (at.i, at.j):
        if x.flat[flat] == -np.inf:
            return Kind.VALUE, said(
                "{score}, so its weight is exactly 0", score=at.entry(0, int(flat))
            )  # fmt: skip
    axes = normal_axes(at.params["axis"], x.shape)
    row = tuple(slice(None) if a in axes else c for a, c in enumerate(place(at.i, x)))
    if x[row].size > 1 and np.count_nonzero(x[row] != -np.inf) == 1:
        return Kind.VALUE, said(
            "all other scores beside {score} are -inf: its weight is exactly 1 whatever it is",
            score=at.own,
        )  # fmt: skip
    for flat in (at.j, at.i):
        if at.y.flat[flat] in (0, 1):
            return Kind.SATURATED, said("softmax is saturated: {result}",
                                        result=at.result_entry(flat))  # fmt: skip
    return None


_MASK: Final = 3
_OF_KEYS: Final = (1, 2)


def attention(at: PartialAt) -> Found | None:
    """An added mask left a query few keys, or none."""
    return _attention(at, -np.inf)


def attention_of_conditions(at: PartialAt) -> Found | None:
    """So did one of conditions."""
    return _attention(at, 0)


def _attention(at: PartialAt, hiding: float) -> Found | None:
    if len(at.names) <= _MASK:
        return None
    mask, row = at.operands[_MASK], place(at.j, at.y)[:-1]
    keys = at.operands[_OF_KEYS[0]].shape[-2]
    flat = np.arange(mask.size, dtype=np.intp).reshape(mask.shape)
    places = np.broadcast_to(flat, (*at.y.shape[:-1], keys))[row]
    hidden, query = mask.flat[places] == hiding, int(row[-1])
    if hidden.all():
        return Kind.VALUE, said(
            "the mask hides every key from query {query}: all its weights are exactly 0",
            query=query,
        )  # fmt: skip
    key = _key(at)
    if key is not None and hidden[key]:
        return Kind.VALUE, said(
            "{mask} hides key {key} from query {query}: its weight is exactly 0",
            mask=at.entry(_MASK, int(places[key])), key=key, query=query,
        )  # fmt: skip
    if np.count_nonzero(~hidden) > 1:
        return None
    return Kind.VALUE, said(
        "the mask leaves query {query} one key, {key}: its weight is exactly 1 whatever the "
        "scores are", query=query, key=int(np.argmin(hidden)),
    )  # fmt: skip


def _key(at: PartialAt) -> int | None:
    """The key that the entry belongs to, of keys, values and the mask."""
    x = at.operands[at.argument]
    if at.argument in _OF_KEYS:
        return int(place(at.i, x)[-2])
    if at.argument != _MASK or x.shape[-1] == 1:
        return None
    return int(place(at.i, x)[-1])


def steep_quotient(at: PartialAt) -> str:
    """Both slopes of a quotient, at a divisor of 0."""
    if at.value(1) != 0:
        return ""
    slope = "1/y" if at.argument == 0 else "-x/y**2"
    return said("the slope of divide, {slope} with y = 0, is not finite", slope=slope)


def steep_power(at: PartialAt) -> str:
    """The slope of a power by its base, at a base of 0."""
    if at.argument != 0 or at.value(0) != 0:
        return ""
    return said("the slope of power, y·x**(y - 1), is infinite at x = 0 and y = {y}",
                y=at.number(at.value(1)))  # fmt: skip


PassedOver: TypeAlias = tuple[str, bool]
"""Why data pass an entry over, and whether it is read all the same."""


def other_row(at: PartialAt) -> PassedOver | None:
    """A row of a table is the padding's, or no number names it."""
    rows, width = at.operands[1].shape
    row, padding = at.i // width, at.params["padding_idx"]
    if padding is not None and padding % rows == row:
        text = said("row {row} is that of the padding, and receives nothing: padding_idx={index}",
                    row=row, index=padding)  # fmt: skip
        return text, True
    return said("no number in {ids} names row {row}", ids=at.name(0), row=row), False


def not_named(at: PartialAt) -> PassedOver | None:
    """Numbers that are data name no place of an entry, or no place at all."""
    return said("no number in {ids} names {entry}", ids=at.name(1), entry=at.own), False


def place(flat: int, of: Array) -> Index:
    """The coordinates of a flat place of an array."""
    return tuple(int(c) for c in np.unravel_index(flat, of.shape))
