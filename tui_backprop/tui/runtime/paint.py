"""Putting single lines on the terminal at once, past Textual's compositor.

It uses Textual's private names. A step changes a few lines; on the usual way each pane tells the
screen, the screen waits for its timer, and the compositor renders every widget between the first
changed line and the last. That takes four times as long as writing the lines, and is still what
happens whenever something lies over the panes, and where a version of Textual lacks one of these
names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich.control import Control
from rich.segment import Segment
from textual.content import Content
from textual.geometry import Region

from tui_backprop.named_tuple import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.style import Style
    from textual.screen import Screen
    from textual.strip import Strip
    from textual.widget import Widget

_OF_APP: Final = ("_batch_count", "_notifications", "_display")
_OF_SCREEN: Final = ("_layout_required",)
_OF_WIDGET: Final = ("_styles_cache", "_border_title")


def _compositor_update() -> Any:
    """The class that the driver takes; None where Textual has no such class."""
    try:
        from textual._compositor import CompositorUpdate
    except ImportError:
        return None
    return CompositorUpdate


_UPDATE: Final = _compositor_update()


class Patch(NamedTuple):
    """Cells to be put at a place of the terminal."""

    x: int
    y: int
    strip: Strip


class _Patches(_UPDATE or object):  # type: ignore[misc]  # its base may be missing
    """The patches in the form in which the driver takes them."""

    def __init__(self, patches: Sequence[Patch]) -> None:
        self._patches = patches

    def render_segments(self, console: Console) -> str:
        """The escape sequences that go to the terminal."""
        return escape_sequences(self._patches, console)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The patches as Rich segments; Textual calls `render_segments` instead."""
        del options
        for x, y, strip in self._patches:
            yield Control.move_to(x, y).segment
            yield from strip


def escape_sequences(patches: Sequence[Patch], console: Console) -> str:
    """Each patch, with the cursor put before it."""
    return "".join(f"\x1b[{y + 1};{x + 1}H{strip.render(console)}" for x, y, strip in patches)


def can_paint(screen: Screen[None]) -> bool:
    """Whether the panes are on the terminal with nothing over them."""
    app = screen.app
    return (
        _UPDATE is not None
        and _has(app, _OF_APP)
        and _has(screen, _OF_SCREEN)
        and can_retitle(screen)
        and app.screen is screen
        and not app._batch_count  # noqa: SLF001 - see the module's docstring
        and not app._notifications  # noqa: SLF001 - see the module's docstring
        and not screen._layout_required  # noqa: SLF001 - see the module's docstring
    )


def can_retitle(widget: Widget) -> bool:
    """Whether rows of a widget can be drawn anew, and its label changed, without its neighbours."""
    return _has(widget, _OF_WIDGET)


def _has(thing: object, names: Sequence[str]) -> bool:
    return all(hasattr(thing, name) for name in names)


def paint(screen: Screen[None], patches: Sequence[Patch]) -> None:
    """Write patches to the terminal."""
    if patches:
        screen.app._display(screen, _Patches(patches))  # noqa: SLF001 - see above


def forget(widget: Widget) -> None:
    """Let Textual render the content anew when it next paints the widget."""
    widget._styles_cache.clear()  # noqa: SLF001 - see above


def retitle(widget: Widget, title: str) -> None:
    """Change the label of a border, and nothing else where that can be done."""
    if not can_retitle(widget):
        widget.border_title = Content(title) if title else None
        return
    widget._border_title = Content(title)  # noqa: SLF001 - see above
    widget._styles_cache.set_dirty(Region(0, 0, widget.outer_size.width, 1))  # noqa: SLF001 - see above


def filtered(widget: Widget, style: Style) -> Style:
    """A style as the filters of the app leave it: without colours, for example."""
    segments = [Segment(" ", style)]
    for each in widget.get_line_filters():
        segments = each.apply(segments, widget.background_colors[1])
    return segments[0].style or style
