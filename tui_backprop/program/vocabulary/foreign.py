"""Names that NumPy, PyTorch or JAX have and a program has not, with what to write instead.

A name listed here is never answered with a similarly spelled one, and a test runs every text that
is advised.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from tui_backprop.language.message import said
from tui_backprop.program.vocabulary.names import NUMBERS, nearest
from tui_backprop.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_LIST: Final = said("a list, such as [0, 1], is an array; a larger one belongs under 'constants:'")
LOOP: Final = said("write for t in range(N):")
_CONSTANT: Final = said("what shall receive no gradient belongs under 'constants:'")
_READY: Final = said("a value is used as it is")

RENAMED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "view": "reshape", "expand": "broadcast_to", "broadcast": "broadcast_to",
        "bce": "binary_cross_entropy", "BCELoss": "binary_cross_entropy",
        "BCEWithLogitsLoss": "binary_cross_entropy_with_logits", "NLLLoss": "nll",
        "MSELoss": "mse", "L1Loss": "mae", "CrossEntropyLoss": "cross_entropy",
        "HuberLoss": "huber", "KLDivLoss": "kl_div", "batchnorm1d": "batch_norm",
        "batchnorm2d": "batch_norm",
    }
)  # fmt: skip
"""What is here under another name, and is no function elsewhere or takes other arguments."""

REWRITES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "divmod": "x // y", "dense": "x @ W.T + b", "lstsq": "solve(X.T @ X, X.T @ y)",
        "size": "x.size", "shape": "x.shape", "ndim": "x.ndim", "numel": "x.size", "dim": "x.ndim",
        "avg": "mean(x)", "sqr": "square(x)", "masked_select": "x[x > 0]",
        "scatter": "where(one_hot(1, 3), 7, x)", "scatter_add": "index_add(x, 0, [1, 0], y[:2])",
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
                "randint", "random", "normal", "uniform", "tri",
            ),
            _LIST,
        ),
        **dict.fromkeys(("enumerate", "zip", "map", "filter"), LOOP),
        "no_grad": _CONSTANT,
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
    "mode unique nonzero argwhere searchsorted bincount "
    "histogram eig eigvals lu expm logm sqrtm lu_solve matrix_rank "
    "put_along_axis choose compress extract fold "
    "conv3d conv_transpose3d max_pool3d avg_pool3d upsample grid_sample gumbel_softmax "
    "multi_head_attention rnn lstm gru embedding_bag ctc_loss multilabel_margin_loss polygamma "
    "i0 i1 bessel_j0 zeta interp polyfit roots fft ifft rfft irfft real imag angle conj select "
    "piecewise vectorize apply_along_axis fori_loop scan cond while_loop vmap jit nextafter "
    "frexp gcd lcm bitwise_and bitwise_or bitwise_xor invert "
    "setdiff1d union1d intersect1d triu_indices tril_indices "
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
        "dim": "axis", "keepdim": "keepdims", "keep_dims": "keepdims", "p": "ord",
        "newshape": "shape",
    }
)  # fmt: skip
"""How arguments are called elsewhere that mean something else there, or are out of date."""


def own_name(name: str, known: Iterable[str]) -> str:
    """A function of the table under its own name: ``ReLU`` is relu, ``amax`` max; empty if none."""
    functions = list(known)  # in their order: an op comes before another name of it
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
