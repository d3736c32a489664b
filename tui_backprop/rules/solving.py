"""Determinant, inverse and the solution of linear equations.

They stand apart because each entry of the value depends on every entry of the matrix.

In a row, ``m`` is the interpretation (NumPy, or SymPy under NumPy's names), ``a`` the matrix or a
stack of them, ``y`` the value, ``v`` its cotangent. With B the inverse of A and C its cofactors:

    ∂det/∂A[p, q] = C[p, q]   ∂B[r, c]/∂A[p, q] = −B[r, p]·B[q, c]   ∂y[r]/∂A[p, q] = −B[r, p]·y[q]

A matrix without inverse gives NaN where NumPy would raise: a number to be found by the debugger.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.errors import ShapeError
from tui_backprop.rules.rows import Part, structural
from tui_backprop.rules.rule import Example
from tui_backprop.rules.sparsity import Tied

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array, Index, Shape


def _square(name: str, a: Shape) -> Shape:
    if len(a) < 2 or a[-1] != a[-2]:
        raise ShapeError(f"{name} needs a square matrix, or a stack of them, found shape {a}")
    return a


def _batched(out: Shape, x: Shape, batch: int) -> Tied:
    """Matrices of a stack do not meet; within one all entries do."""
    return Tied(out, x, tuple((k, k) for k in range(batch)))


def inverse(a: Array) -> Array:
    """Of each matrix; NaN where there is none."""
    try:
        return np.linalg.inv(a)
    except np.linalg.LinAlgError:
        if a.ndim == 2:
            return np.full_like(a, np.nan)
    stack = [inverse(one) for one in a.reshape(-1, *a.shape[-2:])]
    return np.asarray(stack).reshape(a.shape)


def _inverse(m: Any, a: Any) -> Any:
    return inverse(a) if m is np else m.inv(_all(a))


def _all(a: Any) -> Any:
    """Every entry of an operand that makes them one by one."""
    found = np.empty(a.shape, dtype=object)
    for place in np.ndindex(*a.shape):
        found[place] = a[place]
    return found


def _cofactor(m: Any, a: Any, p: int, q: int) -> Any:
    rows = [k for k in range(a.shape[-1]) if k != p]
    columns = [k for k in range(a.shape[-1]) if k != q]
    minor = a[..., rows, :][..., :, columns]
    if m is not np and not rows:
        return 1  # of nothing, which SymPy's matrices cannot be
    return (-1) ** (p + q) * (np.linalg.det(minor) if m is np else m.det(minor))


def _cofactors(a: Array) -> Array:
    """From minors, which a matrix without inverse has too."""
    found = np.empty_like(a)
    for p in range(a.shape[-1]):
        for q in range(a.shape[-1]):
            found[..., p, q] = _cofactor(np, a, p, q)
    return found


def _det_entry(m: Any, _j: Index, i: Index, _y: Any, a: Any) -> Any:
    if m is np:
        return _cofactors(a)[i]
    return _cofactor(m, _all(a)[i[:-2]], int(i[-2]), int(i[-1]))


def _inv_pulled(v: Array, y: Array, _a: Array) -> Array:
    turned = np.swapaxes(y, -1, -2)
    return -turned @ v @ turned


def _inv_entry(_m: Any, j: Index, i: Index, y: Any, _a: Any) -> Any:
    batch = j[:-2]
    return -y[(*batch, j[-2], i[-2])] * y[(*batch, i[-1], j[-1])]


def _columns(b: Any) -> Any:
    """B as a stack of matrices: a vector is one column."""
    return b[..., None] if len(b.shape) == 1 else b


def _solved(m: Any, a: Any, b: Any) -> Any:
    solution = _inverse(m, a) @ _columns(b) if m is not np else _solutions(a, _columns(b))
    return solution[..., 0] if len(b.shape) == 1 else solution


def _solutions(a: Array, b: Array) -> Array:
    try:
        return np.asarray(np.linalg.solve(a, b))
    except np.linalg.LinAlgError:
        return inverse(a) @ b


def _solve_shape(a: Shape, b: Shape) -> Shape:
    _square("solve", a)
    fits = b[:1] == a[-1:] and len(a) == 2 if len(b) == 1 else b[:-1] == a[:-1]
    if not b or not fits:
        raise ShapeError(f"solve needs as many rows on the right as in the matrix: {a} and {b}")
    return b


def _solve_pulled_b(v: Array, _y: Array, a: Array, b: Array) -> Array:
    found = _solutions(np.swapaxes(a, -1, -2), _columns(v))
    return found[..., 0] if b.ndim == 1 else found


def _solve_pulled_a(v: Array, y: Array, a: Array, b: Array) -> Array:
    pulled = _columns(_solve_pulled_b(v, y, a, b))
    return np.asarray(-pulled @ np.swapaxes(_columns(y), -1, -2))


def _solve_entry_a(m: Any, j: Index, i: Index, y: Any, a: Any, b: Any) -> Any:
    batch, rest = i[:-2], j[-1:] if len(b.shape) > 1 else ()
    row = j[len(batch)]
    return -_inverse(m, a)[(*batch, row, i[-2])] * y[(*batch, i[-1], *rest)]


def _solve_entry_b(m: Any, j: Index, i: Index, _y: Any, a: Any, _b: Any) -> Any:
    batch = len(a.shape) - 2
    return _inverse(m, a)[(*j[:batch], j[batch], i[batch])]


def _solve_ties(out: Shape, a: Shape, b: Shape) -> Tied:
    """Columns of the right side are solved for one by one."""
    batch = [(k, k) for k in range(len(a) - 2)]
    column = [(len(out) - 1, len(b) - 1)] if len(b) > 1 else []
    return Tied(out, b, (*batch, *column))


RULES: Final[tuple[Rule, ...]] = (
    structural(
        "det",
        "a",
        text="det({a})",
        forward=lambda m, a: np.linalg.det(a) if m is np else m.det(a),
        shape=lambda a: _square("det", a)[:-2],
        parts=(
            Part(
                vjp=lambda v, y, a: v[..., None, None] * _cofactors(a),
                jvp=lambda t, y, a: (_cofactors(a) * t).sum(axis=(-2, -1)),
                sparsity=lambda out, a: _batched(out, a, len(out)),
                entry=_det_entry,
            ),
        ),
        summary="the determinant; its slopes are the cofactors, which every matrix has",
        examples=(Example(((2, 2),)), Example(((3, 3),)), Example(((1, 1),)),
                  Example(((2, 2, 2),))),
    ),
    structural(
        "inv",
        "a",
        text="inv({a})",
        forward=_inverse,
        shape=lambda a: _square("inv", a),
        parts=(
            Part(
                vjp=_inv_pulled,
                jvp=lambda t, y, a: -y @ t @ y,
                sparsity=lambda out, a: _batched(out, a, len(a) - 2),
                entry=_inv_entry,
            ),
        ),
        summary="the inverse matrix; NaN where there is none",
        examples=(Example(((2, 2),)), Example(((1, 1),)), Example(((2, 2, 2),))),
    ),
    structural(
        "solve",
        "a b",
        text="solve({a}, {b})",
        forward=_solved,
        shape=_solve_shape,
        parts=(
            Part(
                vjp=_solve_pulled_a,
                jvp=lambda t, y, a, b: -_solved(
                    np, a, (t @ _columns(y))[..., 0] if b.ndim == 1 else t @ y
                ),
                sparsity=lambda out, a, b: _batched(out, a, len(a) - 2),
                entry=_solve_entry_a,
            ),
            Part(
                linear=True,
                vjp=_solve_pulled_b,
                sparsity=_solve_ties,
                entry=_solve_entry_b,
            ),
        ),
        summary="the x of a·x = b; NaN where there is no single one",
        examples=(Example(((2, 2), (2,))), Example(((2, 2), (2, 2))),
                  Example(((2, 2, 2), (2, 2, 1)))),
    ),
)  # fmt: skip
