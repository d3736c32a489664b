"""The partials of each edge, a column of text for each quantity.

Numbers are written as the panes write them, so that what the page shows is what the screen shows,
and with the minus of ASCII, which is one byte. What follows from the rest is left out: v is the
adjoint of the node, forward t the tangent of the parent, and the entry before a step is what the
step above it left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from tui_backprop.errors import UnknownError
from tui_backprop.render.text.charset import ASCII
from tui_backprop.render.text.numbers import number, numerals_in
from tui_backprop.timeline.step_facts import why_unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tui_backprop.exports.page.formulas import Formulas
    from tui_backprop.exports.page.sayings import Sayings
    from tui_backprop.rules.types import Array
    from tui_backprop.timeline.sums import PassWalk
    from tui_backprop.timeline.timeline import Frame, Timeline

Columns: TypeAlias = "dict[str, Any]"

_ASCII = numerals_in(ASCII)


def numbers(values: Array | Iterable[float]) -> str:
    """Numbers with blanks between, as the panes write them."""
    flat = values.ravel().tolist() if isinstance(values, np.ndarray) else values
    return " ".join(number(float(x), _ASCII) for x in flat)


def edge_columns(
    timeline: Timeline, pass_number: int, frames: Iterator[Frame],
    formulas: Formulas | None, sayings: Sayings,
) -> Iterator[Columns]:  # fmt: skip
    """The edges of a pass in walking order.

    Args:
        timeline: of the walk.
        pass_number: which pass.
        frames: its partial steps, in order; as many are taken as the pass has.
        formulas: collects the formulas; None where none are wanted.
        sayings: collects the sentences.

    Yields:
        For each edge ``n`` node, ``a`` argument, ``l`` how many steps unless one; and as texts
        with blanks between, one entry a step: ``j`` rows and ``i`` columns unless all are 0, ``d``
        partials, ``c`` contributions, ``s`` sums; ``f`` templates of formulas (-1 for none), ``e``
        the flat positions for all their open names, ``w`` sayings; ``f`` and ``w`` are one number
        where all are the same. ``t`` has what the edge adds to entries of more than one step.
        ``after`` is there where the adjoint after the edge does not follow from its steps;
        ``unknown`` lists the steps of the edge whose numbers nobody kept.
    """
    walk = timeline.walk(pass_number)
    for at in range(walk.route.edges):
        edge, steps = walk.route.edge(at), walk.route.steps(at)
        rows = [next(frames) for _ in steps]
        found: Columns = {
            "n": edge.node, "a": edge.argument, "l": None if len(steps) == 1 else len(steps),
        }  # fmt: skip
        if rows:
            found |= _of_steps(rows, formulas, sayings)
        found |= _of_whole(walk, at, rows, is_lost="unknown" in found)
        yield {key: x for key, x in found.items() if x is not None}


def _of_steps(frames: list[Frame], formulas: Formulas | None, sayings: Sayings) -> Columns:
    unknown = [at for at, frame in enumerate(frames) if why_unknown(frame)]
    partials = [None if at in set(unknown) else f.partial for at, f in enumerate(frames)]
    filled = [
        formulas.filled(f) if formulas and p is not None else None
        for f, p in zip(frames, partials, strict=True)
    ]
    found = {
        "j": _positions([f.row for f in frames]),
        "i": _positions([f.column for f in frames]),
        "d": numbers(np.nan if p is None else p.value for p in partials),
        "c": numbers(np.nan if p is None else p.contribution for p in partials),
        "s": numbers(np.nan if p is None else p.after for p in partials),
        "f": _shortened([-1 if x is None else x.template for x in filled]),
        "e": _positions([flat for x in filled if x is not None for flat in x.flats]),
        "w": _shortened([sayings.number(f) for f in frames]),
    }
    return {**found, "unknown": unknown} if unknown else found


def _positions(flats: list[int]) -> str | None:
    """Flat positions; None where all are 0."""
    return " ".join(map(str, flats)) if any(flats) else None


def _shortened(values: list[int]) -> int | str:
    """One number where all are the same."""
    return values[0] if len(set(values)) == 1 else " ".join(map(str, values))


def _of_whole(walk: PassWalk, at: int, frames: list[Frame], *, is_lost: bool) -> Columns:
    """What the edge adds, and what is there after it, where that does not follow."""
    target = walk.route.target(walk.route.edge(at))
    done = walk.route.count_before(target, at)
    try:
        before = walk.sums.after(target, done)
        after = walk.sums.after(target, done + 1)
    except UnknownError:
        return {"after": ""}
    found: Columns = {}
    entries = np.array([f.entry for f in frames], dtype=np.intp)
    seen, counts = np.unique(entries, return_counts=True)
    if len(walk.route.edges_into(target)) > 1 and (counts > 1).any():
        try:
            found["t"] = numbers(walk.sums.contribution(at).ravel()[seen[counts > 1]])
        except UnknownError:
            found["t"] = ""
    if after is not None and (is_lost or not _follows(before, after, seen)):
        found["after"] = numbers(after)
    return found


def _follows(before: Array | None, after: Array, seen: Array) -> bool:
    """Whether the entries that no step of the edge wrote are what they were before it."""
    rest = np.ones(after.size, dtype=bool)
    rest[seen] = False
    left = after.ravel()[rest]
    was = np.zeros_like(left) if before is None else before.ravel()[rest]
    return bool(np.array_equal(left, was, equal_nan=True))
