"""The words of the field in a walk over PyTorch's own graph: its numbers, or why there are none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pytest

pytest.importorskip("torch")

import torch

import tui_backprop as tb
from tui_backprop.attach.pytorch.trace import attach
from tui_backprop.debug.glossary.lookup import explained
from tui_backprop.debug.glossary.words import WORDS

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.mark.parametrize("keep", ["all", "norms"])
def test_every_word_is_explained_in_a_walk_of_somebody_else(
    keep: Literal["all", "norms"], tmp_path: Path
) -> None:
    """While the program is there, and from a file."""
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(40, 30), torch.nn.LayerNorm(30), torch.nn.GELU())
    trace = attach((model(torch.randn(20, 40)) ** 2).mean(), keep=keep)
    trace.save(tmp_path / "a.walk", keep=keep)
    for walk in (trace, tb.open_walk(tmp_path / "a.walk")):
        session = tb.Session(walk)
        for k in (0, session.last // 3, session.last):
            session.goto(k)
            for word in WORDS:
                assert all(line.text for line in explained(session, word).lines)
