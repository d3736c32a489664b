"""The v pane and the gradient pane: a vector entry by entry, an adjoint with the sums behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tui_backprop.debug.stops import nearest_write
from tui_backprop.graph.model import Role
from tui_backprop.named_tuple import NamedTuple
from tui_backprop.render.matrix.labels import subscript
from tui_backprop.render.panes.node_state import is_other_entry
from tui_backprop.render.text.arrays import shape_text, window
from tui_backprop.render.text.numbers import (
    Numerals,
    aligned,
    equals,
    number,
    number_within,
    numerals_in,
    role_of,
    sign_and_size,
)
from tui_backprop.render.text.spans import Span, clip_start, lines_of, merge, pad, width
from tui_backprop.render.view import product_ends, sentence_content, total_node
from tui_backprop.timeline.frame import Phase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.graph.model import Edge
    from tui_backprop.render.text.charset import Charset
    from tui_backprop.render.text.spans import Content, Line, SpanRole
    from tui_backprop.render.view import View
    from tui_backprop.rules.types import Array
    from tui_backprop.timeline.frame import Adjoint, Term
    from tui_backprop.timeline.timeline import Frame


_MOST_TERMS = 8
_LEAST_NAME = 8
"""Cells of a name, however narrow the pane."""
_TITLE_ENDS = 4
"""Cells of a pane's width that its title cannot have."""
_LEAST_NUMBER = 6
"""Cells of a number of v, however long the names."""


def gradient_content(view: View, cells: int, height: int) -> Content:
    """A window of the adjoint that this step adds to, around the entry it changes."""
    frame = view.frame
    node = shown_node(view)
    adjoint = frame.adjoint(node)
    rows = window(adjoint.size, max(_added_to(frame, node), 0), max(1, height))
    names = _gradient_names(view, node, [r for r in rows if r is not None], cells)
    longest = max((width(name) for name in names.values()), default=0)
    label = min(longest, max(cells - 5 - _widest(view, adjoint, list(names)), _LEAST_NAME))
    elided = (Span(pad(view.charset.elided_rows, label, "right"), "dim"),)
    room = max(1, cells - label - 2)

    def named(flat: int) -> str:
        """Whose gradient it is stands in the title: the end of a name tells entries apart."""
        return pad(clip_start(names[flat], label, view.charset.ellipsis), label)

    lines = [
        elided if r is None else _row(view, named(r), _Entry(node, r, adjoint), room) for r in rows
    ]
    shape = shape_text(adjoint.shape, view.charset)

    def leads(_x: int, y: int) -> int | None:
        """To the step that wrote the entry of a row."""
        flat = rows[y] if 0 <= y < len(rows) else None
        return None if flat is None else nearest_write(frame.timeline, node, flat, frame.k)

    return lines_of(lines, title=f"{view.namer.adjoint(node)}  {shape}".strip(), leads=leads)


def _gradient_names(view: View, node: int, shown: Sequence[int], cells: int) -> dict[int, str]:
    """What stands before the rows: subscripts alone where a long name would take the sums' room.

    Whose gradient it is stands in the title.
    """
    names = {r: view.namer.gradient(node, r) for r in shown}
    if max(map(width, names.values()), default=0) > cells // 3 and view.frame.adjoint(node).shape:
        return {r: subscript(view.namer, node, r) for r in shown}
    return names


def _widest(view: View, adjoint: Adjoint, shown: Sequence[int]) -> int:
    """Cells that the numbers of some entries need."""
    values = [adjoint.entry(flat) for flat in shown]
    numerals = numerals_in(view.charset)
    return max((width(number(x, numerals)) for x in values if x is not None), default=1)


class _Entry(NamedTuple):
    """One entry of an adjoint."""

    node: int
    flat: int
    adjoint: Adjoint


def shown_node(view: View) -> int:
    """Whose adjoint a view is about: the parent, the seeded node, else the first input.

    Beside J of the whole graph it is the node by which that J is: the product of what is shown.
    """
    frame = view.frame
    if frame.edge is not None:
        if frame.is_forward:  # that of which J is: J·t is a tangent of it
            return frame.walk.run.of if view.total else frame.target
        if view.product:
            return product_ends(view, frame.edge)[1]
        return total_node(view, frame.edge) if view.total else frame.edge.parent
    if frame.phase in {Phase.SEED, Phase.UPDATE}:
        return frame.node.id
    return next(iter(frame.timeline.trace.graph.inputs.values()), frame.node.id)


def _added_to(frame: Frame, node: int) -> int:
    """The entry of a node's adjoint that the step adds to, or reads to update; -1 for none."""
    if frame.phase is Phase.UPDATE and frame.node.id == node:
        return frame.column
    return frame.entry if frame.edge is not None and frame.target == node else -1


def _row(view: View, name: str, entry: _Entry, cells: int) -> Line:
    frame, charset = view.frame, view.charset
    value = entry.adjoint.entry(entry.flat)
    is_whole = frame.edge is None and frame.phase is not Phase.UPDATE
    is_at_cursor = is_whole or entry.flat == _added_to(frame, entry.node)
    is_changed = frame.phase is not Phase.BUILD and is_at_cursor
    # Behind the number: before a sum the mark would be read as a product.
    other = charset.other if is_other_entry(view, entry.node, entry.flat) else ""
    head = Span(f"{name}  ", "title" if is_changed else "dim")
    if value is None:
        return merge((head, Span(charset.unknown, "unknown"), Span(other, "marker")))
    numerals = numerals_in(charset)
    total = number_within(cells - width(other), value, numerals)
    tail = _tail(view, entry, cells - width(total) - width(other))
    terms = frame.terms(entry.node, entry.flat, _MOST_TERMS)
    room = cells - width(total) - width(other) - width(tail) - (4 if charset.is_ascii else 3)
    summands = summand_texts(terms, numerals)
    written = sum_text(summands, room, charset)
    if written:
        is_whole = not written.startswith(charset.ellipsis)  # what is left out nobody can add
        equal = equals(charset, total, *((text,) for text in summands)) if is_whole else "="
        written += f" {equal} "
    role: SpanRole = "changed" if is_changed else role_of(value)
    return merge((head, Span(written), Span(total, role),
                  Span(other, "marker"), Span(tail, "changed")))  # fmt: skip


def _tail(view: View, entry: _Entry, room: int) -> str:
    """What this step added, on the entry it changed; where it would be cut, that it was this one.

    Half a number is another number, and the step pane has it whole.
    """
    frame = view.frame
    if frame.partial is None or entry.flat != _added_to(frame, entry.node):
        return ""
    added = number(frame.partial.contribution, numerals_in(view.charset))
    sign, size = sign_and_size(added, view.charset.minus)
    mark = f"  {view.charset.back}"
    whole = f"{mark} {sign}{size}"
    return whole if width(whole) <= room else mark


def summand_texts(terms: Sequence[Term], numerals: Numerals) -> list[str]:
    """The summands as they are written; none where one contribution is no sum."""
    if len(terms) < 2 and all(t.count == 1 for t in terms):
        return []
    return [number(t.value, numerals) for t in terms]


def sum_text(texts: Sequence[str], room: int, charset: Charset) -> str:
    """``0 + 0 + 4``, the latest summands where not all fit; empty where there is no sum."""
    joined = _joined(texts, charset)
    while width(joined) > room and len(texts) > 1:
        texts = texts[1:]
        joined = _joined([charset.ellipsis, *texts], charset)
    return joined if width(joined) <= room else ""


def _joined(texts: Sequence[str], charset: Charset) -> str:
    return " + ".join(texts).replace(f"+ {charset.minus}", f"{charset.minus} ")


def v_content(view: View, cells: int, height: int) -> Content:
    """A window of v around the row of the current partial."""
    frame = view.frame
    if frame.v is None:
        say, is_theirs = view.spoken.say, view.namer.lacks_vector
        if frame.is_forward:
            title = say("the vector pushed forward") if is_theirs else "t"
            return sentence_content(say("t comes with the seed."), cells, title)
        title = say("the vector pulled back") if is_theirs else "v"
        return sentence_content(say("v comes with the seed."), cells, title)
    node = frame.node.id if frame.edge is None else frame.source
    pulled = _Pulled(node, frame.v.ravel(), frame.taken)
    if (view.total or view.product) and frame.edge is not None:
        # J of the whole graph, and the product that begins at the output, is multiplied by the
        # seed, and by no v on the way; forward by the tangent of the node by which J is.
        run = frame.timeline.walk(frame.pass_number).run
        if frame.is_forward:
            return _whole_tangent(view, frame.edge, cells, height)
        pulled = _Pulled(run.of, run.seed.ravel(), frame.row if run.of == frame.node.id else -1)
    title = _v_title(view.namer.vector_is(pulled.node), cells - _TITLE_ENDS)
    return lines_of(_v_lines(view, pulled, cells, height), title=title)


def _whole_tangent(view: View, edge: Edge, cells: int, height: int) -> Content:
    """The tangent of the node by which J of the whole graph, or a product, is."""
    frame = view.frame
    by = total_node(view, edge)
    title = _v_title(view.namer.vector_is(by), cells - _TITLE_ENDS)
    adjoint, say = frame.adjoint(by), view.spoken.say
    if not adjoint.is_known:
        name = view.namer.label(by)
        told = say("{name} is held fixed: its tangent is 0.", name=name)
        if frame.timeline.nodes[by].role is not Role.INPUT:
            told = say("The tangent of {name} is not computed yet.", name=name)
        return sentence_content(told, cells, title)
    t = adjoint.toarray()[0].ravel()
    pulled = _Pulled(by, t, frame.taken if by == frame.source else -1)
    return lines_of(_v_lines(view, pulled, cells, height), title=title)


def _v_title(whole: str, room: int) -> str:
    """``v = Y.grad``, closed up where that makes it fit; of less than half of it only v is left."""
    tight = whole.replace(" ", "")
    if width(whole) <= room:
        return whole
    return tight if width(tight) <= 2 * room else tight.partition("=")[0]


class _Pulled(NamedTuple):
    """The vector that stands beside J, and which entry the step multiplies by; -1 for none."""

    node: int
    v: Array
    row: int


def _v_lines(view: View, pulled: _Pulled, cells: int, height: int) -> list[Line]:
    charset, v = view.charset, pulled.v
    rows = window(v.size, max(pulled.row, 0), max(1, height))
    shown = [r for r in rows if r is not None]
    names = {r: view.namer.cotangent(pulled.node, r) for r in shown}
    values, numerals = v[np.array(shown, dtype=np.intp)], numerals_in(charset)
    widest = max(map(width, aligned(values, None, numerals)), default=1)
    most = max(cells - 3 - min(widest, _LEAST_NUMBER), 1)
    if view.namer.lacks_vector and max(map(width, names.values()), default=0) > most:
        # The title has the name whole, of which half would be told here.
        shape = view.namer.graph.nodes[pulled.node].shape
        names = {r: view.namer.index(shape, r) for r in shown}
    longest = max((width(name) for name in names.values()), default=0)
    label = min(longest, most)
    room = max(1, cells - label - 3)
    texts = dict(zip(shown, aligned(values, None, numerals, room), strict=True))
    return [
        (Span(pad(charset.elided_rows, label, "right"), "dim"),)
        if r is None
        else _v_row(
            view,
            pad(clip_start(names[r], label, charset.ellipsis), label),
            texts[r],
            float(v[r]),
            is_current=r == pulled.row,
        )
        for r in rows
    ]


def _v_row(view: View, name: str, text: str, value: float, *, is_current: bool) -> Line:
    frame = view.frame
    if is_current:
        return merge((Span(f"{name} {view.charset.pointer} ", "title"), Span(text, "current")))
    role: SpanRole = "changed" if frame.phase is Phase.SEED else role_of(value)
    return merge((Span(f"{name}   ", "dim"), Span(text, role)))
