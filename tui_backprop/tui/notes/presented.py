"""What is told of the walk that an app presents."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from tui_backprop.debug.replay.script import Mark, Say, text_in
from tui_backprop.language.catalogue import languages
from tui_backprop.render.speaker import by_step, facts_of
from tui_backprop.render.view import shown_title
from tui_backprop.tui.notes.teller import Teller

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from tui_backprop.debug.replay.player import Player
    from tui_backprop.debug.replay.script import Line
    from tui_backprop.render.speaker import Facts, Text
    from tui_backprop.scenario.model import Note
    from tui_backprop.timeline.timeline import Timeline
    from tui_backprop.tui.screen import DebugScreen


def teller_on(
    walk: Callable[[], DebugScreen | None], failed: Callable[[Exception, str], object]
) -> Teller:
    """What tells of the walk that is up; see `Teller`."""
    presentation = Presentation()

    def make() -> Facts | None:
        screen = walk()
        return None if screen is None else presentation.facts(screen)

    return Teller(make, failed)


class Presentation:
    """When it began, and what is to come in the walk that was last asked about."""

    def __init__(self) -> None:
        self._began = monotonic()
        self._coming: tuple[Timeline, Mapping[int, Sequence[Note]]] | None = None

    def facts(self, screen: DebugScreen) -> Facts:
        """The facts of what a screen shows."""
        view_model = screen.view_model
        view, model = view_model.view(), view_model.scenario.model
        timeline = view.frame.timeline
        if self._coming is None or self._coming[0] is not timeline:
            self._coming = timeline, by_step(timeline, view.notes)
        return facts_of(
            view,
            model.name,
            {code: shown_title(model, code) for code in languages()},
            self._coming[1],
            () if screen.replay is None else narration(screen.replay.player),
            monotonic() - self._began,
        )


def narration(player: Player) -> tuple[Text, Text]:
    """What a replay has said last in this chapter, and what it says next; empty for nothing."""
    lines, position = player.script.lines, player.position
    return _said(reversed(lines[:position]), is_back=True), _said(lines[position:], is_back=False)


def _said(lines: Iterable[Line], *, is_back: bool) -> Text:
    for line in lines:
        if isinstance(line.act, Say):
            text = line.act.text
            return {code: text_in(text, code) for code in languages()}
        if is_back and isinstance(line.act, Mark):
            break
    return {}
