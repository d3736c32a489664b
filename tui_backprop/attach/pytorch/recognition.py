"""Which of PyTorch's nodes are which op of the table: a row for each kind of node.

A row says where each operand comes from and how what the node saved gives the parameters. It is
believed only where the numbers agree: see `agreement`.
"""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import torch

from tui_backprop.attach.pytorch.keys import (
    cut_out,
    gathered,
    index_selected,
    is_listed,
    is_short,
    listed,
    selected,
    sliced,
    unbound,
)
from tui_backprop.attach.pytorch.reading import (
    REDUCED,
    WINDOWS,
    Seen,
    axis,
    batch_axes,
    constant,
    convolution,
    correction,
    dims,
    epsilon,
    even_windows,
    given,
    has_even_windows,
    has_no_dropout,
    has_not,
    is_along_one,
    is_unscaled,
    joined,
    last_axis,
    normalized_axes,
    one_for_all,
    out_shape,
    padded,
    padding,
    reduction,
    row,
    saved,
    stated,
    with_extras,
    x,
)
from tui_backprop.errors import TuiBackpropError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui_backprop.attach.pytorch.reading import Call, Recognised, Row


def recognised(node: Any, output: int, call: Call) -> tuple[Recognised, ...]:
    """What an output of a node may be, most likely first; its numbers decide.

    Args:
        node: PyTorch's.
        output: which of its outputs.
        call: the arguments that it was made with, where they were recorded.
    """
    if not may_be_recognised(node):
        return ()
    seen = Seen(node, output, call)
    found = []
    for one in _rows_of(node):
        # Another release of PyTorch may save other things: such a node stays PyTorch's.
        with suppress(TypeError, ValueError, LookupError, ArithmeticError, TuiBackpropError):
            found.append(one.read(seen))
    return tuple(x for x in found if x is not None)


def may_be_recognised(node: Any) -> bool:
    """Whether there is a row for a node of this kind; its numbers decide."""
    is_own = isinstance(node, torch.autograd.function.BackwardCFunction)
    return not is_own and bool(_rows_of(node))  # one's own Function may be called like any op


def _rows_of(node: Any) -> tuple[Row, ...]:
    name = str(node.name()).rpartition("::")[2]
    return ROWS.get(name) or ROWS.get(name.rstrip("0123456789").removesuffix("Backward"), ())


@lru_cache(maxsize=1024)
def needs_call(name: str) -> bool:
    """Whether a kind of node saves less than its row needs: its arguments are worth keeping.

    Args:
        name: of the node, ``AddBackward0``, or of the op that makes it, ``aten::add_``.
    """
    plain = name.rpartition("::")[2].rstrip("0123456789").removesuffix("Backward")
    return plain.replace("_", "").lower() in _CALLED


_SIMPLE: Final = (
    "Abs:abs Acos:arccos Acosh:arccosh Asin:arcsin Asinh:arcsinh Atan:arctan Atanh:arctanh "
    "Ceil:ceil Cos:cos Cosh:cosh Erf:erf Exp:exp Exp2:exp2 Expm1:expm1 Floor:floor Log:log "
    "Log10:log10 Log1P:log1p Log2:log2 LogSigmoid:log_sigmoid Mish:mish Neg:negative "
    "Reciprocal:reciprocal Relu:relu Round:round Sgn:sign Sigmoid:sigmoid Sign:sign Silu:silu "
    "Sin:sin Sinc:sinc Sinh:sinh Sqrt:sqrt Tan:tan Tanh:tanh LinalgInvEx:inv LinalgDet:det"
)
"""Kind of node and op, of those with one operand and nothing else."""
_REDUCING: Final = (
    "Amax:max Amin:min Logsumexp:logsumexp Max:max Mean:mean Min:min Prod:prod Sum:sum"
)
_PRODUCT: Final = row("matmul", x(0, "self"), x(1, "mat2"))
_RESHAPED: Final = row("reshape", shape=out_shape)
_INDEXED_PARTS: Final = row("index", key=cut_out)


def _pairs(text: str) -> list[list[str]]:
    return [word.split(":") for word in text.split()]


ROWS: Final[Mapping[str, tuple[Row, ...]]] = {
    **{kind: row(op) for kind, op in _pairs(_SIMPLE)},
    **{kind: row(op, **REDUCED) for kind, op in _pairs(_REDUCING)},
    # arithmetic
    "Add": row("add", x(0), x(1, name="other"), where=is_unscaled),
    "Sub": row("subtract", x(0), x(1, name="other"), where=is_unscaled),
    "Rsub": row("subtract", x(1, name="other"), x(0), where=is_unscaled),
    "Mul": row("multiply", x(0, "self"), x(1, "other")),
    "DivBackward0": row("divide", x(0, "self"), x(1, "other")),
    "DivBackward1": row("divide", x(0), x(1, "other")),
    "PowBackward0": row("power", x(), x(1, "exponent")),
    "PowBackward1": row("power", x(0, "self"), x(1, "exponent")),
    "PowBackward2": row("power", x(1, "self"), x(0)),
    "Rsqrt": row("power", x(), constant(-0.5)),
    "Atan2": row("arctan2", x(0, "self"), x(1, "other")),
    "Hypot": row("hypot", x(0, "self"), x(1, "other")),
    "Remainder": row("remainder", x(0, "self"), x(1, "other")),
    "Logaddexp": row("logaddexp", x(0, "self"), x(1, "other")),
    "Maximum": row("maximum", x(0, "self"), x(1, "other")),
    "Minimum": row("minimum", x(0, "self"), x(1, "other")),
    # choices and activations
    "ClampBackward1": row("clip", min=saved("min"), max=saved("max")),
    "ClampMin": row("clip", min=saved("min")),
    "ClampMax": row("clip", max=saved("max")),
    "Where": row("where", given("condition"), x(0, argument=1), x(1, argument=2)),
    "MaskedFill": row("where", given("mask"), x(1, argument=2, name="value"), x(0)),
    "LeakyRelu": row("leaky_relu", negative_slope=saved("negative_slope")),
    "Elu": (
        *row("elu", alpha=saved("alpha"), where=stated(scale=1, input_scale=1)),
        *row("selu", where=lambda seen: seen.saved("scale") != 1),
    ),
    "Gelu": row("gelu", approximate=saved("approximate")),
    "Hardtanh": row("hardtanh", min_val=saved("min_val"), max_val=saved("max_val")),
    "Softplus": row("softplus", where=stated(beta=1, threshold=20)),
    "NativeDropout": row("dropout", x(), given("result1"), p=saved("p")),
    "Softmax": row("softmax", axis=last_axis()),
    "SafeSoftmax": row("softmax", axis=last_axis()),
    "LogSoftmax": row("log_softmax", axis=last_axis()),
    # reductions
    "Var": row("var", **REDUCED, ddof=correction),
    "Std": row("std", **REDUCED, ddof=correction),
    "LinalgVectorNorm": (
        *row("norm", **REDUCED, where=stated(ord=2)),
        *row("norm", **REDUCED, ord=saved("ord"), where=is_along_one),
    ),
    "Cumsum": row("cumsum", axis=axis()),
    "Cumprod": row("cumprod", axis=axis()),
    "Trace": row("trace"),
    # products
    "Mm": _PRODUCT,
    "Bmm": _PRODUCT,
    "Mv": row("matmul", x(0, "self"), x(1, "vec")),
    "Dot": row("dot", x(0, "self"), x(1, "tensor")),
    "Vdot": row("vdot", x(0, "self"), x(1, "other")),
    "Addmm": row(
        "addmm", x(0, name="input"), x(1, "mat1"), x(2, "mat2"), where=stated(alpha=1, beta=1)
    ),
    "LinalgSolveEx": row("solve", x(0, "A"), x(1, "B"), where=stated(left=True)),
    # the same entries elsewhere
    **dict.fromkeys(("View", "UnsafeView", "ReshapeAlias", "Clone", "Alias"), _RESHAPED),
    "Squeeze": _RESHAPED,
    "Unsqueeze": row("expand_dims", axis=lambda seen: seen.saved("dim") % len(seen.shape)),
    "Expand": row("broadcast_to", shape=out_shape),
    "T": row("transpose", axes=lambda _seen: None),
    "Transpose": row("swapaxes", axis1=axis("dim0"), axis2=axis("dim1")),
    "Permute": row("transpose", axes=dims("dims")),
    "Flip": row("flip", axis=axis("dims")),
    "Roll": row("roll", shift=one_for_all("shifts"), axis=axis("dims")),
    "ConstantPadNd": row("pad", pad_width=padded, constant_values=padding),
    "Repeat": row("tile", reps=saved("repeats")),
    "Diagonal": row(
        "diagonal", offset=saved("offset"), axis1=axis("dim1"), axis2=axis("dim2")
    ),
    "Tril": row("tril", k=saved("diagonal")),
    "Triu": row("triu", k=saved("diagonal")),
    "Select": row("index", key=selected),
    "Slice": row("index", key=sliced),
    "Gather": row("index", key=gathered, where=is_short),
    "IndexSelect": row("index", key=index_selected, where=is_short),
    "Index": row("index", key=listed, where=is_listed),
    "Unbind": row("index", key=unbound),
    "Split": _INDEXED_PARTS,
    "UnsafeSplit": _INDEXED_PARTS,
    "SplitWithSizes": _INDEXED_PARTS,
    "Cat": joined("concatenate"),
    "Stack": joined("stack"),
    # layers
    "Embedding": row(
        "embedding", given("indices"), x(0), where=stated(scale_grad_by_freq=False),
        padding_idx=lambda seen: None if (k := seen.saved("padding_idx")) < 0 else k,
    ),
    "Convolution": (*convolution(1), *convolution(2)),
    "MaxPool2DWithIndices": row(
        "max_pool2d", **WINDOWS, dilation=one_for_all("dilation")
    ),
    "AvgPool2D": row(
        "avg_pool2d", **WINDOWS, count_include_pad=saved("count_include_pad"),
        where=has_not("divisor_override"),
    ),
    "AdaptiveAvgPool2D": row("avg_pool2d", kernel_size=even_windows, where=has_even_windows),
    "NativeLayerNorm": with_extras(
        "layer_norm", (x(0, "input"),), {"weight": x(1, "weight"), "bias": x(2, "bias")},
        {"axis": normalized_axes, "eps": epsilon},
        lambda seen: isinstance(epsilon(seen), float),
    ),
    "NativeBatchNorm": with_extras(
        "batch_norm", (x(0, "input"),),
        {"weight": x(1, "weight"), "bias": x(2, argument=2, name="bias")},
        {"axis": batch_axes, "eps": saved("eps")}, stated(training=True),
    ),
    "ScaledDotProductFlashAttentionForCpu": with_extras(
        "scaled_dot_product_attention", (x(0, "query"), x(1, "key"), x(2, "value")),
        {"attn_mask": given("attn_mask")},
        {"is_causal": saved("is_causal"), "scale": saved("scale")}, has_no_dropout,
    ),
    # losses
    **dict.fromkeys(("NllLoss", "NllLoss2D"), with_extras(
        "nll", (x(0, "self"), given("target")), {"weight": given("weight")},
        {"reduction": reduction, "ignore_index": saved("ignore_index")},
    )),
    "MseLoss": row("mse", x(0, "self"), x(1, "target"), reduction=reduction),
    "HuberLoss": row(
        "huber", x(0, "self"), x(1, "target"), delta=saved("delta"), reduction=reduction
    ),
    "SmoothL1Loss": row(
        "huber", x(0, "self"), x(1, "target"), where=stated(beta=1), reduction=reduction
    ),
    "BinaryCrossEntropy": row(
        "binary_cross_entropy", x(0, "self"), x(1, "target"), reduction=reduction,
        where=has_not("weight"),
    ),
    "BinaryCrossEntropyWithLogits": row(
        "binary_cross_entropy_with_logits", x(0, "self"), x(1, "target"), reduction=reduction,
        where=has_not("weight", "pos_weight"),
    ),
}  # fmt: skip
"""By kind of node, or by its full name where kinds of one name differ; `Seen` reads a node."""

_CALLED: Final = frozenset(
    {
        *("add", "addmm", "cat", "constantpadnd", "convolution", "hypot", "maskedfill"),
        *("nativebatchnorm", "nativelayernorm", "remainder", "rsub", "stack", "sub", "where"),
    }
)
"""Kinds of nodes, and ops, that save less than their row needs."""
