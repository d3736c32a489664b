"""Which of PyTorch's functions an op is, and how their arguments are called here.

A row for each op that PyTorch has sample inputs of; ops that work entry by entry and take nothing
else find their own where the name is the same, or stands in `_NAMES`.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

from tests.pytorch.samples import Mapped, RefusedError, entries, tally
from tui_backprop.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Texts = tuple[list[str], dict[str, str]]

_NAMES: Final = {
    "add": "add", "subtract": "sub", "multiply": "mul", "divide": "div/no_rounding_mode",
    "negative": "neg", "power": "pow", "arcsin": "asin", "arccos": "acos", "arctan": "atan",
    "arctan2": "atan2", "arcsinh": "asinh", "arccosh": "acosh", "arctanh": "atanh",
    "less": "lt", "less_equal": "le", "greater": "gt", "greater_equal": "ge", "equal": "eq",
    "not_equal": "ne", "relu": "nn.functional.relu", "silu": "nn.functional.silu",
    "mish": "nn.functional.mish", "selu": "nn.functional.selu",
    "log_sigmoid": "nn.functional.logsigmoid",
}  # fmt: skip


def without(*names: str, **meant: str) -> Callable[[list[str], dict[str, str]], Texts]:
    """Leave arguments out that change nothing here; one with a meaning may have that value only."""

    def change(positional: list[str], named: dict[str, str]) -> Texts:
        for name in names:
            named.pop(name, None)
        for name, value in meant.items():
            if named.pop(name, value) != value:
                raise RefusedError(f"{name} is another than {value}")
        return positional, named

    return change


def _first_of_keywords(positional: list[str], named: dict[str, str]) -> Texts:
    """Operands that PyTorch was given by name stand by position here."""
    for name in ("other", "index", "exponent"):
        if name in named:
            positional = [*positional, named.pop(name)]
    return positional, named


def _corrected(positional: list[str], named: dict[str, str]) -> Texts:
    """Of a variance PyTorch takes n − 1 unless it is told otherwise."""
    unbiased = named.pop("unbiased", None)
    if unbiased is not None:
        named["ddof"] = str(int(unbiased == "True"))
    if named.get("ddof", "None") == "None":
        named["ddof"] = "1"
    return positional, named


def _lists_as_tuples(positional: list[str], named: dict[str, str]) -> Texts:
    return positional, {
        n: f"({t[1:-1]},)" if t.startswith("[") and t != "[]" else t for n, t in named.items()
    }


def _second_moved(positional: list[str], named: dict[str, str]) -> Texts:
    """Several numbers by position are one shape."""
    first, *others = positional
    if len(others) == 1:
        return [first, others[0]], named
    return [first, f"({', '.join(others)},)"], named


def _times_alpha(positional: list[str], named: dict[str, str]) -> Texts:
    """What is added may be multiplied first."""
    alpha = named.pop("alpha", "")
    if alpha and "source" in named:
        named["source"] = f"{alpha} * {named['source']}"
    if "source" in named:
        return positional, named
    if alpha:
        positional = [positional[0], f"{alpha} * {positional[1]}"]
    return _first_of_keywords(positional, named)


def _from_triangle(positional: list[str], named: dict[str, str]) -> Texts:
    """PyTorch reads a triangle, here all of the matrix is read: the triangle is turned over."""
    which = "triu" if named.pop("UPLO", "'L'") == "'U'" else "tril"
    (x,) = positional
    beside = 1 if which == "triu" else -1
    return [f"{which}({x}) + swapaxes({which}({x}, {beside}), -1, -2)"], named


def _of_all(positional: list[str], named: dict[str, str]) -> Texts:
    """A norm of no axes is of all entries in a row, as of a vector."""
    if named.get("axis", "None") == "None" and named.get("keepdims", "False") == "False":
        return [f"ravel({positional[0]})", *positional[1:]], named
    if named.get("axis", "").count(",") == 1 or named.get("axis") == "None":
        raise RefusedError("norm takes two axes as those of a matrix, as NumPy does")
    return _lists_as_tuples(positional, named)


def _relative(positional: list[str], named: dict[str, str]) -> Texts:
    """PyTorch's relative tolerance is rcond here."""
    if named.pop("hermitian", "False") != "False":
        return _from_triangle(positional, {"rcond": named.pop("rtol", "None")})
    if "rtol" in named:
        named["rcond"] = named.pop("rtol")
    return positional, named


def _common(which: int) -> Callable[[Any], Any]:
    """Of Q, R and of U, Vᵀ as many vectors as both have."""

    def result(found: Any) -> Any:
        first, last = found[0], found[-1]
        count = min(first.shape[-2], last.shape[-1])
        return first[..., :count] if which == 0 else last[..., :count, :]

    return result


def _elementwise() -> Iterator[Mapped]:
    for name, rule in RULES.items():
        if (
            name != "where"
            and rule.elementwise
            and not rule.parameters
            and rule.family is None
            and rule.extras is None
        ):
            yield Mapped(name, _NAMES.get(name, name), change=_times_alpha)


_ORDER: Final = (
    Mapped("sort", "sort", "axis descending", change=without("stable")),
    Mapped("argsort", "argsort", "axis descending", change=without("stable")),
    Mapped("topk", "topk", "k axis largest sorted", change=without("sorted")),
    Mapped(
        "quantile", "quantile", "q axis keepdims", change=_lists_as_tuples, static=frozenset("q")
    ),
    Mapped(
        "nanquantile",
        "nanquantile",
        "q axis keepdims",
        change=_lists_as_tuples,
        static=frozenset("q"),
    ),
    Mapped("kthvalue", "kthvalue", "k axis keepdims"),
    Mapped("argmax", "argmax", "axis keepdims"),
    Mapped("argmin", "argmin", "axis keepdims"),
    Mapped("cummax", "cummax", "axis"),
    Mapped("cummin", "cummin", "axis"),
    Mapped("sort({}, axis=0)", "msort"),
)

_TAKING: Final = (
    Mapped("take", "take", "indices"),
    Mapped("take_along_axis", "take_along_dim", "indices axis",
           change=lambda p, n: (p, {"axis": "None", **n})),
    Mapped("gather", "gather", "axis index", change=without("sparse_grad")),
    Mapped("index_select", "index_select", "axis index"),
    Mapped("index_add", "index_add", "axis index source", change=_times_alpha),
    Mapped("array_split({})[0]", "tensor_split", "indices_or_sections axis"),
    Mapped("unbind({})[0]", "unbind", "axis"),
    Mapped("meshgrid({})[0]", "meshgrid/variadic_tensors"),
)  # fmt: skip

_LINEAR: Final = (
    Mapped("cholesky", "linalg.cholesky", is_symmetric=True),
    Mapped("eigvalsh", "linalg.eigvalsh", change=_from_triangle, is_symmetric=True),
    Mapped("abs(eigvecsh({}))", "linalg.eigh", change=_from_triangle, is_symmetric=True,
           result=lambda found: found[1].abs()),
    Mapped("svdvals", "linalg.svdvals"),
    Mapped("abs(svd_u({}))", "linalg.svd", change=without("full_matrices"),
           result=lambda found: _common(0)(found).abs()),
    Mapped("abs(svd_vh({}))", "linalg.svd", change=without("full_matrices"),
           result=lambda found: _common(1)(found).abs()),
    Mapped("qr_q", "linalg.qr", change=without("mode"), result=_common(0)),
    Mapped("qr_r", "linalg.qr", change=without("mode"), result=_common(1)),
    Mapped("pinv", "linalg.pinv", change=_relative),
    Mapped("logabsdet", "linalg.slogdet", result=1),
    Mapped("solve_triangular", "linalg.solve_triangular", ""),
    Mapped("det", "linalg.det"),
    Mapped("inv", "linalg.inv"),
    Mapped("solve", "linalg.solve", change=without(left="True"),
           differs=(1, "a right side of one axis is a vector here; PyTorch asks its lengths too")),
)  # fmt: skip

_OF_A_NUMBER: Final = "what runs along a number is a vector of one, as in NumPy"

_REDUCTIONS: Final = (
    Mapped("sum", "sum", "axis keepdims"),
    Mapped("mean", "mean", "axis keepdims"),
    Mapped("prod", "prod", "axis keepdims"),
    Mapped("max", "amax", "axis keepdims"),
    Mapped("min", "amin", "axis keepdims"),
    Mapped("logsumexp", "logsumexp", "axis keepdims"),
    Mapped("var", "var", "axis keepdims", change=_corrected),
    Mapped("std", "std", "axis keepdims", change=_corrected),
    Mapped("cumsum", "cumsum", "axis", differs=(1, _OF_A_NUMBER)),
    Mapped("cumprod", "cumprod", "axis", differs=(1, _OF_A_NUMBER)),
    Mapped("norm", "linalg.vector_norm", "ord axis keepdims", change=_of_all),
    Mapped("norm", "linalg.norm", "ord axis keepdims"),
    Mapped("softmax", "softmax", "axis"),
    Mapped("log_softmax", "log_softmax", "axis"),
)

_PRODUCTS: Final = (
    Mapped("matmul", "matmul", change=_first_of_keywords),
    Mapped("matmul", "mm"),
    Mapped("matmul", "bmm"),
    Mapped("matmul", "mv"),
    Mapped("dot", "dot"),
    Mapped("vdot", "vdot"),
    Mapped("inner", "inner"),
    Mapped("outer", "outer"),
    Mapped("kron", "kron"),
    Mapped("trace", "trace"),
    Mapped("tril", "tril", "k"),
    Mapped("triu", "triu", "k"),
    Mapped("where", "where", change=lambda p, n: ([p[1], p[0], *p[2:]], n)),
)

_SHAPES: Final = (
    Mapped("swapaxes", "transpose", "axis1 axis2"),
    Mapped("transpose", "permute", change=_second_moved),
    Mapped("reshape", "reshape", change=_second_moved),
    Mapped("broadcast_to", "broadcast_to"),
    Mapped("flatten", "flatten", "start_dim end_dim"),
    Mapped("unfold", "unfold", "axis size step",
           change=lambda p, n: (p, {{"dimension": "axis"}.get(k, k): t for k, t in n.items()})),
    Mapped("squeeze", "squeeze", "axis"),
    Mapped("expand_dims", "unsqueeze", "axis"),
    Mapped("moveaxis", "movedim", "source destination"),
    Mapped("flip", "flip", "axis"),
    Mapped("roll", "roll", "shift axis", change=lambda p, n: (p, {
        {"shifts": "shift"}.get(k, k): t for k, t in n.items()})),
    Mapped("tile", "tile", change=_second_moved),
    Mapped("concatenate", "cat", "axis"),
    Mapped("stack", "stack", "axis"),
    Mapped("hstack", "hstack"),
    Mapped("vstack", "vstack"),
    Mapped("ravel", "ravel"),
)  # fmt: skip

_NETWORKS: Final = (
    Mapped("leaky_relu", "nn.functional.leaky_relu", "negative_slope", change=without("inplace")),
    Mapped("elu", "nn.functional.elu", "alpha", change=without("inplace")),
    Mapped("gelu", "nn.functional.gelu"),
    Mapped("hardtanh", "nn.functional.hardtanh", "min_val max_val", change=without("inplace")),
    Mapped("mse", "nn.functional.mse_loss"),
    Mapped("mae", "nn.functional.l1_loss"),
    Mapped("huber", "nn.functional.huber_loss"),
    Mapped("avg_pool1d", "nn.functional.avg_pool1d", "kernel_size stride padding"),
    Mapped("avg_pool2d", "nn.functional.avg_pool2d", "kernel_size stride padding"),
    Mapped("max_pool1d", "nn.functional.max_pool1d", "kernel_size stride padding",
           change=without("return_indices")),
    Mapped("max_pool2d", "nn.functional.max_pool2d", "kernel_size stride padding",
           change=without("return_indices")),
    Mapped("conv1d", "nn.functional.conv1d", "* bias stride padding dilation groups"),
    Mapped("conv2d", "nn.functional.conv2d", "* bias stride padding dilation groups"),
)  # fmt: skip

MAPPED: Final[tuple[Mapped, ...]] = (
    *_elementwise(), *_ORDER, *_TAKING, *_LINEAR, *_REDUCTIONS, *_PRODUCTS, *_SHAPES, *_NETWORKS,
)  # fmt: skip
"""Every op that is asked, in the order of the families."""


def chosen(names: list[str]) -> list[Mapped]:
    """The rows of some ops, by our name or PyTorch's; without any, all."""
    return [m for m in MAPPED if not names or names_of(m) & {*names}]


def names_of(mapped: Mapped) -> set[str]:
    """What a row may be called."""
    ours: Any = mapped.ours.replace("(", " ").split()
    return {*ours, mapped.info}


def report(names: list[str]) -> Iterator[str]:
    """A line for each op, and lines for what is refused and what differs."""
    import torch

    agreed = total = 0
    for mapped in chosen(names):
        if mapped.info not in entries():
            yield f"{mapped.ours:28} PyTorch has no samples"
            continue
        found = tally(torch, mapped)
        agreed, total = agreed + found.agreed, total + found.total
        yield f"{mapped.ours:28} {found.agreed:5} of {found.total:5}"
        yield from (f"    {count} × {why}" for why, count in found.refused.most_common())
        yield from (f"    differs: {text[:600]}" for text in found.differing[:3])
    yield f"{'all':28} {agreed:5} of {total:5}"


if __name__ == "__main__":
    for line in report(sys.argv[1:]):
        sys.stdout.write(f"{line}\n")
