"""The report on a walk's health as a person at the prompt reads it: every node, and where to go.

It stands apart from the measurements, which a terminal's table and a program read too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.debug.answer import Answer, AnswerLine
from tui_backprop.debug.health_rows import COLUMNS, texts
from tui_backprop.debug.landmarks import run_of_node, writes
from tui_backprop.debug.shown import counted, number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.debug.health import Health, NodeHealth
    from tui_backprop.debug.timeline import Timeline

_MOST_LINES: Final = 100
_DIGITS: Final = 4
_UNTOLD: Final = frozenset({"op", "shape"})
"""Columns for which a line of an answer has no room: ``info node`` has them."""

_PICTURE: Final = 72
"""Cells of a picture: a session does not know how wide the screen is."""


def health_answer(timeline: Timeline, found: Health) -> Answer:
    """A table, each row with the step at which the node's adjoint is complete; the thresholds.

    Of many nodes only the flagged ones are listed.

    Args:
        timeline: of the trace that was measured; steps are its own.
        found: the measurements, of all nodes or of one.
    """
    measured = found.nodes
    chosen = measured if len(measured) <= _MOST_LINES else found.flagged[:_MOST_LINES]
    hidden = len(measured) - len(chosen)
    more = f"{counted(hidden, 'node')} not listed: 'health NODE' tells about one"
    return Answer(
        (
            AnswerLine(summary(found)),
            *_table(timeline, found, chosen),
            *([AnswerLine(more)] if hidden else []),
            *map(AnswerLine, remarks(found)),
        )
    )


def health_picture(found: Health) -> Answer:
    """The norm of the gradient along the depth, in ASCII: a session knows no screen."""
    from tui_backprop.debug.health_plot import health_plot  # noqa: PLC0415 - seldom asked for

    picture = health_plot(found, _PICTURE, is_ascii=True)
    return Answer(tuple(map(AnswerLine, (summary(found), *picture))))


def remarks(found: Health) -> list[str]:
    """The thresholds, and what was not looked at."""
    limits = found.thresholds
    lines = [
        f"vanishing: |grad|/|v| below {limits.vanishing:g}; exploding: above {limits.exploding:g}",
        f"dead: every partial of an entry is exactly 0; from {limits.share:.0%} of the entries on",
        f"saturated: a slope below {limits.flat:g} where the op flattens out; likewise",
    ]
    if found.left_out:
        lines.append(
            f"{counted(found.left_out, 'local Jacobian')} left out: "
            f"{limits.entries:,} entries are looked at in all, the smallest Jacobians first"
        )
    return lines


def summary(found: Health) -> str:
    """How many nodes are flagged, or what is of the only one; and by which pass."""
    count, total = len(found.flagged), len(found.nodes)
    flagged = f"{count or 'none'} of {total} nodes flagged"
    if total == 1:
        flagged = f"{found.nodes[0].name}: {', '.join(found.nodes[0].flags) or 'nothing flagged'}"
    if found.pass_number is None:
        return f"{flagged}; there is no backward pass"
    return f"{flagged}; |v| = {found.seed:.4g} at {found.output}, backward pass {found.pass_number}"


def _table(timeline: Timeline, found: Health, chosen: Sequence[NodeHealth]) -> list[AnswerLine]:
    """A row for each node under the titles; none where there is no node."""
    if not chosen:
        return []
    steps = [None, *(_step(timeline, found, node) for node in chosen)]
    rows = [tuple(column.title for column in COLUMNS), *map(_texts, chosen)]
    told = [k for k, column in enumerate(COLUMNS) if column.title not in _UNTOLD]
    widths = {k: max(len(row[k]) for row in rows) for k in told}
    lines = (
        "  ".join(
            row[k].rjust(widths[k]) if COLUMNS[k].is_number else row[k].ljust(widths[k])
            for k in told
        ).rstrip()
        for row in rows
    )
    return [AnswerLine(line, step) for line, step in zip(lines, steps, strict=True)]


def _texts(node: NodeHealth) -> tuple[str, ...]:
    return texts(node, lambda x: number(x, _DIGITS, exact_below=10.0 ** (_DIGITS + 1)))


def _step(timeline: Timeline, found: Health, node: NodeHealth) -> int:
    """Where the node's adjoint of the last pass is complete; where it is built, if not reached."""
    if found.pass_number is None or node.adjoint is None or "value" in "".join(node.flags):
        return node.node
    run = run_of_node(timeline, found.pass_number, node.node)
    if run:
        return run.start
    everything = range(timeline.walk(found.pass_number).start - 1, timeline.length)
    last = next(writes(timeline, node.node, None, everything, reverse=True), None)
    return node.node if last is None else last.stop - 1
