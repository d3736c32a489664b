"""Conditions that pick entries, ``x[x > 1]``: only for them are values computed in a build.

The number of entries, and so a shape, depends on them. Which entries are picked is then fixed:
other leaves are accepted as long as they pick the same entries, and refused where they do not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.graph.arrays import frozen
from tui_backprop.graph.model import Mask, Node, Role
from tui_backprop.program.code.folding import COMPARISONS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tui_backprop.rules.types import Array


_JOINS: Final = frozenset({"multiply", "maximum", "minimum"})
"""Ops that give a condition where they join conditions: and, or. NumPy's ``1 - c`` is none."""

_MOST: Final = 10**6
"""Entries of a mask: an index is a list."""


class Masks:
    """The conditions that have chosen entries so far.

    Attributes:
        found: each with what it chose, by node.
    """

    def __init__(
        self, nodes: Sequence[Node], leaves: Mapping[str, Array], dtype: np.dtype[Any]
    ) -> None:
        self.found: dict[int, Mask] = {}
        self._nodes = nodes
        self._leaves = leaves
        self._dtype = dtype
        self._values: dict[int, Array] = {}

    def entries(self, node: Node) -> Any:
        """Whether each entry is chosen, in nested lists; None where the node is no condition."""
        if node.size > _MOST or not node.shape or not self._is_condition(node):
            return None
        if node.id not in self.found:
            chosen = np.asarray(self._value(node) != 0)
            self.found[node.id] = Mask(node.id, frozen(chosen))
        return self.found[node.id].chosen.tolist()

    def _is_condition(self, node: Node) -> bool:
        """A comparison, or what joins comparisons."""
        todo = [node]
        while todo:
            at = todo.pop()
            if at.op in _JOINS:
                todo += [self._nodes[parent] for parent in at.parents]
            elif at.op not in COMPARISONS:
                return False
        return True

    def _value(self, node: Node) -> Array:
        """A node's value, from those before it that it rests on."""
        needed, todo = {node.id}, [node.id]
        while todo:
            for parent in self._nodes[todo.pop()].parents:
                if parent not in needed and parent not in self._values:
                    needed.add(parent)
                    todo.append(parent)
        with np.errstate(all="ignore"):
            for number in sorted(needed - self._values.keys()):
                self._values[number] = self._one(self._nodes[number])
        return self._values[node.id]

    def _one(self, node: Node) -> Array:
        value: Any = node.literal
        if node.rule is not None:
            operands = [self._values[parent] for parent in node.parents]
            value = node.rule.forward(np, *operands, **node.params)
        elif node.role is not Role.OP and value is None:
            value = self._leaves[node.name.partition("@")[0]]
        return np.asarray(value, dtype=self._dtype)
