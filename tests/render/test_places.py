"""Entries as they are typed and as the panes call them, side by side."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tui_backprop as tb
from tests.render.graphs import Row, graph_of, leaf, literal
from tui_backprop.debug.commands import perform
from tui_backprop.debug.place_names import parse_place
from tui_backprop.language.message import Answer, AnswerLine
from tui_backprop.progress import run_to_end
from tui_backprop.render.places import tied, tied_answer
from tui_backprop.render.text.charset import ASCII, UNICODE
from tui_backprop.render.text.names import Namer
from tui_backprop.tui.view_model import ViewModel

GRAPH = graph_of(
    [
        leaf("X", 3),
        literal("2"),
        Row("", "2 * X", (1, 0), (3,)),
        Row("W1", "f(X)", (2,), (2, 12)),
        Row("enc.0.weight", "f(W1)", (3,), (2, 2)),
    ]
)
NAMER = Namer(GRAPH)


@pytest.mark.parametrize(
    ("text", "both"),
    [
        ("X.grad[2] = 4", "X.grad₃ (X.grad[2]) = 4"),
        ("watchpoint 1: X.grad[2]: · → 0", "watchpoint 1: X.grad₃ (X.grad[2]): · → 0"),
        ("W1[0,11] = 4", "w1₁,₁₂ (W1[0,11]) = 4"),
        ("W1[0, 11] = 4", "w1₁,₁₂ (W1[0, 11]) = 4"),
        ("#2[1] comes of X[1]", "#2₂ (#2[1]) comes of X[1]"),
        ("enc.0.weight.grad[1,1]: set", "enc.0.weight.grad₂₂ (enc.0.weight.grad[1,1]): set"),
        ("X[3] is not there, X[2] is", "X[3] is not there, x₃ (X[2]) is"),
        ("∂W1[0,0]/∂X[1] = 0", "∂W1[0,0]/∂X[1] = 0"),
        ("'X[1]' is in quotes", "'X[1]' is in quotes"),
        ("X = [1, 2, 3], q[0], f([1])", "X = [1, 2, 3], q[0], f([1])"),
    ],
)
def test_the_first_entry_is_called_both_ways(text: str, both: str) -> None:
    """Where it is an entry of this graph."""
    assert tied(text, NAMER) == both


def test_in_ascii_round_brackets_count_from_one() -> None:
    """As in every pane."""
    assert tied("X.grad[2] = 4", Namer(GRAPH, 1, ASCII)) == "X.grad(3) (X.grad[2]) = 4"


@pytest.mark.parametrize("namer", [Namer(GRAPH, 0), Namer(GRAPH, 0, ASCII)])
def test_nothing_is_said_twice_where_the_screen_counts_from_zero(namer: Namer) -> None:
    """The numbers are the same."""
    answer = Answer((AnswerLine("X.grad[2] = 4"), AnswerLine("X[1]")), is_about_entries=True)
    assert tied_answer(answer, namer) == answer


@given(st.booleans(), st.data())
def test_what_stands_in_brackets_can_be_typed(is_gradient: bool, data: st.DataObject) -> None:
    """Both names are of the one entry."""
    k = data.draw(st.sampled_from([0, 2, 3, 4]))
    flat = data.draw(st.integers(0, GRAPH.nodes[k].size - 1))
    index = ",".join(str(c - 1) for c in NAMER.coordinates(GRAPH.nodes[k].shape, flat))
    typed = f"{NAMER.label(k)}{'.grad' if is_gradient else ''}[{index}]"
    name = NAMER.gradient(k, flat) if is_gradient else NAMER.entry(k, flat)
    assert tied(typed, NAMER) == f"{name} ({typed})"
    assert parse_place(typed, GRAPH).flat == flat


def test_only_the_first_line_of_an_answer_is_changed() -> None:
    """Of a long one the others speak the language of commands throughout."""
    lines = (AnswerLine("X.grad[0] = 1", 4), AnswerLine("X.grad[1] = 1"))
    first, second = tied_answer(Answer(lines), NAMER).lines
    assert first == AnswerLine("X.grad₁ (X.grad[0]) = 1", 4)
    assert second == lines[1]
    assert tied_answer(Answer(()), NAMER) == Answer(())


def test_an_answer_about_entries_speaks_as_the_panes_do() -> None:
    """In every line; what is quoted, and what is program, can be typed."""
    lines = (
        AnswerLine("X.grad[1] = 4, of #2[1]"),
        AnswerLine("#2.grad[1] · ∂#2[1]/∂X[1] = 2 · 2 = 4; 'why #2.grad[1]' says more", 3),
        AnswerLine("“why W1.grad[0,11]” 说明 W1[0,11]"),
        AnswerLine("    the cure is: sqrt(X[1])", 2, is_code=True),
        AnswerLine("X[7] is none, and neither is W1[1]"),
    )
    told = tied_answer(Answer(lines, is_about_entries=True), NAMER).lines
    assert [line.text for line in told] == [
        "X.grad₂ (X.grad[1]) = 4, of #2₂",
        "#2.grad₂ · ∂#2₂/∂x₂ = 2 · 2 = 4; 'why #2.grad[1]' says more",
        "“why W1.grad[0,11]” 说明 w1₁,₁₂",
        "    the cure is: sqrt(X[1])",
        "X[7] is none, and neither is W1[1]",
    ]
    assert [line.step for line in told] == [line.step for line in lines]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    ("name", "line"),
    [("mlp-2-3-1", "why W1.grad[1,0]"), ("mazur-network", "why W1.grad[0,1]"),
     ("dead-relu", "why zero w.grad[0]"), ("where-sqrt", "origin nan"),
     ("naive-softmax", "origin nan"), ("vector-double", "why X.grad[2]")],
)  # fmt: skip
def test_no_line_about_entries_counts_otherwise_than_the_panes(
    name: str, line: str, language: str
) -> None:
    """Beside the one tie, quotes and code, no place that is counted from 0 is left."""
    scenario = tb.load(name)
    model = ViewModel(scenario, UNICODE, language)
    model.session.end()
    answer = model.answered(run_to_end(perform(model.session, line)))
    found = [x.text for x in answer.lines if not x.is_code]
    left = " ".join(re.sub(r"'[^']*'|“[^”]*”", "", text) for text in found)
    places = re.findall(r"(?:#\d+|[A-Za-z]\w*)(?:\.grad)?\[[\d, ]+\]", left)
    assert len(places) == 1
    assert f"({places[0]})" in found[0]
