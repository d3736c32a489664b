"""Functions of NumPy that have no op: each is traced, and has the slopes of differences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

from tests.attach.numpy.differences import check
from tui_backprop.attach.numpy.lowered import LOWERED

if TYPE_CHECKING:
    from collections.abc import Callable

random = np.random.default_rng(2)
X: Final = random.normal(size=5)
Y: Final = random.normal(size=5)
A: Final = random.normal(size=(3, 4))
B: Final = random.normal(size=(3, 4))
M: Final = random.normal(size=(3, 3))
HOLED: Final = np.where(np.arange(5) == 2, np.nan, X)
HOLES: Final = ~np.isnan(HOLED)

CASES: Final[list[tuple[str, Callable[..., Any], tuple[Any, ...]]]] = [
    ("angle", lambda x: np.angle(x) * x, (X,)),
    ("append", lambda x, y: np.append(x, y), (X, Y)),
    ("apply_along_axis", lambda a: np.apply_along_axis(lambda r: r[:2] * r.sum(), 0, a), (A,)),
    ("apply_along_axis", lambda a: np.apply_along_axis(np.sum, 1, a) ** 2, (A,)),
    ("cumulative_prod", lambda x: np.cumulative_prod(x), (X,)),
    ("cumulative_sum", lambda a: np.cumulative_sum(a, axis=1) ** 2, (A,)),
    ("diagflat", lambda a: np.diagflat(a, 1) ** 2, (A[:2, :2],)),
    ("insert", lambda x: np.insert(x, 2, x[0]) ** 2, (X,)),
    ("insert", lambda a, x: np.insert(a, -1, x, axis=0) ** 2, (A, X[:4])),
    ("meshgrid", lambda x, y: np.meshgrid(x, y)[0] * np.meshgrid(x, y)[1], (X, Y[:3])),
    ("meshgrid", lambda x, y: np.meshgrid(x, y, indexing="ij")[1] ** 2, (X, Y[:3])),
    ("append", lambda a, b: np.append(a, b, axis=1), (A, B)),
    ("array_split", lambda x: np.array_split(x, 3)[1] ** 2, (X,)),
    ("atleast_1d", lambda x: np.atleast_1d(x), (2.0,)),
    ("atleast_2d", lambda x: np.atleast_2d(x) ** 2, (X,)),
    ("atleast_3d", lambda x, a: np.atleast_3d(x, a)[0] * np.atleast_3d(a)[0, 0], (X, A)),
    ("bitwise_not", lambda x: np.sum(x[np.bitwise_not(x > 0)] ** 2), (X,)),
    ("block", lambda a, x: np.block([[a, a], [x, x]]) ** 2, (A, X[:4])),
    ("block", lambda x: np.block([x, x[0], 1.0]) ** 2, (X,)),
    ("broadcast_arrays", lambda x, a: np.broadcast_arrays(x, a)[0] ** 2, (X[:4], A)),
    ("column_stack", lambda x, y: np.column_stack([x, y]) ** 2, (X, Y)),
    ("compress", lambda x: np.compress(np.array([1, 0, 1, 0, 1]), x), (X,)),
    ("conj", lambda x: x.conj() * np.conj(x), (X,)),
    ("conjugate", lambda x: np.conjugate(x) ** 2, (X,)),
    ("convolve", lambda x, y: np.convolve(x, y[:3]), (X, Y)),
    ("convolve", lambda x, y: np.convolve(y[:3], x, "same"), (X, Y)),
    ("convolve", lambda x, y: np.convolve(x, y[:2], mode="valid"), (X, Y)),
    ("copy", lambda x: np.copy(x) ** 2 + x.copy(), (X,)),
    ("copysign", lambda x, y: np.copysign(x, y), (X, Y)),
    ("corrcoef", lambda a: np.corrcoef(a), (A,)),
    ("correlate", lambda x, y: np.correlate(x, y[:3]), (X, Y)),
    ("correlate", lambda x, y: np.correlate(x, y[:3], "full"), (X, Y)),
    ("correlate", lambda x, y: np.correlate(x, y[:2], "same"), (X, Y)),
    ("cov", lambda a: np.cov(a, rowvar=False), (A,)),
    ("cov", lambda x, y: np.cov(x, y, bias=True), (X, Y)),
    ("cross", lambda m, n: np.cross(m, n), (M, M.T)),
    ("cross", lambda m, n: np.cross(m, n, axis=0), (M, M.T)),
    ("deg2rad", lambda x: np.deg2rad(x) ** 2, (X,)),
    ("degrees", lambda x: np.degrees(x) ** 2, (X,)),
    ("delete", lambda a: np.delete(a, [0, 2], axis=1) ** 2, (A,)),
    ("diff", lambda x: np.diff(x) ** 2, (X,)),
    ("diff", lambda a: np.diff(a, 2, axis=0), (A,)),
    ("diff", lambda x: np.diff(x, prepend=0.0, append=x[:2]) ** 2, (X,)),
    ("divmod", lambda x: np.divmod(x, 0.7)[1] * divmod(x, 0.3)[1], (X,)),
    ("dsplit", lambda a: np.dsplit(a, 2)[1] ** 2, (random.normal(size=(2, 3, 4)),)),
    ("dstack", lambda x, y: np.dstack([x, y]) ** 2, (X, Y)),
    ("ediff1d", lambda a: np.ediff1d(a) ** 2, (A,)),
    ("extract", lambda x: np.extract(x > 0, x) ** 2, (X,)),
    ("fix", lambda x: np.fix(3 * x) * x, (X,)),
    ("fliplr", lambda a, b: np.fliplr(a) * b, (A, B)),
    ("flipud", lambda a, b: np.flipud(a) * b, (A, B)),
    ("fmax", lambda x, y: np.fmax(x, y), (X, Y)),
    ("fmin", lambda x, y: np.fmin(x, y), (X, Y)),
    ("fmod", lambda x, y: np.fmod(x, y), (3 * X, Y)),
    ("gradient", lambda x: np.gradient(x, 0.5), (X,)),
    ("gradient", lambda a: np.gradient(a)[1] * np.gradient(a, axis=0), (A,)),
    ("heaviside", lambda x: np.heaviside(x, 0.5) * x, (X,)),
    ("hsplit", lambda a: np.hsplit(a, [1])[1] ** 2, (A,)),
    ("imag", lambda x: np.imag(x) + x.imag + x, (X,)),
    ("interp", lambda x, y: np.interp(x, np.linspace(-3, 3, 5), y), (X, Y)),
    ("invert", lambda x: np.sum(x[~(x > 0)] ** 2), (X,)),
    ("isfinite", lambda x: np.where(np.isfinite(x), x**2, 0), (X,)),
    ("isinf", lambda x: np.where(np.isinf(x), 0, x**2), (X,)),
    ("isnan", lambda x: np.where(np.isnan(x), 0, x**2), (X,)),
    ("ldexp", lambda x: np.ldexp(x, 3), (X,)),
    ("linspace", lambda x: np.linspace(x[0], x[1], 4) ** 2, (X,)),
    ("linspace", lambda x: np.linspace(x, 2 * x, 3, endpoint=False), (X,)),
    ("logaddexp2", lambda x, y: np.logaddexp2(x, y), (X, Y)),
    ("logical_and", lambda x, y: np.where(np.logical_and(x > 0, y > 0), x * y, x), (X, Y)),
    ("logical_not", lambda x: np.where(np.logical_not(x > 0), x, x**2), (X,)),
    ("logical_or", lambda x, y: np.where(np.logical_or(x > 0, y > 0), x * y, x), (X, Y)),
    ("logical_xor", lambda x, y: np.where(np.logical_xor(x > 0, y > 0), x * y, x), (X, Y)),
    ("matrix_transpose", lambda a: np.matrix_transpose(a) @ a, (A,)),
    ("matvec", lambda a, x: np.matvec(a, x), (A, X[:4])),
    ("median", lambda x: np.median(x), (X,)),
    ("median", lambda a: np.median(a, axis=1, keepdims=True), (A,)),
    ("nan_to_num", lambda x: np.nan_to_num(x) ** 2, (X,)),
    ("nanmax", lambda x: np.nanmax(np.where(HOLES, x, np.nan)), (X,)),
    ("nanmean", lambda x: np.nanmean(np.where(HOLES, x, np.nan)) ** 2, (X,)),
    ("nanmin", lambda x: np.nanmin(np.where(HOLES, x, np.nan)), (X,)),
    ("nanprod", lambda x: np.nanprod(np.where(HOLES, x, np.nan)), (X,)),
    ("nanstd", lambda x: np.nanstd(np.where(HOLES, x, np.nan)), (X,)),
    ("nansum", lambda a: np.nansum(np.where(A > 0, a, np.nan), axis=0) ** 2, (A,)),
    ("nanvar", lambda x: np.nanvar(np.where(HOLES, x, np.nan), ddof=1), (X,)),
    ("partition", lambda x: np.partition(x, 2)[2] ** 2, (X,)),
    ("percentile", lambda x: np.percentile(x, 30), (X,)),
    ("polyval", lambda x, y: np.polyval(y, x), (X, Y)),
    ("positive", lambda x: (+x) ** 2, (X,)),
    ("ptp", lambda a: np.ptp(a, axis=0), (A,)),
    ("quantile", lambda a: np.quantile(a, 0.4, axis=0), (A,)),
    ("quantile", lambda a: np.quantile(a, 0.5, keepdims=True), (A,)),
    ("rad2deg", lambda x: np.rad2deg(x) ** 2, (X,)),
    ("radians", lambda x: np.radians(x) ** 2, (X,)),
    ("real", lambda x: np.real(x) * x.real, (X,)),
    ("real_if_close", lambda x: np.real_if_close(x) ** 2, (X,)),
    ("rollaxis", lambda a: np.rollaxis(a, 1) ** 2, (A,)),
    ("rot90", lambda a: np.rot90(a, 1) ** 2, (A,)),
    ("rot90", lambda a: np.rot90(a, 2)[0] * np.rot90(a, 3)[:, 0][0] * np.rot90(a, 4)[0], (A,)),
    ("select", lambda x: np.select([x > 0.5, x < -0.5], [x**2, 3 * x], default=-x), (X,)),
    ("sort", lambda a, b: np.sort(a) * b, (A, B)),
    ("sort", lambda a, b: np.sort(a, axis=None) * b.ravel(), (A, B)),
    ("split", lambda a: np.split(a, [1, 3], axis=1)[1] ** 2, (A,)),
    ("take", lambda a: np.take(a, [0, 2, 0], axis=1) ** 2, (A,)),
    ("take", lambda a: a.take([0, 5, 7]), (A,)),
    ("take_along_axis", lambda a: np.take_along_axis(a, np.argsort(A, 0), 0) * A, (A,)),
    ("trapezoid", lambda x, y: np.trapezoid(y, x), (X, Y)),
    ("trapezoid", lambda a: np.trapezoid(a, dx=0.5, axis=0), (A,)),
    ("trunc", lambda x: np.trunc(3 * x) * x, (X,)),
    ("unstack", lambda a: np.unstack(a, axis=1)[2] ** 2, (A,)),
    ("unwrap", lambda x: np.unwrap(9 * x), (X,)),
    ("vander", lambda x: np.vander(x, 3), (X,)),
    ("vander", lambda x: np.vander(x[:3], increasing=True), (X,)),
    ("vecdot", lambda a, b: np.vecdot(a, b), (A, B)),
    ("vecmat", lambda x, a: np.vecmat(x, a), (X[:3], A)),
    ("vsplit", lambda a: np.vsplit(a, 3)[2] ** 2, (A,)),
    ("lib.stride_tricks.sliding_window_view",
     lambda x: sliding_window_view(x, 3) ** 2, (X,)),
    ("lib.stride_tricks.sliding_window_view",
     lambda a: sliding_window_view(a, (2, 3)) ** 2, (A,)),
    ("lib.stride_tricks.sliding_window_view",
     lambda a: sliding_window_view(a, 2, axis=-1) ** 2, (A,)),
    ("linalg.cross", lambda m, n: np.linalg.cross(m, n), (M, M.T)),
    ("linalg.diagonal", lambda a: np.linalg.diagonal(a, offset=1) ** 2, (A,)),
    ("linalg.matrix_norm", lambda m: np.linalg.matrix_norm(m), (M,)),
    ("linalg.matrix_power", lambda m: np.linalg.matrix_power(m, 3), (M,)),
    ("linalg.matrix_power", lambda m: np.linalg.matrix_power(m, -2), (M + 3 * np.eye(3),)),
    ("linalg.matrix_transpose", lambda a: np.linalg.matrix_transpose(a) @ a, (A,)),
    ("linalg.multi_dot", lambda a, b: np.linalg.multi_dot([a, b.T, a]), (A, B)),
    ("linalg.pinv", lambda a: np.linalg.pinv(a), (A,)),
    ("linalg.pinv", lambda a: np.linalg.pinv(a), (A.T,)),
    ("linalg.trace", lambda a: np.linalg.trace(a) ** 2, (A,)),
    ("linalg.vecdot", lambda a, b: np.linalg.vecdot(a, b), (A, B)),
    ("linalg.vector_norm", lambda a: np.linalg.vector_norm(a), (A,)),
    ("linalg.vector_norm", lambda a: np.linalg.vector_norm(a, axis=1, ord=1), (A,)),
]  # fmt: skip

SCIPY: Final = {"logit", "xlogy"}
"""Ufuncs of SciPy, which is not installed here."""


@pytest.mark.filterwarnings("ignore:numpy.fix is deprecated")  # since NumPy 2.5
@pytest.mark.parametrize(
    "number", range(len(CASES)), ids=[f"{name}-{k}" for k, (name, _, _) in enumerate(CASES)]
)
def test_a_function_without_an_op(number: int) -> None:
    """Value and slopes."""
    _, function, arrays = CASES[number]
    check(function, *arrays)


def test_every_function_has_a_case() -> None:
    """So that none is added untried."""
    assert {name for name, _, _ in CASES} == set(LOWERED) - SCIPY


@pytest.mark.parametrize(("name", "expected"), [("logit", 0.4), ("xlogy", 0.0)])
def test_ufuncs_of_scipy(name: str, expected: float) -> None:
    """Said in terms of NumPy's."""
    arguments = {"logit": (1 / (1 + np.exp(-0.4)),), "xlogy": (0.0, 0.0)}[name]
    with np.errstate(all="ignore"):
        assert LOWERED[name](*arguments) == pytest.approx(expected)
