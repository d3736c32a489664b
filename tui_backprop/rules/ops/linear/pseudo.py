"""What is told of any matrix: its pseudo-inverse, and the size and the sign of its determinant."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.rules.ops.linear.decomposing import each_matrix, matrix, turned
from tui_backprop.rules.ops.linear.linear_algebra import (
    MOST_SIDE,
    batched,
    cofactors,
    inverse,
    square,
)
from tui_backprop.rules.ops.linear.matrix_norms import DECOMPOSED
from tui_backprop.rules.ops.linear.spectral import svd
from tui_backprop.rules.rows import Part, structural
from tui_backprop.rules.rule import Domain, Example, Parameter, Reason
from tui_backprop.rules.shapes import written_out

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array, Index, Shape


def _pinv(m: Any, a: Any, rcond: float | None = None) -> Any:
    if m is np:
        least = max(a.shape[-2:]) * np.finfo(a.dtype).eps if rcond is None else rcond
        return each_matrix(lambda x: (np.linalg.pinv(x, rcond=least),), a)[0]
    found = np.empty((*a.shape[:-2], a.shape[-1], a.shape[-2]), dtype=object)
    for batch in np.ndindex(a.shape[:-2]):
        one = np.asarray(a[batch], dtype=object)
        is_tall = one.shape[0] >= one.shape[1]
        gram = m.inv(one.T @ one if is_tall else one @ one.T)
        found[batch] = gram @ one.T if is_tall else one.T @ gram
    return found


def _left_over(y: Array, a: Array) -> tuple[Array, Array]:
    """``1 − A·A⁺`` and ``1 − A⁺·A``: onto what neither side reaches."""
    rows, columns = a.shape[-2:]
    return np.eye(rows, dtype=a.dtype) - a @ y, np.eye(columns, dtype=a.dtype) - y @ a


def _pinv_pushed(t: Array, y: Array, a: Array, rcond: float | None = None) -> Array:
    """``−A⁺·ȧ·A⁺ + A⁺·A⁺ᵀ·ȧᵀ·(1 − A·A⁺) + (1 − A⁺·A)·ȧᵀ·A⁺ᵀ·A⁺``."""
    del rcond  # which values count as 0 the value shows
    rows, columns = _left_over(y, a)
    up, turned_y = turned(t), turned(y)
    return np.asarray(-y @ t @ y + y @ turned_y @ up @ rows + columns @ up @ turned_y @ y)


def _pinv_pulled(v: Array, y: Array, a: Array, rcond: float | None = None) -> Array:
    """``−A⁺ᵀ·v·A⁺ᵀ + (1 − A·A⁺)·vᵀ·A⁺·A⁺ᵀ + A⁺ᵀ·A⁺·vᵀ·(1 − A⁺·A)``."""
    del rcond
    rows, columns = _left_over(y, a)
    back, turned_y = turned(v), turned(y)
    found = -turned_y @ v @ turned_y + rows @ back @ y @ turned_y + turned_y @ y @ back @ columns
    return np.asarray(found)


def _pinv_entry(m: Any, j: Index, i: Index, y: Any, a: Any, rcond: float | None = None) -> Any:
    """The three products of `_pinv_pushed` for a tangent with a single 1."""
    del rcond
    batch, r, c, p, q = j[:-2], j[-2], j[-1], i[-2], i[-1]
    if m is not np:
        if max(a.shape[-2:]) > MOST_SIDE:
            return m.named("partial")
        y, a, batch = written_out(y, batch), written_out(a, batch), ()
    rows, columns = _left_over(y, a) if m is np else (
        np.eye(a.shape[0], dtype=int) - a @ y, np.eye(a.shape[1], dtype=int) - y @ a
    )  # fmt: skip
    out, own = y @ turned(y), turned(y) @ y
    return (
        -y[(*batch, r, p)] * y[(*batch, q, c)]
        + out[(*batch, r, q)] * rows[(*batch, p, c)]
        + columns[(*batch, r, q)] * own[(*batch, p, c)]
    )


def _slopes(a: Array) -> Array:
    """The inverse, transposed; the cofactors divided by 0 where there is none."""
    found = np.asarray(turned(inverse(a)))
    if np.isfinite(found).all():
        return found
    is_singular = np.isnan(found) & np.isfinite(a).all(axis=(-2, -1), keepdims=True)
    return np.where(is_singular, np.divide(cofactors(a), np.zeros_like(a)), found)


def _size_entry(m: Any, _j: Index, i: Index, _y: Any, a: Any) -> Any:
    if m is np:
        return _slopes(a)[i]
    if a.shape[-1] > MOST_SIDE:
        return m.named(f"inverse_{i[-1]}_{i[-2]}")
    return m.inv(written_out(a, i[:-2]))[i[-1], i[-2]]


def _size(m: Any, a: Any) -> Any:
    return np.linalg.slogdet(a).logabsdet if m is np else m.log(m.abs(m.det(a)))


def _sign(m: Any, a: Any) -> Any:
    return np.linalg.slogdet(a).sign if m is np else m.sign(m.det(a))


def _of_det(name: str, a: Shape) -> Shape:
    return square(name, a)[:-2]


_SQUARE: Final = (Example(((2, 2),)), Example(((3, 3),)), Example(((1, 1),)), Example(((2, 2, 2),)))

RULES: Final[tuple[Rule, ...]] = (
    structural(
        "pinv",
        "a",
        parameters=(Parameter("rcond", "optional_number", None),),
        forward=_pinv,
        shape=lambda a, rcond=None: (*matrix("pinv", a)[:-2], a[-1], a[-2]),
        cost=lambda out, a, rcond=None: DECOMPOSED * prod(a) * min(a[-2:]),
        parts=(
            Part(
                vjp=_pinv_pulled,
                jvp=_pinv_pushed,
                sparsity=lambda out, a, rcond=None: batched(out, a, len(a) - 2),
                entry=_pinv_entry,
                whole="−yᵀ·v·yᵀ + (1 − a·y)·vᵀ·y·yᵀ + yᵀ·y·vᵀ·(1 − y·a)",
            ),
        ),
        summary="the pseudo-inverse; singular values up to rcond times the largest count as 0, "
        "unless said the longer side times the rounding unit, as in PyTorch",
        kink=lambda m, a, rcond=None: svd(a)[1].min(axis=-1, initial=np.inf)[..., None, None],
        convention="where the number of singular values that count jumps, the gradient holds while "
        "it stays, as in PyTorch",
        domains=(Domain(diagonal=2.0),),
        examples=(Example(((2, 2),)), Example(((3, 2),)), Example(((2, 3),)),
                  Example(((1, 1),)), Example(((2, 2, 2),), {"rcond": 1e-10})),
    ),
    structural(
        "logabsdet",
        "a",
        forward=_size,
        shape=lambda a: _of_det("logabsdet", a),
        cost=lambda out, a: DECOMPOSED * prod(a) * a[-1],
        parts=(
            Part(
                vjp=lambda v, y, a: v[..., None, None] * _slopes(a),
                jvp=lambda t, y, a: (_slopes(a) * t).sum(axis=(-2, -1)),
                sparsity=lambda out, a: batched(out, a, len(out)),
                entry=_size_entry,
            ),
        ),
        summary="log |det a|, which over- and underflows nowhere; −inf where a is singular",
        reasons=(Reason("{a} is singular: its determinant is 0", lambda y, a: np.isneginf(y)),),
        domains=(Domain(diagonal=3.0),),
        examples=_SQUARE,
    ),
    structural(
        "signdet",
        "a",
        forward=_sign,
        shape=lambda a: _of_det("signdet", a),
        cost=lambda out, a: DECOMPOSED * prod(a) * a[-1],
        parts=(None,),
        summary="the sign of the determinant: 1, −1 or 0",
        examples=_SQUARE,
    ),
)  # fmt: skip
