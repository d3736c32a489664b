"""The user's line of an equation: JAX keeps the calls that led to it."""

from __future__ import annotations

import linecache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import jax

from tui_backprop.attach.source import Line
from tui_backprop.errors import Problem, TraceError

if TYPE_CHECKING:
    from collections.abc import Sequence

_JAX: Final = str(Path(jax.__file__).parent)
_INSTALLED: Final = str(Path(jax.__file__).parents[1])
_OURS: Final = str(Path(__file__).parents[2])


def line_of(equation: Any) -> Line | None:
    """The innermost line that is not in an installed package, or else not in JAX; None without."""
    traceback = getattr(equation.source_info, "traceback", None)
    return None if traceback is None else _user_line(traceback.frames)


def _user_line(frames: Sequence[Any]) -> Line | None:
    """The frames stand innermost first; those behind our own called us."""
    innermost = None
    for frame in frames:
        file = frame.file_name
        if file.startswith(_OURS):
            break
        if not file.startswith(_INSTALLED):
            return Line(file, frame.line_num)
        if innermost is None and not file.startswith(_JAX):
            innermost = Line(file, frame.line_num)
    return innermost


def is_users_file(file: str) -> bool:
    """Whether a file is neither of an installed package nor ours."""
    return not file.startswith((_INSTALLED, _OURS))


def is_users(jaxpr: Any) -> bool:
    """Whether the function that a jaxpr was made of stands in the user's code.

    JAX makes the jaxpr of a function once. Of a function of its own the lines are those of the
    first call, whichever call is looked at.
    """
    described = str(getattr(getattr(jaxpr, "debug_info", None), "func_src_info", None) or "")
    file = described.partition(" at ")[2]
    return bool(file) and is_users_file(file)


def function_name(jaxpr: Any) -> str:
    """What the function that a jaxpr was made of is called; empty where that cannot be typed."""
    described = str(getattr(getattr(jaxpr, "debug_info", None), "func_src_info", None) or "")
    name = described.partition(" at ")[0].rpartition(".")[2]
    return name if name.isidentifier() and name.isascii() else ""


def refused(message: str, hint: str, line: Line | None) -> TraceError:
    """What cannot be walked, at the user's line.

    Args:
        message: what was met.
        hint: what to do instead.
        line: where.
    """
    at = Line("<function>", 0) if line is None else line
    text = linecache.getline(at.file, at.number)
    start, width = len(text) - len(text.lstrip()), max(1, len(text.strip()))
    problem = Problem(message, at.number, start + 1, width, hint)
    return TraceError([problem], at.file, "".join(linecache.getlines(at.file)))
