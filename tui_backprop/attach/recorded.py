"""A walk over numbers that somebody else computed: recorded while his backward pass ran.

Nothing is computed again, so the walk shows what his program did, hooks included. What was not
recorded is unknown, and says so.
"""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from tui_backprop.attach.given import deciding
from tui_backprop.attach.keep import check_keep
from tui_backprop.attach.later import Later, LaterAdjoints, LaterEdges, not_kept
from tui_backprop.dataclass import replace
from tui_backprop.errors import ArgumentError, UnknownError
from tui_backprop.files import write_whole
from tui_backprop.graph.arrays import Adjoints, Values, frozen
from tui_backprop.graph.model import Backward
from tui_backprop.graph.passes import NO_CHECKPOINTS, PassRun
from tui_backprop.graph.plan import compiled_pull
from tui_backprop.graph.sizes import size_of
from tui_backprop.language.message import joined, said
from tui_backprop.lazy import cached_property
from tui_backprop.timeline.trace import Trace

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from os import PathLike

    from tui_backprop.attach.given import RecordedTape
    from tui_backprop.attach.keep import Keep
    from tui_backprop.graph.model import Edge, Pass
    from tui_backprop.graph.sizes import Size
    from tui_backprop.rules.types import Array


class _KnownValues(Values):
    """The values that were recorded; the others are errors when they are read."""

    def __init__(self, tape: RecordedTape) -> None:
        super().__init__(list(tape.values), tape.graph.dtype)
        self._tape = tape

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, int) and self.raw[index] is None:
            raise unknown_value(self._tape, index)
        if is_changed(self._tape, index):
            raise changed_value(self._tape, index)
        return super().__getitem__(index)

    def held(self, nodes: Iterable[int]) -> list[Any]:
        """Those that were recorded, in the dtype of the walk."""
        return [None if self.raw[n] is None or is_changed(self._tape, n) else self[n]
                for n in nodes]  # fmt: skip


def is_changed(tape: RecordedTape, node: int) -> bool:
    """Whether the program has changed the value of a node, which it shares, since."""
    found = tape.shared.get(node)
    return found is not None and found()


def unchanged(tape: RecordedTape) -> RecordedTape:
    """A walk without the values that the program has changed since.

    Raises:
        UnknownError: one of them is a leaf's, or decides which way the walk goes.
    """
    changed = {n for n in tape.shared if is_changed(tape, n)}
    if not changed:
        return tape
    needed = deciding(tape.graph) | {n.id for n in tape.graph.nodes if n.rule is None}
    if lost := sorted(changed & needed):
        raise changed_value(tape, lost[0])
    return replace(tape, values=[None if n in changed else x for n, x in enumerate(tape.values)])


def changed_value(tape: RecordedTape, node: int) -> UnknownError:
    """That the program has changed a value."""
    return UnknownError(
        said(
            "{node} has been changed by your program since this walk was recorded",
            node=tape.graph.nodes[node].label,
        )
    )


def unknown_value(tape: RecordedTape, node: int) -> UnknownError:
    """That the value of a node is not known, and how it could be."""
    size = tape.value_sizes.get(node)
    if size is not None:
        what = said("the value of {node} was not kept", node=tape.graph.nodes[node].label)
        return UnknownError(not_kept(what, size))
    told = said("the value of {node} was not saved", node=tape.graph.nodes[node].label)
    return UnknownError(joined(": ", [told, tape.advice]) if tape.advice else told)


class RecordedTrace(Trace):
    """The trace of a recorded tape. Its numbers cannot be changed here.

    Attributes:
        tape: what was recorded.
    """

    is_recorded = True

    def __init__(self, tape: RecordedTape, *, zeros: bool = False) -> None:
        self.tape = tape
        self.made_by = tape.made_by
        self.unknown = frozenset(n for n, x in enumerate(tape.values) if x is None)
        graph = tape.graph
        leaves = {**graph.inputs, **graph.constants}
        known = {name: x for name, n in leaves.items() if (x := tape.values[n]) is not None}
        seed = None if tape.assumed_ones else tape.seed
        super().__init__(graph, known, (Backward(tape.of, seed),), zeros=zeros)

    def _forward(self, leaves: Mapping[str, Array]) -> Sequence[Array]:
        del leaves
        return _KnownValues(self.tape)

    def _one_pass(self, item: Backward, initial: Mapping[int, Array]) -> PassRun:
        del item
        tape = self.tape
        arrays, dtype = tape.cotangents, tape.graph.dtype
        adjoints: Adjoints
        if isinstance(arrays, Later):
            adjoints = LaterAdjoints(arrays, dtype)
        else:
            adjoints = Adjoints(arrays, dtype)
        walk = self.plan.walks[tape.of]
        return PassRun(
            walk, frozen(tape.seed), tape.assumed_ones, initial, adjoints, NO_CHECKPOINTS
        )

    def is_known(self, node: int) -> bool:
        """Whether the value is there, and is still what it was."""
        return super().is_known(node) and not is_changed(self.tape, node)

    @property
    def values(self) -> Mapping[str, Array]:
        """Value by name, of those that are known."""
        names = self.graph.names.items()
        return MappingProxyType({name: self.value(n) for name, n in names if self.is_known(n)})

    @cached_property
    def grad(self) -> Mapping[str, Array]:
        """Gradient by input name, of those that are known; see `untold`."""
        return MappingProxyType(self._known_gradients[0])

    @property
    def untold(self) -> Mapping[str, str]:
        """By input name, why the gradient is not known."""
        return MappingProxyType(self._known_gradients[1])

    @cached_property
    def _known_gradients(self) -> tuple[dict[str, Array], dict[str, str]]:
        final = self.gradients_after(len(self.runs) - 1)
        known: dict[str, Array] = {}
        untold: dict[str, str] = {}
        for name, n in self.graph.inputs.items():
            try:
                known[name] = final[n] if n in final else self._zeros(n)
            except UnknownError as error:
                untold[name] = str(error)
        return known, untold

    def pull(self, edge: Edge, v: Array) -> Array:
        """``vᵀJ`` as it was recorded, where this is the v that was; else the op is asked."""
        tape = self.tape
        recorded = tape.cotangents[edge.node]
        if recorded is not None and _is_same(v, recorded):
            found = tape.contributions.get(edge)
            if found is None and not self._tells(edge):
                found = tape.cotangents[edge.parent]
            if found is not None:
                return found
        nodes = self.graph.nodes
        pull = compiled_pull(nodes[edge.node], edge.argument, nodes[edge.parent].shape)
        with np.errstate(all="ignore"):
            return np.asarray(pull(v, self.node_values), dtype=self.graph.dtype)

    def _tells(self, edge: Edge) -> bool:
        """Whether its op tells what an edge hands on, though its parent has more readers."""
        edges = self.tape.contributions
        return isinstance(edges, LaterEdges) and edge in edges.told

    def pulled_size(self, edge: Edge, adjoints: Adjoints) -> Size:
        """As it was measured, where it was."""
        edges = self.tape.contributions
        if not isinstance(edges, LaterEdges):
            return super().pulled_size(edge, adjoints)
        if edge in edges.kept:
            return size_of(edges.kept[edge])
        return edges.sizes.get(edge) or adjoints.size(edge.parent)

    def value_size(self, node: int) -> Size | None:
        """As it was measured, where it was."""
        return self.tape.value_sizes.get(node) or super().value_size(node)

    def save(self, path: str | PathLike[str], keep: Keep | None = None) -> None:
        """Write the walk to a file that `open_walk` and ``tui-backprop`` open, anywhere.

        It holds what is known, and of the local Jacobians those that are small enough.

        Args:
            path: of the file, which customarily ends in ``.walk``; what is there is replaced.
            keep: ``all`` arrays, or ``norms`` of the large ones; as the walk itself does where it
                is left out.

        Raises:
            TuiBackpropError: it cannot be written; what was there is still there.
        """
        from tui_backprop.attach.saved.writer import walk_bytes
        from tui_backprop.attach.thinned import thinned, whole

        check_keep(keep)
        is_thin = isinstance(self.tape.cotangents, Later) if keep is None else keep == "norms"
        now = unchanged(self.tape)
        tape = thinned(now) if is_thin else whole(now, self.pull)
        write_whole(Path(path), walk_bytes(tape, zeros=self.zeros))

    def rerun(self, leaves: Any = None, v: Any = None) -> NoReturn:
        """Refused: the numbers are those of another program.

        Raises:
            ArgumentError: always.
        """
        del leaves, v
        raise ArgumentError(said("these numbers come from your program: change them there"))

    def again(self, leaves: Mapping[str, Array], passes: Sequence[Pass]) -> NoReturn:
        """Refused as `rerun` is."""
        self.rerun(leaves, passes)


def _is_same(a: Array, b: Array) -> bool:
    """Whether two arrays are the same numbers, NaN included."""
    return a is b or (a.shape == b.shape and np.array_equal(a, b, equal_nan=True))
