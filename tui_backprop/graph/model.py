"""The computation graph: nodes on a tape, and the passes that run over it.

It holds structure only, no values, so that one graph serves many evaluations.
"""

from __future__ import annotations

from dataclasses import field
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from tui_backprop.dataclass import dataclass
from tui_backprop.named_tuple import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np

    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array, Params, Shape


class Role(Enum):
    """Where a node's value comes from."""

    INPUT = "input"
    """A differentiable leaf; it has a gradient."""
    CONSTANT = "const"
    """A leaf without a gradient: from ``constants`` of a scenario, or a number in the program."""
    OP = "op"
    """An application of a rule."""


class Span(NamedTuple):
    """Where in the program a node was written. Lines from 1, columns from 0, end exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


class Edge(NamedTuple):
    """(parent → node) with its argument number. ``x * x`` has two."""

    parent: int
    node: int
    argument: int


NO_PARAMS: Final[Params] = MappingProxyType({})


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One application of an op, or a leaf.

    Attributes:
        id: its place on the tape, from 0.
        role: where its value comes from.
        name: the name it was bound to (``Y``, ``h@2``, ``f.z`` inside a function); empty for an
            intermediate result.
        text: how it was written, such as ``2 * X``; for a number its digits.
        parents: the operands' ids, by argument number; duplicates stay.
        shape: the value's shape.
        rule: the op; None for leaves.
        params: the static arguments.
        span: where in the program; None for leaves from the file.
        literal: the number, or the array of a list of numbers, that is written in the program.
        module: the part of somebody's model that it belongs to, as a path: ``encoder.layers.0``.
        called: the lines of the program on which that part, and those around it, were called, each
            with a number of the call.
    """

    id: int
    role: Role
    name: str
    text: str
    parents: tuple[int, ...]
    shape: Shape
    rule: Rule | None = None
    params: Params = field(default_factory=lambda: NO_PARAMS)
    span: Span | None = None
    literal: float | Array | None = None
    module: str = ""
    called: tuple[tuple[int, int], ...] = ()

    if not TYPE_CHECKING:
        # A million are made: assigned one by one, in the open, they take a third of the time.
        __setattr__ = object.__setattr__

        def __init__(
            self, id, role, name, text, parents, shape,  # noqa: A002 - it is what a field is called
            rule=None, params=NO_PARAMS, span=None, literal=None, module="", called=(),
        ):  # fmt: skip
            self.id = id
            self.role = role
            self.name = name
            self.text = text
            self.parents = parents
            self.shape = shape
            self.rule = rule
            self.params = params
            self.span = span
            self.literal = literal
            self.module = module
            self.called = called

    @property
    def op(self) -> str:
        """The op's name; ``input`` or ``const`` for a leaf."""
        return self.rule.name if self.rule is not None else self.role.value

    @property
    def edges(self) -> tuple[Edge, ...]:
        """One per operand, in order."""
        return tuple(Edge(parent, self.id, a) for a, parent in enumerate(self.parents))

    @property
    def size(self) -> int:
        """Number of entries of the value."""
        size = 1
        for n in self.shape:
            size *= n
        return size

    @property
    def label(self) -> str:
        """The name, or how it was written where it has none."""
        return self.name or self.text


@dataclass(frozen=True, slots=True, eq=False)
class Composed:
    """One call of an op that is composed of others, and is seen as one.

    Attributes:
        op: its name.
        arguments: those that were given, each with its keyword, empty where it has its place: the
            id of a node, or how it was written.
        result: the id of the node that has its value.
    """

    op: str
    arguments: tuple[tuple[str, int | str], ...]
    result: int = -1


@dataclass(frozen=True, slots=True, eq=False)
class Mask:
    """A condition whose numbers chose entries, and with them shapes: ``x[x > 1]``.

    Attributes:
        node: its id.
        chosen: whether each entry was chosen, read-only.
    """

    node: int
    chosen: Array


@dataclass(frozen=True, slots=True)
class Accumulation:
    """At which nodes contributions are not added up as they should be; for most graphs at none.

    Attributes:
        overwritten: nodes whose adjoint is what the last edge brought, and no sum.
        kept: inputs whose gradient ``zero_grad`` passes over.
    """

    overwritten: frozenset[int] = frozenset()
    kept: frozenset[int] = frozenset()


RIGHT: Final = Accumulation()
"""Everywhere as it should be."""


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """The tape.

    Attributes:
        nodes: in evaluation order; every parent stands before its child.
        names: name → node id. ``h`` is the last binding, ``h@1``, ``h@2`` each of them.
        inputs: names of the differentiable leaves, in order → node id.
        constants: names of the leaves without gradient, in order → node id.
        program: the text it was built from.
        dtype: of all values, float64 or float32.
        static_leaves: leaves whose numbers shaped the graph (a loop bound, an index); they cannot
            change without building again.
        masks: conditions that chose entries; they must choose the same for other numbers.
        composed: the calls of composed ops that are more than a node, by the module of their nodes.
        alone: the composed ops that were called and are one node, each with those nodes.
        elements: of all values together; 0 where nobody counted them.
        multiplications: of the forward pass; 0 where nobody counted them.
        files: where the program is made of files, their paths as in `file_names`, and what is added
            to a line of one to have its line in the program.
        accumulation: where a bug is planted in how contributions are added up.
    """

    nodes: tuple[Node, ...]
    names: Mapping[str, int]
    inputs: Mapping[str, int]
    constants: Mapping[str, int]
    program: str
    dtype: np.dtype[Any]
    static_leaves: frozenset[str] = frozenset()
    masks: tuple[Mask, ...] = ()
    composed: Mapping[str, Composed] = NO_PARAMS
    alone: Mapping[str, Sequence[int]] = NO_PARAMS
    elements: int = 0
    multiplications: int = 0
    files: Mapping[str, int] = NO_PARAMS
    accumulation: Accumulation = RIGHT

    def find(self, name: str) -> Node:
        """The node that a name means: its last binding, or ``h@2`` for a certain one.

        Raises:
            KeyError: there is no such name.
        """
        return self.nodes[self.names[name]]


@dataclass(frozen=True, slots=True, eq=False)
class Backward:
    """One backward pass.

    Attributes:
        of: id of the node it starts from.
        v: the seed, shape of that node; None for all ones.
    """

    of: int
    v: Array | None = field(default=None)


@dataclass(frozen=True, slots=True)
class ZeroGrad:
    """Sets every gradient to zero."""


Pass: TypeAlias = "Backward | ZeroGrad"  # noqa: S105 - a pass over the tape, no password
