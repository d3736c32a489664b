"""What leaves entries of a value out, so that no output sees them: ``where``, or a factor of 0.

Such an entry may be another number without any output being another; a cure changes only those.
"""

from __future__ import annotations

from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from tui_backprop.graph.model import Backward, Role

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tui_backprop.debug.why.rewriting import Rewriting
    from tui_backprop.graph.model import Node
    from tui_backprop.rules.types import Array

_MOST_CHOICES: Final = 4


class Choice(NamedTuple):
    """Something that leaves entries out: ``where``, or a factor or a numerator of 0.

    Attributes:
        node: which does.
        argument: the operand that is left out or not.
        condition: what decides.
        is_kept: whether that operand is kept where the condition is not 0.
    """

    node: int
    argument: int
    condition: int
    is_kept: bool


class Choices:
    """Those of one graph."""

    def __init__(self, rewriting: Rewriting) -> None:
        self._rewriting = rewriting
        self._evaluation = rewriting.evaluation
        self._nodes = rewriting.evaluation.graph.nodes

    def deciding(self, place: int) -> list[Choice]:
        """The choices each of which alone decides what of a node the outputs see."""
        reached = [place, *self.downstream(place)]
        choices = (c for c in self._on_the_way(reached) if self._is_apart(c, place))
        found = (c for c in choices if self._decides(c, place))
        return sorted(islice(found, _MOST_CHOICES), key=self.is_seen)

    def is_seen(self, choice: Choice) -> bool:
        """Whether what is left out is the slope of the factor that leaves it out."""
        return self._nodes[choice.node].op != "where" and self._is_walked(choice.condition)

    def downstream(self, node: int) -> list[int]:
        """The nodes that depend on one."""
        reached = {node}
        found = []
        for later in self._nodes[node + 1 :]:
            if not reached.isdisjoint(later.parents):
                reached.add(later.id)
                found.append(later.id)
        return found

    def _on_the_way(self, reached: Sequence[int]) -> Iterator[Choice]:
        """What leaves out entries on the way from the node to the outputs, the nearest first."""
        within = set(reached)
        for n in reached:
            node = self._nodes[n]
            if node.op == "where":
                for argument in (1, 2):
                    if node.parents[argument] in within:
                        yield Choice(n, argument, node.parents[0], argument == 1)
            elif node.op == "multiply":
                for argument, parent in enumerate(node.parents):
                    if parent in within and self._has_zero(node.parents[1 - argument]):
                        yield Choice(n, argument, node.parents[1 - argument], True)
            elif node.op == "divide":
                above, below = node.parents
                if below in within and self._has_zero(above):
                    yield Choice(n, 1, above, True)

    def _is_apart(self, choice: Choice, place: int) -> bool:
        """Whether what a choice leaves out is all that it decides.

        A factor of 0 that is differentiated itself has what it multiplies for its slope, and that
        would be another; but not where the op is computed entry by entry from that very 0.
        """
        if not self.is_seen(choice):
            return True
        waiting = list(self._nodes[place].parents)
        while waiting:
            node = waiting.pop()
            if node == choice.condition or not self._is_walked(node):
                continue
            if not self.is_elementwise(node):
                return False
            waiting.extend(self._nodes[node].parents)
        return True

    def _is_walked(self, node: int) -> bool:
        """Whether a node receives a gradient."""
        is_input = self._nodes[node].role is Role.INPUT
        return is_input or bool(self._evaluation.plan.arguments[node])

    def _decides(self, choice: Choice, place: int) -> bool:
        """Whether a choice alone decides, entry by entry, what of a node the outputs see.

        What it leaves out may be replaced then, and no output can tell. Where the numbers cannot
        tell either, because they were NaN, this is what makes the cure right.
        """
        if not self.is_elementwise(place) and self._rewriting.has_bad_output:
            return False
        reached = {place}
        for n in range(place + 1, choice.node + 1):
            arrived = [a for a, p in enumerate(self._nodes[n].parents) if p in reached]
            if not arrived or n not in self._leading:
                continue
            if n == choice.node:
                return arrived == [choice.argument] and not self._is_read_later(reached, n)
            if not self.is_elementwise(n) or n in self._outputs:
                return False
            reached.add(n)
        return False

    def _is_read_later(self, reached: set[int], last: int) -> bool:
        """Whether some of these nodes, or an output among them, is seen past a node."""
        if not reached.isdisjoint(self._outputs):
            return True
        later = (n for n in self._leading if n > last)
        return any(not reached.isdisjoint(self._nodes[n].parents) for n in later)

    def is_elementwise(self, node: int) -> bool:
        """Whether a node is an op that computes entry by entry."""
        rule = self._nodes[node].rule
        return rule is not None and rule.elementwise

    @cached_property
    def _outputs(self) -> frozenset[int]:
        passes = self._evaluation.passes
        return frozenset(p.of for p in passes if isinstance(p, Backward))

    @cached_property
    def _leading(self) -> frozenset[int]:
        """The nodes that some output depends on."""
        found = set(self._outputs)
        for node in reversed(self._nodes):
            if node.id in found:
                found.update(node.parents)
        return frozenset(found)

    def _has_zero(self, node: int) -> bool:
        return bool(np.any(self._evaluation.value(node) == 0))

    def left_out(self, node: Node, group: Sequence[Choice]) -> Array:
        """Which entries of a node some of the choices leave out."""
        found = np.zeros(node.shape, dtype=bool)
        for choice in group:
            holds = self._evaluation.value(choice.condition) != 0
            try:
                found = found | np.broadcast_to(holds != choice.is_kept, node.shape)
            except ValueError:  # a condition of more axes: what it leaves out is told by trying
                continue
        return found
