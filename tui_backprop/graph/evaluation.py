"""One evaluation of a graph: every value, every cotangent, every gradient.

A graph is built once and evaluated as often as one likes.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Self

import numpy as np

from tui_backprop.errors import ArgumentError, ShapeError
from tui_backprop.graph.arrays import frozen, some_of
from tui_backprop.graph.model import Backward, Role
from tui_backprop.graph.passes import (
    NO_CHECKPOINTS,
    Checkpoints,
    PassRun,
    pull_back,
    run_backward,
    run_forward,
)
from tui_backprop.graph.plan import PickedPatterns, Plan
from tui_backprop.graph.sizes import size_of
from tui_backprop.language.message import joined, said
from tui_backprop.lazy import cached_property
from tui_backprop.progress import listener

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy.typing as npt

    from tui_backprop.graph.arrays import Adjoints
    from tui_backprop.graph.model import Edge, Graph, Pass
    from tui_backprop.graph.sizes import Size
    from tui_backprop.graph.straight import Computed, StraightLine, StraightLines
    from tui_backprop.rules.types import Array, Shape


class Evaluation:
    """A graph with numbers: forward and backward done.

    Attributes:
        graph: the structure.
        passes: the backward passes, in order.
        runs: what each pass did, None for a ``zero_grad``.
        initial: gradients that inputs hold before the first pass, by id; mostly there are none.
        unknown: the nodes whose value nobody kept; there are none where we computed it.
        is_recorded: whether another program computed it, which may not tell everything.
        made_by: that program with its version; empty where it is this one.
    """

    unknown: frozenset[int] = frozenset()
    is_recorded: bool = False
    made_by: str = ""
    initial: Mapping[int, Array] = MappingProxyType({})

    def __init__(
        self,
        graph: Graph,
        leaves: Mapping[str, Array],
        passes: Sequence[Pass],
        plan: Plan | None = None,
        initial: Mapping[int, Array] | None = None,
    ) -> None:
        self.graph = graph
        self.passes = passes = tuple(passes)
        if initial:
            self.initial = initial
        self._is_again = plan is not None
        if plan is None:
            leaves = {name: self._leaf(name, value) for name, value in leaves.items()}
            plan = Plan(graph, {p.of for p in passes if isinstance(p, Backward)})
        self.plan = plan
        self._leaves = leaves
        self._grad: Mapping[str, Array] | None = None
        self._computed: Computed | None = None
        straight = self.straight(passes) if self._is_again and not initial else None
        # NaN and infinities are data here, nothing to warn of.
        with np.errstate(all="ignore"):
            if straight is not None:
                self._computed = straight.run(plan.start(leaves))
            else:
                self.node_values = self._forward(leaves)
                self._backward()

    def straight(self, passes: tuple[Pass, ...]) -> StraightLine | None:
        """Passes over this graph as code without a loop, once it was evaluated often.

        None before, for other passes than one, and for a graph that is not worth the code. Whoever
        listens to the progress, and may give the work up, has the loops.
        """
        plan = self.plan
        if plan.code is None:
            if not plan.is_worth_code():
                return None
            # Few evaluate a graph so often.
            from tui_backprop.graph.straight import StraightLines

            plan.code = StraightLines(self.graph, plan)
        lines: StraightLines = plan.code
        return lines.of(passes) if listener() is None else None

    # What code without a loop has computed becomes these when they are looked at.

    @cached_property
    def node_values(self) -> Sequence[Array]:
        """The forward values by node id."""
        return self._straightly.node_values

    @cached_property
    def runs(self) -> Sequence[PassRun | None]:
        """What each pass did, None for a ``zero_grad``."""
        return (self._straightly.run,)

    @property
    def _straightly(self) -> Computed:
        if self._computed is None:
            raise AssertionError("the loops set what they compute")
        return self._computed

    @property
    def leaves(self) -> Mapping[str, Array]:
        """The value of every input and constant by name, read-only."""
        return MappingProxyType({name: frozen(value) for name, value in self._leaves.items()})

    def value(self, node: int) -> Array:
        """The forward value of a node, read-only."""
        return self.node_values[node]

    def is_known(self, node: int) -> bool:
        """Whether the value of a node is there; `value` raises an `UnknownError` where not."""
        return node not in self.unknown

    def pull(self, edge: Edge, v: Array) -> Array:
        """``vᵀJ`` of one edge, in the parent's shape; NaN and infinities are data."""
        node = self.graph.nodes[edge.node]
        with np.errstate(all="ignore"):
            return pull_back(node, edge.argument, v, self.node_values)

    def value_size(self, node: int) -> Size | None:
        """How large the value of a node is; None where that is not known."""
        return size_of(self.value(node)) if self.is_known(node) else None

    def pulled_size(self, edge: Edge, adjoints: Adjoints) -> Size:
        """How large what an edge hands on is, of a node's whole adjoint."""
        return size_of(self.pull(edge, adjoints[edge.node]))

    @cached_property
    def values(self) -> Mapping[str, Array]:
        """Value by name; ``h`` is the last binding of h."""
        return MappingProxyType({n: self.node_values[k] for n, k in self.graph.names.items()})

    @cached_property
    def patterns(self) -> PickedPatterns:
        """Which partials can be non-zero, edge by edge."""
        return PickedPatterns(self.graph.nodes, self.node_values, self.plan.patterns)

    @property
    def grad(self) -> Mapping[str, Array]:
        """Gradient by input name after all passes; zeros where nothing reaches an input."""
        # Not a cached property, whose lock costs as much as the rest of this.
        if self._grad is None:
            inputs, computed = self.graph.inputs.items(), self._computed
            if computed is None:
                final = self.gradients_after(len(self.runs) - 1)
                found = {name: final[n] for name, n in inputs if n in final}
            else:
                found = some_of(computed.adjoints, inputs, self.graph.dtype)
            if len(found) < len(inputs):
                found = {x: found[x] if x in found else self._zeros(n) for x, n in inputs}
            self._grad = MappingProxyType(found)
        return self._grad

    def gradients_after(self, pass_number: int) -> Mapping[int, Array]:
        """Gradient by input id after a pass; an input that nothing reached yet is absent."""
        if pass_number < 0:
            return self.initial
        run = self.runs[pass_number]
        inputs = self.graph.inputs.values()
        if run is None:
            kept = self.graph.accumulation.kept
            before = self.gradients_after(pass_number - 1) if kept else {}
            return {n: before[n] if n in kept & before.keys() else self._zeros(n) for n in inputs}
        return run.cotangents.some(inputs)

    @property
    def untold(self) -> Mapping[str, str]:
        """By input name, why the gradient is not in `grad`; there are none where we computed it."""
        return {}

    def _zeros(self, node: int) -> Array:
        return frozen(np.zeros_like(self.value(node)))

    def rerun(
        self, leaves: Mapping[str, npt.ArrayLike] | None = None, v: npt.ArrayLike | None = None
    ) -> Self:
        """Evaluate the graph again on other leaves or another v, without parsing.

        Args:
            leaves: new values by name; those left out stay. Shapes must not change.
            v: a new seed for every backward pass; left out, each keeps its own.

        Raises:
            ShapeError: a value does not have the leaf's shape, or v not the output's.
            ArgumentError: there is no such leaf, or its numbers shaped the graph, or a condition
                that picked entries would pick others.
        """
        plan, dtype = self.plan, self.graph.dtype
        shapes, large = plan.shapes, plan.large
        changed = dict(self._leaves)
        for name, value in (leaves or {}).items():
            if type(value) is np.ndarray and value.dtype is dtype:
                array = value
            else:
                with np.errstate(over="ignore"):  # what a float32 cannot hold is an infinity
                    array = np.array(value, dtype=dtype)
            if array.shape != shapes.get(name):
                raise self._refusal(name, array.shape)
            # The caller may change it afterwards.
            if name in large:
                changed[name] = plan.spare.copied(large[name], array)
            else:
                changed[name] = array.copy()
        found = self.again(changed, self.passes if v is None else tuple(self._reseeded(v)))
        if self.graph.masks:
            found.check_masks()
        return found

    def check_masks(self) -> None:
        """Refuse numbers by which a condition would pick other entries than at first."""
        for mask in self.graph.masks:
            found = self.value(mask.node) != 0
            if not np.array_equal(found, mask.chosen):
                node = self.graph.nodes[mask.node]
                before, now = int(mask.chosen.sum()), int(found.sum())
                raise ArgumentError(said(
                    "'{name}' picked {before} of {size} entries and would pick {now}: what it "
                    "picks shapes the graph. Change the numbers in the scenario and load it again, "
                    "or write where(condition, a, b)",
                    name=node.label, before=before, size=node.size,
                    now=said("others") if before == now else now,
                ))  # fmt: skip

    def again(self, leaves: Mapping[str, Array], passes: Sequence[Pass]) -> Self:
        """An evaluation of the same graph with other leaves and seeds, checked before."""
        return type(self)(self.graph, leaves, passes, self.plan, self.initial)

    def _leaf(self, name: str, value: npt.ArrayLike) -> Array:
        array = np.asarray(value, dtype=self.graph.dtype, order="C")
        if array is value and array.flags.writeable:
            array = array.copy()
        shape = self.graph.nodes[self._leaf_id(name)].shape
        if array.shape != shape:
            raise ShapeError(_misfit(name, shape, array.shape))
        return frozen(array)

    def _refusal(self, name: str, shape: Shape) -> ArgumentError | ShapeError:
        """Why a leaf cannot be replaced by an array of that shape."""
        own = self.graph.nodes[self._leaf_id(name)].shape
        if name not in self.plan.shapes:
            return ArgumentError(said(
                "'{name}' shaped the graph (a loop bound, an index or a shape): "
                "change it in the scenario and load it again", name=name,
            ))  # fmt: skip
        return ShapeError(_misfit(name, own, shape))

    def _leaf_id(self, name: str) -> int:
        found = self.graph.inputs.get(name, self.graph.constants.get(name))
        if found is None:
            known = joined(", ", [*self.graph.inputs, *self.graph.constants]) or said("none")
            raise ArgumentError(said("there is no input or constant '{name}'; there are: {there}",
                                     name=name, there=known))  # fmt: skip
        return found

    def _reseeded(self, v: npt.ArrayLike) -> Iterator[Pass]:
        for p in self.passes:
            yield Backward(p.of, self.seed_for(p.of, v)) if isinstance(p, Backward) else p

    def seed_for(self, of: int, v: npt.ArrayLike) -> Array:
        """``v`` as an array that fits a node.

        Raises:
            ShapeError: it does not fit; the message shows both shapes.
        """
        node = self.graph.nodes[of]
        with np.errstate(over="ignore"):
            seed = np.array(v, dtype=self.graph.dtype)
        if seed.shape != node.shape:
            if seed.size != 1 or node.size != 1:
                raise ShapeError(said("v must have the shape of '{name}', {shape}; found {found}",
                                      name=node.label, shape=node.shape,
                                      found=seed.shape))  # fmt: skip
            seed = seed.reshape(node.shape)
        return frozen(seed)

    def _forward(self, leaves: Mapping[str, Array]) -> Sequence[Array]:
        plan = self.plan
        calls = plan.forward if self._is_again else None
        return run_forward(plan.start(leaves), self.graph.nodes, self.graph.dtype, calls)

    def _backward(self) -> None:
        runs: list[PassRun | None] = []
        self.runs = runs  # a pass reads those before it
        for number, item in enumerate(self.passes):
            run = None
            if isinstance(item, Backward):
                run = self._one_pass(item, self.gradients_after(number - 1))
            runs.append(run)
        self.runs = tuple(runs)

    def _one_pass(self, item: Backward, initial: Mapping[int, Array]) -> PassRun:
        plan, of = self.plan, item.of
        seed = plan.ones(of) if item.v is None else self.seed_for(of, item.v)
        walk = plan.walks[of]
        checkpoints = Checkpoints(walk.wide) if walk.wide else NO_CHECKPOINTS
        steps = plan.backward(of) if self._is_again else None
        nodes, values = self.graph.nodes, self.node_values
        cotangents = run_backward(nodes, values, walk, seed, initial, checkpoints, steps)
        return PassRun(walk, seed, item.v is None, initial, cotangents, checkpoints)

    def is_input(self, node: int) -> bool:
        """Whether a node is a differentiable leaf, so that its adjoint is a gradient."""
        return self.graph.nodes[node].role is Role.INPUT


def _misfit(name: str, own: Shape, found: Shape) -> str:
    return said("'{name}' has shape {shape}, not {found}", name=name, shape=own, found=found)
