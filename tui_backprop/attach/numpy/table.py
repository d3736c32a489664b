"""Which function of NumPy is which op: one table, a row for each that differs in its arguments.

A function that bears the name of an op, and takes the same arguments, needs no row.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_REDUCED: Final = "~dtype ~out keepdims ~initial ~where"

CALLS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "sum": f"x axis {_REDUCED}",
        "prod": f"x axis {_REDUCED}",
        "mean": "x axis ~dtype ~out keepdims ~where",
        "var": "x axis ~dtype ~out ddof keepdims ~where ~mean ddof=correction",
        "std": "x axis ~dtype ~out ddof keepdims ~where ~mean ddof=correction",
        "average": "x axis weights ~returned keepdims",
        "max": "x axis ~out keepdims ~initial ~where",
        "min": "x axis ~out keepdims ~initial ~where",
        "cumsum": "x axis ~dtype ~out",
        "cumprod": "x axis ~dtype ~out",
        "round": "x decimals ~out",
        "clip": "x min max ~out min=a_min max=a_max ~dtype",
        "outer": "a b ~out",
        "trace": "x offset axis1 axis2 ~dtype ~out",
        "reshape": "x shape order .copy",
        "broadcast_to": "x shape .subok",
        "pad": "x pad_width mode constant_values",
        "sort": "x axis .kind .order .stable",
        "linalg.norm": "x ord axis keepdims",
        "linalg.outer": "a b",
        "linalg.tensordot": "a b axes",
        "linalg.matmul": "a b",
    }
)
"""NumPy's arguments in NumPy's order, by the name of the function, which is that of the op.

A word is what the op calls the argument; ``ours=theirs`` another name of it; ``~word`` an argument
that must be left out, ``.word`` one that changes nothing.
"""

RENAMED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "absolute": "abs", "fabs": "abs", "rint": "round", "amax": "max", "amin": "min",
        "around": "round", "round_": "round", "concat": "concatenate", "permute_dims": "transpose",
        "row_stack": "vstack", "expit": "sigmoid", "log_expit": "log_sigmoid",
    }
)  # fmt: skip
"""Functions, and ufuncs of NumPy and SciPy, that are an op of another name."""

APART: Final = frozenset({"linalg.diagonal", "linalg.trace"})
"""Functions that are not what the op of that name is: they take the last two axes."""

FROM_SCIPY: Final = frozenset(
    {"cbrt", "erf", "exp2", "expit", "expm1", "log1p", "log_expit", "logit", "xlogy"}
)
"""Ufuncs of SciPy that are what they are called here; its huber and kl_div are others."""

FIRST: Final = frozenset({"a", "x", "m", "v", "arr", "A", "array"})
"""How NumPy calls the array in front."""

REDUCE: Final[Mapping[str, str]] = MappingProxyType(
    {"add": "sum", "multiply": "prod", "maximum": "max", "minimum": "min",
     "logaddexp": "logsumexp"}
)  # fmt: skip
ACCUMULATE: Final[Mapping[str, str]] = MappingProxyType({"add": "cumsum", "multiply": "cumprod"})
OF_BOOLS: Final[Mapping[str, str]] = MappingProxyType(
    {"add": "maximum", "bitwise_or": "maximum", "bitwise_and": "multiply",
     "bitwise_xor": "not_equal"}
)  # fmt: skip
"""What a ufunc of two conditions is, whose values are 0 and 1 here."""

_DECIDING_WORDS: Final = (
    "all any allclose argmax argmin argpartition argsort argwhere array_equal array_equiv "
    "bincount count_nonzero digitize flatnonzero histogram isclose lexsort nanargmax nanargmin "
    "nonzero searchsorted unique histogram_bin_edges"
)
DECIDING: Final = frozenset(_DECIDING_WORDS.split())
"""Functions whose result is no smooth one: it leaves the record, and is fixed from there on."""
_ASKING_WORDS: Final = (
    "shape size ndim zeros_like ones_like empty_like result_type iscomplexobj isrealobj "
    "array_repr array_str array2string may_share_memory shares_memory can_cast min_scalar_type "
    "common_type iscomplex isreal linalg.matrix_rank broadcast_shapes"
)
ASKING: Final = frozenset(_ASKING_WORDS.split())
"""Functions whose result does not depend on the numbers, or is only looked at."""
