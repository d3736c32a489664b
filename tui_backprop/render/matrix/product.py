"""J as the product of the local Jacobians along a path: the matrices side by side, and their cost.

::

    ∂loss/∂h · ∂h/∂z · ∂z/∂x  =  ∂loss/∂x
      1×2       2×2     2×3        1×3
               ⎡ 1 0 ⎤ ⎡ 1 2 3 ⎤
     [ 1 2 ] · ⎣ 0 2 ⎦·⎣ 4 5 6 ⎦ = [ 17 22 27 ]
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from tui_backprop.dataclass import dataclass
from tui_backprop.debug.chain_rule import product_sentences
from tui_backprop.errors import UnknownError
from tui_backprop.graph.path_product import product_through, shapes_of
from tui_backprop.render.text.arrays import shape_text
from tui_backprop.render.text.charset import spelled
from tui_backprop.render.text.numbers import aligned, numerals_in
from tui_backprop.render.text.spans import Span, lines_of, merge, pad, width, wrap
from tui_backprop.render.view import product_ends, sentence_content, sentence_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.model import Edge
    from tui_backprop.graph.path_product import Product
    from tui_backprop.render.text.spans import Content, Line, SpanRole
    from tui_backprop.render.view import View
    from tui_backprop.rules.types import Array


_MOST_ROWS: Final = 12
"""Rows of the highest matrix that is drawn."""
_DIGITS: Final = 7
"""Cells of a number: several matrices share a line."""


@dataclass(frozen=True, slots=True)
class _Block:
    """Something in the row of matrices: lines of one width, the name above and the shape.

    Attributes:
        name: of the matrix; empty for a sign between two.
        shape: how large it is.
        rows: its lines.
    """

    name: str
    shape: str
    rows: tuple[str, ...]

    @property
    def cells(self) -> int:
        """How wide it is."""
        return max(map(width, (self.name, self.shape, *self.rows)), default=0)


def product_content(view: View, cells: int, height: int, edge: Edge) -> Content:
    """The matrices where there is room for all of them, else their names and shapes; the words."""
    trace = view.frame.timeline.trace
    of, wrt = product_ends(view, edge)
    try:
        found = _found(trace, of, wrt, edge)
    except UnknownError as error:
        return sentence_content(view.spoken.retold(str(error)), cells, _title(view, of, wrt))
    told = [
        line
        for sentence in product_sentences(trace, found, is_forward=view.frame.is_forward)
        for line in sentence_lines(_spelled(view, sentence), cells)
    ]
    written = _pictured(view, found, cells, height) or _named(view, found, cells)
    lines = [*written, *told]
    return lines_of(lines, title=_title(view, of, wrt))


def _spelled(view: View, sentence: str) -> str:
    """A sentence of the debugger in the language and the glyphs of the panes."""
    told = view.spoken.retold(sentence).replace("←", view.charset.reads)
    return spelled(told, view.charset)


def _title(view: View, of: int, wrt: int) -> str:
    named, short = view.namer.jacobian(of, wrt), view.namer.quotient(of, wrt)
    which = view.spoken.say("product of local ones")
    return "\n".join(dict.fromkeys((f"{named}  {which}", f"{short}  {which}", named, short)))


@lru_cache(maxsize=8)
def _found(trace: Evaluation, of: int, wrt: int, edge: Edge) -> Product:
    """What was multiplied stays while one walks through an edge."""
    return product_through(trace, of, wrt, edge)


def _pictured(view: View, found: Product, cells: int, height: int) -> list[Line]:
    """The matrices in a row, or in several; none where they do not fit, or are not multiplied."""
    if found.factors is None or max(map(len, found.factors)) > _MOST_ROWS:
        return []
    blocks = list(_blocks(view, found))
    if max(block.cells for block in blocks) > cells:
        return []
    lines = [line for band in _bands(blocks, cells) for line in _band(band)]
    return lines if len(lines) < height else []


def _bands(blocks: Sequence[_Block], cells: int) -> list[list[_Block]]:
    """As many blocks in a row as there is room for; a sign stays before what it joins."""
    bands: list[list[_Block]] = [[]]
    room, waiting = cells, list[_Block]()
    for block in blocks:
        waiting.append(block)
        if not block.name and not block.shape:
            continue
        needed = sum(one.cells + 1 for one in waiting)
        if bands[-1] and needed > room:
            bands.append([])
            room = cells
        bands[-1] += waiting
        room -= needed
        waiting = []
    return bands


def _band(blocks: Sequence[_Block]) -> Iterator[Line]:
    """The lines of one row of blocks: names, shapes, and the matrices in the middle."""
    highest = max(len(block.rows) for block in blocks)
    yield _line([block.name for block in blocks], blocks, "title")
    yield _line([block.shape for block in blocks], blocks, "dim")
    for k in range(highest):
        yield _line([_row(block, k, highest) for block in blocks], blocks, "")


def _blocks(view: View, found: Product) -> Iterator[_Block]:
    namer, charset = view.namer, view.charset
    matrices = found.factors or ()
    for number, (edge, matrix) in enumerate(zip(found.chain, matrices, strict=True)):
        if number:
            yield _Block("", "", (charset.dot,))
        yield _matrix(view, namer.quotient(edge.node, edge.parent), matrix)
    if len(matrices) > 1 and found.product is not None:
        yield _Block("", "", ("=",))
        name = namer.quotient(found.of, found.wrt)
        yield _matrix(view, name if found.whole is None else "", found.product)
    if found.whole is not None:
        yield _Block("", "", (";",))
        added = view.spoken.say("all added")
        yield _matrix(view, f"{added} {namer.quotient(found.of, found.wrt)}", found.whole)


def _matrix(view: View, name: str, matrix: Array) -> _Block:
    """A matrix between brackets."""
    charset = view.charset
    m, n = matrix.shape
    texts = aligned(matrix.ravel(), None, numerals_in(charset), _DIGITS)
    rows = [" ".join(texts[j * n : (j + 1) * n]) for j in range(m)]
    shown = []
    for j, row in enumerate(rows):
        if charset.is_ascii or m == 1:
            left, right = "[", "]"
        else:
            left, right = ("⎡", "⎤") if j == 0 else ("⎣", "⎦") if j == m - 1 else ("⎢", "⎥")
        shown.append(f"{left} {row} {right}")
    return _Block(name, shape_text((m, n), charset), tuple(shown))


def _row(block: _Block, k: int, highest: int) -> str:
    """The k-th line of a block that stands in the middle."""
    top = (highest - len(block.rows)) // 2
    return block.rows[k - top] if top <= k < top + len(block.rows) else ""


def _line(texts: Sequence[str], blocks: Sequence[_Block], role: SpanRole) -> Line:
    parts = [_centred(text, block.cells) for text, block in zip(texts, blocks, strict=True)]
    text = " ".join(parts).rstrip()
    return merge((Span(text, role),))


def _centred(text: str, cells: int) -> str:
    left = max(0, (cells - width(text)) // 2)
    return pad(" " * left + text, cells)


def _named(view: View, found: Product, cells: int) -> list[Line]:
    """The chain by names and shapes, where the matrices themselves do not fit."""
    if not found.chain:
        return []
    namer, charset = view.namer, view.charset
    shapes = shapes_of(view.frame.timeline.trace, found.chain)
    parts = [
        f"{namer.quotient(edge.node, edge.parent)} {shape_text(shape, charset)}"
        for edge, shape in zip(found.chain, shapes, strict=True)
    ]
    text = f"{namer.quotient(found.of, found.wrt)} = {f' {charset.dot} '.join(parts)}"
    if found.count > 1:
        text += f" + {charset.ellipsis}"
    return [(Span(line, "title"),) for line in wrap(text, max(2, cells))]
