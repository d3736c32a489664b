"""What is said where PyTorch cannot be asked."""

from __future__ import annotations

import sys

import pytest

from tests.verify.support import evaluate
from tui_backprop.scenario.model import Expect
from tui_backprop.verify.check import examine
from tui_backprop.verify.pytorch import running
from tui_backprop.verify.report import Verdict


def _found(_name: str) -> object:
    return object()


def test_where_it_is_not_installed_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """In one line with what to type; the other witnesses say what they always say."""
    monkeypatch.setattr(running, "find_spec", lambda _name: None)
    report = examine(evaluate("Y = 2 * X", "Y", X=[1.0, 2.0]), Expect())
    *others, silent = report.testimonies
    assert [t.verdict for t in others[:2]] == [Verdict.AGREE, Verdict.AGREE]
    assert (silent.witness, silent.verdict) == ("PyTorch", Verdict.ABSENT)
    assert (silent.compared, silent.total) == (0, 4)
    assert silent.remark == "not installed (pip install torch)"
    assert report.verdict is Verdict.AGREE


def test_where_it_is_broken_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """A library that does not load is no reason to stop."""
    monkeypatch.setattr(running, "find_spec", _found)
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(running.AbsentError, match=r"^cannot be loaded: "):
        running.run(evaluate("Y = 2 * X", "Y", X=1.0))
