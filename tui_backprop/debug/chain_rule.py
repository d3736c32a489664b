"""What there is to say of ∂y/∂x as a product of local Jacobians: its paths, and what it costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from tui_backprop.graph.naming import label
from tui_backprop.graph.path_product import MOST_COUNTED, cost, forward_cost, shapes_of
from tui_backprop.language.message import about, joined, said

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.path_product import Product


_MOST_NAMED: Final = 9
"""Nodes of a path that are named; of a longer one the first and the last."""
_MOST_ADDED: Final = 6
"""Numbers whose sum is written out."""


def product_sentences(
    evaluation: Evaluation, found: Product, *, is_forward: bool = False
) -> Iterator[str]:
    """Which paths there are, and why a mode multiplies from its own side.

    Args:
        evaluation: whose nodes.
        found: the product.
        is_forward: whether t comes from the right, where else v comes from the left.
    """
    graph = evaluation.graph
    names = {"y": label(graph, found.of), "x": label(graph, found.wrt)}
    if found.of == found.wrt:
        yield said("{y} by itself: J is the identity, and there is nothing to multiply.", **names)
        return
    if not found.chain:
        yield said("No path leads from {y} down to {x}: every partial is 0.", **names)
        return
    yield _paths(evaluation, found)
    if found.factors is None:
        yield said("The matrices of this path have too many entries to be multiplied out here.")
    yield from _costs(evaluation, found, is_forward=is_forward)


def path_text(evaluation: Evaluation, found: Product) -> str:
    """The nodes of the path, ``loss ← h ← X``, as they are called in code."""
    graph = evaluation.graph
    nodes = [found.of, *(edge.parent for edge in found.chain)]
    names = [label(graph, n) for n in nodes]
    if len(names) > _MOST_NAMED:
        half = _MOST_NAMED // 2
        names = [*names[:half], "…", *names[-half:]]
    return joined(" ← ", names)


def _paths(evaluation: Evaluation, found: Product) -> str:
    path = path_text(evaluation, found)
    if found.count == 1:
        return said("One path leads there: {path}.", path=path)
    count = f"{found.count:,}"
    if found.count >= MOST_COUNTED:
        count = said("More than {count}", count=f"{MOST_COUNTED - 1:,}")
    told = {
        "current": said(
            "{count} paths lead there, and their products add up. This step is on {path}.",
            count=count, path=path,
        ),
        "strongest": said(
            "{count} paths lead there, and their products add up. The largest is that of {path}.",
            count=count, path=path,
        ),
        "shortest": said(
            "{count} paths lead there, and their products add up. The shortest is {path}.",
            count=count, path=path,
        ),
    }  # fmt: skip
    return told[found.choice]


def _costs(evaluation: Evaluation, found: Product, *, is_forward: bool) -> Iterator[str]:
    shapes = shapes_of(evaluation, found.chain)
    if len(shapes) == 1:
        yield _cost_of_one(*shapes[0], is_forward=is_forward)
        return
    names = {"y": label(evaluation.graph, found.of), "x": label(evaluation.graph, found.wrt)}
    if is_forward:
        spent = forward_cost(shapes)
        yield from _compared(_T_FIRST, spent.right, spent.left, names)
    else:
        spent = cost(shapes)
        yield from _compared(_V_FIRST, spent.left, spent.right, names)


def _cost_of_one(m: int, n: int, *, is_forward: bool) -> str:
    if m * n == 1:
        times = "J · t" if is_forward else "v · J"
        return said("One matrix of one number: {product} takes one multiplication.", product=times)
    counts = {"m": m, "n": n, "count": f"{m * n:,}"}
    if is_forward:
        return said("One matrix: J · t takes {m} × {n} = {count} multiplications.", **counts)
    return said("One matrix: v · J takes {m} × {n} = {count} multiplications.", **counts)


class _Side(NamedTuple):
    """What is said of multiplying from a mode's own side, and from the other.

    Attributes:
        own: what it takes from the own side; a field ``sum``, as ``other`` has.
        other: what it takes from the other side.
        cheaper: where the own side is cheaper.
        dearer: where it is not; fields ``x`` and ``y``.
        equal: where both cost the same.
    """

    own: str
    other: str
    cheaper: str
    dearer: str
    equal: str


_V_FIRST: Final = _Side(
    said("From the left, with v first, each product is a row times a matrix: {sum} "
         "multiplications.", sum=""),
    said("From the right, the matrices first and v last: {sum} multiplications.", sum=""),
    said("Reverse mode goes from the left: v keeps all that is carried along one row."),
    said("Here the right is cheaper, as {x} has fewer entries than {y}: so forward mode goes.",
         x="", y=""),
    said("Here both cost the same. From the left, what is carried along is one row of v."),
)  # fmt: skip
_T_FIRST: Final = _Side(
    said("From the right, with t first, each product is a matrix times a column: {sum} "
         "multiplications.", sum=""),
    said("From the left, the matrices first and t last: {sum} multiplications.", sum=""),
    said("Forward mode goes from the right: t keeps all that is carried along one column."),
    said("Here the left is cheaper, as {y} has fewer entries than {x}: so reverse mode goes.",
         x="", y=""),
    said("Here both cost the same. From the right, what is carried along is one column."),
)  # fmt: skip


def _compared(
    told: _Side, own: tuple[int, ...], other: tuple[int, ...], names: Mapping[str, str]
) -> Iterator[str]:
    """What both sides take, stage by stage, and which is cheaper."""
    yield about(told.own, sum=_added(own))
    yield about(told.other, sum=_added(other))
    if sum(own) < sum(other):
        yield told.cheaper
    elif sum(own) > sum(other):
        yield about(told.dearer, **names)
    else:
        yield told.equal


def _added(numbers: tuple[int, ...]) -> str:
    """``9 + 12 = 21``; of many the sum alone."""
    total = f"{sum(numbers):,}"
    if len(numbers) == 1 or len(numbers) > _MOST_ADDED:
        return total
    return f"{' + '.join(f'{n:,}' for n in numbers)} = {total}"
