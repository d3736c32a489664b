"""Code that rows write by being called on placeholders, and what such code never holds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tui_backprop.api import Scenario
from tui_backprop.graph.straight import StraightLines
from tui_backprop.rules.traced import Names, Traced, traced
from tui_backprop.scenario.load import loads

if TYPE_CHECKING:
    from collections.abc import Sequence

_DTYPE = np.dtype("float64")


@pytest.mark.parametrize(
    "line",
    [
        "v1 = open(v0)", "v1 = __import__(v0)", "v1 = v0.__class__", "v1 = 'x'", 'v1 = "x"',
        "v1 = v0; v2 = v0", "v1 = {v0}", "v1 = v0 if v0 else lambda: v0", "import v0", "v1 = f\\n",
        "v1 = v0 # x", "v1 = v0 < v0", "v1 = ﬁ", "x = v0", "v1 = v0.tofile(v0)", "v1 = type(v0)",
    ],
)  # fmt: skip
def test_what_no_row_writes_is_no_code(line: str) -> None:
    """Nothing but numbered names, a few words and arithmetic is ever executed."""
    with pytest.raises(AssertionError, match="generated code"):
        Names(_DTYPE).function(("values",), [line])


def test_code_knows_no_builtin() -> None:
    """Only the objects that were named."""
    made = Names(_DTYPE).function(("values",), ["v0 = values[0]"])
    assert made.__globals__["__builtins__"] == {}


def test_nothing_of_a_scenario_is_in_its_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither its names, nor its numbers, nor its axes."""
    written: list[str] = []
    function = Names.function

    def noted(names: Names, arguments: tuple[str, ...], lines: Sequence[str]) -> object:
        written.extend(lines)
        return function(names, arguments, lines)

    monkeypatch.setattr(Names, "function", noted)
    trace = Scenario(loads(
        "format: 1\ninputs: {velvet: {shape: [7, 5], fill: 0.125}, copper: {shape: [5], fill: 3}}\n"
        "program: |\n  amber = sum(tanh(velvet * 31.625 + copper) ** 4771.5, axis=1)\n"
        "  opal = amber @ amber\nbackward: {of: opal}\n"
    )).trace()  # fmt: skip
    assert StraightLines(trace.graph, trace.plan).of(trace.passes) is not None
    text = "\n".join(written)
    assert not re.search("velvet|copper|amber|opal|31|625|4771|axis|0\\.125", text)
    assert {"v0", "a0", "values", "adjoints"} <= set(re.findall(r"\w+", text))


def test_a_placeholder_answers_no_question_about_numbers() -> None:
    """A row that asks one is called each time, and never guessed at."""
    x = Traced.given(lambda: "v0", (3,), Names(_DTYPE))
    for row in (bool, float, len, list, np.asarray, np.sort, lambda x: x == 1, lambda x: x > 0,
                lambda x: x.real, lambda x: x[0], lambda x: x**2, lambda x: x * np.ones(3),
                np.isnan, lambda x: np.add(x, x, where=False)):  # fmt: skip
        assert traced(row, (x,), (3,)) is None
    assert traced(lambda x: x + x, (x,), (3,)) is not None
