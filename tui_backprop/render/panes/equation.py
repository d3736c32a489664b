"""The step pane: what happens in this step, as a formula with its numbers and as a sentence."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tui_backprop.graph.model import Role
from tui_backprop.graph.naming import is_read_again
from tui_backprop.language.message import joined
from tui_backprop.render.formulas.symbolic import formula
from tui_backprop.render.text.arrays import Values, summary, value_of
from tui_backprop.render.text.charset import spelled
from tui_backprop.render.text.choices import choice
from tui_backprop.render.text.numbers import Numerals, factor, number, numerals_in, sign_and_size
from tui_backprop.render.text.spans import Span, clip, lines_of, plain, width, wrap
from tui_backprop.timeline.frame import Phase
from tui_backprop.timeline.step_facts import (
    is_complete_here,
    is_picked,
    pulled,
    sum_by_adding,
    why_unknown,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tui_backprop.graph.model import Edge
    from tui_backprop.render.text.charset import Charset
    from tui_backprop.render.text.spans import Content, Line
    from tui_backprop.render.view import View
    from tui_backprop.rules.types import Array

_GAP = " " * 5
_NARROW: Final = 40
"""Cells below which formulas are not broken: they would be all ends."""
_VALUE: Final = 60
"""Cells that the value of a node takes at most."""


def equation_content(view: View, cells: int, height: int) -> Content:
    """The formulas side by side where they fit, the sentence under them.

    Behind the formulas stands what they call by a number; before them where it would be out of
    sight.
    """
    cells = max(2, cells)
    told = sentences(view)
    spoken = [line for s in told for line in wrap(s, cells)]
    written = equations(view, cells)
    formulas = [row for text in written for row in _broken(text, cells, view.charset)]
    meanings = [clip(m, cells, view.charset.ellipsis) for m in _meanings(view, (*written, *told))]
    rows = _packed([*formulas, *meanings], cells)
    if len(rows) > max(height, 1):
        rows = _packed([*meanings, *formulas], cells)
    lines: list[Line] = [(Span(row, "title"),) for row in rows]
    lines += [(Span(text),) for text in spoken]
    return lines_of(lines)


def _meanings(view: View, texts: Sequence[str]) -> Iterator[str]:
    """What each node is that these texts call by its number: ``#9 = y - t``."""
    frame, namer = view.frame, view.namer
    if frame.phase not in {Phase.SEED, Phase.PARTIAL}:
        return
    for k in sorted({frame.node.id, *frame.node.parents}):
        node, label = namer.graph.nodes[k], f"#{k}"
        is_read = any(re.search(rf"{label}(?![0-9])", text) for text in texts)
        if is_read and namer.label(k) == label:
            yield f"{label} = {namer.text(k) if node.role is Role.OP else _value(view, k)}"


def _broken(formula: str, cells: int, charset: Charset) -> list[str]:
    """A formula that is too wide, broken before its equal signs; what does not fit is left out.

    A formula is never cut within, because half a formula is another one.
    """
    if width(formula) <= cells or cells < _NARROW:
        return [formula]
    first, *rest = formula.split(" = ")
    pieces = [first, *(f"= {piece}" for piece in rest)]
    left_out = f"= {charset.ellipsis}"
    rows: list[str] = []
    for piece in pieces:
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
    if frame.phase is Phase.ZERO_GRAD:
        inputs = frame.timeline.trace.graph.inputs
        return tuple(f"{view.namer.label(n)}.grad = 0" for n in inputs.values())
    value = _value(view, frame.node.id, room)
    if frame.node.role is not Role.OP:
        return (value if name == value else f"{name} = {value}",)
    return (f"{name} = {view.namer.text(frame.node.id)} = {value}",)


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
    factors = f"{view.namer.cotangent(edge.node, p.j)}{times}{name}"
    numbers = f"{factor(v, minus)}{times}{factor(slope, minus)}"
    return (
        _partial(view, name, slope),
        f"{factors} = {numbers} = {added}",
        _sum(view, view.namer.gradient(edge.parent, p.i), added, numerals),
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
    return f"{name} = {number(p.before, numerals)} {sign} {size} = {after}"


def sentences(view: View) -> tuple[str, ...]:
    """The step in words."""
    return tuple(spelled(said, view.charset) for said in _said(view))


def remarks(view: View) -> tuple[str, ...]:
    """The sentences of a step that its formulas do not say."""
    if view.frame.phase is not Phase.PARTIAL:
        return sentences(view)[1:]
    if why_unknown(view.frame):
        return sentences(view)
    if not pulled(view.frame)[1].is_structural:
        return ()
    return tuple(spelled(said, view.charset) for said in _beyond(view))


def _beyond(view: View) -> tuple[str, ...]:
    """That a slope is a choice; that a sum is not what its summands give."""
    told, say, frame = [], view.spoken.say, view.frame
    if kink := choice(frame):
        told.append(view.spoken.retold(kink))
    if (added := sum_by_adding(frame)) is not None:
        whole = say(
            "{op} is pulled back as a whole, by a formula for all of it: adding this term would "
            "give {sum}.",
            op=frame.node.op,
            sum=number(added, numerals_in(view.charset)),
        )
        told.append(whole)
    return tuple(told)


def _said(view: View) -> tuple[str, ...]:
    frame = view.frame
    if frame.phase is Phase.PARTIAL:
        unknown = why_unknown(frame)
        return (view.spoken.retold(unknown),) if unknown else _partial_sentences(view)
    if frame.phase is Phase.SEED:
        return _seed_sentences(view)
    if frame.phase is Phase.ZERO_GRAD:
        say = view.spoken.say
        return (say("Every gradient is set to 0. What comes next does not add to what was."),)
    return (_build_sentence(view),)


def _partial_sentences(view: View) -> tuple[str, ...]:
    return (*_about_partial(view), *_becoming(view))


def _becoming(view: View) -> tuple[str, ...]:
    """Where the walk comes to a node: that its adjoint is what is pulled back from here on."""
    frame, namer = view.frame, view.namer
    if not is_complete_here(frame):
        return ()
    names = {"adjoint": namer.adjoint(frame.node.id), "name": namer.label(frame.node.id)}
    if namer.binds("v"):
        return (
            view.spoken.say(
                "{adjoint} is complete: it is pulled back through the edges of {name}.", **names
            ),
        )
    return (view.spoken.say("{adjoint} is complete: it is v for the edges of {name}.", **names),)


def _about_partial(view: View) -> tuple[str, ...]:
    say, op = view.spoken.say, view.frame.node.op
    edge, p = pulled(view.frame)
    y, x = view.namer.entry(edge.node, p.j), view.namer.entry(edge.parent, p.i)
    if not p.is_structural:
        if is_picked(view.frame):
            picked = say(
                "{y} does not read {x}: the data of {op} pick other entries.", y=y, x=x, op=op
            )
            return (picked,)
        return (say("{y} does not read {x}: the slope is 0 whatever the numbers are.", y=y, x=x),)
    if p.value == 0 and p.contribution != 0:
        numerals = numerals_in(view.charset)
        spoilt = say(
            "The slope of {y} in {x} is 0 here, and {v} is {v_value}: 0 times that is {nan}.",
            y=y,
            x=x,
            v=view.namer.cotangent(edge.node, p.j),
            v_value=number(p.v, numerals),
            nan=number(p.contribution, numerals),
        )
        return (spoilt, *_reading(view, edge), *_beyond(view))
    if p.value == 0:
        dead = say("The slope of {y} in {x} is 0 here, so nothing arrives.", y=y, x=x)
        return (dead, *_beyond(view))
    numerals = numerals_in(view.charset)
    arriving = say(
        "{y} depends on {x} with slope {slope}, and {v} is {v_value}: {x} receives {contribution}.",
        y=y,
        x=x,
        slope=number(p.value, numerals),
        v=view.namer.cotangent(edge.node, p.j),
        v_value=number(p.v, numerals),
        contribution=number(p.contribution, numerals),
    )
    return (arriving, *_reading(view, edge), *_beyond(view))


def _reading(view: View, edge: Edge) -> tuple[str, ...]:
    """Which reading of a parent is meant, where the node reads it several times."""
    if not is_read_again(view.namer.graph, edge):
        return ()
    parents = view.frame.node.parents
    told = view.spoken.say(
        "{name} reads {parent} {count} times, told apart by primes: this is what reading {number} "
        "adds.",
        name=view.namer.label(edge.node),
        parent=view.namer.label(edge.parent),
        count=parents.count(edge.parent),
        number=parents[: edge.argument + 1].count(edge.parent),
    )
    return (told,)


def _seed_sentences(view: View) -> tuple[str, ...]:
    frame, say = view.frame, view.spoken.say
    name = view.namer.label(frame.node.id)
    if view.namer.binds("v"):
        seed = say(
            "A vector is placed on {name}. It is called {adjoint}, since the program has a v of "
            "its own.",
            name=name,
            adjoint=view.namer.adjoint(frame.node.id),
        )
    else:
        seed = say(
            "v is placed on {name}. backward(v) computes vᵀJ: entry i is the sum over j of v_j "
            "times the partial of y_j by x_i.",
            name=name,
        )
    told = [seed]
    walk = frame.timeline.walk(frame.pass_number)
    if walk.run.assumed_ones:
        told.append(_assumed(view, name, frame.node.size))
    if frame.is_whole_only:
        whole = view.spoken.say_in(
            "the step pane",
            "No partial is different from 0 whatever the numbers are, but a formula for a whole op "
            "makes what is not finite of v.",
        )
        told.append(whole)
    elif not walk.route.length:
        told.append(say("Nothing reaches an input from here: no step goes backward."))
    return tuple(told)


def _assumed(view: View, name: str, size: int) -> str:
    """The sentence about a v that was left out."""
    say = view.spoken.say
    if view.namer.binds("v") and size == 1:
        return say("No vector was given; {name} is one number, so it is 1.", name=name)
    if view.namer.binds("v"):
        return say(
            "No vector was given, so all ones are assumed. PyTorch would raise here, since {name} "
            "has {count} entries.",
            name=name,
            count=size,
        )
    if size == 1:
        return say("v was left out; {name} is one number, so v is 1.", name=name)
    return say(
        "v was left out, so all ones are assumed. PyTorch would raise here, since {name} has "
        "{count} entries.",
        name=name,
        count=size,
    )


def _build_sentence(view: View) -> str:
    node, say = view.frame.node, view.spoken.say
    name = view.namer.label(node.id)
    if node.rule is not None:
        read = dict.fromkeys(view.namer.label(p) for p in node.parents)
        parents = view.spoken.retold(joined(", ", read))
        return say(
            "{name} is computed from {parents} by {op}: {summary}.",
            name=name,
            parents=parents,
            op=f"{node.rule.name}({', '.join(node.rule.operands)})",
            summary=view.spoken.translated(node.rule.summary),
        )
    if node.role is Role.INPUT:
        return say("{name} is an input: the walk ends with its gradient.", name=name)
    return say("{name} is a constant: no gradient flows into it.", name=name)
