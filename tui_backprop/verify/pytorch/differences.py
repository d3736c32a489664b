"""Where PyTorch is known to differ, or has no equal.

A stated difference on finite numbers is not called an error. Nor is one beside NaN and infinities;
but a finite number against one that is not finite is never called agreement.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.language.message import said
from tui_backprop.verify.pytorch.axes import axes_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tui_backprop.rules.types import Array

WITHOUT: Final[Mapping[str, str]] = MappingProxyType({})
"""Ops that PyTorch has no equal of, and why: of a program with one of them it says nothing."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A gradient that PyTorch defines otherwise, on purpose on one side or the other.

    Attributes:
        reason: whose it is, and why ours stays.
        at: ``(y, *operands, **params)`` → whether these numbers show it.
    """

    reason: str
    at: Callable[..., bool]


def _has_zero(y: Array, *_operands: Array) -> bool:
    return bool(np.any(y == 0))


def _has_negative_zero(_y: Array, a: Array) -> bool:
    return bool(np.any((a == 0) & np.signbit(a)))


def _has_equal_directions(_y: Array, a: Array, **_params: Any) -> bool:
    """Whether two singular values, or one and 0, are alike to half of the digits.

    Their vectors may turn; those of 0 are any that the others leave over.
    """
    if not np.isfinite(a).all() or not a.size:
        return False
    values = np.linalg.svd(a, compute_uv=False)
    gaps = np.abs(np.diff(values, axis=-1, append=0.0))
    return bool(np.any(gaps <= 1e-8 * values[..., :1]))


def _is_short(_z: Array, x: Array, y: Array, axis: Any, eps: float) -> bool:
    x, y = np.broadcast_arrays(x, y)
    axes = tuple(axes_of(x, axis))
    with np.errstate(over="ignore"):  # a square beyond float64 is not short either
        return any(np.any(np.sum(part * part, axis=axes) < eps * eps) for part in (x, y))


DIFFERENCES: Final[Mapping[str, Difference]] = MappingProxyType(
    {
        "det": Difference(
            said("PyTorch multiplies by the determinant, and so loses the cofactors where it is 0"),
            _has_zero,
        ),
        "cosine_similarity": Difference(
            said("below eps PyTorch's value uses eps, its slope still the norm"), _is_short
        ),
    }
)

VALUES: Final[Mapping[str, Difference]] = MappingProxyType(
    {
        "logaddexp2": Difference(
            said("where it is exactly 0, PyTorch leaves what rounding leaves"), _has_zero
        ),
        **dict.fromkeys(
            ("eigvecsh", "svd_u", "svd_vh"),
            Difference(
                said("vectors of equal values, and those of 0, are any of their plane"),
                _has_equal_directions,
            ),
        ),
        **dict.fromkeys(
            ("qr_q", "qr_r"),
            Difference(said("the sign of a column at -0 is the library's"), _has_negative_zero),
        ),
    }
)
"""Values of finite numbers that are one side's own, and with them all that is made of them."""

_SIGN: Final = said("PyTorch's sign(NaN) is 0, NumPy's is NaN")
_LAPACK: Final = said("how far a NaN or an infinity spreads is the elimination's, ours NumPy's")
_PADDING: Final = said("PyTorch multiplies by the zeros of the padding, here they are left out")
_POWER: Final = said("PyTorch lets no v through where the exponent is 0; here 0·inf is NaN")
_MASKED: Final = said("PyTorch lets no infinite v through where the slope is 0; here 0·inf is NaN")
_ORDER: Final = said("sums and products of infinities, taken in another order")
_SHORT: Final = said(
    "PyTorch's chain rule subtracts infinities that cancel in the row's one formula"
)
_DIVIDED: Final = said("PyTorch divides by the entry; here nothing is divided")
_UNREAD: Final = said("PyTorch multiplies by the weight 0 of an entry; here that is not read")
_FACTORS: Final = ("cholesky", "eigvalsh", "eigvecsh", "qr_q", "qr_r", "svdvals", "svd_u", "svd_vh")

BESIDE_INFINITIES: Final[Mapping[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(("abs", "sign", "mae"), _SIGN),
        **dict.fromkeys(("power", "float_power"), _POWER),
        **dict.fromkeys(("sinc", "std", "hinge", "norm"), _MASKED),
        **dict.fromkeys(("det", "inv", "logabsdet", "signdet", "solve"), _LAPACK),
        **dict.fromkeys(("solve_triangular", *_FACTORS), _LAPACK),
        **dict.fromkeys(("conv1d", "conv2d", "conv_transpose1d", "conv_transpose2d"), _PADDING),
        **dict.fromkeys(("copysign", "xlogy"), _MASKED),
        "fmod": said("PyTorch rounds the quotient, which is infinite where nothing is left"),
        "logcumsumexp": said("PyTorch counts a NaN in v as nothing"),
        **dict.fromkeys(("einsum", "layer_norm", "batch_norm", "average", "pinv"), _ORDER),
        **dict.fromkeys(("median", "nanmedian"), _UNREAD),
        **dict.fromkeys(("quantile", "nanquantile", "percentile"), _UNREAD),
        "take_along_axis": said(
            "past the end PyTorch's take_along_dim counts on from the beginning; here it is NaN"
        ),
        **dict.fromkeys(
            ("fmax", "fmin"), said("each release of PyTorch passes v on otherwise beside a NaN")
        ),
        "clip": said("PyTorch passes v on at a bound up to 2.13, an infinite or NaN one too"),
        "digamma": said("at a pole PyTorch's slope is what rounding leaves, here it is infinite"),
        "heaviside": said("PyTorch's step of NaN is 0, NumPy's is NaN"),
        "multi_margin": said("PyTorch takes a distance that is NaN as none"),
        **dict.fromkeys(("cosine_similarity", "kl_div", "cross_entropy"), _SHORT),
        **dict.fromkeys(("prod", "cumprod"), _DIVIDED),
        "cbrt": said(
            "PyTorch has no cube root: sign(x)·|x|^(1/3) is 0·inf at 0, where the slope is inf"
        ),
        "scaled_dot_product_attention": said(
            "PyTorch adds −inf to a score that is hidden, so a NaN or inf in it stays; here it is "
            "left out"
        ),
        "binary_cross_entropy": said("PyTorch cuts the logarithm off in the value only"),
        "binary_cross_entropy_with_logits": said("PyTorch adds what is multiplied here"),
    }
)
"""What differs where an operand, the value or v is not finite: the op and the reason."""
