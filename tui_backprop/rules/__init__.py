"""The op table: one row per op, by name.

It stands apart as the one place where the table files meet; adding an op is adding a row to one of
them, and nothing else.
"""

from __future__ import annotations

from difflib import get_close_matches
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from tui_backprop.errors import RuleError
from tui_backprop.rules import (
    arithmetic,
    choice,
    exponential,
    linear,
    reduction,
    shape,
    trigonometric,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui_backprop.rules.rule import Rule

__all__ = ["RULES", "TABLES", "find"]

TABLES: Final = (arithmetic, exponential, trigonometric, choice, reduction, linear, shape)
"""The files that hold rows, in the order in which people meet them."""

RULES: Final[Mapping[str, Rule]] = MappingProxyType(
    {rule.name: rule for table in TABLES for rule in table.RULES}
)
"""Every op by its name in programs; read-only."""


def find(name: str) -> Rule:
    """The row of an op.

    Raises:
        RuleError: there is none; the message names the nearest, and where to add it.
    """
    found = RULES.get(name)
    if found is None:
        near = get_close_matches(name, RULES, n=3)
        hint = f"did you mean {' or '.join(repr(n) for n in near)}? " if near else ""
        raise RuleError(f"no rule for '{name}'; {hint}an op is a row in tui_backprop/rules/")
    return found
