"""An op that no row states: somebody else computes it, and is asked for its derivatives.

It stands in a graph as a row does. Rows of its Jacobian are VJPs of unit vectors, columns JVPs.
"""

from __future__ import annotations

from math import prod
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np

from tui_backprop.errors import UnknownError
from tui_backprop.language.message import said
from tui_backprop.rules.sparsity import Gathered, Tied

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tui_backprop.rules.sparsity import Sparsity
    from tui_backprop.rules.types import Array, Index, IntArray, Params, Shape

_MOST_ROWS: Final = 256
"""Rows of a Jacobian that are asked for one by one where its columns cannot be had."""
_FEW: Final = 4
"""Entries that are asked for by their rows or columns, whatever the pattern is."""
_ROOM: Final = 1 << 22
"""Entries of rows and columns that one op keeps, 32 MiB in double precision."""


class ForeignOp(Protocol):
    """One application of an op that somebody else computes."""

    @property
    def name(self) -> str:
        """What its framework calls it."""

    @property
    def computed_by(self) -> str:
        """Who computes it, such as ``PyTorch``."""

    @property
    def shape(self) -> Shape:
        """Of its value."""

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """Of the operands that a gradient flows to, in order."""

    def vjp(self, v: Array, /) -> Sequence[Array]:
        """``vᵀJ`` for every operand, each in the operand's shape; zeros where nothing arrives.

        Raises:
            UnknownError: it cannot be asked any more; the message says why.
        """

    def jvp(self, argument: int, t: Array, /) -> Array:
        """``J·t`` for a tangent of one operand, in the shape of the value.

        Raises:
            UnknownError: it has none.
        """

    def refusal(self, rows: IntArray, /) -> str:
        """Why entries of J in these rows cannot be had; empty where they can be asked for."""

    def nonzeros(self, argument: int, /) -> int | None:
        """How many entries the pattern has, where that is known without making it."""

    def pattern(self, argument: int, /) -> Sparsity | None:
        """Which entries of J can be different from 0; None where that is not known."""


class ForeignDerivative:
    """The derivative of such an op with respect to one operand.

    Attributes:
        op: the application.
        argument: which operand.
        whole: how ``vᵀJ`` is computed: as the op says, which no sum of terms has to repeat.
        is_picked: whether numbers decide the pattern: the op states one, or none is known.
    """

    is_picked = False
    masked = False
    linear = False

    def __init__(self, op: ForeignOp, argument: int, lines: Lines) -> None:
        self.op = op
        self.argument = argument
        self.whole = f"{op.computed_by}'s own backward of {op.name}"
        self._lines = lines

    def vjp(self, v: Array, y: Array, operands: tuple[Any, ...], params: Params) -> Array:
        """``vᵀJ`` as the op computes it."""
        del y, operands, params
        return self.op.vjp(v)[self.argument]

    def bound(self, params: Params, at: tuple[int, ...]) -> Callable[[Any, Sequence[Any]], Any]:
        """`vjp`: nothing is known beforehand, and no value is read."""
        del params, at
        return lambda v, _values: self.op.vjp(np.asarray(v))[self.argument]

    def jvp(self, t: Array, y: Array, operands: tuple[Any, ...], params: Params) -> Array:
        """``J·t`` as the op computes it."""
        del y, operands, params
        return self.op.jvp(self.argument, t)

    def contribution(self, v: Any, partial: Any) -> Array:
        """The product; 0 · inf is NaN."""
        return np.asarray(np.multiply(v, partial))

    def sparsity(self, out: Shape, shapes: tuple[Shape, ...], params: Params) -> Sparsity:
        """The pattern that the op states; where it states none, any entry may be non-zero."""
        del params
        stated = self.op.pattern(self.argument)
        return Tied(out, shapes[self.argument], ()) if stated is None else stated

    @property
    def has_pattern(self) -> bool:
        """Whether the op states a pattern."""
        return self.op.pattern(self.argument) is not None

    def nonzeros(self, out: Shape, shapes: tuple[Shape, ...], params: Params) -> int:
        """How many entries the pattern has."""
        del params
        known = self.op.nonzeros(self.argument)
        if known is not None:
            return known
        stated = self.op.pattern(self.argument)
        return prod(out) * prod(shapes[self.argument]) if stated is None else stated.nonzeros

    def picked(self, out: Shape, operands: tuple[Any, ...], params: Params) -> Sparsity:
        """The pattern, whatever the numbers are."""
        return self.sparsity(out, tuple(np.shape(x) for x in operands), params)

    def entries(
        self, m: Any, j: Index, i: Index, y: Any, operands: tuple[Any, ...], params: Params
    ) -> Any:
        """Partials out of as few rows, or columns, of J as they lie in.

        Raises:
            UnknownError: symbols are asked for, or the op cannot be asked.
        """
        del y, operands, params
        if m is not np:
            raise UnknownError(no_formula(self.op))
        rows = _flat(j, self.op.shape)
        if refusal := self.op.refusal(rows):
            raise UnknownError(refusal)
        columns = _flat(i, self.op.shapes[self.argument])
        rows, columns = np.broadcast_arrays(rows, columns)
        found = self._alone(rows, columns) if rows.size > _FEW else None
        return self._lines.entries(self.argument, rows, columns) if found is None else found

    def _alone(self, rows: IntArray, columns: IntArray) -> Array | None:
        """Partials of a J whose rows, or columns, have one entry each: all of it at once."""
        stated = self.op.pattern(self.argument)
        if not isinstance(stated, Tied | Gathered):
            return None
        m, n = stated.shape
        by_row = isinstance(stated, Gathered) or stated.nonzeros != n
        if by_row and isinstance(stated, Tied) and stated.nonzeros != m:
            return None
        found = self._lines.alone(self.argument, by_row=by_row)
        if found is None:
            return None
        return np.where(stated.contains(rows, columns), found[rows if by_row else columns], 0.0)


def no_formula(op: ForeignOp) -> str:
    """That an op has no formula, in a sentence without a stop."""
    return said("no formula is known for {op}: {who} computes it", op=op.name, who=op.computed_by)


def _flat(at: Index, shape: Shape) -> IntArray:
    """Flat positions of coordinates that broadcast."""
    return np.asarray(np.ravel_multi_index(np.broadcast_arrays(*at), shape) if at else 0)


def _distinct(at: IntArray) -> IntArray:
    """The different positions in order, of one line or one pattern without sorting them."""
    flat = at.reshape(-1)
    if flat.size and bool((flat == flat[0]).all()):
        return flat[:1]
    return flat if bool((flat[1:] > flat[:-1]).all()) else np.unique(flat)


class Lines:
    """Rows and columns of the Jacobians of one op, kept as long as there is room for them."""

    def __init__(self, op: ForeignOp) -> None:
        self._op = op
        self._rows: dict[int, Sequence[Array]] = {}
        self._columns: dict[tuple[int, int], Array] = {}
        self._alone: dict[tuple[int, bool], Array | None] = {}
        self._held = 0
        self._lock = Lock()
        """Whoever computes the op may not be asked by two threads at once."""

    def entries(self, argument: int, j: IntArray, i: IntArray) -> Array:
        """Partials at flat positions of one shape."""
        with self._lock:
            rows, columns = _distinct(j), _distinct(i)
            if len(columns) < len(rows):
                found = self._of_columns(argument, j, i, columns)
                if found is not None:
                    return self._agreed(found, lambda at: self._row_at(argument, j, i, at))
                if len(rows) > _MOST_ROWS:
                    raise UnknownError(self._no_columns(len(rows)))
            found = np.empty(j.shape)
            for row in rows.tolist():
                chosen = j == row
                found[chosen] = self._row(row)[argument].ravel()[i[chosen]]
            return self._agreed(found, lambda at: self._column_at(argument, j, i, at))

    def alone(self, argument: int, *, by_row: bool) -> Array | None:
        """The entry of each row, or of each column, of a J that has one there; None without JVP."""
        with self._lock:
            key = argument, by_row
            if key not in self._alone:
                self._alone[key] = self._sums(argument, by_row=by_row)
            return self._alone[key]

    def _sums(self, argument: int, *, by_row: bool) -> Array | None:
        op = self._op
        try:
            if by_row:
                return op.jvp(argument, np.ones(op.shapes[argument])).ravel()
            return op.vjp(np.ones(op.shape))[argument].ravel()
        except UnknownError:
            return None

    def _of_columns(
        self, argument: int, j: IntArray, i: IntArray, columns: IntArray
    ) -> Array | None:
        found = np.empty(j.shape)
        for column in columns.tolist():
            made = self._column(argument, column)
            if made is None:
                return None
            chosen = i == column
            found[chosen] = made.ravel()[j[chosen]]
        return found

    def _agreed(self, found: Array, other: Callable[[int], float]) -> Array:
        """NaN only where rows and columns say so.

        A unit vector is 0 elsewhere, and 0 · inf inside an op makes NaN of entries that are 0. It
        does so along rows in a VJP and along columns in a JVP, and in both only where J is NaN.
        """
        doubtful = np.flatnonzero(np.isnan(found))
        if len(doubtful) <= _MOST_ROWS:
            flat = found.reshape(-1)
            for at in doubtful.tolist():
                flat[at] = other(at)
        return found

    def _row_at(self, argument: int, j: IntArray, i: IntArray, at: int) -> float:
        return float(self._row(int(j.flat[at]))[argument].flat[int(i.flat[at])])

    def _column_at(self, argument: int, j: IntArray, i: IntArray, at: int) -> float:
        made = self._column(argument, int(i.flat[at]))
        return float("nan") if made is None else float(made.flat[int(j.flat[at])])

    def _row(self, j: int) -> Sequence[Array]:
        """∂y_j by every operand."""
        found = self._rows.get(j)
        if found is None:
            unit = np.zeros(self._op.shape)
            unit.flat[j] = 1
            found = self._op.vjp(unit)
            self._make_room(sum(x.size for x in found))
            self._rows[j] = found
        return found

    def _column(self, argument: int, i: int) -> Array | None:
        """∂y by entry ``i`` of an operand; None where the op has no JVP."""
        found = self._columns.get((argument, i))
        if found is None:
            unit = np.zeros(self._op.shapes[argument])
            unit.flat[i] = 1
            try:
                found = self._op.jvp(argument, unit)
            except UnknownError:
                return None
            self._make_room(found.size)
            self._columns[argument, i] = found
        return found

    def _make_room(self, size: int) -> None:
        self._held += size
        if self._held > _ROOM:
            self._rows.clear()
            self._columns.clear()
            self._held = size

    def _no_columns(self, rows: int) -> str:
        op = self._op
        return said(
            "a column of J is not shown: {who} has no derivative of the backward of {op}, and "
            "{rows} rows are too many to ask for one by one (at most {most}); rows of J can be "
            "shown",
            who=op.computed_by,
            op=op.name,
            rows=f"{rows:,}",
            most=_MOST_ROWS,
        )
