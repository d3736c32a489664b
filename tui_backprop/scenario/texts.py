"""A text in one language or in two, as a title, a note or a name is written.

It stands apart from the table of keys because claims, which have a table of their own, need it too.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Final, TypeAlias

from tui_backprop.dataclass import dataclass
from tui_backprop.scenario.forms import Either, Named
from tui_backprop.scenario.kinds import String
from tui_backprop.scenario.records import Record, key

if TYPE_CHECKING:
    from tui_backprop.scenario.kinds import Kind


@dataclass(frozen=True, slots=True)
class Localized:
    """A text by language."""

    en: str | None = field(metadata=key(String(), "In English."), default=None)
    zh: str | None = field(metadata=key(String(), "In Chinese."), default=None)


Texts: TypeAlias = "str | Localized"

TEXT: Final[Kind[Texts]] = Named(
    "text",
    Either(
        "a text, or one for each language",
        scalar=String(),
        mapping=Record(Localized, at_least_one=True),
    ),
)
