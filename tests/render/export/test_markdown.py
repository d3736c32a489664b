"""Markdown, read back by a reader of CommonMark."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from tests.render.hostile import texts
from tui_backprop.render.export.markdown import Markdown
from tui_backprop.render.text.spans import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from markdown_it.token import Token

MARKUP = Markdown()
WORDS = {"text", "text_special"}


def read(lines: Iterable[str]) -> list[Token]:
    """As a web page would: HTML allowed, and tables."""
    reader = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    return reader.parse("\n".join(lines))


def kinds(tokens: Iterable[Token]) -> list[str]:
    """Of the blocks."""
    return [token.type for token in tokens]


def said(tokens: Iterable[Token], allowed: Iterable[str] = WORDS) -> list[str]:
    """The words of each inline block, which holds nothing else."""
    found: list[str] = []
    for token in tokens:
        if token.type == "inline":
            children = token.children or []
            assert {child.type for child in children} <= set(allowed)
            found.append("".join(child.content for child in children))
    return found


def clean(text: str) -> str:
    """What a reader should see of it."""
    return " ".join(printable(text).split())


@given(texts)
def test_text_is_read_as_it_was_written(text: str) -> None:
    """As a paragraph, a heading and a quotation: nothing opens, nothing is lost."""
    assume(clean(text))
    marked = MARKUP.text(text)
    for lines, kind in (
        (MARKUP.paragraph(marked), "paragraph_open"),
        (MARKUP.opening(marked, []), "heading_open"),
        (MARKUP.section(marked), "heading_open"),
        (MARKUP.subsection(marked), "heading_open"),
    ):
        tokens = read(lines)
        assert kinds(tokens) == [kind, "inline", kind.replace("open", "close")]
        assert said(tokens) == [clean(text)]


@given(st.lists(st.lists(texts.filter(clean), min_size=1, max_size=3), min_size=1, max_size=3))
def test_a_note_keeps_its_lines(paragraphs: list[list[str]]) -> None:
    """One quotation, a paragraph for each, a break where the writer had one."""
    marked = [[MARKUP.text(line) for line in lines] for lines in paragraphs]
    tokens = read(MARKUP.note(marked))
    paragraph = ["paragraph_open", "inline", "paragraph_close"]
    expected = ["blockquote_open", *paragraph * len(paragraphs), "blockquote_close"]
    assert kinds(tokens) == expected
    found = said(tokens, WORDS | {"hardbreak"})
    assert found == ["".join(map(clean, lines)) for lines in paragraphs]


@given(st.lists(st.tuples(texts, texts), max_size=4))
def test_a_table_has_as_many_cells_as_it_was_given(rows: list[tuple[str, str]]) -> None:
    """Texts and code, bars and all."""
    cells = [("0", MARKUP.text(a), MARKUP.code(b)) for a, b in rows]
    tokens = read(MARKUP.table(("k", "text", "code"), cells))
    assert kinds(tokens)[0] == "table_open"
    assert kinds(tokens)[-1] == "table_close"
    assert kinds(tokens).count("td_open") == 3 * len(rows)
    found = said(tokens[tokens.index(next(t for t in tokens if t.type == "thead_close")) :],
                 WORDS | {"code_inline"})  # fmt: skip
    for k, (a, b) in enumerate(rows):
        assert found[3 * k + 1] == clean(a)
        assert found[3 * k + 2].split() == printable(b).split()


@given(st.lists(texts, max_size=5))
def test_a_program_stays_in_its_fence(lines: list[str]) -> None:
    """Whatever fence a comment of it tries to write."""
    tokens = read(MARKUP.listing(lines))
    assert kinds(tokens) == ["fence"]
    assert tokens[0].info == "python"
    assert tokens[0].content.splitlines() == [printable(line).rstrip() for line in lines]


def test_steps_and_formulas() -> None:
    """The forms that notes and web pages know."""
    assert [*MARKUP.step(4, ["x", "y"])] == ["", "**4.** $x$, $y$"]
    assert [*MARKUP.step(4, [])] == ["", "**4.**"]
    assert [*MARKUP.display(["x"])] == ["", "$$", "x", "$$"]
    assert [*MARKUP.closing()] == []


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("Y = 2X and y.backward(v)", "Y = 2X and y.backward(v)"),
        ("f = (x + y)·z, the first", "f = (x + y)·z, the first"),
        ("log_softmax", "log_softmax"),
        ("_x_", r"\_x\_"),
        ("1. one", r"1\. one"),
        ("a|b", "a&#124;b"),
        ("$5", r"\$5"),
    ],
)
def test_what_means_nothing_is_left_as_it_is(text: str, marked: str) -> None:
    """So that the source can be read too."""
    assert MARKUP.text(text) == marked
