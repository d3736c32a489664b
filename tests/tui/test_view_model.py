"""What a view model makes of a session for the panes, without an app."""

from __future__ import annotations

from typing import Any

import pytest

from tui_backprop.api import load
from tui_backprop.render.text.charset import UNICODE
from tui_backprop.tui import view_model
from tui_backprop.tui.view_model import ViewModel


def _never(*_anything: Any, **_named: Any) -> None:
    pytest.fail("another walk was laid out")


def test_numbers_before_a_set_are_those_of_the_walk_there_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Laying out a walk of 10⁶ nodes takes seconds, in which the screen would stand still."""
    monkeypatch.setattr(view_model, "Timeline", _never)
    made = ViewModel(load("vector-double"), UNICODE)
    made.session.execute("end")
    before = made.session.frame
    made.session.execute("set X[0] = 7")
    for _ in range(2):
        found = made.view().before
        assert found is not None
        assert (found.timeline, found.k) == (before.timeline, before.k)
        made.session.execute("set X[1] = 5")
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
    monkeypatch.setattr(view_model, "Timeline", _never)
    assert made.view().before is not None
