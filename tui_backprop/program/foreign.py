"""Names that NumPy, PyTorch or JAX have and a program has not, with what to write instead.

A name listed here is never answered with a similarly spelled one, and a test runs every text that
is advised.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from tui_backprop.language.message import said
from tui_backprop.program.names import NUMBERS, nearest
from tui_backprop.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_LIST: Final = said("a list, such as [0, 1], is an array; a larger one belongs under 'constants:'")
LOOP: Final = said("write for t in range(N):")
_CONSTANT: Final = said("what shall receive no gradient belongs under 'constants:'")
_READY: Final = said("a value is used as it is")

RENAMED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "absolute": "abs", "fabs": "abs", "amax": "max", "amin": "min", "asin": "arcsin",
        "acos": "arccos", "atan": "arctan", "atan2": "arctan2", "asinh": "arcsinh",
        "acosh": "arccosh", "atanh": "arctanh", "concat": "concatenate", "cat": "concatenate",
        "pow": "power", "mod": "remainder", "true_divide": "divide", "div": "divide",
        "mul": "multiply", "sub": "subtract", "neg": "negative", "mm": "matmul", "bmm": "matmul",
        "mv": "matmul", "clamp": "clip", "unsqueeze": "expand_dims", "view": "reshape",
        "permute": "transpose", "permute_dims": "transpose",
        "movedim": "moveaxis", "swapdims": "swapaxes", "swish": "silu", "expit": "sigmoid",
        "logistic": "sigmoid", "ln": "log", "sgn": "sign", "gt": "greater", "ge": "greater_equal",
        "lt": "less", "le": "less_equal", "eq": "equal", "ne": "not_equal", "mse_loss": "mse",
        "l1_loss": "mae", "huber_loss": "huber", "nll_loss": "nll",
        "BCELoss": "binary_cross_entropy", "bce": "binary_cross_entropy",
        "BCEWithLogitsLoss": "binary_cross_entropy_with_logits", "NLLLoss": "nll",
        "MSELoss": "mse", "L1Loss": "mae", "CrossEntropyLoss": "cross_entropy",
        "HuberLoss": "huber", "KLDivLoss": "kl_div", "inverse": "inv",
        "batchnorm1d": "batch_norm", "batchnorm2d": "batch_norm", "broadcast": "broadcast_to",
        "expand": "broadcast_to",
    }
)  # fmt: skip
"""Functions that are here under another name."""

REWRITES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "isnan": "x != x", "isinf": "abs(x) == inf", "isfinite": "abs(x) < inf",
        "any": "max(x != 0)", "all": "min(x != 0)", "count_nonzero": "sum(x != 0)",
        "logical_and": "(x != 0) * (y != 0)", "logical_or": "maximum(x != 0, y != 0)",
        "logical_not": "x == 0", "nan_to_num": "where(x == x, x, 0)",
        "nansum": "sum(where(x == x, x, 0))", "nanmean": "sum(where(x == x, x, 0)) / sum(x == x)",

        "rsqrt": "1 / sqrt(x)", "erfc": "1 - erf(x)",
        "relu6": "clip(x, 0, 6)", "hardsigmoid": "clip(x + 3, 0, 6) / 6",
        "hardswish": "x * clip(x + 3, 0, 6) / 6", "softsign": "x / (1 + abs(x))",
        "softmin": "softmax(-x)", "tanhshrink": "x - tanh(x)",
        "softshrink": "x - clip(x, -0.5, 0.5)", "hardshrink": "where(abs(x) > 0.5, x, 0)",
        "celu": "maximum(x, 0) + minimum(0, expm1(x))", "prelu": "where(x > 0, x, y * x)",
        "threshold": "where(x > 1, x, 0)", "logit": "log(x / (1 - x))",
        "xlogy": "x * log(where(x == 0, 1, y))", "trunc": "sign(x) * floor(abs(x))",
        "fix": "sign(x) * floor(abs(x))", "frac": "x - sign(x) * floor(abs(x))",
        "fmod": "sign(x) * (abs(x) % abs(y))", "divmod": "x // y",
        "fmax": "where(x != x, y, where(y != y, x, maximum(x, y)))",
        "fmin": "where(x != x, y, where(y != y, x, minimum(x, y)))",
        "heaviside": "where(x > 0, 1, where(x == 0, y, 0))",
        "copysign": "where(y < 0, -abs(x), abs(x))", "positive": "+x",
        "deg2rad": "x * pi / 180", "radians": "x * pi / 180", "rad2deg": "x * 180 / pi",
        "degrees": "x * 180 / pi", "lerp": "x + 0.5 * (y - x)", "addcmul": "x + y * y",
        "logaddexp2": "logaddexp(x * log(2), y * log(2)) / log(2)", "ptp": "max(x) - min(x)",
        "diff": "x[1:] - x[:-1]", "ediff1d": "x[1:] - x[:-1]", "flipud": "X[::-1]",
        "fliplr": "X[:, ::-1]", "rot90": "flip(X.T, axis=0)",
        "column_stack": "stack([x, y], axis=1)", "dstack": "stack([X, Y], axis=2)",
        "atleast_1d": "reshape(x, -1)", "matrix_transpose": "X.T",
        "vecdot": "sum(x * y, axis=-1)", "multi_dot": "X @ Y @ X", "matrix_power": "X @ X @ X",
        "linear": "x @ W.T + b", "dense": "x @ W.T + b",
        "baddbmm": "b + X @ Y",
        "lstsq": "solve(X.T @ X, X.T @ y)",
        "cross": "[x[1]*y[2] - x[2]*y[1], x[2]*y[0] - x[0]*y[2], x[0]*y[1] - x[1]*y[0]]",
        "trapezoid": "sum(x[1:] + x[:-1]) / 2", "trapz": "sum(x[1:] + x[:-1]) / 2",
        "logcumsumexp": "log(cumsum(exp(x)))", "normalize": "x / norm(x)",
        "cdist": "norm(X[:, None] - Y, axis=-1)",
        "smooth_l1": "huber(x, y)", "smooth_l1_loss": "huber(x, y)", "SmoothL1Loss": "huber(x, y)",
        "poisson_nll_loss": "mean(exp(x) - y * x)", "logcosh": "log(cosh(x))",
        "gaussian_nll_loss": "mean(log(y ** 2) + (x / y) ** 2) / 2",
        "triplet_margin_loss": "relu(norm(x - y) - norm(x + y) + 1)",
        "margin_ranking_loss": "mean(relu(x - y))",
        "cosine_embedding_loss": "1 - cosine_similarity(x, y)",
        "size": "x.size", "shape": "x.shape", "ndim": "x.ndim", "numel": "x.size", "dim": "x.ndim",
        "avg": "mean(x)", "sqr": "square(x)",
    }
)  # fmt: skip
"""How to write what has no function of its own.

The names x, y and b stand for arrays of shape (n,), X, Y and W for (n, n).
"""

_ADVICE: Final[Mapping[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(
            (
                "array", "asarray", "tensor", "as_tensor", "empty", "logspace", "rand", "randn",
                "randint", "random", "normal", "uniform", "tri", "one_hot",
            ),
            _LIST,
        ),
        **dict.fromkeys(("enumerate", "zip", "map", "filter"), LOOP),
        **dict.fromkeys(("detach", "stop_gradient", "no_grad"), _CONSTANT),
        **dict.fromkeys(
            (
                "item", "numpy", "tolist", "copy", "clone", "float", "double", "int", "astype",
                "to", "cpu", "cuda", "type", "contiguous", "array_equal",
            ),
            _READY,
        ),
        **dict.fromkeys(
            ("backward", "grad", "requires_grad_", "zero_grad", "retain_grad"),
            said("a backward pass is written under 'backward:'"),
        ),
        "print": said("every value is shown"),
        **dict.fromkeys(("Parameter", "Variable"), said("a leaf under 'inputs:' has a gradient")),
    }
)  # fmt: skip

_LACKING: Final = (
    "kthvalue nanmedian percentile mode unique "
    "nonzero argwhere searchsorted bincount histogram eig eigvals "
    "lu expm logm sqrtm lu_solve matrix_rank "
    "chunk hsplit vsplit scatter scatter_add "
    "masked_fill masked_select put_along_axis choose compress extract "
    "fold group_norm instance_norm local_response_norm conv3d conv_transpose1d "
    "conv_transpose2d conv_transpose3d adaptive_avg_pool1d adaptive_avg_pool2d "
    "adaptive_max_pool1d adaptive_max_pool2d max_pool3d avg_pool3d interpolate upsample "
    "pixel_shuffle grid_sample glu gumbel_softmax multi_head_attention rnn lstm gru "
    "embedding_bag ctc_loss multi_margin_loss multilabel_margin_loss soft_margin_loss erfinv "
    "lgamma gammaln digamma polygamma i0 i1 bessel_j0 zeta convolve correlate gradient interp "
    "polyval polyfit roots fft ifft rfft irfft cov corrcoef real imag angle conj select "
    "piecewise vectorize apply_along_axis fori_loop scan cond while_loop vmap jit nextafter "
    "frexp ldexp gcd lcm bitwise_and bitwise_or bitwise_xor invert nanmax nanmin nanstd nanvar "
    "nanprod setdiff1d union1d intersect1d triu_indices tril_indices diag_embed block_diag "
    "rearrange "
)
"""What there is no short way to write; words with a blank between them."""

MODULES: Final = frozenset(
    ("np", "numpy", "jnp", "jax", "torch", "F", "nn", "math", "tf", "scipy", "keras", "sp", "lax")
)
"""How the libraries are called where they are imported."""

_CONSTANTS: Final[Mapping[str, str]] = MappingProxyType(
    {**{name: name for name in NUMBERS}, "newaxis": "None", "infty": "inf", "Inf": "inf",
     "NaN": "nan", "tau": "2 * pi", "euler": "e"}
)  # fmt: skip

KEYWORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "dim": "axis", "keepdim": "keepdims", "keep_dims": "keepdims", "correction": "ddof",
        "input": "x", "other": "y", "a": "x", "a_min": "min", "a_max": "max", "p": "ord",
        "target": "t", "newshape": "shape", "dim0": "axis1", "dim1": "axis2", "dims": "axis",
        "shifts": "shift",
    }
)  # fmt: skip
"""How arguments are called elsewhere, and what they may be called here."""


def own_name(name: str, known: Iterable[str]) -> str:
    """A function of the table under its own name: ``ReLU`` is relu, ``amax`` max; empty if none."""
    functions = frozenset(known)
    if name in functions:
        return name
    plain = _plain(name)
    for function in functions:
        if _plain(function) == plain:
            return function
    found = _RENAMED_PLAIN.get(plain, "")
    return found if found in functions else ""


def advice(name: str, known: Iterable[str]) -> tuple[bool, str]:
    """Whether a function is known from elsewhere, and what to write instead of it."""
    own, plain = own_name(name, known), _plain(name)
    if own:
        return True, said("write {code}", code=f"{own}(…)")
    if plain in _REWRITES_PLAIN:
        return True, said("write {code}", code=f"{_REWRITES_PLAIN[plain]}")
    if plain in _ADVICE_PLAIN:
        return True, _ADVICE_PLAIN[plain]
    return plain in _LACKING_PLAIN, ""


def hint_for(name: str, known: Iterable[str]) -> tuple[str, str]:
    """Message and hint for a function that a program has not."""
    functions = list(known)
    is_known, hint = advice(name, functions)
    if own := own_name(name, functions):
        return said("unknown function '{name}'", name=name), did_you_mean(own)
    if is_known:
        return _not_here(name), hint
    return said("unknown function '{name}'", name=name), nearest(name, functions)


def hint_for_member(module: str, name: str, known: Iterable[str]) -> tuple[str, str]:
    """Message and hint for ``np.tanh`` and its like."""
    message = said("'{module}.' is not part of a program", module=module)
    if name in _CONSTANTS:
        return message, said("write {code}", code=f"{_CONSTANTS[name]}")
    functions = list(known)
    is_known, hint = advice(name, functions)
    if hint:
        return message, hint
    if is_known:
        return _not_here(f"{module}.{name}"), ""
    near = nearest(name, functions)
    return message, near or said("functions are there by their names")


def _not_here(name: str) -> str:
    return said(
        "'{name}' is known from other libraries, and there is no such function here", name=name
    )


def _plain(name: str) -> str:
    return name.lower().replace("_", "")


_RENAMED_PLAIN: Final = MappingProxyType({_plain(k): v for k, v in RENAMED.items()})
_REWRITES_PLAIN: Final = MappingProxyType({_plain(k): v for k, v in REWRITES.items()})
_ADVICE_PLAIN: Final = MappingProxyType({_plain(k): v for k, v in _ADVICE.items()})
_LACKING_PLAIN: Final = frozenset(map(_plain, _LACKING.split()))
