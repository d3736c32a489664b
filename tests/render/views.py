"""Views of shipped scenarios, as a screen would make them."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from tui_backprop.api import Scenario, load
from tui_backprop.render.text.names import Namer
from tui_backprop.render.text.spans import plain
from tui_backprop.render.view import View
from tui_backprop.scenario.files import shipped

if TYPE_CHECKING:
    from tui_backprop.render.text.spans import Content
    from tui_backprop.timeline.trace import Trace

NAMES = tuple(path.stem for path in shipped())


@cache
def opened(name: str) -> tuple[Scenario, Trace, Namer]:
    """A shipped scenario, traced once for all tests."""
    scenario = load(name)
    model, trace = scenario.model, scenario.trace()
    is_forward = trace.timeline.is_forward
    return scenario, trace, Namer(model.graph, model.view.subscripts, is_forward=is_forward)


def view_at(name: str, k: int, **options: Any) -> View:
    """The view of one step; negative steps count from the end."""
    scenario, trace, namer = opened(name)
    notes = scenario.model.notes
    return View(trace.timeline[k], namer, scenario.title, notes, **options)


def titled_view(trace: Trace, **options: Any) -> View:
    """The first step of any trace, called ``t``."""
    return replace(
        View(trace.timeline[0], Namer(trace.graph), title="t", symbolic=False), **options
    )


def views(name: str, **options: Any) -> list[View]:
    """Every step of a scenario."""
    return [view_at(name, k, **options) for k in range(len(opened(name)[1].timeline))]


def text_of(content: Content, width: int, height: int) -> list[str]:
    """The first lines of a content as plain text, without trailing spaces."""
    return [plain(content.line(y, 0, width)).rstrip() for y in range(min(height, content.size[1]))]
