"""Graphs to try laws on: made by hand, or drawn at random over the whole op table.

A drawn graph applies ops in the shapes of their own examples, so a new row takes part without a
line of test code. Each leaf or earlier node of a fitting shape may be read again: fan-out, and the
same operand twice, are common.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import note
from hypothesis import strategies as st

from tui_backprop.graph.model import Backward, Graph, Node, Role, ZeroGrad
from tui_backprop.rules import RULES
from tui_backprop.timeline.trace import Trace

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from tui_backprop.graph.model import Pass
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array, Shape


@dataclass(eq=False)
class GraphMaker:
    """Adds nodes one after the other, as a program does.

    Attributes:
        dtype: of all values.
        nodes: the tape so far.
        leaves: value of every leaf so far.
    """

    dtype: str = "float64"
    nodes: list[Node] = field(default_factory=list)
    leaves: dict[str, Array] = field(default_factory=dict)

    def input(self, value: npt.ArrayLike, name: str = "") -> int:
        """A differentiable leaf; returns its node id."""
        return self._leaf(Role.INPUT, value, name or f"x{len(self.nodes)}")

    def constant(self, value: npt.ArrayLike) -> int:
        """A named leaf without a gradient."""
        return self._leaf(Role.CONSTANT, value, f"c{len(self.nodes)}")

    def number(self, value: float) -> int:
        """A number written in the program."""
        return self._add(Role.CONSTANT, "", (), (), literal=value)

    def op(self, rule_name: str, *parents: int, name: str = "", **params: Any) -> int:
        """An application of a row of the table."""
        return self.apply(RULES[rule_name], *parents, name=name, **params)

    def apply(self, rule: Rule, *parents: int, name: str = "", **params: Any) -> int:
        """An application of any row."""
        params = {**{p.name: p.default for p in rule.parameters}, **params}
        shape = rule.shape(*(self.nodes[p].shape for p in parents), **params)
        label = name or f"n{len(self.nodes)}"
        return self._add(Role.OP, label, parents, shape, rule=rule, params=params)

    def graph(self) -> Graph:
        """The tape."""
        by_role = {role: {n.name: n.id for n in self.nodes if n.name and n.role is role}
                   for role in Role}  # fmt: skip
        names = {n.name: n.id for n in self.nodes if n.name}
        return Graph(tuple(self.nodes), names, by_role[Role.INPUT], by_role[Role.CONSTANT],
                     "", np.dtype(self.dtype))  # fmt: skip

    def trace(self, *passes: Pass, zeros: bool = False) -> Trace:
        """The tape, evaluated; without passes, one backward from the last node."""
        return Trace(
            self.graph(), self.leaves, passes or (Backward(len(self.nodes) - 1),), zeros=zeros
        )

    def _leaf(self, role: Role, value: npt.ArrayLike, name: str) -> int:
        self.leaves[name] = np.array(value, dtype=self.dtype)
        return self._add(role, name, (), self.leaves[name].shape)

    def _add(
        self, role: Role, name: str, parents: tuple[int, ...], shape: Shape, **more: Any
    ) -> int:
        text = name or f"{more.get('literal')}"
        self.nodes.append(Node(len(self.nodes), role, name, text, parents, shape, **more))
        return len(self.nodes) - 1


def seed_example(zeros: bool = True) -> Trace:
    """Y = 2X and y.backward(v), with X = v = (1, 2, 3): X is node 0, 2 is node 1, Y is node 2."""
    maker = GraphMaker()
    x = maker.input([1, 2, 3], "X")
    y = maker.op("multiply", maker.number(2.0), x, name="Y")
    return maker.trace(Backward(y, np.array([1.0, 2.0, 3.0])), zeros=zeros)


@st.composite
def traces(
    draw: st.DrawFn,
    *,
    most_ops: int = 5,
    most_passes: int = 3,
    zeros: bool | None = None,
    dtype: str = "float64",
) -> Trace:
    """Random graphs, random numbers, random passes; where a test fails, it tells them."""
    maker = GraphMaker(dtype)
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    maker.input(_sample(random, draw(st.sampled_from([(3,), (2, 3), (), (2, 2), (0,)]))))
    for _ in range(draw(st.integers(1, most_ops))):
        _draw_op(draw, maker, random)
    if draw(st.integers(0, 3)):
        _join_loose_ends(maker)
    backward = _backwards(maker.nodes, random)
    more: st.SearchStrategy[Pass] = st.just(ZeroGrad()) | backward
    passes = [draw(backward), *draw(st.lists(more, max_size=most_passes - 1))]
    shown = draw(st.booleans()) if zeros is None else zeros
    trace = maker.trace(*passes, zeros=shown)
    note(_Told(trace))
    return trace


class _Told:
    """A trace as a program would be written, made where it is shown only."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace

    def __repr__(self) -> str:
        trace, nodes = self.trace, self.trace.graph.nodes
        dtype = f"dtype={trace.graph.dtype}, zeros={trace.zeros}"
        lines = [f"a trace with {dtype}:", *(self._node(node) for node in nodes)]
        for one in trace.passes:
            if isinstance(one, ZeroGrad):
                lines.append("zero_grad()")
            else:
                v = "" if one.v is None else f"v={one.v.tolist()}"
                lines.append(f"{_name(nodes[one.of])}.backward({v})")
        return "\n    ".join(lines)

    def _node(self, node: Node) -> str:
        if node.rule is None:
            return f"{_name(node)} = {self.trace.value(node.id).tolist()}  # {node.role.value}"
        given = [_name(self.trace.graph.nodes[parent]) for parent in node.parents]
        given += [f"{name}={value!r}" for name, value in node.params.items()]
        return f"{_name(node)} = {node.op}({', '.join(given)})  # {node.shape}"


def _name(node: Node) -> str:
    return node.name or f"n{node.id}"


def _draw_op(draw: st.DrawFn, maker: GraphMaker, random: np.random.Generator) -> None:
    """One more op, on operands that exist where their shapes fit, on new leaves where not."""
    rule = RULES[draw(st.sampled_from(sorted(RULES)))]
    shapes = {node.shape for node in maker.nodes}
    fitting = [e for e in rule.examples if shapes.issuperset(e.shapes)]
    partly = [e for e in rule.examples if not shapes.isdisjoint(e.shapes)]
    example = draw(st.sampled_from(fitting or partly or list(rule.examples)))
    operands: list[int] = []
    for shape in example.shapes:
        made = [node.id for node in maker.nodes if node.shape == shape]
        if made and draw(st.integers(0, 5)) > 0:
            operands.append(draw(st.sampled_from(made)))
        else:
            leaf = maker.input if draw(st.integers(0, 3)) else maker.constant
            operands.append(leaf(_sample(random, shape)))
    maker.op(rule.name, *operands, **example.params)


def _join_loose_ends(maker: GraphMaker) -> None:
    """Add up the sums of all that nobody reads yet, so that one output depends on everything."""
    read = {parent for node in maker.nodes for parent in node.parents}
    loose = [maker.op("sum", n) for n in range(len(maker.nodes)) if n not in read]
    total = loose[0]
    for end in loose[1:]:
        total = maker.op("add", total, end)


def _sample(random: np.random.Generator, shape: Shape) -> Array:
    """Small numbers, few of them alike but for zeros and ones: kinks and ties do occur."""
    drawn = random.uniform(-2, 2, size=shape)
    return np.where(random.random(shape) < 0.2, np.round(drawn), drawn)


@st.composite
def _backwards(draw: st.DrawFn, nodes: Sequence[Node], random: np.random.Generator) -> Backward:
    """A pass, mostly from a late node, with a v of its own or without."""
    of = len(nodes) - 1 if draw(st.integers(0, 3)) else draw(st.integers(0, len(nodes) - 1))
    seeded = draw(st.booleans())
    return Backward(of, random.integers(-3, 4, nodes[of].shape).astype(float) if seeded else None)
