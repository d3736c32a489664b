"""What a function's parameters are called, and what a walk can call them."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Final

from tui_backprop.program.vocabulary.names import NUMBERS, ascii_reading, name_problem

if TYPE_CHECKING:
    from collections.abc import Callable

_TAKEN: Final = frozenset({"len", "range", *NUMBERS})


def parameter_names(function: Callable[..., Any], count: int) -> list[str]:
    """What a function calls the arguments that it is given by position."""
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):  # what is written in C need not say
        parameters = []
    found: list[str] = []
    for parameter in parameters:
        if parameter.kind is parameter.VAR_POSITIONAL:
            break
        if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD):
            found.append(parameter.name)
    more = next((p.name for p in parameters if p.kind is p.VAR_POSITIONAL), "x")
    return [*found, *(f"{more}_{k}" for k in range(count))][:count]


def allowed_name(wanted: str) -> str:
    """A name that a program can bind; empty where there is none like it."""
    name = wanted if wanted.isascii() else ascii_reading(wanted)
    if not name or name_problem(name) or name == "_":
        return ""
    return f"{name}_" if name in _TAKEN else name
