"""The step pane: what happens in this step, as formulas with their numbers and in words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tui_backprop.graph.model import Role
from tui_backprop.pattern import pattern
from tui_backprop.render.formulas.symbolic import formula
from tui_backprop.render.panes.step_sentences import sentences
from tui_backprop.render.text.arrays import Values, summary, value_of
from tui_backprop.render.text.numbers import (
    Numerals,
    equals,
    factor,
    number,
    numerals_in,
    sign_and_size,
)
from tui_backprop.render.text.spans import Span, clip, lines_of, plain, width, wrap
from tui_backprop.render.text.updates import update_formulas
from tui_backprop.render.view import put_away
from tui_backprop.timeline.frame import Phase
from tui_backprop.timeline.step_facts import pulled, sum_by_adding, why_unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tui_backprop.render.panes.step_sentences import Length
    from tui_backprop.render.text.charset import Charset
    from tui_backprop.render.text.spans import Content, Line
    from tui_backprop.render.view import View
    from tui_backprop.rules.types import Array

_GAP = " " * 5
_LENGTHS: Final[tuple[Length, ...]] = ("whole", "brief", "beyond")
_EQUAL: Final = pattern(r" (?=(?:=|≈|~=) )")
_NARROW: Final = 40
"""Cells below which formulas are not broken: they would be all ends."""
_FEW: Final = 3
"""Rows below which the formulas come first: what they call by a number, the graph has too."""
_VALUE: Final = 60
"""Cells that the value of a node takes at most."""


def equation_content(view: View, cells: int, height: int) -> Content:
    """The formulas side by side where they fit, the sentences under them.

    Behind the formulas stands what they call by a number; before them where it would be out of
    sight. Where there are fewer rows, the sentences leave out what the formulas say.
    """
    if view.hidden == "all":
        return put_away(view, cells)
    written = equations(view, max(2, cells))
    wanted: list[Line] = []
    for length in _LENGTHS:
        lines = _lines(view, written, max(2, cells), height, length)
        wanted = wanted or lines
        if len(lines) <= height:
            return lines_of(lines)
    return lines_of(wanted)


def _lines(
    view: View, written: Sequence[str], cells: int, height: int, length: Length
) -> list[Line]:
    told = sentences(view, length)
    spoken = [line for s in told for line in wrap(s, cells)]
    formulas = [row for text in written for row in broken(text, cells, view.charset)]
    if view.frame.phase is Phase.UPDATE and len(_packed(formulas, cells)) > height:
        # What it comes to is in sight, and what that is made of below.
        formulas = [row for text in written[::-1] for row in broken(text, cells, view.charset)]
    explained = [clip(m, cells, view.charset.ellipsis) for m in meanings(view, (*written, *told))]
    rows = _packed([*formulas, *explained], cells)
    if len(rows) > height >= _FEW:
        rows = _packed([*explained, *formulas], cells)
    return [*((Span(row, "title"),) for row in rows), *((Span(text),) for text in spoken)]


def meanings(view: View, texts: Sequence[str]) -> Iterator[str]:
    """What each node is that these texts call by its number: ``#9 = y - t``."""
    frame, namer = view.frame, view.namer
    if frame.phase not in {Phase.SEED, Phase.PARTIAL}:
        return
    for k in sorted({frame.node.id, *frame.node.parents}):
        node, label = namer.graph.nodes[k], f"#{k}"
        is_read = any(re.search(rf"{label}(?![0-9])", text) for text in texts)
        if is_read and namer.label(k) == label:
            yield f"{label} = {namer.text(k) if node.role is Role.OP else _value(view, k)}"


def broken(formula: str, cells: int, charset: Charset) -> list[str]:
    """A formula that is too wide, broken before its equal signs; what does not fit is left out.

    A formula is never cut within, because half a formula is another one.
    """
    if width(formula) <= cells or cells < _NARROW:
        return [formula]
    rows: list[str] = []
    for piece in _EQUAL.split(formula):
        left_out = f"{piece.partition(' ')[0]} {charset.ellipsis}" if rows else charset.ellipsis
        shown = piece if width(piece) + 2 <= cells else left_out
        if rows and width(rows[-1]) + 1 + width(shown) <= cells:
            rows[-1] += f" {shown}"
        else:
            rows.append(f"  {shown}" if rows else shown)
    return rows


def _packed(formulas: list[str], cells: int) -> list[str]:
    """The formulas in lines, as many on each as fit."""
    rows: list[str] = []
    for text in formulas:
        joined = f"{rows[-1]}{_GAP}{text}" if rows else text
        if rows and width(joined) <= cells:
            rows[-1] = joined
        else:
            rows.append(text)
    return rows


def equations(view: View, cells: int = 2 * _VALUE) -> tuple[str, ...]:
    """The formulas of the step; for a partial: the partial, the product, the sum.

    Args:
        view: the state.
        cells: of a line; what is broken before its equal signs to fit loses no part.
    """
    frame = view.frame
    numerals = numerals_in(view.charset)
    room = min(_VALUE, max(cells - len("  = "), 1))
    if frame.phase is Phase.PARTIAL:
        return () if why_unknown(frame) else _partial_equations(view, numerals)
    name = view.namer.label(frame.node.id)
    if frame.phase is Phase.SEED and frame.v is not None:
        return (f"{view.namer.vector_is(frame.node.id)} = {_text(frame.v, numerals, room)}",)
    if frame.phase is Phase.UPDATE:
        return update_formulas(view)
    if frame.phase is Phase.ZERO_GRAD:
        inputs = frame.timeline.trace.graph.inputs
        return tuple(f"{view.namer.label(n)}.grad = 0" for n in inputs.values())
    value = _value(view, frame.node.id, room)
    if frame.node.role is not Role.OP:
        return (value if name == value else f"{name} = {value}",)
    text = view.namer.text(frame.node.id)
    if width(text) + len("= ") > cells:
        text = view.namer.application(frame.node.id)  # by the names of its operands
    return (f"{name} = {text} = {value}",)


def _value(view: View, node: int, room: int = _VALUE) -> str:
    entries = value_of(view.frame.timeline.trace, node, view.spoken.say("not saved"))
    return plain(summary(entries, room, numerals=numerals_in(view.charset)))


def _text(array: Array, numerals: Numerals, room: int) -> str:
    return plain(summary(Values(array), room, numerals=numerals))


def _partial_equations(view: View, numerals: Numerals) -> tuple[str, str, str]:
    """The three of a partial. Names and numbers occur in several of them and are written once."""
    edge, p = pulled(view.frame)
    name = view.namer.partial(edge, p.j, p.i)
    v, slope, added = (number(x, numerals) for x in (p.v, p.value, p.contribution))
    times, minus = view.charset.dot, view.charset.minus
    if view.frame.is_forward:
        factors = f"{name}{times}{view.namer.cotangent(edge.parent, p.i)}"
        numbers = f"{factor(slope, minus)}{times}{factor(v, minus)}"
    else:
        factors = f"{view.namer.cotangent(edge.node, p.j)}{times}{name}"
        numbers = f"{factor(v, minus)}{times}{factor(slope, minus)}"
    equal = equals(view.charset, added, (v, slope))
    return (
        _partial(view, name, slope),
        f"{factors} = {numbers} {equal} {added}",
        _sum(view, view.namer.gradient(view.frame.target, view.frame.entry), added, numerals),
    )


def _partial(view: View, name: str, value: str) -> str:
    """``∂y₂/∂x₂ = ∂(2·x₂)/∂x₂ = 2``."""
    written = formula(view.frame, view.namer) if view.symbolic else None
    if written is None:
        return f"{name} = {value}"
    d = view.charset.partial
    steps = [name, f"{d}({written.function})/{d}{written.variable}"]
    if written.partial != value:
        steps.append(written.partial)
    return " = ".join([*steps, value])


def _sum(view: View, name: str, added: str, numerals: Numerals) -> str:
    """``X.grad₂ = 0 + 4 = 4``, or ``X.grad₁: · → 2`` for the first contribution."""
    _, p = pulled(view.frame)
    after = number(p.after, numerals)
    if p.before is None:
        arrow = "->" if view.charset.is_ascii else "→"
        return f"{name}: {view.charset.unknown} {arrow} {after}"
    if sum_by_adding(view.frame) is not None:
        return f"{name} = {after}"
    sign, size = sign_and_size(added, view.charset.minus)
    before = number(p.before, numerals)
    equal = equals(view.charset, after, (before,), (added,))
    return f"{name} = {before} {sign} {size} {equal} {after}"
