"""The op table as another framework has it: its rows, changed where the measured table says so."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from tui_backprop.dataclass import replace
from tui_backprop.errors import ArgumentError
from tui_backprop.language.message import joined, said
from tui_backprop.rules import RULES
from tui_backprop.rules.conventions.measured import measured, title
from tui_backprop.rules.conventions.points import points_of
from tui_backprop.rules.conventions.words import way_words
from tui_backprop.rules.rule import Extras, Rule
from tui_backprop.spelling import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.rules.conventions.ways import SpecialPoint, Way


def frameworks() -> tuple[str, ...]:
    """The names of all frameworks that were measured."""
    return tuple(measured().versions)


def check_framework(name: str) -> str:
    """A framework's name.

    Raises:
        ArgumentError: nobody measured one of that name.
    """
    if name in measured().versions:
        return name
    known = said(
        "no framework '{name}' was measured: {names}", name=name, names=joined(", ", frameworks())
    )
    raise ArgumentError(joined("; ", filter(None, [known, nearest(name, frameworks())])))


def followed(rule: Rule, framework: str) -> Rule:
    """A row as a framework has it; the row itself where both are the same, or nobody knows."""
    extras = rule.extras
    if extras is not None:
        rule = replace(rule, extras=_extras(extras, framework))
    changed = list(_changed(rule, framework))
    if not changed:
        return rule
    for special, way in changed:
        if way.change is not None:
            rule = replace(rule, derivatives=way.change(rule, special.met))
    told = joined("; ", [said(
        "{of} at {place}: {way}",
        of=measured().point(special.point).of, place=measured().point(special.point).place,
        way=way_words(special, way),
    ) for special, way in changed])  # fmt: skip
    convention = said("as {framework} has it, {told}", framework=title(framework), told=told)
    return replace(rule, convention=convention, follows=framework)


def _extras(extras: Extras, framework: str) -> Extras:
    """The rows with more operands, as the framework has them; the same for the same operands."""
    return replace(extras, of=cache(lambda names: _followed_member(extras.of(names), framework)))


def _followed_member(rule: Rule, framework: str) -> Rule:
    """A row of those with more operands; its own extras stay as they are."""
    return replace(followed(replace(rule, extras=None), framework), extras=rule.extras)


def _changed(rule: Rule, framework: str) -> Iterator[tuple[SpecialPoint, Way]]:
    """The special points of a row at which the framework does something else, and what."""
    for special in points_of(rule.name, rule.operands):
        way = special.way(framework)
        if way is not None and way.change is not None:
            yield special, way


class _Followed(Mapping[str, Rule]):
    """The op table as a framework has it; read-only, rows made when they are asked for."""

    def __init__(self, framework: str) -> None:
        self._framework = framework
        self._made: dict[str, Rule] = {}

    def __getitem__(self, name: str) -> Rule:
        """The row."""
        if name not in self._made:
            self._made[name] = followed(RULES[name], self._framework)
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(RULES)

    def __len__(self) -> int:
        return len(RULES)

    def __contains__(self, name: object) -> bool:
        return name in RULES


@cache
def rules_of(framework: str) -> Mapping[str, Rule]:
    """The op table as a framework has it.

    Raises:
        ArgumentError: nobody measured one of that name.
    """
    return _Followed(check_framework(framework))
