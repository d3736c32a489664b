"""The rows of the op table as parts of a composed op.

What is known of an op at a special point, and what frameworks give there, is not said of an op that
is made of it: relu6 is a clip here, and its slope at 6 is not what a framework gives for clip.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Final

from tui_backprop.dataclass import replace
from tui_backprop.rules import RULES
from tui_backprop.rules.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator


@cache
def _part(name: str) -> Rule:
    rule = RULES[name]
    if rule.extras is None:
        return replace(rule, is_part=True)
    of = rule.extras.of
    more = replace(rule.extras, of=cache(lambda names: replace(of(names), is_part=True)))
    return replace(rule, extras=more, is_part=True)


class _Parts(Mapping[str, Rule]):
    """Every row by its name, as a part; read-only, the same row for the same name."""

    def __getitem__(self, name: str) -> Rule:
        """The row."""
        return _part(name)

    def __iter__(self) -> Iterator[str]:
        return iter(RULES)

    def __len__(self) -> int:
        return len(RULES)

    def __contains__(self, name: object) -> bool:
        return name in RULES


PARTS: Final[Mapping[str, Rule]] = _Parts()
