"""Formulas for which the op table has a function that does not overflow and has a slope everywhere.

It stands apart from trying them because this is knowledge of mathematics: how a root of a sum of
squares, or a quotient of exponentials, is recognised on the tape.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.debug.why.written import Written
    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.model import Node


class Formulas:
    """Recognises formulas on a tape.

    Attributes:
        evaluation: the tape and its numbers.
        written: its program.
    """

    def __init__(self, evaluation: Evaluation, written: Written) -> None:
        self.evaluation = evaluation
        self.written = written
        self._nodes = evaluation.graph.nodes

    def instead(self, node: Node) -> Iterator[str]:
        """What can be written for a node, the same by definition."""
        recognise = {
            "sqrt": self._root,
            "power": self._power,
            "divide": self._quotient,
            "reciprocal": self._quotient,
            "log": self._logarithm,
        }.get(node.op)
        if recognise is not None:
            yield from (text for text in recognise(node) if text)

    def _parent(self, node: Node, argument: int = 0) -> Node:
        return self._nodes[node.parents[argument]]

    def _is_number(self, node: Node, value: float) -> bool:
        """Whether a node is a number that the program states."""
        return isinstance(node.literal, float | int) and node.literal == value

    def _call(self, name: str, operand: Node, place: Node, *more: str) -> str:
        text = self.written.expressed(operand.id, place.id)
        return f"{name}({', '.join([text, *(m for m in more if m)])})" if text else ""

    def _reduced(self, node: Node) -> tuple[str, str]:
        """The axis and keepdims of a reduction, as they are written."""
        axis = node.params.get("axis")
        kept = node.params.get("keepdims")
        return "" if axis is None else f"axis={axis!r}", "keepdims=True" if kept else ""

    def _root(self, node: Node) -> Iterator[str]:
        """√Σx² is the norm, √mean((x − mean x)²) and √var are the standard deviation."""
        inner = self._parent(node)
        base = self._squared(self._parent(inner)) if inner.parents else None
        if inner.op == "sum" and base is not None:
            yield self._call("norm", base, node, *self._reduced(inner))
        if inner.op in {"matmul", "dot", "inner", "vdot"} and len(inner.shape) == 0:
            one, other = inner.parents
            if one == other:
                yield self._call("norm", self._nodes[one], node)
        if inner.op == "var" and not inner.params.get("ddof"):
            yield self._call("std", self._parent(inner), node, *self._reduced(inner))
        if inner.op == "mean" and base is not None and base.op == "subtract":
            whole, mean = (self._parent(base, a) for a in (0, 1))
            if mean.op == "mean" and mean.parents[0] == whole.id:
                yield self._call("std", whole, node, *self._reduced(inner))

    def _power(self, node: Node) -> Iterator[str]:
        if self._is_number(self._parent(node, 1), 0.5):
            yield from self._root(node)

    def _squared(self, node: Node) -> Node | None:
        """What is squared; None where nothing is."""
        if node.op == "square":
            return self._parent(node)
        if node.op == "power" and self._is_number(self._parent(node, 1), 2):
            return self._parent(node)
        if node.op == "multiply" and node.parents[0] == node.parents[1]:
            return self._parent(node)
        return None

    def _quotient(self, node: Node) -> Iterator[str]:
        """exp(x)/Σexp(x) is softmax, 1/(1 + exp(−x)) is sigmoid."""
        is_reciprocal = node.op == "reciprocal"
        below = self._parent(node, 0 if is_reciprocal else 1)
        above = None if is_reciprocal else self._parent(node)
        if above is not None and above.op == "exp":
            yield self._normalized(node, above, below)
        grown = self._one_plus_exp(below)
        if grown is None:
            return
        if above is None or self._is_number(above, 1):
            if grown.op == "negative":
                yield self._call("sigmoid", self._parent(grown), node)
            else:
                text = self.written.expressed(grown.id, node.id)
                yield f"sigmoid(-({text}))" if text else ""
        elif above.op == "exp" and above.parents[0] == grown.id:
            yield self._call("sigmoid", grown, node)

    def _normalized(self, node: Node, above: Node, below: Node) -> str:
        """The softmax that exp(x) over a sum is, where it is the sum of the same."""
        if below.op != "sum" or below.parents[0] != above.id:
            return ""
        axis = below.params.get("axis")
        is_flat = axis is None and len(above.shape) == 1
        if not is_flat and not below.params.get("keepdims"):
            return ""
        more = "" if is_flat or axis == -1 else self._reduced(below)[0]
        return self._call("softmax", self._parent(above), node, more)

    def _one_plus_exp(self, node: Node) -> Node | None:
        """X of 1 + exp(x)."""
        if node.op != "add":
            return None
        one, other = (self._parent(node, a) for a in (0, 1))
        if self._is_number(other, 1):
            one, other = other, one
        return self._parent(other) if self._is_number(one, 1) and other.op == "exp" else None

    def _logarithm(self, node: Node) -> Iterator[str]:
        """Logarithms of what was an exponential before."""
        inner = self._parent(node)
        if inner.op == "softmax":
            axis = inner.params.get("axis", -1)
            more = "" if axis == -1 else f"axis={axis!r}"
            yield self._call("log_softmax", self._parent(inner), node, more)
        if inner.op == "sigmoid":
            yield self._call("log_sigmoid", self._parent(inner), node)
        if inner.op == "sum" and self._parent(inner).op == "exp":
            yield self._call("logsumexp", self._parent(self._parent(inner)), node,
                             *self._reduced(inner))  # fmt: skip
        grown = self._one_plus_exp(inner)
        if grown is not None:
            yield self._call("softplus", grown, node)
