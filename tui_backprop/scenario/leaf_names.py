"""Which names a leaf may have, as a check and as JSON Schema."""

from __future__ import annotations

import keyword
from typing import TYPE_CHECKING

from tui_backprop.program.names import LONGEST_NAME, name_problem
from tui_backprop.rules import RULES
from tui_backprop.scenario.report import shown

if TYPE_CHECKING:
    from tui_backprop.scenario.kinds import Schema


def complaint(name: str) -> str:
    """Why a leaf cannot have this name, in words; empty if it can."""
    if name in RULES:
        return f"{shown(name)} is a function and cannot be the name of a leaf"
    return name_problem(name).replace(f"'{name}'", shown(name))


def schema() -> Schema:
    """The check as JSON Schema, for ``propertyNames``."""
    reserved = {*keyword.kwlist, *RULES, "range"}
    return {
        "pattern": f"^(?!__)[A-Za-z_][A-Za-z0-9_]{{0,{LONGEST_NAME - 1}}}$",
        "not": {"enum": sorted(reserved)},
    }
