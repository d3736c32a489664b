"""The head of a loop: ``range`` and how many turns it makes.

It stands apart because the compiler counts turns of written bounds, and the machine of the others.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, Final

from tui_backprop.errors import ArgumentError
from tui_backprop.program.constants import shown
from tui_backprop.program.source import ProblemError

if TYPE_CHECKING:
    from tui_backprop.program.walk import Walk

_LOOP: Final = "write for t in range(N):"


def turns_of(start: int, stop: int, step: int) -> int:
    """How many numbers a range has; `len` of one ends at the largest machine integer.

    Raises:
        ArgumentError: the step is 0.
    """
    if step == 0:
        raise ArgumentError("the step of a range must not be 0")
    length = stop - start if step > 0 else start - stop
    return max(0, -(-length // abs(step)))


def whole_bound(value: Any) -> int:
    """A bound of a range.

    Raises:
        ArgumentError: it is no whole number.
    """
    if not isinstance(value, int) or isinstance(value, bool):
        raise ArgumentError(f"range takes whole numbers, not {shown(value)[:60]}")
    return value


def range_bounds(walk: Walk, node: ast.For) -> tuple[int, int, int]:
    """The slots of a loop's start, stop and step.

    Raises:
        ProblemError: it runs over something else.
    """
    call, span = node.iter, walk.span(node.iter)
    if node.orelse:
        raise ProblemError(walk.span(node.orelse[0]), "a loop has no 'else'")
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name)):
        hint = "write for t in range(x.shape[0]): and x[t]"
        raise ProblemError(span, "a loop runs over a range of whole numbers", hint)
    if call.func.id != "range":
        raise ProblemError(span, "a loop runs over a range of whole numbers", _LOOP)
    if call.keywords or not 1 <= len(call.args) <= 3:
        raise ProblemError(
            span, "range takes one to three whole numbers", "write range(start, stop, step)"
        )
    given = [walk.compile(argument, "the bound of a loop") for argument in call.args]
    start = given[0] if len(given) > 1 else walk.emitter.literal(0, span)
    step = given[2] if len(given) > 2 else walk.emitter.literal(1, span)
    return start, given[min(1, len(given) - 1)], step
