"""Slips with whole passes and whole means: what is kept, added up, averaged or left out.

It stands apart from the slips of single edges because no local derivative is wrong here.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.debug.claims.constant_slips import is_mean, mean_count
from tui_backprop.debug.claims.derivation import Altered, Together
from tui_backprop.debug.claims.slip import Slip
from tui_backprop.graph.naming import label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.debug.claims.derivation import Derivation
    from tui_backprop.debug.claims.slip import Candidates
    from tui_backprop.graph.model import Edge
    from tui_backprop.rules.types import Array

_MOST_MEANS: Final = 16
_MOST_ROWS: Final = 64
"""Rows of a table that are tried as padding."""


def of_nothing(derivation: Derivation) -> Candidates:
    """Where all that is claimed is 0; a row of a table that is, may be meant as padding."""
    claim = derivation.claim
    if claim.wrt is not None:
        return
    yield from _padding(derivation)
    name = label(derivation.evaluation.graph, derivation.target)
    text = f"none of the contributions to what is claimed of {name}.grad is there"
    yield Slip("nothing arrives", text), np.zeros_like(derivation.truth)


def _padding(derivation: Derivation) -> Candidates:
    evaluation = derivation.evaluation
    for edge in derivation.edges:
        if evaluation.graph.nodes[edge.node].op != "embedding":
            continue
        table = evaluation.value(edge.parent)
        ids = np.unique(evaluation.value(evaluation.graph.nodes[edge.node].parents[0]))
        for row in np.rint(ids[np.isfinite(ids)])[:_MOST_ROWS].astype(int).tolist():
            if not 0 <= row < len(table):
                continue
            name = label(evaluation.graph, edge.parent)
            text = (
                f"none of the contributions to row {row} of {name} is there; if it is meant as "
                f"padding, the op must be told: padding_idx={row}"
            )
            pull = partial(_without_row, row)
            yield Slip("padding row", text), derivation.altered(Altered(edge, pull))


def _without_row(row: int, _v: Array, pulled: Array) -> Array:
    found = np.array(pulled)
    found[row] = 0
    return found


def of_passes(derivation: Derivation) -> Candidates:
    """What an earlier pass left, and what several passes are made of together."""
    claim, runs = derivation.claim, derivation.runs
    if claim.wrt is not None:
        return
    if derivation.evaluation.is_input(claim.node) and len(runs) < claim.after:
        text = "the gradients of the passes before it are still there"
        yield Slip("forgotten zero_grad", text), derivation.without_zero_grad()
    if len(runs) < 2:
        return
    text = (
        "the adjoints of inner nodes are kept from the pass before, and pulled back once more: "
        "only gradients of inputs add up over passes"
    )
    for is_added in (False, True):
        yield Slip("stale adjoints", text, is_of_pass=True), derivation.stale(is_added=is_added)
    text = f"the gradients of {len(runs)} passes are averaged, where passes add up"
    seeds = [run.seed / len(runs) for run in runs]
    yield Slip("averaged passes", text, is_of_pass=True), derivation.altered(None, seeds)


def of_means(derivation: Derivation, edges: Sequence[Edge]) -> Candidates:
    """One mean over everything, where there are several means of parts."""
    evaluation = derivation.evaluation
    means = [e for e in edges if is_mean(evaluation, e) and not evaluation.value(e.node).shape]
    counts = [mean_count(evaluation, edge) for edge in means]
    total = sum(counts)
    if not 1 < len(means) <= _MOST_MEANS or not total:
        return
    sizes = " and ".join(f"{count:g}" for count in counts)
    text = (
        f"the mean is taken over all {total:g} at once; here {len(means)} means, of {sizes}, are "
        "taken apart, and in a mean of means a small part weighs as much as a large one"
    )
    for all_together in (1.0, float(len(means))):
        parts = {
            edge: Altered(edge, partial(_scaled, all_together * count / total))
            for edge, count in zip(means, counts, strict=True)
        }
        yield Slip("mean of means", text, edge=means[0]), derivation.altered(Together(parts))


def _scaled(factor: float, _v: Array, pulled: Array) -> Array:
    return pulled * factor
