r"""A LaTeX document that compiles on its own: article class, amsmath."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tui_backprop.render.formulas.latex_names import (
    UNKNOWN,
    array,
    code,
    derivative,
    escaped,
    is_cut,
    matrix,
    quantity,
    row,
    size,
)
from tui_backprop.render.formulas.symbolic import latex
from tui_backprop.render.text.arrays import Values
from tui_backprop.render.text.numbers import sign_and_size
from tui_backprop.timeline.step_facts import facts_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tui_backprop.graph.jacobian import LocalJacobian
    from tui_backprop.render.formulas.latex_names import LatexNamer
    from tui_backprop.rules.types import Array
    from tui_backprop.timeline.timeline import Frame


_HEAD: Final = (
    r"\documentclass{article}",
    r"\usepackage[margin=2.5cm]{geometry}",
    r"\usepackage{amsmath,amssymb,longtable,textcomp}",
)
_BODY: Final = (
    r"\setlength{\parindent}{0pt}",
    r"\setlength{\parskip}{\medskipamount}",
    r"\sloppy",
)
_CHINESE: Final = (
    "% There is Chinese in it: ctex, part of TeX Live and MiKTeX, finds the fonts.",
    "% Compile it with xelatex or lualatex.",
    r"\usepackage[scheme=plain]{ctex}",
)
_UNICODE: Final = (
    "% There are letters beyond ASCII in it: compile it with xelatex or lualatex.",
    r"\usepackage{fontspec}",
)
_PLAIN: Final = ("% Compile it with pdflatex, xelatex or lualatex.",)
_CJK: Final = re.compile(
    "[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff]"
)
_COLUMN: Final = r"p{0.3\textwidth}"


class LatexDocument:
    """The markup of a LaTeX document; see `document.Markup`."""

    def text(self, words: str) -> str:
        """Words escaped for LaTeX."""
        return escaped(words)

    def code(self, words: str) -> str:
        """In typewriter type."""
        return code(words)

    def opening(self, title: str, words: Iterable[str]) -> Iterator[str]:
        """The preamble, with the packages that the letters need."""
        shown = "".join(map(escaped, words))
        letters = _CHINESE if _CJK.search(shown) else _PLAIN if shown.isascii() else _UNICODE
        yield from (*_HEAD, *letters, *_BODY)
        yield from (rf"\title{{{title}}}", r"\author{}", r"\date{}")
        yield from (r"\begin{document}", r"\maketitle")

    def section(self, title: str) -> Iterator[str]:
        """Without a number: steps have theirs."""
        yield from ("", rf"\section*{{{title}}}")

    def subsection(self, title: str) -> Iterator[str]:
        """Likewise."""
        yield from ("", rf"\subsection*{{{title}}}")

    def paragraph(self, text: str) -> Iterator[str]:
        """Between empty lines."""
        yield from ("", text)

    def listing(self, lines: Sequence[str]) -> Iterator[str]:
        r"""Line by line, with numbers: a comment in a program could end a ``verbatim``."""
        if not lines:
            return  # an environment with nothing in it is an error
        gutter = len(str(len(lines)))
        shown = [code(f"{n:>{gutter}}  {line}".rstrip()) for n, line in enumerate(lines, start=1)]
        yield from ("", r"\begin{flushleft}")
        yield from (rf"{line}\\" for line in shown[:-1])
        yield from (shown[-1], r"\end{flushleft}")

    def table(self, head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
        """One that may be longer than a page."""
        columns = "r" + "l" * (len(head) - 3) + _COLUMN + "l"
        yield from ("", rf"\begin{{longtable}}{{{columns}}}", _row(head), r"\hline", r"\endhead")
        for cells in rows:
            yield _row(cells)
        yield r"\end{longtable}"

    def display(self, formulas: Sequence[str]) -> Iterator[str]:
        """A line each."""
        yield from (rf"\[ {formula} \]" for formula in formulas)

    def step(self, k: int, formulas: Sequence[str]) -> Iterator[str]:
        """Its number, then the formulas, broken between them where they do not fit."""
        joined = r",\quad ".join(f"${formula}$" for formula in formulas)
        yield ""
        yield rf"\textbf{{{k}.}}" + (rf"\quad {joined}" if joined else "")

    def note(self, paragraphs: Sequence[Sequence[str]]) -> Iterator[str]:
        """A quotation with the writer's own line breaks."""
        yield r"\begin{quote}"
        for number, lines in enumerate(paragraphs):
            if number:
                yield ""
            yield from (rf"{line} \newline" for line in lines[:-1])
            yield lines[-1]
        yield r"\end{quote}"

    def closing(self) -> Iterator[str]:
        """The end of the document."""
        yield from ("", r"\end{document}")


def _row(cells: Sequence[str]) -> str:
    return " & ".join(cells) + r" \\"


def slope(frame: Frame, namer: LatexNamer, *, symbolic: bool) -> str:
    r"""``∂y₂/∂x₂ = ∂/∂x₂ (2·x₂) = 2``.

    Args:
        frame: a step that takes a partial.
        namer: how entries are called.
        symbolic: whether the formula is wanted; a structural zero has none.
    """
    p = facts_of(frame)
    steps = [namer.partial(p.edge, p.j, p.i)]
    written = latex(frame, namer.names) if symbolic and p.is_structural else None
    if written is not None:
        by = rf"\dfrac{{\partial}}{{\partial {written.variable}}}"
        steps += [rf"{by} \left({written.function}\right)", written.partial]
    value = quantity(p.slope)
    return " = ".join([*steps, value] if steps[-1] != value else steps)


def rule(frame: Frame, namer: LatexNamer) -> str:
    """``∂y₁/∂x₁ = 1 − tanh²(x₁)``: the row itself, whatever the numbers are."""
    p = facts_of(frame)
    written = latex(frame, namer.names)
    if written is None:
        raise AssertionError("an edge has a formula")
    return f"{namer.partial(p.edge, p.j, p.i)} = {written.symbolic}"


def product(frame: Frame, namer: LatexNamer) -> str:
    """``v₂·∂y₂/∂x₂ = 2·2 = 4``."""
    p = facts_of(frame)
    factors = rf"{namer.cotangent(p.edge.node, p.j)} \cdot {namer.partial(p.edge, p.j, p.i)}"
    numbers = rf"{_factor(p.v)} \cdot {_factor(p.slope)}"
    return f"{factors} = {numbers} = {quantity(p.product)}"


def total(frame: Frame, namer: LatexNamer) -> str:
    """``X.grad₂ = 0 + 4 = 4``, or that an entry, unknown so far, is now so much."""
    p = facts_of(frame)
    name = namer.gradient_entry(p.edge.parent, p.i)
    after = quantity(p.after)
    if p.before is None:
        return rf"{name}\colon {UNKNOWN} \to {after}"
    sign, size = sign_and_size(quantity(p.product), "-")
    return f"{name} = {quantity(p.before)} {sign} {size} = {after}"


def local(frame: Frame, namer: LatexNamer) -> tuple[str, str]:
    """J of a step's edge and the v that is pulled back through it."""
    edge, v = frame.edge, frame.v
    if edge is None or v is None:
        raise AssertionError("a step of the partial phase has an edge and a v")
    named = derivative(namer.label(edge.node), namer.label(edge.parent))
    return (
        f"{'' if namer.names.binds('J') else 'J = '}{named} = {matrix(_jacobian(frame))}",
        rf"v^{{\mathsf{{T}}}} = {row(Values(v))}",
    )


def local_size(frame: Frame) -> str:
    """How many rows and columns J has."""
    return size(_jacobian(frame).shape)


def is_local_cut(frame: Frame) -> bool:
    """Whether J is too large to be shown whole."""
    return is_cut(_jacobian(frame).shape)


def vjp(frame: Frame, namer: LatexNamer) -> tuple[str, str]:
    """What a whole edge adds to its parent's adjoint, and what that is then."""
    p = facts_of(frame)
    return (
        rf"v^{{\mathsf{{T}}}} J = {array(Values(p.edge_total))}",
        f"{namer.gradient(p.edge.parent)} = {array(p.adjoint)}",
    )


def seed(v: Array) -> str:
    """The v of a pass."""
    return f"v = {array(Values(v))}"


def gradient(node_id: int, adjoint: Array, namer: LatexNamer) -> str:
    """A finished gradient."""
    return f"{namer.gradient(node_id)} = {array(Values(adjoint))}"


def _jacobian(frame: Frame) -> LocalJacobian:
    if frame.J is None:
        raise AssertionError("an edge belongs to an op")
    return frame.J


def _factor(value: float) -> str:
    text = quantity(value)
    return rf"\left({text}\right)" if text.startswith("-") else text
