"""What several tests of the reader need: a whole scenario around one key, and its complaints."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tui_backprop.errors import ScenarioError
from tui_backprop.limits import DEFAULT_LIMITS
from tui_backprop.scenario.compose import compose
from tui_backprop.scenario.fields import DOCUMENT
from tui_backprop.scenario.load import loads
from tui_backprop.scenario.report import Report

if TYPE_CHECKING:
    from pathlib import Path

    from tui_backprop.errors import Problem
    from tui_backprop.limits import Limits
    from tui_backprop.scenario.fields import Document

FORWARD = """\
format: 1
inputs: {w: [0.5, -1], b: 0.25}
constants: {x: [1, 2]}
program: |
  y = tanh(w @ x + b)
mode: forward
tangent: {w: [1, 0]}
"""
"""A forward walk in which one input moves and the other is held fixed."""

DOUBLE = """\
format: 1
inputs:
  X: [1, 2, 3]
program: |
  Y = 2 * X
"""


def problems(
    text: str, folder: Path | None = None, limits: Limits = DEFAULT_LIMITS
) -> tuple[Problem, ...]:
    """What is wrong with a text; something must be."""
    with pytest.raises(ScenarioError) as caught:
        loads(text, "t.yaml", folder, limits)
    return caught.value.problems


def problem(text: str, folder: Path | None = None, limits: Limits = DEFAULT_LIMITS) -> Problem:
    """The one thing that is wrong with a text."""
    (only,) = problems(text, folder, limits)
    return only


def message(text: str) -> str:
    """The block that a person sees."""
    with pytest.raises(ScenarioError) as caught:
        loads(text, "t.yaml")
    return str(caught.value)


def document(text: str) -> tuple[Document | None, Report]:
    """Only the keys of a text, without arrays, program and names."""
    report = Report("t.yaml", text)
    root = compose(text, report)
    return (None if root is None else DOCUMENT.read(root, report)), report
