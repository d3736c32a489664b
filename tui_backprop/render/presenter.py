"""The step alone, for a room: its formulas, J with v and the sum, its sentence, and much space.

Where the space is short it goes first, then the words that the formulas say too; no number is ever
cut for it. A J that is too large is a window, with a sign where it goes on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.dataclass import replace
from tui_backprop.errors import UnknownError
from tui_backprop.named_tuple import NamedTuple
from tui_backprop.pattern import pattern
from tui_backprop.render.panes.board import drawn_board, is_on_board, rows_needed
from tui_backprop.render.panes.equation import broken, equations, meanings
from tui_backprop.render.panes.jacobian import jacobian_content
from tui_backprop.render.panes.step_sentences import sentences
from tui_backprop.render.panes.vectors import gradient_content, v_content
from tui_backprop.render.text.charset import spelled
from tui_backprop.render.text.spans import (
    Lines,
    Span,
    clip,
    fit_line,
    lines_of,
    merge,
    nowhere,
    pad,
    plain,
    printable,
    width,
    wrap,
)
from tui_backprop.render.view import sentence_lines
from tui_backprop.timeline.frame import Phase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tui_backprop.render.panes.board_lines import Board
    from tui_backprop.render.panes.step_sentences import Length
    from tui_backprop.render.text.charset import Charset
    from tui_backprop.render.text.spans import Content, Line, SpanRole
    from tui_backprop.render.view import View


class _Look(NamedTuple):
    """How much room everything has.

    Attributes:
        margin: cells at either side.
        is_wide: whether there is space around the signs of formulas.
        gap: blank lines between two formulas, of twenty-four.
        between: blank lines between two parts.
        length: of the sentences.
    """

    margin: int
    is_wide: bool
    gap: int
    between: int
    length: Length


_LOOKS: Final = (
    _Look(6, True, 1, 1, "whole"),
    _Look(4, True, 1, 1, "brief"),
    _Look(4, True, 0, 1, "whole"),
    _Look(2, True, 0, 1, "brief"),
    _Look(0, False, 0, 1, "whole"),
    _Look(0, False, 0, 1, "brief"),
    _Look(0, False, 0, 0, "brief"),
    _Look(0, False, 0, 0, "beyond"),
)
"""The first that leaves J the room that it needs is taken."""
_LENGTHS: Final[tuple[Length, ...]] = ("whole", "brief", "beyond")
_LEAST_J: Final = 6
"""Rows of a window of J, with what it is of."""
_BESIDE: Final = 4
"""Cells between J, v and the gradient."""
_USUAL: Final = 24
"""Lines for which the looks are written."""
_WIDEST: Final = 100
"""Cells of what is to be read in one glance."""
_INSET: Final = 4
"""Cells of a margin that a look of much room has."""
_FARTHEST: Final = 12
"""One blank line between two parts for so many of the screen, if there are any to spare."""
_WIDER: Final = 5
"""Cells by which an entry of the board may be wider than on that of the panes."""
_APART: Final = 2
"""Blank lines between two rows of the board at most."""
_NARROW: Final = 40
"""Cells below which J stands alone."""
_SIGN: Final = pattern(r" (=|≈|~=) ")
_PIECES: Final = pattern(r" (?=(?:=|≈|~=) )|(?<=:) ")


class _Part(NamedTuple):
    """Lines, and where a click on them leads."""

    lines: Sequence[Line]
    leads: Callable[[int, int], int | None] = nowhere


def presenter_content(view: View, cells: int, height: int) -> Content:
    """The formulas above, J, v and the sum in the middle, the sentence below."""
    cells, height = max(cells, 2), max(height, 1)
    board = _board(view, cells, height)
    needed = _rows_needed(view, board)
    told = {length: sentences(view, length) for length in _LENGTHS}
    for look in _looks(cells, height):
        above = _formulas(view, cells, look, told[look.length])
        below = _spoken(view, cells, look, told[look.length])
        free = height - len(above.lines) - len(below.lines) - 2 * look.between
        if free >= needed:
            break
    return _stacked((above, _numbers(view, cells, free, board), below), height)


def _looks(cells: int, height: int) -> Iterator[_Look]:
    """From the most room to the least, for a screen of a size."""
    beside = max((cells - _WIDEST) // 2, 0)
    for look in _LOOKS:
        is_inset = look.margin >= _INSET
        yield look._replace(
            margin=look.margin + beside * is_inset,
            gap=look.gap * max(height // _USUAL, 1),
        )


_NOTHING: Final = _Part(())


def _stacked(parts: Sequence[_Part], height: int) -> Lines:
    """The parts from the upper edge to the lower one, with equal room around the middle one."""
    above, middle, below = parts
    free = height - sum(len(part.lines) for part in parts)
    edge = min(max(free // 6, int(free >= 4)), 3)
    inner = max(min(free - 2 * edge, 2 * max(height // _FARTHEST, 3)), 0)
    edge = max(edge, (free - inner) // 3) if height > _USUAL else edge
    gaps = (edge, inner // 2, inner - inner // 2) if middle.lines else (edge, inner // 2, 0)
    lines: list[Line] = []
    starts = []
    for gap, part in zip(gaps, (above, middle, below), strict=True):
        lines += [()] * gap
        starts.append(len(lines))
        lines += part.lines
    lines = lines[:height]

    def leads(x: int, y: int) -> int | None:
        """To the step of what stands in the middle."""
        at = y - starts[1]
        return middle.leads(x, at) if 0 <= at < len(middle.lines) else None

    return lines_of(lines, leads=leads)


# The formulas.


def _formulas(view: View, cells: int, look: _Look, told: Sequence[str]) -> _Part:
    """Each on a line of its own, equal sign under equal sign; broken where that is too wide."""
    margin, charset = look.margin, view.charset
    texts = equations(view, max(cells - 2 * margin, 2))
    lines = _aligned(texts, cells - 2 * margin) if look.is_wide else None
    if lines is None:
        rows = _broken(texts, cells - 2 * margin, charset)
        if margin and _left_out(rows, charset) > _left_out(_broken(texts, cells, charset), charset):
            margin, rows = 0, _broken(texts, cells, charset)
        lines = [(Span(row, "title"),) for row in rows]
    spaced: list[Line] = []
    for line in lines:
        spaced += [()] * (look.gap if spaced else 0)
        spaced.append(line)
    explained: list[Line] = [
        (Span(clip(text, cells - 2 * margin, charset.ellipsis), "dim"),)
        for text in meanings(view, (*texts, *told))
    ]
    if explained and look.gap:
        spaced.append(())
    return _Part([_moved(line, margin) for line in (*spaced, *explained)])


def _broken(texts: Sequence[str], cells: int, charset: Charset) -> list[str]:
    return [row for text in texts for row in broken(text, max(cells, 2), charset)]


def _left_out(rows: Sequence[str], charset: Charset) -> int:
    """How often something of a formula is left out."""
    return sum(row.count(charset.ellipsis) for row in rows)


def _aligned(texts: Sequence[str], room: int) -> list[Line] | None:
    """The formulas with space around their signs; None where one of them is too wide."""
    split = [[_widened(piece) for piece in _PIECES.split(text)] for text in texts]
    lead = max((width(pieces[0]) for pieces in split if len(pieces) > 1), default=0)
    lines: list[Line] = []
    for nth, pieces in enumerate(split, 1):
        head = pad(pieces[0], lead, "right") if len(pieces) > 1 else pieces[0]
        *inner, last = [head, *pieces[1:]]
        role: SpanRole = "changed" if 1 < nth == len(texts) else "title"
        start = "".join(f"{piece}  " for piece in inner)
        lines.append(merge((Span(start, "title"), Span(last, role))))
    return lines if max(map(_width, lines), default=0) <= room else None


def _widened(text: str) -> str:
    """``= 2·2`` as ``=  2 · 2``; within brackets everything stays as it is."""
    written, depth = [], 0
    for before, sign, after in zip(f" {text}", text, f"{text[1:]} ", strict=False):
        depth += (sign in "([{") - (sign in ")]}")
        # What is not computed yet has blanks around it, a power another star.
        is_product = sign in "·*" and not depth and not {before, after} & set(" *")
        written.append(f" {sign} " if is_product else sign)
    return _SIGN.sub(r" \1  ", f" {''.join(written)}").strip()


def _width(line: Line) -> int:
    return width(plain(line))


def _moved(line: Line, left: int) -> Line:
    return merge((Span(" " * left), *line)) if line else line


# The words.


def _spoken(view: View, cells: int, look: _Look, told: Sequence[str]) -> _Part:
    """The sentence of the step; under it what the last command reported."""
    room = max(cells - 2 * look.margin, 2)
    rows = [row for text in told for row in wrap(text, room)]
    lines: list[Line] = [(Span(row),) for row in rows]
    if view.reason:
        reason = spelled(printable(view.reason), view.charset)
        lines += [(Span(row, "dim"),) for row in wrap(reason, room)]
    return _Part([_moved(line, look.margin) for line in lines])


# J, v and the sum.


def _rows_needed(view: View, board: Board | None) -> int:
    """Rows without which a larger look is no gain."""
    if view.frame.phase is Phase.BUILD:
        return 0
    return _LEAST_J if board is None else _rows_of(board)


def _rows_of(board: Board) -> int:
    """Lines of the board without any between its rows."""
    return rows_needed(*board.block.shape, has_earlier=board.before is not None)


def _numbers(view: View, cells: int, rows: int, board: Board | None) -> _Part:
    if rows < 2 or view.frame.phase is Phase.BUILD:
        return _NOTHING
    if board is None or _rows_of(board) > rows:
        return _beside(view, cells, rows)
    return _spread(board, cells, rows)


def _board(view: View, cells: int, rows: int) -> Board | None:
    """The board as large as it may be; None where it does not fit, or only with numbers cut."""
    has_board = view.frame.phase not in {Phase.BUILD, Phase.UPDATE}
    if not has_board or not is_on_board(view, cells, rows):
        return None
    drawn = drawn_board(view, cells, rows)
    if drawn is None:
        return None
    wider = (replace(drawn, cells=drawn.cells + more) for more in range(_WIDER, -1, -1))
    board = next((one for one in wider if one.width <= cells), None)
    return board if board is not None and board.is_exact else None


def _spread(board: Board, cells: int, rows: int) -> _Part:
    """In the middle, with blank lines between two rows where there is room."""
    left = max((cells - board.width) // 2, 0)
    lines = board.lines(left)
    m = len(board.rows)
    apart = min((rows - len(lines)) // (m - 1), _APART) if m > 1 else 0
    filled = [line for row in lines[1:m] for line in (row, *[_between(board)] * apart)]
    lines = [lines[0], *filled, *lines[m:]]
    pitch = 1 + apart

    def leads(x: int, y: int) -> int | None:
        """To the step of a partial, or to the one that wrote the entry of the gradient."""
        if 0 < y <= (m - 1) * pitch + 1:
            row, between = divmod(y - 1, pitch)
            return None if between else board.step_at(x - left, row + 1)
        return board.step_at(x - left, y - (m - 1) * apart)

    return _Part([_moved(line, left) for line in lines], leads)


def _between(board: Board) -> Line:
    """The brackets go on where nothing stands between them."""
    if board.view.charset.is_ascii:
        return ()
    inside = " " * (len(board.columns) * (board.cells + 2))
    return merge((Span(" " * board.left), Span("⎢", "dim"), Span(inside), Span("⎥", "dim")))


def _beside(view: View, cells: int, rows: int) -> _Part:
    """A window of J, v and the gradient, beside each other under what they are."""
    height = max(rows - 1, 1)
    if cells < _NARROW:
        is_update = view.frame.phase is Phase.UPDATE
        return _drawn(view, gradient_content if is_update else jacobian_content, cells, height)
    v = None if view.frame.v is None else _drawn(view, v_content, cells // 3, height)
    v_cells = 0 if v is None else max(map(_width, v.lines), default=0)
    if view.frame.edge is None:
        rest = cells - v_cells - _BESIDE
        gradient = _drawn(view, gradient_content, min(rest, cells // 2), height)
        return _joined([part for part in (v, gradient) if part is not None], cells, view.charset)
    sum_cells = max(cells // 3 - _BESIDE, 18)
    gradient = _drawn(view, gradient_content, sum_cells, height)
    sum_cells = max(map(_width, gradient.lines), default=0)
    jacobian = _drawn(
        view, jacobian_content, max(cells - v_cells - sum_cells - 2 * _BESIDE, 12), height
    )
    parts = [jacobian, *([v] if v is not None else []), gradient]
    return _joined(parts, cells, view.charset)


def _drawn(
    view: View, picture: Callable[[View, int, int], Content], cells: int, rows: int
) -> _Part:
    """The lines of a pane under its title; where nobody knows them, the sentence that says so."""
    leads: Callable[[int, int], int | None] = nowhere
    try:
        content = picture(view, cells, rows)
        names = content.title.split("\n")
        fitting = (name for name in names if width(name) <= cells)
        title = next(fitting, clip(names[-1], cells, view.charset.ellipsis))
        lines = [content.line(y, 0, cells) for y in range(min(content.size[1], rows))]
        leads = content.step_at
    except UnknownError as error:
        title = ""
        told = spelled(view.spoken.retold(str(error)), view.charset)
        lines = sentence_lines(told, cells)[:rows]
    shown = [_trimmed(line) for line in lines]
    return _Part([(Span(title, "dim"),), *shown], lambda x, y: None if y < 1 else leads(x, y - 1))


def _trimmed(line: Line) -> Line:
    """Without the blanks at its end."""
    *spans, last = line or (Span(""),)
    text = last.text.rstrip() if last.role in {"", "dim"} else last.text
    return merge((*spans, Span(text, last.role)))


def _joined(parts: Sequence[_Part], cells: int, charset: Charset) -> _Part:
    """Side by side, in the middle."""
    widths = [max(map(_width, part.lines), default=0) for part in parts]
    total = sum(widths) + _BESIDE * (len(parts) - 1)
    left = max((cells - total) // 2, 0)
    starts = [left + sum(widths[:k]) + _BESIDE * k for k in range(len(parts))]
    count = max((len(part.lines) for part in parts), default=0)

    def row(y: int) -> Iterator[Span]:
        yield Span(" " * left)
        for part, room in zip(parts, widths, strict=True):
            line = part.lines[y] if y < len(part.lines) else ()
            yield from fit_line(line, room, charset.ellipsis)
            yield Span(" " * _BESIDE)

    def leads(x: int, y: int) -> int | None:
        """Where the part leads that a cell is of."""
        for part, start, room in zip(parts, starts, widths, strict=True):
            if start <= x < start + room and y < len(part.lines):
                return part.leads(x - start, y)
        return None

    return _Part([_trimmed(merge(tuple(row(y)))) for y in range(count)], leads)
