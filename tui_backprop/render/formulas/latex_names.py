r"""Names, numbers, arrays and text in LaTeX.

A node has the name that `names` gives it, only set as mathematics, so an entry has one name
everywhere and no two entries look the same.

=====================  =========================  =========================================
written                LaTeX                      because
=====================  =========================  =========================================
``x₂``, ``w₁₀,₂``      ``x_{2}``, ``w_{10,2}``    an index is an index
``h@2₁``, ``h@2``      ``h_{@2,1}``, ``h_{@2}``   a binding; raised it would be a derivative
``x₂′``                ``x_{2}^{\prime}``         an argument of ``x * x``
``alpha``, ``lam``     ``\alpha``, ``\lambda``    the names that programs have for them
``loss``               ``\mathit{loss}``          one word, not a product of letters
``w_hh₁₂``             ``w_{\mathrm{hh},12}``     letters after ``_`` were meant as an index
``x_1``, ``a_b_c``     ``\mathit{x\_1}``          would else look like an entry
``#7₁``                ``\#7_{1}``                a node without a name
``2``, ``1e-07``       ``2``, ``10^{-7}``         a number
=====================  =========================  =========================================
"""

from __future__ import annotations

import re
import unicodedata
from math import prod
from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.graph.rounding import equality
from tui_backprop.render.text.arrays import window
from tui_backprop.render.text.charset import ASCII, UNICODE
from tui_backprop.render.text.names import Namer
from tui_backprop.render.text.numbers import number, numerals_in
from tui_backprop.render.text.spans import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tui_backprop.graph.jacobian import Jacobian
    from tui_backprop.graph.model import Edge
    from tui_backprop.render.text.arrays import Entries, Index
    from tui_backprop.rules.types import Array, Shape


_PLAIN: Final = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_WRITTEN: Final = re.compile(
    r"(?P<base>.*?)(?P<version>@\d+)?(?P<index>[₀-₉]+(?:,[₀-₉]+)*)?(?P<primes>[′']*)",
    re.DOTALL,
)
_SUBSCRIPTED: Final = re.compile(r"([A-Za-z][A-Za-z0-9]*)_([A-Za-z]+)")
_SHORTENED: Final = {"lam": "lambda", "eps": "varepsilon"}
"""The product's own words for letters whose names a program cannot bind or are long."""


def symbol(written: str) -> str:
    """A name, with its version, index and primes, as mathematics.

    Args:
        written: as `Namer` writes it in Unicode.
    """
    found = _WRITTEN.fullmatch(written)
    if found is None:
        raise AssertionError("any text has a base")
    if is_number(written):
        return numeral(written)
    base, below = _base(found["base"])
    index = (found["index"] or "").translate(_PLAIN)
    above = r"\prime" * len(found["primes"])
    below = ",".join(part for part in (below, found["version"], index) if part)
    return base + (f"^{{{above}}}" if above else "") + (f"_{{{below}}}" if below else "")


def words(name: str) -> str:
    r"""An op's name for something too long to write out: ``sum_of_t``, ``cofactor_0_1``.

    Numbers at its end count from 0, and stand in brackets as everywhere.
    """
    parts = name.split("_")
    numbers = [part for part in parts if part.isdecimal()]
    said = rf"\text{{{escaped(' '.join(part for part in parts if not part.isdecimal()))}}}"
    return said + (f"[{', '.join(numbers)}]" if numbers else "")


class LatexNamer:
    """The names that a `Namer` gives, set as mathematics.

    Attributes:
        names: in Unicode, whatever the terminal can show: LaTeX is ASCII either way.
    """

    def __init__(self, namer: Namer) -> None:
        self.names = Namer(namer.graph, namer.subscripts, UNICODE, is_forward=namer.is_forward)

    def label(self, node_id: int) -> str:
        r"""A node: ``X``, ``h_{@2}``, ``\#7``, or its number."""
        return symbol(self.names.label(node_id))

    def entry(self, node_id: int, flat: int) -> str:
        """One entry by its flat position: ``x_{2}``."""
        return symbol(self.names.entry(node_id, flat))

    def index(self, shape: Shape, flat: int) -> str:
        """A flat position as a subscript; nothing for a scalar."""
        return symbol(self.names.index(shape, flat))

    def cotangent(self, node_id: int, flat: int) -> str:
        """One entry of the vector pulled back through a node: ``v_{2}``."""
        return self.vector(node_id) + self.index(self.names.graph.nodes[node_id].shape, flat)

    def vector(self, node_id: int) -> str:
        r"""The vector pulled back through a node: ``v``, or ``Y.\mathrm{grad}``."""
        if self.names.lacks_vector:
            return self.gradient(node_id)
        return "t" if self.names.is_forward else "v"

    def vector_is(self, node_id: int) -> str:
        r"""What that vector is: ``v = Y.\mathrm{grad}``."""
        if " = " in self.names.vector_is(node_id):
            return f"{self.vector(node_id)} = {self.gradient(node_id)}"
        return self.vector(node_id)

    def transposed(self, node_id: int) -> str:
        r"""That vector as a row: ``v^{\mathsf{T}}``."""
        return rf"{self.vector(node_id)}^{{\mathsf{{T}}}}"

    def jacobian(self, edge: Edge) -> str:
        """J of an edge; a derivative where the program has a ``J`` of its own."""
        named = derivative(self.label(edge.node), self.label(edge.parent))
        return named if self.names.binds("J") else "J"

    def gradient(self, node_id: int) -> str:
        r"""A node's adjoint: ``X.\mathrm{grad}``."""
        return rf"{self.label(node_id)}.\mathrm{{{self.names.suffix}}}"

    def gradient_entry(self, node_id: int, flat: int) -> str:
        """One entry of it."""
        return self.gradient(node_id) + self.index(self.names.graph.nodes[node_id].shape, flat)

    def partial(self, edge: Edge, j: int, i: int) -> str:
        """One entry of the local Jacobian of an edge."""
        return derivative(self.entry(edge.node, j), self.entry(edge.parent, i))


def derivative(y: str, x: str) -> str:
    """``∂y/∂x`` as a fraction."""
    return rf"\dfrac{{\partial {y}}}{{\partial {x}}}"


def _base(name: str) -> tuple[str, str]:
    """The part of a name on the line, and the letters below it."""
    found = _SUBSCRIPTED.fullmatch(name)
    if found is not None:
        return _word(found[1]), rf"\mathrm{{{found[2]}}}"
    return _word(name), ""


def _word(name: str) -> str:
    if name in _SHORTENED:
        return f"\\{_SHORTENED[name]}"
    if name in GREEK:
        return f"\\{name}"
    if not name or re.fullmatch(r"[A-Za-z]", name):
        return name
    if re.fullmatch(r"#[0-9]+", name):
        return f"\\{name}"
    kind = r"\mathit" if re.fullmatch(r"[A-Za-z0-9_.]+", name) else r"\text"
    return f"{kind}{{{escaped(name)}}}"


UNKNOWN: Final = r"\square"
"""Not computed yet; ``\\cdot`` multiplies, and an empty place would be a slip."""

MOST: Final = 8
"""Rows, and columns, of a matrix that is shown whole; amsmath takes ten."""

_NUMERALS: Final = numerals_in(ASCII)


def quantity(value: float | np.floating) -> str:
    r"""One number: ``2``, ``-0.5``, ``10^{-7}``, ``\infty``, ``\text{NaN}``."""
    return numeral(number(value, _NUMERALS))


def equation_sign(result: float, *summands: Sequence[float]) -> str:
    r"""The sign before a product or a sum of quantities: ``=``, or ``\approx``."""
    written = ([number(x, _NUMERALS) for x in summand] for summand in summands)
    return "=" if equality(number(result, _NUMERALS), *written) == "=" else r"\approx"


def size(shape: Shape) -> str:
    r"""``3``, ``2 \times 3``; empty for a scalar."""
    return r" \times ".join(map(str, shape))


def tuple_of(shape: Shape) -> str:
    r"""``(3,)``, ``(2 \times 3)``: a shape that no number looks like."""
    return f"({size(shape)}{',' if len(shape) == 1 else ''})"


def is_cut(shape: Shape) -> bool:
    """Whether some axis is longer than is shown."""
    return any(n > MOST for n in shape)


def array(entries: Entries) -> str:
    """A number, a row, a matrix; with more axes one row in C order, and the shape beside it."""
    shape = entries.shape
    if not shape:
        return _texts(entries, np.zeros(1, dtype=np.intp))[0]
    if not prod(shape):
        return rf"\left(\,\right)_{{{size(shape)}}}"
    if len(shape) != 2:
        return row(entries)
    rows, columns = (window(n, 0, MOST) for n in shape)

    def line(r: int, across: Array) -> list[str]:
        return _texts(entries, r * shape[1] + across)

    return _pmatrix(_cells(rows, columns, line), shape if is_cut(shape) else ())


def row(entries: Entries) -> str:
    """All entries in C order, side by side, whatever their shape."""
    n = prod(entries.shape)
    columns = window(n, 0, MOST)
    cells = _cells((0,), columns, lambda _, across: _texts(entries, across))
    is_plain = len(entries.shape) == 1 and n <= MOST
    return _pmatrix(cells, () if is_plain or not entries.shape else entries.shape)


def matrix(jacobian: Jacobian) -> str:
    """A Jacobian; only what is shown is computed."""
    m, n = jacobian.shape
    if not m * n:
        return rf"\left(\,\right)_{{{size((m, n))}}}"
    rows, columns = window(m, 0, MOST), window(n, 0, MOST)

    def line(j: int, across: Array) -> list[str]:
        return [quantity(x) for x in jacobian.entries(np.asarray(j), across)]

    return _pmatrix(_cells(rows, columns, line), (m, n) if is_cut((m, n)) else ())


def _cells(
    rows: Sequence[Index],
    columns: Sequence[Index],
    line: Callable[[int, Array], list[str]],
) -> list[list[str]]:
    """The visible texts with dots where rows or columns are left out."""
    across = np.array([c for c in columns if c is not None], dtype=np.intp)
    found: list[list[str]] = []
    for r in rows:
        texts = iter([r"\vdots"] * len(across) if r is None else line(r, across))
        gap = r"\ddots" if r is None else r"\cdots"
        found.append([gap if c is None else next(texts) for c in columns])
    return found


def _pmatrix(cells: list[list[str]], shape: Shape) -> str:
    inside = r" \\ ".join(" & ".join(line) for line in cells)
    below = f"_{{{size(shape)}}}" if shape else ""
    return rf"\begin{{pmatrix}} {inside} \end{{pmatrix}}{below}"


def _texts(entries: Entries, flat: Array) -> list[str]:
    values, known = entries.at(flat), entries.known(flat).tolist()
    return [quantity(x) if k else UNKNOWN for x, k in zip(values, known, strict=True)]


_SPECIAL: Final = str.maketrans(
    {
        "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#",
        "%": r"\%", "_": r"\_", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
        "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}",
    }
)  # fmt: skip
_CODE: Final = str.maketrans(
    {" ": r"\ ", "'": r"\textquotesingle{}", "`": r"\textasciigrave{}", "-": "{-}"}
)
_SIGNS: Final = {
    "∂": r"$\partial$", "·": r"$\cdot$", "−": "$-$", "×": r"$\times$", "÷": r"$\div$",
    "±": r"$\pm$", "≤": r"$\le$", "≥": r"$\ge$", "≠": r"$\ne$", "≈": r"$\approx$",
    "≡": r"$\equiv$", "→": r"$\to$", "←": r"$\gets$", "⇒": r"$\Rightarrow$", "∈": r"$\in$",
    "√": r"$\surd$", "∞": r"$\infty$", "∇": r"$\nabla$", "∑": r"$\sum$", "∏": r"$\prod$",
    "⊙": r"$\odot$", "∘": r"$\circ$", "′": r"$^{\prime}$", "…": r"\ldots{}",
}  # fmt: skip
GREEK: Final = frozenset(
    ("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa",
     "lambda", "mu", "nu", "xi", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi",
     "omega", "Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi",
     "Omega")
)  # fmt: skip
"""The letters that are commands of TeX; the others look like Latin ones."""
_LETTER: Final = re.compile("GREEK (SMALL|CAPITAL) LETTER ([A-Z]+)")
_RAISED: Final = {"<super>": "^", "<sub>": "_"}
_NUMBER: Final = re.compile(r"[-−]?(?P<digits>[0-9.]+)(?:e(?P<below>[-−]?)\+?0*(?P<ten>[0-9]+))?")
_WORDS: Final = {"inf": r"\infty", "nan": r"\text{NaN}"}


def escaped(text: str) -> str:
    """A text for a paragraph, a heading or a cell; what fonts of text lack is set as mathematics.

    Letters of other scripts stand as they are.
    """
    shown = printable(text)
    if shown.isascii():
        return shown.translate(_SPECIAL)
    return "".join(c.translate(_SPECIAL) if c.isascii() else _glyph(c) for c in shown)


def code(text: str) -> str:
    """Program text in typewriter type, blanks and straight quotes kept."""
    shown = printable(text)
    return "".join(_typed(c) for c in shown).join((r"\texttt{", "}")) if shown else ""


def numeral(text: str) -> str:
    r"""A number as the product writes it, in mathematics: ``1.5e-07`` is ``1.5 \times 10^{-7}``."""
    sign = "-" if text[:1] in {"-", "−"} else ""
    size = text[len(sign) :]
    if size in _WORDS:
        return sign + _WORDS[size]
    found = _NUMBER.fullmatch(text)
    if found is None:
        return rf"\text{{{escaped(text)}}}"
    ten = found["ten"]
    power = rf" \times 10^{{{'-' if found['below'] else ''}{ten}}}" if ten else ""
    return sign + found["digits"] + power


def is_number(text: str) -> bool:
    """Whether a text is a number as the product writes it."""
    return text.lstrip("-−") in _WORDS or _NUMBER.fullmatch(text) is not None


def _typed(character: str) -> str:
    own = character.translate(_CODE)
    return own if own != character else escaped(character)


def _glyph(character: str) -> str:
    """One character beyond ASCII: ``ⱼ`` is a subscript, ``ᵀ`` a superscript, ``中`` itself."""
    if character in _SIGNS:
        return _SIGNS[character]
    letter = _LETTER.fullmatch(unicodedata.name(character, ""))
    if letter is not None:
        name = letter[2].replace("LAMDA", "LAMBDA")  # as Unicode spells it
        name = name.lower() if letter[1] == "SMALL" else name.capitalize()
        return rf"$\{name}$" if name in GREEK else character
    kind, _, codes = unicodedata.decomposition(character).partition(" ")
    if kind not in _RAISED:
        return character
    raised = "".join(chr(int(point, 16)) for point in codes.split())
    shown = raised if raised.isascii() and raised.isalnum() else rf"\text{{{escaped(raised)}}}"
    return f"${_RAISED[kind]}{{{shown}}}$"
