"""A text of a scenario, which may be one for each language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from tui_backprop.dataclass import dataclass
from tui_backprop.language.catalogue import ENGLISH, language_of, languages
from tui_backprop.language.message import joined, said, written
from tui_backprop.scenario.kinds import String, expected
from tui_backprop.scenario.records import Either, Named
from tui_backprop.scenario.report import UNKNOWN_KEY
from tui_backprop.scenario.yaml_tree import Mapping

if TYPE_CHECKING:
    from tui_backprop.scenario.kinds import Kind, Schema
    from tui_backprop.scenario.report import Report
    from tui_backprop.scenario.yaml_tree import Node


@dataclass(frozen=True, slots=True)
class Localized:
    """A text by language, in the order of the languages."""

    texts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ByLanguage:
    """A mapping from languages to texts; its keys are the languages that there are."""

    def read(self, node: Node, report: Report) -> Localized | None:
        """Those that could be read."""
        if not isinstance(node, Mapping):
            expected(said("a mapping"), node, report)
            return None
        known = languages()
        found: dict[str, str] = {}
        for name, value in node.entries:
            if name.text not in known:
                report.unknown(UNKNOWN_KEY, name.text, name.span, known)
            elif (text := String().read(value, report)) is not None:
                found[name.text] = text
        if not node.entries:
            message = said("expected at least one of the keys {keys}", keys=joined(", ", known))
            report.at(node, message)
        return Localized(tuple((code, found[code]) for code in known if code in found))

    def schema(self, definitions: Schema) -> Schema:
        """An object without other keys."""
        text = String().schema(definitions)
        told = {code: said("In {language}.", language=_name_of(code)) for code in languages()}
        return {
            "type": "object",
            "properties": {code: {**text, "description": told[code]} for code in told},
            "additionalProperties": False,
            "minProperties": 1,
        }


def _name_of(code: str) -> str:
    """What English calls a language; all others call it what it calls itself."""
    language = language_of(code)
    own = dict.fromkeys(languages(), language.name)
    return written({**own, ENGLISH.code: language.english_name})


Texts: TypeAlias = "str | Localized"

TEXT: Final[Kind[Texts]] = Named(
    "text",
    Either(
        said("a text, or one for each language"),
        scalar=String(),
        mapping=ByLanguage(),
    ),
)
