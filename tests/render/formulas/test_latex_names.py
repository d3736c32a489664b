r"""What nodes and entries are called in LaTeX."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.render.graphs import Row, graph_of, leaf, literal, named_leaves
from tests.render.hostile import texts
from tests.render.latex import read_math
from tui_backprop.graph.model import Edge
from tui_backprop.render.formulas.latex_names import LatexNamer, symbol, words
from tui_backprop.render.text.charset import ASCII, UNICODE
from tui_backprop.render.text.names import Namer

if TYPE_CHECKING:
    from tui_backprop.graph.model import Graph

NAMES = st.sampled_from(
    ["x", "X", "x1", "x_1", "W", "w", "W_hh", "w_hh", "w_h_h", "Wh", "h", "f.z", "lam", "alpha",
     "alpha_x", "loss", "loss_a", "w_", "_w", "v"]
) | st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,5}", fullmatch=True)  # fmt: skip


@given(named_leaves(NAMES), st.booleans())
def test_no_two_entries_look_the_same(graph: Graph, from_zero: bool) -> None:
    """As in plain text; and each is a formula on its own."""
    namer = LatexNamer(Namer(graph, 0 if from_zero else 1))
    entries = [namer.entry(node.id, k) for node in graph.nodes for k in range(node.size)]
    gradients = [namer.gradient_entry(node.id, k) for node in graph.nodes for k in range(node.size)]
    for found in (entries, gradients):
        assert len(set(found)) == len(found)
        for name in found:
            read_math(name)


@given(texts)
def test_any_name_is_a_formula_that_stays_in_its_place(name: str) -> None:
    """A graph may be made in Python, under any name."""
    read_math(symbol(name))
    read_math(words(name))


@pytest.mark.parametrize(
    ("written", "latex"),
    [
        ("x₂", "x_{2}"),
        ("w₁₀,₂", "w_{10,2}"),
        ("h@2₁", "h_{@2,1}"),
        ("h@2", "h_{@2}"),
        ("x₂′", r"x^{\prime}_{2}"),
        ("h@2₁′′", r"h^{\prime\prime}_{@2,1}"),
        ("w_hh@2₁₂", r"w_{\mathrm{hh},@2,12}"),
        ("alpha₁", r"\alpha_{1}"),
        ("lam", r"\lambda"),
        ("Theta", r"\Theta"),
        ("loss", r"\mathit{loss}"),
        ("w_hh₁₂", r"w_{\mathrm{hh},12}"),
        ("y_true", r"y_{\mathrm{true}}"),
        ("x_1", r"\mathit{x\_1}"),
        ("a_b_c", r"\mathit{a\_b\_c}"),
        ("#7₁", r"\#7_{1}"),
        ("f.z", r"\mathit{f.z}"),
        ("2", "2"),
        ("1e-07", r"1 \times 10^{-7}"),
        ("inf", r"\infty"),
        ("₁₂", "_{12}"),
    ],
)
def test_names_as_mathematics(written: str, latex: str) -> None:
    """One of each kind."""
    assert symbol(written) == latex


def test_a_formula_too_long_to_write_out_has_words() -> None:
    """Numbers behind them count from 0, in brackets."""
    assert words("sum_of_t") == r"\text{sum of t}"
    assert words("cofactor_0_1") == r"\text{cofactor}[0, 1]"


def test_subscripts_count_as_the_scenario_says_in_any_charset() -> None:
    """LaTeX is ASCII either way, so a plain terminal gets the same names."""
    graph = graph_of([leaf("X", 3), literal("2"), Row("Y", "2 * X", (1, 0), (3,))])
    for charset in (UNICODE, ASCII):
        namer = LatexNamer(Namer(graph, 0, charset))
        assert namer.partial(Edge(parent=0, node=2, argument=1), 0, 2) == (
            r"\dfrac{\partial y_{0}}{\partial x_{2}}"
        )
        assert namer.gradient_entry(0, 1) == r"X.\mathrm{grad}_{1}"
        assert namer.cotangent(2, 1) == "v_{1}"
        assert namer.label(1) == "2"
