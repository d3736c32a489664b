"""A tape of given numbers: what one backward pass of another program left."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NoReturn

from tui_backprop.dataclass import dataclass
from tui_backprop.errors import UnknownError
from tui_backprop.language.message import said
from tui_backprop.rules import RULES
from tui_backprop.rules.foreign import ForeignDerivative, Lines
from tui_backprop.rules.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tui_backprop.graph.model import Edge, Graph, Node
    from tui_backprop.graph.sizes import Size
    from tui_backprop.rules.foreign import ForeignOp
    from tui_backprop.rules.types import Array


@dataclass(frozen=True, slots=True, eq=False)
class RecordedTape:
    """What one backward pass of another program left.

    Attributes:
        graph: its nodes in the order in which the pass met them, reversed; an op that the table
            does not know has a row of `rules.foreign`.
        of: id of the node that was seeded.
        seed: v there, in that node's shape.
        assumed_ones: whether v was left out.
        values: the forward value by node id; None where nobody kept it.
        cotangents: v as it arrived, by node id; None where nothing did. Of a leaf its gradient.
        contributions: ``vᵀJ`` by edge, in the parent's shape. An edge that alone leads to its
            parent may be left out: it is the parent's cotangent.
        advice: how the values that are not there could be, as the end of a sentence, translatable.
        made_by: who computed it, with its version, such as ``PyTorch 2.13.0``.
        shared: values whose memory is the program's own, and whether it has changed them since.
        value_sizes: how large values were that nobody kept.
    """

    graph: Graph
    of: int
    seed: Array
    assumed_ones: bool
    values: Sequence[Array | None]
    cotangents: Sequence[Array | None]
    contributions: Mapping[Edge, Array]
    advice: str = ""
    made_by: str = ""
    shared: Mapping[int, Callable[[], bool]] = MappingProxyType({})
    value_sizes: Mapping[int, Size] = MappingProxyType({})


def deciding(graph: Graph) -> set[int]:
    """The nodes whose values decide which way a walk goes: of ops that pick by numbers."""
    picking = (n for n in graph.nodes if _is_picking(n))
    return {k for n in picking for k in (n.id, *n.parents)}


def _is_picking(node: Node) -> bool:
    derivatives = () if node.rule is None else node.rule.derivatives
    return any(d is not None and d.is_picked for d in derivatives)


def foreign_rule(op: ForeignOp, lines: Lines | None = None) -> Rule:
    """The row that stands for one application of an op that the table does not know.

    It is never called like a row of the table: what asks for ops by their names means those, and
    another's ``where`` takes no condition, its ``max`` has ties of its own.

    Args:
        op: the application.
        lines: who gives entries of its Jacobians; left out, the op is asked for rows and columns.
    """
    operands = tuple(f"x{a}" for a in range(len(op.shapes)))
    lines = lines or Lines(op)
    name = op.name if op.name not in RULES else f"{op.computed_by.lower()}_{op.name}"
    return Rule(
        name=name,
        operands=operands,
        text=f"{name}({', '.join('{' + name + '}' for name in operands)})",
        forward=_nothing,
        shape=lambda *_shapes, **_params: op.shape,
        derivatives=tuple(ForeignDerivative(op, a, lines) for a in range(len(operands))),
        summary=f"{op.computed_by} computes this; no formula of it is known",
        computed_by=op.computed_by,
    )


def foreign_op(node: Node) -> ForeignOp | None:
    """The application that `foreign_rule` stands for; None of a leaf, and of a row."""
    derivatives = () if node.rule is None else node.rule.derivatives
    return next((d.op for d in derivatives if isinstance(d, ForeignDerivative)), None)


def _nothing(*_operands: object, **_params: object) -> NoReturn:
    raise UnknownError(
        said("the op is computed elsewhere: its value is recorded, not computed here")
    )
