"""The determinant, the inverse, and the solution of linear equations.

Slopes of the determinant are cofactors, ∂det/∂A[p, q] = C[p, q]: they need no inverse, so singular
matrices have them too. In a row, ``a`` is the matrix or a stack of them.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.errors import ShapeError
from tui_backprop.language.message import said
from tui_backprop.rules.ops.linear.matrix_norms import DECOMPOSED
from tui_backprop.rules.reduction_slopes import MANY, products_of_others
from tui_backprop.rules.rows import Part, structural
from tui_backprop.rules.rule import Example, Reason
from tui_backprop.rules.shapes import batch_shape, broadcast_ties, unbroadcast, written_out
from tui_backprop.rules.sparsity import Tied

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array, Index, Shape


MOST_SIDE: Final = 4
"""Side of a matrix whose inverse a formula writes out; a larger one it names."""


def square(name: str, a: Shape) -> Shape:
    """The shape of square matrices, which is that of the value; any other is refused."""
    if len(a) < 2 or a[-1] != a[-2]:
        raise ShapeError(
            said(
                "{name} needs a square matrix, or a stack of them, found shape {a}", name=name, a=a
            )
        )
    return a


def batched(out: Shape, x: Shape, batch: int) -> Tied:
    """The pattern of a stack: entries of different matrices do not meet, within one all do."""
    return Tied(out, x, tuple((k, k) for k in range(batch)))


def inverse(a: Array) -> Array:
    """The inverse of each matrix; NaN where there is none."""
    try:
        return np.linalg.inv(a)
    except np.linalg.LinAlgError:
        if a.ndim == 2:
            return np.full_like(a, np.nan)
    stack = [inverse(one) for one in a.reshape(-1, *a.shape[-2:])]
    return np.asarray(stack).reshape(a.shape)


def _inverse(m: Any, a: Any) -> Any:
    return inverse(a) if m is np else m.inv(written_out(a))


def _inverse_at(m: Any, a: Any, batch: Index, r: Any, c: Any) -> Any:
    """Entries of the inverse; a formula looks at one matrix, and names what is too long."""
    if m is np:
        return inverse(a)[(*batch, r, c)]
    if a.shape[-1] > MOST_SIDE:
        return m.named(f"inverse_{r}_{c}")
    return m.inv(written_out(a, batch))[r, c]


def _inv_pulled(v: Array, y: Array, _a: Array) -> Array:
    turned = np.swapaxes(y, -1, -2)
    return -turned @ v @ turned


def _inv_entry(_m: Any, j: Index, i: Index, y: Any, _a: Any) -> Any:
    batch = j[:-2]
    return -y[(*batch, j[-2], i[-2])] * y[(*batch, i[-1], j[-1])]


def _columns(x: Any, b: Any) -> Any:
    """The right side, the value or its cotangent as matrices: of a vector b, one column."""
    return x[..., None] if len(b.shape) == 1 else x


def _like(x: Any, b: Any) -> Any:
    """The matrices of `_columns` as the value has them."""
    return x[..., 0] if len(b.shape) == 1 else x


def _solved(m: Any, a: Any, b: Any) -> Any:
    if m is np:
        return _like(solutions(a, _columns(b, b)), b)
    return _like(_inverse(m, a) @ _columns(written_out(b), b), b)


def solutions(a: Array, b: Array) -> Array:
    """The x of ``a·x = b``, of matrices; NaN where there is no single one."""
    try:
        return np.linalg.solve(a, b)
    except np.linalg.LinAlgError:
        return np.asarray(inverse(a) @ b)


def _sides(a: Shape, b: Shape) -> tuple[Shape, Shape]:
    """The axes … after broadcasting, and b as matrices; only one axis makes it a vector.

    A matrix that is not square is refused, and so are rows or axes … that do not fit.
    """
    if len(a) < 2 or a[-1] != a[-2]:
        raise ShapeError(
            said(
                "solve needs a square matrix, or a stack of them, found shapes {a} and {b}",
                a=a,
                b=b,
            )
        )
    right = (*b, 1) if len(b) == 1 else b
    if len(right) < 2 or right[-2] != a[-1]:
        raise ShapeError(
            said(
                "solve needs as many rows on the right as in the matrix: shapes {a} and {b}; a "
                "right side of one axis is a vector, of more a matrix or a stack of them",
                a=a,
                b=b,
            )
        )
    return batch_shape(a, right, "solve"), right


def _solve_shape(a: Shape, b: Shape) -> Shape:
    batch, right = _sides(a, b)
    return (*batch, right[-2]) if len(b) == 1 else (*batch, *right[-2:])


def _solve_cost(_out: Shape, a: Shape, b: Shape) -> int:
    """A matrix is decomposed for each right side of a stack."""
    batch, right = _sides(a, b)
    return prod(batch) * a[-1] * a[-1] * (a[-1] + right[-1])


def _solve_pulled(v: Array, a: Array, b: Array) -> Array:
    """What b receives, before the sum over the axes along which it was repeated."""
    return solutions(np.swapaxes(a, -1, -2), _columns(v, b))


def _solve_pulled_b(v: Array, _y: Array, a: Array, b: Array) -> Array:
    _, right = _sides(a.shape, b.shape)
    return unbroadcast(_solve_pulled(v, a, b), right).reshape(b.shape)


def _solve_pulled_a(v: Array, y: Array, a: Array, b: Array) -> Array:
    product = _solve_pulled(v, a, b) @ np.swapaxes(_columns(y, b), -1, -2)
    return unbroadcast(-product, a.shape)


def _own(batch: Index, a: Any) -> Index:
    """The coordinates of a stack's matrix behind those of the value's."""
    shape = a.shape[:-2]
    kept = batch[len(batch) - len(shape) :]
    return tuple(0 if n == 1 else c for n, c in zip(shape, kept, strict=True))


def _split(j: Index, b: Any) -> tuple[Index, Index]:
    """The coordinates … of an entry of the value, and those within its matrix."""
    within = 1 if len(b.shape) == 1 else 2
    return j[: len(j) - within], j[len(j) - within :]


def _solve_entry_a(m: Any, j: Index, i: Index, y: Any, a: Any, b: Any) -> Any:
    batch, (row, *column) = _split(j, b)
    return -_inverse_at(m, a, _own(batch, a), row, i[-2]) * y[(*batch, i[-1], *column)]


def _solve_entry_b(m: Any, j: Index, i: Index, _y: Any, a: Any, b: Any) -> Any:
    batch, (row, *_) = _split(j, b)
    return _inverse_at(m, a, _own(batch, a), row, i[-1] if len(b.shape) == 1 else i[-2])


def _solve_ties_a(_out: Shape, a: Shape, b: Shape) -> Tied:
    batch, right = _sides(a, b)
    return Tied((*batch, *right[-2:]), a, broadcast_ties(batch, a[:-2]))


def _solve_ties_b(_out: Shape, a: Shape, b: Shape) -> Tied:
    """Columns of the right side are solved for one by one."""
    batch, right = _sides(a, b)
    column = (len(batch) + 1, len(right) - 1)
    return Tied((*batch, *right[-2:]), right, (*broadcast_ties(batch, right[:-2]), column))


def _is_singular(y: Array, a: Array, b: Array | None = None) -> Any:
    """Which matrices have no inverse, for all entries of their values."""
    is_finite = np.asarray(np.isfinite(a).all(axis=(-1, -2)))
    rank = np.linalg.matrix_rank(np.where(is_finite[..., None, None], a, 0))
    found = is_finite & (rank < a.shape[-1])
    own = 1 if b is not None and b.ndim == 1 else 2
    return np.isnan(y) & found.reshape(*found.shape, *(1,) * own)


_SINGULAR: Final = Reason("{a} is singular: it has no inverse", _is_singular)

_SOLVING: Final[tuple[Rule, ...]] = (
    structural(
        "inv",
        "a",
        forward=_inverse,
        shape=lambda a: square("inv", a),
        cost=lambda out, a: prod(a) * a[-1],
        parts=(
            Part(
                vjp=_inv_pulled,
                jvp=lambda t, y, a: -y @ t @ y,
                sparsity=lambda out, a: batched(out, a, len(a) - 2),
                entry=_inv_entry,
                whole="−yᵀ·v·yᵀ",
            ),
        ),
        summary="the inverse matrix; NaN where there is none",
        reasons=(_SINGULAR,),
        examples=(Example(((2, 2),)), Example(((1, 1),)), Example(((2, 2, 2),))),
    ),
    structural(
        "solve",
        "a b",
        forward=_solved,
        shape=_solve_shape,
        cost=_solve_cost,
        parts=(
            Part(
                vjp=_solve_pulled_a,
                jvp=lambda t, y, a, b: np.asarray(_like(-solutions(a, t @ _columns(y, b)), b)),
                sparsity=_solve_ties_a,
                entry=_solve_entry_a,
                whole="−w·xᵀ, where aᵀ·w = v",
            ),
            Part(
                linear=True,
                vjp=_solve_pulled_b,
                sparsity=_solve_ties_b,
                entry=_solve_entry_b,
                whole="w, where aᵀ·w = v",
            ),
        ),
        summary="the x of a·x = b; NaN where there is no single one",
        reasons=(_SINGULAR,),
        examples=(Example(((2, 2), (2,))), Example(((2, 2), (2, 2))),
                  Example(((2, 2, 2), (2, 2, 1))), Example(((2, 2, 2), (2,))),
                  Example(((2, 2), (2, 2, 1))), Example(((0, 0), (0,)))),
    ),
)  # fmt: skip


_MOST_MINORS: Final = 6
"""Side of a matrix whose cofactors are found minor by minor, exactly on whole numbers."""


def _cofactor(m: Any, a: Any, p: int, q: int) -> Any:
    minor = np.delete(np.delete(a, p, -2), q, -1)
    return (-1) ** (p + q) * (np.linalg.det(minor) if m is np else m.det(minor))


def cofactors(a: Array) -> Array:
    """From minors where there are few, else by singular values; both without the inverse."""
    if a.shape[-1] > _MOST_MINORS:
        return _cofactors_by_values(a)
    found = np.empty_like(a)
    for p in range(a.shape[-1]):
        for q in range(a.shape[-1]):
            found[..., p, q] = _cofactor(np, a, p, q)
    return found


def _cofactors_by_values(a: Array) -> Array:
    """``det(U)·det(V) · U · diag(Π of the other σ) · Vᵀ`` of A = U·diag(σ)·Vᵀ."""
    try:
        u, values, v = np.linalg.svd(a)
    except np.linalg.LinAlgError:  # a NaN or an infinity somewhere
        if a.ndim == 2:
            return np.full_like(a, np.nan)
        stack = [_cofactors_by_values(one) for one in a.reshape(-1, *a.shape[-2:])]
        return np.asarray(stack).reshape(a.shape)
    sign = np.sign(np.linalg.det(u) * np.linalg.det(v))[..., None, None]
    return np.asarray(sign * (u * products_of_others(values)[..., None, :]) @ v)


def _slopes_of_det(y: Array, a: Array) -> Array:
    """The cofactors; ``det(A)·A⁻ᵀ`` where all matrices are far from having no inverse."""
    if a.size < MANY or not _are_far_from_zero(y):
        return cofactors(a)
    inverted = inverse(a)
    condition = _norms(a) * _norms(inverted)
    if not (condition < _WELL).all():
        return cofactors(a)
    return np.asarray(y)[..., None, None] * np.swapaxes(inverted, -1, -2)


_WELL: Final = 1e6
"""Of a matrix of such a condition the inverse loses six digits at most, as do singular values."""


def _norms(a: Array) -> Array:
    return np.asarray(np.abs(a).sum(axis=-2).max(axis=-1))


def _are_far_from_zero(y: Array) -> bool:
    """Whether all are finite, and not so small that digits are lost."""
    size = np.abs(y)
    return bool(((size > np.finfo(size.dtype).tiny / _EPSILON) & np.isfinite(size)).all())


_EPSILON: Final = 1e-16


def _det_entry(m: Any, _j: Index, i: Index, _y: Any, a: Any) -> Any:
    if m is np:
        return cofactors(a)[i]
    if a.shape[-1] > MOST_SIDE:
        return m.named(f"cofactor_{i[-2]}_{i[-1]}")
    return _cofactor(m, written_out(a, i[:-2]), int(i[-2]), int(i[-1]))


RULES: Final[tuple[Rule, ...]] = (
    structural(
        "det",
        "a",
        forward=lambda m, a: np.linalg.det(a) if m is np else m.det(a),
        shape=lambda a: square("det", a)[:-2],
        cost=lambda out, a: DECOMPOSED * prod(a) * a[-1],
        parts=(
            Part(
                vjp=lambda v, y, a: v[..., None, None] * _slopes_of_det(y, a),
                jvp=lambda t, y, a: (cofactors(a) * t).sum(axis=(-2, -1)),
                sparsity=lambda out, a: batched(out, a, len(out)),
                entry=_det_entry,
            ),
        ),
        summary="the determinant; its slopes are the cofactors, which every matrix has",
        examples=(Example(((2, 2),)), Example(((3, 3),)), Example(((1, 1),)),
                  Example(((2, 2, 2),))),
    ),
    *_SOLVING,
)  # fmt: skip
