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


_PULLED: Final = (
    ("v", said("the vector that is pulled back; y.backward(v) computes v times J")),
    ("X.grad", said("the gradient of X as far as it is summed: a partial adds v_j times J[j, i]")),
    said("v_j times J[j, i], down the column at hand; their sum goes into the entry below"),
    said("what this step added; what is being pulled back into"),
    said("this step adds to the gradient of this node"),
    said("the edge that is being pulled back"),
)
"""What is said of v, of a sum, of what a partial adds, where it arrives, and of its edge."""
_PUSHED: Final = (
    ("t", said("the tangent that is pushed forward: how fast each entry of a value moves")),
    ("Y.tangent", said("the tangent of Y as far as it is summed: a partial adds J[j, i] times "
                       "t_i")),
    said("J[j, i] times t_i, along the row at hand; their sum goes into an entry of the tangent"),
    said("what this step added; what it is being pushed into"),
    said("this step adds to the tangent of this node"),
    said("the edge that is being pushed through"),
)  # fmt: skip
"""Likewise of a forward walk."""


def legend(charset: Charset, *, is_forward: bool = False) -> tuple[Mark, ...]:
    """Every mark, in the glyphs of a charset.

    Args:
        charset: Unicode or ASCII.
        is_forward: whether tangents are pushed forward in the walk on the screen.
    """
    c, d = charset, charset.partial
    wires = glyphs_of("ascii" if charset.is_ascii else "unicode")
    leaf, op = (glyph_of(is_op=is_op, is_ascii=charset.is_ascii) for is_op in (False, True))
    heavy = "! =" if charset.is_ascii else "┃ ━"
    vector, total, added, here, target, heavier = _PUSHED if is_forward else _PULLED
    return (
        Mark("J", said("the local Jacobian of one edge, J[j, i] = {d}y_j/{d}x_i: outputs by inputs",
                       d=d), _MATRIX),
        Mark(*vector, (*_VECTOR, *_GRAPH)),
        Mark(*total, (*_SUMS, *_GRAPH)),
        Mark("|" if charset.is_ascii else "↓", added, _BOARD),
        Mark(c.unknown, said("not computed yet, which is not the same as 0"), _NUMBERS),
        Mark(c.pointer, said("here: the line, the entry, the node of this step"),
             (*_LINES, *_VECTOR)),
        Mark(c.back, here, (*_GRAPH, *_SUMS)),
        Mark("+", target, _GRAPH),
        Mark(f"{leaf} {op}", said("a leaf, which is an input or a constant; an op, with lines from "
                                  "what it reads"), _GRAPH),
        Mark(heavy, heavier, _GRAPH),
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
