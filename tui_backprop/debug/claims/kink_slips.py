"""Claims that take another slope at a kink than the convention: no slip, but another choice.

They stand apart because nothing was done wrong: the slope from one side is as good as that from
the other, and what frameworks take is agreed on, not derived.
"""

from __future__ import annotations

from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.debug.claims.derivation import Altered
from tui_backprop.debug.claims.slip import Slip
from tui_backprop.debug.why.names import number
from tui_backprop.graph.jacobian import LocalJacobian, kink_distance, picked
from tui_backprop.graph.naming import entry
from tui_backprop.graph.one_sided import sides

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tui_backprop.debug.claims.derivation import Derivation
    from tui_backprop.debug.claims.slip import Candidates
    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.model import Edge
    from tui_backprop.graph.one_sided import Sides
    from tui_backprop.rules.types import Array

    Kinks = dict[tuple[int, int], Sides]
    Choice = Callable[[Kinks], dict[tuple[int, int], float]]

_MOST_ROWS: Final = 32
"""Rows of one Jacobian at a kink, and columns of such a row, that are measured."""

_MOST_KINKS: Final = 256
"""Partials at kinks of all edges together."""


def of_kinks(derivation: Derivation, edges: Sequence[Edge]) -> Candidates:
    """What comes out with the slopes from one side, or half of both, or one of those that tie."""
    left = _MOST_KINKS
    for edge in edges:
        found = _kinks(derivation.evaluation, edge, left)
        left -= len(found)
        if not found:
            continue
        for chosen, text in _CHOICES:
            slopes = chosen(found)
            slip = Slip("convention", _text(derivation, edge, found, slopes, text), edge=edge)
            pull = partial(_pulled, derivation.evaluation, edge, slopes)
            yield slip, derivation.altered(Altered(edge, pull))


def _kinks(evaluation: Evaluation, edge: Edge, most: int) -> Kinks:
    """The partials that stand at a kink, with their slopes on either side; the first few."""
    node = evaluation.graph.nodes[edge.node]
    distance = kink_distance(evaluation, node)
    if distance is None or not node.size:
        return {}
    rows = np.flatnonzero(np.broadcast_to(distance, node.shape) == 0)[:_MOST_ROWS]
    pattern = evaluation.patterns.of(edge)
    found: Kinks = {}
    places = ((j, i) for j in rows.tolist() for i in pattern.columns(j)[:_MOST_ROWS].tolist())
    for j, i in islice(places, max(most, 0)):
        measured = sides(evaluation, edge, j, i)
        if measured is not None and measured.differ and np.isfinite(measured).all():
            found[j, i] = measured
    return found


def _pulled(
    evaluation: Evaluation,
    edge: Edge,
    slopes: dict[tuple[int, int], float],
    v: Array,
    pulled: Array,
) -> Array:
    """``vᵀJ`` with other partials at some places."""
    jacobian = LocalJacobian(evaluation, edge)
    j, i = (np.array([place[k] for place in slopes]) for k in (0, 1))
    other = np.array(list(slopes.values()), dtype=pulled.dtype) - jacobian.entries(j, i)
    found = np.array(pulled).ravel()
    np.add.at(found, i, picked(v, j) * other)
    return found.reshape(pulled.shape)


def _text(
    derivation: Derivation,
    edge: Edge,
    kinks: Kinks,
    slopes: dict[tuple[int, int], float],
    chosen: str,
) -> str:
    evaluation = derivation.evaluation
    graph = evaluation.graph
    node = graph.nodes[edge.node]
    jacobian = LocalJacobian(evaluation, edge)
    j, i = next((p for p in kinks if slopes[p] != jacobian.entry(*p)), next(iter(kinks)))
    at = number(float(picked(evaluation.value(edge.parent), i)))
    x = f"{entry(graph, edge.parent, i)} = {at}"
    return (
        f"{node.op} has a kink at {x}, where its slope {number(jacobian.entry(j, i))} is a "
        f"convention ({'' if node.rule is None else node.rule.convention}); "
        f"{number(slopes[j, i])}, {chosen}, is another"
    )


def _of_ties(kinks: Kinks, *, is_first: bool) -> dict[tuple[int, int], float]:
    """Of the entries of a row that meet at a kink one gets all, the others nothing."""
    chosen = dict(sorted(kinks, reverse=is_first))  # of each row the one that is listed last
    return {
        (j, i): max(both, key=abs) if chosen[j] == i else min(both, key=abs)
        for (j, i), both in kinks.items()
    }


_CHOICES: Final[tuple[tuple[Choice, str], ...]] = (
    (lambda kinks: {at: both.right for at, both in kinks.items()}, "the slope from the right"),
    (lambda kinks: {at: both.left for at, both in kinks.items()}, "the slope from the left"),
    (lambda kinks: {at: sum(both) / 2 for at, both in kinks.items()}, "half of both sides"),
    (lambda kinks: _of_ties(kinks, is_first=True), "where the first that ties gets all"),
    (lambda kinks: _of_ties(kinks, is_first=False), "where the last that ties gets all"),
    (lambda kinks: dict.fromkeys(kinks, 0.0), "where nothing gets anything"),
)
