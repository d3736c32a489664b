"""The pane of J as a product: its matrices, its words, and that all stays in the pane."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.marks import together
from tests.render.views import NAMES, text_of, titled_view, view_at, views
from tui_backprop.api import Scenario
from tui_backprop.dataclass import replace
from tui_backprop.graph.jacobian import TotalJacobian
from tui_backprop.language.catalogue import languages
from tui_backprop.render.panes.jacobian import jacobian_content
from tui_backprop.render.panes.vectors import gradient_content, v_content
from tui_backprop.render.text.charset import ASCII
from tui_backprop.render.text.names import Namer
from tui_backprop.render.text.spans import line_width
from tui_backprop.render.view import product_ends
from tui_backprop.scenario.load import loads

if TYPE_CHECKING:
    from tui_backprop.render.view import View


@pytest.mark.few(4)
@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize(("cells", "height"), [(30, 6), (78, 12), (120, 30)])
@together("name", NAMES, most=8)
def test_no_line_is_wider_than_the_pane(name: str, cells: int, height: int, language: str) -> None:
    """At any size the product is there, at least by its names."""
    for view in views(name, product=True, language=language)[::5]:
        content = jacobian_content(view, cells, height)
        widths = [line_width(content.line(y, 0, cells)) for y in range(content.size[1])]
        assert content.size[0] <= cells or all(w <= cells for w in widths)
        if view.frame.edge is not None:
            assert view.namer.quotient(*product_ends(view, view.frame.edge)) in content.title


def test_the_matrices_stand_side_by_side() -> None:
    """A single edge: one matrix, and what it costs."""
    view = view_at("vector-double", -1)
    text = "\n".join(text_of(jacobian_content(replace(view, product=True), 90, 12), 90, 12))
    assert "One matrix: v · J takes 3 × 3 = 9 multiplications." in text
    assert "⎡ 2 0 0 ⎤" in text


def test_several_paths_are_named_and_added() -> None:
    """A node that is read twice: this path, and what all of them give."""
    last = view_at("fan-out", -1)
    text = "\n".join(text_of(jacobian_content(replace(last, product=True), 120, 30), 120, 30))
    assert "paths lead there" in text
    assert "all added" in text
    assert "From the left, with v first" in text


def test_beside_the_product_stands_the_seed() -> None:
    """The chain begins at the output, and so does v; the gradient is of where it ends."""
    view = replace(view_at("mlp-2-3-1", -1), product=True)
    assert view.frame.edge is not None
    assert "loss" in v_content(view, 40, 5).title
    assert view.namer.adjoint(view.frame.edge.parent) in gradient_content(view, 60, 9).title


def test_it_is_readable_in_ascii() -> None:
    """No sign that ASCII lacks."""
    view = view_at("fan-out", -1)
    namer = Namer(view.namer.graph, view.namer.subscripts, ASCII)
    view = replace(view, product=True, charset=ASCII, namer=namer)
    content = jacobian_content(view, 120, 30)
    assert "".join([content.title, *text_of(content, 120, 30)]).isascii()


CHAIN = """format: 1
inputs: {w: [0.5, -1], b: 0.25, c: 2}
constants: {x: [1, 2]}
program: |
  s = w @ x
  z = s + b
  y = tanh(z) * c
mode: forward
tangent: {b: 1, w: [1, 0]}
"""


def forward_views(text: str, **options: Any) -> list[View]:
    """Every partial of a forward walk."""
    trace = Scenario(loads(text)).trace()
    namer = Namer(trace.graph, is_forward=True)
    made = (titled_view(trace, frame=f, namer=namer, **options) for f in trace.timeline)
    return [view for view in made if view.frame.edge is not None]


def test_forward_the_product_leads_from_here_to_what_moves() -> None:
    """It grows as the walk goes on, and t comes from the right; no v is spoken of."""
    one = CHAIN.replace("b: 1, w", "w")
    texts = [
        "\n".join(text_of(jacobian_content(view, 120, 30), 120, 30))
        for view in forward_views(one, product=True)
    ]
    assert "One matrix: J · t takes 1 × 2 = 2 multiplications." in texts[0]
    assert "← z ← s ← w" in texts[-1]
    assert "From the right, with t first" in texts[-1]
    assert "multiplications" in texts[-1]
    assert not [text for text in texts if "v first" in text or "Reverse mode" in text]


def test_forward_beside_j_of_the_whole_graph_stands_the_tangent_of_its_input() -> None:
    """So that J times t is what the tangent of the output gets of this input."""
    view = forward_views(CHAIN, total=True)[-1]
    assert view.frame.edge is not None
    J = jacobian_content(view, 90, 12)
    assert "∂y/∂w" in J.title
    assert v_content(view, 40, 5).title == "t = w.tangent"
    assert text_of(v_content(view, 40, 5), 40, 5) == ["t₁   1", "t₂   0"]
    assert "y.tangent" in gradient_content(view, 60, 9).title
    said = " ".join(text_of(J, 90, 12))
    assert "J·t is the share of w in y.tangent: the rest is that of b." in said
    fixed = replace(view, by=view.namer.graph.inputs["c"])
    assert text_of(v_content(fixed, 40, 5), 40, 5) == ["c is held fixed: its tangent is 0."]


def test_forward_j_of_the_whole_graph_is_by_an_input_that_moves() -> None:
    """Whichever the edge's tangent comes from, and never one that is held fixed."""
    found = [v_content(view, 40, 5).title for view in forward_views(CHAIN, total=True)]
    assert "t = b.tangent" in found
    assert "t = w.tangent" in found
    alone = forward_views(CHAIN.replace(", w: [1, 0]", ""), total=True)
    assert {v_content(view, 40, 5).title for view in alone} == {"t = b.tangent"}


@pytest.mark.parametrize("step", [0, -1])
def test_forward_j_times_t_is_what_the_gradient_pane_shows(step: int) -> None:
    """Of the shipped forward walk: the numbers of the three panes belong together."""
    view = [replace(v, total=True) for v in views("forward-mode") if v.frame.edge][step]
    run = view.frame.walk.run
    assert v_content(view, 40, 5).title == "t = x.tangent"
    whole = TotalJacobian(view.frame.timeline.trace, run.of, run.seeded[0]).toarray() @ [1.0]
    assert run.of == view.namer.graph.names["y"]
    np.testing.assert_allclose(run.cotangents[run.of], whole)
    assert "y.tangent" in gradient_content(view, 60, 9).title


@pytest.mark.parametrize("cells", [10, 14, 16, 20, 24])
@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_a_label_of_a_vector_without_a_letter_is_never_cut(mode: str, cells: int) -> None:
    """Where the program has a t or a v of its own: the title says whose, the row which entry."""
    head = "format: 1\ninputs: {w: [0.5, -1]}\nconstants: {t: 2, v: 3}\n"
    text = head + "program: |\n  h = exp(w * t) * v\n  loss = -sum(log(h))\n"
    scenario = Scenario(loads(text + f"mode: {mode}\n"))
    trace = scenario.trace()
    namer = Namer(trace.graph, is_forward=trace.timeline.is_forward)
    for frame in trace.timeline:
        if frame.edge is None:
            continue
        content = v_content(titled_view(trace, frame=frame, namer=namer), cells, 5)
        assert not [line for line in text_of(content, cells, 5) if line.startswith("…")]
        assert content.title
