"""The health of a walk: every node measured, by the last backward pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.debug.health.measuring import Measuring
from tui_backprop.debug.health.record import Health, Thresholds
from tui_backprop.debug.health.roots import roots
from tui_backprop.graph.naming import label
from tui_backprop.progress import reported, run_to_end

if TYPE_CHECKING:
    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.progress import Resumable


def health(evaluation: Evaluation, thresholds: Thresholds | None = None) -> Health:
    """Measure every node, by the last backward pass."""
    return run_to_end(examined(evaluation, thresholds))


def examined(
    evaluation: Evaluation, thresholds: Thresholds | None = None, only: int | None = None
) -> Resumable[Health]:
    """`health` in as many pieces as a large graph takes.

    Args:
        evaluation: what is measured.
        thresholds: from where on something is flagged.
        only: the one node to measure; None for all.

    Yields:
        As many nodes as there would be if each took as long; a step builds one.
    """
    limits = thresholds or Thresholds()
    numbers = [k for k, run in enumerate(evaluation.runs) if run is not None]
    run = evaluation.runs[numbers[-1]] if numbers else None
    every = range(len(evaluation.graph.nodes))
    nodes = every if only is None else range(only, only + 1)
    measuring = Measuring(evaluation, run, limits, nodes)
    pieces = measuring.pieces()
    for done, piece in enumerate(reported("measuring", pieces, len(pieces))):
        yield nodes.start + done * len(nodes) // len(pieces)
        piece()
    found = measuring.found()
    return Health(
        nodes=found,
        output="" if run is None else label(evaluation.graph, run.of),
        pass_number=numbers[-1] if numbers else None,
        seed=measuring.seed,
        left_out=measuring.left_out,
        thresholds=limits,
        roots=() if only is not None else roots(evaluation, run, measuring.adjoints, found),
        passes=len(numbers),
    )
