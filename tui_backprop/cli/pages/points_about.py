"""Which special points are told of a function, and what is said before them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tui_backprop.cli.pages.op_names import own_name
from tui_backprop.language.message import clauses, said
from tui_backprop.program.library.contained import contained
from tui_backprop.program.library.definitions import definitions
from tui_backprop.program.vocabulary.makers import SEVERAL
from tui_backprop.rules import RULES
from tui_backprop.rules.conventions.measured import measured

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.rules.conventions.measured import Point


class Section(NamedTuple):
    """Some points, and what is said before them.

    Attributes:
        op: the function that it is about.
        said: sentences.
        points: maybe none.
    """

    op: str
    said: tuple[str, ...]
    points: tuple[Point, ...]


def sections(name: str) -> list[Section]:
    """The points of a function, then of the ops that it is made of; where there are none, why.

    Args:
        name: any name that a program may call.

    Raises:
        RuleError: no function of a program is called so.
    """
    own = own_name(name)
    is_other = [said("{name} is another name of {op}", name=name, op=own)] if own != name else []
    points = _own_points(own)
    inside = _inside(own)
    found = [Section(own, (*is_other, *(() if points else _nothing(own, inside))), points)]
    if inside:
        told = said(
            "{op} is composed of other ops. What follows is about these inside it: {ops}. A "
            "framework that has {op} as one op may give something else there.",
            op=own, ops=clauses(inside),
        )  # fmt: skip
        below = tuple(point for op in inside for point in measured().of(op))
        found.append(Section(own, (told,), below))
    return found


def points_about(name: str) -> tuple[Point, ...]:
    """All points that are told of a function.

    Raises:
        RuleError: no function of a program is called so.
    """
    return tuple(point for section in sections(name) for point in section.points)


def _own_points(op: str) -> tuple[Point, ...]:
    """Those of an op; of one that is a result among several, those of the function as well."""
    gives = [whole for whole, parts in SEVERAL.items() if op in parts.values()]
    return tuple(point for one in (op, *gives) for point in measured().of(one))


def _inside(op: str) -> list[str]:
    """The ops inside a composed one of which points were measured."""
    if op not in definitions():
        return []
    return [one for one in contained(op) if measured().of(one)]


def _nothing(op: str, inside: list[str]) -> Iterator[str]:
    """Why an op has no points; what it does at a kink, where it says so."""
    results = SEVERAL.get(op, {}).values()
    kinks = {one: _convention(one) for one in (op, *results) if _convention(one)}
    if kinks or inside:
        yield said("nothing was measured for {op} itself", op=op)
    elif op in definitions():
        yield said(
            "nothing was measured for {op}: it is composed of other ops, and none of them has a "
            "special point",
            op=op,
        )
    else:
        yield said("nothing was measured for {op}: it has no special point", op=op)
    for one, convention in kinks.items():
        if one == op:
            yield said("at a kink: {convention}", convention=convention)
        else:
            yield said("{op} at a kink: {convention}", op=one, convention=convention)


def _convention(op: str) -> str:
    """What an op does at a kink, in words."""
    if op in RULES:
        return RULES[op].convention
    return definitions()[op].convention if op in definitions() else ""
