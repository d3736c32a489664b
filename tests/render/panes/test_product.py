"""The pane of J as a product: its matrices, its words, and that all stays in the pane."""

from __future__ import annotations

import pytest

from tests.marks import together
from tests.render.views import NAMES, text_of, view_at, views
from tui_backprop.dataclass import replace
from tui_backprop.language.catalogue import languages
from tui_backprop.render.panes.jacobian import jacobian_content
from tui_backprop.render.panes.vectors import gradient_content, v_content
from tui_backprop.render.text.charset import ASCII
from tui_backprop.render.text.names import Namer
from tui_backprop.render.text.spans import line_width


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
            named = view.namer.quotient(view.frame.walk.run.of, view.frame.edge.parent)
            assert named in content.title


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
