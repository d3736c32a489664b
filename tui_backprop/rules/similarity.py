"""How alike two arrays are along an axis.

It stands apart because a quotient of a product and two norms needs a chain of its own.

In the row, ``m`` is the interpretation (NumPy, or SymPy under NumPy's names), ``x`` and ``y`` the
operands, ``z`` the value, ``v`` its cotangent. With u = x / |x| and w = y / |y|

    z = Σ u·w        ∂z/∂x = (w − z·u) / |x|

where a norm below ``eps`` counts as the constant ``eps``, and then z·u is left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.errors import ShapeError
from tui_backprop.rules.axes import reduced_shape, reduced_sparsity, refuse_axis_of_number
from tui_backprop.rules.blocks import of_block
from tui_backprop.rules.norms import length
from tui_backprop.rules.rows import Part, structural
from tui_backprop.rules.rule import Example, Parameter
from tui_backprop.rules.special import mended

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array, Index, Shape


_HUGE: Final = 1e140
"""Beyond it squares overflow; those that vanish are below any eps."""
_SMALLER: Final = 2.0**-60
"""Brings the length of a block of numbers that are near the largest of float64 below it."""


def _norm(m: Any, x: Any, axis: Any) -> Any:
    usual = m.sqrt(m.sum(x * x, axis=axis, keepdims=True))
    if m is not np:
        return usual
    is_rare = (usual > _HUGE) & np.isfinite(x).all(axis=axis, keepdims=True)
    return mended(usual, is_rare, lambda: length(x, axis, keepdims=True))


def _scale(m: Any, x: Any, axis: Any) -> Any:
    """A power of two by which a block becomes one with a length, where its own would overflow.

    The cosine is the same for it; the slope is that many times the one of the block itself.
    """
    if m is not np:
        return 1
    is_over = np.isinf(_norm(np, x, axis)) & np.isfinite(x).all(axis=axis, keepdims=True)
    return np.where(is_over, x.dtype.type(_SMALLER), x.dtype.type(1))


def _scaled_norm(m: Any, x: Any, axis: Any) -> Any:
    return _norm(m, x * _scale(m, x, axis), axis)


def _cosine(m: Any, x: Any, y: Any, axis: Any = -1, eps: float = 1e-8) -> Any:
    x, y = x * _scale(m, x, axis), y * _scale(m, y, axis)
    u = x / m.maximum(_norm(m, x, axis), eps)
    w = y / m.maximum(_norm(m, y, axis), eps)
    return m.sum(u * w, axis=axis)


def _slope(m: Any, z: Any, x: Any, y: Any, norms: tuple[Any, Any], eps: float) -> Any:
    """∂z/∂x; x and y entries, z and the norms those of their blocks."""
    u, w = x / m.maximum(norms[0], eps), y / m.maximum(norms[1], eps)
    turned = m.where(m.less(norms[0], eps), 0, z * u)
    return (w - turned) / m.maximum(norms[0], eps)


def _shape(x: Shape, y: Shape, axis: Any = -1, **_params: float) -> Shape:
    if x != y:
        raise ShapeError(
            f"cosine_similarity needs two operands of one shape, found {x} and {y}; "
            f"nothing is broadcast{_advice(x, y)}"
        )
    refuse_axis_of_number(axis, x)
    return reduced_shape(x, axis)


def _advice(x: Shape, y: Shape) -> str:
    """How to write what other libraries broadcast by themselves."""
    try:
        common = np.broadcast_shapes(x, y)
    except ValueError:
        return ""
    return f" by itself: write broadcast_to(…, {common}) around what is smaller"


def _part(argument: int) -> Part:
    """The derivative by one operand; the other way round it is the same."""

    def slopes(z: Array, x: Array, y: Array, axis: Any, eps: float) -> Array:
        own, other = (x, y) if argument == 0 else (y, x)
        scale = _scale(np, own, axis)
        own, other = own * scale, other * _scale(np, other, axis)
        norms = _norm(np, own, axis), _norm(np, other, axis)
        kept = z.reshape(norms[0].shape)
        return np.asarray(_slope(np, kept, own, other, norms, eps) * scale)

    def vjp(v: Array, z: Array, x: Array, y: Array, axis: Any = -1, eps: float = 1e-8) -> Array:
        kept = v.reshape(reduced_shape(x.shape, axis, keepdims=True))
        return np.multiply(kept, slopes(z, x, y, axis, eps))

    def jvp(t: Array, z: Array, x: Array, y: Array, axis: Any = -1, eps: float = 1e-8) -> Array:
        return np.asarray(np.sum(t * slopes(z, x, y, axis, eps), axis=axis))

    def entry(
        m: Any, j: Index, i: Index, z: Any, x: Any, y: Any, axis: Any = -1, eps: float = 1e-8
    ) -> Any:
        own, other = (x, y) if argument == 0 else (y, x)
        norms = (
            of_block(m, "norm", lambda b: _scaled_norm(m, b, axis), own, i, axis),
            of_block(m, "other_norm", lambda b: _scaled_norm(m, b, axis), other, i, axis),
        )
        if m is not np:
            return _slope(m, z[j], own[i], other[i], norms, eps)
        scale = of_block(m, "scale", lambda b: _scale(m, b, axis), own, i, axis)
        of_other = of_block(m, "scale", lambda b: _scale(m, b, axis), other, i, axis)
        return scale * _slope(m, z[j], own[i] * scale, other[i] * of_other, norms, eps)

    return Part(
        vjp=vjp,
        jvp=jvp,
        sparsity=lambda out, x, y, axis=-1, eps=1e-8: reduced_sparsity(x, axis),
        entry=entry,
    )


RULES: Final[tuple[Rule, ...]] = (
    structural(
        "cosine_similarity",
        "x y",
        text="cosine_similarity({x}, {y}, axis={axis}, eps={eps})",
        parameters=(Parameter("axis", "axis", -1), Parameter("eps", "number", 1e-8)),
        forward=_cosine,
        shape=_shape,
        parts=(_part(0), _part(1)),
        summary="the cosine of the angle between x and y along an axis; norms are at least eps",
        kink=lambda m, x, y, axis=-1, eps=1e-8: (
            (m.sqrt(m.sum(x * x, axis=axis)) - eps) * (m.sqrt(m.sum(y * y, axis=axis)) - eps)
        ),
        convention="a norm equal to eps counts as the norm",
        examples=(
            Example(((3,), (3,))),
            Example(((2, 3), (2, 3))),
            Example(((3, 2), (3, 2)), {"axis": 0}),
            Example(((2, 2, 3), (2, 2, 3)), {"axis": (0, -1)}),
            Example(((2, 2), (2, 2)), {"axis": None}),
            Example(((3,), (3,)), {"eps": 1.5}),
            Example(((2, 0), (2, 0))),
            Example(((0, 2), (0, 2))),
        ),
    ),
)
