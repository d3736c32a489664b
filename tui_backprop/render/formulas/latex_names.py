r"""What nodes and entries are called in LaTeX.

It stands apart from `names`, which decides what they are called: here one of those names is only
set as mathematics, so an entry has one name everywhere, and no two entries look the same.

=====================  =========================  =========================================
written                LaTeX                      because
=====================  =========================  =========================================
``x₂``, ``w₁₀,₂``      ``x_{2}``, ``w_{10,2}``    an index is an index
``h⁽²⁾₁``, ``h@2``     ``h^{(2)}_{1}``            a binding is marked as mathematics does it
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
from typing import TYPE_CHECKING, Final

from tui_backprop.render.formulas.latex_text import GREEK, escaped, is_number, numeral
from tui_backprop.render.text.charset import UNICODE
from tui_backprop.render.text.names import Namer

if TYPE_CHECKING:
    from tui_backprop.graph.model import Edge
    from tui_backprop.rules.types import Shape

_PLAIN: Final = str.maketrans("₀₁₂₃₄₅₆₇₈₉⁰¹²³⁴⁵⁶⁷⁸⁹⁽⁾", "01234567890123456789()")
_WRITTEN: Final = re.compile(
    r"(?P<base>.*?)(?:@(?P<version>\d+)|⁽(?P<raised>[⁰¹²³⁴⁵⁶⁷⁸⁹]+)⁾)?"
    r"(?P<index>[₀-₉]+(?:,[₀-₉]+)*)?(?P<primes>[′']*)",
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
    version = (found["version"] or found["raised"] or "").translate(_PLAIN)
    above = (f"({version})" if version else "") + r"\prime" * len(found["primes"])
    below = ",".join(part for part in (below, index) if part)
    return base + (f"^{{{above}}}" if above else "") + (f"_{{{below}}}" if below else "")


def words(name: str) -> str:
    r"""A name of the op table for what is too long to write out: ``sum_of_t``, ``cofactor_0_1``.

    Numbers at its end count from 0, and stand in brackets as everywhere.
    """
    parts = name.split("_")
    numbers = [part for part in parts if part.isdecimal()]
    said = rf"\text{{{escaped(' '.join(part for part in parts if not part.isdecimal()))}}}"
    return said + (f"[{', '.join(numbers)}]" if numbers else "")


class LatexNamer:
    """The same names as a `Namer` gives, as mathematics.

    Attributes:
        names: in Unicode, whatever the terminal can show: LaTeX is ASCII either way.
    """

    def __init__(self, namer: Namer) -> None:
        self.names = Namer(namer.graph, namer.subscripts, UNICODE)

    def label(self, node_id: int) -> str:
        r"""A node: ``X``, ``h^{(2)}``, ``\#7``, or its number."""
        return symbol(self.names.label(node_id))

    def entry(self, node_id: int, flat: int) -> str:
        """One entry by its flat position: ``x_{2}``."""
        return symbol(self.names.entry(node_id, flat))

    def index(self, shape: Shape, flat: int) -> str:
        """A flat position as a subscript; nothing for a scalar."""
        return symbol(self.names.index(shape, flat))

    def cotangent(self, node_id: int, flat: int) -> str:
        """One entry of the vector pulled back through a node: ``v_{2}``."""
        return symbol(self.names.cotangent(node_id, flat))

    def gradient(self, node_id: int) -> str:
        r"""A node's adjoint: ``X.\mathrm{grad}``."""
        return rf"{self.label(node_id)}.\mathrm{{grad}}"

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
    """What stands on the line, and letters that stand below it."""
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
