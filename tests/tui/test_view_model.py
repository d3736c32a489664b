"""What a view model makes of a session for the panes, without an app."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui_backprop.api import load
from tui_backprop.render.text.charset import UNICODE
from tui_backprop.timeline.trace import Trace
from tui_backprop.tui.view_model import ViewModel

if TYPE_CHECKING:
    import pytest

    from tui_backprop.timeline.timeline import Timeline


def _walked(monkeypatch: pytest.MonkeyPatch) -> list[Trace]:
    """Whose numbers are laid out as a walk from now on."""
    found: list[Trace] = []
    lays_out = Trace.walked_with

    def noted(trace: Trace, *how: Any, **named: Any) -> Timeline:
        found.append(trace)
        return lays_out(trace, *how, **named)

    monkeypatch.setattr(Trace, "walked_with", noted)
    return found


def test_numbers_before_a_set_are_those_of_the_walk_there_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Laying out a walk of 10⁶ nodes takes seconds, in which the screen would stand still."""
    made = ViewModel(load("vector-double"), UNICODE)
    made.session.execute("end")
    before = made.session.frame
    walked = _walked(monkeypatch)
    made.session.execute("set X[0] = 7")
    for _ in range(2):
        found = made.view().before
        assert found is not None
        assert (found.timeline, found.k) == (before.timeline, before.k)
        made.session.execute("set X[1] = 5")
    assert walked
    assert before.timeline.trace not in walked
    for _ in range(3):
        made.session.execute("undo")
    assert made.view().before is None


def test_zeros_that_are_shown_now_are_shown_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another order needs another walk, of the numbers before."""
    made = ViewModel(load("vector-double"), UNICODE)
    made.session.execute("set X[0] = 7")
    made.session.execute("zeros")
    found = made.view().before
    assert found is not None
    assert found.timeline.zeros == made.session.timeline.zeros
    assert found.timeline.length == made.session.timeline.length
    walked = _walked(monkeypatch)
    assert made.view().before is not None
    assert walked == []
