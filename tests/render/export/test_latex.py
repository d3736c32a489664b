r"""The parts of a LaTeX document."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.render.hostile import texts
from tests.render.latex import read_text
from tui_backprop.render.export.latex import LatexDocument

if TYPE_CHECKING:
    from collections.abc import Iterable

MARKUP = LatexDocument()


def _document(*parts: Iterable[str], title: str = "t", words: Iterable[str] = ()) -> str:
    lines = [*MARKUP.opening(title, words)]
    lines += [line for part in parts for line in part]
    return "\n".join([*lines, *MARKUP.closing()])


@given(texts, texts, st.lists(texts, max_size=4), st.lists(texts.filter(str.strip), min_size=1))
def test_nothing_leaves_its_place(title: str, text: str, code: list[str], note: list[str]) -> None:
    """Whatever titles, names, programs and notes hold."""
    marked = MARKUP.text(text)
    latex = _document(
        MARKUP.section(marked),
        MARKUP.subsection(marked),
        MARKUP.paragraph(marked),
        MARKUP.listing(code),
        MARKUP.table("abcd", [("0", marked, MARKUP.code(text), marked)]),
        MARKUP.step(1, ["x", "y"]),
        MARKUP.display(["x"]),
        MARKUP.note([[MARKUP.text(line) for line in note], [marked]]),
        title=MARKUP.text(title),
        words=[title, text, *code, *note],
    )
    reader = read_text(latex)
    assert reader.commands.count(r"\documentclass") == 1
    assert latex.count(r"\end{document}") == 1
    assert latex.endswith(r"\end{document}")


@pytest.mark.parametrize(
    ("words", "package"),
    [(["plain"], ""), (["é"], "{fontspec}"), (["é", "中文"], "{ctex}"), (["！"], "{ctex}"),
     (["ⱼ ∂"], "")],
)  # fmt: skip
def test_letters_bring_the_package_that_has_them(words: list[str], package: str) -> None:
    """And a comment that says how to compile; signs that become mathematics need none."""
    latex = _document(words=words)
    assert ("{fontspec}" in latex) == (package == "{fontspec}")
    assert ("{ctex}" in latex) == (package == "{ctex}")
    assert "% " in latex
    assert ("xelatex or lualatex." in latex) == (("pdflatex" in latex) or bool(package))


def test_no_line_break_can_take_an_argument() -> None:
    r"""``\\`` and a bracket would be a length, so no line of a person follows one."""
    latex = _document(
        MARKUP.listing(["[1]", "*"]),
        MARKUP.table("abcd", [("0", "[", "[", "["), ("1", "*", "*", "*")]),
        MARKUP.note([["[a]", "[b]"]]),
    )
    breaks = [line for _, line in zip(*[latex.splitlines()[k:] for k in (0, 1)], strict=False)
              if _.endswith(r"\\")]  # fmt: skip
    assert breaks
    assert not [line for line in breaks if line.startswith(("[", "*"))]
    assert r"[a] \newline" in latex


def test_an_empty_program_has_no_listing() -> None:
    """An environment with nothing in it is an error to TeX."""
    assert [*MARKUP.listing([])] == []
