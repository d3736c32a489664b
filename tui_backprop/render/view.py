"""Everything that a picture of the walk depends on, in one immutable value.

It stands between the session, which moves, and the panes, which only draw: equal views give equal
pictures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from tui_backprop.dataclass import dataclass
from tui_backprop.render.charset import UNICODE

if TYPE_CHECKING:
    from tui_backprop.debug.frame import Frame
    from tui_backprop.debug.stops import Stop
    from tui_backprop.render.charset import Charset
    from tui_backprop.render.names import Namer
    from tui_backprop.scenario.model import Note


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A frame and how it is to be shown.

    Attributes:
        frame: the state.
        namer: how nodes and entries are called.
        title: of the scenario, in ``language``.
        notes: the scenario's narration.
        language: ``en`` or ``zh``.
        charset: Unicode or ASCII.
        direction: of the last move.
        reason: why it stopped; may be empty.
        stops: breakpoints and watches, for their markers.
        graph_view: the drawing, the tape, or whichever fits.
        total: whether J is ∂of/∂input through the whole graph instead of the edge's.
        symbolic: whether formulas may be asked for; False until the algebra is loaded.
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
    graph_view: Literal["auto", "drawing", "tape"] = "auto"
    total: bool = False
    symbolic: bool = True
