"""What was not kept of a pass, had by running it again: a stretch of it where that is enough."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from tui_backprop.attach.outputs import side_by_side
from tui_backprop.attach.pytorch.kept import ALONE
from tui_backprop.attach.pytorch.norms.cuts import is_callable, run_on
from tui_backprop.attach.pytorch.numbers import given
from tui_backprop.attach.pytorch.ops import array, fitted
from tui_backprop.errors import ArgumentError, UnknownError
from tui_backprop.language.message import said

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    import torch

    from tui_backprop.attach.pytorch.norms.cuts import Cut, Cuts
    from tui_backprop.attach.pytorch.norms.memory import Passing
    from tui_backprop.attach.pytorch.numbers import Origin
    from tui_backprop.attach.pytorch.record import Hear, Own, Tensors
    from tui_backprop.rules.types import Array


class FirstPass(Protocol):
    """The pass that is run again."""

    @property
    def order(self) -> Sequence[Any]:
        """The nodes in the order in which they ran."""

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of the arrays that are asked for."""

    def listen(self, hear: Hear, /) -> object:
        """Run the whole pass, with all the hooks on it.

        Raises:
            ArgumentError: it cannot be run.
        """

    def change(self, node: Any, output: int, /) -> tuple[torch.Tensor, torch.Tensor] | None:
        """What was added up there, and what a hook made of it; None where no hook changed it."""

    def nbytes(self, node: Any, /) -> int:
        """Of what came to a node and what it passed on."""

    def is_as_before(self, node: Any, came: Tensors, passed_on: Tensors, /) -> bool:
        """Whether these are the numbers that the first pass met at a node."""


class _Held(NamedTuple):
    """What came to a node in a pass more, and what it passed on.

    Attributes:
        came: by output.
        passed_on: by operand.
        is_of_a_stretch: whether its neighbours alone were run, without the hooks on them.
    """

    came: Tensors
    passed_on: Tensors
    is_of_a_stretch: bool


class Again:
    """Runs a pass again for what is looked at, and holds what a node and its neighbours had.

    Args:
        first: the pass.
        cuts: from where a stretch of it can be run alone.
        room: bytes that may be held.
        passing: counts what is not.
    """

    def __init__(self, first: FirstPass, cuts: Cuts, room: int, passing: Passing) -> None:
        self._first, self._cuts, self._room, self._passing = first, cuts, room, passing
        self._places = {node: k for k, node in enumerate(first.order)}
        self._held: dict[Any, _Held] = {}
        self._batches: deque[tuple[int, list[Any]]] = deque()
        """The nodes that were run together, the latest last, with their bytes."""
        self._nbytes = 0
        self._arrays: dict[object, Array] = {}
        self._last = 0
        self._end: Cut | None = None
        """Where the last stretch ended."""
        self._unlike: set[int] = set()
        """The cuts from which a stretch gave other numbers than the pass."""

    def came(self, node: Any) -> Tensors:
        """What came to a node."""
        with ALONE:
            return self._of(node).came

    def arrived(self, origin: Origin) -> Array:
        """The v of a node on the tape."""
        with ALONE:
            key = origin.node, origin.outputs
            if key not in self._arrays:
                came = self._of(origin.node).came
                parts = [self._array(given(came, k)) for k in origin.outputs]
                self._arrays[key] = side_by_side(parts)
            return self._arrays[key]

    def passed_on(self, origin: Origin, at: int) -> Array:
        """What went on to an operand."""
        a = operand(origin, at)
        with ALONE:
            key = origin.node, a
            if key not in self._arrays:
                found = self._of(origin.node).passed_on
                self._arrays[key] = self._array(fitted(given(found, a), origin.node, a))
            return self._arrays[key]

    def _array(self, tensor: torch.Tensor) -> Array:
        return array(tensor, self._first.dtype)

    def without_hooks(self, node: Any) -> tuple[Tensors, Tensors] | None:
        """What comes to a node and what it passes on, if no code of the program's runs for it.

        That is not compared with what the pass met there: it is what PyTorch makes of some v.
        """
        with ALONE:
            if node not in self._held:
                self._run_stretch(node)
            found = self._held.get(node)
            return None if found is None else found[:2]

    def _is_right(self, node: Any, found: _Held) -> bool:
        return self._first.is_as_before(node, found.came, found.passed_on)

    def _of(self, node: Any) -> _Held:
        if node not in self._held:
            self._run_stretch(node)
        found = self._held.get(node)
        if found is not None and self._is_right(node, found):
            return found
        if found is None or found.is_of_a_stretch:
            self._run_whole(node)
            found = self._held.get(node)
        if found is None:
            raise UnknownError(
                said("it was not kept, and another pass did not come by here: it depends on chance")
            )
        if not self._is_right(node, found):
            raise UnknownError(
                said(
                    "it was not kept, and another pass gives other numbers here: your program has "
                    "changed what it needs, or what it does depends on chance"
                )
            )
        return found

    def _run_stretch(self, node: Any) -> None:
        """Run from the cut before a node up to it, if that can be run alone.

        Of what ran on the way is held what there is room for, and what was held before stays as
        long as there is room. Who goes on from there runs on from there.
        """
        order, place = self._first.order, self._places[node]
        cut = self._cuts.before(place)
        if cut is None or cut.at in self._unlike:
            return
        if not all(map(is_callable, order[cut.at : place + 1])):
            return
        start = self._end if self._end is not None and cut.at <= self._end.at <= place else cut
        # Half of the room is for what runs, whose arrays are there together for a moment.
        wanted, nbytes = self._window(range(place, start.at - 1, -1), self._room // 2)
        self.let_go(self._room // 2 - nbytes)
        try:
            found, self._end = run_on(
                start, order[start.at : place + 1], self._first.change, wanted
            )
        except RuntimeError:  # the whole pass says why
            self._unlike.add(cut.at)
            return
        if not self._first.is_as_before(node, *found[node]):
            self._unlike.add(cut.at)
            self._end = None
            return
        self._hold({n: _Held(*pair, is_of_a_stretch=True) for n, pair in found.items()}, nbytes)

    def _run_whole(self, node: Any) -> None:
        """Run the pass; the neighbours on the side to which one is going are held as well."""
        count, place = len(self._first.order), self._places[node]
        is_ahead = place >= self._last
        towards = range(place, count) if is_ahead else range(place, -1, -1)
        wanted, nbytes = self._window(towards, self._room)
        self._last = place
        found: dict[Any, _Held] = {}

        def hear(ran: Any, passed_on: Tensors, came: Tensors, _own: Own | None = None, /) -> None:
            if ran in wanted:
                found[ran] = _Held(came, passed_on, is_of_a_stretch=False)

        self.let_go()
        try:
            self._first.listen(hear)
        except ArgumentError as error:
            raise UnknownError(
                said("it was not kept, and the pass cannot be run again: {why}", why=str(error))
            ) from error
        self._hold(found, nbytes)

    def _window(self, places: range, room: int) -> tuple[set[Any], int]:
        """As many nodes in this order as there is room for, one at least, and their bytes."""
        order = self._first.order
        found: set[Any] = set()
        total = 0
        for k in places:
            nbytes = self._first.nbytes(order[k])
            if found and total + nbytes > room:
                break
            found.add(order[k])
            total += nbytes
        return found, total

    def _hold(self, found: Mapping[Any, _Held], nbytes: int) -> None:
        self._batches.append((nbytes, list(found)))
        self._nbytes += nbytes
        self._held.update(found)

    def let_go(self, room: int = 0) -> None:
        """Let go of what was run first, until no more is held than that."""
        while self._batches and self._nbytes > room:
            nbytes, nodes = self._batches.popleft()
            self._nbytes -= nbytes
            self._passing.count(nbytes)
            for node in nodes:
                self._held.pop(node, None)
            self._arrays.clear()
        if not self._batches:
            self._end = None


def operand(origin: Origin, at: int) -> int:
    """Which operand of PyTorch's node an edge of the tape leads to."""
    found = None if origin.operands is None else origin.operands[at]
    if found is None:
        raise AssertionError("what is no operand's is kept, or told by an op on the tape")
    return found
