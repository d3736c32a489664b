"""Everything that a picture of the walk depends on, in one immutable value.

Equal views give equal pictures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from tui_backprop.dataclass import dataclass
from tui_backprop.language.catalogue import language_of
from tui_backprop.render.text.charset import UNICODE
from tui_backprop.render.text.names import Namer
from tui_backprop.render.text.spans import Span, lines_of, wrap
from tui_backprop.timeline.frame import Phase
from tui_backprop.timeline.step_facts import whole_input

if TYPE_CHECKING:
    from tui_backprop.debug.breakpoints import Breakpoint
    from tui_backprop.debug.conditions.expression import Expression
    from tui_backprop.debug.stops import Stop
    from tui_backprop.graph.model import Edge
    from tui_backprop.language.catalogue import Language
    from tui_backprop.render.text.charset import Charset
    from tui_backprop.render.text.spans import Content, Line
    from tui_backprop.scenario.model import Model, Note
    from tui_backprop.timeline.timeline import Frame

Hidden: TypeAlias = Literal["", "notes", "all"]


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A frame and how it is to be shown.

    Attributes:
        frame: the state.
        namer: how nodes and entries are called.
        title: of the scenario, in ``language``.
        notes: the scenario's narration.
        language: the code of one that there is.
        charset: Unicode or ASCII.
        direction: of the last move.
        reason: why it stopped; may be empty.
        stops: places of breakpoints in force, for their markers.
        conditional: those of them that stop only where a condition holds.
        breakpoints: and watchpoints, all of them.
        displays: expressions that are shown at every step.
        trials: what was set to other numbers, in the order it was set.
        before: the same event with the numbers before any was set; None where none is.
        inside: the module that the person is in; ``""`` outside of all.
        graph_view: the drawing, the tape, or whichever fits.
        total: whether J is ∂of/∂input through the whole graph instead of the edge's.
        product: whether J is written as the product of local ones along a path.
        by: the node by which either then is, where somebody chose one.
        symbolic: whether formulas may be asked for; False until the algebra is loaded.
        is_pending: whether what needs large arrays is still being computed.
        hidden: what is put away while a question is open: notes, or formulas too.
    """

    frame: Frame
    namer: Namer
    title: str = ""
    notes: tuple[Note, ...] = ()
    language: str = "en"
    charset: Charset = UNICODE
    direction: Literal["forward", "reverse"] = "forward"
    reason: str = ""
    stops: tuple[Stop, ...] = ()
    conditional: tuple[Stop, ...] = ()
    breakpoints: tuple[Breakpoint, ...] = ()
    displays: tuple[Expression, ...] = ()
    trials: tuple[str, ...] = ()
    before: Frame | None = None
    inside: str = ""
    graph_view: Literal["auto", "drawing", "tape"] = "auto"
    total: bool = False
    product: bool = False
    by: int | None = None
    symbolic: bool = True
    is_pending: bool = False
    hidden: Hidden = ""

    @property
    def spoken(self) -> Language:
        """In which the panes say what they say."""
        return language_of(self.language)


def put_away(view: View, cells: int) -> Content:
    """What stands where something is hidden."""
    text = view.spoken.say("Put away while a question is open.")
    return lines_of([(Span(line, "dim"),) for line in wrap(text, max(2, cells))])


def shown_title(model: Model, language: str) -> str:
    """The title, with the framework whose conventions the walk follows if there is one."""
    title = model.title.get(language)
    if not model.conventions:
        return title
    from tui_backprop.rules.conventions.measured import title as framework

    return language_of(language).say(
        "{title}, as {framework} differentiates it",
        title=title, framework=framework(model.conventions),
    )  # fmt: skip


def printed_view(
    model: Model, frame: Frame, language: str, charset: Charset, *, symbolic: bool
) -> View:
    """A view for what prints a walk: a transcript, a document."""
    return View(
        frame=frame,
        namer=Namer(model.graph, model.view.subscripts, charset, is_forward=frame.is_forward),
        title=shown_title(model, language),
        notes=model.notes,
        language=language,
        charset=charset,
        symbolic=symbolic,
    )


def total_node(view: View, edge: Edge) -> int:
    """The node by which J of the whole graph is: the chosen one, else the input of the edge."""
    return whole_input(view.frame, edge) if view.by is None else view.by


def product_ends(view: View, edge: Edge) -> tuple[int, int]:
    """Of what the product along a path is, and by what; the chosen node takes the second place.

    It leads from the output down to where a walk is; of a forward walk from there down to the input
    that moves.
    """
    if view.frame.is_forward:
        return edge.node, total_node(view, edge)
    return view.frame.walk.run.of, edge.parent if view.by is None else view.by


def has_loss(view: View) -> bool:
    """Whether the curve of the loss has its place: that of J, while there is neither J nor v."""
    frame = view.frame
    return frame.timeline.iterations is not None and frame.phase in {Phase.BUILD, Phase.UPDATE}


_ENTRIES: Final = 100_000
"""Beyond one for each node: arrays that large are read, added and pulled back within a moment."""
_MULTIPLICATIONS: Final = 10**7
_TOTAL: Final = 2_000
"""Entries of all values where each row of J takes a whole backward pass."""


def may_take_long(view: View) -> bool:
    """Whether some pane may take longer than a person notices."""
    frame = view.frame
    graph = frame.timeline.trace.graph
    if frame.phase is Phase.BUILD:
        return False
    is_large = graph.elements - len(graph.nodes) > _ENTRIES
    is_total = (view.total or view.product) and frame.edge is not None and graph.elements > _TOTAL
    return is_large or graph.multiplications > _MULTIPLICATIONS or is_total


def pending_content(view: View, width: int) -> Content:
    """The content shown until the picture is there; it has no numbers of another step."""
    return sentence_content(view.spoken.say("computing …"), width)


def coming_content(view: View, cells: int) -> Content:
    """What stands where J will, as long as there is none."""
    say = view.spoken.say
    said = say("J comes with the backward pass: rows are outputs, columns are inputs.")
    if view.frame.is_forward:
        said = say("J comes with the forward pass: rows are outputs, columns are inputs.")
    title = view.spoken.say("Jacobian") if view.namer.binds("J") else "J"
    return sentence_content(said, cells, title)


def sentence_content(sentence: str, width: int, title: str = "") -> Content:
    """One sentence in place of a picture."""
    return lines_of(sentence_lines(sentence, width), title=title)


def sentence_lines(sentence: str, width: int) -> list[Line]:
    """The lines of such a sentence."""
    return [(Span(text, "dim"),) for text in wrap(sentence, max(2, width))]
