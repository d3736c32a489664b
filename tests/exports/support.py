"""What the tests of all formats share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui_backprop.exports.formats import FORMATS
from tui_backprop.exports.subject import Subject
from tui_backprop.render.text.charset import UNICODE
from tui_backprop.render.view import printed_view

if TYPE_CHECKING:
    from tui_backprop.api import Scenario


def subject_of(scenario: Scenario, language: str = "en", **options: Any) -> Subject:
    """A scenario at its last step."""
    model = scenario.model
    timeline = scenario.trace().walked(zeros=model.view.zeros == "show")
    view = printed_view(model, timeline[len(timeline) - 1], language, UNICODE, symbolic=True)
    return Subject(view, model, model.name, None, options)


def exported(scenario: Scenario, form: str, language: str = "en", **options: Any) -> str:
    """The text of a scenario in a format."""
    return b"".join(FORMATS[form].write(subject_of(scenario, language, **options))).decode()
