"""Other names of ops and of their arguments, as NumPy, SciPy, PyTorch and JAX have them.

A name stands here where the function that bears it elsewhere is the op: the same values, and the
same arguments in the same places. What differs in either has no alias but a hint, in `foreign`.
"""

from __future__ import annotations

import ast
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping

ALIASES: Final[Mapping[str, str]] = MappingProxyType(
    {
        # NumPy and the array standard
        "absolute": "abs", "fabs": "abs", "amax": "max", "amin": "min", "asin": "arcsin",
        "acos": "arccos", "atan": "arctan", "atan2": "arctan2", "asinh": "arcsinh",
        "acosh": "arccosh", "atanh": "arctanh", "concat": "concatenate", "pow": "power",
        "mod": "remainder", "true_divide": "divide", "permute_dims": "transpose",
        "row_stack": "vstack", "radians": "deg2rad",
        "degrees": "rad2deg", "around": "round", "rint": "round",
        # PyTorch
        "cat": "concatenate", "div": "divide", "mul": "multiply", "sub": "subtract",
        "neg": "negative", "mm": "matmul", "bmm": "matmul", "mv": "matmul", "ger": "outer",
        "clamp": "clip", "unsqueeze": "expand_dims", "permute": "transpose",
        "movedim": "moveaxis", "swapdims": "swapaxes", "repeat_interleave": "repeat",
        "inverse": "inv", "sgn": "sign", "gt": "greater", "ge": "greater_equal", "lt": "less",
        "le": "less_equal", "eq": "equal", "ne": "not_equal", "logsigmoid": "log_sigmoid",
        "mse_loss": "mse", "l1_loss": "mae", "huber_loss": "huber", "nll_loss": "nll",
        "smooth_l1_loss": "smooth_l1", "poisson_nll_loss": "poisson_nll",
        "triplet_margin_loss": "triplet_margin", "cosine_embedding_loss": "cosine_embedding",
        "margin_ranking_loss": "margin_ranking", "soft_margin_loss": "soft_margin",
        "multilabel_soft_margin_loss": "multilabel_soft_margin",
        "hinge_embedding_loss": "hinge_embedding", "detach": "stop_gradient",
        "gaussian_nll_loss": "gaussian_nll", "multi_margin_loss": "multi_margin", "fix": "trunc",
        "trapz": "trapezoid", "clamp_min": "clip",
        # SciPy, JAX and Keras, and mathematics
        "expit": "sigmoid", "logistic": "sigmoid", "swish": "silu", "ln": "log",
        "gammaln": "lgamma", "loggamma": "lgamma", "psi": "digamma",
        **{f"reduce_{name}": name for name in ("sum", "prod", "mean", "max", "min", "logsumexp")},
        "hard_tanh": "hardtanh", "hard_sigmoid": "hardsigmoid", "hard_swish": "hardswish",
        "hard_silu": "hardswish", "soft_sign": "softsign",
    }
)  # fmt: skip
"""Functions under another name → the op."""

METHOD_ALIASES: Final[Mapping[str, str]] = MappingProxyType(
    {"view": "reshape", "expand": "broadcast_to"}
)
"""Methods whose function elsewhere takes other arguments, or is none."""

_METHODS: Final = (
    "acosh asinh atanh atan2 mul sub div neg mm bmm mv ger clamp unsqueeze view permute movedim "
    "swapdims repeat_interleave inverse sgn gt ge lt le eq ne expand clamp_min"
)
ALIASED_METHODS: Final = frozenset(_METHODS.split())
"""Aliases that PyTorch's tensors have as methods, beside those that NumPy's arrays have."""

_COMPOSED: Final = (
    "clamp_max masked_fill narrow diagflat diag_embed dist addcmul addcdiv addmv addr addbmm "
    "baddbmm logical_xor nansum nanmean"
)
COMPOSED_METHODS: Final = frozenset(_COMPOSED.split())
"""Composed ops that they have as methods, likewise."""

_OF_ARGUMENTS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "dim": ("axis", "axes"), "dims": ("axis", "axes"), "keepdim": ("keepdims",),
        "shifts": ("shift",), "a_min": ("min",), "a_max": ("max",), "correction": ("ddof",),
        "target": ("t",), "A": ("a",), "B": ("b",),
    }
)  # fmt: skip
"""What arguments are called elsewhere → here, whichever of these the op has."""

_OF_OP: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "swapaxes": {"dim0": "axis1", "dim1": "axis2"},
        "diagonal": {"dim1": "axis1", "dim2": "axis2"},
        "where": {"input": "x", "other": "y"},
        "tile": {"dims": "reps"},
        "diag": {"diagonal": "k"},
        "tril": {"diagonal": "k"},
        "triu": {"diagonal": "k"},
        "diagflat": {"offset": "k"},
        "diag_embed": {"dim1": "axis1", "dim2": "axis2"},
        "power": {"exponent": "y"},
        "addmm": {"mat1": "x", "mat2": "w"},
        "lerp": {"end": "y"},
        "addcmul": {"tensor1": "a", "tensor2": "b"},
        "addcdiv": {"tensor1": "a", "tensor2": "b"},
        "baddbmm": {"batch1": "a", "batch2": "b"},
        "addmv": {"mat": "a", "vec": "b"},
        "addr": {"vec1": "a", "vec2": "b"},
        "cosine_embedding": {"input1": "x", "input2": "y"},
        "margin_ranking": {"input1": "x", "input2": "y"},
        "pairwise_distance": {"x1": "x", "x2": "y"},
        "cdist": {"x1": "x", "x2": "y"},
        "vecdot": {"x1": "x", "x2": "y"},
        "cosine_similarity": {"x1": "x", "x2": "y"},
        "scaled_dot_product_attention": {"query": "q", "key": "k", "value": "v"},
    }
)
"""Arguments of one op that PyTorch calls otherwise."""

_UNBIASED: Final = "unbiased"
_DIVIDING: Final = frozenset({"ddof", "correction", _UNBIASED})
_AXES: Final = frozenset({"dim", "keepdim"})


def spellings(
    op: str, written: str, operands: tuple[str, ...], wanted: Container[str], given: Iterable[str]
) -> dict[str, str]:
    """Other names of the arguments of one call, each with the one that is meant.

    Under its own name `max` takes no ``dim``: PyTorch's then gives each tie to its first entry, and
    the positions too. PyTorch's variance divides by n - 1 where nobody says otherwise, so that its
    ``dim`` asks for what is divided by.

    Args:
        op: the op.
        written: what it is called in the program.
        operands: names of its arrays, in order.
        wanted: names of all its arguments.
        given: the keywords of the call.
    """
    keywords = frozenset(given)
    found = dict(_candidates(op, operands, wanted))
    is_other = op in {"max", "min"} and written == op
    if is_other or (op in {"var", "std"} and not keywords & _DIVIDING):
        found = {name: meant for name, meant in found.items() if name not in _AXES}
    return found


def _candidates(
    op: str, operands: tuple[str, ...], wanted: Container[str]
) -> Iterator[tuple[str, str]]:
    for name, place in (("input", 0), ("a", 0), ("other", 1)):
        if place < len(operands) and name not in wanted:
            yield name, operands[place]
    for name, meanings in _OF_ARGUMENTS.items():
        for meant in meanings:
            if meant in wanted and name not in wanted:
                yield name, meant
    if "ddof" in wanted:
        yield _UNBIASED, "ddof"
    yield from _OF_OP.get(op, {}).items()


def as_here(keyword: ast.keyword) -> ast.expr:
    """The value of an argument: ``unbiased=True`` is ``ddof=1``."""
    value = keyword.value
    if keyword.arg != _UNBIASED or not isinstance(value, ast.Constant):
        return value
    is_flag = isinstance(value.value, bool)
    return ast.copy_location(ast.Constant(int(value.value is True)), value) if is_flag else value


def aliases_of(op: str) -> list[str]:
    """The other names of an op, in the order of the table."""
    return [name for name, own in ALIASES.items() if own == op]
