"""Slips in one local derivative: another VJP for the same edge.

Each is given the edge, v and the true ``vᵀJ``, and gives the wrong VJP, or None where the slip
cannot occur.
"""

from __future__ import annotations

from functools import partial
from math import prod
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.graph.jacobian import LocalJacobian, picked
from tui_backprop.language.message import said
from tui_backprop.rules.derivative import Operand, Scalar
from tui_backprop.rules.ops.losses.targets import class_axis, samples_of
from tui_backprop.rules.ops.network.softmax import softmax
from tui_backprop.rules.shapes import unbroadcast
from tui_backprop.rules.sparsity import Tied, pattern_entries

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.model import Edge, Node
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array

    Way: TypeAlias = "Callable[[EdgeAt, Array, Array], Array | None]"

_MOST_ENTRIES: Final = 20_000
"""Partials of one Jacobian that are looked at one by one."""

_PRODUCTS: Final = frozenset({"matmul", "dot"})
"""Of matrices, one of which a slip transposes or not."""

_OF_CLASSES: Final = frozenset({"cross_entropy", "nll"})
"""Losses whose mean leaves out samples that are ignored."""


@dataclass(frozen=True, slots=True)
class EdgeAt:
    """An edge on some numbers.

    Attributes:
        evaluation: the numbers.
        edge: which leads back from a node to one of its operands.
    """

    evaluation: Evaluation
    edge: Edge

    @property
    def node(self) -> Node:
        """The node that the edge leads back from."""
        return self.evaluation.graph.nodes[self.edge.node]

    @property
    def rule(self) -> Rule:
        """The row of its op."""
        if self.node.rule is None:
            raise AssertionError("a leaf has no derivative")
        return self.node.rule

    @property
    def x(self) -> Node:
        """The operand that the edge leads to."""
        return self.evaluation.graph.nodes[self.edge.parent]

    @property
    def y(self) -> Array:
        """The value of the node."""
        return self.evaluation.value(self.edge.node)

    @property
    def operands(self) -> list[Any]:
        """The values of all operands, in a list of its own."""
        return [self.evaluation.value(p) for p in self.node.parents]

    def vjp(self, v: Array, y: Array, operands: list[Any], **params: Any) -> Array:
        """``vᵀJ`` at other numbers or static arguments, before the sum over stretched axes."""
        given = {**self.node.params, **params}
        return np.asarray(self.rule.derivative(self.edge.argument).vjp(v, y, (*operands,), given))

    @property
    def is_mean(self) -> bool:
        """Whether the node is a mean, alone or as the end of a loss."""
        return self._reduces_by("mean")

    @property
    def is_sum(self) -> bool:
        """Whether the node is a sum, alone or as the end of a loss."""
        return self._reduces_by("sum")

    def _reduces_by(self, word: str) -> bool:
        return self.node.op == word or self.node.params.get("reduction") == word

    @property
    def mean_count(self) -> float:
        """Over how many entries a mean is; of a loss over classes those that count."""
        if self.node.op not in _OF_CLASSES:
            return self.x.size / max(self.node.size, 1)
        labels = self.evaluation.graph.nodes[self.node.parents[1]]
        if len(labels.shape) == len(self.x.shape):
            return float(prod(samples_of(self.x.shape)))
        counted = self.evaluation.value(labels.id) != self.node.params["ignore_index"]
        return float(np.count_nonzero(counted))


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
    ways: tuple[Way, ...]
    applies: Callable[[EdgeAt], bool] = lambda _at: True


def _is_base(at: EdgeAt) -> bool:
    """Whether the operand is raised to a power."""
    return at.node.op in {"power", "float_power"} and at.edge.argument == 0


def _exponent_stays_up(at: EdgeAt, v: Array, pulled: Array) -> Array:
    """X^(n − 1) where n·x^(n − 1) belongs."""
    base, exponent = at.operands
    return unbroadcast(v * base ** (exponent - 1), pulled.shape)


def _exponent_stays(at: EdgeAt, v: Array, pulled: Array) -> Array:
    """N·x^n where n·x^(n − 1) belongs."""
    base, exponent = at.operands
    return unbroadcast(v * exponent * base**exponent, pulled.shape)


def _summed(at: EdgeAt, v: Array, pulled: Array) -> Array:
    """The slip of leaving out the division of a mean."""
    if at.node.op == "mean":
        return pulled * at.mean_count
    return at.vjp(v, at.y, at.operands, reduction="sum")


def _averaged(at: EdgeAt, v: Array, pulled: Array) -> Array:
    """The slip of dividing a sum as if it were a mean."""
    if at.node.op == "sum":
        return pulled / max(at.mean_count, 1)
    return at.vjp(v, at.y, at.operands, reduction="mean")


def _over_all(at: EdgeAt, _v: Array, pulled: Array) -> Array:
    """The slip of dividing by all samples, the ignored ones too."""
    samples: int = prod(samples_of(at.x.shape))
    return pulled * (at.mean_count / max(samples, 1))


_NAMED: Final = {name: f"{{{name}}}" for name in ("y", "x", "op", "made")}
"""What the text of a slip says of no edge yet."""

_EXPONENT_NOT_LOWERED: Final = EdgeSlip(
    said("exponent not lowered"),
    said("the exponent in {made} is brought down, and not made smaller by 1", **_NAMED),
    (_exponent_stays,),
    _is_base,
)

_CONSTANT_SLIPS: Final = (
    EdgeSlip(
        said("forgotten constant"),
        said("the constant in d{y}/d{x} of {op} is forgotten, such as the 2 of a square", **_NAMED),
        (lambda at, _v, pulled: pulled * at.rule.traits.unscaled,),
        lambda at: at.rule.traits.unscaled != 1,
    ),
    EdgeSlip(
        said("forgotten exponent"),
        said("the exponent in {made} is not brought down as a factor", **_NAMED),
        (_exponent_stays_up,),
        _is_base,
    ),
    EdgeSlip(
        said("forgotten 1/n"),
        said("{made} is a mean, and its 1/n is forgotten: as if it were a sum", **_NAMED),
        (_summed,),
        lambda at: at.is_mean,
    ),
    EdgeSlip(
        said("1/n too much"),
        said("{made} is a sum, and is divided by n as if it were a mean", **_NAMED),
        (_averaged,),
        lambda at: at.is_sum,
    ),
    EdgeSlip(
        said("ignored samples counted"),
        said(
            "{made} is a mean, and is divided by the number of all samples, the ignored ones too",
            **_NAMED,
        ),
        (_over_all,),
        lambda at: at.is_mean and at.node.op in _OF_CLASSES,
    ),
)


def _overlaps(at: EdgeAt) -> bool:
    """Whether an entry is read by several windows, or picked more than once."""
    pattern = at.evaluation.patterns.of(at.edge)
    return not isinstance(pattern, Tied) and 0 < pattern.nonzeros <= _MOST_ENTRIES


def _overwritten(at: EdgeAt, v: Array, pulled: Array, *, is_first: bool) -> Array:
    """The slip ``x.grad[window] = …`` where ``+=`` belongs: one contribution of an entry stays."""
    jacobian = LocalJacobian(at.evaluation, at.edge)
    n = jacobian.shape[1]
    j, i = pattern_entries(jacobian.sparsity, range(n))
    partials = jacobian.entries(j, i)
    written = np.flatnonzero(partials)  # a window writes to what it passes v to
    j, i, partials = j[written], i[written], partials[written]
    contributions = jacobian.contribution(picked(v, j), partials)
    chosen = i[::-1] if not is_first else i
    places, where = np.unique(chosen, return_index=True)
    where = len(i) - 1 - where if not is_first else where
    found = np.zeros(n, dtype=contributions.dtype)
    found[places] = contributions[where]
    return found.reshape(pulled.shape)


def _is_square(at: EdgeAt) -> bool:
    """Whether entries act on each other, and there are as many as they make."""
    return not at.rule.elementwise and at.x.shape == at.node.shape


def _diagonal(at: EdgeAt, v: Array, pulled: Array) -> Array | None:
    """The slip of the diagonal alone: only ∂y_i/∂x_i, as p·(1 − p) of a softmax."""
    if v.size > _MOST_ENTRIES:
        return None
    places = np.arange(v.size)
    jacobian = LocalJacobian(at.evaluation, at.edge)
    found = jacobian.contribution(picked(v, places), jacobian.entries(places, places))
    return found.reshape(pulled.shape)


def _pushed(at: EdgeAt, v: Array, _pulled: Array) -> Array | None:
    """The slip J·v where vᵀJ belongs."""
    if at.node.op in _PRODUCTS:
        return None
    derivative = at.rule.derivative(at.edge.argument)
    return np.asarray(derivative.jvp(v, at.y, tuple(at.operands), at.node.params))


def _has_probabilities(at: EdgeAt) -> bool:
    """Whether it is a cross entropy by its scores whose labels are written out."""
    if at.node.op != "cross_entropy" or at.edge.argument != 0 or len(at.node.parents) > 2:
        return False
    return at.evaluation.graph.nodes[at.node.parents[1]].shape == at.x.shape


def _p_minus_t(at: EdgeAt, v: Array, pulled: Array) -> Array:
    """The slip p − t where labels of a sample do not add up to 1, so that p·Σt − t belongs."""
    x, t = at.operands
    axis, params = class_axis(x.ndim), at.node.params
    missing = (1 - params["label_smoothing"]) * (1 - np.sum(t, axis=axis, keepdims=True))
    samples = prod(samples_of(x.shape)) if at.is_mean else 1
    each = np.expand_dims(v, axis) if params["reduction"] == "none" else v
    return np.asarray(pulled + each * missing * softmax(np, x, axis) / max(samples, 1))


_STRUCTURE_SLIPS: Final = (
    EdgeSlip(
        said("= for +="),
        said(
            "{made} reads some entry of {x} more than once, and its contributions are not added "
            "up: one of them stands alone",
            **_NAMED,
        ),
        (partial(_overwritten, is_first=False), partial(_overwritten, is_first=True)),
        _overlaps,
    ),
    EdgeSlip(
        said("labels that do not add up to 1"),
        said(
            "d{y}/d{x} is taken to be p - t, which is right where the labels of each sample add up "
            "to 1; here it is p·Σt - t",
            **_NAMED,
        ),
        (_p_minus_t,),
        _has_probabilities,
    ),
    EdgeSlip(
        said("only the diagonal"),
        said("of the Jacobian of {op} only the diagonal is used, each d{y}[i]/d{x}[i]", **_NAMED),
        (_diagonal,),
        _is_square,
    ),
    EdgeSlip(
        said("J and not its transpose"),
        said(
            "the Jacobian of {op} is multiplied with v from the wrong side: J·v where vᵀJ belongs",
            **_NAMED,
        ),
        (_pushed,),
        _is_square,
    ),
)


def _is_elementwise(at: EdgeAt) -> bool:
    return at.rule.elementwise


def _is_stretched(at: EdgeAt) -> bool:
    """Whether the operand was repeated to the shape of the result."""
    return at.rule.elementwise and at.x.shape != at.node.shape and 0 not in at.node.shape


def _other_transposed(at: EdgeAt, v: Array, _pulled: Array) -> Array | None:
    """The slip W v where Wᵀ v belongs; only a square W allows it."""
    operands, other = at.operands, 1 - at.edge.argument
    if operands[other].ndim != 2 or operands[other].shape[0] != operands[other].shape[1]:
        return None
    operands[other] = operands[other].T
    return at.vjp(v, at.y, operands)


def _result_transposed(_at: EdgeAt, _v: Array, pulled: Array) -> Array | None:
    """The slip v xᵀ where x vᵀ belongs."""
    return pulled.T if pulled.ndim == 2 and pulled.shape[0] == pulled.shape[1] else None


def _at_output(at: EdgeAt, v: Array, pulled: Array) -> Array:
    """The slip f'(y) where f'(x) belongs."""
    operands = at.operands
    operands[at.edge.argument] = at.y
    y = np.asarray(at.rule.forward(np, *operands, **at.node.params))
    return unbroadcast(at.vjp(v, y, operands), pulled.shape)


def _slice(at: EdgeAt, v: Array, pulled: Array, *, nth: int) -> Array:
    """The slip of one contribution of a repeated operand where their sum belongs."""
    whole = at.vjp(v, at.y, at.operands)
    aligned = (1,) * (whole.ndim - pulled.ndim) + pulled.shape
    index = tuple(
        slice(nth, nth + 1 or None) if own == 1 and n != 1 else slice(None)
        for own, n in zip(aligned, whole.shape, strict=True)
    )
    return whole[index].reshape(pulled.shape)


def _at_input(at: EdgeAt, v: Array, pulled: Array) -> Array:
    """The slip of a slope written in y, as y·(1 − y), with x put in for y."""
    operands = at.operands
    x = np.broadcast_to(operands[at.edge.argument], at.node.shape)
    return unbroadcast(at.vjp(v, x, operands), pulled.shape)


def _keeps_shape(at: EdgeAt) -> bool:
    """Whether an op of one operand gives the same shape."""
    return len(at.node.parents) == 1 and at.x.shape == at.node.shape


def _is_multiplied(at: EdgeAt) -> bool:
    """Whether the partial is another operand as it is."""
    derivative = at.rule.derivative(at.edge.argument)
    return isinstance(derivative, Scalar) and isinstance(derivative.partial, Operand)


EDGE_SLIPS: Final = (
    EdgeSlip(
        said("missing transpose"),
        said("a matrix is not transposed on the way back from {made} to {x}", **_NAMED),
        (_other_transposed, _result_transposed),
        lambda at: at.node.op in _PRODUCTS,
    ),
    *_CONSTANT_SLIPS,
    *_STRUCTURE_SLIPS,
    EdgeSlip(
        said("forgotten sum"),
        said(
            "{x} is repeated to the shape of {made}, and its contributions are not added "
            "up over the "
            "repeated axis",
            **_NAMED,
        ),
        (partial(_slice, nth=0), partial(_slice, nth=-1)),
        _is_stretched,
    ),
    EdgeSlip(
        said("derivative at the output"),
        said("the slope of {op} is taken at the output {y} instead of the input {x}", **_NAMED),
        (_at_output,),
        _is_elementwise,
    ),
    _EXPONENT_NOT_LOWERED,
    EdgeSlip(
        said("derivative at the input"),
        said(
            "the slope of {op}, written in its output, is taken at the input {x} instead of the "
            "output {y}",
            **_NAMED,
        ),
        (_at_input,),
        _keeps_shape,
    ),
    EdgeSlip(
        said("forgotten factor"),
        said("the factor d{y}/d{x} of {op} is left out of the chain", **_NAMED),
        (lambda _at, v, pulled: unbroadcast(v, pulled.shape),),
        _is_elementwise,
    ),
    EdgeSlip(
        said("own factor"),
        said(
            "d{y}/d{x} of a product is taken to be {x} itself instead of what it is multiplied by",
            **_NAMED,
        ),
        (lambda at, v, pulled: unbroadcast(v * at.operands[at.edge.argument], pulled.shape),),
        _is_multiplied,
    ),
    EdgeSlip(
        said("sign of a factor"),
        said("the sign of d{y}/d{x} of {op} is turned", **_NAMED),
        (lambda _at, _v, pulled: -pulled,),
    ),
    EdgeSlip(
        said("missing path"),
        said("{made} sends nothing back to {x}", **_NAMED),
        (lambda _at, _v, pulled: np.zeros_like(pulled),),
    ),
)
"""In this order: the more telling first."""
