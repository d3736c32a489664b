"""Which ops a composed op is made of."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from tui_backprop.limits import Limits
from tui_backprop.program.code.instructions import (
    Apply,
    Branch,
    Call,
    Extent,
    Loop,
    Made,
    Move,
    Pack,
    Read,
    ReadNumber,
)  # fmt: skip
from tui_backprop.program.library.compiled import Library

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tui_backprop.program.code.instructions import Code, Function, Instruction


@cache
def contained(name: str) -> tuple[str, ...]:
    """The ops that a call of a composed op may apply to arrays, whatever its arguments are.

    Args:
        name: of a definition.

    Returns:
        Names of rows, and of composed ops before what is inside them; each once.
    """
    function = Library(Limits())[name]
    return tuple(dict.fromkeys(_Inside(function, frozenset(function.kinds)).ops()))


class _Inside:
    """The ops in one call of a definition; arithmetic on its static arguments is none of them."""

    def __init__(self, function: Function, static: frozenset[str]) -> None:
        self._function = function
        self._static = set(function.scope.literals)
        self._static |= {k for k, name in enumerate(function.parameters) if name in static}

    def ops(self) -> Iterator[str]:
        """In the order in which they are written."""
        yield from self._of_code(self._function.code)

    def _of_code(self, code: Code) -> Iterator[str]:
        for one in code.instructions:
            yield from self._of(one)

    def _of(self, one: Instruction) -> Iterator[str]:
        match one:
            case Extent() | Read() | ReadNumber():
                self._static.add(one.dest)
            case Move() | Pack() | Apply() | Made():
                if self._static.issuperset(_read(one)):
                    self._static.add(one.dest)
                else:
                    yield from _applied(one)
            case Call():
                given = zip(one.function.parameters, one.arguments, strict=False)
                static = frozenset(name for name, slot in given if slot in self._static)
                yield one.function.name
                yield from _Inside(one.function, static).ops()
            case Branch():
                for code in one.codes:
                    yield from self._of_code(code)
            case Loop():
                self._static.add(one.dest)
                yield from self._of_code(one.body)


def _read(one: Move | Pack | Apply | Made) -> Iterable[int]:
    """The slots that an instruction reads."""
    if isinstance(one, Move):
        return (one.source,)
    return one.operands.values() if isinstance(one, Made) else one.operands


def _applied(one: Move | Pack | Apply | Made) -> Iterator[str]:
    """The op that an instruction applies, if it does."""
    if isinstance(one, Apply):
        yield one.rule.name
    elif isinstance(one, Made):
        yield one.name
