"""A graph that is evaluated again and again, as two Python functions without a loop.

They are made of the rows, called on placeholders; the numbers of nodes and the names of NumPy's
functions are all that is in their text. What they compute is what the loops over the tape compute,
bit for bit: the same operations in the same order.
"""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from tui_backprop.graph.arrays import Adjoints, Values, frozen
from tui_backprop.graph.model import Backward
from tui_backprop.graph.passes import NO_CHECKPOINTS, Checkpoints, PassRun
from tui_backprop.graph.plan import compiled_pull, prepared
from tui_backprop.graph.spare import is_large, none
from tui_backprop.rules.derivative import Constant, Operand, Scalar, Structural
from tui_backprop.rules.shapes import unbroadcast
from tui_backprop.rules.traced import Names, Traced, traced

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tui_backprop.graph.model import Graph, Node, Pass
    from tui_backprop.graph.plan import Plan, Walk
    from tui_backprop.graph.spare import Slot
    from tui_backprop.rules.types import Array, Params, Shape

Take: TypeAlias = "Callable[[Slot], Array | None]"
"""Gives an array for a result, or None for a new one."""
Forward: TypeAlias = "Callable[[list[Any], Take], None]"
"""Fills in the values that the ops give, by node id."""
Reverse: TypeAlias = "Callable[[Sequence[Any], list[Any], Any, Checkpoints, Take], None]"
"""(values, adjoints to fill in, seed, checkpoints, …)."""

_REVERSE: Final = ("values", "adjoints", "seed", "checkpoints", "take")


class Computed:
    """What the two functions have computed; no dataclass, as `PassRun` is none.

    Attributes:
        values: by node id: arrays, and NumPy numbers for those without axes.
        adjoints: likewise; None where nothing arrived.
    """

    __slots__ = ("_checkpoints", "_of", "adjoints", "values")

    def __init__(
        self, of: StraightLine, values: list[Any], adjoints: list[Any], checkpoints: Checkpoints
    ) -> None:
        self.values = values
        self.adjoints = adjoints
        self._of = of
        self._checkpoints = checkpoints

    @property
    def node_values(self) -> Values:
        """The values as read-only arrays."""
        return Values(self.values, self._of.dtype)

    @property
    def run(self) -> PassRun:
        """What the backward pass did."""
        of = self._of
        adjoints = Adjoints(self.adjoints, of.dtype)
        return PassRun(of.walk, of.seed, of.assumed_ones, {}, adjoints, self._checkpoints)


class StraightLine:
    """The forward pass of a graph and one backward pass.

    Attributes:
        passes: the backward pass, alone.
        dtype: of the graph.
        walk: the order of the pass.
        seed: what it starts from.
        assumed_ones: whether v was left out.
    """

    def __init__(
        self,
        code: tuple[Forward, Reverse],
        passes: tuple[Pass, ...],
        item: Backward,
        plan: Plan,
        dtype: np.dtype[Any],
    ) -> None:
        self.passes = passes
        self.dtype = dtype
        self.walk = plan.walks[item.of]
        self.seed = plan.ones(item.of) if item.v is None else frozen(item.v.copy())
        self.assumed_ones = item.v is None
        self._forward, self._reverse = code
        self._start = self.seed[()]
        self._spare = plan.spare
        self._large = tuple([n for _, n, _, _ in plan.large.values()])

    def run(self, values: list[Any]) -> Computed:
        """Both passes; the caller silences warnings about NaN and infinities.

        Args:
            values: those of leaves, and of numbers that the program writes, by node id; filled in.
        """
        take = self._take(values) if self._large else self._spare.take
        self._forward(values, take)
        adjoints = [None] * len(values)
        wide = self.walk.wide
        checkpoints = Checkpoints(wide) if wide else NO_CHECKPOINTS
        self._reverse(values, adjoints, self._start, checkpoints, take)
        return Computed(self, values, adjoints, checkpoints)

    def _take(self, values: list[Any]) -> Take:
        """Leaves in another order may make results in another one, and sums add up otherwise."""
        for n in self._large:
            if not values[n].flags.c_contiguous:
                return none
        return self._spare.take


class StraightLines:
    """The code of one graph's passes, each written when it is first asked for."""

    def __init__(self, graph: Graph, plan: Plan) -> None:
        self._graph = graph
        self._plan = plan
        self._forward = straight_forward(graph, plan.stated)
        self._reverse: dict[int, Reverse] = {}
        self._last: StraightLine | None = None

    def of(self, passes: tuple[Pass, ...]) -> StraightLine | None:
        """The code of these passes; None for others than one, or one that overwrites adjoints."""
        last = self._last
        if last is not None and last.passes is passes:
            return last
        item = passes[0] if len(passes) == 1 else None
        if not isinstance(item, Backward):
            return None
        of, plan = item.of, self._plan
        is_fit = item.v is None or self._fits(item.v, self._graph.nodes[of])
        if plan.walks[of].overwritten or not is_fit:
            return None
        if of not in self._reverse:
            self._reverse[of] = straight_reverse(self._graph, plan.stated, plan.walks[of])
        dtype = self._graph.dtype
        code = self._forward, self._reverse[of]
        self._last = StraightLine(code, passes, item, plan, dtype)
        return self._last

    def _fits(self, v: Array, node: Node) -> bool:
        return (v.dtype, v.shape) == (self._graph.dtype, node.shape)


class _Code:
    """Lines of a function that is being written."""

    def __init__(self, graph: Graph, stated: Sequence[Any]) -> None:
        self.names = Names(graph.dtype)
        self.lines: list[str] = []
        self._stated = stated
        self._nodes = graph.nodes
        self._dtype = graph.dtype
        self._read: set[int] = set()
        self.plain = {
            n.id for n in graph.nodes if n.rule is None and not isinstance(stated[n.id], np.ndarray)
        }

    def assigned(self, name: str, node: int, found: Traced) -> None:
        """A line that gives a value, or an adjoint, of a node its name."""
        shape = self._nodes[node].shape
        if is_large(shape, self._dtype):
            slot = self.names.of((name, node, shape, self._dtype))
            text = found.use_into(f"take({slot})")
        else:
            text = found.use()
        self.lines.append(f"{name}{node} = {text}")

    def value(self, node: int) -> str:
        """The name of a node's value; what was not computed here is read first."""
        if node not in self._read:
            self._read.add(node)
            self.lines.append(f"v{node} = values[{node}]")
        return f"v{node}"

    def computed(self, node: int) -> None:
        """A node's value has its name from here on."""
        self._read.add(node)

    def operand(self, node: int) -> Any:
        """A node's value as a row is traced with it: a number that the program writes is known."""
        found = self._stated[node]
        if found is not None and not isinstance(found, np.ndarray):
            return found
        return self.placeholder(node)

    def placeholder(self, node: int) -> Traced:
        """A node's value, whatever it is."""
        shape, is_plain = self._nodes[node].shape, node in self.plain
        return Traced.given(lambda: self.value(node), shape, self.names, is_plain=is_plain)

    def adjoint(self, node: int, *, is_plain: bool) -> Traced:
        """The adjoint of a node, as a row is traced with it."""
        shape = self._nodes[node].shape
        return Traced.given(lambda: f"a{node}", shape, self.names, is_plain=is_plain)

    def checked(self, name: str) -> None:
        """What a row gave is brought to the graph's dtype, where it is not in it."""
        number, dtype = self.names.of(self._dtype.type), self.names.of(self._dtype)
        self.lines.append(
            f"if {self.names.of(type)}({name}) is not {number} and {name}.dtype is not {dtype}: "
            f"{name} = {self.names.of(np.asarray)}({name}, {dtype})"
        )


def straight_forward(graph: Graph, stated: Sequence[Any]) -> Forward:
    """The forward pass of a graph.

    Args:
        graph: of few nodes, since each becomes a line.
        stated: the numbers that the program writes, by node id, None for other nodes.
    """
    code = _Code(graph, stated)
    for node in graph.nodes:
        if node.rule is None:
            continue
        row = partial(node.rule.forward, np, **prepared(node))
        found = traced(row, tuple([code.operand(p) for p in node.parents]), node.shape)
        if found is None:
            operands = ", ".join(code.value(p) for p in node.parents)
            code.lines.append(f"v{node.id} = {code.names.of(row)}({operands})")
            code.checked(f"v{node.id}")
        else:
            code.assigned("v", node.id, found)
            if found.is_plain:
                code.plain.add(node.id)
        code.lines.append(f"values[{node.id}] = v{node.id}")
        code.computed(node.id)
    made: Forward = code.names.function(("values", "take"), code.lines)
    return made


def straight_reverse(graph: Graph, stated: Sequence[Any], walk: Walk) -> Reverse:
    """A backward pass that adds nothing to earlier gradients, and overwrites none.

    Args:
        graph: as in `straight_forward`.
        stated: likewise.
        walk: its order.
    """
    code = _Code(graph, stated)
    code.lines.append(f"a{walk.of} = seed")
    sums = _Sums(code, walk, graph)
    for n, arguments in zip(walk.nodes, walk.arguments, strict=True):
        node = graph.nodes[n]
        for a in arguments:
            parent = node.parents[a]
            shape = graph.nodes[parent].shape
            found = _pulled(code, node, a, shape, is_plain=n in sums.plain)
            if found is None:
                operands = ", ".join(code.value(k) for k in (n, *node.parents))
                pull = compiled_pull(node, a, shape, tuple(range(1 + len(node.parents))))
                code.lines.append(f"found = {code.names.of(pull)}(a{n}, ({operands},))")
                code.checked("found")
                found = Traced("found", shape, code.names)
            sums.add(parent, found)
        code.lines.append(f"adjoints[{n}] = a{n}")
    code.lines += [f"adjoints[{n}] = a{n}" for n in sums.of_leaves(walk)]
    made: Reverse = code.names.function(_REVERSE, code.lines)
    return made


def _pulled(
    code: _Code, node: Node, argument: int, shape: Shape, *, is_plain: bool
) -> Traced | None:
    """One edge's VJP; None where the row has to be called. ``is_plain`` is the adjoint."""
    rule = node.rule
    derivative = None if rule is None else rule.derivative(argument)
    v, y = code.adjoint(node.id, is_plain=is_plain), code.placeholder(node.id)
    operands = (y, *map(code.operand, node.parents))
    params = prepared(node)
    if type(derivative) is Structural:
        return traced(partial(derivative.part.vjp, **params), (v, *operands), shape)
    # A kind of its own, of a bug or a convention, pulls back in its own way.
    if type(derivative) is not Scalar or derivative.masked:
        return None
    found = _sloped(derivative, params, v, operands, node.shape)
    if found is None or shape == node.shape:
        return found
    text = f"{code.names.of(unbroadcast)}({found.use()}, {code.names.of(shape)})"
    return Traced(text, shape, code.names, is_plain=len(shape) < 2)


def _sloped(
    derivative: Scalar, params: Params, v: Traced, operands: tuple[Any, ...], shape: Shape
) -> Traced | None:
    """What `Scalar.bound` computes."""
    stated = derivative.partial
    if isinstance(stated, Constant):
        number = stated.number
        return traced(lambda v: v if number == 1 else v * number, (v,), shape)
    if isinstance(stated, Operand):
        return traced(lambda v: v * operands[1 + stated.argument], (v,), shape)
    return traced(lambda *read: v * stated(np, *read, **params), operands, shape)


class _Sums:
    """The contributions to each adjoint, as they are added up.

    Attributes:
        plain: the adjoints that are certain to lie in memory row by row.
    """

    def __init__(self, code: _Code, walk: Walk, graph: Graph) -> None:
        self._code = code
        self._begun = {walk.of}
        self.plain = {walk.of}
        self._counts: Counter[int] = Counter()
        self._own: set[int] = set()
        size = graph.dtype.itemsize
        self._strides = {
            n: Checkpoints.stride(count, graph.nodes[n].size * size)
            for n, count in walk.wide.items()
        }

    def add(self, node: int, found: Traced) -> None:
        """One more contribution to a node, or its first."""
        lines, name = self._code.lines, f"a{node}"
        self._counts[node] += 1
        if node not in self._begun:
            self._code.assigned("a", node, found)
            self._begun.add(node)
            if found.is_plain:
                self.plain.add(node)
        elif node in self._own:
            lines.append(f"{name} += {found.use()}")  # a sum that nobody else has seen
        else:
            lines.append(f"{name} = {name} + {found.use()}")
            self._own.add(node)
            if not found.is_plain:
                self.plain.discard(node)
        stride = self._strides.get(node)
        if stride is not None and self._counts[node] % stride == 0:
            lines.append(f"checkpoints.record_at({node}, {self._counts[node]}, {stride}, {name})")
            self._own.discard(node)

    def of_leaves(self, walk: Walk) -> Iterable[int]:
        """Those that were reached and are not walked through."""
        return self._begun.difference(walk.nodes)
