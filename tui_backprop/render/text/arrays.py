"""A whole array on one line, and which entries of a long axis are worth showing.

Entries are read only where they are shown: an array of 10⁷ entries costs what its visible ones
cost.
"""

from __future__ import annotations

from math import prod
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.render.text.charset import UNICODE
from tui_backprop.render.text.numbers import (
    DEFAULT,
    FEWEST,
    Numerals,
    number_within,
    role_of,
    shortened,
)
from tui_backprop.render.text.spans import Line, Span, clip, cut, merge, width

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.render.text.charset import Charset
    from tui_backprop.render.text.spans import SpanRole
    from tui_backprop.rules.types import Array, IntArray, Shape


class Entries(Protocol):
    """Anything that knows its entries by flat position: an array, an adjoint in progress."""

    @property
    def shape(self) -> Shape:
        """The shape of the array."""

    def at(self, flat: IntArray) -> Array:
        """The entries at flat positions; any number where unknown."""

    def known(self, flat: IntArray) -> Array:
        """Whether each entry is computed yet, boolean."""


@dataclass(frozen=True, slots=True, eq=False)
class Values:
    """An array as `Entries`.

    Attributes:
        array: the entries.
        mask: where False, unknown; None where all are known.
    """

    array: Array
    mask: Array | None = None

    @property
    def shape(self) -> Shape:
        """The array's shape."""
        return self.array.shape

    def at(self, flat: IntArray) -> Array:
        """Read through the array's own iterator, which copies nothing else."""
        return np.asarray(self.array.flat[flat])

    def known(self, flat: IntArray) -> Array:
        """Whether each entry is known, by the mask."""
        if self.mask is None:
            return np.ones(len(flat), dtype=bool)
        return np.asarray(self.mask.flat[flat])


@dataclass(frozen=True, slots=True)
class Unsaved:
    """An array of which nobody kept the numbers, as `Entries`.

    Attributes:
        shape: its shape.
        words: that it was not saved, as a person reads it.
    """

    shape: Shape
    words: str

    def at(self, flat: IntArray) -> Array:
        """Any numbers."""
        return np.zeros(len(flat))

    def known(self, flat: IntArray) -> Array:
        """None of them."""
        return np.zeros(len(flat), dtype=bool)


def value_of(evaluation: Evaluation, node: int, words: str) -> Values | Unsaved:
    """The value of a node, as far as somebody kept it.

    Args:
        evaluation: of the node.
        node: its id.
        words: what is said where nobody did.
    """
    if evaluation.is_known(node):
        return Values(evaluation.value(node))
    return Unsaved(evaluation.graph.nodes[node].shape, words)


Index: TypeAlias = "int | None"
"""A visible index, or None for a gap."""

NO_MARKS: Final[Mapping[int, SpanRole]] = MappingProxyType({})


def window(n: int, focus: int, room: int) -> tuple[Index, ...]:
    """Which of ``n`` indices to show in ``room`` places around ``focus``; None marks a gap.

    All of them where they fit. Otherwise ``focus`` with its neighbours, and the first and the
    last where there is room for them too. A gap takes one place; with five places or more it
    hides two indices at least.

    Args:
        n: how many there are.
        focus: the index that must be seen.
        room: how many places there are; at least 1.
    """
    if n <= room:
        return tuple(range(n))
    if room < 3:
        gap = (None,) * (room - 1)
        return (focus, *gap) if focus < n - 1 else (*gap, focus)
    if focus < room - 2:
        return (*range(room - 2), None, n - 1)
    if focus >= n - (room - 2):
        return (0, None, *range(n - (room - 2), n))
    inner = room - 4 if room >= 5 else room - 2
    start = focus - inner // 2
    block = (None, *range(start, start + inner), None)
    return (0, *block, n - 1) if room >= 5 else block


def summary(
    entries: Entries,
    cells: int,
    *,
    numerals: Numerals = DEFAULT,
    role: SpanRole = "",
    marks: Mapping[int, SpanRole] = NO_MARKS,
    with_shape: bool = True,
) -> Line:
    """An array on one line: ``[1 2 3]``, ``[[1 2] [3 4]]``, ``[[1 …] … [3 4]] (9×2)``.

    Where it does not fit, digits go first, down to two, then entries away from the first mark.
    Whatever is left out, a matrix has the brackets of one, and a row those of its ends that are in
    sight. Where not even two entries fit, only the shape is left.

    Args:
        entries: what to write; only visible entries are read.
        cells: the result is at most this wide.
        numerals: how numbers are written.
        role: of the whole, where no number has its own.
        marks: flat position → role, of entries to point at; each is preceded by the pointer
            glyph, since colour alone would not do.
        with_shape: whether the shape follows an array with gaps, where there is room; not needed
            where a column beside it says so.
    """
    if isinstance(entries, Unsaved):
        return (Span(clip(entries.words, cells, numerals.charset.ellipsis), "unknown"),)
    writer = _Writer(entries, numerals, role, marks)
    if not entries.shape:
        return (writer.scalar(cells),)
    n = prod(entries.shape)
    if 2 * n - 1 <= cells:
        between = writer.between(range(n))
        for digits in range(numerals.digits, FEWEST - 1, -1):
            if between + writer.entries(range(n), digits) <= cells:
                return writer.write(range(n), digits)
    size = shape_text(entries.shape, numerals.charset)
    gapped = _gapped(writer, n, cells - 1 - len(size)) if with_shape else ()
    if gapped:
        return (*gapped, Span(f" {size}", "dim"))
    size_alone = (Span(clip(size, cells, numerals.charset.ellipsis), "dim"),)
    return _gapped(writer, n, cells) or size_alone


def shape_text(shape: Shape, charset: Charset = UNICODE) -> str:
    """``(3,)``, ``(2×3)``, which no number looks like; empty for a scalar."""
    if len(shape) < 2:
        return f"({shape[0]},)" if shape else ""
    return f"({charset.times.join(map(str, shape))})"


def _gapped(writer: _Writer, n: int, cells: int) -> Line:
    """As many entries as fit; nothing where two places do not, which could not show the gap."""
    focus = next(iter(writer.marks), 0)
    for digits in range(FEWEST + 1, FEWEST - 1, -1):
        room = min(n - 1, cells // 2)
        while room >= 2:
            visible = window(n, focus, room)
            excess = writer.between(visible) + writer.entries(visible, digits) - cells
            if excess <= 0:
                return writer.write(visible, digits)
            # Less than in proportion: the answer is approached from above, in a few rounds.
            room -= max(1, room * excess * 3 // (4 * (cells + excess)))
    return ()


class _Writer:
    """Writes chosen entries of one array between its brackets; reads each entry once."""

    def __init__(
        self, entries: Entries, numerals: Numerals, role: SpanRole, marks: Mapping[int, SpanRole]
    ) -> None:
        self.numerals = numerals
        self.marks = marks
        self._entries = entries
        self._role: SpanRole = role
        self._read: dict[int, tuple[float | np.floating, bool]] = {}
        self._written: dict[tuple[int, int], Span] = {}
        shape = entries.shape
        self._blocks = tuple(prod(shape[axis:]) for axis in range(1, len(shape)))

    def between(self, visible: Sequence[Index]) -> int:
        """Cells of everything between the entries and around them, with however many digits."""
        gaps = sum(k is None for k in visible) * width(self._gap().text)
        inside = sum(len(self._between(visible, place)) for place in range(1, len(visible)))
        return 2 * (1 + len(self._blocks)) + inside + gaps

    def entries(self, visible: Sequence[Index], digits: int) -> int:
        """Cells of the entries alone."""
        shown = [k for k in visible if k is not None]
        self._fetch(shown)
        return sum(width(self._entry(k, digits).text) for k in shown)

    def write(self, visible: Sequence[Index], digits: int) -> Line:
        """The entries in order, with an ellipsis for each gap."""
        self._fetch([k for k in visible if k is not None])
        outer = 1 + len(self._blocks)
        spans = [Span("[" * outer, self._role)]
        for place, k in enumerate(visible):
            if place:
                spans.append(Span(self._between(visible, place), self._role))
            spans.append(self._gap() if k is None else self._entry(k, digits))
        return merge((*spans, Span("]" * outer, self._role)))

    def _between(self, visible: Sequence[Index], place: int) -> str:
        """The brackets in front of an entry or a gap: rows that end before it, and that begin.

        Rows that are cut by a gap keep their bracket on its side: ``[[1 …] [4 …]]``.
        """
        here, before = visible[place], visible[place - 1]
        if here is not None and before is not None:
            ends = self._ends(here)
            return "]" * ends + " " + "[" * ends
        if before is not None:
            ends = self._ends(before + 1)
            after = visible[place + 1] if place + 1 < len(visible) else None
            begun = 0 if after is None else self._ends(after)
            return "]" * ends + " " + "[" * max(ends - begun, 0)
        if here is None:
            return " "
        begun = self._ends(here)
        earlier = visible[place - 2] if place > 1 else None
        ends = 0 if earlier is None else self._ends(earlier + 1)
        return "]" * max(begun - ends, 0) + " " + "[" * begun

    def _ends(self, k: int) -> int:
        """How many rows end in front of an entry."""
        return sum(k % block == 0 for block in self._blocks)

    def scalar(self, cells: int) -> Span:
        """The one entry of a scalar, with as many digits as fit."""
        self._fetch([0])
        value, is_known = self._read[0]
        if not is_known:
            return Span(cut(self.numerals.charset.unknown, cells), "unknown")
        return Span(number_within(cells, value, self.numerals), role_of(value) or self._role)

    def _fetch(self, wanted: Sequence[int]) -> None:
        missing = [k for k in wanted if k not in self._read]
        if not missing:
            return
        flat = np.asarray(missing, dtype=np.intp)
        values = self._entries.at(flat)
        # A float32 would lose its short decimal in tolist().
        numbers = list(values) if values.dtype == np.float32 else values.tolist()
        known = self._entries.known(flat).tolist()
        self._read.update(zip(missing, zip(numbers, known, strict=True), strict=True))

    def _entry(self, k: int, digits: int) -> Span:
        """One entry in its role, behind the pointer where it is marked."""
        found = self._written.get((k, digits))
        if found is None:
            found = self._written[k, digits] = self._new_entry(k, digits)
        return found

    def _new_entry(self, k: int, digits: int) -> Span:
        value, is_known = self._read[k]
        charset = self.numerals.charset
        text = shortened(value, self.numerals, digits) if is_known else charset.unknown
        if k in self.marks:
            return Span(charset.pointer + text, self.marks[k])
        return Span(text, role_of(value, is_known=is_known) or self._role)

    def _gap(self) -> Span:
        return Span(self.numerals.charset.ellipsis, "dim")
