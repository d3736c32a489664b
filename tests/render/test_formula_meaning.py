"""Every printed formula means what the program's language means."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from tests.render.formula_reader import evaluate
from tests.render.formulas.test_latex_formula import applied, places
from tests.rules.cases import each_edge_if, first_edge
from tui_backprop.graph.jacobian import LocalJacobian
from tui_backprop.render.formulas.algebra import write
from tui_backprop.render.text.charset import ASCII, UNICODE
from tui_backprop.render.text.names import Namer

if TYPE_CHECKING:
    from tests.rules.cases import Edge
    from tui_backprop.render.text.charset import Charset
    from tui_backprop.timeline.trace import Trace

_TOO_LONG = {
    "attention_weight", "sum_over_keys", "softmax", "log_softmax", "sum_of_weights", "cofactor",
    "sum_of_products", "_v_",
}  # fmt: skip
"""What rows write for a part that is too long to be written out; it has no value to compare."""


def _entries(trace: Trace, namer: Namer) -> dict[str, float]:
    """The number of every entry, under its name on screen."""
    return {
        namer.entry(node.id, k): float(x)
        for node in trace.graph.nodes
        for k, x in enumerate(trace.value(node.id).ravel())
    }


def _read_back(
    edge: Edge, charset: Charset, digits: int, within: float, near: float = 1e-12
) -> None:
    trace, graph_edge = applied(edge)
    namer = Namer(trace.graph, 1, charset)
    entries = _entries(trace, namer)
    jacobian = LocalJacobian(trace, graph_edge)
    for row, column in places(edge):
        formula = write(trace, graph_edge, (row, column), namer, digits)
        if any(name in formula.symbolic for name in _TOO_LONG):
            continue
        found, expected = evaluate(formula.symbolic, entries), jacobian.entry(row, column)
        assert math.isclose(found, expected, rel_tol=within, abs_tol=near), formula.symbolic


@pytest.mark.few(4)
@first_edge
def test_read_back_a_formula_gives_the_partial(edge: Edge) -> None:
    """With all digits, to the last few bits."""
    _read_back(edge, UNICODE, 17, 1e-9)


@pytest.mark.exhaustive
@each_edge_if(lambda edge: edge == edge.case.edges[0])
def test_in_ascii_and_with_the_digits_of_the_screen(edge: Edge) -> None:
    """Read back it gives the partial to the digits that are shown, of terms that may cancel."""
    _read_back(edge, ASCII, 6, 1e-4, 2e-5)
