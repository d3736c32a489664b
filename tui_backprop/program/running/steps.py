"""What each kind of step does: it reads slots and writes one."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from tui_backprop.graph.model import Node
from tui_backprop.language.message import said, said_many
from tui_backprop.program.code.constants import Hole, Static, extent, packed
from tui_backprop.program.code.instructions import (
    Apply,
    CheckCondition,
    CheckCount,
    Extent,
    Made,
    Move,
    Pack,
    Read,
    ReadNumber,
    Refuse,
)
from tui_backprop.program.code.uses import PART
from tui_backprop.program.running.applying import apply
from tui_backprop.program.text.problems import ProblemError
from tui_backprop.program.vocabulary.names import NUMBERS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tui_backprop.program.code.constants import Value
    from tui_backprop.program.code.instructions import Instruction
    from tui_backprop.program.running.resolve import Resolver

    Frame = list[Value]
    Execute = Callable[[Resolver, Any, Frame], None]


def _move(values: Resolver, step: Move, frame: Frame) -> None:
    """Copy and bind."""
    value = values.known(frame[step.source], step.source, step.span)
    values.assign(frame, step.dest, step.binding, value, step.span)


def _read(values: Resolver, step: Read, frame: Frame) -> None:
    """Read the number of a constant leaf, and remember that it shaped the graph."""
    frame[step.dest] = values.read(frame[step.source], step.source, step.use, step.span)


def _read_number(_values: Resolver, step: ReadNumber, frame: Frame) -> None:
    """What was assigned, or the number."""
    value = frame[step.source]
    is_free = value is Hole.UNASSIGNED
    frame[step.dest] = Static(NUMBERS[step.name], step.span, step.name) if is_free else value


def _extent(values: Resolver, step: Extent, frame: Frame) -> None:
    """A shape, or a number of entries or axes, as a static value."""
    value = values.known(frame[step.source], step.source, step.span)
    if not isinstance(value, Hole):
        value = Static(extent(step.what, value), step.span)
    frame[step.dest] = value


def _check_count(values: Resolver, step: CheckCount, frame: Frame) -> None:
    """Pass on what has as many entries as names stand on the left; anything else is a problem."""
    value = values.known(frame[step.source], step.source, step.span)
    frame[step.dest] = value
    if isinstance(value, Hole):
        return
    found = extent("len", value)
    if found != step.count:
        entries = said_many(
            found, "{count} entry along axis 0", "{count} entries along axis 0", count=found
        )
        names = said_many(
            step.count, "{count} name stands", "{count} names stand", count=step.count
        )
        hint = ""
        if isinstance(value, Static) and value.text.startswith("split("):
            hint = said("of parts with these lengths, as PyTorch's split, write {code}",
                        code="split_with_sizes(x, [1, 3])")  # fmt: skip
        raise ProblemError(
            step.span,
            said(
                "'{text}' has {entries}, and {names} on the left",
                text=step.text,
                entries=entries,
                names=names,
            ),
            hint,
        )


def _check_condition(values: Resolver, step: CheckCondition, frame: Frame) -> None:
    """Pass on what holds or does not."""
    value = values.known(frame[step.source], step.source, step.span)
    frame[step.dest] = value
    if isinstance(value, Hole) or values.is_condition(value) or values.is_mask(value):
        return
    message = said("'{sign}' is of conditions, and '{text}' is none",
                   sign=step.sign, text=step.text)  # fmt: skip
    raise ProblemError(step.span, message, said("write {code}", code=f"{step.text} != 0"))


def _refuse(_values: Resolver, step: Refuse, _frame: Frame) -> None:
    raise ProblemError(step.span, step.message)


def _pack(values: Resolver, step: Pack, frame: Frame) -> None:
    """Gather the values."""
    found: list[Any] = []
    is_mixed = False
    for slot in step.operands:
        value = values.known(frame[slot], slot, step.span)
        if not step.text:
            value = values.read(value, slot, PART, step.span)
        if isinstance(value, Hole):
            frame[step.dest] = value
            return
        is_mixed |= isinstance(value, Node) or value.is_mixed
        found.append(value if isinstance(value, Node) else value.value)
    made = packed(step.kind, found, step.written)
    frame[step.dest] = Static(
        made, step.span, step.text, is_mixed=is_mixed, is_several=step.is_several
    )


def _make(values: Resolver, step: Made, frame: Frame) -> None:
    """Compute what the call gives; few programs have one."""
    from tui_backprop.program.running.making import make

    make(values, step, frame)


EXECUTE: Final[Mapping[type[Instruction], Execute]] = MappingProxyType(
    {
        Apply: apply,
        Move: _move,
        Pack: _pack,
        Read: _read,
        ReadNumber: _read_number,
        Extent: _extent,
        CheckCount: _check_count,
        CheckCondition: _check_condition,
        Refuse: _refuse,
        Made: _make,
    }
)
"""What does the steps of each kind; calls and loops are not among them."""
