"""The op table as another framework has it: its rows, changed where the measured table says so."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from tui_backprop.dataclass import replace
from tui_backprop.language.message import joined, said
from tui_backprop.rules.changed import ChangedRules
from tui_backprop.rules.conventions.framework_names import check_framework
from tui_backprop.rules.conventions.measured import measured, title
from tui_backprop.rules.conventions.points import points_of
from tui_backprop.rules.conventions.words import way_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tui_backprop.rules.conventions.ways import SpecialPoint, Way
    from tui_backprop.rules.rule import Rule


def followed(rule: Rule, framework: str) -> Rule:
    """A row as a framework has it; the row itself where both are the same, or nobody knows."""
    changed = list(_changed(rule, framework))
    calls = {s.constants for s, _ in changed if s.constants is not None}
    variants: dict[str | frozenset[int], Rule] = {
        call: _followed(rule, framework, [s for s, _ in changed if s.constants in {None, call}])
        for call in calls
    }
    found = _followed(rule, framework, [s for s, _ in changed if s.constants is None])
    return replace(found, variants={**rule.variants, **variants}) if variants else found


def _followed(rule: Rule, framework: str, specials: Sequence[SpecialPoint]) -> Rule:
    if not specials:
        return rule
    for special in specials:
        way = special.way(framework)
        if way is not None and way.change is not None:
            rule = replace(rule, derivatives=way.change(rule, special.met))
    return replace(rule, convention=convention_of(framework, specials), follows=framework)


def convention_of(framework: str, specials: Sequence[SpecialPoint]) -> str:
    """What a framework does at special points, in words."""
    ways = [(special, special.way(framework)) for special in specials]
    told = joined("; ", [_told(special, way) for special, way in ways if way is not None])
    return said("as {framework} has it, {told}", framework=title(framework), told=told)


def _told(special: SpecialPoint, way: Way) -> str:
    point = measured().point(special.point)
    return said(
        "{of} at {place}: {way}", of=point.of, place=point.place, way=way_words(special, way)
    )


def _changed(rule: Rule, framework: str) -> Iterator[tuple[SpecialPoint, Way]]:
    """The special points of a row at which the framework does something else, and what."""
    for special in points_of(rule):
        way = special.way(framework)
        if way is not None and way.change is not None:
            yield special, way


def rules_of(framework: str) -> Mapping[str, Rule]:
    """The op table as a framework has it, by any of its names.

    Raises:
        ArgumentError: nobody measured one of that name.
    """
    return _rules(check_framework(framework))


@cache
def _rules(framework: str) -> Mapping[str, Rule]:
    return ChangedRules(lambda rule: followed(rule, framework))
