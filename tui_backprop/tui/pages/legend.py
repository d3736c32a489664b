"""What the marks on the screen mean, pane by pane: the help page explains them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from tui_backprop.language.message import said
from tui_backprop.render.layout.wires import glyphs_of
from tui_backprop.render.panes.tape_lanes import glyph_of

if TYPE_CHECKING:
    from tui_backprop.render.text.charset import Charset


class Mark(NamedTuple):
    """A mark, what it means, and the panes in which it may be met.

    Attributes:
        text: as it stands on the screen.
        meaning: a sentence.
        panes: their names, as in the table of panes.
    """

    text: str
    meaning: str
    panes: tuple[str, ...]


_MATRIX: Final = ("board", "jacobian")
_VECTOR: Final = ("board", "cotangent")
_SUMS: Final = ("board", "gradient")
_BOARD: Final = ("board",)
_GRAPH: Final = ("graph",)
_NUMBERS: Final = ("graph", "board", "jacobian", "cotangent", "gradient", "equation")
_LINES: Final = ("program", "graph")


def legend(charset: Charset) -> tuple[Mark, ...]:
    """Every mark, in the glyphs of a charset."""
    c, d = charset, charset.partial
    wires = glyphs_of("ascii" if charset.is_ascii else "unicode")
    leaf, op = (glyph_of(is_op=is_op, is_ascii=charset.is_ascii) for is_op in (False, True))
    heavy = "! =" if charset.is_ascii else "┃ ━"
    return (
        Mark("J", said("the local Jacobian of one edge, J[j, i] = {d}y_j/{d}x_i: outputs by inputs",
                       d=d), _MATRIX),
        Mark("v", said("the vector that is pulled back; y.backward(v) computes v times J"),
             (*_VECTOR, *_GRAPH)),
        Mark("X.grad", said("the gradient of X as far as it is summed: a partial adds v_j times "
                            "J[j, i]"), (*_SUMS, *_GRAPH)),
        Mark("|" if charset.is_ascii else "↓", said("v_j times J[j, i], down the column at hand; "
                                                    "their sum goes into the entry below"), _BOARD),
        Mark(c.unknown, said("not computed yet, which is not the same as 0"), _NUMBERS),
        Mark(c.pointer, said("here: the line, the entry, the node of this step"),
             (*_LINES, *_VECTOR)),
        Mark(c.back, said("what this step added; what is being pulled back into"),
             (*_GRAPH, *_SUMS)),
        Mark("+", said("this step adds to the gradient of this node"), _GRAPH),
        Mark(f"{leaf} {op}", said("a leaf, which is an input or a constant; an op, with lines from "
                                  "what it reads"), _GRAPH),
        Mark(heavy, said("the edge that is being pulled back"), _GRAPH),
        Mark(f"{c.reads}h {c.is_read}", said("a line that is left out: this node reads h, further "
                                             "up; a node further down reads this one"), _GRAPH),
        Mark(f"{wires.down}8 {wires.up}2", said("in a drawing the same: node #8 reads this one, +2 "
                                                "means two others too; this one reads node #2"),
             _GRAPH),
        Mark("#8", said("a node by its number, for commands too: goto #8, print #8, break #8"),
             ("graph", "jacobian", "gradient", "equation")),
        Mark(c.breakpoint, said("a breakpoint; {conditional} one with a condition, {disabled} one "
                                "that is switched off", conditional=c.conditional,
                                disabled=c.disabled), _LINES),
        Mark(c.other, said("not what it was before other numbers were set"), _NUMBERS),
        Mark(f"{c.ellipsis} {c.elided_rows}", said("left out, since there is no room"),
             (*_NUMBERS, "program")),
        Mark(f"{c.more_left} {c.more_right}", said("in a title: it goes on at this side; "
                                                   "shift+left and shift+right go there"), _LINES),
    )  # fmt: skip
