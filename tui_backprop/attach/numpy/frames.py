"""The user's code while it runs: the line that is at work, what it calls things, what is refused.

Only looked at, never changed: no tracing function is set, and no local variable is written.
"""

from __future__ import annotations

import dis
import inspect
import linecache
import os
from bisect import bisect_right
from functools import lru_cache
from itertools import islice, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from tui_backprop.errors import Problem, TraceError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType, FrameType

_OWN: Final = tuple(f"{Path(file).parent}{os.sep}" for file in (__file__, np.__file__))
_INSTALLED: Final = str(Path(np.__file__).parents[1])
_TRACING: Final = str(Path(__file__).with_name("function.py"))
_STORES: Final = frozenset(
    {"STORE_FAST", "STORE_NAME", "STORE_DEREF", "STORE_GLOBAL",
     "STORE_FAST_LOAD_FAST", "STORE_FAST_STORE_FAST"}
)  # fmt: skip
_RETURN: Final = "return"
"""What stands in the place of a name where a value is returned: no name is spelled so."""
_IN_PLACE: Final = range(13, 26)
"""The arguments of BINARY_OP that mean ``+=`` and its kin."""


class Place(NamedTuple):
    """Where in the user's code something was done. Lines and columns from 1."""

    file: str
    line: int
    column: int = 0
    width: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


def _frames() -> Iterator[FrameType]:
    """The frames of a traced function, the innermost first, without ours and NumPy's."""
    frame = inspect.currentframe()
    while frame is not None:
        name = frame.f_code.co_filename
        if name == _TRACING:
            return
        if not name.startswith(_OWN):
            yield frame
        frame = frame.f_back


def user_frame() -> FrameType | None:
    """The innermost frame that is neither ours nor NumPy's; None where there is none."""
    return next(_frames(), None)


def user_place() -> Place:
    """The line that a person knows: not in a package that was installed, where there is another."""
    innermost: FrameType | None = None
    for frame in _frames():
        innermost = innermost or frame
        if not frame.f_code.co_filename.startswith(_INSTALLED):
            return place_of(frame)
    return place_of(innermost)


def library_at_work() -> str:
    """The function of another library that the user's code has called; empty where none has."""
    called = ""
    for frame in _frames():
        if not frame.f_code.co_filename.startswith(_INSTALLED):
            return called
        module = str(frame.f_globals.get("__name__", "")).partition(".")[0]
        called = f"{module}: {frame.f_code.co_name}"
    return ""


def place_of(frame: FrameType | None) -> Place:
    """The expression that a frame is at."""
    if frame is None:
        return Place("<unknown>", 0)
    return _place(frame.f_code, frame.f_lasti, frame.f_lineno)


@lru_cache(maxsize=4096)
def _place(code: CodeType, at: int, otherwise: int) -> Place:
    found = next(islice(code.co_positions(), at // 2, None), (None,) * 4)
    line, end_line, column, end_column = found
    if line is None or column is None:
        return Place(code.co_filename, otherwise)
    text = linecache.getline(code.co_filename, line).encode()
    first, last = (len(text[:end].decode(errors="ignore")) for end in (column, end_column))
    return Place(code.co_filename, line, first + 1, max(1, last - first if end_line == line else 1))


def refused(message: str, hint: str = "", place: Place | None = None) -> TraceError:
    """What cannot be traced, at the user's line.

    Args:
        message: what was met.
        hint: what to write instead.
        place: where; the line at work, unless said.
    """
    at = user_place() if place is None else place
    source = "".join(linecache.getlines(at.file))
    problem = Problem(message, at.line, max(1, at.column), at.width, hint)
    return TraceError([problem], at.file, source)


def is_in_place(frame: FrameType | None) -> bool:
    """Whether a frame is at ``a += b`` or its kin, so that a name is bound to what comes of it."""
    if frame is None:
        return False
    found = _instruction(frame)
    return found is not None and found.opname == "BINARY_OP" and found.arg in _IN_PLACE


def is_formatting(frame: FrameType | None) -> bool:
    """Whether a frame is at ``"%f" % x``: numbers have a way of their own for any other ``%``."""
    found = None if frame is None else _instruction(frame)
    return found is not None and found.opname == "BINARY_OP" and found.argrepr in ("%", "%=")


def is_storing(frame: FrameType | None) -> bool:
    """Whether a frame is at ``a[i] = b``."""
    found = None if frame is None else _instruction(frame)
    return found is not None and found.opname == "STORE_SUBSCR"


def name_given() -> str:
    """The variable that what is being computed will be bound to; empty where it has none.

    A value that is returned is named where the caller binds it.
    """
    names = (_stored(frame) for frame in _frames())
    return next((name for name in names if name != _RETURN), "")


def name_of(frame: FrameType | None, value: Any) -> str:
    """What the user's code calls an object; empty where no variable holds it."""
    if frame is None:
        return ""
    for names in (frame.f_locals, frame.f_globals):
        for name, held in list(names.items()):
            if held is value and not name.startswith("__"):
                return name
    return ""


def outer_name_of(value: Any) -> str:
    """What the outermost of the user's functions at work calls an object."""
    found = ""
    for frame in _frames():
        names = list(frame.f_locals.items())
        found = next((name for name, held in names if held is value), found)
    return found


def name_where_made(value: Any, place: Place) -> str:
    """What the function that made a value calls it, where it has unpacked several."""
    for frame in _frames():
        code = frame.f_code
        if code.co_filename == place.file and place.line in _lines(code):
            names = list(frame.f_locals.items())
            return next((name for name, held in names if held is value), "")
    return ""


@lru_cache(maxsize=1024)
def _lines(code: CodeType) -> range:
    last = max((line for _, _, line in code.co_lines() if line), default=code.co_firstlineno)
    return range(code.co_firstlineno, last + 1)


def _instruction(frame: FrameType) -> dis.Instruction | None:
    instructions, offsets, _ = _read(frame.f_code)
    # A frame that has called another stands on what follows its call instruction.
    at = bisect_right(offsets, frame.f_lasti) - 1
    return instructions[at] if at >= 0 else None


def _stored(frame: FrameType) -> str:
    _, offsets, names = _read(frame.f_code)
    at = bisect_right(offsets, frame.f_lasti) - 1
    return names[at] if at >= 0 else ""


@lru_cache(maxsize=1024)
def _read(code: CodeType) -> tuple[list[dis.Instruction], list[int], list[str]]:
    """The instructions, their offsets, and where the value of each goes that the next one takes."""
    instructions = list(dis.get_instructions(code))
    names = [_taken_by(after) for _, after in pairwise(instructions)]
    return instructions, [i.offset for i in instructions], [*names, ""]


def _taken_by(instruction: dis.Instruction) -> str:
    if instruction.opname == "RETURN_VALUE":
        return _RETURN
    if instruction.opname not in _STORES:
        return ""
    name = instruction.argval  # two names where one instruction does two things
    return str(name[0] if isinstance(name, tuple) else name)
