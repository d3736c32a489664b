"""The catalogues: what the code says, all of it, translated for sure."""

from __future__ import annotations

import ast
import shlex
import subprocess
import sys
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING, Final

import pytest
from babel.messages.pofile import read_po

from tui_backprop.language.catalogue import language_of
from tui_backprop.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from babel.messages.catalog import Catalog, Message

ROOT: Final = Path(__file__).resolve().parents[2]
LOCALE: Final = ROOT / "tui_backprop" / "locale"
TEMPLATE: Final = LOCALE / "tui_backprop.pot"
LANGUAGES: Final = sorted(path.name for path in LOCALE.iterdir() if path.is_dir())
MARKS: Final = {
    "say": (0,), "_say": (0,), "said": (0,), "say_in": (0, 1), "count": (0, 1), "said_many": (1, 2),
}  # fmt: skip
"""What marks a message in the code, and which arguments are its context and its forms."""
EXTRACT: Final = "pybabel extract -F pyproject.toml --no-location --sort-output -o"


def _read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, abort_invalid=True)


def _messages(catalog: Catalog) -> dict[tuple[str, ...], Message]:
    """By context, where there is one, and by the forms in the code; without the header."""
    return {
        (message.context or "", *_forms(message.id)): message for message in catalog if message.id
    }


def _forms(text: str | Iterable[str] | None) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text or ())


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def _pairs(catalog: Catalog) -> Iterator[tuple[Sequence[str], Sequence[str]]]:
    """Forms in the code, forms in the catalogue."""
    for message in _messages(catalog).values():
        yield _forms(message.id), _forms(message.string)


def test_the_template_is_what_the_code_says(tmp_path: Path) -> None:
    """Drawn again by the command that CONTRIBUTING gives, it holds the same messages."""
    assert f"{EXTRACT} {TEMPLATE.relative_to(ROOT)} ." in (ROOT / "CONTRIBUTING.md").read_text(
        "utf-8"
    )
    drawn = tmp_path / "drawn.pot"
    words = [*shlex.split(EXTRACT)[1:], str(drawn), "."]
    command = [sys.executable, "-m", "babel.messages.frontend", *words]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    assert _messages(_read(drawn)).keys() == _messages(_read(TEMPLATE)).keys()


def test_no_message_is_overlooked() -> None:
    """Babel sees neither into an f-string nor into a folder that pyproject.toml does not name."""
    known = {key if key[0] else key[1:] for key in _messages(_read(TEMPLATE))}
    met = [key for path in (ROOT / "tui_backprop").rglob("*.py") for key in _marked(path)]
    assert len(met) > 400
    assert sorted({*met} - known) == []


def _marked(path: Path) -> Iterator[tuple[str, ...]]:
    """Context and forms of each message that a file holds as such."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        given = [node.args[k] for k in MARKS.get(name, ()) if k < len(node.args)]
        constants = [arg.value for arg in given if isinstance(arg, ast.Constant)]
        texts = [text for text in constants if isinstance(text, str)]
        if texts and len(texts) == len(MARKS[name]):
            yield tuple(texts)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_names_its_language(language: str) -> None:
    """What its speakers call it is a message, what English calls it stands in its header."""
    spoken = language_of(language)
    assert spoken.code == language
    assert spoken.name not in {language, "English"}
    assert spoken.english_name != language


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_is_complete_and_sure(language: str) -> None:
    """Every message is there and translated; none is a guess, none is left over."""
    catalog = _read(LOCALE / language / "LC_MESSAGES" / "tui_backprop.po")
    assert set(_messages(catalog)) == set(_messages(_read(TEMPLATE)))
    assert not catalog.obsolete
    assert not [message.id for message in _messages(catalog).values() if message.fuzzy]
    assert not [said for said, forms in _pairs(catalog) if not all(forms)]
    assert {len(forms) for said, forms in _pairs(catalog) if len(said) > 1} == {catalog.num_plurals}


@pytest.mark.parametrize("language", LANGUAGES)
def test_fields_agree(language: str) -> None:
    """A translation fills in what the message does, nothing more and nothing less."""
    catalog = _read(LOCALE / language / "LC_MESSAGES" / "tui_backprop.po")
    table = {text for rule in RULES.values() for text in (rule.summary, rule.convention)}
    for said, forms in _pairs(catalog):
        if said[0] not in table:
            assert {frozenset(_fields(form)) for form in (*said, *forms)} == {
                frozenset(_fields(said[0]))
            }


def test_rows_made_for_a_call_say_what_the_table_says() -> None:
    """Families and rows with more operands keep their summary, so its translation serves them."""
    known = {text for rule in RULES.values() for text in (rule.summary, rule.convention)}
    for rule in RULES.values():
        made = [rule.family.of(3)] if rule.family else []
        made += [rule.family.of_rows] if rule.family and rule.family.of_rows else []
        made += [rule.extras.of(rule.extras.names)] if rule.extras else []
        assert {text for row in made for text in (row.summary, row.convention)} <= known
