"""The lines of the board: see `board`."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.dataclass import dataclass, replace
from tui_backprop.debug.stops import nearest_write
from tui_backprop.lazy import cached_property
from tui_backprop.render.matrix.cells import marks, role_of_entry
from tui_backprop.render.matrix.labels import edge_title
from tui_backprop.render.panes.node_state import is_other_entry
from tui_backprop.render.text.numbers import (
    aligned,
    distinct,
    factor,
    number,
    number_within,
    numerals_in,
)
from tui_backprop.render.text.spans import Span, clip_start, line_width, merge, pad, width
from tui_backprop.timeline.landmarks import step_of_partial

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.graph.model import Edge
    from tui_backprop.render.matrix.labels import Labels
    from tui_backprop.render.text.charset import Charset
    from tui_backprop.render.text.spans import Line, SpanRole
    from tui_backprop.render.view import View
    from tui_backprop.rules.types import Array, IntArray
    from tui_backprop.timeline.frame import Adjoint

_TIMES: Final = 3
"""Cells of the sign between v and J, with its blanks."""
_LEAST_V: Final = 5
"""Cells of an entry of v, however narrow those of J are."""
_MOST_NAME: Final = 16
"""Cells of what v is for which a narrow v makes room."""


@dataclass(frozen=True, eq=False)
class Board:
    """One edge, with all that is written about it.

    Attributes:
        view: the state.
        edge: whose J it is.
        labels: of the rows and columns of J.
        block: the numbers of J.
        known: which of them the walk has visited.
        cells: of an entry.
        adjoint: of the parent.
        before: what had arrived there before this edge; None for nothing.
    """

    view: View
    edge: Edge
    labels: Labels
    block: Array
    known: IntArray
    cells: int
    adjoint: Adjoint
    before: Array | None

    @cached_property
    def rows(self) -> tuple[str, ...]:
        """The names of the rows."""
        return tuple(self.labels.row(j) for j in range(self.block.shape[0]))

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(self.labels.column(i) for i in range(self.block.shape[1]))

    @cached_property
    def v(self) -> tuple[str, ...]:
        """The vector as texts."""
        v, charset = self.view.frame.v, self.view.charset
        if v is None:
            return (charset.unknown,) * len(self.rows)
        room = max(self.cells, _LEAST_V)
        return tuple(number_within(room, x, numerals_in(charset)) for x in v.ravel().tolist())

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The numbers of J as texts, row by row."""
        return aligned(self.block, self.known, numerals_in(self.view.charset), self.cells)

    @cached_property
    def left(self) -> int:
        """Cells before the bracket of J."""
        label = max(map(width, self.rows)) + 1
        name = min(width(self.view.namer.vector_is(self.edge.node)), _MOST_NAME) + 3
        row = max(_row_cells(self.v) + _TIMES, name)
        return max(row + label, *(width(head) + 1 for head in self._heads))

    @property
    def is_exact(self) -> bool:
        """Whether every number on it has room for all its digits."""
        numerals = numerals_in(self.view.charset)
        sums = np.array([x for x in self._column_sums() if x is not None])
        others = (self.before, self.adjoint.before, self.adjoint.after)
        arrays = [self.block, self._vector(), sums, *(x for x in others if x is not None)]
        values = distinct(np.concatenate([array.ravel() for array in arrays]))
        return all(width(number(float(x), numerals)) <= self.cells for x in values)

    @property
    def width(self) -> int:
        """Of the whole."""
        return self.left + 2 + len(self.columns) * (self.cells + 2)

    def moved(self, view: View, known: IntArray, adjoint: Adjoint) -> Board:
        """The board at another step of its edge, where neither v nor a whole sum is another."""
        other = replace(self, view=view, known=known, adjoint=adjoint)
        vars(other).update({name: getattr(self, name) for name in _LASTING})
        return other

    @cached_property
    def title(self) -> str:
        """What is multiplied, and what J is; the shorter ways to say it on further lines."""
        ways = edge_title(self.view, self.edge).split("\n")
        return "\n".join(f"{self._product}    {way}" for way in ways)

    def lines(self, margin: int) -> list[Line]:
        """From the names of the columns down to the gradient.

        Args:
            margin: cells that are free behind the board; products may go on there.
        """
        m = len(self.rows)
        return [
            self._header(),
            *(self._row(j, m) for j in range(m)),
            self._products(margin),
            *self._sums(),
        ]

    @cached_property
    def _heads(self) -> tuple[str, ...]:
        """What was there before and what vᵀJ adds, if anything was there; then the gradient."""
        gradient = f"{self.view.namer.adjoint(self.edge.parent)} ="
        if self.before is None:
            return (gradient,)
        return self.view.spoken.say("there before"), f"+ {self._product} =", gradient

    def _sums(self) -> list[Line]:
        """The lines below the products, one for each of the heads."""
        whole = [self.adjoint.entry(i) for i in range(len(self.columns))]
        if self.before is None:
            rows = [whole]
        else:
            rows = [[float(x) for x in self.before.ravel()], self._column_sums(), whole]
        return [
            self._sum(head, self._texts(row)) for head, row in zip(self._heads, rows, strict=True)
        ]

    def _texts(self, values: Sequence[float | None]) -> list[str | None]:
        numerals = numerals_in(self.view.charset)
        return [None if x is None else number_within(self.cells, x, numerals) for x in values]

    def _column_sums(self) -> list[float | None]:
        """What this edge alone has given so far."""
        v, n = self._vector()[:, None], len(self.columns)
        with np.errstate(all="ignore"):
            added = np.where(self._reads & self.known, v * self.block, 0.0).sum(axis=0)
        begun = np.asarray(self.known.any(axis=0))
        return [float(added[i]) if begun[i] else None for i in range(n)]

    def _vector(self) -> Array:
        v = self.view.frame.v
        return np.zeros(len(self.rows)) if v is None else v.ravel()

    @cached_property
    def _reads(self) -> IntArray:
        """Which entries of J are not structural zeros."""
        m, n = self.block.shape
        pattern = self.view.frame.timeline.jacobian(self.edge).sparsity
        return np.asarray(pattern.contains(np.arange(m)[:, None], np.arange(n)[None, :]))

    def _header(self) -> Line:
        current = self.view.frame.column
        head = self._v_name() if self._middle == 0 else ""
        spans = [Span(pad(head, self.left + 1), "dim")]
        for i, name in enumerate(self.columns):
            role: SpanRole = "title" if i == current else "dim"
            shown = clip_start(name, self.cells, self.view.charset.ellipsis)
            spans.append(Span(f" {pad(shown, self.cells, 'right')} ", role))
        return merge(tuple(spans))

    def _row(self, j: int, m: int) -> Line:
        """``[1 2 3] × y₂ ⎢ 0 ▐2▌ · ⎥``; v stands before the row in the middle."""
        is_current = j == self.view.frame.row
        name = self.rows[j]
        v = self._v_row() if j == self._middle else ()
        if j == self._middle - 1:
            v = (Span(self._v_name(), "dim"),)
        gap = self.left - line_width(v) - width(name) - 1
        opening, closing = _brackets(j, m, self.view.charset)
        spans = [
            *v,
            Span(" " * gap),
            Span(f"{name} ", "title" if is_current else "dim"),
            Span(opening, "dim"),
        ]
        for i in range(len(self.columns)):
            spans += self._cell(j, i)
        return merge((*spans, Span(closing, "dim")))

    @property
    def _middle(self) -> int:
        """The row before which v stands."""
        return (len(self.rows) - 1) // 2

    @property
    def _product(self) -> str:
        """``vᵀJ``, or what stands for both where the program has a ``v`` or a ``J`` of its own."""
        namer, charset = self.view.namer, self.view.charset
        sign = "^T" if charset.is_ascii else "ᵀ"
        v = f"{namer.vector(self.edge.node)}{sign}"
        if namer.binds("J"):
            return f"{v}{charset.dot}{namer.quotient(self.edge.node, self.edge.parent)}"
        return f"{v}J"

    def _v_name(self) -> str:
        """Over the bracket of v: what it is, as far as there is room before the names of rows."""
        room = self.left - max(map(width, self.rows)) - 2
        whole = f"  {self.view.namer.vector_is(self.edge.node)}"
        return whole if width(whole) <= room else f"  {self.view.namer.vector(self.edge.node)}"

    def _v_row(self) -> Line:
        row, charset = self.view.frame.row, self.view.charset
        # "·" is what is not computed yet.
        times = charset.dot if charset.is_ascii else charset.times
        spans = [Span("[ ", "dim")]
        for j, text in enumerate(self.v):
            spans += [Span(text, "current" if j == row else ""), Span(" ")]
        return (*spans, Span("]", "dim"), Span(f" {times} ", "dim"))

    def _cell(self, j: int, i: int) -> list[Span]:
        frame = self.view.frame
        text = pad(self.texts[j * len(self.columns) + i], self.cells, "right")
        if (j, i) == (frame.row, frame.column):
            left, right = marks(self.view.charset)
            return [Span(left + text + right, "current")]
        return [Span(f" {text} ", self._role(j, i))]

    def _role(self, j: int, i: int) -> SpanRole:
        """The column at hand is lit down to the sum; elsewhere zeros stand back."""
        role = role_of_entry(float(self.block[j, i]), is_known=bool(self.known[j, i]))
        is_plain = role in {"", "dim"}
        return "title" if is_plain and i == self.view.frame.column else role

    def _products(self, margin: int) -> Line:
        """``↓ 1·0 + 2·2 + …`` under the column at hand, on whichever side there is room."""
        frame, charset = self.view.frame, self.view.charset
        if frame.edge is None:
            return ()
        at = self._under(frame.column)
        arrow = "|" if charset.is_ascii else "↓"
        terms, right = self._terms(frame.row), self.width + margin - at - 2
        # By the whole sum, so that it stays on its side while it grows.
        whole = line_width(_joined(self._terms(len(self.rows) - 1), 10_000, charset))
        if whole <= right or right >= at - 1:
            shown = _joined(terms, right, charset)
            return merge((Span(" " * at), Span(f"{arrow} ", "changed"), *shown))
        shown = _joined(terms, at - 1, charset)
        gap = Span(" " * (at - line_width(shown) - 1))
        return merge((gap, *shown, Span(f" {arrow}", "changed")))

    @cached_property
    def _units(self) -> int:
        """The cell of an entry in which the numbers have their last digit before the point."""
        unknown = self.view.charset.unknown  # in ASCII a dot, and no point
        numbers = [text for text in self.texts if text.strip() != unknown]
        points = [text.index(c) for text in numbers for c in ".…" if c in text]
        last = min(points, default=max(len(text.rstrip()) for text in self.texts)) - 1
        return self.cells - width(self.texts[0]) + last

    def _under(self, i: int) -> int:
        """The cell of a line that is under these digits of a column."""
        return self.left + 2 + i * (self.cells + 2) + self._units

    def _terms(self, last: int) -> list[Span]:
        """The products of the column down to a row, and whether more are to come."""
        frame, charset = self.view.frame, self.view.charset
        numerals = numerals_in(charset)
        v, reads = self._vector(), self._reads[:, frame.column]
        found: list[Span] = []
        waiting = False
        for j in range(len(self.rows)):
            if j > last:
                waiting = waiting or bool(reads[j]) or frame.timeline.zeros
                continue
            if not reads[j] and not frame.timeline.zeros and j != frame.row:
                continue  # the walk does not visit it
            factors = (number(float(x), numerals) for x in (v[j], self.block[j, frame.column]))
            product = charset.dot.join(factor(text, charset.minus) for text in factors)
            found.append(Span(product, "changed" if j == frame.row else ""))
        return [*found, Span(charset.ellipsis, "unknown")] if waiting else found

    def _sum(self, head: str, texts: Sequence[str | None]) -> Line:
        frame, charset = self.view.frame, self.view.charset
        spans = [Span(pad(f"{head} ", self.left, "right"), "title"), Span("[", "dim")]
        for i, text in enumerate(texts):
            place = self._placed(charset.unknown if text is None else text)
            role: SpanRole = "unknown" if text is None else ""
            if i == frame.column:
                role = "changed"
            spans += [Span(f" {place}", role), self._changed(i, head)]
        return merge((*spans, Span("]", "dim")))

    def _changed(self, i: int, head: str) -> Span:
        """The mark behind a gradient that was another before some number was set."""
        is_gradient = head == self._heads[-1]
        if is_gradient and is_other_entry(self.view, self.edge.parent, i):
            return Span(self.view.charset.other, "marker")
        return Span(" ")

    def _placed(self, text: str) -> str:
        """A number under those of its column: point under point where that fits."""
        head = width(re.split(r"[.e…]", text, maxsplit=1)[0])
        lead = max(0, min(self._units + 1 - head, self.cells - width(text)))
        return pad(" " * lead + text, self.cells)

    def step_at(self, x: int, y: int) -> int | None:
        """The step of what stands at a cell of the picture."""
        frame = self.view.frame
        i = (x - self.left - 1) // (self.cells + 2)
        if not 0 <= i < len(self.columns) or frame.edge is None:
            return None
        if 1 <= y <= len(self.rows):
            return step_of_partial(frame, y - 1, i)
        if y >= len(self.rows) + 2:
            return nearest_write(frame.timeline, self.edge.parent, i, frame.k)
        return None


_LASTING: Final = ("rows", "columns", "v", "left", "title", "_heads", "_reads")
"""What a step within an edge does not change."""


def _row_cells(v: Sequence[str]) -> int:
    """Cells of v as a row: its entries, a blank behind each, and the brackets."""
    return 3 + sum(width(text) + 1 for text in v)


def _brackets(j: int, m: int, charset: Charset) -> tuple[str, str]:
    if charset.is_ascii or m == 1:
        return "[", "]"
    if j == 0:
        return "⎡", "⎤"
    return ("⎣", "⎦") if j == m - 1 else ("⎢", "⎥")


def _joined(terms: Sequence[Span], room: int, charset: Charset) -> Line:
    """The terms with plus signs, the latest where not all fit; nothing where none does."""
    for first in range(len(terms)):
        shown = [Span(charset.ellipsis, "dim"), *terms[first:]] if first else list(terms)
        plus = [span for a, _ in pairwise(shown) for span in (a, Span(" + ", "dim"))]
        line = (*plus, *shown[-1:])
        if line_width(line) <= room:
            return line
    return ()
