"""Slips that forget a constant of a local derivative: the 2 of a square, the 1/n of a mean."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.debug.claims.slip import EdgeSlip, node_of, operands_of, vjp_at
from tui_backprop.rules.shapes import unbroadcast
from tui_backprop.rules.targets import samples_of

if TYPE_CHECKING:
    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.model import Edge
    from tui_backprop.rules.types import Array


def _without_constant(evaluation: Evaluation, edge: Edge, _v: Array, pulled: Array) -> Array | None:
    return pulled * _unscaled(evaluation, edge)


def _has_constant(evaluation: Evaluation, edge: Edge) -> bool:
    return _unscaled(evaluation, edge) != 1


def _unscaled(evaluation: Evaluation, edge: Edge) -> float:
    rule = node_of(evaluation, edge).rule
    return 1.0 if rule is None else rule.traits.unscaled


def _is_base(evaluation: Evaluation, edge: Edge) -> bool:
    """Whether the operand is raised to a power."""
    return node_of(evaluation, edge).op in {"power", "float_power"} and edge.argument == 0


def _exponent_stays_up(evaluation: Evaluation, edge: Edge, v: Array, pulled: Array) -> Array | None:
    """X^(n − 1) where n·x^(n − 1) belongs."""
    base, exponent = operands_of(evaluation, edge)
    return unbroadcast(v * base ** (exponent - 1), pulled.shape)


def _exponent_stays(evaluation: Evaluation, edge: Edge, v: Array, pulled: Array) -> Array | None:
    """N·x^n where n·x^(n − 1) belongs."""
    base, exponent = operands_of(evaluation, edge)
    return unbroadcast(v * exponent * base**exponent, pulled.shape)


def is_mean(evaluation: Evaluation, edge: Edge) -> bool:
    """Whether the edge's node is a mean, alone or as the end of a loss."""
    node = node_of(evaluation, edge)
    return node.op == "mean" or node.params.get("reduction") == "mean"


def mean_count(evaluation: Evaluation, edge: Edge) -> float:
    """Over how many entries the mean is; of a loss over classes those that count."""
    nodes = evaluation.graph.nodes
    node, x = nodes[edge.node], nodes[edge.parent]
    if node.op not in {"cross_entropy", "nll"}:
        return x.size / max(node.size, 1)
    labels = nodes[node.parents[1]]
    if len(labels.shape) == len(x.shape):
        return float(prod(samples_of(x.shape)))
    counted = evaluation.value(labels.id) != node.params["ignore_index"]
    return float(np.count_nonzero(counted))


def _is_sum(evaluation: Evaluation, edge: Edge) -> bool:
    node = node_of(evaluation, edge)
    return node.op == "sum" or node.params.get("reduction") == "sum"


def _summed(evaluation: Evaluation, edge: Edge, v: Array, pulled: Array) -> Array | None:
    """The slip of leaving out the division of a mean."""
    if node_of(evaluation, edge).op == "mean":
        return pulled * mean_count(evaluation, edge)
    return _reduced_by(evaluation, edge, v, "sum")


def _averaged(evaluation: Evaluation, edge: Edge, v: Array, pulled: Array) -> Array | None:
    """The slip of dividing a sum as if it were a mean."""
    if node_of(evaluation, edge).op == "sum":
        return pulled / max(mean_count(evaluation, edge), 1)
    return _reduced_by(evaluation, edge, v, "mean")


def _reduced_by(evaluation: Evaluation, edge: Edge, v: Array, reduction: str) -> Array:
    params = {**node_of(evaluation, edge).params, "reduction": reduction}
    operands = operands_of(evaluation, edge)
    return vjp_at(evaluation, edge, v, evaluation.value(edge.node), operands, params)


def _has_samples(evaluation: Evaluation, edge: Edge) -> bool:
    """Whether it is a mean over samples, some of which may be ignored."""
    node = node_of(evaluation, edge)
    return is_mean(evaluation, edge) and node.op in {"cross_entropy", "nll"}


def _over_all(evaluation: Evaluation, edge: Edge, _v: Array, pulled: Array) -> Array | None:
    """The slip of dividing by all samples, the ignored ones too."""
    samples: int = prod(samples_of(evaluation.graph.nodes[edge.parent].shape))
    return pulled * (mean_count(evaluation, edge) / max(samples, 1))


EXPONENT_NOT_LOWERED: Final = EdgeSlip(
    "exponent not lowered",
    "the exponent in {made} is brought down, and not made smaller by 1",
    (_exponent_stays,),
    _is_base,
)

CONSTANT_SLIPS: Final = (
    EdgeSlip(
        "forgotten constant",
        "the constant in d{y}/d{x} of {op} is forgotten, such as the 2 of a square",
        (_without_constant,),
        _has_constant,
    ),
    EdgeSlip(
        "forgotten exponent",
        "the exponent in {made} is not brought down as a factor",
        (_exponent_stays_up,),
        _is_base,
    ),
    EdgeSlip(
        "forgotten 1/n",
        "{made} is a mean, and its 1/n is forgotten: as if it were a sum",
        (_summed,),
        is_mean,
    ),
    EdgeSlip(
        "1/n too much",
        "{made} is a sum, and is divided by n as if it were a mean",
        (_averaged,),
        _is_sum,
    ),
    EdgeSlip(
        "ignored samples counted",
        "{made} is a mean, and is divided by the number of all samples, the ignored ones too",
        (_over_all,),
        _has_samples,
    ),
)
