"""Walks and replays as the formats of the screen are given them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.exports.support import subject_of
from tui_backprop.dataclass import replace
from tui_backprop.tui.exporting.formats import EXPORTS

if TYPE_CHECKING:
    from textual.app import App

    from tui_backprop.api import Scenario
    from tui_backprop.exports.subject import Subject
    from tui_backprop.replays import Replay


def at_step(scenario: Scenario, k: int, language: str = "en", **options: Any) -> Subject:
    """A scenario at a step."""
    subject = subject_of(scenario, language, **options)
    return replace(subject, view=replace(subject.view, frame=subject.timeline[k]))


def of_replay(replay: Replay, language: str = "en", **options: Any) -> Subject:
    """A replay, with what it walks."""
    return replace(subject_of(replay.scenario, language, **options), replay=replay)


def written(form: str, subject: Subject) -> bytes:
    """The file."""
    return b"".join(EXPORTS[form].write(subject))


def shown(app: App[None]) -> list[str]:
    """The rows of the screen, without spaces at their ends."""
    strips = app.screen._compositor.render_strips()
    rows = ("".join(segment.text for segment in strip) for strip in strips)
    return [row.replace("\xa0", " ").rstrip() for row in rows]
