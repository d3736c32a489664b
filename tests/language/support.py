"""A language that the package does not have: a few messages, the rest stays English."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.language.catalogue import language_of, languages

if TYPE_CHECKING:
    from pathlib import Path

CODE: Final = "xx"

CATALOGUE: Final = r"""
msgid ""
msgstr ""
"Language: xx\n"
"Language-Team: Exian <exian@example.org>\n"
"Plural-Forms: nplurals=3; plural=(n==1 ? 0 : n<5 ? 1 : 2);\n"
"Content-Type: text/plain; charset=utf-8\n"

msgid "English"
msgstr "Éxlà"

msgid "BUILD"
msgstr "KÖNSTR"

msgid "pass {number} of {count}"
msgstr "prehod {nmber} {0} {"

msgid "gradients"
msgstr "gràdy"

msgctxt "a replay"
msgid "playing"
msgstr "ïgra"

msgid "node {number}"
msgstr "ùzel {number}"

#, fuzzy
msgid "paused"
msgstr "stoï?"

msgid "{count} contribution"
msgid_plural "{count} contributions"
msgstr[0] "{count} vklàd"
msgstr[1] "{count} vklàda"
msgstr[2] "{count} vklàdov"

msgid "The gradient of {name} is {value}."
msgstr "Gràd {name} jè {value}."
"""


def written(locale: Path, text: str = CATALOGUE, code: str = CODE) -> Path:
    """The catalogue as its translator leaves it: one file."""
    path = locale / code / "LC_MESSAGES" / "tui_backprop.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def forget() -> None:
    """What was read of the folder of languages."""
    languages.cache_clear()
    language_of.cache_clear()
