"""The formula of every row in LaTeX, beside its plain one."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

import pytest

from tests.render.latex import read_math
from tests.rules.cases import first_edge
from tests.strategies import GraphMaker
from tui_backprop.graph.model import Edge as GraphEdge
from tui_backprop.graph.model import Role
from tui_backprop.render.formulas.algebra import write_by
from tui_backprop.render.formulas.latex import LatexWriter, write
from tui_backprop.render.formulas.latex_names import symbol, words
from tui_backprop.render.formulas.plain import PlainWriter
from tui_backprop.render.text.names import Namer
from tui_backprop.render.text.numbers import DEFAULT
from tui_backprop.rules import find
from tui_backprop.rules.symbolic import Named, expression

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.rules.cases import Edge
    from tui_backprop.render.formulas.plain import FormulaWriter
    from tui_backprop.render.formulas.symbolic import Formula
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Params
    from tui_backprop.timeline.trace import Trace


@dataclass
class Recording:
    """A hand that remembers what another was given."""

    hand: FormulaWriter
    given: list[Any] = field(default_factory=list)

    def expression(self, e: Any) -> str:
        """Of SymPy."""
        self.given.append(e)
        return self.hand.expression(e)

    def name(self, written: str) -> str:
        """Of an entry."""
        self.given.append(written)
        return self.hand.name(written)

    def application(self, rule: Rule, operands: Sequence[str], params: Params) -> str:
        """Of an op; its operands are this hand's own words."""
        self.given.append((rule.name, len(operands), dict(params)))
        return self.hand.application(rule, operands, params)

    def total(self, terms: Sequence[str], *, cut_left: bool, cut_right: bool) -> str:
        """Of terms, likewise."""
        self.given.append((len(terms), cut_left, cut_right))
        return self.hand.total(terms, cut_left=cut_left, cut_right=cut_right)


def applied(edge: Edge) -> tuple[Trace, GraphEdge]:
    """The case as a graph of its own."""
    case, maker = edge.case, GraphMaker()
    operands = zip(case.operands(), case.rule.operands, strict=True)
    parents = tuple(maker.input(x, f"in_{name}") for x, name in operands)
    made = maker._add(Role.OP, "Y", parents, case.out, rule=case.rule, params=case.params)
    return maker.trace(), GraphEdge(parents[edge.argument], made, edge.argument)


def places(edge: Edge) -> Iterator[tuple[int, int]]:
    """A few partials of the pattern."""
    pattern = edge.sparsity
    rows = range(min(pattern.shape[0], 40))
    return islice(((j, int(i)) for j in rows for i in pattern.columns(j)[:2]), 3)


@pytest.mark.few(2)
@first_edge
def test_each_row_has_latex_for_what_it_has_plain(edge: Edge) -> None:
    """Both are written from the same expressions, and every symbol of them is there."""
    trace, graph_edge = applied(edge)
    namer = Namer(trace.graph)
    for k, place in enumerate(places(edge)):
        hands = Recording(PlainWriter(DEFAULT)), Recording(LatexWriter())
        plain, latex = (write_by(h, trace, graph_edge, place, namer) for h in hands)
        assert hands[0].given == hands[1].given
        assert k or latex == write(trace, graph_edge, place, namer)
        for text in (latex.function, latex.variable, latex.partial, latex.symbolic):
            read_math(text)
        # The last expression given is the partial without primes.
        for found in expression(hands[1].given[-1]).free_symbols:
            own = words(found.name) if isinstance(found, Named) else symbol(found.name)
            assert own in latex.symbolic
        assert (plain.partial == plain.symbolic) == (latex.partial == latex.symbolic)


def _formula(rule: str, *shapes: list[float], twice: bool = False, **params: Any) -> Formula:
    maker = GraphMaker()
    parents = [maker.input(x, name) for x, name in zip(shapes, "XB", strict=False)]
    parents = parents * 2 if twice else parents
    made = maker.op(rule, *parents, name="Y", **params)
    trace = maker.trace()
    return write(trace, GraphEdge(parents[0], made, 0), (0, 0), Namer(trace.graph))


@pytest.mark.parametrize(
    ("rule", "function"),
    [
        ("add", "x_{1} + b_{1}"),
        ("subtract", "x_{1} - b_{1}"),
        ("multiply", r"x_{1} \cdot b_{1}"),
        ("divide", r"\frac{x_{1}}{b_{1}}"),
        ("power", "x_{1}^{b_{1}}"),
        ("negative", "-x_{1}"),
        ("sqrt", r"\sqrt{x_{1}}"),
        ("abs", r"\left\lvert x_{1} \right\rvert"),
        ("tanh", r"\tanh\left(x_{1}\right)"),
        ("log_sigmoid", r"\operatorname{log\_sigmoid}\left(x_{1}\right)"),
        ("softmax", r"\operatorname{softmax}\left(X\right)_{1}"),
        ("sum", r"x_{1} + x_{2}"),
        ("inner", r"b_{1} \cdot x_{1} + b_{2} \cdot x_{2}"),
    ],
)
def test_what_is_differentiated(rule: str, function: str) -> None:
    """Operators as mathematics has them, other ops as functions, linear ones as sums."""
    operands = [[0.5, 2.0]] * len(find(rule).operands)
    assert _formula(rule, *operands).function == function


def test_arguments_of_one_node_have_primes() -> None:
    """Each edge has its own derivative."""
    found = _formula("multiply", [1.0, 2.0], twice=True)
    assert found.function == r"x^{\prime}_{1} \cdot x^{\prime\prime}_{1}"
    assert found.variable == r"x^{\prime}_{1}"
    assert found.partial == r"x^{\prime\prime}_{1}"
    assert found.symbolic == "x_{1}"


def test_numbers_under_a_power_and_behind_an_operator_have_brackets() -> None:
    """-2 to the power x is not -(2 to the power x)."""
    hand = LatexWriter()
    power, subtract, negative = (find(name) for name in ("power", "subtract", "negative"))
    assert hand.application(power, ["-2", "x"], {}) == r"\left(-2\right)^{x}"
    assert hand.application(power, ["h_{@2}", "2"], {}) == r"h_{@2}^{2}"
    assert hand.application(subtract, ["x", "-2"], {}) == r"x - \left(-2\right)"
    assert hand.application(negative, ["-2"], {}) == r"-\left(-2\right)"


def test_static_arguments_are_upright_text() -> None:
    """As they would be typed."""
    found = LatexWriter().application(find("roll"), ["X"], {"shift": 1, "axis": None})
    assert found == r"\operatorname{roll}\left(X\text{, shift=1}\right)"
    assert LatexWriter().application(find("index"), ["X"], {"key": (0, slice(1, None))}) == (
        r"X\text{[0, 1:]}"
    )


def test_a_long_sum_has_dots_and_one_sign() -> None:
    """On either side of what is shown; a negative term is subtracted."""
    assert LatexWriter().total(["x", "- y"], cut_left=True, cut_right=True) == (
        r"\cdots + x - y + \cdots"
    )
    assert LatexWriter().total([], cut_left=False, cut_right=False) == "0"
