r"""Arrays as matrices in LaTeX, small ones whole, large ones cut with their size beside them.

It stands apart because a cut must be the same everywhere, and because only entries that are shown
are read.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.render.formulas.latex_text import numeral
from tui_backprop.render.text.arrays import window
from tui_backprop.render.text.charset import ASCII
from tui_backprop.render.text.numbers import number, numerals_in

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tui_backprop.graph.jacobian import Jacobian
    from tui_backprop.render.text.arrays import Entries, Index
    from tui_backprop.rules.types import Array, Shape

UNKNOWN: Final = r"\square"
"""Not computed yet; ``\\cdot`` multiplies, and an empty place would be a slip."""

MOST: Final = 8
"""Rows, and columns, of a matrix that is shown whole; amsmath takes ten."""

_NUMERALS: Final = numerals_in(ASCII)


def quantity(value: float | np.floating) -> str:
    r"""One number: ``2``, ``-0.5``, ``10^{-7}``, ``\infty``, ``\text{NaN}``."""
    return numeral(number(value, _NUMERALS))


def size(shape: Shape) -> str:
    r"""``3``, ``2 \times 3``; empty for a scalar."""
    return r" \times ".join(map(str, shape))


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
