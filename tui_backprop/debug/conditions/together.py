"""The value of an expression at many steps at once, bit for bit what it is at each alone.

What is sure to round alike is computed of all steps in one call; any other op is asked step by
step, yet without a frame and what belongs to it. Arrays are in rows throughout: in which order
they lie decides in which order they are added up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.debug.conditions.evaluation import applied
from tui_backprop.debug.conditions.references import Known

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tui_backprop.graph.model import Graph, Node
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array

_ENTRYWISE: Final = frozenset(
    ("add", "subtract", "multiply", "divide", "negative", "abs", "square", "sqrt", "less",
     "less_equal", "greater", "greater_equal", "equal", "not_equal", "where", "logical_and",
     "logical_or", "logical_not", "isnan", "isinf", "isfinite")
)  # fmt: skip
"""Entry by entry, and rounded correctly wherever an entry stands. Not `maximum`, which may give
either zero of −0 and 0, nor a function whose last digit depends on how many are asked at once."""

_REDUCING: Final = frozenset(("sum", "prod", "mean", "max", "min", "any", "all", "count_nonzero"))
"""Along a contiguous line NumPy goes in one order, whether there are others or not."""

_SQUARING: Final = frozenset({"std", "var"})
"""Likewise, yet the square of a plain number is taken otherwise than that of an array."""


@dataclass(frozen=True, slots=True, eq=False)
class Readings:
    """An array at each of some steps.

    Attributes:
        known: along a first axis that of each step; or the one that it is at all of them.
        varies: whether there is such an axis.
    """

    known: Known
    varies: bool

    def at(self, k: int) -> Known:
        """What it is at the kth step."""
        if not self.varies:
            return self.known
        mask = self.known.mask
        return Known(self.known.values[k, ...], None if mask is None else mask[k, ...])

    def some(self, chosen: Any) -> Readings:
        """Those at some of the steps."""
        if not self.varies:
            return self
        mask = self.known.mask
        return Readings(
            Known(self.known.values[chosen], None if mask is None else mask[chosen]), varies=True
        )

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the array at one step."""
        return self.known.values.shape[1:] if self.varies else self.known.values.shape


def is_of_many(node: Node) -> bool:
    """Whether a node of a formula is computed of many steps in one call."""
    return node.rule is None or node.rule.name in _ENTRYWISE | _REDUCING | _SQUARING


def evaluate_together(
    graph: Graph, leaves: Sequence[Readings], result: int, count: int
) -> Readings | None:
    """The value of a formula at each of some steps; None where only a frame can tell it.

    Args:
        graph: of a formula, see `build_formula`.
        leaves: what it reads, in the order of its constants.
        result: the node asked for.
        count: how many steps there are.
    """
    found = list(leaves)
    with np.errstate(all="ignore"):
        for node in graph.nodes[len(leaves) :]:
            if node.rule is None:
                literal = Known(np.asarray(node.literal, dtype=graph.dtype))
                found.append(Readings(literal, varies=False))
                continue
            made = _node(node, node.rule, [found[p] for p in node.parents], count)
            if made is None:
                return None
            found.append(made)
    return found[result]


def _node(node: Node, rule: Rule, operands: Sequence[Readings], count: int) -> Readings | None:
    if not any(x.varies for x in operands):
        once = applied(node.shape, rule, [x.known for x in operands], node.params)
        return Readings(once, varies=False) if once.values.flags.c_contiguous else None
    shape = count, *node.shape
    if rule.name in _ENTRYWISE:
        lined = [_aligned(x, len(node.shape)) for x in operands]
        return Readings(applied(shape, rule, lined, node.params), varies=True)
    if rule.name in _REDUCING or (rule.name in _SQUARING and operands[0].shape):
        found = _reduced(node, rule, operands[0])
        if rule.name != "std":
            return found
        # Where all are usual, none was scaled, as none is alone.
        return _with_extreme(node, rule, operands[0], found.known.values)
    return _one_by_one(node, rule, operands, count)


def _reduced(node: Node, rule: Rule, x: Readings) -> Readings:
    shape = len(x.known.values), *node.shape
    lines, params = _as_lines(x.known, len(x.shape), node.params)
    made = applied(shape, rule, [lines], params)
    mask = None if made.mask is None else made.mask.reshape(shape)
    return Readings(Known(made.values.reshape(shape), mask), varies=True)


def _with_extreme(node: Node, rule: Rule, x: Readings, found: Array) -> Readings | None:
    """Deviations, once more without those whose squares may be lost: these are scaled, with all."""
    from tui_backprop.rules.ops.elementwise.functions import moderate

    lengths = found.reshape(len(found), -1)
    low, high = moderate(found.dtype)
    # Not at the ends of what is: there a rounding may decide.
    is_usual = np.asarray(((lengths > 2 * low) & (lengths < high / 2)).all(axis=1))
    if is_usual.all():
        return _reduced(node, rule, x)
    alone = _one_by_one(node, rule, [x.some(~is_usual)], int(np.count_nonzero(~is_usual)))
    if alone is None:
        return None
    usual = _reduced(node, rule, x.some(is_usual))
    values, known = np.empty(found.shape, found.dtype), np.empty(found.shape, dtype=bool)
    for part, chosen in ((usual, is_usual), (alone, ~is_usual)):
        values[chosen], known[chosen] = part.known.values, part.known.known
    return Readings(Known(values, None if known.all() else known), varies=True)


def _aligned(x: Readings, axes: int) -> Known:
    """With axes of length 1 behind the first, so that the last ones meet those of the others."""
    if not x.varies:
        return x.known
    values, mask = x.known.values, x.known.mask
    shape = len(values), *(1,) * (axes - len(x.shape)), *x.shape
    return Known(values.reshape(shape), None if mask is None else mask.reshape(shape))


def _as_lines(x: Known, axes: int, params: Mapping[str, Any]) -> tuple[Known, Mapping[str, Any]]:
    """What is reduced, and the axes of it behind the first one."""
    axis = params.get("axis")
    if axis is None:
        shape = len(x.values), int(np.prod(x.values.shape[1:], dtype=np.intp))
        mask = None if x.mask is None else x.mask.reshape(shape)
        return Known(x.values.reshape(shape), mask), {**params, "axis": 1, "keepdims": False}
    along = axis if isinstance(axis, tuple) else (axis,)
    return x, {**params, "axis": tuple(a % axes + 1 for a in along)}


def _one_by_one(
    node: Node, rule: Rule, operands: Sequence[Readings], count: int
) -> Readings | None:
    """Each step alone. None where a result is laid out otherwise than in rows."""
    values: list[Array] = []
    masks: list[Array] = []
    is_masked = any(x.known.mask is not None for x in operands)
    for k in range(count):
        made = applied(node.shape, rule, [x.at(k) for x in operands], node.params)
        if not made.values.flags.c_contiguous:
            return None
        values.append(made.values)
        if is_masked:
            masks.append(made.known)
    return Readings(Known(np.stack(values), np.stack(masks) if masks else None), varies=True)


def known_at_each(found: Readings, count: int) -> tuple[Array, Array]:
    """Values and masks with a first axis of so many steps."""
    values, mask = found.known.values, found.known.known
    if found.varies:
        return values, mask
    return np.broadcast_to(values, (count, *found.shape)), np.broadcast_to(
        mask, (count, *found.shape)
    )
