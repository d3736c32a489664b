"""Eigenvalues and singular values with their vectors, whose largest entry is positive everywhere.

LAPACK leaves the sign of a vector open, and machines differ in it.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.rules.ops.linear.decomposing import each_matrix, symmetric, turned
from tui_backprop.rules.ops.linear.matrix_norms import DECOMPOSED
from tui_backprop.rules.reduction_slopes import no_entries
from tui_backprop.rules.sparsity import Tied

if TYPE_CHECKING:
    from tui_backprop.rules.sparsity import Sparsity
    from tui_backprop.rules.types import Array, Shape


_NEARLY: Final = 1 - 1e-6
"""Of entries whose sizes differ by less than rounding the first counts as the largest."""


def _signs(vectors: Array) -> Array:
    """For each column the sign of its largest entry, as a row."""
    if not vectors.size:
        return np.ones_like(vectors[..., :1, :], shape=(*vectors.shape[:-2], 1, vectors.shape[-1]))
    sizes = np.abs(vectors)
    largest = sizes.max(axis=-2, keepdims=True, initial=0)
    first = np.argmax(sizes >= largest * _NEARLY, axis=-2)[..., None, :]
    return np.where(np.take_along_axis(vectors, first, -2) < 0, -1, 1).astype(vectors.dtype)


def eigh(a: Array) -> tuple[Array, Array]:
    """Values, from the least to the largest, and vectors."""

    def compute(s: Array) -> tuple[Array, ...]:
        values, vectors = np.linalg.eigh(s)
        return values, vectors * _signs(vectors)

    values, vectors = each_matrix(compute, symmetric(a))
    return values, vectors


def svd(a: Array) -> tuple[Array, Array, Array]:
    """U, σ and V of the shape (n, k); vectors in columns."""

    def compute(x: Array) -> tuple[Array, ...]:
        u, values, v = np.linalg.svd(x, full_matrices=False)
        signs = _signs(u)
        return u * signs, values, turned(v) * signs

    u, values, v = each_matrix(compute, a)
    return u, values, v


def singular_values(a: Array) -> Array:
    """σ alone, which is found in half the time."""
    (values,) = each_matrix(lambda x: (np.linalg.svd(x, compute_uv=False),), a)
    return values


def values_of_two(m: Any, s: Any) -> tuple[Any, Any]:
    """The eigenvalues of a symmetric matrix of two rows."""
    trace = s[0, 0] + s[1, 1]
    apart = (s[0, 0] - s[1, 1]) * (s[0, 0] - s[1, 1]) + 4 * s[0, 1] * s[0, 1]
    root = m.sqrt(apart)
    return m.divide(trace - root, 2), m.divide(trace + root, 2)


def vectors_of_two(m: Any, s: Any) -> tuple[list[Any], list[Any]]:
    """The unit vectors of both, by the angle of the larger one; the larger entry is positive."""
    g, h, o = s[0, 0], s[1, 1], s[0, 1]
    angle = m.divide(m.arctan2(2 * o, g - h), 2)
    cosine, sine = m.cos(angle), m.sin(angle)
    is_negative = m.less(o, 0)
    most = m.where(m.greater_equal(g, h), 1, m.where(is_negative, -1, 1))
    least = m.where(m.greater(g, h), 1, m.where(is_negative, 1, -1))
    return [-sine * least, cosine * least], [cosine * most, sine * most]


def each_written(m: Any, out: Shape, a: Any, of_one: Any) -> Any:
    """Formulas of a stack; nan, of which there is no formula, where a matrix is too large."""
    found = np.full(out, m.nan, dtype=object)
    for batch in np.ndindex(a.shape[:-2]):
        made = of_one(np.asarray(a[batch], dtype=object))
        if made is not None:
            found[batch] = made
    return found


def inverse_gaps(values: Any, m: Any = np) -> Any:
    """``1/(λ_j − λ_i)``, and 0 on the diagonal."""
    if m is np:
        distance = values[..., None, :] - values[..., :, None]
        on = np.eye(values.shape[-1], dtype=bool)
        return np.where(on, 0, np.divide(1, np.where(on, 1, distance)))
    n = len(values)
    return np.array([[0 if i == j else m.divide(1, values[j] - values[i]) for j in range(n)]
                     for i in range(n)], dtype=object)  # fmt: skip


def least_gap(values: Array) -> Array:
    """How far the nearest two are from each other."""
    return np.asarray(np.abs(np.diff(values, axis=-1)).min(axis=-1, initial=np.inf))


def whole_stack(out: Shape, a: Shape) -> Tied:
    """The pattern of a stack: within a matrix all meets all."""
    return Tied(out, a, tuple((k, k) for k in range(len(a) - 2)))


def unless_single(one: int, out: Shape, a: Shape) -> Sparsity:
    """A single vector of one entry is 1 whatever the matrix is."""
    return no_entries(out, a) if one == 1 else whole_stack(out, a)


def spectral_cost(_out: Shape, a: Shape) -> int:
    """Multiplications to find all values and vectors."""
    return DECOMPOSED * prod(a) * min(a[-2:])


FOUND: Final = (
    "of {values} that tie the vectors are those that LAPACK finds, as in PyTorch: their sum has a "
    "gradient, each of them alone has none"
)


NONE: Final = "where {values} tie the vectors have no gradient: infinite or NaN, as in PyTorch"
