"""How much room each pane can use in a walk, whatever the step: see `render.arrangement`.

It is estimated, where counting would take long: panes that get less than they can use scroll. While
the graph is built there is neither J nor v nor a gradient, and their rows are the others'.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Final

from tui_backprop.graph.model import Role
from tui_backprop.render.arrangement import Need
from tui_backprop.render.panes.board import rows_needed
from tui_backprop.render.panes.graph import graph_size
from tui_backprop.render.panes.note import of_before
from tui_backprop.render.panes.step_sentences import built_sentence
from tui_backprop.render.text.charset import spelled
from tui_backprop.render.text.spans import printable, printable_lines, width, wrap
from tui_backprop.render.view import coming_content
from tui_backprop.timeline.frame import Phase

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.graph.model import Graph, Node
    from tui_backprop.render.text.charset import Charset
    from tui_backprop.render.view import View
    from tui_backprop.scenario.model import Note

_READ: Final = 1_000
"""Nodes at either end of a long tape whose matrices are looked at."""
_NUMBER: Final = 10
"""Cells that a number of a matrix is taken to need, with what is beside it."""
_WIDE, _TIGHT = 76, 58
"""Cells in which most steps need four lines, and five."""
_MOST_NOTES: Final = 200
_CURVE: Final = 7
"""Lines of the curve of the loss, with the one below it."""


def needs(view: View) -> dict[str, Need]:
    """What the panes of a view can use, by name; no note where the scenario has none."""
    graph = view.namer.graph
    m, n, board = _matrices(graph)
    graph_cells, graph_rows = graph_size(view)
    found = {
        "program": _program(graph),
        "graph": Need(graph_cells, lambda _: graph_rows),
        "board": Need(0, lambda _: board),
        "jacobian": Need(6 + min(n, 40) * _NUMBER, lambda _: m + 1),
        "cotangent": Need(_NUMBER + 6, lambda _: m),
        "gradient": Need(40, lambda _: n),
        "equation": STEP,
    }
    if view.frame.timeline.iterations is not None:
        found["loss"] = Need(40, lambda _: _CURVE)
    if is_building(view):
        nothing = Need(0, lambda _: 0)
        found |= dict.fromkeys(("jacobian", "cotangent", "gradient"), nothing)
        found["board"] = Need(0, lambda cells: coming_content(view, cells).size[1])
        found["equation"] = Need(_WIDE, lambda cells: _built_rows(view, cells))
    notes = tuple(note for note in view.notes if _may_be_told(view, note))
    if view.notes:
        language, charset = view.language, view.charset
        found["note"] = Need(
            50,
            lambda cells: len(of_before(view, cells)) + _note_rows(notes, language, charset, cells),
        )
    watched = len(view.displays) + len(view.breakpoints)
    if watched:
        found["watching"] = Need(36, lambda _: watched)
    return found


def is_building(view: View) -> bool:
    """Whether the graph is being built: the panes need other room then."""
    return view.frame.phase is Phase.BUILD


def _may_be_told(view: View, note: Note) -> bool:
    """Whether a note hangs on a step of the building, or of what comes after it in this mode."""
    kind = note.place.kind
    if kind in {"node", "build"}:
        return kind == "node" or is_building(view)
    return not is_building(view) and note.place.is_forward is view.frame.is_forward


def _built_rows(view: View, cells: int) -> int:
    """Lines that most nodes need: their value, and a sentence about their op."""
    nodes = {node.op: node for node in _some(view.namer.graph.nodes)}
    said = (built_sentence(view, node) for node in nodes.values())
    return 1 + max((len(wrap(text, max(2, cells))) for text in said), default=1)


def _step_rows(cells: int) -> int:
    """Lines that most steps need: their formulas, and a sentence or two."""
    return 4 if cells >= _WIDE else 5 if cells >= _TIGHT else 6


STEP: Final = Need(_WIDE, _step_rows)
"""What most steps need, whatever the walk."""


@lru_cache(maxsize=4)
def _program(graph: Graph) -> Need:
    lines = graph.program.splitlines() or [""]
    cells = max(width(printable(line)) for line in lines) + len(str(len(lines))) + 3
    return Need(cells, lambda _: len(lines))


@lru_cache(maxsize=4)
def _matrices(graph: Graph) -> tuple[int, int, int]:
    """The most rows and columns of a J, and of the board for one that may stand on it."""
    m = n = board = 1
    read: set[int] = set()
    for node in _some(graph.nodes):
        for parent in node.parents:
            if graph.nodes[parent].role is not Role.CONSTANT:
                size = graph.nodes[parent].size
                m, n = max(m, node.size), max(n, size)
                is_again = parent in read
                board = max(board, rows_needed(node.size, size, has_earlier=is_again))
                read.add(parent)
    return m, n, board


def _some(nodes: tuple[Node, ...]) -> Iterator[Node]:
    if len(nodes) <= 2 * _READ:
        return iter(nodes)
    return chain(nodes[:_READ], nodes[-_READ:])


@lru_cache(maxsize=32)
def _note_rows(notes: tuple[Note, ...], language: str, charset: Charset, cells: int) -> int:
    """Of the longest note; a row where there is none."""
    return max(
        (
            len(wrap(spelled(printable_lines(note.text.get(language)), charset), max(2, cells)))
            for note in notes[:_MOST_NOTES]
        ),
        default=1,
    )
