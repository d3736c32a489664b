"""The common slips of a derivation by hand, each recomputed and compared with what is claimed.

A slip is named only where it gives all the claimed numbers.
"""

from __future__ import annotations

from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.debug.claims.derivation import NEAREST, Altered, Overwritten, Together
from tui_backprop.debug.claims.edge_slips import EDGE_SLIPS, EdgeAt
from tui_backprop.debug.format import applied, number
from tui_backprop.graph.jacobian import LocalJacobian, TotalJacobian, picked
from tui_backprop.graph.kinks import kink_distance
from tui_backprop.graph.naming import entry, label
from tui_backprop.graph.one_sided import sides
from tui_backprop.language.message import about, all_of, said

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tui_backprop.debug.claims.derivation import Derivation
    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.model import Edge
    from tui_backprop.graph.one_sided import Sides
    from tui_backprop.rules.types import Array

    Kinks = dict[tuple[int, int], Sides]
    Choice = Callable[[Kinks], dict[tuple[int, int], float]]


_MOST_PULLS: Final = 10_000
"""VJPs that are computed in search of one kind of slip: a second at most. A longer walk than that
is not derived once more for each of its edges."""

_MOST_SQUARE: Final = 256
"""Rows of a Jacobian whose diagonal is asked for."""


@dataclass(frozen=True, slots=True)
class Slip:
    """A mistake that gives exactly the numbers that are claimed.

    Attributes:
        name: what kind of slip, in a few words.
        text: what was done, and where, in one sentence.
        edge: the edge at which it was done; None where it is no single one.
        node: the node whose contributions were not added up; None otherwise.
        is_of_seed: whether it was done when v was placed.
        is_of_pass: whether it was done where the second pass begins.
    """

    name: str
    text: str
    edge: Edge | None = None
    node: int | None = None
    is_of_seed: bool = False
    is_of_pass: bool = False


Candidates: TypeAlias = "Iterator[tuple[Slip, Array]]"
"""Slips, each with the numbers that it gives."""


def slips(derivation: Derivation) -> tuple[Slip, ...]:
    """Every slip that gives the claimed numbers, the most telling first; one of each kind.

    Args:
        derivation: of a claim that departs from the truth.
    """
    found: dict[str, Slip] = {}
    with np.errstate(all="ignore"):
        for slip, value in candidates(derivation):
            if slip.name not in found and _gives(derivation, value):
                found[slip.name] = slip
        if "nothing arrives" in found:
            found.pop("missing path", None)  # so it is with any edge that all comes through
        return tuple(found.values()) or _ratio(derivation)


def _gives(derivation: Derivation, value: Array) -> bool:
    """Whether a slip gives all that is claimed, and something else than the truth."""
    claim, truth = derivation.claim, derivation.truth
    return (
        np.shape(value) == claim.value.shape
        and not derivation.near.apart(value, claim.value).any()
        and bool(claim.tolerance.apart(value, truth).any())
    )


def candidates(derivation: Derivation) -> Candidates:
    """Every slip that there is a way to make here, with the numbers that it gives.

    Args:
        derivation: of a claim, of which only the place is looked at and not the numbers.

    Yields:
        The most telling first; NumPy warns of nothing where its caller lets it not.
    """
    yield from _of_seed(derivation)
    truth = derivation.truth
    yield Slip(said("sign"), said("the sign of all of it is turned")), -truth
    yield from of_nothing(derivation)
    if derivation.is_tractable:
        edges = derivation.edges[: _affordable(derivation)]
        yield from of_kinks(derivation, edges)
        yield from of_passes(derivation)
        yield from of_means(derivation, edges)
        yield from _of_sums(derivation)
        yield from _of_edges(derivation)
    if truth.ndim == 2 and truth.shape[0] == truth.shape[1]:
        yield Slip(said("transpose"), said("it is the transpose of the right one")), truth.T


def _of_seed(derivation: Derivation) -> Candidates:
    """Slips of the seed: in v, or in the sum over the outputs."""
    runs = derivation.runs
    if any((run.seed != 1).any() for run in runs):
        ones = [np.ones_like(run.seed) for run in runs]
        text = said("v is left out, as if it were all ones")
        yield Slip(said("forgotten v"), text, is_of_seed=True), derivation.altered(None, ones)
    if not runs or all(run.seed.size < 2 for run in runs):
        return
    shape = derivation.evaluation.value(derivation.target).shape
    for text, rows in (
        (
            said("each v_j multiplies the partial of the first output, where the j-th belongs"),
            "first",
        ),
        (said("each v_j multiplies the partial of one output, where the j-th belongs"), "own"),
    ):
        parts = [_repeated(derivation, k, rows) for k in range(len(runs))]
        if all(part is not None for part in parts):
            total = np.sum(np.array(parts), axis=0).reshape(shape)
            yield Slip(said("wrong index"), text), total.ravel()[derivation.claim.entries]


def _repeated(derivation: Derivation, k: int, rows: str) -> Array | None:
    """``Σ_j v_j · ∂y_1/∂x_i``, or with the own output of each entry, ``∂y_i/∂x_i``."""
    run = derivation.runs[k]
    jacobian = TotalJacobian(derivation.evaluation, run.of, derivation.target)
    m, n = jacobian.shape
    total = run.seed.sum()
    if rows == "first":  # an output without entries has none, and adds nothing
        return np.asarray(total * jacobian.row(0)) if m else np.zeros(n)
    if m != n or m > _MOST_SQUARE:
        return None
    at = np.arange(n)
    return np.asarray(total * jacobian.entries(at, at))


def _of_sums(derivation: Derivation) -> Candidates:
    """Slips ``=`` where ``+=`` belongs: at a node that is read twice, or over two passes."""
    graph = derivation.evaluation.graph
    read: dict[int, int] = {derivation.target: max(len(derivation.starts), 1)}
    for edge in derivation.edges:
        read[edge.parent] = read.get(edge.parent, 0) + 1
    several = [n for n, count in read.items() if count > 1]
    for n in several[: _affordable(derivation)]:
        name = label(graph, n)
        for kept, which in (("last", said("the last one")), ("first", said("the first one"))):
            text = said("the contributions to {gradient} are not added up: {which} stands alone",
                        gradient=f"{name}.grad", which=which)  # fmt: skip
            slip = Slip(said("= for +="), text, node=n)
            yield slip, derivation.altered(Overwritten(n, "last" if kept == "last" else "first"))


def _of_edges(derivation: Derivation) -> Candidates:
    """Slips in the local derivative of one edge."""
    graph = derivation.evaluation.graph
    edges = derivation.edges[: _affordable(derivation)]
    for kind in EDGE_SLIPS:
        for edge in edges:
            at = EdgeAt(derivation.evaluation, edge)
            if not kind.applies(at):
                continue
            y, x = label(graph, edge.node), label(graph, edge.parent)
            made = y if graph.nodes[edge.node].name else applied(graph, edge.node)
            text = about(kind.text, y=y, x=x, made=made, op=graph.nodes[edge.node].op)
            for way in kind.ways:
                pull = partial(way, at)
                yield Slip(kind.name, text, edge=edge), derivation.altered(Altered(edge, pull))


def _affordable(derivation: Derivation) -> int:
    """How many derivations may be tried; those nearest to the output come first."""
    pulls = sum(sum(map(len, walk.arguments)) for walk, _ in derivation.starts)
    return _MOST_PULLS // max(pulls, 1)


def _ratio(derivation: Derivation) -> tuple[Slip, ...]:
    """A factor that is the same for all entries; of one entry alone only a simple one."""
    claim, truth = derivation.claim.value.ravel(), derivation.truth.ravel()
    nonzero = np.flatnonzero(truth)
    if not len(nonzero) or not np.isfinite(truth).all():
        return ()
    ratio = float(claim[nonzero[0]] / truth[nonzero[0]])
    whole = max(abs(ratio), 1 / abs(ratio)) if ratio else 0.0
    is_simple = 1 < whole <= 12 and abs(whole - round(whole)) < NEAREST * whole
    if not ratio or not (len(nonzero) > 1 or is_simple):
        return ()
    if not _gives(derivation, ratio * derivation.truth):
        return ()
    named = f"1/{round(whole)}" if is_simple and abs(ratio) < 1 else number(abs(ratio))
    text = said("it is {factor} times the right one: a factor is wrong",
                factor=f"{'−' if ratio < 0 else ''}{named}")  # fmt: skip
    return (Slip(said("factor"), text),)


_MOST_ROWS: Final = 32
"""Rows of one Jacobian at a kink, and columns of such a row, that are measured."""

_MOST_KINKS: Final = 256
"""Partials at kinks of all edges together."""


def of_kinks(derivation: Derivation, edges: Sequence[Edge]) -> Candidates:
    """Slips at kinks: the slope from one side, half of both, or one of several that tie."""
    left = _MOST_KINKS
    for edge in edges:
        found = _kinks(derivation.evaluation, edge, left)
        left -= len(found)
        if not found:
            continue
        for chosen, text in _CHOICES:
            slopes = chosen(found)
            slip = Slip(said("convention"), _text(derivation, edge, found, slopes, text), edge=edge)
            pull = partial(_pulled, derivation.evaluation, edge, slopes)
            yield slip, derivation.altered(Altered(edge, pull))


def _kinks(evaluation: Evaluation, edge: Edge, most: int) -> Kinks:
    """The partials at a kink, with their slopes on either side; the first few."""
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
    return said(
        "{op} has a kink at {x}, where its slope {slope} is a convention ({convention}); "
        "{other}, {chosen}, is another",
        op=node.op,
        x=x,
        slope=number(jacobian.entry(j, i)),
        convention="" if node.rule is None else said(node.rule.convention),
        other=number(slopes[j, i]),
        chosen=chosen,
    )


def _of_ties(kinks: Kinks, *, is_first: bool) -> dict[tuple[int, int], float]:
    """The slip that one of the entries that tie gets all, the others nothing."""
    chosen = dict(sorted(kinks, reverse=is_first))  # of each row the one that is listed last
    return {
        (j, i): max(both, key=abs) if chosen[j] == i else min(both, key=abs)
        for (j, i), both in kinks.items()
    }


_CHOICES: Final[tuple[tuple[Choice, str], ...]] = (
    (
        lambda kinks: {at: both.right for at, both in kinks.items()},
        said("the slope from the right"),
    ),
    (lambda kinks: {at: both.left for at, both in kinks.items()}, said("the slope from the left")),
    (lambda kinks: {at: sum(both) / 2 for at, both in kinks.items()}, said("half of both sides")),
    (lambda kinks: _of_ties(kinks, is_first=True), said("where the first that ties gets all")),
    (lambda kinks: _of_ties(kinks, is_first=False), said("where the last that ties gets all")),
    (lambda kinks: dict.fromkeys(kinks, 0.0), said("where nothing gets anything")),
)


_MOST_MEANS: Final = 16
_MOST_PASS_ROWS: Final = 64
"""Rows of a table that are tried as padding."""


def of_nothing(derivation: Derivation) -> Candidates:
    """Slips of a claim that is all 0; a row of a table that is 0 may be meant as padding."""
    claim = derivation.claim
    if claim.wrt is not None:
        return
    yield from _padding(derivation)
    name = label(derivation.evaluation.graph, derivation.target)
    text = said("none of the contributions to what is claimed of {gradient} is there",
                gradient=f"{name}.grad")  # fmt: skip
    yield Slip(said("nothing arrives"), text), np.zeros_like(derivation.truth)


def _padding(derivation: Derivation) -> Candidates:
    evaluation = derivation.evaluation
    for edge in derivation.edges:
        if evaluation.graph.nodes[edge.node].op != "embedding":
            continue
        table = evaluation.value(edge.parent)
        ids = np.unique(evaluation.value(evaluation.graph.nodes[edge.node].parents[0]))
        for row in np.rint(ids[np.isfinite(ids)])[:_MOST_PASS_ROWS].astype(int).tolist():
            if not 0 <= row < len(table):
                continue
            name = label(evaluation.graph, edge.parent)
            text = said(
                "none of the contributions to row {row} of {name} is there; if it is meant as "
                "padding, the op must be told: {how}",
                row=row,
                name=name,
                how=f"padding_idx={row}",
            )
            pull = partial(_without_row, row)
            yield Slip(said("padding row"), text), derivation.altered(Altered(edge, pull))


def _without_row(row: int, _v: Array, pulled: Array) -> Array:
    found = np.array(pulled)
    found[row] = 0
    return found


def of_passes(derivation: Derivation) -> Candidates:
    """Slips about several passes: what an earlier one left, and their sum."""
    claim, runs = derivation.claim, derivation.runs
    if claim.wrt is not None:
        return
    if derivation.evaluation.is_input(claim.node) and len(runs) < claim.after:
        text = said("the gradients of the passes before it are still there")
        yield Slip(said("forgotten zero_grad"), text), derivation.without_zero_grad()
    if len(runs) < 2:
        return
    text = said(
        "the adjoints of inner nodes are kept from the pass before, and pulled back once more: "
        "only gradients of inputs add up over passes"
    )
    for is_added in (False, True):
        yield (
            Slip(said("stale adjoints"), text, is_of_pass=True),
            derivation.stale(is_added=is_added),
        )
    text = said(
        "the gradients of {count} passes are averaged, where passes add up", count=len(runs)
    )
    seeds = [run.seed / len(runs) for run in runs]
    yield Slip(said("averaged passes"), text, is_of_pass=True), derivation.altered(None, seeds)


def of_means(derivation: Derivation, edges: Sequence[Edge]) -> Candidates:
    """The slip of one mean over everything where there are several means of parts."""
    found = [EdgeAt(derivation.evaluation, edge) for edge in edges]
    means = [at for at in found if at.is_mean and not at.node.shape]
    counts = [at.mean_count for at in means]
    total = sum(counts)
    if not 1 < len(means) <= _MOST_MEANS or not total:
        return
    text = said(
        "the mean is taken over all {total} at once; here {count} means, of {sizes}, are "
        "taken apart, and in a mean of means a small part weighs as much as a large one",
        total=f"{total:g}",
        count=len(means),
        sizes=all_of(f"{count:g}" for count in counts),
    )
    for all_together in (1.0, float(len(means))):
        parts = {
            at.edge: Altered(at.edge, partial(_scaled, all_together * count / total))
            for at, count in zip(means, counts, strict=True)
        }
        yield (
            Slip(said("mean of means"), text, edge=means[0].edge),
            derivation.altered(Together(parts)),
        )


def _scaled(factor: float, _v: Array, pulled: Array) -> Array:
    return pulled * factor
