"""What one node shows at one step, in a row of the tape as in a box of the drawing."""

from __future__ import annotations

from dataclasses import field
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from tui_backprop.dataclass import dataclass, replace
from tui_backprop.graph.model import Role
from tui_backprop.graph.naming import is_read_again
from tui_backprop.render.kept import Made
from tui_backprop.render.text.arrays import NO_MARKS, Values, value_of
from tui_backprop.render.text.spans import Span, clip, printable
from tui_backprop.timeline.frame import Adjoint, Phase

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.model import Edge
    from tui_backprop.render.rows import Rows
    from tui_backprop.render.text.arrays import Entries, Unsaved
    from tui_backprop.render.text.spans import SpanRole
    from tui_backprop.render.view import View
    from tui_backprop.timeline.timeline import Frame


@dataclass(frozen=True, slots=True, eq=False)
class RowState:
    """What a row shows of the walk, beside what it shows of the graph.

    Attributes:
        value: the forward value; None for a node that is not built, whose row is empty.
        adjoint: as far as it is summed; None where the pass has not come.
        word: what stands before the adjoint: ``v`` while it is pulled back, else ``grad``.
        value_role: ``changed`` where the step made the value.
        value_marks: flat position → role, of entries of the value to point at.
        adjoint_role: ``changed`` where the step made all of the adjoint.
        adjoint_marks: flat position → role, of adjoint entries to point at.
        edge: the edge being pulled back, drawn heavy wherever it passes.
        is_current: whether the step is about this node.
        breakpoint: the glyph of one that stops here; empty where none does.
        is_other: whether the value is not what it was before other numbers were set.
        is_added_to: whether the step adds to an adjoint that the row does not show.
        notes: what the walk does here, from the longest way to say it to the shortest.
    """

    value: Values | Unsaved | None = None
    adjoint: Entries | None = None
    word: str = "grad"
    value_role: SpanRole = ""
    value_marks: Mapping[int, SpanRole] = field(default_factory=lambda: NO_MARKS)
    adjoint_role: SpanRole = ""
    adjoint_marks: Mapping[int, SpanRole] = field(default_factory=lambda: NO_MARKS)
    edge: Edge | None = None
    is_current: bool = False
    breakpoint: str = ""
    is_other: bool = False
    is_added_to: bool = False
    notes: tuple[str, ...] = ()


def row_state(view: View, k: int) -> RowState:
    """The state that row ``k`` shows in a view."""
    frame = view.frame
    if k >= frame.built:
        return RowState()
    is_current = k == frame.node.id and frame.phase is not Phase.ZERO_GRAD
    is_update = frame.phase is Phase.UPDATE and bool(frame.node.shape)
    is_made = frame.phase is Phase.BUILD or (frame.phase is Phase.UPDATE and not is_update)
    # Every row in sight has one at every step: by their places they are made in half the time.
    return RowState(
        _value(view, k),
        _adjoint(frame, k),
        _word(view, k),
        "changed" if is_current and is_made else "",
        {frame.column: "changed"} if is_current and is_update else NO_MARKS,
        _adjoint_role(frame, k),
        _adjoint_marks(frame, k),
        frame.edge,
        is_current,
        breakpoint_glyph(view, k) if view.stops else "",
        is_other_value(view, k),
        False,
        _notes(view) if is_current else (),
    )


def made_of(state: RowState) -> Made | None:
    """What a row is made of beside its lanes; None if unknown."""
    value, adjoint = state.value, state.adjoint
    array = mask = before = after = None
    unsaved, sums = value, None
    if isinstance(value, Values):
        array, mask, unsaved = value.array, value.mask, None
    if isinstance(adjoint, Adjoint):
        before, after = adjoint.before, adjoint.after
        # The text tells −0 from 0, and NaN from nothing but itself.
        sums = adjoint.shape, adjoint.columns, repr(adjoint.current)
    elif adjoint is not None:
        return None
    facts = (
        unsaved,
        sums,
        state.word,
        state.value_role,
        tuple(state.value_marks.items()),
        state.adjoint_role,
        tuple(state.adjoint_marks.items()),
        state.is_current,
        state.breakpoint,
        state.is_other,
        state.is_added_to,
        state.notes,
    )
    return Made((array, mask, before, after), facts)


def rows_state(view: View, rows: Rows, row: int) -> RowState:
    """The state of a row that is a node, or stands for several which follow one another."""
    frame, nodes = view.frame, rows.nodes(row)
    if not rows.is_group(row):
        return row_state(view, nodes.start)
    shown = rows.shown(row)
    own = RowState() if shown is None else row_state(view, shown)
    is_current = frame.node.id in nodes and frame.phase is not Phase.ZERO_GRAD
    target = frame.target
    return replace(
        own,
        edge=frame.edge,
        is_current=is_current,
        is_added_to=target in nodes and target != shown,
        breakpoint=stop_in_row(view, rows, row),
        notes=_notes(view) if is_current else (),
    )


def _marked(view: View, nodes: range) -> Iterator[int]:
    """Nodes of a row that breakpoints may stand at; nothing is asked of the others."""
    for stop in view.stops:
        if stop.write is not None:
            yield from (stop.write.node,) if stop.write.node in nodes else ()
        elif stop.nodes is not None:
            yield from (n for n in stop.nodes if n in nodes)


def stop_in_row(view: View, rows: Rows, row: int) -> str:
    """The glyph of a row where ``continue`` stops at one of its nodes."""
    nodes = rows.nodes(row)
    if not rows.is_group(row):
        return breakpoint_glyph(view, nodes.start)
    glyphs = (breakpoint_glyph(view, n) for n in _marked(view, nodes))
    return next(filter(None, glyphs), "")


def is_other_row(view: View, rows: Rows, row: int) -> bool:
    """Whether the forward value that a row shows differs in any entry."""
    shown = rows.shown(row)
    return shown is not None and is_other_value(view, shown)


def rows_title(view: View, rows: Rows) -> str:
    """For the border: the module that one is in, or that modules are folded."""
    composed = rows.graph.composed
    if view.inside and (rows.has_modules or composed):
        return view.spoken.say("in {module}: fold goes out", module=printable(view.inside))
    if rows.is_folded and composed:
        return view.spoken.say("a composed op is one row: step goes in, next goes over")
    if rows.is_folded:
        return view.spoken.say("modules are folded: step goes in, next goes over")
    return ""


def breakpoint_glyph(view: View, node: int) -> str:
    """The glyph of a node where ``continue`` stops: always, or where a condition holds."""
    marking = [stop for stop in view.stops if stop.marks(node)]
    if not marking:
        return ""
    is_plain = any(stop not in view.conditional for stop in marking)
    return view.charset.breakpoint if is_plain else view.charset.conditional


def _value(view: View, k: int) -> Values | Unsaved:
    """The value, with the entries that were updated already."""
    frame = view.frame
    updated = frame.value(k) if frame.phase is Phase.UPDATE else None
    if updated is not None:
        return Values(updated)
    trace = frame.timeline.trace
    words = "" if trace.is_known(k) else view.spoken.say("not saved")
    return value_of(trace, k, words)


def _adjoint(frame: Frame, k: int) -> Adjoint | None:
    """The adjoint once something has arrived; of an input through the whole backward phase."""
    if frame.phase is Phase.BUILD and k not in frame.timeline.trace.initial:
        return None
    adjoint = frame.adjoint(k)
    is_input = frame.timeline.nodes[k].role is Role.INPUT
    return adjoint if is_input or not adjoint.is_unknown else None


def _word(view: View, k: int) -> str:
    """An adjoint is a gradient, and v for the edges of its node while they are pulled back."""
    frame = view.frame
    taken = frame.node.id if frame.edge is None else frame.source
    is_pulled = k == taken and (frame.edge is not None or frame.phase is Phase.SEED)
    if frame.is_forward:
        return "t" if is_pulled and not view.namer.lacks_vector else "tang"
    return "v" if is_pulled and not view.namer.lacks_vector else "grad"


def _adjoint_role(frame: Frame, k: int) -> SpanRole:
    """Whether the step made all of it."""
    if frame.phase is Phase.SEED and k == frame.node.id:
        return "changed"
    is_zeroed = frame.phase is Phase.ZERO_GRAD and frame.timeline.nodes[k].role is Role.INPUT
    return "changed" if is_zeroed else ""


def _adjoint_marks(frame: Frame, k: int) -> Mapping[int, SpanRole]:
    """The entry that the step adds to, and the v_j that it multiplies."""
    if frame.edge is None:
        return NO_MARKS
    if k == frame.target:
        return {frame.entry: "changed"}
    return {frame.taken: "current"} if k == frame.source else NO_MARKS


def _notes(view: View) -> tuple[str, ...]:
    """What the walk does at the current node, from the longest way to say it."""
    frame = view.frame
    if frame.phase is Phase.SEED:
        vector = view.namer.vector(frame.node.id)
        return view.spoken.say("{vector} is placed here", vector=vector), vector
    if frame.edge is None:
        return ()
    x = view.namer.label(frame.edge.parent)
    if frame.is_forward:
        pushing = view.spoken.say("pushing forward from {name}", name=x)
        return pushing, x, ""
    pulling = view.spoken.say("pulling back into {name}", name=x)
    if not is_read_again(view.namer.graph, frame.edge):
        return pulling, x, ""
    number = frame.edge.argument + view.namer.subscripts
    longest = view.spoken.say("pulling back into {name}, argument {number}", name=x, number=number)
    return longest, pulling, x, ""


_LONGEST = 24


def is_other_value(view: View, node: int) -> bool:
    """Whether the forward value of a node differs in any entry."""
    before = view.before
    if before is None:
        return False
    return _differs(view.frame.timeline.trace, before.timeline.trace, node)


def is_other_entry(view: View, node: int, flat: int) -> bool:
    """Whether an adjoint entry differs, as far as both are summed at this event."""
    before = view.before
    if before is None:
        return False
    was, now = (frame.adjoint(node).entry(flat) for frame in (before, view.frame))
    if was is None or now is None:
        return was is not now
    return was != now and not (np.isnan(was) and np.isnan(now))


def trials_span(view: View) -> Span:
    """``* X[0] = 5``: what was set last, and how much else; empty where nothing is."""
    if not view.trials:
        return Span("")
    *others, last = view.trials
    more = f" (+{len(others)})" if others else ""
    text = clip(printable(last), _LONGEST, view.charset.ellipsis)
    return Span(f"  {view.charset.other} {text}{more}", "marker")


@lru_cache(maxsize=1024)
def _differs(now: Evaluation, before: Evaluation, node: int) -> bool:
    """Compared once: the numbers of a trace never change."""
    return not np.array_equal(now.value(node), before.value(node), equal_nan=True)
