"""Rewriting expressions of a program, and evaluating the result on the same numbers."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.errors import TuiBackpropError
from tui_backprop.graph.model import Backward
from tui_backprop.program import build
from tui_backprop.timeline.trace import Trace

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tui_backprop.debug.why.written import Change, Written
    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.model import Graph, Node, Pass
    from tui_backprop.rules.types import Array


_MOST_NODES: Final = 2_000
_MOST_ENTRIES: Final = 1_000_000
"""Of larger graphs no cure is tried: it takes as long as the scenario itself, for each."""

_MOST_FACTORS: Final = 8
EXACT: Final = 1e-9
"""How far, relatively, a number may move by a cure that changes no number but rounds otherwise."""


class Tried(NamedTuple):
    """The result of evaluating a walk with some changes.

    Attributes:
        trace: the changed program on the same numbers.
        bad: how many entries of the outputs and of the gradients are not finite.
        moved: how far, relatively, the farthest of those moved that had been finite.
    """

    trace: Trace
    bad: int
    moved: float

    @property
    def is_cured(self) -> bool:
        """Whether every output and every gradient is finite."""
        return not self.bad


@dataclass(frozen=True, eq=False)
class Rewriting:
    """Tries changes on one evaluation.

    Attributes:
        evaluation: what has NaN or infinities.
        written: its program.
    """

    evaluation: Evaluation
    written: Written

    @property
    def is_possible(self) -> bool:
        """Whether trying is affordable."""
        nodes = self.evaluation.graph.nodes
        if len(nodes) > _MOST_NODES:
            return False
        return sum(node.size for node in nodes) <= _MOST_ENTRIES

    @cached_property
    def work(self) -> int:
        """What one trial takes, in nodes."""
        nodes = self.evaluation.graph.nodes
        return len(nodes) + sum(node.size for node in nodes) // 100

    @cached_property
    def has_bad_output(self) -> bool:
        """Whether some output is not finite, so that its numbers cannot tell a cure."""
        return bool(_bad(_outputs(self.evaluation)))

    def tried(self, changes: Sequence[Change]) -> Tried | None:
        """The program with all of the changes; None where it cannot be read or means another."""
        program = self.written.changed(changes)
        if program is None:
            return None
        old = self.evaluation
        leaves = dict(old.leaves)
        inputs = {n: leaves[n] for n in old.graph.inputs}
        constants = {n: leaves[n] for n in old.graph.constants}
        names = self.written.leaf_names
        try:
            graph = build(
                program,
                {names[n]: x for n, x in inputs.items()},
                {names[n]: x for n, x in constants.items()},
                old.graph.dtype,
            )
        except TuiBackpropError:
            return None
        passes = self._passes(graph)
        if passes is None:
            return None
        trace = Trace(graph, {names[n]: x for n, x in leaves.items()}, passes)
        before, after = _results(old), _results(trace)
        if any(a.shape != b.shape for a, b in zip(before, after, strict=True)):
            return None
        return Tried(trace, _bad(after), _moved(before, after))

    def _passes(self, graph: Graph) -> list[Pass] | None:
        """The passes for a rewritten graph: each starts at the node of the same name."""
        found: list[Pass] = []
        for item in self.evaluation.passes:
            if not isinstance(item, Backward):
                found.append(item)
                continue
            name = self.written.name_of(item.of)
            if name not in graph.names:
                return None
            found.append(Backward(graph.names[name], item.v))
        return found


def _results(evaluation: Evaluation) -> list[Array]:
    """The numbers that a cure must keep where they are finite: the outputs and the gradients."""
    return [*_outputs(evaluation), *evaluation.grad.values()]


def _outputs(evaluation: Evaluation) -> list[Array]:
    return [evaluation.value(p.of) for p in evaluation.passes if isinstance(p, Backward)]


def _bad(arrays: Iterable[Array]) -> int:
    return sum(int(np.count_nonzero(~np.isfinite(x))) for x in arrays)


def _moved(before: Sequence[Array], after: Sequence[Array]) -> float:
    """The largest change of what was finite, relative to the largest entry beside it."""
    worst = 0.0
    for old, new in zip(before, after, strict=True):
        kept = np.isfinite(old)
        if not kept.any():
            continue
        size = max(float(np.abs(old[kept]).max()), 1.0)
        with np.errstate(all="ignore"):
            apart = float(np.abs(new[kept] - old[kept]).max()) / size
        worst = max(worst, apart if np.isfinite(apart) else np.inf)
    return worst


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
            "multiply": self._product,
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

    def _product(self, node: Node) -> Iterator[str]:
        """Of s · √s, whatever else is a factor beside them: s ** 1.5, which has a slope at 0."""
        powers = [self._as_power(factor) for factor in self._factors(node)]
        for base, exponent in powers:
            whole = sum(e for n, e in powers if n == base)
            if not 0 < exponent < 1 or whole < 1:
                continue
            texts = []
            for n, e in dict.fromkeys((n, whole if n == base else e) for n, e in powers):
                text = self.written.expressed(n, node.id)
                is_simple = re.fullmatch(r"[\w.]+(\([^()]*\))?", text) is not None
                text = text if is_simple or not text else f"({text})"
                texts.append(text if e == 1 or not text else f"{text} ** {e:g}")
            yield " * ".join(texts) if all(texts) else ""
            return

    def _factors(self, node: Node) -> list[Node]:
        """What is multiplied, over products of products, in the order in which it is written."""
        found = [node]
        for _ in range(_MOST_FACTORS):
            at = next((k for k, n in enumerate(found) if n.op == "multiply"), None)
            if at is None:
                break
            found[at : at + 1] = [self._parent(found[at], a) for a in (0, 1)]
        return found

    def _as_power(self, node: Node) -> tuple[int, float]:
        """A factor as a power of a node: √s is s to 0.5, and what is no power is itself to 1."""
        if node.op == "sqrt":
            return self._parent(node).id, 0.5
        if node.op == "square":
            return self._parent(node).id, 2.0
        if node.op == "power":
            literal = self._parent(node, 1).literal
            if isinstance(literal, float | int):
                return self._parent(node).id, float(literal)
        return node.id, 1.0

    def _squared(self, node: Node) -> Node | None:
        """The node that is squared; None where nothing is."""
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
        """The x of 1 + exp(x)."""
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
