"""The complex step as a witness: Im f(x + ih)/h has no difference in it, so nothing cancels.

With h = 1e-30 the slope is exact to the last digits, where the forward is NumPy's own analytic
arithmetic. Central differences see only half of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.rules.cases import CONDITIONED, EDGES, each_edge_if
from tui_backprop.rules import RULES

if TYPE_CHECKING:
    from tests.rules.cases import Edge
    from tui_backprop.rules.types import Array

H = 1e-30

NO_COMPLEX = "NumPy's function, or the C library's, takes no complex numbers"
NOT_ANALYTIC = "it reads the size or the sign of a number, which the imaginary part changes"
NO_DERIVATIVE = "the row states no derivative"

LEFT_OUT = {
    **dict.fromkeys(
        ("cbrt", "remainder", "logaddexp", "erf", "arctan2", "hypot", "floor", "ceil"), NO_COMPLEX
    ),
    **dict.fromkeys(("embedding", "log_sigmoid", "softplus", "gelu", "mish", "std"), NO_COMPLEX),
    "binary_cross_entropy_with_logits": NO_COMPLEX,
    "floor_divide": NO_COMPLEX,
    **dict.fromkeys(
        ("logaddexp2", "erfc", "erfinv", "lgamma", "digamma", "fmod", "frac", "trunc", "copysign"),
        NO_COMPLEX,
    ),
    **dict.fromkeys(("heaviside", "stop_gradient"), NO_DERIVATIVE),
    **dict.fromkeys(("take", "take_along_axis", "gather", "index_select", "index_add"), NO_COMPLEX),
    **dict.fromkeys(("cholesky", "qr_q", "qr_r", "eigvalsh", "eigvecsh"), NOT_ANALYTIC),
    **dict.fromkeys(("svdvals", "svd_u", "svd_vh", "pinv", "logabsdet"), NOT_ANALYTIC),
    **dict.fromkeys(("argsort", "argmax", "argmin", "signdet"), NO_DERIVATIVE),
    **dict.fromkeys(("abs", "sign", "mae", "huber"), NOT_ANALYTIC),
    **dict.fromkeys(
        ("less", "less_equal", "greater", "greater_equal", "equal", "not_equal"), NO_DERIVATIVE
    ),
    "norm": NOT_ANALYTIC,
}
"""The rows that this witness does not cover, and why; SymPy and central differences do."""


def _with_step(edge: Edge, operands: tuple[Array, ...], i: int) -> Array:
    """The value where one entry has an imaginary part of h."""
    moved: list[Any] = [x.astype(np.complex128) for x in operands]
    moved[edge.argument].reshape(-1)[i] += 1j * H
    with np.errstate(all="ignore"):
        return np.asarray(edge.case.rule.forward(np, *moved, **edge.case.params))


def _slopes(edge: Edge, operands: tuple[Array, ...]) -> Array:
    """J, column by column."""
    m, n = edge.sparsity.shape
    columns = [_with_step(edge, operands, i).imag.ravel() / H for i in range(n)]
    return np.stack(columns, axis=1) if n else np.zeros((m, n))


def _is_covered(edge: Edge) -> bool:
    """Conditions that leave nothing over make −inf less −inf of complex numbers."""
    return edge.case.rule.name not in LEFT_OUT and edge.case.rule not in CONDITIONED


@pytest.mark.few(6)
@each_edge_if(_is_covered)
def test_jacobian_is_the_complex_step(edge: Edge) -> None:
    """Every entry of J, to the last digits."""
    operands = edge.case.operands()
    np.testing.assert_allclose(
        edge.dense(operands), _slopes(edge, operands), rtol=1e-12, atol=1e-14
    )


def _why(edges: list[Edge]) -> str:
    """Why a row cannot be covered; empty where it can."""
    if not edges:
        return NO_DERIVATIVE
    for edge in edges:
        operands = edge.case.operands()
        try:
            found = _slopes(edge, operands)
        except TypeError:
            return NO_COMPLEX
        if not np.allclose(edge.dense(operands), found, rtol=1e-12, atol=1e-14):
            return NOT_ANALYTIC
    return ""


@pytest.mark.parametrize("name", LEFT_OUT)
def test_rows_left_out_cannot_be_covered(name: str) -> None:
    """The list stays true: each of them fails as it says."""
    assert _why([edge for edge in EDGES if edge.case.rule.name == name]) == LEFT_OUT[name]


def test_every_other_row_is_covered() -> None:
    """With an example at least that has entries."""
    covered = {e.case.rule.name for e in EDGES if e.sparsity.shape[0] * e.sparsity.shape[1]}
    assert covered | set(LEFT_OUT) == set(RULES)
