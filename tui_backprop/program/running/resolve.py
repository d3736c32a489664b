"""Reading and writing slots: a value as an operand, as a static number, or as a mask."""

from __future__ import annotations

from math import prod
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tui_backprop.errors import ArgumentError, LimitError, ShapeError
from tui_backprop.graph.model import Node, Role
from tui_backprop.language.message import said
from tui_backprop.program.code.constants import Hole, Static, are_truths, shown, whole_numbers
from tui_backprop.program.code.uses import INDEX, PART, meant_elsewhere, pairwise_hint
from tui_backprop.program.running.messages import (
    cannot,
    not_beforehand,
    not_static,
    several_refused,
)
from tui_backprop.program.text.problems import ProblemError
from tui_backprop.rules import find
from tui_backprop.rules.rule import MOST_MEMBERS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tui_backprop.graph.model import Span
    from tui_backprop.limits import Limits
    from tui_backprop.program.code.constants import Value
    from tui_backprop.program.code.scope import Binding
    from tui_backprop.program.running.masks import Masks
    from tui_backprop.program.running.tape import Tape
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array, Params, Shape


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
        masks: conditions that pick entries; None where no values are there to decide them.
        spent: the work so far, which a limit ends.
    """

    def __init__(
        self,
        tape: Tape,
        constants: Mapping[str, Array],
        limits: Limits,
        masks: Masks | None = None,
    ) -> None:
        self.tape = tape
        self.masks = masks
        self.limits = limits
        self.static_leaves: set[str] = set()
        self.spent = 0
        self._constants = constants
        self._leaf_numbers: dict[str, Any] = {}

    def known(self, value: Value, slot: int, span: Span) -> Value:
        """The value of a slot; an `UnassignedError` where its name has none yet."""
        if value is Hole.UNASSIGNED:
            raise UnassignedError(slot, span)
        return value

    def static(self, value: Value, slot: int, span: Span) -> Static | None:
        """A value where only a static one will do; None if it is unknown."""
        found = self.read(value, slot, PART, span)
        return found if isinstance(found, Static) else None

    def read(self, value: Value, slot: int, use: str, span: Span) -> Value:
        """A value where a static one is needed; a constant leaf of integers counts as static.

        Raises:
            ProblemError: it is an array; the message says why it cannot be ``use``.
        """
        value = self.known(value, slot, span)
        if isinstance(value, Static) and value.is_mixed:
            return Static(self._all_numbers(value.value, use, span), span, is_shared=True)
        if not isinstance(value, Node):
            return value
        return Static(self._numbers(value, use, span), span, is_shared=True)

    def _all_numbers(self, parts: Any, use: str, span: Span) -> Any:
        """A list with numbers for its nodes; lists nest to a stated depth only."""
        found = [
            self._all_numbers(part, use, span)
            if isinstance(part, list | tuple)
            else self._numbers(part, use, span)
            if isinstance(part, Node)
            else part
            for part in parts
        ]
        return tuple(found) if isinstance(parts, tuple) else found

    def _numbers(self, node: Node, use: str, span: Span) -> Any:
        """A constant leaf's numbers; in an index, what a condition picks."""
        if use in {INDEX, PART} and self.masks is not None and node.role is Role.OP:
            entries = self.masks.entries(node)
            if entries is not None:
                return entries
        if node.role is not Role.CONSTANT:
            raise not_static(node, use, span)
        if node.name not in self._leaf_numbers:
            array = self._constants.get(node.name)
            if array is None:
                raise not_beforehand(node, use, span)
            self._leaf_numbers[node.name] = whole_numbers(array, node.name)
            self.static_leaves.add(node.name)
        return self._leaf_numbers[node.name]

    def is_condition(self, value: Value) -> bool:
        """Whether a value holds or does not: made by comparing, or written as True and False."""
        if isinstance(value, Node):
            return self.tape.is_condition(value)
        return isinstance(value, Static) and are_truths(value.value)

    def is_mask(self, value: Value) -> bool:
        """Whether a value is a constant of zeros and ones, by which conditions are given."""
        if not isinstance(value, Node) or value.role is not Role.CONSTANT:
            return False
        array = self._constants.get(value.name)
        return array is not None and bool(((array == 0) | (array == 1)).all())

    def operand(self, value: Value, span: Span) -> Node:
        """The node of a value that is known; a number or a list of them becomes a constant.

        Raises:
            ArgumentError: the static value is no number.
            ProblemError: the arrays of a list cannot be stacked.
        """
        if isinstance(value, Hole):
            raise TypeError("a hole is no operand")
        if isinstance(value, Node):
            return value
        if value.is_several:
            raise ProblemError(span, *several_refused(value.text, len(value.value)))
        if not value.is_mixed:
            return self.tape.constant(value, span)
        if value.node is None:
            value.node = self._stacked(value.value, value.written, span)
            if value.name:
                self.tape.name(value)
        return value.node

    def _stacked(self, parts: Any, text: str, span: Span) -> Node:
        """A list of arrays as one array, along a new first axis."""
        operands = [
            part
            if isinstance(part, Node)
            else self._stacked(part, "", span)
            if isinstance(part, list | tuple)
            else self.tape.constant(Static(part, span), span)
            for part in parts
        ]
        if len(operands) > MOST_MEMBERS:
            message = said(
                "a list of {count} arrays: at most {most_members}",
                count=f"{len(operands):,}",
                most_members=MOST_MEMBERS,
            )
            raise ProblemError(span, message, said("join some first, and then the results"))
        family = find("stack").family
        if family is None:
            raise AssertionError("stack takes as many arrays as it is given")
        rule = family.of(len(operands))
        params = MappingProxyType({p.name: p.default for p in rule.parameters})
        text = text or shown(parts)
        return self.apply(rule, operands, params, text, span)

    def apply(
        self, rule: Rule, operands: Sequence[Node], params: Params, text: str, span: Span
    ) -> Node:
        """The node of an op that no step of the program applies; see `measure` for its errors."""
        shapes = tuple([node.shape for node in operands])
        parents = tuple([node.id for node in operands])
        measured = self.measure(rule, parents, shapes, params, text, span)
        return self.tape.apply(rule, parents, params, measured, text, span)

    def measure(
        self,
        rule: Rule,
        parents: tuple[int, ...],
        shapes: tuple[Shape, ...],
        params: Params,
        text: str,
        span: Span,
    ) -> tuple[Shape, int, int]:
        """The shape of an op's result, its size and its multiplications, which the limits allow.

        Raises:
            ProblemError: the operands do not fit; the message shows them.
            LimitError: the result has too many elements, or takes too many multiplications.
        """
        try:
            shape = rule.shape(*shapes, **params)
        except (ShapeError, ArgumentError) as error:
            operands = [self.tape.nodes[parent] for parent in parents]
            message = cannot(rule, operands, error, self.tape.calls.outermost)
            hint = pairwise_hint(rule, params) or meant_elsewhere(rule, params, shapes)
            raise ProblemError(span, message, hint) from None
        if len(shape) > self.limits.axes:
            self.limits.check("axes", len(shape), said("'{text}'", text=text))
        size = prod(shape)
        if size > self.limits.elements:
            self.limits.check(
                "elements", size, said("'{name}' of shape {shape}", name=text, shape=shape)
            )
        cost = rule.multiplications(shape, shapes, params)
        if cost > self.limits.multiplications:
            self.limits.check(
                "multiplications", cost, said("'{name}' of shape {shape}", name=text, shape=shape)
            )
        return shape, size, cost

    def charge(self, steps: int, span: Span) -> None:
        """Count work that grows with a list's length or a loop's turns; no more than the limit."""
        self.spent += steps
        if self.spent <= self.limits.instructions:
            return
        try:
            self.limits.check("instructions", self.spent, said("unrolled, the program"))
        except LimitError as error:
            raise ProblemError(span, str(error), is_final=True) from None

    def assign(
        self, frame: list[Value], dest: int, binding: Binding | None, value: Value, span: Span
    ) -> None:
        """Write a slot, and bind the name if there is one; a static value is copied for it."""
        if isinstance(value, Static) and binding is not None:
            self.assign_static(frame, dest, binding, value.moved(span))
            return
        if binding is not None:
            self.tape.bind(binding.name, value)
            if isinstance(value, Node):
                value = self.tape.nodes[value.id]  # it may have got its name
        frame[dest] = value

    def assign_static(
        self, frame: list[Value], dest: int, binding: Binding | None, static: Static
    ) -> None:
        """Write a slot with a static value that nothing else holds; bind the name if there is one.

        Raises:
            ArgumentError: a number that a name is left with is too large for a node.
        """
        frame[dest] = static
        if binding is not None:
            self.tape.bind(binding.name, static)
            if binding.is_last and (static.is_number or static.holds_arrays):
                self.operand(static, static.span)
