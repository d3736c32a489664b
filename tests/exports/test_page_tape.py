"""The tape of the page: an array keeps its rows on the one line that it has there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests import devtools
from tests.exports import chromium
from tests.exports.support import exported
from tui_backprop.api import Scenario
from tui_backprop.scenario.load import loads

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.exports.chromium import Page

pytestmark = pytest.mark.skipif(devtools.found() is None, reason="no Chromium is installed")

SHAPES = """
format: 1
inputs:
  W: [[0.1, -0.2], [0.3, 0.4], [-0.5, 0.2]]
  b: [1, 2, 3, 4, 5, 6, 7]
  A: [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
  T: [[[1, 2], [3, 4]], [[5, 6], [7, 8]]]
  c: [[1], [2]]
  s: 2.5
program: loss = sum(W) + sum(b) + sum(A) + sum(T) + sum(c) + s
backward: {of: loss}
"""


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    """A browser."""
    with chromium.browser() as found:
        found.look(1920, 1080)
        yield found


def test_an_array_has_the_brackets_of_its_rows(page: Page, tmp_path: Path) -> None:
    """Whole where it is small; else its first entries, and its shape where it has rows."""
    path = tmp_path / "walk.html"
    path.write_text(exported(Scenario(loads(SHAPES)), "html"), encoding="utf-8")
    page.problems.clear()
    page.open(path)
    page.press("End")
    rows = page.value(
        "[...document.querySelectorAll('#tape-rows tr')].map("
        "(row) => [...row.querySelectorAll('th, td')].map((cell) => cell.textContent))"
    )
    values = {row[1]: row[3] for row in rows if len(row) > 3}
    assert {name: values[name] for name in "WbATcs"} == {
        "W": "[[0.1 −0.2] [0.3 0.4] [−0.5 0.2]]",
        "b": "[1 2 3 4 …]",
        "A": "[[1 2 3] [4 …]] (3×3)",
        "T": "[[[1 2] [3 4]] [[…]]] (2×2×2)",
        "c": "[[1] [2]]",
        "s": "2.5",
    }
    adjoints = {row[1]: row[4] for row in rows if len(row) > 4}
    assert adjoints["W"] == "grad [[1 1] [1 1] [1 1]]"
    assert page.problems == []
