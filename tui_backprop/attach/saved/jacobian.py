"""Local Jacobians that are kept in a file, and the op that answers by them.

They are asked for once, while the program is there: by as few VJPs or JVPs as the pattern allows,
since columns that share no row can be had together.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import TYPE_CHECKING, Final, overload

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.errors import UnknownError
from tui_backprop.language.message import said
from tui_backprop.lazy import cached_property
from tui_backprop.rules.foreign import Lines
from tui_backprop.rules.sparsity import Gathered, Listed, Sparsity, Tied, pattern_entries

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.rules.foreign import ForeignOp
    from tui_backprop.rules.types import Array, IntArray, Shape

MOST_OF_EDGE: Final = 1 << 18
"""Entries of one Jacobian that are kept, 2 MiB."""
MOST_OF_ALL: Final = 1 << 22
"""Entries of all of them together, 32 MiB; the smallest come first."""
_MOST_ASKS: Final = 512
"""VJPs or JVPs of one op that one Jacobian is put together from."""


@dataclass(frozen=True, slots=True, eq=False)
class SavedJacobian:
    """What is kept of one edge.

    Attributes:
        shape: (m, n).
        pattern: which entries can be different from 0; None where that is not known.
        entries: those of the pattern in walking order, column by column; None where they are not
            kept.
        reason: why not, as a sentence.
    """

    shape: tuple[int, int]
    pattern: Tied | Gathered | Listed | None
    entries: Array | None
    reason: str = ""


def too_large(op: str) -> str:
    """That a Jacobian was not kept."""
    return said("J of {op} was too large to be saved: attach to the program to see it", op=op)


def too_slow(op: str) -> str:
    """That a Jacobian was not asked for."""
    return said(
        "J of {op} was not saved, since asking for it took too long: attach to the program to see "
        "it",
        op=op,
    )


def kept_pattern(op: ForeignOp, argument: int) -> Tied | Gathered | Listed | None:
    """The pattern of an operand as a file can hold it."""
    stated = op.pattern(argument)
    if stated is None or isinstance(stated, Tied | Gathered | Listed):
        return stated
    return Listed(stated.shape, *pattern_entries(stated, range(stated.shape[1])))


def whole(pattern: Sparsity | None, out: Shape, own: Shape) -> Sparsity:
    """The pattern; where none is known, every entry."""
    return Tied(out, own, ()) if pattern is None else pattern


def asked(op: ForeignOp, argument: int, pattern: Tied | Gathered | Listed | None) -> SavedJacobian:
    """Ask an op for its Jacobian by one operand.

    Args:
        op: the application.
        argument: which operand.
        pattern: its pattern, as `kept_pattern` gives it.
    """
    own = op.shapes[argument]
    shape = prod(op.shape), prod(own)
    full = whole(pattern, op.shape, own)
    if refusal := op.refusal(np.arange(shape[0])):
        return SavedJacobian(shape, pattern, None, refusal)
    try:
        with np.errstate(all="ignore"):
            return SavedJacobian(shape, pattern, _Asker(op, argument, full).entries())
    except UnknownError as error:
        return SavedJacobian(shape, pattern, None, str(error))
    except Exception as error:  # noqa: BLE001 - somebody else's code ran here, on a v of our making
        reason = said("J of {op} cannot be had: {error}", op=op.name, error=f"{error!r:.200}")
        return SavedJacobian(shape, pattern, None, reason)


class _Asker:
    """Puts a Jacobian together from answers that each tell a group of rows or columns."""

    def __init__(self, op: ForeignOp, argument: int, pattern: Sparsity) -> None:
        self._op, self._argument = op, argument
        self._m, self._n = pattern.shape
        self._j, self._i = pattern_entries(pattern, range(self._n))
        self._rows, self._columns = _groups(pattern)

    def entries(self) -> Array:
        """All of the pattern. NaN stands only where rows and columns say so; see `Lines`."""
        if not self._j.size:
            return np.zeros(0)
        ways = [self._by_rows, self._by_columns]
        costs = [int(groups.max()) + 1 for groups in (self._rows, self._columns)]
        is_single = bool(np.bincount(self._i).max() == 1)
        if not is_single:  # as a frame asks for a column
            ways.reverse()
            costs.reverse()
        if costs[0] > _MOST_ASKS and costs[1] < costs[0]:
            ways.reverse()
        answers = (way() for way in ways)
        found = next((answer for answer in answers if answer is not None), None)
        if found is None:
            raise UnknownError(too_large(self._op.name))
        if np.isnan(found).any():
            other = next(answers, None)
            if other is not None:
                found = np.where(np.isnan(found) & ~np.isnan(other), other, found)
        return found

    def _by_rows(self) -> Array | None:
        def ask(rows: IntArray) -> Array:
            v = np.zeros(self._m)
            v[rows] = 1
            return np.asarray(self._op.vjp(v.reshape(self._op.shape))[self._argument]).ravel()

        return self._collected(self._rows, self._j, self._i, ask)

    def _by_columns(self) -> Array | None:
        def ask(columns: IntArray) -> Array:
            t = np.zeros(self._n)
            t[columns] = 1
            own = self._op.shapes[self._argument]
            return np.asarray(self._op.jvp(self._argument, t.reshape(own))).ravel()

        try:
            return self._collected(self._columns, self._i, self._j, ask)
        except UnknownError:  # it has no JVP
            return None

    def _collected(
        self, groups: IntArray, of: IntArray, other: IntArray, ask: Callable[[IntArray], Array]
    ) -> Array | None:
        """Entries by the groups of the rows, or columns, that they lie in; None for too many."""
        count = int(groups.max()) + 1
        if count > _MOST_ASKS:
            return None
        found = np.zeros(of.size)
        order = np.argsort(groups[of], kind="stable")
        ends = np.searchsorted(groups[of][order], np.arange(count + 1))
        members = np.argsort(groups, kind="stable")
        stops = np.searchsorted(groups[members], np.arange(count + 1))
        for k in range(count):
            chosen = order[ends[k] : ends[k + 1]]
            if chosen.size:
                found[chosen] = ask(members[stops[k] : stops[k + 1]])[other[chosen]]
        return found


def _groups(pattern: Sparsity) -> tuple[IntArray, IntArray]:
    """For each row, and each column, a number: those of one number share no column, or no row."""
    m, n = pattern.shape
    if isinstance(pattern, Tied):
        return (
            _free_number(pattern.out_shape, [o for o, _ in pattern.ties]),
            _free_number(pattern.in_shape, [i for _, i in pattern.ties]),
        )
    if isinstance(pattern, Gathered):
        read = pattern.source[pattern.source >= 0]
        is_once = read.size == np.unique(read).size
        return (np.zeros(m, np.intp) if is_once else np.arange(m)), np.zeros(n, np.intp)
    return np.arange(m), np.arange(n)


def _free_number(shape: Shape, tied: Sequence[int]) -> IntArray:
    """Which combination of coordinates along the free axes each flat position has."""
    free = [axis for axis in range(len(shape)) if axis not in tied]
    found = np.zeros(shape, dtype=np.intp)
    for axis in free:
        along = np.arange(shape[axis]).reshape([-1 if a == axis else 1 for a in range(len(shape))])
        found = found * shape[axis] + along
    return np.asarray(found.ravel())


class SavedOp:
    """An op as a file keeps it: it answers from the entries of its Jacobians.

    Attributes:
        name: what it is called.
        computed_by: who computed it.
        shape: of its value.
        shapes: of its operands.
        jacobians: what is kept, by operand.
    """

    def __init__(
        self,
        name: str,
        computed_by: str,
        shape: Shape,
        shapes: tuple[Shape, ...],
        jacobians: tuple[SavedJacobian, ...],
    ) -> None:
        self.name = name
        self.computed_by = computed_by
        self.shape = shape
        self.shapes = shapes
        self.jacobians = jacobians
        self._places: dict[int, tuple[IntArray, IntArray]] = {}

    def vjp(self, v: Array) -> Sequence[Array]:
        """``vᵀJ`` for every operand, each computed when it is looked at."""
        return _Pulled(self, np.asarray(v, np.float64).ravel())

    def jvp(self, argument: int, t: Array) -> Array:
        """``J·t`` out of the entries."""
        entries = self.known(argument)
        j, i = self.places(argument)
        pushed = np.bincount(j, np.asarray(t).ravel()[i] * entries, prod(self.shape))
        return np.asarray(pushed.reshape(self.shape))

    def pulled(self, argument: int, v: Array) -> Array:
        """``vᵀJ`` out of the entries."""
        entries = self.known(argument)
        j, i = self.places(argument)
        own = self.shapes[argument]
        return np.asarray(np.bincount(i, v[j] * entries, prod(own)).reshape(own))

    def known(self, argument: int) -> Array:
        """The entries.

        Raises:
            UnknownError: they are not kept; the message says why.
        """
        kept = self.jacobians[argument]
        if kept.entries is None:
            raise UnknownError(kept.reason or too_large(self.name))
        return kept.entries

    def places(self, argument: int) -> tuple[IntArray, IntArray]:
        """Rows and columns of the entries."""
        if argument not in self._places:
            own = self.shapes[argument]
            full = whole(self.jacobians[argument].pattern, self.shape, own)
            self._places[argument] = pattern_entries(full, range(prod(own)))
        return self._places[argument]

    def refusal(self, rows: IntArray) -> str:
        """What cannot be had is said where it is asked for."""
        del rows
        return ""

    def nonzeros(self, argument: int) -> int | None:
        """Of the pattern, where there is one."""
        pattern = self.jacobians[argument].pattern
        return None if pattern is None else pattern.nonzeros

    def pattern(self, argument: int) -> Sparsity | None:
        """The one that was known."""
        return self.jacobians[argument].pattern


class _Pulled(Sequence["Array"]):
    """``vᵀJ`` by operand: what is not kept of one operand does not keep others from being had."""

    def __init__(self, op: SavedOp, v: Array) -> None:
        self._op, self._v = op, v

    def __len__(self) -> int:
        return len(self._op.shapes)

    @overload
    def __getitem__(self, at: int) -> Array: ...

    @overload
    def __getitem__(self, at: slice) -> list[Array]: ...

    def __getitem__(self, at: int | slice) -> Array | list[Array]:
        if isinstance(at, slice):
            return [self[k] for k in range(*at.indices(len(self)))]
        return self._op.pulled(at, self._v)


class SavedLines(Lines):
    """Entries looked up, where `Lines` asks an op that computes."""

    def __init__(self, op: SavedOp) -> None:
        super().__init__(op)
        self._saved = op
        self._tables = tuple(_Table(op, a) for a in range(len(op.shapes)))

    def entries(self, argument: int, j: IntArray, i: IntArray) -> Array:
        """Partials at flat positions of one shape."""
        return self._tables[argument].entries(j, i)


class _Table:
    def __init__(self, op: SavedOp, argument: int) -> None:
        self._op, self._argument = op, argument

    @cached_property
    def _keys(self) -> IntArray:
        """One number for each entry, ascending as the entries are walked."""
        j, i = self._op.places(self._argument)
        return i * prod(self._op.shape) + j

    def entries(self, j: IntArray, i: IntArray) -> Array:
        known = self._op.known(self._argument)
        wanted = i * prod(self._op.shape) + j
        at = np.searchsorted(self._keys, wanted)
        at = np.minimum(at, max(known.size - 1, 0))
        if not known.size:
            return np.zeros(j.shape)
        return np.asarray(np.where(self._keys[at] == wanted, known[at], 0.0))
