"""Slips in one local derivative: another VJP for the same edge.

Each takes the evaluation, the edge, v and the true ``vᵀJ``, and gives the wrong VJP, or None where
the slip cannot occur.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.graph.jacobian import LocalJacobian, picked
from tui_backprop.rules.derivative import Operand, Scalar
from tui_backprop.rules.ops.softmax import softmax
from tui_backprop.rules.shapes import unbroadcast
from tui_backprop.rules.sparsity import Tied, pattern_entries
from tui_backprop.rules.targets import class_axis, samples_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.model import Edge, Node
    from tui_backprop.rules.types import Array, Params


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


@dataclass(frozen=True, slots=True)
class EdgeSlip:
    """A kind of mistake that is made at one edge.

    Attributes:
        name: in a few words.
        text: with ``{y}``, ``{x}``, ``{op}``, and ``{made}`` for y as the program writes it.
        ways: the wrong VJPs that it may mean.
        applies: whether the edge's op has it at all.
    """

    name: str
    text: str
    ways: tuple[Callable[[Evaluation, Edge, Array, Array], Array | None], ...]
    applies: Callable[[Evaluation, Edge], bool]


def node_of(evaluation: Evaluation, edge: Edge) -> Node:
    """The node that the edge leads back from."""
    return evaluation.graph.nodes[edge.node]


def operands_of(evaluation: Evaluation, edge: Edge) -> list[Any]:
    """The values of its operands."""
    return [evaluation.value(p) for p in node_of(evaluation, edge).parents]


def always(_evaluation: Evaluation, _edge: Edge) -> bool:
    """True: any edge may have the slip."""
    return True


def vjp_at(
    evaluation: Evaluation,
    edge: Edge,
    v: Array,
    y: Array,
    operands: list[Any],
    params: Params | None = None,
) -> Array:
    """``vᵀJ`` at other numbers or static arguments, before the sum over stretched axes."""
    node = node_of(evaluation, edge)
    if node.rule is None:
        raise AssertionError("a leaf has no derivative")
    given = node.params if params is None else params
    found = node.rule.derivative(edge.argument).vjp(v, y, tuple(operands), given)
    return np.asarray(found)


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


_MOST_ENTRIES: Final = 20_000
"""Partials of one Jacobian that are looked at one by one."""


_PRODUCTS: Final = frozenset({"matmul", "dot"})
"""Of matrices, one of which a slip transposes or not."""


def _overlaps(evaluation: Evaluation, edge: Edge) -> bool:
    """Whether an entry is read by several windows, or picked more than once."""
    pattern = evaluation.patterns.of(edge)
    return not isinstance(pattern, Tied) and 0 < pattern.nonzeros <= _MOST_ENTRIES


def _overwritten(evaluation: Evaluation, edge: Edge, v: Array, *, is_first: bool) -> Array:
    """The slip ``x.grad[window] = …`` where ``+=`` belongs: one contribution of an entry stays."""
    jacobian = LocalJacobian(evaluation, edge)
    n = jacobian.shape[1]
    j, i = pattern_entries(jacobian.sparsity, range(n))
    partials = jacobian.entries(j, i)
    written = np.flatnonzero(partials)  # a window writes to what it passes v to
    j, i, partials = j[written], i[written], partials[written]
    contributions = jacobian.contribution(picked(v, j), partials)
    chosen = i[::-1] if not is_first else i
    at, where = np.unique(chosen, return_index=True)
    where = len(i) - 1 - where if not is_first else where
    found = np.zeros(n, dtype=contributions.dtype)
    found[at] = contributions[where]
    return found.reshape(evaluation.value(edge.parent).shape)


def _last_window(evaluation: Evaluation, edge: Edge, v: Array, _pulled: Array) -> Array | None:
    return _overwritten(evaluation, edge, v, is_first=False)


def _first_window(evaluation: Evaluation, edge: Edge, v: Array, _pulled: Array) -> Array | None:
    return _overwritten(evaluation, edge, v, is_first=True)


def _is_square(evaluation: Evaluation, edge: Edge) -> bool:
    """Whether entries act on each other, and there are as many as they make."""
    node = node_of(evaluation, edge)
    is_dense = node.rule is not None and not node.rule.elementwise
    return is_dense and evaluation.graph.nodes[edge.parent].shape == node.shape


def _diagonal(evaluation: Evaluation, edge: Edge, v: Array, pulled: Array) -> Array | None:
    """The slip of the diagonal alone: only ∂y_i/∂x_i, as p·(1 − p) of a softmax."""
    at = np.arange(v.size)
    if v.size > _MOST_ENTRIES:
        return None
    jacobian = LocalJacobian(evaluation, edge)
    found = jacobian.contribution(picked(v, at), jacobian.entries(at, at))
    return np.asarray(found.reshape(pulled.shape))


def _pushed(evaluation: Evaluation, edge: Edge, v: Array, _pulled: Array) -> Array | None:
    """The slip J·v where vᵀJ belongs."""
    node = node_of(evaluation, edge)
    if node.rule is None or node.op in _PRODUCTS:
        return None
    operands = tuple(operands_of(evaluation, edge))
    y = evaluation.value(edge.node)
    found = node.rule.derivative(edge.argument).jvp(v, y, operands, node.params)
    return np.asarray(found)


def _has_probabilities(evaluation: Evaluation, edge: Edge) -> bool:
    """Whether it is a cross entropy by its scores whose labels are written out."""
    node, nodes = node_of(evaluation, edge), evaluation.graph.nodes
    if node.op != "cross_entropy" or edge.argument != 0 or len(node.parents) > 2:
        return False
    return nodes[node.parents[1]].shape == nodes[edge.parent].shape


def _p_minus_t(evaluation: Evaluation, edge: Edge, v: Array, pulled: Array) -> Array | None:
    """The slip p − t where labels of a sample do not add up to 1, so that p·Σt − t belongs."""
    node = node_of(evaluation, edge)
    x, t = operands_of(evaluation, edge)
    axis, is_mean = class_axis(x.ndim), node.params["reduction"] == "mean"
    missing = (1 - node.params["label_smoothing"]) * (1 - np.sum(t, axis=axis, keepdims=True))
    samples = prod(samples_of(x.shape)) if is_mean else 1
    each = np.expand_dims(v, axis) if node.params["reduction"] == "none" else v
    return np.asarray(pulled + each * missing * softmax(np, x, axis) / max(samples, 1))


STRUCTURE_SLIPS: Final = (
    EdgeSlip(
        "= for +=",
        "{made} reads some entry of {x} more than once, and its contributions are not added "
        "up: one of them stands alone",
        (_last_window, _first_window),
        _overlaps,
    ),
    EdgeSlip(
        "labels that do not add up to 1",
        "d{y}/d{x} is taken to be p - t, which is right where the labels of each sample add up "
        "to 1; here it is p·Σt - t",
        (_p_minus_t,),
        _has_probabilities,
    ),
    EdgeSlip(
        "only the diagonal",
        "of the Jacobian of {op} only the diagonal is used, each d{y}[i]/d{x}[i]",
        (_diagonal,),
        _is_square,
    ),
    EdgeSlip(
        "J and not its transpose",
        "the Jacobian of {op} is multiplied with v from the wrong side: J·v where vᵀJ belongs",
        (_pushed,),
        _is_square,
    ),
)


def _is_elementwise(evaluation: Evaluation, edge: Edge) -> bool:
    rule = node_of(evaluation, edge).rule
    return rule is not None and rule.elementwise


def _is_stretched(evaluation: Evaluation, edge: Edge) -> bool:
    """Whether the operand was repeated to the shape of the result."""
    nodes = evaluation.graph.nodes
    shapes = nodes[edge.parent].shape, nodes[edge.node].shape
    return _is_elementwise(evaluation, edge) and shapes[0] != shapes[1] and 0 not in shapes[1]


def _is_product(evaluation: Evaluation, edge: Edge) -> bool:
    return node_of(evaluation, edge).op in _PRODUCTS


def _other_transposed(evaluation: Evaluation, edge: Edge, v: Array, _pulled: Array) -> Array | None:
    """The slip W v where Wᵀ v belongs; only a square W allows it."""
    operands = operands_of(evaluation, edge)
    other = 1 - edge.argument
    if operands[other].ndim != 2 or operands[other].shape[0] != operands[other].shape[1]:
        return None
    operands[other] = operands[other].T
    return vjp_at(evaluation, edge, v, evaluation.value(edge.node), operands)


def _result_transposed(
    _evaluation: Evaluation, _edge: Edge, _v: Array, pulled: Array
) -> Array | None:
    """The slip v xᵀ where x vᵀ belongs."""
    return pulled.T if pulled.ndim == 2 and pulled.shape[0] == pulled.shape[1] else None


def _at_output(evaluation: Evaluation, edge: Edge, v: Array, pulled: Array) -> Array | None:
    """The slip f'(y) where f'(x) belongs."""
    node = node_of(evaluation, edge)
    operands = operands_of(evaluation, edge)
    operands[edge.argument] = evaluation.value(edge.node)
    if node.rule is None:
        return None
    y = np.asarray(node.rule.forward(np, *operands, **node.params))
    return unbroadcast(vjp_at(evaluation, edge, v, y, operands), pulled.shape)


def _one(_evaluation: Evaluation, _edge: Edge, v: Array, pulled: Array) -> Array | None:
    """The slip v where v · f'(x) belongs."""
    return unbroadcast(v, pulled.shape)


def _turned(_evaluation: Evaluation, _edge: Edge, _v: Array, pulled: Array) -> Array | None:
    return -pulled


def _slice(nth: int, evaluation: Evaluation, edge: Edge, v: Array, pulled: Array) -> Array | None:
    """The slip of one contribution of a repeated operand where their sum belongs."""
    whole = vjp_at(evaluation, edge, v, evaluation.value(edge.node), operands_of(evaluation, edge))
    shape = pulled.shape
    extra = whole.ndim - len(shape)
    aligned = (1,) * extra + shape
    index = tuple(
        slice(nth, nth + 1 or None) if own == 1 and n != 1 else slice(None)
        for own, n in zip(aligned, whole.shape, strict=True)
    )
    return whole[index].reshape(shape)


def _first(evaluation: Evaluation, edge: Edge, v: Array, pulled: Array) -> Array | None:
    return _slice(0, evaluation, edge, v, pulled)


def _last(evaluation: Evaluation, edge: Edge, v: Array, pulled: Array) -> Array | None:
    return _slice(-1, evaluation, edge, v, pulled)


def _at_input(evaluation: Evaluation, edge: Edge, v: Array, pulled: Array) -> Array | None:
    """The slip of a slope written in y, as y·(1 − y), with x put in for y."""
    operands = operands_of(evaluation, edge)
    x = np.broadcast_to(operands[edge.argument], evaluation.value(edge.node).shape)
    return unbroadcast(vjp_at(evaluation, edge, v, x, operands), pulled.shape)


def _keeps_shape(evaluation: Evaluation, edge: Edge) -> bool:
    """Whether an op of one operand gives the same shape."""
    node = node_of(evaluation, edge)
    return len(node.parents) == 1 and evaluation.graph.nodes[edge.parent].shape == node.shape


def _own_factor(evaluation: Evaluation, edge: Edge, v: Array, pulled: Array) -> Array | None:
    """The slip v · x where v · y belongs."""
    return unbroadcast(v * operands_of(evaluation, edge)[edge.argument], pulled.shape)


def _is_multiplied(evaluation: Evaluation, edge: Edge) -> bool:
    """Whether the partial is another operand as it is."""
    rule = node_of(evaluation, edge).rule
    derivative = None if rule is None else rule.derivative(edge.argument)
    return isinstance(derivative, Scalar) and isinstance(derivative.partial, Operand)


def _nothing(_evaluation: Evaluation, _edge: Edge, _v: Array, pulled: Array) -> Array | None:
    return np.zeros_like(pulled)


EDGE_SLIPS: Final = (
    EdgeSlip(
        "missing transpose",
        "a matrix is not transposed on the way back from {made} to {x}",
        (_other_transposed, _result_transposed),
        _is_product,
    ),
    *CONSTANT_SLIPS,
    *STRUCTURE_SLIPS,
    EdgeSlip(
        "forgotten sum",
        "{x} is repeated to the shape of {made}, and its contributions are not added up over the "
        "repeated axis",
        (_first, _last),
        _is_stretched,
    ),
    EdgeSlip(
        "derivative at the output",
        "the slope of {op} is taken at the output {y} instead of the input {x}",
        (_at_output,),
        _is_elementwise,
    ),
    EXPONENT_NOT_LOWERED,
    EdgeSlip(
        "derivative at the input",
        "the slope of {op}, written in its output, is taken at the input {x} instead of the "
        "output {y}",
        (_at_input,),
        _keeps_shape,
    ),
    EdgeSlip(
        "forgotten factor",
        "the factor d{y}/d{x} of {op} is left out of the chain",
        (_one,),
        _is_elementwise,
    ),
    EdgeSlip(
        "own factor",
        "d{y}/d{x} of a product is taken to be {x} itself instead of what it is multiplied by",
        (_own_factor,),
        _is_multiplied,
    ),
    EdgeSlip("sign of a factor", "the sign of d{y}/d{x} of {op} is turned", (_turned,), always),
    EdgeSlip("missing path", "{made} sends nothing back to {x}", (_nothing,), always),
)
"""In this order: the more telling first."""
