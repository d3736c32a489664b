"""The catalogues: what the code says, all of it, translated for sure."""

from __future__ import annotations

import ast
import re
import shutil
from string import Formatter
from typing import TYPE_CHECKING, Final

import pytest

from tests import catalogues
from tests.catalogues import ROOT, TEMPLATE, codes, forms, messages, read, text_of, untranslated
from tui_backprop.language.catalogue import language_of
from tui_backprop.render.text.spans import width
from tui_backprop.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from babel.messages.catalog import Catalog

LANGUAGES: Final = codes()
MARKS: Final = {
    "say": (0,), "_say": (0,), "said": (0,), "say_in": (0, 1), "said_in": (0, 1), "count": (0, 1),
    "said_many": (1, 2), "key": (1,),
}  # fmt: skip
"""What marks a message in the code, and which arguments are its context and its forms."""
LONG: Final = 30
"""Letters of a message that is a sentence, and no label that Chinese says in two signs."""
RENEW: Final = "renew them by: python -m tests.catalogues"


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def _pairs(catalog: Catalog) -> Iterator[tuple[Sequence[str], Sequence[str]]]:
    """Forms in the code, forms in the catalogue."""
    for message in messages(catalog).values():
        yield forms(message.id), forms(message.string)


def test_the_template_is_what_the_code_says(tmp_path: Path) -> None:
    """Drawn again, it holds the same messages."""
    drawn = tmp_path / "drawn.pot"
    catalogues.draw(drawn)
    assert messages(read(drawn)).keys() == messages(read(TEMPLATE)).keys(), RENEW


@pytest.fixture
def locale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the catalogues, long ago; what the code says comes from the template."""
    folder = tmp_path / "locale"
    shutil.copytree(TEMPLATE.parent, folder, ignore=shutil.ignore_patterns("*.mo"))
    monkeypatch.setattr(catalogues, "draw", lambda path: shutil.copy(TEMPLATE, path))
    list(catalogues.renew(folder))  # another Babel may break other lines
    for path in (folder / TEMPLATE.name, *(text_of(code, folder) for code in LANGUAGES)):
        text = path.read_text("utf-8")
        assert text.count('"POT-Creation-Date: 20') == 1
        text = text.replace('"POT-Creation-Date: 20', '"POT-Creation-Date: 19')
        path.write_text(text, "utf-8", newline="\n")
    return folder


def test_where_nothing_is_new_no_file_changes(locale: Path) -> None:
    """Neither its date nor anything else."""
    before = {path: path.read_bytes() for path in locale.rglob("*.po*")}
    left = list(catalogues.renew(locale))
    assert bool(left) == any(untranslated(read(text_of(code))) for code in LANGUAGES)
    assert {path: path.read_bytes() for path in locale.rglob("*.po*")} == before
    assert len(before) == 1 + len(LANGUAGES)


def test_what_is_reworded_is_to_be_translated(
    locale: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is named, with what its words were before; no other translation is taken for it."""
    reworded = TEMPLATE.read_text("utf-8").replace('msgid "BUILD"', 'msgid "BUILDS"')
    monkeypatch.setattr(catalogues, "draw", lambda path: path.write_text(reworded, "utf-8"))
    before = messages(read(text_of("zh", locale)))
    left = [line for line in catalogues.renew(locale) if not line.startswith("  ")]
    after = read(text_of("zh", locale))
    assert f"zh: no longer said: 'BUILD', which was {before['', 'BUILD'].string!r}" in left
    lacking = untranslated(after)
    assert f"zh: {len(lacking)} of {len(before)} messages are missing:" in left
    assert {*lacking} - {*untranslated(read(text_of("zh")))} == {"BUILDS"}
    assert "POT-Creation-Date: 19" not in text_of("zh", locale).read_text("utf-8")
    assert {key: m.string for key, m in messages(after).items() if m.string} == {
        key: m.string for key, m in before.items() if m.string and key != ("", "BUILD")
    }


def test_no_message_is_overlooked() -> None:
    """Babel sees neither into an f-string nor into a folder that pyproject.toml does not name."""
    known = {key if key[0] else key[1:] for key in messages(read(TEMPLATE))}
    met = [key for path in (ROOT / "tui_backprop").rglob("*.py") for key in _marked(path)]
    assert len(met) > 400
    assert sorted({*met} - known) == [], RENEW


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
    assert spoken.name not in {language, "English"}, "'English' becomes what it calls itself"
    assert spoken.english_name != language, "Language-Team becomes what English calls it"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_is_complete_and_sure(language: str) -> None:
    """Every message is there and translated; none is a guess, none is left over."""
    catalog = read(text_of(language))
    assert messages(catalog).keys() == messages(read(TEMPLATE)).keys(), RENEW
    assert not catalog.obsolete, RENEW
    lacking, count = untranslated(catalog), len(messages(catalog))
    assert not lacking, (
        f"{len(lacking)} of {count} messages are missing in {language}; the first: {lacking[0]!r}; "
        "python -m tests.catalogues lists them"
    )
    assert {len(told) for said, told in _pairs(catalog) if len(said) > 1} == {catalog.num_plurals}


@pytest.mark.parametrize("language", LANGUAGES)
def test_fields_agree(language: str) -> None:
    """A translation fills in what the message does, nothing more and nothing less."""
    catalog = read(text_of(language))
    table = {text for rule in RULES.values() for text in (rule.summary, rule.convention)}
    wrong = [
        said[0]
        for said, told in _pairs(catalog)
        if said[0] not in table and all(told)
        and any(_fields(form) != _fields(said[0]) for form in (*said, *told))
    ]  # fmt: skip
    assert not wrong, f"the fields in braces differ in {language}, first in {wrong[0]!r}"


def test_rows_made_for_a_call_say_what_the_table_says() -> None:
    """Families and rows with more operands keep their summary, so its translation serves them."""
    known = {text for rule in RULES.values() for text in (rule.summary, rule.convention)}
    for rule in RULES.values():
        made = [rule.family.of(3)] if rule.family else []
        made += [rule.family.of_rows] if rule.family and rule.family.of_rows else []
        made += [rule.extras.of(rule.extras.names)] if rule.extras else []
        assert {text for row in made for text in (row.summary, row.convention)} <= known


def test_punctuation_in_chinese_is_full_width() -> None:
    """Behind Chinese there is no half-width mark, and behind a full-width one no blank."""
    wrong = [
        told
        for _, forms in _pairs(read(text_of("zh")))
        for told in forms
        if re.search(r"[一-鿿][,;:?!](?!\w)|[，；：。、？！] (?=\S)", told)
    ]
    assert wrong == []


def test_a_translation_says_all_of_it() -> None:
    """A sentence has not shrunk to its first words: it takes a quarter of the cells at least."""
    wrong = [
        (said[0], form)
        for said, forms in _pairs(read(text_of("zh")))
        for form in forms
        if len(said[0]) >= LONG and 4 * width(_without_fields(form)) < len(_without_fields(said[0]))
    ]
    assert wrong == []


def _without_fields(text: str) -> str:
    """Fields are as long as what fills them."""
    return re.sub(r"\{\w+\}", "", text)
