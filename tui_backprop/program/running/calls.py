"""Which composed op the nodes of a tape are being made in, and what those were that are done.

Each call has a name of its own, ``celu`` and then ``celu@2``; what one calls lies in it as
``huber.mean`` would. By these names nodes are shown as one row, as those of a module are.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tui_backprop.dataclass import dataclass, replace
from tui_backprop.graph.model import Composed, Node
from tui_backprop.program.code.constants import Hole, Static, text_of
from tui_backprop.program.text.source import shortened

if TYPE_CHECKING:
    from tui_backprop.graph.model import Span
    from tui_backprop.program.code.constants import Value
    from tui_backprop.program.code.instructions import Call

_NAME: Final = r"""'[^']*'|(?<![\w.])[A-Za-z_]\w*(?!\w|\s*\(|\s*=(?!=))"""
"""A name that stands for a value; words in quotes, functions, attributes and keywords do not."""


@dataclass(slots=True, eq=False)
class _Inside:
    """A call that has begun.

    Attributes:
        call: of which definition.
        frame: the values of its names.
        composed: how it was called.
        module: its name.
        place: where the outermost call was written.
        start: the id of its first node.
    """

    call: Call
    frame: list[Value]
    composed: Composed
    module: str
    place: Span
    start: int


class Calls:
    """The composed ops that a program has called.

    Attributes:
        module: the name of the one that is being made; empty outside of all.
        place: where the outermost of those was called.
        done: by name, those that are more than one node.
        alone: op → the nodes that are all of a call of it.
    """

    def __init__(self) -> None:
        self.module = ""
        self.place: Span | None = None
        self.done: dict[str, Composed] = {}
        self.alone: dict[str, list[int]] = {}
        self._counts: dict[str, int] = {}
        self._pieces: dict[str, list[tuple[str, str, bool]]] = {}
        self._stack: list[_Inside] = []

    @property
    def outermost(self) -> str:
        """The op that the program called; empty outside of all."""
        return self._stack[0].composed.op if self._stack else ""

    def begin(self, call: Call, frame: list[Value], start: int) -> None:
        """Enter a composed op, whose first node will be the one of a number."""
        composed, place = _composed(call, frame), self.place or call.span
        path = self._path(composed)
        count = self._counts[path] = self._counts.get(path, 0) + 1
        module = path if count == 1 else f"{path}@{count}"
        self._stack.append(_Inside(call, frame, composed, module, place, start))
        self.module, self.place = module, place

    def end(self, result: Value, stop: int) -> tuple[int | None, str]:
        """Leave a composed op; its only node, where it has one, and what that lies in now."""
        inside = self._stack.pop()
        around = self._stack[-1] if self._stack else None
        self.module = around.module if around is not None else ""
        self.place = around.place if around is not None else None
        count = stop - inside.start
        if count > 1 and isinstance(result, Node):
            self.done[inside.module] = replace(inside.composed, result=result.id)
        else:
            self._counts[self._path(inside.composed)] -= 1
            if count == 1:
                self.alone.setdefault(inside.composed.op, []).append(inside.start)
        return (inside.start if count == 1 else None), self.module

    def text(self, written: str) -> str:
        """How a part of a definition reads where it is called: its names are the caller's words."""
        inside = self._stack[-1]
        slots, frame = inside.call.function.scope.slots, inside.frame
        pieces = self._pieces.get(written)
        if pieces is None:
            pieces = self._pieces[written] = _pieces(written)
        found: list[str] = []
        for before, name, is_alone in pieces:
            slot = slots.get(name)
            value = Hole.UNKNOWN if slot is None else frame[slot]
            text = name if isinstance(value, Hole) else text_of(value)
            found += (before, text if is_alone or _is_atom(text) else f"({text})")
        return shortened("".join(found))

    def _path(self, call: Composed) -> str:
        return f"{self.module}.{call.op}" if self.module else call.op


def _pieces(written: str) -> list[tuple[str, str, bool]]:
    """Code up to each name, the name, and whether that needs no brackets, whatever it becomes."""
    found: list[tuple[str, str, bool]] = []
    start = 0
    for name in re.finditer(_NAME, written):
        is_alone = name[0] == written or _is_argument(name)
        found.append((written[start : name.start()], name[0], is_alone))
        start = name.end()
    return [*found, (written[start:], "", True)]


def _is_atom(text: str) -> bool:
    """Whether a text needs no brackets as a part of something else: a name, a number, a call."""
    is_number = text[:1].isdecimal() and text.replace("e-", "e").replace(".", "").isalnum()
    if is_number or text.isidentifier():
        return True
    depth = 0
    for sign in text:
        if sign in "([":
            depth += 1
        elif sign in ")]":
            depth -= 1
        elif depth == 0 and not (sign.isalnum() or sign in "_."):
            return False
    return True


def _is_argument(found: re.Match[str]) -> bool:
    """Whether a name stands between brackets and commas alone, so that it needs none around it."""
    before = found.string[: found.start()].rstrip()[-1:]
    return before in {"(", ",", "[", "="} and found.string[found.end() :].lstrip()[:1] in {
        ")",
        ",",
        "]",
    }


def _composed(call: Call, values: list[Value]) -> Composed:
    """How an op was called: with those of its arguments that are not their defaults."""
    function = call.function
    given: list[tuple[str, int | str]] = []
    by_name = False
    for name, value in zip(function.parameters, values, strict=False):
        if isinstance(value, Hole):
            continue
        if isinstance(value, Static) and name in function.defaults:
            default = function.defaults[name]
            if type(value.value) is type(default) and value.value == default:
                by_name = True
                continue
        by_name = by_name or name in function.named
        told: int | str = value.id if isinstance(value, Node) else value.text
        given.append((name if by_name else "", told))
    return Composed(function.name, tuple(given))
