"""What a health report holds: size of every value, adjoint and local Jacobian, and the thresholds.

The measure of an adjoint is its norm against the seed's, ‖h.grad‖ / ‖v‖. Below ``vanishing`` or
above ``exploding`` the node is flagged, however deep it is: what an optimiser feels is the whole
ratio, not how evenly it came about. How evenly is `NodeHealth.rate`, the mean factor per edge on
the longest way down from the output.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias, get_args

from tui_backprop.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.rules.types import Shape

Flag: TypeAlias = Literal[
    "nan value", "inf value", "nan slope", "inf slope", "steep", "nan adjoint", "inf adjoint",
    "zero adjoint", "vanishing", "exploding", "dead", "saturated", "no gradient",
]  # fmt: skip

FLAGS: Final[tuple[Flag, ...]] = get_args(Flag)
"""All of them, in the order in which a node has them."""


Trouble: TypeAlias = Literal[
    "value", "seed", "adjoint", "zero", "exploding", "vanishing", "unreached"
]


@dataclass(frozen=True, slots=True)
class Root:
    """A node where some trouble begins.

    Attributes:
        trouble: a value, v, or an adjoint, that is not finite; an adjoint of zeros; one that is too
            large or too small; or an input that no gradient reaches.
        node: the op that is well itself, or the first value that is not; the input.
        parent: what the op hands it on to; the node itself where there is none.
        count: how many nodes have this trouble.
        factor: ‖what the op hands on‖ / ‖its adjoint‖, where both are finite and not 0.
    """

    trouble: Trouble
    node: int
    parent: int
    count: int
    factor: float | None = None


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The limits beyond which a node is flagged.

    Attributes:
        vanishing: ‖adjoint‖ / ‖v‖ below this.
        exploding: ‖adjoint‖ / ‖v‖ above this.
        flat: an entry of an op that flattens out is saturated where its slope is below this.
        steep: a partial larger than this, of an op that is not linear in that operand.
        share: a node is dead or saturated where at least this share of its entries is.
        entries: entries of local Jacobians that are looked at in all, the smallest Jacobians
            first; beyond that their norms are left out.
    """

    vanishing: float = 1e-3
    exploding: float = 1e3
    flat: float = 1e-3
    steep: float = 100.0
    share: float = 0.75
    entries: int = 1_000_000


@dataclass(frozen=True, slots=True)
class Units:
    """The units of a layer that choose, as relu does, whether anything comes through them.

    Attributes:
        axis: of the value, along which they lie.
        count: how many there are.
        samples: in the batch.
        off: those whose slope is 0 for every sample, from 0.
    """

    axis: int
    count: int
    samples: int
    off: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class NodeHealth:
    """The measurements of one node.

    Attributes:
        node: its id.
        name: what a report calls it: its name, the digits of a number, or ``#7``.
        op: its op.
        shape: of its value.
        depth: edges on the longest way from the output of the last pass down to it; None where
            the pass does not reach it.
        value: the norm of its value; None where nobody kept it.
        adjoint: the norm of its adjoint in the last pass alone; None where nothing arrives.
        rate: the mean factor by which an edge changes the norm, (‖adjoint‖ / ‖v‖)^(1/depth).
        jacobian: the Frobenius norm of its local Jacobian, over all operands through which an
            input is reached; None for a leaf, or where it was left out.
        dead: of an elementwise op, the share of entries whose partials are all exactly 0.
        saturated: of an op that flattens out, the share of entries whose slope is nearly 0.
        flags: what is wrong.
        units: of an op with a kink on a batch, which of its units are off.
    """

    node: int
    name: str
    op: str
    shape: Shape
    depth: int | None
    value: float | None
    adjoint: float | None
    rate: float | None
    jacobian: float | None
    dead: float | None
    saturated: float | None
    flags: tuple[Flag, ...]
    units: Units | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """The measurements of a whole graph.

    Attributes:
        nodes: those that were measured, in tape order, one after the other.
        output: what the last pass started from; empty where there is no pass.
        pass_number: its index among the passes, with every zero_grad; None where there is none.
        passes: how many backward passes there are, of which it is the last.
        seed: ‖v‖ of that pass.
        roots: where what is flagged begins, the gravest first.
        left_out: how many local Jacobians were too large to be looked at.
        thresholds: from where on something is flagged.
    """

    nodes: Sequence[NodeHealth]
    output: str
    pass_number: int | None
    seed: float
    left_out: int
    thresholds: Thresholds
    roots: tuple[Root, ...] = ()
    passes: int = 1

    def of(self, node: int) -> NodeHealth | None:
        """The measurements of a node; None where it was not measured."""
        k = node - self.nodes[0].node if self.nodes else -1
        return self.nodes[k] if 0 <= k < len(self.nodes) else None

    @property
    def flagged(self) -> tuple[NodeHealth, ...]:
        """The nodes that have a flag."""
        return tuple(node for node in self.nodes if node.flags)
