"""The report on a walk's health as a person at the prompt reads it: what is wrong, and where to go.

It stands apart from the measurements, which a table, a picture and a program read too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.debug.answer import Answer, AnswerLine
from tui_backprop.debug.examination import health
from tui_backprop.debug.landmarks import run_of_node, writes

if TYPE_CHECKING:
    from tui_backprop.debug.health import Health, NodeHealth, Thresholds
    from tui_backprop.debug.timeline import Timeline

_MOST_LINES: Final = 100


def health_answer(timeline: Timeline, thresholds: Thresholds | None = None) -> Answer:
    """The flagged nodes, each with the step at which its adjoint is complete."""
    found = health(timeline.trace, thresholds)
    flagged = found.flagged
    lines = [AnswerLine(summary(found)), *map(AnswerLine, remarks(found))]
    shown = flagged[:_MOST_LINES]
    lines.extend(AnswerLine(_line(node), _step(timeline, found, node)) for node in shown)
    if len(flagged) > _MOST_LINES:
        lines.append(AnswerLine(f"and {len(flagged) - _MOST_LINES} more"))
    return Answer(tuple(lines))


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
            f"{found.left_out} local Jacobian{'s' if found.left_out > 1 else ''} left out: "
            f"{limits.entries:,} entries are looked at in all, the smallest Jacobians first"
        )
    return lines


def summary(found: Health) -> str:
    """How many nodes are flagged, and by which pass."""
    count, total = len(found.flagged), len(found.nodes)
    flagged = f"{count or 'none'} of {total} nodes flagged"
    if found.pass_number is None:
        return f"{flagged}; there is no backward pass"
    return f"{flagged}; |v| = {found.seed:.4g} at {found.output}, backward pass {found.pass_number}"


def _line(node: NodeHealth) -> str:
    parts = [f"{node.name}: {', '.join(node.flags)}"]
    parts += [] if node.adjoint is None else [f"|grad| = {node.adjoint:.4g}"]
    parts += [] if node.rate is None else [f"times {node.rate:.4g} per edge, depth {node.depth}"]
    parts += [] if not node.dead else [f"dead {node.dead:.0%}"]
    parts += [] if not node.saturated else [f"saturated {node.saturated:.0%}"]
    return "; ".join(parts)


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
