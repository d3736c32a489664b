"""The values of a sheet: on the line of their node where they fit, else whole below the table.

A number that is left out cannot be computed with, nor marked. So a matrix is written out as one
where its rows fit on a page, and entry by entry where they do not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.render.formulas.latex_names import MOST, array, quantity
from tui_backprop.render.text.arrays import Values, summary, window
from tui_backprop.render.text.numbers import number
from tui_backprop.render.text.spans import plain, width

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tui_backprop.language.catalogue import Language
    from tui_backprop.render.export.document import Markup
    from tui_backprop.render.text.numbers import Numerals
    from tui_backprop.rules.types import Array

_CELLS: Final = 20
"""Of a value on the line of its node: beside a program in LaTeX there is room for no more."""
_ROW: Final = 48
"""Signs of a row of a matrix across a page, without the blanks between the columns."""
LISTED: Final = 64
"""Entries of an array that are written out."""
_ENDS: Final = 8


def on_its_line(value: Array, numerals: Numerals) -> str:
    """A value with all its numbers and digits; empty where that is too long."""
    if value.ndim and value.size > _CELLS:
        return ""
    # As wide as numbers get, and nothing is shortened.
    whole = plain(summary(Values(value), 1000, numerals=numerals))
    return whole if width(whole) <= _CELLS or not value.ndim else ""


def written_out(
    value: Array, name: str, entry: Callable[[int], str], markup: Markup, language: Language
) -> Iterator[str]:
    """The lines of a value below the table.

    Args:
        value: it.
        name: what it is the value of, in LaTeX.
        entry: how one of its entries is called, by flat position.
        markup: of the sheet.
        language: of the sheet.
    """
    if is_narrow(value):
        yield from markup.display([f"{name} = {array(Values(value))}"])
        return
    flat = value.ravel()
    shown = window(flat.size, 0, flat.size if flat.size <= LISTED else _ENDS)
    dots = markup.text("…")
    told = [dots if i is None else f"${entry(i)} = {quantity(flat[i])}$" for i in shown]
    if flat.size > LISTED:
        yield from markup.paragraph(
            language.say(
                "{name} has {count} entries, too many for a sheet: the first ones and the last.",
                name=f"${name}$", count=f"{flat.size:,}",
            )
        )  # fmt: skip
    yield from markup.paragraph(", ".join(told))


def is_narrow(value: Array) -> bool:
    """Whether a value is a row or a matrix that fits on a page as such."""
    if not value.size or value.ndim > 2:
        return value.ndim <= 2
    if max(value.shape, default=0) > MOST:
        return False
    columns = np.atleast_2d(value).T
    return sum(max(len(number(x)) for x in column) for column in columns) <= _ROW
