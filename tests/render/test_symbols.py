"""One symbol, one thing: a program's own v and J are never taken for those of mathematics.

What is written of a program that calls a variable v is what is written of the same program with
another letter: the vector that is pulled back, and the Jacobian, go by other names there.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.render.views import text_of
from tui_backprop.language.catalogue import languages
from tui_backprop.render.export.latex import trace_latex
from tui_backprop.render.export.markdown import trace_markdown
from tui_backprop.render.export.text import trace_text
from tui_backprop.render.panes.step_sentences import sentences
from tui_backprop.render.speech.transcript import plain_transcript
from tui_backprop.render.text.charset import ASCII, UNICODE
from tui_backprop.render.view import printed_view
from tui_backprop.scenario.load import loads
from tui_backprop.timeline.frame import Phase
from tui_backprop.timeline.trace import Trace
from tui_backprop.tui.panes import PANES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tui_backprop.render.export.text import Level
    from tui_backprop.render.text.charset import Charset
    from tui_backprop.render.view import View

LEAST = """\
format: 1
inputs:
  {leaf}: [1, 2]
  W: [[1, 2], [0, 1]]
program: |
  {inner} = tanh(W @ {leaf} * {leaf})
  Y = {inner} * {leaf}
backward: {{of: Y, v: [3, 5]}}
"""
OTHER = {"v": "q", "V": "Q", "J": "Q"}
LEAVES = [("v", "h"), ("J", "h"), ("v", "J"), ("J", "v"), ("h", "v")]
PICTURES = {
    row.id: row.picture for row in PANES
    # The presenter's lines are those of others, set where they fit, which names decide.
    if row.id not in {"program", "note", "presenter"}
}  # fmt: skip


def view_of(leaf: str, inner: str, charset: Charset = UNICODE, language: str = "en") -> View:
    """The first step of the walk of a program with these names."""
    model = loads(LEAST.format(leaf=leaf, inner=inner), "t.yaml")
    trace = Trace(model.graph, model.leaves, model.passes, zeros=True)
    view = printed_view(model, trace.timeline[0], language, charset, symbolic=True)
    return replace(view, graph_view="tape")  # the drawing has a v for the point of an arrow


def mentions(text: str, name: str) -> int:
    """How often a text has a name that stands alone or with an index.

    Its gradient is another, and a derivative by it is written where J is not.
    """
    before, after = r"(?<![A-Za-z0-9_\\∂])(?<!\\partial )", r"(?![A-Za-z]|\.(grad|\\mathrm))"
    return len(re.findall(f"{before}{name}{after}", text))


def renamed(names: tuple[str, str], letter: str) -> tuple[str, str]:
    """The names with another one for a letter."""
    leaf, inner = (OTHER.get(letter, letter) if name == letter else name for name in names)
    return leaf, inner


def walked(view: View) -> Iterator[View]:
    """The view at every step that pulls back: what is said before tells of v in general."""
    for frame in view.frame.timeline:
        if frame.phase is Phase.PARTIAL:
            yield replace(view, frame=frame)


@pytest.mark.few(6)
@pytest.mark.parametrize("charset", [UNICODE, ASCII], ids=["unicode", "ascii"])
@pytest.mark.parametrize("names", LEAVES)
@pytest.mark.parametrize("letter", ["v", "J"])
def test_panes_keep_a_letter_for_the_program(
    names: tuple[str, str], letter: str, charset: Charset
) -> None:
    """Line by line a letter stands as often as another one would stand in its place."""
    if letter not in names:
        pytest.skip("it has no such name")
    theirs = view_of(*names, charset)
    others = view_of(*renamed(names, letter), charset)
    for one, other in zip(walked(theirs), walked(others), strict=True):
        for pane, picture in PICTURES.items():
            content, plainer = picture(one, 200, 30), picture(other, 200, 30)
            lines = [content.title, *text_of(content, 200, 30)]
            expected = [plainer.title, *text_of(plainer, 200, 30)]
            found = [mentions(line, letter) for line in lines]
            assert found == [mentions(line, OTHER[letter]) for line in expected], (pane, lines)


@pytest.mark.few(6)
@pytest.mark.parametrize("write", [trace_text, trace_markdown, trace_latex])
@pytest.mark.parametrize("level", ["partial", "node"])
@pytest.mark.parametrize("names", LEAVES)
@pytest.mark.parametrize("letter", ["v", "J"])
def test_documents_keep_a_letter_for_the_program(
    names: tuple[str, str], letter: str, level: Level, write: Callable[..., Iterator[str]]
) -> None:
    """A transcript and the documents with formulas alike."""
    if letter not in names:
        pytest.skip("it has no such name")
    theirs = write(view_of(*names), "", level)
    others = write(view_of(*renamed(names, letter)), "", level)
    for line, other in zip(theirs, others, strict=True):
        assert mentions(line, letter) == mentions(other, OTHER[letter]), line


@pytest.mark.parametrize("names", [("v", "h"), ("V", "h"), ("h", "v"), ("h", "V")])
def test_aloud_a_large_v_sounds_like_a_small_one(names: tuple[str, str]) -> None:
    """So the vector goes by another name beside either."""
    letter = next(name for name in names if name.lower() == "v")
    theirs = plain_transcript(view_of(*names))
    others = plain_transcript(view_of(*renamed(names, letter)))
    for line, other in zip(theirs, others, strict=True):
        if "gradient" in line:
            found, expected = (re.sub(r"(?i)gradient of \w", "", text) for text in (line, other))
            assert len(re.findall(r"(?i)\bv\b", found)) == len(re.findall(r"(?i)\bq\b", expected))


@pytest.mark.parametrize("language", languages())
def test_where_the_letter_is_taken_the_seed_says_what_is_meant(language: str) -> None:
    """Once, where the vector is placed."""
    view = view_of("v", "h", language=language)
    seed = next(f for f in view.frame.timeline if f.phase is Phase.SEED)
    told = " ".join(sentences(replace(view, frame=seed)))
    assert "Y.grad" in told
    assert mentions(told, "v") == 1
