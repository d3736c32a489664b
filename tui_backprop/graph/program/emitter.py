"""Adding instructions to a code, or folding them at once where all they read is written down.

It stands apart from what reads the syntax because a step means the same in every expression.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias

from tui_backprop.errors import ArgumentError, LimitError
from tui_backprop.graph.model import NO_PARAMS
from tui_backprop.graph.program.apply import Apply, Argument
from tui_backprop.graph.program.folding import FOLDED, fold
from tui_backprop.graph.program.instructions import Call, Pack, Read, ShapeOf
from tui_backprop.graph.program.parameters import checked
from tui_backprop.graph.program.static import Hole, Static, packed
from tui_backprop.rules.rule import REQUIRED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.graph.model import Span
    from tui_backprop.graph.program.scope import Binding, Code, Function, Scope
    from tui_backprop.graph.program.source import Problems, Source
    from tui_backprop.limits import Limits
    from tui_backprop.rules.rule import Rule

Target: TypeAlias = "tuple[int, Binding] | None"
"""The slot and the binding that an expression's last step writes to."""


@dataclass(slots=True, eq=False)
class Emitter:
    """Writes into one code over one scope.

    Each method returns the slot of its result. A step that reads an unknown value is left out, and
    its result unknown: the problem behind it has been reported.
    """

    source: Source
    scope: Scope
    code: Code
    limits: Limits
    problems: Problems

    def literal(self, value: Any, span: Span, written: str = "") -> int:
        """A value that stands in the program."""
        return self.scope.new(Static(value, span, written))

    def unknown(self) -> int:
        """A value behind a problem."""
        return self.scope.new(Hole.UNKNOWN)

    def refuse(self, span: Span, message: str, hint: str = "") -> int:
        """Report a problem; what it stands for is unknown."""
        self.problems.add(span, message, hint)
        return self.unknown()

    def apply(
        self,
        rule: Rule,
        operands: tuple[int, ...],
        arguments: Sequence[Argument],
        place: tuple[int, int],
        target: Target = None,
    ) -> int:
        """One op.

        Args:
            rule: the op.
            operands: slots.
            arguments: its static arguments, those that are given.
            place: offsets of its text.
            target: where the result goes.
        """
        if self._is_unknown((*operands, *(argument.slot for argument in arguments))):
            return self.unknown()
        span = self.source.span(*place)
        params = {p.name: p.default for p in rule.parameters if p.default is not REQUIRED}
        for argument in arguments:
            static = self.scope.literal(argument.slot)
            if static is not None:
                try:
                    params[argument.parameter.name] = checked(argument.parameter, static.value)
                except ArgumentError as error:
                    return self.refuse(argument.span, str(error))
        dynamic = tuple(a for a in arguments if self.scope.literal(a.slot) is None)
        folds = rule.name in FOLDED
        values = [s.value for s in map(self.scope.literal, operands) if s is not None]
        if folds and not dynamic and len(values) == len(operands):
            return self._folded(rule, values, params, span)
        dest, binding = target or (self.scope.new(), None)
        shared = MappingProxyType(params) if params else NO_PARAMS
        text = self.source.snippet(*place)
        self.code.instructions.append(
            Apply(rule, operands, shared, dynamic, dest, binding, folds, span, text)
        )
        return dest

    def pack(
        self, kind: str, operands: tuple[int, ...], span: Span, written: frozenset[int] = frozenset()
    ) -> int:
        """A slice, index, tuple or list; see `packed`."""
        if self._is_unknown(operands):
            return self.unknown()
        values = [s.value for s in map(self.scope.literal, operands) if s is not None]
        if len(values) == len(operands):
            try:
                return self.literal(packed(kind, values, written), span)
            except ArgumentError as error:
                return self.refuse(span, str(error))
        dest = self.scope.new()
        self.code.instructions.append(Pack(kind, operands, written, dest, span))
        return dest

    def read(self, slot: int, use: str, span: Span) -> int:
        """A value where only a static one will do.

        Args:
            slot: of the value.
            use: what it is for, such as ``a loop bound``; empty where an array will do.
            span: its place.
        """
        if not use or self.scope.literal(slot) is not None or self._is_unknown((slot,)):
            return slot
        dest = self.scope.new()
        self.code.instructions.append(Read(slot, dest, use, span))
        return dest

    def shape_of(self, slot: int, span: Span) -> int:
        """``x.shape``."""
        if self._is_unknown((slot,)):
            return slot
        dest = self.scope.new()
        self.code.instructions.append(ShapeOf(slot, dest, span))
        return dest

    def call(
        self, function: Function, arguments: tuple[int, ...], span: Span, target: Target = None
    ) -> int:
        """A definition's body, inlined."""
        dest, binding = target or (self.scope.new(), None)
        self.code.instructions.append(Call(function, arguments, dest, binding, span))
        return dest

    def _folded(self, rule: Rule, values: list[Any], params: dict[str, Any], span: Span) -> int:
        try:
            return self.literal(fold(rule.name, values, params, self.limits), span)
        except (ArgumentError, LimitError) as error:
            return self.refuse(span, str(error))

    def _is_unknown(self, slots: tuple[int, ...]) -> bool:
        return any(self.scope.template[slot] is Hole.UNKNOWN for slot in slots)
