"""What a row knows about the derivative with respect to one of its operands.

A scalar partial or a VJP goes in; everything that the backward pass, the timeline and the screen
ask for comes out, so that the row reads as mathematics.
"""

from __future__ import annotations

from functools import partial
from math import prod
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.rules.shapes import broadcast_ties, take
from tui_backprop.rules.sparsity import Tied

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tui_backprop.rules.foreign import ForeignDerivative
    from tui_backprop.rules.sparsity import Sparsity
    from tui_backprop.rules.types import Array, Index, Params, Shape


Operands: TypeAlias = "tuple[Any, ...]"


@dataclass(frozen=True, slots=True)
class Constant:
    """A partial that is the same number whatever the operands are."""

    number: int

    def __call__(self, *_asked: object, **_params: object) -> int:
        """The number."""
        return self.number


@dataclass(frozen=True, slots=True)
class Operand:
    """A partial that is one of the operands as it is."""

    argument: int

    def __call__(self, _m: Any, _y: Any, *operands: Any, **_params: object) -> Any:
        """The operand."""
        return operands[self.argument]


@dataclass(frozen=True, slots=True)
class Scalar:
    """An elementwise derivative: one scalar partial, everything else is derived.

    Attributes:
        argument: which operand.
        partial: ``(m, y, *operands, **params)`` → ∂y/∂operand, elementwise.
        masked: whether a partial of 0 lets nothing through, not even an infinite or NaN v, as in
            PyTorch's backward of the ops that choose. Otherwise 0 · inf is NaN, as IEEE has it.
        whole: see `Part`; empty, since each entry of v is multiplied by its own slope.
    """

    argument: int
    partial: Callable[..., Any]
    masked: bool = False
    whole: str = ""

    def vjp(self, v: Array, y: Array, operands: Operands, params: Params) -> Array:
        """``vᵀJ`` in the output's shape: the sum over broadcast axes is still to come."""
        values = (y, *operands)
        return np.asarray(self.bound(params, tuple(range(len(values))))(v, values))

    def bound(self, params: Params, at: tuple[int, ...]) -> Pull:
        """`vjp` for a loop over a tape: ``(v, values)``, where most is known beforehand.

        ``at`` says where among the values y stands, and then each operand. The result may be a
        plain NumPy number where an array has no axes. A slope of 1 is not multiplied by.
        """
        stated = self.partial
        if isinstance(stated, Operand) and not self.masked:
            k = at[1 + stated.argument]
            return lambda v, values: v * values[k]
        if isinstance(stated, Constant) and not self.masked:
            number = stated.number
            return (lambda v, _: v) if number == 1 else (lambda v, _: v * number)
        slope = reading(stated, params, at)
        return masked(slope) if self.masked else unmasked(slope)

    def jvp(self, t: Array, y: Array, operands: Operands, params: Params) -> Array:
        """``J·t`` in the output's shape; the tangent t broadcasts as the operand did."""
        product = self.contribution(t, self._partials(y, operands, params))
        return np.broadcast_to(product, np.shape(y))

    def contribution(self, v: Any, partial: Any) -> Array:
        """``v_j · J[j, i]`` entry by entry, multiplied as `vjp` does it; arguments broadcast.

        Only for entries inside the sparsity: outside it nothing is multiplied, not even by 0.
        """
        return slope_times(v, partial, masked=self.masked)

    def sparsity(self, out: Shape, shapes: tuple[Shape, ...], _params: Params) -> Sparsity:
        """The entries that can be non-zero: places agree on every axis that was not stretched."""
        own = shapes[self.argument]
        return Tied(out, own, broadcast_ties(out, own))

    def nonzeros(self, out: Shape, _shapes: tuple[Shape, ...], _params: Params) -> int:
        """How many there are, without building the pattern: one per output entry."""
        return prod(out)

    @property
    def has_pattern(self) -> bool:
        """Whether it is known which entries can be non-zero: a row says it."""
        return True

    @property
    def is_picked(self) -> bool:
        """Whether operands without a derivative decide what is read: here entries meet by place."""
        return False

    def picked(self, out: Shape, operands: Operands, params: Params) -> Sparsity:
        """The entries that can be non-zero for these operand values."""
        return self.sparsity(out, tuple(np.shape(x) for x in operands), params)

    def entries(
        self, m: Any, j: Index, i: Index, y: Any, operands: Operands, params: Params
    ) -> Any:
        """The partials ∂y[j]/∂x[i] at places inside the sparsity.

        j and i are coordinates, integers or integer arrays; y and the operands are arrays, or
        symbols with ``shape``. With NumPy the result is an array of y's dtype, in the shape that j
        and i broadcast to; with symbols it is whatever the row gives for one entry.
        """
        found = self.partial(m, y[j], *(take(x, j) for x in operands), **params)
        return _filled(found, j, i, y) if m is np else found

    def _partials(self, y: Array, operands: Operands, params: Params) -> Array:
        # The cast lets a row write `where(x > 0, 1, 0)` and still keep float32 in float32.
        return np.asarray(self.partial(np, y, *operands, **params), dtype=np.asarray(y).dtype)


@dataclass(frozen=True, slots=True)
class Part:
    """What a structural row states about one of its operands.

    Attributes:
        vjp: ``(v, y, *operands, **params)`` → ``vᵀJ`` in the operand's shape.
        sparsity: ``(out_shape, *shapes, **params)`` → pattern.
        entry: ``(m, j, i, y, *operands, **params)`` → ∂y[j]/∂x[i].
        linear: whether the op is linear in this operand alone.
        jvp: ``(t, y, *operands, **params)`` → ``J·t``; only where not linear.
        nonzeros: ``(out_shape, *shapes, **params)`` → how many entries the pattern has, where that
            is known without building it.
        masked: see `Scalar`; for rows that pick, whose ``vᵀJ`` only moves v.
        picked: ``(out_shape, *operands, **params)`` → the pattern for these numbers, or None where
            it is that of the shapes; only where operands without a derivative decide it.
        whole: how ``vᵀJ`` is computed where that is one formula of all of v, and not the sum of
            contributions; empty where it is their sum. With finite numbers both are the same. An
            infinite or NaN entry of v meets in the formula what the sum keeps apart: inf − inf,
            or 0 · inf where nothing is read. PyTorch pulls back as the formula does.
        regroups: whether an entry that is asked for among others may differ in its last digit from
            the same entry alone: a sum that it needs is then added up in another order.
    """

    vjp: Callable[..., Array]
    sparsity: Callable[..., Sparsity]
    entry: Callable[..., Any]
    linear: bool = False
    jvp: Callable[..., Array] | None = None
    nonzeros: Callable[..., int] | None = None
    masked: bool = False
    picked: Callable[..., Sparsity | None] | None = None
    whole: str = ""
    regroups: bool = False


@dataclass(frozen=True, slots=True)
class Structural:
    """A derivative that a row states itself, of an op that is linear in this operand or not.

    Attributes:
        argument: which operand.
        forward: the row's forward; ``J·t`` of a linear op is the forward of the tangent.
        part: what the row states.
    """

    argument: int
    forward: Callable[..., Any]
    part: Part

    @property
    def linear(self) -> bool:
        """Whether the op is linear in this operand alone."""
        return self.part.linear

    @property
    def masked(self) -> bool:
        """Whether a partial of 0 lets nothing through; see `Scalar`."""
        return self.part.masked

    @property
    def whole(self) -> str:
        """How ``vᵀJ`` is computed if not as the sum of contributions; see `Part`."""
        return self.part.whole

    def vjp(self, v: Array, y: Array, operands: Operands, params: Params) -> Array:
        """``vᵀJ`` as the row states it."""
        return np.asarray(self.part.vjp(v, y, *operands, **params))

    def bound(self, params: Params, at: tuple[int, ...]) -> Pull:
        """See `Scalar`."""
        pull = partial(self.part.vjp, **params) if params else self.part.vjp
        if len(at) == 2:
            n, a = at
            return lambda v, values: pull(v, values[n], values[a])
        if len(at) == 3:
            n, a, b = at
            return lambda v, values: pull(v, values[n], values[a], values[b])
        return lambda v, values: pull(v, *[values[k] for k in at])

    def jvp(self, t: Array, y: Array, operands: Operands, params: Params) -> Array:
        """The forward of the tangent, or the row's own."""
        if self.part.jvp is not None:
            return np.asarray(self.part.jvp(t, y, *operands, **params))
        replaced = (*operands[: self.argument], t, *operands[self.argument + 1 :])
        return np.asarray(self.forward(np, *replaced, **params))

    def contribution(self, v: Any, partial: Any) -> Array:
        """The product, or 0 where the partial masks v."""
        return slope_times(v, partial, masked=self.masked)

    def sparsity(self, out: Shape, shapes: tuple[Shape, ...], params: Params) -> Sparsity:
        """The pattern that the row states."""
        return self.part.sparsity(out, *shapes, **params)

    def nonzeros(self, out: Shape, shapes: tuple[Shape, ...], params: Params) -> int:
        """The count that the row states, or that of the pattern."""
        if self.part.nonzeros is not None:
            return self.part.nonzeros(out, *shapes, **params)
        return self.sparsity(out, shapes, params).nonzeros

    @property
    def has_pattern(self) -> bool:
        """Whether it is known which entries can be non-zero: a row says it."""
        return True

    @property
    def is_picked(self) -> bool:
        """Whether the row says what its data pick."""
        return self.part.picked is not None

    def picked(self, out: Shape, operands: Operands, params: Params) -> Sparsity:
        """The pattern that the row states for these values, or the one for their shapes."""
        found = None if self.part.picked is None else self.part.picked(out, *operands, **params)
        if found is not None:
            return found
        return self.sparsity(out, tuple(np.shape(x) for x in operands), params)

    def entries(
        self, m: Any, j: Index, i: Index, y: Any, operands: Operands, params: Params
    ) -> Any:
        """The partial that the row states."""
        found = self.part.entry(m, j, i, y, *operands, **params)
        return _filled(found, j, i, y) if m is np else found


Derivative: TypeAlias = "Scalar | Structural | ForeignDerivative"
"""The derivative of an op with respect to one operand; all kinds answer the same questions."""


def _filled(values: Any, j: Index, i: Index, y: Any) -> Array:
    """Partials in y's dtype, repeated to one per place where a row gives the same for all."""
    at = *j, *i
    shape = np.broadcast_shapes(*(np.shape(c) for c in at)) if at else ()
    found = np.asarray(values, dtype=np.asarray(y).dtype)
    return found if found.shape == shape else np.broadcast_to(found, shape)


Pull: TypeAlias = "Callable[[Any, Sequence[Any]], Any]"
"""(v, every value by node id) → what goes on to the operand."""

_PLAIN: Final = frozenset((int, float))
"""Numbers that take the dtype of what they meet."""


def reading(
    row: Callable[..., Any], params: Params, at: tuple[int, ...]
) -> Callable[[Sequence[Any]], Any]:
    """A forward or a partial as a function of all values: ``values`` → ``row(np, …, **params)``.

    ``at`` says where among the values the others of its arguments stand.
    """
    call = partial(row, **params) if params else row
    if len(at) == 1:
        (n,) = at
        return lambda values: call(np, values[n])
    if len(at) == 2:
        n, a = at
        return lambda values: call(np, values[n], values[a])
    if len(at) == 3:
        n, a, b = at
        return lambda values: call(np, values[n], values[a], values[b])
    return lambda values: call(np, *[values[k] for k in at])


def unmasked(slope: Callable[[Sequence[Any]], Any]) -> Pull:
    """A function that multiplies v by the slope; 0 · inf is NaN."""

    def pull(v: Any, values: Sequence[Any]) -> Any:
        found = slope(values)
        kind = type(found)
        if kind is np.ndarray:
            if found.dtype is not v.dtype:
                found = np.asarray(found, dtype=v.dtype)
        elif kind is not type(v) and kind not in _PLAIN:
            found = v.dtype.type(found)
        return v * found

    return pull


def masked(slope: Callable[[Sequence[Any]], Any]) -> Pull:
    """A function that multiplies v by the slope, where a slope of 0 lets nothing through."""

    def pull(v: Any, values: Sequence[Any]) -> Any:
        found = slope(values)
        if type(found) is np.ndarray and found.ndim:
            if found.dtype == np.bool_:  # a slope of 0 or 1: nothing is multiplied
                return np.where(found, v, v.dtype.type(0))
            return slope_times(v, np.asarray(found, dtype=v.dtype), masked=True)
        if found:
            return v * v.dtype.type(found)
        return np.zeros_like(v) if v.ndim else v.dtype.type(0)

    return pull


def slope_times(v: Any, partial: Any, *, masked: bool) -> Array:
    """``v · partial`` entry by entry; masked, 0 wherever the partial is."""
    product = np.asarray(np.multiply(v, partial))
    if not masked:
        return product
    is_stopped = np.equal(partial, 0)
    return np.where(is_stopped, 0, product) if is_stopped.any() else product
