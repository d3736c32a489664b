"""The op table with its rows changed, each when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

from tui_backprop.dataclass import replace
from tui_backprop.rules import RULES
from tui_backprop.rules.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

Change: TypeAlias = Callable[[Rule], Rule]


class ChangedRules(Mapping[str, Rule]):
    """Every row by its name, changed, and so are those that have more operands; read-only.

    The same row for the same name, and one that a change leaves as it is stays itself.
    """

    def __init__(self, change: Change) -> None:
        self._change = change
        self._made: dict[str, Rule] = {}

    def __getitem__(self, name: str) -> Rule:
        """The row."""
        if name not in self._made:
            self._made[name] = _with_members(RULES[name], self._change)
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(RULES)

    def __len__(self) -> int:
        return len(RULES)

    def __contains__(self, name: object) -> bool:
        return name in RULES


def _with_members(rule: Rule, change: Change) -> Rule:
    """A row changed, with the rows for more operands and other names, where it has some."""
    if rule.variants:
        rule = replace(rule, variants={name: change(v) for name, v in rule.variants.items()})
    if rule.extras is None:
        return change(rule)
    of = rule.extras.of
    return change(replace(rule, extras=replace(rule.extras, of=cache(lambda n: change(of(n))))))
