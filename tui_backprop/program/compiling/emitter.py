"""Writing instructions into a code, or folding them at once where all operands are literals."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias

from tui_backprop.dataclass import dataclass
from tui_backprop.errors import ArgumentError, LimitError
from tui_backprop.graph.model import NO_PARAMS, Span
from tui_backprop.program.code.constants import Hole, Static, packed
from tui_backprop.program.code.folding import FOLDED, fold
from tui_backprop.program.code.instructions import (
    Apply,
    Argument,
    Call,
    CheckCondition,
    Code,
    Extent,
    Made,
    Pack,
    Read,
    ReadNumber,
)
from tui_backprop.program.code.uses import checked_argument
from tui_backprop.program.text.problems import ProblemError
from tui_backprop.rules.rule import REQUIRED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.limits import Limits
    from tui_backprop.program.code.instructions import Function, Instruction, Measured
    from tui_backprop.program.code.scope import Binding, Scope
    from tui_backprop.program.text.problems import ProgramProblems
    from tui_backprop.program.text.source import Source
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Params


Target: TypeAlias = "tuple[int, Binding] | None"
"""The slot and the binding that an expression's last step writes to."""


@dataclass(slots=True, eq=False)
class Emitter:
    """Writes into one code over one scope; ``measured`` is what ops have been measured at.

    Each method returns the slot of its result. A step that reads an unknown value is left out, and
    its result unknown: the problem behind it has been reported.
    """

    source: Source
    scope: Scope
    code: Code
    limits: Limits
    problems: ProgramProblems
    measured: defaultdict[str, Measured] = field(default_factory=lambda: defaultdict(dict))

    def literal(self, value: Any, span: Span, written: str = "") -> int:
        """A slot for a value that is written in the program."""
        return self.scope.new(Static(value, span, written))

    def unknown(self) -> int:
        """A slot whose value is unknown, because of a problem."""
        return self.scope.new(Hole.UNKNOWN)

    def refuse(self, span: Span, message: str, hint: str = "") -> int:
        """Report a problem; returns a slot that holds nothing known."""
        self.problems.add(span, message, hint)
        return self.unknown()

    def apply(
        self,
        rule: Rule,
        operands: tuple[int, ...],
        arguments: Sequence[Argument],
        place: tuple[int, int],
        target: Target = None,
        text: str = "",
    ) -> int:
        """One op on slots.

        The ``arguments`` are those static ones that are given, ``place`` the offsets of its text,
        which is ``text`` where that is not what stands there.
        """
        values = self._written(operands)
        if values is Hole.UNKNOWN or (
            arguments and self._written([a.slot for a in arguments]) is Hole.UNKNOWN
        ):
            return self.unknown()
        span = self.source.span(*place)
        literals = self.scope.literals
        dynamic = tuple([a for a in arguments if a.slot not in literals]) if arguments else ()
        try:
            params = self._params(rule, arguments) if rule.parameters else NO_PARAMS
        except ProblemError as fault:
            return self.refuse(fault.span, str(fault), fault.hint)
        folds = rule.name in FOLDED
        if folds and isinstance(values, list) and not dynamic:
            return self._folded(rule, values, params, span)
        dest, binding = target or (self.scope.new(), None)
        text = text or self.source.snippet(*place)
        measured = {} if params else self.measured[rule.name]
        self.code.instructions.append(
            Apply(rule, operands, params, dynamic, dest, binding, folds, span, text, measured)
        )
        return dest

    def _params(self, rule: Rule, arguments: Sequence[Argument]) -> Params:
        """The static arguments that are written down, and the defaults."""
        found = {p.name: p.default for p in rule.parameters if p.default is not REQUIRED}
        for argument in arguments:
            static = self.scope.literal(argument.slot)
            if static is not None:
                found[argument.parameter.name] = checked_argument(rule, argument, static.value)
        return MappingProxyType(found)

    def pack(
        self,
        kind: str,
        operands: tuple[int, ...],
        span: Span,
        written: frozenset[int] = frozenset(),
        text: str = "",
        *,
        is_several: bool = False,
    ) -> int:
        """A slice, index, tuple or list; see `packed` and `Pack`."""
        values = self._written(operands)
        if isinstance(values, Hole):
            return self.unknown()
        if values is not None:
            try:
                return self.literal(packed(kind, values, written), span, text)
            except ArgumentError as error:
                return self.refuse(span, str(error))
        return self._emit(Pack(kind, operands, written, self.scope.new(), span, text, is_several))

    def made(self, name: str, operands: dict[str, int], span: Span, text: str) -> int:
        """What a function of `makers` makes of its arguments."""
        if self._written([*operands.values()]) is Hole.UNKNOWN:
            return self.unknown()
        return self._emit(Made(name, operands, self.scope.new(), span, text))

    def read(self, slot: int, use: str, span: Span) -> int:
        """A value where only a static one will do, for a use such as ``a loop bound``.

        The use is empty where an array will do.
        """
        if not use or self._written([slot]) is not None:
            return slot
        return self._emit(Read(slot, self.scope.new(), use, span))

    def condition(self, slot: int, sign: str, text: str, span: Span) -> int:
        """An operand of a sign between conditions."""
        if self.scope.template[slot] is Hole.UNKNOWN:
            return slot
        return self._emit(CheckCondition(slot, self.scope.new(), sign, text, span))

    def number(self, slot: int, name: str, span: Span) -> int:
        """A name such as ``e``, which the program may assign or not."""
        return self._emit(ReadNumber(slot, self.scope.new(), name, span))

    def extent(self, what: str, slot: int, span: Span) -> int:
        """``x.shape``, ``x.size``, ``x.ndim`` or ``len(x)``."""
        if self._written([slot]) is Hole.UNKNOWN:
            return slot
        return self._emit(Extent(what, slot, self.scope.new(), span))

    def call(
        self, function: Function, arguments: tuple[int, ...], span: Span, target: Target = None
    ) -> int:
        """A definition's body, inlined."""
        dest, binding = target or (self.scope.new(), None)
        return self._emit(Call(function, arguments, dest, binding, span))

    def _emit(self, step: Instruction) -> int:
        self.code.instructions.append(step)
        return step.dest

    def _folded(self, rule: Rule, values: Any, params: Params, span: Span) -> int:
        try:
            return self.literal(fold(rule.name, values, params, self.limits), span)
        except (ArgumentError, LimitError) as error:
            return self.refuse(span, str(error))

    def _written(self, slots: Sequence[int]) -> list[Any] | Hole | None:
        """The values of slots that are all literals; a hole if one is unknown; else None."""
        found: list[Any] | None = []
        for slot in slots:
            value = self.scope.template[slot]
            if value is Hole.UNKNOWN:
                return value
            if not isinstance(value, Static):
                found = None
            elif found is not None:
                found.append(value.value)
        return found
