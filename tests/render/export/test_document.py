"""The walk as a document, in Markdown and in LaTeX."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given

from tests.marks import few_of, spread
from tests.render.export.test_markdown import read
from tests.render.hostile import texts
from tests.render.latex import read_math, read_text
from tests.render.views import NAMES, titled_view, view_at
from tests.strategies import GraphMaker, seed_example, traces
from tui_backprop.graph.model import Backward, ZeroGrad
from tui_backprop.render.export.document import document
from tui_backprop.render.export.latex import LatexDocument
from tui_backprop.render.export.markdown import Markdown
from tui_backprop.render.text.names import Namer
from tui_backprop.scenario.model import Note, Place, Text

if TYPE_CHECKING:
    from tui_backprop.render.export.document import Markup
    from tui_backprop.render.export.text import Level
    from tui_backprop.timeline.trace import Trace

MARKUPS: tuple[Markup, ...] = (Markdown(), LatexDocument())
LEVELS: tuple[Level, ...] = ("partial", "node")

each_markup = pytest.mark.parametrize("markup", MARKUPS, ids=lambda m: type(m).__name__)


def _text(trace: Trace, markup: Markup, level: Level = "partial", **options: object) -> str:
    return "\n".join(document(titled_view(trace, **options), markup, level=level))


def _formulas(markdown: str) -> list[str]:
    """What stands between dollar signs, code left out."""
    prose = re.sub(r"(`+).*?\1", "", markdown, flags=re.DOTALL)
    found = re.findall(r"\$\$\n(.*)\n\$\$|(?<![\\$])\$([^$\n]+)\$", prose)
    return [block or inline for block, inline in found]


def test_rounded_numbers_are_no_equation() -> None:
    """Of a product and of a sum; what is exact in the digits that are shown is one."""
    told = "\n".join(document(view_at("mlp-2-3-1", 0, symbolic=False), Markdown()))
    assert r"4.06888 \cdot 2 \approx 8.13777" in told
    assert r"\left(-2.58687\right) \cdot 1 = -2.58687" in told
    told = "\n".join(document(view_at("attention-head", 0, symbolic=False), Markdown()))
    assert r"0.248022 - 0.306943 \approx -0.0589209" in told


@given(traces())
def test_every_step_is_told(trace: Trace) -> None:
    """Nodes in the table, every other step with its number, in order; in both the same."""
    steps = list(range(len(trace.timeline)))
    nodes = len(trace.graph.nodes)
    markdown, latex = (_text(trace, markup) for markup in MARKUPS)
    rows = [int(k) for k in re.findall(r"^\| (\d+) \|", markdown, re.MULTILINE)]
    told = [int(k) for k in re.findall(r"^\*\*(\d+)\.\*\*", markdown, re.MULTILINE)]
    assert (rows, told) == (steps[:nodes], steps[nodes:])
    rows = [int(k) for k in re.findall(r"^(\d+) & ", latex, re.MULTILINE)]
    told = [int(k) for k in re.findall(r"^\\textbf\{(\d+)\.\}", latex, re.MULTILINE)]
    assert (rows, told) == (steps[:nodes], steps[nodes:])


@given(traces())
def test_a_document_is_well_formed(trace: Trace) -> None:
    """LaTeX closes what it opens; each formula of Markdown is one."""
    for level in LEVELS:
        for symbolic in (True, False):
            read_text(_text(trace, MARKUPS[1], level, symbolic=symbolic))
            for formula in _formulas(_text(trace, MARKUPS[0], level, symbolic=symbolic)):
                read_math(formula)


@given(texts, texts, texts, texts)
def test_what_a_file_holds_stays_in_its_place(
    title: str, source: str, words: str, program: str
) -> None:
    """Nothing of it becomes HTML, a table, a fence, a command or a line of its own."""
    trace = seed_example(zeros=False)
    notes = tuple(Note(p, Place(p), Text({"": words})) for p in ("build", "seed", "end"))
    view = titled_view(trace, title=title, notes=notes)
    graph = replace(trace.graph, program=program)
    view = replace(view, namer=Namer(graph))
    tokens = read(document(view, MARKUPS[0], source))
    kinds = [token.type for token in tokens]
    inner = {child.type for token in tokens for child in token.children or ()}
    assert not {"html_block", "html_inline", "link_open", "image", "code_block"} & {*kinds, *inner}
    assert kinds.count("table_open") == kinds.count("fence") == 1
    assert not {"bullet_list_open", "ordered_list_open", "hr"} & {*kinds}
    assert kinds.count("heading_open") == 6
    read_text("\n".join(document(view, MARKUPS[1], source)))


@each_markup
def test_the_equations_of_a_partial(markup: Markup) -> None:
    """The partial with its formula, the product, the sum; a first contribution fills a place."""
    text = _text(seed_example(), markup, symbolic=True)
    slope = r"\dfrac{\partial y_{2}}{\partial x_{2}}"
    by = r"\dfrac{\partial}{\partial x_{2}} \left(2 \cdot x_{2}\right)"
    for formula in (
        f"${slope} = {by} = 2$",
        rf"$v_{{2}} \cdot {slope} = 2 \cdot 2 = 4$",
        r"$X.\mathrm{grad}_{2} = 0 + 4 = 4$",
        r"$X.\mathrm{grad}_{1}\colon \square \to 2$",
    ):
        assert formula in text
    structural = r"$\dfrac{\partial y_{1}}{\partial x_{2}} = 0$"
    assert structural in text


@each_markup
def test_an_edge_shows_its_jacobian_and_v(markup: Markup) -> None:
    """Whole where they are small."""
    text = _text(seed_example(), markup)
    matrix = r"\begin{pmatrix} 2 & 0 & 0 \\ 0 & 2 & 0 \\ 0 & 0 & 2 \end{pmatrix}"
    assert rf"J = \dfrac{{\partial Y}}{{\partial X}} = {matrix}" in text
    assert r"v = Y.\mathrm{grad} = \begin{pmatrix} 1 & 2 & 3 \end{pmatrix}" in text
    assert r"multiply, argument 1, $J$: $3 \times 3$, 3 of 9 can be non-zero" in text


@each_markup
def test_a_large_jacobian_is_cut_and_its_size_is_said(markup: Markup) -> None:
    """However large, a document has few entries of it."""
    maker = GraphMaker()
    maker.op("cumsum", maker.input(np.arange(1000.0), "X"), axis=0)
    text = _text(maker.trace(), markup, "node")
    assert r"\end{pmatrix}_{1000 \times 1000}" in text
    assert "of J and v the first entries and the last are shown" in text
    assert len(text) < 6000


@each_markup
def test_at_the_level_of_nodes_an_edge_has_one_step(markup: Markup) -> None:
    """With its VJP and the adjoint after it."""
    text = _text(seed_example(), markup, "node")
    assert r"v^{\mathsf{T}} J = \begin{pmatrix} 2 & 4 & 6 \end{pmatrix}" in text
    assert r"X.\mathrm{grad} = \begin{pmatrix} 2 & 4 & 6 \end{pmatrix}" in text
    assert r"\dfrac{\partial y_{1}}" not in text


@each_markup
def test_not_computed_yet_is_told_from_zero_and_explained(markup: Markup) -> None:
    """A square, and a sentence that says so."""
    text = _text(seed_example(), markup)
    assert r"$\square$ is an entry that is not computed yet, $\cdot$ multiplies." in text


@each_markup
def test_nan_and_infinities_are_readable(markup: Markup) -> None:
    """0/0 has a slope that is none."""
    maker = GraphMaker()
    maker.op("divide", maker.input(0.0, "x"), maker.input(0.0, "y"), name="q")
    text = _text(maker.trace(), markup)
    assert r"\dfrac{\partial q}{\partial x} = \infty" in text
    assert r"\text{NaN}" in text


@each_markup
def test_a_pass_that_zeroes_has_a_heading(markup: Markup) -> None:
    """And says what becomes of each gradient; each seed has its own."""
    maker = GraphMaker()
    maker.input(1.0, "X")
    text = _text(maker.trace(Backward(0), ZeroGrad(), Backward(0)), markup)
    assert text.count("Backward from $X$") == 2
    assert r"$X.\mathrm{grad} = 0$" in text
    assert "Every gradient is set to 0." in text


@each_markup
def test_a_note_is_told_once_where_it_hangs(markup: Markup) -> None:
    """In the build under the table, with its step; later under the step."""
    notes = (
        Note("Y", Place("node", "Y"), Text({"en": "look here", "zh": "看这里"})),
        Note("X.grad[1]", Place("grad", "X", (1,)), Text({"": "and here"})),
    )
    text = _text(seed_example(), markup, notes=notes)
    assert text.count("look here") == text.count("and here") == 1
    assert text.index("step 2, $Y$:") < text.index("look here") < text.index("Backward")
    assert text.index(r"X.\mathrm{grad}_{2}") < text.index("and here")
    assert text.index("and here") < text.index(r"X.\mathrm{grad}_{2} = 0 + 4")
    assert "看这里" in _text(seed_example(), markup, notes=notes, language="zh")


@each_markup
def test_it_is_made_line_by_line(markup: Markup) -> None:
    """The first lines of a walk of 10⁹ steps are there at once."""
    maker = GraphMaker()
    ones = np.ones((100, 100))
    made = maker.input(ones, "A")
    for k in range(30):
        made = maker.op("matmul", made, made, name=f"B{k}")
    trace = maker.trace(zeros=True)
    assert len(trace.timeline) > 10**9
    lines = document(titled_view(trace), markup)
    assert isinstance(lines, Iterator)
    found = [next(lines) for _ in range(400)]
    assert any("pmatrix" in line for line in found)


@pytest.mark.few(6)
@pytest.mark.parametrize(
    ("name", "language"),
    few_of([(n, "en") for n in NAMES] + [(n, "zh") for n in spread(NAMES, 6)], NAMES, ["en", "zh"]),
)
def test_every_shipped_scenario_is_a_document(name: str, language: str) -> None:
    """In both languages and forms, well formed to the end."""
    view = view_at(name, 0, language=language)
    latex = "\n".join(document(view, MARKUPS[1], level="node"))
    read_text(latex)
    assert ("{ctex}" in latex) == (language == "zh")
    markdown = "\n".join(document(view, MARKUPS[0]))
    for formula in _formulas(markdown):
        read_math(formula)
    training = view.frame.timeline.iterations
    if training is not None:
        assert markdown.splitlines()[-1].startswith(f"| {training.count} | ")
        return
    kept = "tangent" if view.frame.timeline.is_forward else "grad"
    assert rf".\mathrm{{{kept}}} = " in markdown.splitlines()[-2]
