"""The two loops over the tape: forward evaluation and reverse-mode differentiation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from tui_backprop.graph.arrays import Adjoints, Values, frozen, read_only
from tui_backprop.graph.plan import compiled_pull, compiled_steps, prepared
from tui_backprop.progress import reported
from tui_backprop.rules.derivative import reading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from tui_backprop.graph.model import Node
    from tui_backprop.graph.plan import Call, Step, Walk
    from tui_backprop.rules.derivative import Pull
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array, Shape

    _Kind: TypeAlias = tuple[Rule | None, int, int, Shape, Shape]


class PassRun:
    """What one backward pass did.

    No dataclass, whose fields are set one by one through a loop: every evaluation makes one.

    Attributes:
        walk: the order it went.
        seed: v as it was placed on ``walk.of``; that node's shape, read-only.
        assumed_ones: whether v was left out.
        initial: gradients of the inputs before this pass, where there were any.
        cotangents: the finished adjoint of every node reached, by id; of an input its gradient,
            earlier passes included.
        checkpoints: what the adjoints of widely read nodes were on the way; see `Checkpoints`.
    """

    __slots__ = ("assumed_ones", "checkpoints", "cotangents", "initial", "seed", "walk")

    def __init__(
        self,
        walk: Walk,
        seed: Array,
        assumed_ones: bool,
        initial: Mapping[int, Array],
        cotangents: Adjoints,
        checkpoints: Checkpoints,
    ) -> None:
        self.walk = walk
        self.seed = seed
        self.assumed_ones = assumed_ones
        self.initial = initial
        self.cotangents = cotangents
        self.checkpoints = checkpoints

    @property
    def of(self) -> int:
        """The node that was seeded."""
        return self.walk.of

    @property
    def seeded(self) -> tuple[int, ...]:
        """Every node that was seeded: the output alone."""
        return (self.walk.of,)

    @property
    def seeds(self) -> Mapping[int, Array]:
        """What was placed on each of them."""
        return {self.walk.of: self.seed}


def accumulate(adjoint: Array | None, contribution: Array) -> Array:
    """Add one edge's VJP to a node's adjoint.

    A node read k times receives k contributions, one per edge:  x̄ = Σ_e v_eᵀ J_e

    Args:
        adjoint: the sum so far, shape of the node's value; None before the first edge.
        contribution: v_eᵀ J_e, same shape.

    Returns:
        A read-only array. The old one stays valid: earlier frames show it.
    """
    if adjoint is None:
        return frozen(np.asarray(contribution))
    return frozen(np.asarray(adjoint + contribution))


def pull_back(node: Node, argument: int, v: Array, values: Sequence[Array]) -> Array:
    """``vᵀJ`` of one edge, in the parent's shape and dtype; v has the shape of the child."""
    parent = values[node.parents[argument]]
    pull = compiled_pull(node, argument, parent.shape)
    return np.asarray(pull(v, values), dtype=parent.dtype)


_KINDS: Final = 1024
"""Of edges, or of ops, that are known at once: they may be as many as there are nodes."""


class Checkpoints:
    """Some of the partial sums of a widely read node's adjoint, kept while a backward pass runs.

    Who looks into the middle of a long sum starts from the nearest one. They stand as close as
    there is room for; the others can be added up again.
    """

    _CLOSEST: Final = 8
    _ROOM: Final = 32 << 20

    def __init__(self, wide: Mapping[int, int]) -> None:
        self._wide = wide
        self._counts = dict.fromkeys(wide, 0)
        self._strides: dict[int, int] = {}
        self._sums: dict[tuple[int, int], Array] = {}
        self._room = self._ROOM

    def record(self, node: int, total: Any) -> None:
        """One more contribution was added to a node's adjoint."""
        count = self._counts[node] = self._counts[node] + 1
        stride = self._strides.get(node)
        if stride is None:
            stride = self._strides[node] = self.stride(self._wide[node], total.nbytes)
        if count % stride == 0:
            self._keep(node, count, total)

    @classmethod
    def stride(cls, contributions: int, size: int) -> int:
        """After how many of so many contributions, each of so many bytes, a sum is kept."""
        return max(cls._CLOSEST, contributions * size // cls._ROOM + 1)

    def record_at(self, node: int, count: int, stride: int, total: Any) -> None:
        """So many contributions were added, by whoever knows the stride and asks for no other."""
        self._strides[node] = stride
        self._keep(node, count, total)

    def _keep(self, node: int, count: int, total: Any) -> None:
        if total.nbytes <= self._room:
            self._room -= total.nbytes
            self._sums[node, count] = read_only(total, total.dtype)

    def nearest(self, node: int, count: int) -> tuple[int, Array] | None:
        """The longest kept sum of at most ``count`` contributions, and how many it has."""
        stride = self._strides.get(node)
        for done in () if stride is None else range(count - count % stride, 0, -stride):
            found = self._sums.get((node, done))
            if found is not None:
                return done, found
        return None


NO_CHECKPOINTS: Final = Checkpoints({})
"""Of a walk without wide nodes: it stays empty."""


def run_backward(
    nodes: Sequence[Node],
    values: Sequence[Array],
    walk: Walk,
    seed: Array,
    initial: Mapping[int, Array],
    checkpoints: Checkpoints | None = None,
    steps: Iterable[Step] | None = None,
) -> Adjoints:
    """Run one whole backward pass; the caller silences warnings about NaN and infinities.

    Args:
        nodes: the tape.
        values: all forward values by node id.
        walk: the order to go.
        seed: v, shape of the node ``walk.of``.
        initial: gradients that inputs hold already; contributions are added to them.
        checkpoints: told of every sum, where somebody will look into the middle.
        steps: the walk as `compiled_steps` has it; left out, edges of one kind are bound together.

    Returns:
        The adjoint of every node reached, and of every input in ``initial``; read-only.
    """
    dtype = seed.dtype
    number = dtype.type
    raw = values.raw if isinstance(values, Values) else values
    adjoints: list[Any] = [None] * len(nodes)
    for n, found in initial.items():
        adjoints[n] = found[()]
    of, before = walk.of, adjoints[walk.of]
    adjoints[of] = seed[()] if before is None else before + seed
    read: Sequence[Any] = raw
    if steps is None and isinstance(values, Values):
        read = []
        steps = _shared_steps(nodes, walk, raw, read)
    elif steps is None:  # of values that are not all known a pull may read those that are
        steps = compiled_steps(nodes, walk)
    for n, parent, pull, is_wide in reported("differentiating", steps, len(walk.parents)):
        found = pull(adjoints[n], read)
        if type(found) is not number and found.dtype is not dtype:
            found = np.asarray(found, dtype=dtype)
        before = adjoints[parent]
        adjoints[parent] = total = found if before is None else before + found
        if is_wide and parent in walk.overwritten:
            adjoints[parent] = found
        elif is_wide and checkpoints is not None:
            checkpoints.record(parent, total)
    return Adjoints(adjoints, dtype)


def _shared_steps(
    nodes: Sequence[Node], walk: Walk, raw: Sequence[Any], read: list[Any]
) -> Iterator[Step]:
    """The steps of `compiled_steps` for a walk that is gone once; what is read is in ``read``.

    A program has few kinds of edges, and each is bound once. A pull of its own for each edge finds
    what it reads sooner, but takes longer to make than to run.
    """
    known: dict[_Kind, Pull] = {}
    wide = {*walk.wide, *walk.overwritten}
    for n, arguments in zip(walk.nodes, walk.arguments, strict=True):
        node = nodes[n]
        parents = node.parents
        read[:] = (raw[n], *[raw[p] for p in parents])
        for a in arguments:
            parent = parents[a]
            shape = nodes[parent].shape
            kind = node.rule, id(node.params), a, node.shape, shape
            pull = known.get(kind)
            if pull is None:
                if len(known) >= _KINDS:
                    known.clear()
                pull = compiled_pull(node, a, shape, tuple(range(len(read))))
                known[kind] = pull
            yield n, parent, pull, parent in wide


def _shared_calls(nodes: Iterable[Node], raw: Sequence[Any], read: list[Any]) -> Iterator[Call]:
    """The calls of `compiled_calls` for values that are computed once, likewise."""
    known: dict[tuple[Rule, int], Callable[[Sequence[Any]], Any]] = {}
    for node in nodes:
        rule = node.rule
        if rule is None:
            continue
        parents = node.parents
        read[:] = [raw[p] for p in parents]
        kind = rule, id(node.params)
        call = known.get(kind)
        if call is None:
            if len(known) >= _KINDS:
                known.clear()
            at = tuple(range(len(parents)))
            call = known[kind] = reading(rule.forward, prepared(node), at)
        yield node.id, call


def run_forward(
    raw: list[Any],
    nodes: Sequence[Node],
    dtype: np.dtype[Any],
    calls: Iterable[Call] | None = None,
) -> Values:
    """Compute every value; the caller silences warnings about NaN and infinities, which are data.

    Args:
        raw: each leaf's number or array, by its id; what the ops give is filled in.
        nodes: the tape.
        dtype: of the graph.
        calls: the ops as `compiled_calls` has them; left out, ops of one kind are bound together.
    """
    number = dtype.type
    read: list[Any] = raw
    if calls is None:
        read = []
        calls = _shared_calls(nodes, raw, read)
    for n, call in reported("evaluating", calls, len(nodes)):
        found = call(read)
        if type(found) is not number and found.dtype is not dtype:
            found = np.asarray(found, dtype=dtype)
        raw[n] = found
    return Values(raw, dtype)
