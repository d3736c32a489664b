"""What the value in a slot means where it is used: an operand, a number, a shape.

It stands apart from the machine because it knows nothing of loops and calls.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, Final

from tui_backprop.errors import ArgumentError, ShapeError
from tui_backprop.graph.model import Node, Role
from tui_backprop.graph.program.messages import cannot, not_static
from tui_backprop.graph.program.source import ProblemError
from tui_backprop.graph.program.static import Hole, Static, whole_numbers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui_backprop.graph.model import Span
    from tui_backprop.graph.program.apply import Apply
    from tui_backprop.graph.program.scope import Binding
    from tui_backprop.graph.program.static import Value
    from tui_backprop.graph.program.tape import Tape
    from tui_backprop.limits import Limits
    from tui_backprop.rules.types import Array, Params, Shape

_ANY_USE: Final = "an index or a static argument"


class UnassignedError(Exception):
    """A slot was read before its name was assigned."""

    def __init__(self, slot: int, span: Span) -> None:
        super().__init__(slot)
        self.slot = slot
        self.span = span


class Resolver:
    """Reads slots and writes them.

    Attributes:
        tape: receives the nodes.
        limits: what is refused.
        static_leaves: constants whose numbers shaped the graph.
    """

    def __init__(self, tape: Tape, constants: Mapping[str, Array], limits: Limits) -> None:
        self.tape = tape
        self.limits = limits
        self.static_leaves: set[str] = set()
        self._constants = constants
        self._leaf_numbers: dict[str, Any] = {}

    def known(self, value: Value, slot: int, span: Span) -> Value:
        """The value of a slot.

        Raises:
            UnassignedError: its name has no value yet.
        """
        if value is Hole.UNASSIGNED:
            raise UnassignedError(slot, span)
        return value

    def static(self, value: Value, slot: int, span: Span) -> Static | None:
        """A value where only a static one will do; None if it is unknown."""
        found = self.read(value, slot, _ANY_USE, span)
        return found if isinstance(found, Static) else None

    def read(self, value: Value, slot: int, use: str, span: Span) -> Value:
        """The same; constant leaves of integers are read.

        Raises:
            ProblemError: it is an array; the message says why it cannot be ``use``.
        """
        value = self.known(value, slot, span)
        if not isinstance(value, Node):
            return value
        if value.role is not Role.CONSTANT:
            raise not_static(value, use, span)
        if value.name not in self._leaf_numbers:
            array = self._constants[value.name]
            self._leaf_numbers[value.name] = whole_numbers(array, value.name)
            self.static_leaves.add(value.name)
        return Static(self._leaf_numbers[value.name], span, is_shared=True)

    def operand(self, value: Value, span: Span) -> Node:
        """The node of a value that is known; a static value becomes a constant.

        Raises:
            ArgumentError: the static value is no number.
        """
        if isinstance(value, Hole):
            raise TypeError("a hole is no operand")
        return self.tape.constant(value, span) if isinstance(value, Static) else value

    def measure(
        self, origin: Apply, parents: tuple[int, ...], shapes: tuple[Shape, ...], params: Params
    ) -> tuple[Shape, int, int]:
        """The shape of an op's result, its size and its multiplications, which the limits allow.

        Raises:
            ProblemError: the operands do not fit; the message shows them.
            LimitError: the result has too many elements, or takes too many multiplications.
        """
        try:
            shape = origin.rule.shape(*shapes, **params)
        except (ShapeError, ArgumentError) as error:
            operands = [self.tape.nodes[parent] for parent in parents]
            raise ProblemError(origin.span, cannot(origin.rule, operands, error)) from None
        size = prod(shape)
        if size > self.limits.elements:
            self.limits.check("elements", size, f"'{origin.text}' of shape {shape}")
        cost = origin.rule.multiplications(shape, shapes, params)
        if cost > self.limits.multiplications:
            self.limits.check("multiplications", cost, f"'{origin.text}' of shape {shape}")
        return shape, size, cost

    def assign(
        self, frame: list[Value], dest: int, binding: Binding | None, value: Value, span: Span
    ) -> None:
        """Write a slot, and bind the name if there is one; a static value is copied for it."""
        if isinstance(value, Static) and binding is not None:
            self.assign_static(frame, dest, binding, Static(value.value, span, value.written))
            return
        if binding is not None:
            self.tape.bind(binding.name, value)
        frame[dest] = value

    def assign_static(
        self, frame: list[Value], dest: int, binding: Binding | None, static: Static
    ) -> None:
        """The same for a static value that nothing else holds.

        Raises:
            ArgumentError: a number that a name is left with is too large for a node.
        """
        frame[dest] = static
        if binding is not None:
            self.tape.bind(binding.name, static)
            if binding.is_last and static.is_number:
                self.tape.constant(static, static.span)
