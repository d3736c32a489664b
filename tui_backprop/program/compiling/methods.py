"""Methods and attributes of arrays: ``x.sum(axis=0)`` is read as ``sum(x, axis=0)``."""

from __future__ import annotations

import ast
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from tui_backprop.language.message import said
from tui_backprop.program.vocabulary.aliases import (
    ALIASED_METHODS,
    COMPOSED_METHODS,
    METHOD_ALIASES,
)
from tui_backprop.program.vocabulary.foreign import MODULES, advice, hint_for_member, own_name
from tui_backprop.program.vocabulary.makers import NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui_backprop.program.compiling.walk import Walk

_WORDS: Final = (
    "abs absolute acos add all amax amin any arccos arccosh arcsin arcsinh arctan arctan2 "
    "arctanh argmax argmin argsort asin atan broadcast_to ceil cholesky clip copysign "
    "corrcoef cos cosh count_nonzero cov cross cummax cummin cumprod cumsum deg2rad det "
    "detach diag diagonal diff digamma divide dot erf erfc erfinv exp exp2 expm1 fix "
    "flatten flip fliplr flipud float_power floor floor_divide fmax fmin fmod frac gather "
    "greater greater_equal hardshrink heaviside hypot index_add index_select inner isfinite "
    "isinf isnan kron kthvalue lerp less less_equal lgamma log log10 log1p log2 log_softmax "
    "logaddexp logaddexp2 logcumsumexp logical_and logical_not logical_or logit logsumexp "
    "matmul matrix_power max maximum mean min minimum moveaxis multiply nan_to_num "
    "nanmean nansum negative norm not_equal outer positive pow prelu prod quantile rad2deg "
    "ravel reciprocal relu remainder repeat reshape roll rot90 round rsqrt sigmoid sign sin "
    "sinc sinh slogdet softmax sort sqrt square squeeze std subtract sum svd swapaxes take "
    "tan tanh tile topk trace transpose tril triu true_divide trunc unfold var vdot "
    "vector_norm xlogy "
)
METHODS: Final = frozenset(_WORDS.split()) | ALIASED_METHODS | COMPOSED_METHODS
"""The functions of the array in front that NumPy's arrays or PyTorch's tensors have."""

EXTENTS: Final = frozenset({"shape", "size", "ndim"})
"""What an array has that is a number, or several, known while the graph is built."""

VARIADIC: Final = frozenset(
    {"reshape", "view", "transpose", "permute", "broadcast_to", "expand", "tile", "flip"}
)
"""The methods that take a tuple also as several arguments: ``x.reshape(2, 3)``."""

_HAS: Final = said("an array has .T, .shape, .size and .ndim")
_NO_CALLS: Final[Mapping[str, str]] = MappingProxyType(
    {"t": "T", "dim": "ndim", "numel": "size", "shape": "shape", "ndim": "ndim", "T": "T"}
)  # fmt: skip


def as_call(walk: Walk, node: ast.Call, method: ast.Attribute) -> ast.Call | None:
    """``x.sum(axis=0)`` as the call ``sum(x, axis=0)``; None where there is no such method."""
    name = method.attr
    if not walk.has(name):
        name = METHOD_ALIASES.get(name, name)
    if method.attr not in METHODS or not walk.has(name):
        return None
    arguments = list(node.args)
    is_spread = method.attr in VARIADIC and len(arguments) > 1
    if is_spread and not any(isinstance(given, ast.Starred) for given in arguments):
        first, last = arguments[0], arguments[-1]
        packed = ast.copy_location(ast.Tuple(arguments, ast.Load()), first)
        packed.end_lineno, packed.end_col_offset = last.end_lineno, last.end_col_offset
        arguments = [packed]
    function = ast.copy_location(ast.Name(name, ast.Load()), method)
    call = ast.Call(function, [method.value, *arguments], node.keywords)
    return ast.copy_location(call, node)


def module_of(walk: Walk, node: ast.expr) -> str:
    """The library in front of a dot, as in ``torch.nn.functional.relu``; empty for an array."""
    path: list[str] = []
    while isinstance(node, ast.Attribute):
        path.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name) or node.id not in MODULES or walk.emitter.scope.has(node.id):
        return ""
    return ".".join([node.id, *reversed(path)])


def refused_method(walk: Walk, node: ast.Call, method: ast.Attribute) -> tuple[str, str]:
    """Message and hint for a method that arrays have not, the arguments kept."""
    name, functions = method.attr, [*walk.names(), *NAMES]
    if module := module_of(walk, method.value):
        return hint_for_member(module, name, functions)
    message = said("'.{name}' is not a method here", name=name)
    array = _text(walk, method.value)
    if name == "size":
        return message, said("write {x}.shape, or {x}.size for the number of entries", x=array)
    if name in _NO_CALLS:
        return message, said("write {code}", code=f"{array}.{_NO_CALLS[name]}")
    if name == "where" and node.args:  # its condition comes first where it is a function
        given = [_text(walk, node.args[0]), array, *(_text(walk, part) for part in node.args[1:])]
        return message, said("write {code}", code=f"where({', '.join(given)})")
    if own := own_name(name, functions):
        parts: list[ast.expr | ast.keyword] = [*node.args, *node.keywords]
        given = [array, *(_text(walk, part) for part in parts)]
        return message, said("write {code}", code=f"{own}({', '.join(given)})")
    is_known, hint = advice(name, functions)
    return message, hint if is_known else _HAS


def refused_attribute(walk: Walk, node: ast.Attribute) -> tuple[str, str]:
    """Message and hint for an attribute that arrays have not."""
    name, functions = node.attr, [*walk.names(), *NAMES]
    if module := module_of(walk, node.value):
        return hint_for_member(module, name, functions)
    array = _text(walk, node.value)
    if name in {"mT", "H", "mH"}:
        return said("'.{name}' is not part of a program", name=name), said(
            "write {code}", code=f"swapaxes({array}, -1, -2)"
        )
    own = own_name(name, functions)
    return said("'.{name}' is not part of a program", name=name), said(
        "write {code}", code=f"{own}({array})"
    ) if own else _HAS


def _text(walk: Walk, node: ast.expr | ast.keyword) -> str:
    return walk.emitter.source.snippet(*walk.place(node))
