"""NumPy's functions with several results: eigenvalues with their vectors, SVD, QR, slogdet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pytest

import tui_backprop as tb
from tests.attach.numpy.differences import check

if TYPE_CHECKING:
    from collections.abc import Callable

random = np.random.default_rng(3)
M = random.normal(size=(3, 3))
A = random.normal(size=(4, 3))
STACK = random.normal(size=(2, 3, 3))


def _eigh(m: Any) -> Any:
    w, V = np.linalg.eigh(m + m.T)
    return w[0] + (V[:, 0] ** 3).sum()


def _svd(a: Any) -> Any:
    U, s, Vh = np.linalg.svd(a, full_matrices=False)
    return (U * s**2) @ Vh + U[0, 0] * Vh[1, 1]


def _qr(a: Any) -> Any:
    q, r = np.linalg.qr(a)
    return q[0, 0] * r[0]


def _slogdet(m: Any) -> Any:
    sign, logdet = np.linalg.slogdet(m)
    return sign * logdet


CASES: Final = [
    (_eigh, M),
    (lambda m: np.linalg.eigh(m)[0] ** 2, M),
    (lambda m: np.linalg.eigh(m)[1] ** 3, M),
    (lambda m: np.linalg.eigh(m, UPLO="U").eigenvectors ** 3, M),
    (lambda m: np.linalg.eigh(m @ m.T).eigenvalues, M),
    (lambda m: np.linalg.eigh(m).eigenvalues, STACK),
    (lambda m: np.linalg.eigvalsh(m), M),
    (lambda m: np.linalg.eigvalsh(m, "U"), STACK),
    (_svd, A),
    (_svd, A.T),
    (lambda m: np.linalg.svd(m)[0] * np.linalg.svd(m).Vh, M),
    (lambda a: np.linalg.svd(a, compute_uv=False), A),
    (lambda a: np.linalg.svd(a, full_matrices=False).S, STACK),
    (_qr, A),
    (_qr, A.T),
    (lambda a: np.linalg.qr(a).R, A),
    (lambda a: np.linalg.qr(a, mode="r"), A),
    (lambda a: np.linalg.qr(a, mode="complete").Q, A.T),
    (_slogdet, M),
    (lambda m: np.linalg.slogdet(m).logabsdet * np.linalg.slogdet(m).sign, STACK),
    (lambda m: np.linalg.slogdet(m)[1] ** 2, M),
    (lambda m: np.stack(np.linalg.slogdet(m)), M),
]


@pytest.mark.parametrize(("function", "array"), CASES)
def test_values_and_slopes_are_those_of_the_function(
    function: Callable[[Any], Any], array: Any
) -> None:
    """Also of the triangle that NumPy reads of a matrix that is not symmetric."""
    check(function, array)


@pytest.mark.parametrize(
    ("function", "array"),
    [
        (_eigh, M),
        (lambda m: np.linalg.eigh(m)[0][0], M + M.T),
        (_svd, A),
        (lambda m: np.linalg.slogdet(m)[1], M),
    ],
)
def test_gradients_are_those_of_autograd(function: Callable[[Any], Any], array: Any) -> None:
    """HIPS autograd runs the same functions of NumPy."""
    autograd = pytest.importorskip("autograd")
    import autograd.numpy as anp

    def own(a: Any) -> Any:
        return anp.sum(function(a))

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(np, "linalg", anp.linalg)
        expected = autograd.grad(own)(array)
    trace = tb.trace(lambda a: np.sum(function(a)), array)
    (found,) = trace.grad.values()
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-10)


def _program(function: Callable[[Any], Any], array: Any) -> str:
    return str(tb.trace(function, array).graph.program)


def test_a_matrix_that_is_symmetric_by_its_ops_is_read_whole() -> None:
    """Of any other the triangle is copied to the other side, symmetric as its numbers may be."""
    eye = np.eye(3)
    assert "eigvalsh(t1)" in _program(_eigh, M)
    symmetric: list[Callable[[Any], Any]] = [
        lambda m: m + m.T,
        lambda m: m @ m.T,
        lambda m: np.exp((m.T @ m) / 3 + 0.1 * eye),
        lambda m: np.diag(m[0]),
        lambda m: (m @ m.T).T * np.sum(m),
    ]
    others: list[Callable[[Any], Any]] = [
        lambda m: m,
        lambda m: m + m,
        lambda m: m @ m,
        lambda m: m @ m.T + m[0],
        lambda m: np.diag(m[0, :2], k=1),
        lambda m: np.transpose(np.stack([m @ m.T] * 3)),
    ]
    assert not any("tril" in _eigenvalues_of(made) for made in symmetric)
    assert all("tril" in _eigenvalues_of(made) for made in others)


def _eigenvalues_of(made: Callable[[Any], Any]) -> str:
    """The program that takes the eigenvalues of what is made of a matrix."""
    return _program(lambda m: np.linalg.eigvalsh(made(m)), M)


def test_only_the_results_that_are_used_are_in_the_program() -> None:
    """And the signs of vectors are NumPy's."""
    text = _program(lambda m: np.linalg.slogdet(m).logabsdet, M)
    assert "signdet" not in text
    text = _program(lambda a: np.linalg.svd(a, full_matrices=False)[0], A)
    assert "svd_vh" not in text
    trace = tb.trace(lambda a: np.linalg.svd(a, full_matrices=False)[0], A)
    assert trace.remarks == ()


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda a: np.linalg.svd(a)[1], "write np.linalg.svd(a, full_matrices=False)"),
        (lambda a: np.linalg.qr(a, mode="complete")[0], "write np.linalg.qr(a)"),
        (lambda a: np.linalg.qr(a, mode="raw")[0], "traced without 'mode=raw'"),
        (lambda a: np.linalg.svd(a.T @ a, hermitian=True)[1], "traced without 'hermitian'"),
    ],
)
def test_what_has_no_op_is_refused(function: Callable[[Any], Any], message: str) -> None:
    """With what to write."""
    with pytest.raises(tb.TraceError) as caught:
        tb.trace(function, A)
    assert message in str(caught.value)
