"""A check looks at large arrays part by part: it keeps a few of them, not a dozen."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING

import numpy as np

from tests.strategies import GraphMaker
from tui_backprop.verify import difference_witness as module
from tui_backprop.verify import objective
from tui_backprop.verify.difference_witness import differences
from tui_backprop.verify.report import Verdict

if TYPE_CHECKING:
    import pytest


def test_two_runs_are_kept_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside the walk: on each side of an entry its input and its output, and a part at work."""
    size, part = 600_000, 1 << 17
    monkeypatch.setattr(objective, "_TOGETHER", part)
    monkeypatch.setattr(module, "_MOST_WORK", 60_000)  # a few entries are enough
    maker = GraphMaker()
    x = maker.input(np.linspace(0.1, 1.0, size), "X")
    maker.op("multiply", x, x)
    trace = maker.trace()
    tracemalloc.start()
    found = differences(trace)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.verdict is Verdict.AGREE
    assert most < 5 * size * 8 + 16 * part * 8  # sixteen arrays of a part


def test_what_would_not_fit_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not run again, and the report says so."""
    monkeypatch.setattr(module, "_MOST_RUN_AGAIN", 5)
    maker = GraphMaker()
    x = maker.input([1.0, 2.0, 3.0], "X")
    maker.op("multiply", x, x)
    found = differences(maker.trace())
    assert (found.compared, found.remark) == (0, "too large to be run again on other numbers")
