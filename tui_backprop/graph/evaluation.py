"""One evaluation of a graph: every value, every cotangent, every gradient.

It stands apart from the graph so that the graph is parsed once and evaluated as often as one likes.
"""

from __future__ import annotations

from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from tui_backprop.errors import ArgumentError, ShapeError
from tui_backprop.graph.backward import Milestones, PassRun, frozen, run_backward, settled
from tui_backprop.graph.bound import bound_forward, bound_steps
from tui_backprop.graph.model import Backward, Role
from tui_backprop.graph.plan import active_arguments, walk_from

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from tui_backprop.graph.bound import Forward, Step
    from tui_backprop.graph.model import Graph, Pass
    from tui_backprop.rules.types import Array


class Plan:
    """What every evaluation of the same graph from the same outputs shares.

    Attributes:
        arguments: see `active_arguments`.
        walks: the order of the backward pass from each output.
    """

    def __init__(self, graph: Graph, outputs: set[int]) -> None:
        self.arguments = active_arguments(graph)
        self.walks = {n: walk_from(graph, n, self.arguments) for n in outputs}
        self._graph = graph
        self._steps: dict[int, tuple[Step, ...]] = {}

    @cached_property
    def forward(self) -> tuple[Forward | None, ...]:
        """The nodes as functions, kept for a graph that is evaluated again."""
        return tuple(map(bound_forward, self._graph.nodes))

    def backward(self, of: int) -> tuple[Step, ...]:
        """The backward pass from an output, likewise."""
        if of not in self._steps:
            self._steps[of] = tuple(bound_steps(self._graph.nodes, self.walks[of]))
        return self._steps[of]


class Evaluation:
    """A graph with numbers: forward and backward done.

    Attributes:
        graph: the structure.
        leaves: value of every input and constant by name, read-only.
        passes: the backward passes, in order.
        runs: what each pass did, None for a ``zero_grad``.
    """

    def __init__(
        self,
        graph: Graph,
        leaves: Mapping[str, Array],
        passes: Sequence[Pass],
        plan: Plan | None = None,
    ) -> None:
        self.graph = graph
        self.leaves: Mapping[str, Array] = MappingProxyType(
            {name: self._leaf(name, value) for name, value in leaves.items()}
        )
        self.passes = tuple(passes)
        self._is_again = plan is not None
        self.plan = plan or Plan(graph, {p.of for p in passes if isinstance(p, Backward)})
        self.node_values = self._forward()
        self.runs = self._backward()

    def value(self, node: int) -> Array:
        """The forward value of a node, read-only."""
        return self.node_values[node]

    @cached_property
    def values(self) -> Mapping[str, Array]:
        """Value by name; ``h`` is the last binding of h."""
        return MappingProxyType({n: self.node_values[k] for n, k in self.graph.names.items()})

    @cached_property
    def grad(self) -> Mapping[str, Array]:
        """Gradient by input name after all passes; zeros where nothing reaches an input."""
        final = self.gradients_after(len(self.passes) - 1)
        return MappingProxyType(
            {
                name: final[node] if node in final else frozen(np.zeros_like(self.value(node)))
                for name, node in self.graph.inputs.items()
            }
        )

    def gradients_after(self, pass_number: int) -> Mapping[int, Array]:
        """Gradient by input id after a pass; an input that nothing reached yet is absent."""
        if pass_number < 0:
            return {}
        run = self.runs[pass_number]
        inputs = self.graph.inputs.values()
        if run is not None:
            return {n: run.cotangents[n] for n in inputs if n in run.cotangents}
        return {n: frozen(np.zeros_like(self.value(n))) for n in inputs}

    def rerun(
        self, leaves: Mapping[str, npt.ArrayLike] | None = None, v: npt.ArrayLike | None = None
    ) -> Self:
        """The same graph on other leaves or another v, without parsing.

        Args:
            leaves: new values by name; those left out stay. Shapes must not change.
            v: a new seed for every backward pass; left out, each keeps its own.

        Raises:
            ShapeError: a value does not have the leaf's shape, or v not the output's.
            ArgumentError: there is no such leaf, or its numbers shaped the graph.
        """
        changed = {name: self._replacement(name, x) for name, x in (leaves or {}).items()}
        passes = self.passes if v is None else tuple(self._reseeded(p, v) for p in self.passes)
        return self.again({**self.leaves, **changed}, passes)

    def again(self, leaves: Mapping[str, Array], passes: Sequence[Pass]) -> Self:
        """The same graph with other leaves and seeds, checked already."""
        return type(self)(self.graph, leaves, passes, self.plan)

    def _leaf(self, name: str, value: npt.ArrayLike) -> Array:
        array = np.asarray(value, dtype=self.graph.dtype)
        if array is value and array.flags.writeable:
            array = array.copy()
        node = self.graph.nodes[self._leaf_id(name)]
        if array.shape != node.shape:
            raise ShapeError(f"'{name}' has shape {node.shape}, not {array.shape}")
        return frozen(array)

    def _leaf_id(self, name: str) -> int:
        found = self.graph.inputs.get(name, self.graph.constants.get(name))
        if found is None:
            known = ", ".join([*self.graph.inputs, *self.graph.constants]) or "none"
            raise ArgumentError(f"there is no input or constant '{name}'; there are: {known}")
        return found

    def _replacement(self, name: str, value: npt.ArrayLike) -> Array:
        self._leaf_id(name)
        if name in self.graph.static_leaves:
            raise ArgumentError(
                f"'{name}' shaped the graph (a loop bound, an index or a shape): "
                "change it in the scenario and load it again"
            )
        return np.array(value, dtype=self.graph.dtype)

    def _reseeded(self, item: Pass, v: npt.ArrayLike) -> Pass:
        if not isinstance(item, Backward):
            return item
        return Backward(item.of, self.seed_for(item.of, v))

    def seed_for(self, of: int, v: npt.ArrayLike) -> Array:
        """``v`` as an array that fits a node.

        Raises:
            ShapeError: it does not fit; the message shows both shapes.
        """
        node = self.graph.nodes[of]
        seed = np.array(v, dtype=self.graph.dtype)
        if seed.shape != node.shape:
            if seed.size != 1 or node.size != 1:
                raise ShapeError(
                    f"v must have the shape of '{node.label}', {node.shape}; found {seed.shape}"
                )
            seed = seed.reshape(node.shape)
        return frozen(seed)

    def _forward(self) -> list[Array]:
        values: list[Array] = []
        nodes, dtype = self.graph.nodes, self.graph.dtype
        calls = self.plan.forward if self._is_again else map(bound_forward, nodes)
        with np.errstate(all="ignore"):
            for call, node in zip(calls, nodes, strict=True):
                found: Any
                if call is not None:
                    found = call(values)
                else:
                    found = self.leaves[node.name] if node.literal is None else node.literal
                values.append(settled(found, dtype))
        return values

    def _backward(self) -> tuple[PassRun | None, ...]:
        runs: list[PassRun | None] = []
        self.runs = ()
        for number, item in enumerate(self.passes):
            if not isinstance(item, Backward):
                runs.append(None)
            else:
                self.runs = tuple(runs)
                runs.append(self._one_pass(item, self.gradients_after(number - 1)))
        return tuple(runs)

    def _one_pass(self, item: Backward, initial: Mapping[int, Array]) -> PassRun:
        shape = self.graph.nodes[item.of].shape
        seed = (
            frozen(np.ones(shape, dtype=self.graph.dtype))
            if item.v is None
            else self.seed_for(item.of, item.v)
        )
        walk = self.plan.walks[item.of]
        milestones = Milestones()
        steps = self.plan.backward(item.of) if self._is_again else None
        nodes, values = self.graph.nodes, self.node_values
        cotangents = run_backward(nodes, values, walk, seed, initial, milestones, steps)
        return PassRun(walk, seed, item.v is None, initial, cotangents, milestones)

    def is_input(self, node: int) -> bool:
        """Whether a node is a differentiable leaf, so that its adjoint is a gradient."""
        return self.graph.nodes[node].role is Role.INPUT
