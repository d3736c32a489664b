"""The walk as a transcript."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given

from tests.marks import few_of, spread
from tests.render.views import NAMES, titled_view, view_at
from tests.strategies import GraphMaker, seed_example, traces
from tui_backprop.graph.model import Backward
from tui_backprop.render.export.text import trace_text
from tui_backprop.render.text.charset import ASCII
from tui_backprop.render.text.names import Namer
from tui_backprop.scenario.model import Note, Place, Text

if TYPE_CHECKING:
    from tui_backprop.render.export.text import Level
    from tui_backprop.timeline.trace import Trace


def _lines(trace: Trace, level: Level = "partial", **options: object) -> list[str]:
    return list(trace_text(titled_view(trace, **options), level=level))


def _numbers(lines: list[str], count: int) -> list[int]:
    """Those of the steps: in their column, which what belongs to a step leaves free."""
    column = len(str(count - 1)) + 2
    return [int(line[:column]) for line in lines if line[:column].strip().isdecimal()]


@given(traces())
def test_every_step_has_its_line(trace: Trace) -> None:
    """Its number stands first, in order."""
    count = len(trace.timeline)
    assert _numbers(_lines(trace), count) == list(range(count))


def test_a_number_that_a_long_sentence_goes_on_with_is_no_step() -> None:
    """It stands beside the numbers of the steps, which are numbers of their own."""
    met = []
    for length in range(1, 40):
        maker = GraphMaker()
        maker.op("negative", maker.input(np.arange(12.0), "X"), name="Y" * length)
        trace = maker.trace()
        lines, count = _lines(trace), len(trace.timeline)
        met += [line.strip() for line in lines if line.startswith("      12 entries")]
        assert _numbers(lines, count) == list(range(count))
    assert met


@given(traces())
def test_a_transcript_is_clean_text(trace: Trace) -> None:
    """One printable line each, no trailing spaces."""
    levels: tuple[Level, ...] = ("partial", "node")
    for level in levels:
        for line in _lines(trace, level):
            assert line.isprintable()
            assert line == line.rstrip()


def test_the_words_of_a_partial() -> None:
    """The partial, the product, the sum; with the formula where it is asked for."""
    trace = seed_example()
    assert "∂y₁/∂x₁ = 2   v₁·∂y₁/∂x₁ = 1·2 = 2   X.grad₁: · → 2" in "\n".join(_lines(trace))
    with_formulas = "\n".join(_lines(trace, symbolic=True))
    assert "X.grad₂ = 0 + 4 = 4   [∂(2·x₂)/∂x₂ = 2]" in with_formulas
    assert "[∂(2·x₁)/∂x₂" not in with_formulas


def test_assumed_ones_are_said_to_be_assumed() -> None:
    """And what PyTorch would do."""
    maker = GraphMaker()
    maker.op("negative", maker.input([1.0, 2.0], "X"))
    text = " ".join(" ".join(_lines(maker.trace())).split())
    assert "v was left out, so all ones are assumed. PyTorch would raise" in text


def test_conventions_are_said_where_they_are_used() -> None:
    """Under the partial, and only there."""
    maker = GraphMaker()
    maker.op("relu", maker.input([0.0, 1.0], "X"))
    lines = _lines(maker.trace())
    told = [k for k, line in enumerate(lines) if "relu'(0) = 0" in line]
    assert len(told) == 1
    assert "∂n1₁/∂x₁ = 0" in lines[told[0] - 1]


def test_an_edge_says_how_much_of_its_jacobian_can_be_non_zero() -> None:
    """Where that is less than all."""
    lines = _lines(seed_example())
    assert (
        "  Y → X   multiply, argument 1, v = Y.grad, J = ∂Y/∂X (3×3), 3 of 9 can be non-zero"
        in lines
    )


def test_at_the_level_of_nodes_an_edge_has_one_line() -> None:
    """With its VJP and the adjoint after it."""
    lines = _lines(seed_example(), "node")
    assert "  12  vᵀJ = [2 4 6]   X.grad = [2 4 6]" in lines


def test_two_passes_in_a_row_are_told_apart() -> None:
    """Each seed has its heading, also where nothing was pulled back between them."""
    maker = GraphMaker()
    maker.input(1.0, "X")
    lines = _lines(maker.trace(Backward(0), Backward(0)))
    assert lines.count("backward from X") == 2
    assert lines[-1] == "  X.grad = 2"


def test_a_note_is_told_once_where_the_walk_first_comes_to_it() -> None:
    """A node is built and pulled back through; its note stands at the first."""
    note = Note("Y", Place("node", "Y"), Text({"": "look here"}))
    lines = _lines(seed_example(), notes=(note,))
    at = [k for k, line in enumerate(lines) if line.strip() == "> look here"]
    assert len(at) == 1
    assert "Y =" in lines[at[0] - 1]


def test_titles_and_notes_are_text_whatever_they_hold() -> None:
    """Escape sequences are shown, not sent; markup is text."""
    note = Note("end", Place("end"), Text({"": "\x1b[31mred[/] \u202e[bold]"}))
    lines = _lines(seed_example(), title="\x1b]0;owned\x07 [b]", notes=(note,))
    assert lines[0] == "␛]0;owned␇ [b]"
    assert all(line.isprintable() for line in lines)
    assert any("␛[31mred[/] \N{REPLACEMENT CHARACTER}[bold]" in line for line in lines)


def test_large_values_are_elided() -> None:
    """A line is a line."""
    maker = GraphMaker()
    maker.op("sum", maker.input(np.arange(1000.0), "X"))
    lines = _lines(maker.trace(), "node")
    assert max(map(len, lines)) < 120


@pytest.mark.few(6)
@pytest.mark.parametrize(
    ("name", "language"),
    few_of([(n, "en") for n in NAMES] + [(n, "zh") for n in spread(NAMES, 6)], NAMES, ["en", "zh"]),
)
def test_every_shipped_scenario_can_be_told(name: str, language: str) -> None:
    """In both languages, to the end."""
    view = view_at(name, 0, language=language)
    lines = list(trace_text(view))
    assert lines[-1].startswith("  ")
    training = view.frame.timeline.iterations
    if training is not None:  # the gradients, what was updated, and the losses
        assert lines[-1].split()[0] == str(training.count)
        assert any(".grad = " in line for line in lines[-2 * training.count - 20 :])
        return
    assert (".tangent = " if view.frame.timeline.is_forward else ".grad = ") in lines[-1]


@pytest.mark.few(4)
@pytest.mark.parametrize("name", NAMES)
def test_ascii_is_ascii_but_for_the_authors_words(name: str) -> None:
    """Notes and titles stay as they were written."""
    view = view_at(name, 0)
    view = replace(
        view, charset=ASCII, namer=Namer(view.namer.graph, charset=ASCII), notes=(), title=""
    )
    assert all(line.isascii() for line in trace_text(view))
