"""Every place where a row and PyTorch are known to differ beside NaN, infinities and domains' ends.

What differs on finite numbers within the domain is stated by the witness itself, in
``tui_backprop/verify/pytorch/differences.py``, since a report needs to know it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

WILD_X: Final = ("nan", "infinity")
WILD_V: Final = ("infinite v", "nan v", "infinite v at kinks")
_POINTS: Final = ("kinks", "bounds")


@dataclass(frozen=True, slots=True)
class Stated:
    """A difference that stays.

    Attributes:
        op: the row.
        what: ``value``, ``dx`` for the gradient of the operand x, or ``refused``; several, apart.
        laws: on which numbers, see `tests.pytorch.draws`.
        reason: what each side does.
        before: the version of PyTorch that no longer differs; empty for none.
        is_rounding: whether the processor decides if it is seen.
    """

    op: str
    what: str
    laws: tuple[str, ...]
    reason: str
    before: tuple[int, int] | tuple[()] = ()
    is_rounding: bool = False

    def is_of(self, version: tuple[int, int]) -> bool:
        """Whether a version of PyTorch differs so."""
        return not self.before or version < self.before


_SIGN: Final = "PyTorch's sign(NaN) is 0, NumPy's is NaN"
_LAPACK: Final = "how far a NaN or an infinity spreads is the elimination's, ours NumPy's"
_UNFACTORED: Final = (
    "without factors all is NaN here; there it is what the library leaves, whose signs at -0 and "
    "whose sums of infinities are its own"
)
_PADDING: Final = "PyTorch multiplies by the zeros of the padding, here they are left out"
_SUMMED: Final = "sums of infinities, taken in another order"
_SCALED: Final = "an infinite weight: v is multiplied by it first, or the difference in the end"
_HIDDEN: Final = (
    "PyTorch adds -inf to a score that is_causal hides, so a NaN or inf in it stays; here it is "
    "left out; and of no keys at all the sum here is 0, whatever the queries and v"
)
_POWER: Final = "PyTorch masks v where the exponent is 0; here 0·inf is NaN"
_ROOT: Final = "NumPy reads x ** 0.5 as sqrt(x), NaN at -inf"
_SHORT: Final = "PyTorch's chain rule subtracts infinities that cancel in the row's one formula"
_UNASKED: Final = "PyTorch multiplies v by the weight 0 of an entry; here that is not read"

_MIDDLE: Final = ("median", "nanmedian")
_QUANTILES: Final = ("quantile", "nanquantile", "percentile")
_UNREAD: Final = (
    "PyTorch adds 0 times the next entry, 0·inf; here what is not asked for is not read"
)
_BETWEEN: Final = (
    "PyTorch adds a part of the difference, inf − inf; here equal entries are their quantile"
)

_TWO_SHARES: Final = (
    "up to 2.13 a tie goes to the first alone, and of two NaN the first receives all"
)
_STEPPED_OVER: Final = (
    "from 2.14 on a NaN that is stepped over receives as much as the number, up to 2.13 the second "
    "of two NaN nothing"
)

DIFFERENCES: Final = (
    Stated(
        "clip", "dx dmin dmax", (*_POINTS, *WILD_X, *WILD_V),
        "up to 2.13 the gradient passes at a bound, and a bound receives nothing there", (2, 14),
    ),
    Stated(
        "hinge", "dx dt", (*_POINTS, *WILD_V),
        "up to 2.13 hinge_embedding_loss has the slope of the side below at the margin", (2, 14),
    ),
    *(
        Stated(op, "dx dy", (*_POINTS, "infinity", "infinite v at kinks"), _TWO_SHARES, (2, 14))
        for op in ("fmax", "fmin")
    ),
    *(Stated(op, "dx dy", ("nan",), _STEPPED_OVER) for op in ("fmax", "fmin")),
    Stated(
        "fmod", "dy", (*_POINTS, *WILD_X, *WILD_V),
        "PyTorch rounds the quotient, which is infinite where nothing is left",
    ),
    Stated("copysign", "dx", ("infinity",), "PyTorch divides inf by inf; here it is the sign"),
    Stated(
        "copysign", "dx", ("infinite v at kinks",),
        "PyTorch multiplies v by 0 where x is 0; here nothing comes back",
    ),
    Stated(
        "digamma", "dx", (*_POINTS, *WILD_V),
        "at a negative whole number PyTorch's slope is what rounding leaves of 1/sin(πx)², not inf",
    ),
    Stated("heaviside", "value", ("nan",), "PyTorch's is 0 at NaN; here, as in NumPy, it is NaN"),
    Stated(
        "logaddexp2", "value", (*_POINTS, "infinite v at kinks"),
        "where it is exactly 0, PyTorch leaves what rounding leaves",
    ),
    Stated("xlogy", "dx", WILD_V, "PyTorch masks v where x is 0 and y is not positive"),
    Stated("abs", "dx", ("nan",), _SIGN),
    Stated("sign", "value", ("nan",), _SIGN),
    Stated("mae", "dx dt", WILD_X, _SIGN),
    Stated("norm", "dx", ("nan",), _SIGN),
    Stated(
        "norm", "refused", ("nan",),
        "PyTorch raises where it finds no singular values; here they are NaN",
    ),
    Stated(
        "norm", "dx", WILD_V,
        "ord=2: PyTorch multiplies v by a matrix of zeros; here by u·vᵀ alone",
    ),
    Stated(
        "norm", "value", _POINTS,
        "ord=-2 of a singular matrix is the rounding of two ways to its singular values, not 0",
        is_rounding=True,
    ),
    Stated(
        "norm", "dx", ("infinity",),
        "a matrix that is not finite has no singular vectors here; LAPACK returns some for one row",
    ),
    Stated(
        "cbrt", "dx", (*_POINTS, *WILD_V),
        "PyTorch has no cube root: sign(x)·|x|^(1/3) is 0·inf at 0, where the slope is inf",
    ),
    Stated("power", "dx", WILD_V, _POWER),
    Stated("power", "value", ("infinity",), _ROOT),
    Stated("float_power", "dx", WILD_V, _POWER),
    Stated("float_power", "value", ("infinity",), _ROOT),
    Stated("sinc", "dx", WILD_V, "PyTorch masks v at 0; here 0·inf is NaN"),
    Stated("std", "dx", WILD_V, "PyTorch masks v where std is 0; here 0·inf is NaN"),
    Stated(
        "average", "dweights", (*_POINTS, *WILD_X, *WILD_V),
        "PyTorch has no average: the quotient's chain rule subtracts two infinities where the "
        "weights add up to 0, and a weight alone has slope 0 here whatever the numbers",
    ),
    *(Stated(op, "value", ("infinity",), _UNREAD) for op in _MIDDLE),
    *(Stated(op, "value", ("infinity",), _BETWEEN) for op in _QUANTILES),
    *(Stated(op, "dx", WILD_V, _UNASKED) for op in (*_MIDDLE, *_QUANTILES)),
    Stated(
        "prod", "dx", WILD_X,
        "PyTorch divides the product by the entry; here the others are multiplied",
    ),
    Stated(
        "cumprod", "dx", (*WILD_X, *WILD_V),
        "PyTorch divides by the entry; here nothing is divided",
    ),
    Stated(
        "logcumsumexp", "dx", WILD_V,
        "PyTorch takes the logarithm of v apart by its sign, so a NaN in it counts as nothing",
    ),
    Stated("einsum", "value da", (*WILD_X, *WILD_V), _SUMMED),
    Stated("det", "value da", (*WILD_X, *WILD_V), _LAPACK),
    Stated("inv", "value da", WILD_X, _LAPACK),
    Stated("solve", "value da db", (*WILD_X, *WILD_V), _LAPACK),
    Stated("cholesky", "value", ("infinity",), _LAPACK),
    Stated("cholesky", "da", (*_POINTS, *WILD_X, *WILD_V), _UNFACTORED),
    Stated("qr_q", "value", ("kinks", *WILD_X), _UNFACTORED),
    Stated("qr_q", "da", (*_POINTS, *WILD_X, *WILD_V), _UNFACTORED),
    Stated("qr_r", "value", ("kinks", *WILD_X), _UNFACTORED),
    Stated("qr_r", "da", (*_POINTS, *WILD_X, *WILD_V), _UNFACTORED),
    Stated("solve_triangular", "value", WILD_X, _LAPACK),
    Stated("solve_triangular", "da db", (*WILD_X, *WILD_V), _LAPACK),
    Stated("eigvalsh", "value da refused", WILD_X, _UNFACTORED),
    Stated("eigvecsh", "value da refused", WILD_X, _UNFACTORED),
    Stated("svdvals", "da refused", ("kinks", *WILD_X), _UNFACTORED),
    Stated(
        "svd_u", "value da refused", (*_POINTS, *WILD_X, "infinite v at kinks"), _UNFACTORED
    ),
    Stated(
        "svd_vh", "value da refused", (*_POINTS, *WILD_X, "infinite v at kinks"), _UNFACTORED
    ),
    Stated("pinv", "value da refused", (*WILD_X, *WILD_V), _SUMMED),
    Stated("logabsdet", "value da", (*_POINTS, *WILD_X, *WILD_V), _LAPACK),
    Stated("signdet", "value", WILD_X, _LAPACK),
    Stated("layer_norm", "dx", WILD_V, _SUMMED),
    Stated("layer_norm", "dx", ("infinity",), _SCALED),
    Stated(
        "layer_norm", "dweight", WILD_V,
        "where an entry is its mean PyTorch multiplies v by what rounding left, here by 0",
    ),
    Stated("batch_norm", "dx", ("infinity",), _SCALED),
    Stated(
        "batch_norm", "value dx", (*WILD_X, *WILD_V),
        "with what was kept PyTorch multiplies by one factor and adds one term: inf - inf",
    ),
    Stated("scaled_dot_product_attention", "value dq dk dv", WILD_X, _HIDDEN),
    Stated("scaled_dot_product_attention", "dq dk dv", WILD_V, _HIDDEN),
    Stated(
        "scaled_dot_product_attention", "dattn_mask", (*WILD_X, *WILD_V),
        "a mask that adds the same to all scores of a query has slope 0 here whatever the numbers",
    ),
    Stated("cosine_similarity", "dx dy", WILD_V, _SHORT),
    Stated("kl_div", "dt", WILD_V, _SHORT),
    Stated("cross_entropy", "dx", WILD_V, _SHORT),
    Stated(
        "cross_entropy", "dx", _POINTS,
        "weights that add up to 0 make the mean NaN; PyTorch still leaves out what is ignored",
    ),
    Stated(
        "hinge", "dx dt", ("infinity", *WILD_V),
        "written with relu, PyTorch masks v beyond the margin; here 0·inf is NaN",
    ),
    Stated(
        "binary_cross_entropy", "refused", ("kinks", *WILD_X, *WILD_V),
        "PyTorch raises outside of [0, 1]; here the value is what the logarithm gives",
    ),
    Stated(
        "binary_cross_entropy", "dt", (*_POINTS, *WILD_V),
        "PyTorch cuts the logarithm off at -100 in the value only; here its slope is the value's",
    ),
    Stated(
        "binary_cross_entropy", "dp", (*_POINTS, *WILD_V),
        "PyTorch's 1e-12 is a float32 number: the ninth digit differs",
    ),
    Stated(
        "binary_cross_entropy_with_logits", "value", ("infinity",),
        "an infinite target: PyTorch adds what is multiplied here",
    ),
    Stated(
        "binary_cross_entropy_with_logits", "dx", WILD_X,
        "PyTorch multiplies by what a weight of infinity leaves of both parts at once",
    ),
    Stated(
        "multi_margin", "value dx", (*WILD_X, *WILD_V),
        "PyTorch asks whether a distance is positive, which a NaN is not: it counts as 0",
    ),
    Stated("conv1d", "value dw", (*WILD_X, *WILD_V), _PADDING),
    Stated("conv2d", "value dw", (*WILD_X, *WILD_V), _PADDING),
    Stated("conv_transpose1d", "dx dw", (*WILD_X, *WILD_V), _PADDING),
    Stated("conv_transpose2d", "dx dw", (*WILD_X, *WILD_V), _PADDING),
)  # fmt: skip

_SIZES: Final = ("large", "small")
_SQUARES: Final = "PyTorch squares the numbers as they are, here they are scaled first"

SQUARED: Final = (
    Stated("std", "value dx", _SIZES, _SQUARES),
    Stated("norm", "value dx", _SIZES, _SQUARES),
    Stated("arctan2", "dy dx", ("small",), _SQUARES),
    Stated("cosine_similarity", "value", ("large",), _SQUARES),
    Stated("rms_norm", "value dx dweight", ("large",), _SQUARES),
    Stated("layer_norm", "value dx dweight", ("large",), _SQUARES),
    Stated("batch_norm", "value dx dweight", ("large",), _SQUARES),
    Stated("batch_norm", "value", ("small",), "PyTorch rounds the mean of equal numbers"),
    Stated(
        "logsumexp", "dx", ("large",),
        "PyTorch takes the slope from the rounded result, so at ties it adds up to their number",
    ),
)  # fmt: skip
"""Of numbers whose squares are too large or too small for float64."""

_RAISES: Final = "PyTorch refuses such a shape"
_CLASSLESS: Final = "with no class there is nothing to name, and PyTorch raises"
_PLACELESS: Final = "where there is no entry no number names one, and PyTorch raises"

EMPTY: Final = (
    Stated("max", "refused", (), _RAISES),
    Stated("min", "refused", (), _RAISES),
    Stated("batch_norm", "refused", (), _RAISES),
    *(Stated(op, "refused", (), _RAISES) for op in (*_MIDDLE, *_QUANTILES)),
    Stated("conv1d", "refused", (), _RAISES),
    Stated("conv2d", "refused", (), _RAISES),
    Stated("conv_transpose1d", "refused", (), _RAISES),
    Stated("interpolate", "refused", (), _RAISES),
    Stated("pixel_shuffle", "refused", (), "PyTorch's gradient of no entries has another shape"),
    Stated("conv_transpose2d", "refused", (), _RAISES),
    Stated(
        "scaled_dot_product_attention",
        "refused",
        (),
        "where nothing comes out PyTorch does not broadcast the axes before the queries",
    ),
    Stated("embedding", "refused", (), _CLASSLESS),
    Stated("multi_margin", "value refused", (), "PyTorch leaves what stood in memory, or raises"),
    Stated("take", "refused", (), _PLACELESS),
    Stated("take_along_axis", "refused", (), _PLACELESS),
    Stated("gather", "refused", (), _PLACELESS),
    Stated("index_select", "refused", (), _PLACELESS),
    Stated("index_add", "refused", (), _PLACELESS),
    Stated("nll", "refused", (), _CLASSLESS),
    Stated("cross_entropy", "refused", (), _CLASSLESS),
    Stated("cross_entropy", "value", (), "with no class PyTorch counts samples as 0 / 0"),
)
"""Of arrays without entries."""
