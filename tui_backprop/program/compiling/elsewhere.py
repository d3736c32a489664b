"""Calls as PyTorch writes them where the arguments here are others: read so, or told how.

A call is read as PyTorch's where it can mean nothing else. Where it would mean something else here,
or where what is lacking cannot be known, it is refused with what to write.
"""

from __future__ import annotations

import ast
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from tui_backprop.language.message import said
from tui_backprop.program.compiling.arguments import called
from tui_backprop.program.compiling.walk import whole_number
from tui_backprop.program.text.problems import ProblemError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tui_backprop.program.compiling.walk import Walk

    Reading = Callable[[Walk, str, ast.Call], ast.Call]


def as_here(walk: Walk, name: str, node: ast.Call) -> ast.Call:
    """A call of a function that has a name here, with the arguments that it has here.

    Raises:
        ProblemError: PyTorch means something else by it; with what to write.
    """
    read = _READ.get(name)
    return node if read is None else read(walk, name, node)


def method_as_here(walk: Walk, node: ast.Call, method: ast.Attribute) -> ast.Call:
    """A call of a method likewise.

    Raises:
        ProblemError: as in `as_here`.
    """
    if method.attr == "transpose":
        _check_swap(walk, node, method)
    return _of_entries(node, method) if method.attr == "norm" else node


_IN_ORDER: Final = frozenset({(0, 1), (0, -1), (-2, 1), (-2, -1)})
"""Orders of the axes of a matrix that change nothing."""


def _check_swap(walk: Walk, node: ast.Call, method: ast.Attribute) -> None:
    """``x.transpose(0, 1)``: NumPy's leaves a matrix as it is, so that PyTorch's is meant."""
    if tuple(map(whole_number, node.args)) in _IN_ORDER:
        first, second = map(ast.unparse, node.args)
        message = said("an order of axes that changes nothing; PyTorch's transpose swaps two")
        code = f"swapaxes({ast.unparse(method.value)}, {first}, {second})"
        raise ProblemError(walk.span(node), message, said("write {code}", code=code))


def _of_entries(node: ast.Call, method: ast.Attribute) -> ast.Call:
    """``x.norm(1)``, which only tensors have, is the norm of all entries, not of the matrix."""
    given = {str(keyword.arg): keyword.value for keyword in node.keywords}
    order = node.args[0] if node.args else given.get("p", given.get("ord"))
    along = node.args[1] if len(node.args) > 1 else given.get("dim", given.get("axis"))
    is_named = isinstance(order, ast.Constant) and not isinstance(order.value, int | float)
    keywords = [
        ast.copy_location(ast.keyword("ord" if k.arg == "p" else k.arg, k.value), k)
        for k in node.keywords
    ]
    function = method
    if order is not None and not is_named and whole_number(along) is None:
        function = ast.copy_location(ast.Attribute(method.value, "vector_norm", method.ctx), method)
    return ast.copy_location(ast.Call(function, node.args, keywords), node)


def _transpose(walk: Walk, name: str, node: ast.Call) -> ast.Call:
    given = {str(keyword.arg): keyword.value for keyword in node.keywords}
    pair = node.args[1:] if len(node.args) == 3 else [given.get("dim0"), given.get("dim1")]
    if any(part is None for part in pair):
        return node
    array = node.args[0] if node.args else given.get("input", ast.Name("x"))
    code = f"swapaxes({', '.join(ast.unparse(part) for part in (array, *pair) if part)})"
    return _refuse(walk, name, node, code)


def _repeat(walk: Walk, name: str, node: ast.Call) -> ast.Call:
    array, *counts = [ast.unparse(given) for given in node.args] or [""]
    if len(counts) <= 2 or any(isinstance(given, ast.Starred) for given in node.args):
        return node
    return _refuse(walk, name, node, f"tile({array}, ({', '.join(counts)}))")


def _dropout(walk: Walk, _name: str, node: ast.Call) -> ast.Call:
    """A number as the mask, which is PyTorch's p."""
    given = {str(keyword.arg): keyword.value for keyword in node.keywords}
    mask = node.args[1] if len(node.args) > 1 else given.get("mask")
    if mask is None and "p" in given:
        mask = given["p"]
    elif not isinstance(mask, ast.Constant) or mask.value in {0, 1}:
        return node
    array = ast.unparse(node.args[0]) if node.args else "x"
    message = said("'dropout' takes the mask, 1 for what is kept and 0 for what is not")
    code = f"dropout({array}, mask, p={ast.unparse(mask)})"
    raise ProblemError(walk.span(mask), message, said("write {code}", code=code))


def _solve_triangular(walk: Walk, _name: str, node: ast.Call) -> ast.Call:
    """SciPy's ``lower=True`` and ``unit_diagonal``."""
    del walk
    keywords: list[ast.keyword] = []
    for k in node.keywords:
        name, value = k.arg, k.value
        if name == "lower" and isinstance(value, ast.Constant) and isinstance(value.value, bool):
            name, value = "upper", ast.copy_location(ast.Constant(not value.value), value)
        elif name == "unit_diagonal":
            name = "unitriangular"
        keywords.append(ast.copy_location(ast.keyword(name, value), k))
    return ast.copy_location(ast.Call(node.func, node.args, keywords), node)


def _layer_norm(walk: Walk, name: str, node: ast.Call) -> ast.Call:
    """The shape of what is normalized says how many of the last axes."""
    names = _LAYERS[name]
    given = dict(zip(names, node.args, strict=False))
    given |= {str(keyword.arg): keyword.value for keyword in node.keywords}
    is_theirs = "normalized_shape" in given and (
        len(node.args) != 2 or any(k.arg == "normalized_shape" for k in node.keywords)
    )
    if not is_theirs or len(node.args) > len(names) or _is_starred(node):
        return node
    shape = given.pop("normalized_shape")
    along, number = _last_axes(shape), whole_number(shape)
    if number is not None and number < 1:
        return node  # an axis of ours, and what is behind it has to be named
    may_be_axis = number is not None and len(node.args) > 1
    if along is None or may_be_axis or (name == "rms_norm" and "eps" not in given):
        eps = {} if name == "layer_norm" or "eps" in given else {"eps": "…"}
        return _refuse(walk, name, node, _written(name, {"axis": along or "-1"} | eps, given))
    axis = ast.keyword("axis", ast.parse(along, mode="eval").body)
    for part in ast.walk(axis):
        ast.copy_location(part, shape)
    array = given.pop(names[0], None)
    keywords = [ast.copy_location(ast.keyword(n, value), value) for n, value in given.items()]
    arrays = [] if array is None else [array]
    return ast.copy_location(ast.Call(node.func, arrays, [axis, *keywords]), node)


def _last_axes(shape: ast.expr) -> str | None:
    """The axes that a shape stands for; None where it is not written out."""
    if whole_number(shape) is not None:
        return "-1"
    if not isinstance(shape, ast.Tuple | ast.List) or not shape.elts:
        return None
    count = len(shape.elts)
    return "-1" if count == 1 else f"({', '.join(str(k) for k in range(-count, 0))})"


_LAYERS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "layer_norm": ("x", "normalized_shape", "weight", "bias", "eps"),
        "rms_norm": ("x", "normalized_shape", "weight", "eps"),
    }
)
"""PyTorch's arguments in their order."""

_STATISTICS: Final = ("running_mean", "running_var")
_BATCH: Final = ("x", *_STATISTICS, "weight", "bias", "training", "momentum", "eps")


def _batch_norm(walk: Walk, name: str, node: ast.Call) -> ast.Call:
    """Of how many axes the batch is one cannot be seen in the call."""
    keywords = {str(keyword.arg): keyword.value for keyword in node.keywords}
    theirs = {"training", "momentum", "use_input_stats"}
    if _is_starred(node) or (len(node.args) <= 2 and not theirs & keywords.keys()):
        return node
    given = dict(zip(_BATCH, node.args, strict=False)) | keywords
    training = given.get("training", given.get("use_input_stats"))
    is_own = name == "instance_norm" or (
        isinstance(training, ast.Constant) and training.value is True
    )
    for left_out in (*theirs, *(_STATISTICS if is_own else ())):
        given.pop(left_out, None)
    code = _written(name, {}, given)
    if name == "instance_norm":
        return _refuse(walk, name, node, code)
    hint = said("write {code}, of images with axis=(0, 2, 3)", code=code)
    raise ProblemError(walk.span(node), _otherwise(name, node), hint)


def _written(name: str, first: Mapping[str, str], given: Mapping[str, ast.expr]) -> str:
    """A call with all but the array by name, and without what is None."""
    named = dict(first) | {
        n: ast.unparse(value)
        for n, value in given.items()
        if n not in {"x", "input"} and not (isinstance(value, ast.Constant) and value.value is None)
    }
    array = given.get("x", given.get("input"))
    parts = ["x" if array is None else ast.unparse(array), *(f"{n}={v}" for n, v in named.items())]
    return f"{name}({', '.join(parts)})"


def _is_starred(node: ast.Call) -> bool:
    is_starred = any(isinstance(given, ast.Starred) for given in node.args)
    return is_starred or any(keyword.arg is None for keyword in node.keywords)


def _otherwise(name: str, node: ast.Call) -> str:
    return said("PyTorch's '{name}' has other arguments", name=called(node, name))


def _refuse(walk: Walk, name: str, node: ast.Call, code: str) -> ast.Call:
    raise ProblemError(walk.span(node), _otherwise(name, node), said("write {code}", code=code))


_READ: Final[Mapping[str, Reading]] = MappingProxyType(
    {
        "transpose": _transpose,
        "repeat": _repeat,
        "dropout": _dropout,
        "solve_triangular": _solve_triangular,
        "layer_norm": _layer_norm,
        "rms_norm": _layer_norm,
        "batch_norm": _batch_norm,
        "instance_norm": _batch_norm,
    }
)
