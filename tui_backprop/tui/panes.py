"""The table of panes, how a view reaches them, and how pictures are made before they are shown.

A pane is one row here, one function in `render.panes`, and one line of `render.needs`, which
says how much room it can use.
"""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Final, TypeAlias

from textual.message import Message

from tui_backprop.dataclass import dataclass
from tui_backprop.errors import UnknownError
from tui_backprop.language.catalogue import language_of
from tui_backprop.language.message import said, said_in
from tui_backprop.named_tuple import NamedTuple
from tui_backprop.render.panes.board import board_content, is_on_board
from tui_backprop.render.panes.equation import equation_content
from tui_backprop.render.panes.graph import Drawing, graph_content
from tui_backprop.render.panes.note import note_content
from tui_backprop.render.panes.program import gutter_line, program_content, stops_on
from tui_backprop.render.panes.timeline import header_content, progress_content
from tui_backprop.render.text.charset import told
from tui_backprop.render.text.spans import Box, Lines, Span, slice_line
from tui_backprop.render.view import View, may_take_long, pending_content, sentence_content
from tui_backprop.tui.line_pane import LinePane

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from tui_backprop.render.text.spans import Content, Line
    from tui_backprop.timeline.timeline import Frame


Picture: TypeAlias = "Callable[[View, int, int], Content]"
"""What a view looks like in a window: ``(view, width, height)`` → content."""


_GRAPH: Final = said("graph")
_STEP: Final = said_in("a pane", "step")
_NOTE: Final = said("note")


class ViewPane(LinePane):
    """Shows one picture of a view.

    Attributes:
        view: what the next picture will be of.
        is_light: whether its picture never takes long, however large the arrays are.
        word: of the field, which help explains first where the pane is looked at; may be empty.
    """

    is_light = False
    word = ""

    class Wanted(Message):
        """A picture that may take long is not there: it is to be made, and drawn then."""

    def __init__(self, view: View, picture: Picture, *, id: str, title: str = "") -> None:  # noqa: A002 - Textual's name
        super().__init__(view.charset, title, id=id)
        self.view = view
        self._picture = picture
        self._prerendered: Prerendered | None = None
        self._broken: tuple[View, Exception, TracebackType | None] | None = None
        self.can_focus = bool(title)

    def make(self, width: int, height: int) -> Content:
        """The picture of the present view, made now or made already."""
        seen = self._prerendered
        if seen is not None and seen.fits(self.view, (width, height)):
            return seen.content
        if self._broken is not None and self._broken[0] is self.view:
            _, error, where = self._broken
            raise error.with_traceback(where)
        if not self.is_light and may_take_long(self.view):
            if not self.view.is_pending:
                self.post_message(self.Wanted())
            return pending_content(self.view, width)
        return self._pictured(self.view, width, height)

    def _pictured(self, view: View, width: int, height: int) -> Content:
        """The picture; where it would need what nobody knows, the sentence that says so."""
        try:
            content = self._picture(view, width, height)
            if view.frame.timeline.trace.is_recorded:
                content.line(0 if content.focus is None else content.focus.y, 0, max(width, 1))
        except UnknownError as error:
            return sentence_content(self.translated(str(error)), width)
        return content

    def translated(self, text: str) -> str:
        """A sentence in the language of the view."""
        return told(text, language_of(self.view.language), self.view.charset)

    def prerender(self, view: View) -> None:
        """Make all of a view that may come next, down to what goes to the terminal."""
        self.make_early(view)
        seen = self._prerendered
        if seen is not None and seen.view is view and seen.window == self._window:
            content = seen.content
            camera = self._camera.followed(content.focus, content.size, self._window)
            self.paint_early(content, camera)
            self.label_early(content, camera)

    def make_early(self, view: View) -> None:
        """Make the rows without the border's label: no widget is touched, so a thread may do it."""
        window = self._window
        if window != self.content_size or not self.is_readable(window):
            return
        try:
            content = CachedContent(self._pictured(view, *window))
            camera = self._camera.followed(content.focus, content.size, window)
            for row in range(camera.y, camera.y + window[1]):
                content.line(row, camera.x, camera.x + window[0])
        except Exception as error:  # noqa: BLE001 - it is raised again where it would be shown
            self._broken = view, error, error.__traceback__
            return
        self._prerendered = Prerendered(view, (window[0], window[1]), content)


_OTHER_FIELDS: Final = tuple(f.name for f in fields(View) if f.name not in {"frame", "before"})


def is_same(a: View, b: View) -> bool:
    """Whether two views give the same picture."""
    if a is b:
        return True
    if not _is_same_frame(a.frame, b.frame) or not _is_same_frame(a.before, b.before):
        return False
    return all(getattr(a, name) == getattr(b, name) for name in _OTHER_FIELDS)


def _is_same_frame(a: Frame | None, b: Frame | None) -> bool:
    """Whether two frames are the same step of the same walk; each is made anew when asked for."""
    if a is None or b is None:
        return a is b
    return a.k == b.k and a.timeline is b.timeline


class CachedContent:
    """A content whose lines are made once."""

    def __init__(self, content: Content) -> None:
        self.title: str = content.title
        self.size: tuple[int, int] = content.size
        self.focus: Box | None = content.focus
        self.content = content
        self._lines: dict[tuple[int, int, int], Line] = {}

    def line(self, y: int, x0: int, x1: int) -> Line:
        """The content's, kept."""
        key = (y, x0, x1)
        found = self._lines.get(key)
        if found is None:
            found = self._lines[key] = self.content.line(y, x0, x1)
        return found

    def step_at(self, x: int, y: int) -> int | None:
        """The content's."""
        return self.content.step_at(x, y)


@dataclass(frozen=True, slots=True, eq=False)
class Prerendered:
    """A picture of a view in a window, made before its step is reached."""

    view: View
    window: tuple[int, int]
    content: CachedContent

    def fits(self, view: View, window: tuple[int, int]) -> bool:
        """Whether this is the picture of a view in a window."""
        return self.window == window and is_same(self.view, view)


class GraphPane(ViewPane):
    """Follows the node and the edge of the step; it knows whether the tape is on screen."""

    is_tape = False
    is_cut = True

    def make(self, width: int, height: int) -> Content:
        """The drawing or the tape, as the view says or as there is room."""
        content = super().make(width, height)
        made = content.content if isinstance(content, CachedContent) else content
        self.is_tape = not isinstance(made, Drawing)
        return content


class ProgramPane(ViewPane):
    """The program, with a gutter in which breakpoints are set."""

    class Toggled(Message):
        """A person clicked in front of a line."""

        def __init__(self, line: int, stops: tuple[int, ...]) -> None:
            super().__init__()
            self.line = line
            self.stops = stops

    def point(self, x: int, y: int) -> bool:
        """In front of a line its breakpoints, else the step that builds what stands there."""
        line = gutter_line(self.view, x, y)
        if line is None:
            return super().point(x, y)
        stops = tuple(b.number for b in stops_on(self.view, line))
        self.post_message(self.Toggled(line, stops))
        return True


class StepPane(ViewPane):
    """The step, and the note under it where that has no pane of its own.

    Attributes:
        tells_notes: whether it has none.
    """

    tells_notes = False

    def _pictured(self, view: View, width: int, height: int) -> Content:
        note = note_content(view, width, height) if self.tells_notes else None
        if note is None or not note.size[1]:
            return super()._pictured(view, width, height)
        room = height - 1 - note.size[1]
        content = super()._pictured(view, width, room)
        if content.size[1] > room:  # fewer words do not bring all of the note in sight
            content = super()._pictured(view, width, height)
        stroke = "-" if view.charset.is_ascii else "─"
        title = f" {told(_NOTE, view.spoken, view.charset)} "
        rule = Span(stroke, "dim"), Span(title, "title"), Span(stroke * width, "dim")
        parts = (content, note)
        spoken, noted = ([p.line(y, 0, width) for y in range(p.size[1])] for p in parts)
        if len(spoken) == height - 1:  # a title that ends the pane has nothing under it
            spoken.append(slice_line((), 0, width))
        lines = [*spoken, slice_line(rule, 0, width), *noted]
        return Lines((width, len(lines)), lines.__getitem__, Box(0, 0, 1, 1), content.title)


class WatchingPane(ViewPane):
    """Displays and breakpoints."""

    class Switched(Message):
        """A breakpoint was clicked on."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def point(self, x: int, y: int) -> bool:
        """Switch the breakpoint of a row."""
        del x
        from tui_backprop.render.panes.watching import breakpoint_at

        number = breakpoint_at(self.view, y)
        if number is not None:
            self.post_message(self.Switched(number))
        return number is not None


def _board_or_j(view: View, width: int, height: int) -> Content:
    """The board over the whole screen too; J alone once the matrix outgrows it."""
    if is_on_board(view, width, height) or view.frame.edge is None:
        return board_content(view, width, height)
    return _jacobian_content(view, width, height)


# The code of these is read when there is something to show, which a first screen has not.


def _jacobian_content(view: View, width: int, height: int) -> Content:
    """From the first edge that is pulled back."""
    from tui_backprop.render.panes.jacobian import jacobian_content

    return jacobian_content(view, width, height)


def _v_content(view: View, width: int, height: int) -> Content:
    """Likewise."""
    from tui_backprop.render.panes.vectors import v_content

    return v_content(view, width, height)


def _gradient_content(view: View, width: int, height: int) -> Content:
    """Likewise."""
    from tui_backprop.render.panes.vectors import gradient_content

    return gradient_content(view, width, height)


def _presenter_content(view: View, width: int, height: int) -> Content:
    """For a room."""
    from tui_backprop.render.presenter import presenter_content

    return presenter_content(view, width, height)


def _watching_content(view: View, width: int, height: int) -> Content:
    """While something is watched."""
    from tui_backprop.render.panes.watching import watching_content

    return watching_content(view, width, height)


def _loss_content(view: View, width: int, height: int) -> Content:
    """Where something is trained."""
    from tui_backprop.render.panes.loss import loss_content

    return loss_content(view, width, height)


class _Row(NamedTuple):
    """One pane.

    Attributes:
        id: its name in style sheets.
        picture: what it shows.
        title: on its border; a pane without one cannot be focused.
        is_light: whether its picture reads no array, and so never takes long.
        word: of the field, that help explains first where the pane has the focus.
        kind: what it does beyond showing a picture.
    """

    id: str
    picture: Picture
    title: str = ""
    is_light: bool = False
    word: str = ""
    kind: type[ViewPane] = ViewPane

    def pane(self, view: View) -> ViewPane:
        """The widget, before its first picture."""
        pane = self.kind(view, self.picture, id=self.id, title=self.title)
        pane.is_light = self.is_light
        pane.word = self.word
        return pane


PANES: Final = (
    _Row("status", header_content, is_light=True),
    _Row(
        "program",
        program_content,
        said("program"),
        is_light=True,
        word="forward",
        kind=ProgramPane,
    ),
    _Row("graph", graph_content, _GRAPH, word="computation graph", kind=GraphPane),
    _Row("board", _board_or_j, "vᵀJ", word="VJP"),
    _Row("jacobian", _jacobian_content, "J", word="J"),
    _Row("cotangent", _v_content, "v", word="v"),
    _Row("gradient", _gradient_content, said("gradient"), word="grad"),
    _Row("equation", equation_content, _STEP, word="partial", kind=StepPane),
    _Row("note", note_content, _NOTE, is_light=True),
    _Row("timeline", progress_content, is_light=True),
    _Row("presenter", _presenter_content),
)
"""In the order in which the focus goes; where they lie says `render.arrangement`.

The last is alone on the screen, or not there.
"""


WATCHING: Final = _Row("watching", _watching_content, title=said("watching"), kind=WatchingPane)
"""There only while there is something in it."""

LOSS: Final = _Row("loss", _loss_content, said("loss"))
"""There only where something is trained."""
