"""The state of a session as commands: those that bring a fresh session of the scenario to it.

It writes what the commands read. Numbers stand here where a person set them by a formula: a
formula means other numbers at another step.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.dataclass import replace
from tui_backprop.debug.commands.asked import IF, means
from tui_backprop.debug.commands.what_if import is_literal
from tui_backprop.debug.history import numbers_of
from tui_backprop.debug.number_lists import numbers_text
from tui_backprop.debug.place_names import parse_place, seed_word
from tui_backprop.graph.model import Backward

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.debug.breakpoints import Breakpoint
    from tui_backprop.debug.conditions.expression import Expression
    from tui_backprop.debug.history import Numbers
    from tui_backprop.debug.session import Session
    from tui_backprop.debug.stops import Stop
    from tui_backprop.rules.types import Array
    from tui_backprop.timeline.training import Training

_LINE_END: Final = re.compile(r"[\r\n]+")


def commands_in_force(session: Session, *, with_past: bool = True) -> Iterator[str]:
    """The lines, one after the other.

    Args:
        session: whose state.
        with_past: whether every ``set`` is written, so that each can be undone; else one for each
            leaf that is not what it was.

    Zeros come before the cursor, whose step means another event without them; the cursor comes
    after the numbers, which move it.
    """
    yield f"zeros {'show' if session.timeline.zeros else 'skip'}"
    if with_past:
        yield from _trials(session)
    elif (training := session.trace.training) is not None:
        for number in sorted(training.changes):
            yield f"goto iteration {number + 1}"
            earlier = training.unchanged_from(number)
            pair = (_at_iteration(session, one, number) for one in (earlier, training))
            yield from _difference(session, *pair)
    else:
        done = session.history.done
        now = numbers_of(session.trace)
        yield from _difference(session, done[0][1] if done else now, now)
    yield f"goto {session.cursor}"
    if session.direction == "reverse":
        yield "restore direction reverse"
    if session.inside != session.module_at(session.cursor):
        yield f"restore inside {session.inside}".rstrip()
    yield from (*_stopping(session), *_displays(session))


def marks(session: Session) -> frozenset[str]:
    """What a person has set to stop at and to be shown; where the walk is does not matter."""
    own = (b for b in session.breakpoints if b.number not in session.given)
    stopping = (
        f"{'watch' if b.watched is not None else 'break'} {_asked(session, b)} {b.is_enabled}"
        for b in own
    )
    return frozenset((*stopping, *_displays(session)))


def unsaved(session: Session) -> frozenset[str]:
    """Those of `marks` that no file keeps."""
    return marks(session) - session.kept


def _trials(session: Session) -> Iterator[str]:
    """What was set, and what was undone and can be set again."""
    history = session.history
    undone = tuple(reversed(history.undone))
    traces = [*(t for _, t in history.done), numbers_of(session.trace), *(t for _, t in undone)]
    names = [what for what, _ in (*history.done, *undone)]
    count = 0
    for at, what in enumerate(names):
        changed = traces[at + 1].training
        if changed is not None:
            number = max(changed.changes)  # a change drops those of later iterations
            yield f"goto iteration {number + 1}"
            for k, training in ((at, traces[at].training), (at + 1, changed)):
                if training is not None:
                    traces[k] = _at_iteration(session, training, number)
        for line in _set_again(session, what, traces[at], traces[at + 1]):
            count += at >= len(history.done)
            yield line
    yield from ["undo"] * count


def _at_iteration(session: Session, training: Training[Any], number: int) -> Numbers:
    """What an iteration starts from; of later ones it follows."""
    start = training.start(number)
    passes = training.passes_of(number, start.passes)
    return replace(numbers_of(session.trace), leaves=start.leaves, passes=passes, training=training)


def _set_again(session: Session, what: str, before: Numbers, after: Numbers) -> Iterator[str]:
    """One ``set``: as it was typed where that is numbers, else with the numbers that it gave."""
    target, equals, right = (part.strip() for part in what.partition("="))
    if is_literal(target, equals, right):
        yield f"set {what}"
    elif equals and target in {seed_word(session.trace.graph), "seed"}:
        yield f"set {seed_word(session.trace.graph)} = {_text(_seed(session, after))}"
    elif equals:
        graph = session.trace.graph
        place = parse_place(target, graph)
        value = after.leaves[graph.nodes[place.node].name]
        found = value if place.flat is None else value.reshape(-1)[place.flat]
        yield f"set {target} = {_text(found)}"
    else:
        yield from _difference(session, before, after)


def _difference(session: Session, before: Numbers, after: Numbers) -> Iterator[str]:
    """Of what a Python program set: everything that is not what it was."""
    graph = session.trace.graph
    for name, value in after.leaves.items():
        if not _is_same(value, before.leaves[name]):
            node = graph.inputs.get(name, graph.constants.get(name))
            is_clear = name != "seed" and graph.names.get(name) == node
            yield f"set {name if is_clear else f'#{node}'} = {_text(value)}"
    seeds = (_seed(session, before), _seed(session, after))
    if any(run is not None for run in session.trace.runs) and not _is_same(*seeds):
        yield f"set {seed_word(graph)} = {_text(_seed(session, after))}"


def _is_same(one: Array, other: Array) -> bool:
    return one is other or one.tobytes() == other.tobytes()


def _seed(session: Session, numbers: Numbers) -> Array:
    """The v of the first pass; whoever sets it sets it for all of them."""
    first = next(p for p in numbers.passes if isinstance(p, Backward))
    return session.trace.plan.ones(first.of) if first.v is None else first.v


def _text(array: Array) -> str:
    return numbers_text(np.asarray(array))


def _stopping(session: Session) -> Iterator[str]:
    """Each breakpoint and watchpoint with its number and its counts."""
    kept = {b.number for b in session.breakpoints}
    yield from (f"restore without {n}" for n in sorted(session.given - kept))
    yield from (stop_line(session, one) for one in session.breakpoints)
    if session.numbers > max(kept | session.given, default=0):
        yield f"restore next {session.numbers + 1}"


def stop_line(session: Session, one: Breakpoint) -> str:
    """The line that brings back a breakpoint or a watchpoint of a session."""
    word = "watch" if one.watched is not None else "tbreak" if one.is_temporary else "break"
    counts = "".join(
        f" {name} {count}" for name, count in (("hits", one.hits), ("ignore", one.ignore)) if count
    )
    state = "" if one.is_enabled else " disabled"
    asked = _LINE_END.sub(" ", _asked(session, one))
    return f"restore {word} {one.number}{counts}{state}: {asked}"


def display_line(shown: Expression) -> str:
    """The line that brings back a display."""
    return f"restore display: {_LINE_END.sub(' ', shown.text)}"


def _asked(session: Session, one: Breakpoint) -> str:
    when = "" if one.condition is None else f"if {one.condition.text}"
    if one.watched is not None:
        return f"{one.watched.text} {when}".strip()
    where = re.split(IF, one.text)[0].strip()
    if one.place is not None and not means(session, where, one.place, is_kept=True):
        where = _words(session, one.place) or where
    return f"{where} {when}".strip()


def _words(session: Session, place: Stop) -> str:
    """A place that a Python program set, in words; empty where it takes more than a few nodes."""
    if place.nodes is not None and len(place.nodes) != 1:
        return ""
    words = [f"#{node}" for node in place.nodes or ()]
    words += [phase.value for phase in sorted(place.phases or (), key=lambda p: p.value)]
    if place.write is not None:
        shape = session.trace.graph.nodes[place.write.node].shape
        flat = place.write.flat
        at = "" if flat is None or not shape else np.unravel_index(flat, shape)
        index = f"[{', '.join(str(int(k)) for k in at)}]" if at else ""
        words += ["write", f"#{place.write.node}.grad{index}"]
    words += [] if place.step is None else ["step", str(place.step)]
    return " ".join(words)


def _displays(session: Session) -> Iterator[str]:
    yield from map(display_line, session.displays)
