"""The special points of the op table, by op and by their name in the measured table."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from tui_backprop.rules.conventions.elementwise import ELEMENTWISE
from tui_backprop.rules.conventions.reducing import REDUCING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui_backprop.rules.conventions.ways import SpecialPoint
    from tui_backprop.rules.rule import Rule


def _by_op(*tables: tuple[SpecialPoint, ...]) -> Mapping[str, tuple[SpecialPoint, ...]]:
    found: dict[str, tuple[SpecialPoint, ...]] = {}
    for special in (special for table in tables for special in table):
        found[special.op] = (*found.get(special.op, ()), special)
    return MappingProxyType(found)


POINTS: Final = _by_op(ELEMENTWISE, REDUCING)
"""Op → the special points at which it chooses."""


def points_of(rule: Rule) -> tuple[SpecialPoint, ...]:
    """The special points of a row with its operands, by the name that it is called by."""
    return tuple(
        special for special in POINTS.get(rule.name, ())
        if not special.operands or special.operands == rule.operands
        if special.called in {None, rule.called}
    )  # fmt: skip


def special_point(point: str) -> SpecialPoint | None:
    """The special point that a point of the table is; None where no row chooses there."""
    return _BY_POINT.get(point)


_BY_POINT: Final = {special.point: special for found in POINTS.values() for special in found}
