"""Which of PyTorch's nodes are which op of the table: a row for each kind of node.

A row says where each operand comes from and how what the node saved gives the parameters. It is
believed only where the numbers agree: see `agreement`.
"""

from __future__ import annotations

from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

import torch

from tui_backprop.dataclass import dataclass
from tui_backprop.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Params, Shape

_NEGATIVE: Final = 1 << 63
"""PyTorch shows a negative number that a node saved as one of 64 bits without a sign."""
_MOST_LISTED: Final = 64
"""Entries of a list of indices that is written out as a key."""
_REDUCTIONS: Final = ("none", "mean", "sum")


class Constant(NamedTuple):
    """An operand without a gradient: a tensor, or a number that the program wrote."""

    value: torch.Tensor | float


Given: TypeAlias = "int | Constant"
"""An operand of a recognised op: the number of the node's operand it is, or a constant."""


@dataclass(frozen=True, slots=True, eq=False)
class Recognised:
    """A row of the op table, applied.

    Attributes:
        rule: the row.
        params: its static arguments.
        operands: where each operand comes from, in the row's order.
    """

    rule: Rule
    params: Params
    operands: tuple[Given, ...]


class Call(NamedTuple):
    """The arguments of the call that made a node; None for tensors with a gradient."""

    args: tuple[Any, ...]
    named: Mapping[str, Any]


NO_CALL: Final = Call((), MappingProxyType({}))


class Seen:
    """One output of a node, for a row to read.

    Attributes:
        shape: of the output.
        own: the shape of each operand, by its number; None where it has no gradient.
        output: its number among those of the node.
        call: the arguments that it was called with, as far as they were recorded.
    """

    def __init__(self, node: Any, output: int, call: Call) -> None:
        self._node = node
        self.output = output
        self.call = call
        self.shape: Shape = tuple(node._input_metadata[output].shape)  # noqa: SLF001 - pinned
        self.own = [
            None if parent is None else tuple(parent._input_metadata[k].shape)  # noqa: SLF001
            for parent, k in node.next_functions
        ]

    @property
    def x(self) -> Shape:
        """The shape of the first operand with a gradient."""
        return next(shape for shape in self.own if shape is not None)

    def saved(self, name: str) -> Any:
        """What the node saved under a name; None where there is no such thing."""
        return _signed(getattr(self._node, f"_saved_{name}", None))

    def argument(self, number: int | None, name: str = "") -> Any:
        """An argument of the call; None where it is not known."""
        if name in self.call.named:
            return self.call.named[name]
        args = self.call.args
        return args[number] if number is not None and number < len(args) else None

    def operand(self, number: int, saved: str, argument: int | None, name: str) -> Given | None:
        """An operand: by its gradient, else as the node saved it, else from the call."""
        if number < len(self.own) and self.own[number] is not None:
            return number
        found = self.saved(saved) if saved else None
        if found is None:
            found = self.argument(argument, name)
        is_value = isinstance(found, torch.Tensor | int | float) and not isinstance(found, bool)
        return Constant(found) if is_value else None


def _signed(found: Any) -> Any:
    if isinstance(found, bool):
        return found
    if isinstance(found, int):
        return found - 2 * _NEGATIVE if found >= _NEGATIVE else found
    if isinstance(found, tuple | list):
        return tuple(_signed(item) for item in found)
    return found


Read: TypeAlias = "Callable[[Seen], Any]"


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """How a kind of node is an op of the table.

    Attributes:
        rule: the op; or the row, out of what is seen.
        operands: what gives each operand, in the op's order; or all of them.
        params: the static arguments by name.
        where: whether the row fits at all.
    """

    rule: str | Callable[[Seen], Rule]
    operands: tuple[Read, ...] | Callable[[Seen], Sequence[Given | None]]
    params: Mapping[str, Read]
    where: Callable[[Seen], bool]

    def read(self, seen: Seen) -> Recognised | None:
        """The op as it was applied; None where the row does not fit, or an operand is missing."""
        if not self.where(seen):
            return None
        of = self.operands
        operands = [read(seen) for read in of] if isinstance(of, tuple) else list(of(seen))
        rule = RULES[self.rule] if isinstance(self.rule, str) else self.rule(seen)
        params = {name: read(seen) for name, read in self.params.items()}
        found = tuple(x for x in operands if x is not None)
        if len(found) != len(operands):
            return None
        return Recognised(rule, MappingProxyType(params), found)


def recognised(node: Any, output: int, call: Call) -> tuple[Recognised, ...]:
    """What an output of a node may be, most likely first; its numbers decide.

    Args:
        node: PyTorch's.
        output: which of its outputs.
        call: the arguments that it was made with, where they were recorded.
    """
    if isinstance(node, torch.autograd.function.BackwardCFunction):
        return ()  # one's own Function may be called like any op
    seen = Seen(node, output, call)
    found = (row.read(seen) for row in _rows_of(node))
    return tuple(x for x in found if x is not None)


def _rows_of(node: Any) -> tuple[Row, ...]:
    name = str(node.name()).rpartition("::")[2]
    return ROWS.get(name) or ROWS.get(name.rstrip("0123456789").removesuffix("Backward"), ())


def needs_call(node: Any) -> bool:
    """Whether a node saves less than a row needs, so that its arguments are worth keeping."""
    return _is_called(type(node))


@lru_cache(maxsize=1024)
def _is_called(kind: type) -> bool:
    return kind.__name__.rstrip("0123456789").removesuffix("Backward") in _CALLED


def _x(number: int = 0, saved: str = "", argument: int | None = None, name: str = "") -> Read:
    """The operand of that number."""
    place = number if argument is None else argument
    return lambda seen: seen.operand(number, saved, place, name)


def _given(saved: str) -> Read:
    """An operand that never has a gradient."""
    return lambda seen: Constant(found) if (found := seen.saved(saved)) is not None else None


def _saved(name: str, otherwise: Any = None) -> Read:
    def read(seen: Seen) -> Any:
        found = seen.saved(name)
        return otherwise if found is None else found

    return read


def _constant(value: float) -> Read:
    return lambda _seen: Constant(value)


def _always(_seen: Seen) -> bool:
    return True


def _row(
    rule: str | Callable[[Seen], Rule],
    *operands: Read,
    where: Callable[[Seen], bool] = _always,
    **params: Read,
) -> tuple[Row, ...]:
    return (Row(rule, operands or (_x(),), params, where),)


def _axis(name: str = "dim") -> Read:
    """The axes that a node saved, counted from the front; None for all of them."""

    def read(seen: Seen) -> Any:
        found = seen.saved(name)
        if found is None or found == ():
            return None
        axes = tuple(
            a % max(len(seen.x), 1) for a in (found if isinstance(found, tuple) else [found])
        )
        return axes[0] if len(axes) == 1 else axes

    return read


def _last(name: str = "dim") -> Read:
    """One axis, −1 where it is the last."""
    return lambda seen: -1 if (a := _axis(name)(seen)) == len(seen.x) - 1 else a


_REDUCED: Final = {"axis": _axis(), "keepdims": _saved("keepdim", otherwise=False)}


def _correction(seen: Seen) -> Any:
    found = seen.saved("correction")
    return 1 if found is None else int(found) if float(found).is_integer() else float(found)


def _reduction(seen: Seen) -> str:
    return _REDUCTIONS[seen.saved("reduction")]


def _has_not(*names: str) -> Callable[[Seen], bool]:
    """Whether none of these was saved."""
    return lambda seen: all(seen.saved(name) is None for name in names)


def _is(**stated: Any) -> Callable[[Seen], bool]:
    """Whether what was saved is this."""
    return lambda seen: all(seen.saved(name) == value for name, value in stated.items())


def _shape(seen: Seen) -> Shape:
    return seen.shape


def _key_at(axis: int, item: Any) -> tuple[Any, ...]:
    return (*[slice(None)] * axis, item)


def _selected(seen: Seen) -> Any:
    axis = seen.saved("dim") % len(seen.x)
    return _key_at(axis, seen.saved("index"))


def _sliced(seen: Seen) -> Any:
    axis = seen.saved("dim") % len(seen.x)
    start, end, step = (seen.saved(name) for name in ("start", "end", "step"))
    length = seen.x[axis]
    start, end, step = slice(start, end, step).indices(length)
    stop = None if end == length else end
    return _key_at(axis, slice(start or None, stop, None if step == 1 else step))


def _unbound(seen: Seen) -> Any:
    return _key_at(seen.saved("dim") % len(seen.x), seen.output)


def _split(seen: Seen) -> Any:
    axis = seen.saved("dim") % len(seen.x)
    sizes = seen.saved("split_sizes")
    start = seen.output * seen.saved("split_size") if sizes is None else sum(sizes[: seen.output])
    stop = start + seen.shape[axis]
    return _key_at(axis, slice(start or None, None if stop == seen.x[axis] else stop))


def _listed(seen: Seen) -> Any:
    """The key of an index by lists; a mask is the list of the places where it holds."""
    found: list[Any] = []
    for item in seen.saved("indices"):
        if item is None:
            found.append(slice(None))
        elif item.dtype is torch.bool:
            found += item.nonzero().T.tolist()
        else:
            found.append(item.tolist())
    return tuple(found)


def _is_listed(seen: Seen) -> bool:
    """Whether the indices are few, and masks or lists."""
    found = [item for item in seen.saved("indices") or () if item is not None]
    lengths = [
        item.numel() for item in found
        if item.dtype is torch.bool or (item.dtype is torch.int64 and item.dim() == 1)
    ]  # fmt: skip
    return 0 < len(found) == len(lengths) and bool(max(lengths) <= _MOST_LISTED)


def _dims(name: str) -> Read:
    def read(seen: Seen) -> Any:
        found = seen.saved(name)
        return tuple(a % len(seen.x) for a in (found if isinstance(found, tuple) else (found,)))

    return read


def _members(seen: Seen) -> list[Given | None]:
    """The operands of a list."""
    listed = seen.argument(0, "tensors")
    given = listed if isinstance(listed, tuple | list) else [None] * len(seen.own)
    return [
        k
        if own is not None
        else None
        if k >= len(given) or given[k] is None
        else Constant(given[k])
        for k, own in enumerate(seen.own)
    ]


def _joined(name: str) -> tuple[Row, ...]:
    def rule(seen: Seen) -> Rule:
        family = RULES[name].family
        if family is None:
            raise AssertionError(f"{name} takes any number of operands")
        return family.of(len(seen.own))

    def axis(seen: Seen) -> Any:
        return seen.saved("dim") % len(seen.shape)

    return (Row(rule, _members, {"axis": axis}, lambda seen: len(seen.own) > 1),)


def _with_extras(
    name: str, first: Sequence[Read], extras: Mapping[str, Read], params: Mapping[str, Read],
    where: Callable[[Seen], bool] = _always,
) -> tuple[Row, ...]:  # fmt: skip
    """A row of an op that takes further operands where they are given."""

    def given(seen: Seen) -> dict[str, Given]:
        found = {extra: read(seen) for extra, read in extras.items()}
        return {extra: x for extra, x in found.items() if x is not None}

    def rule(seen: Seen) -> Rule:
        names, row = tuple(given(seen)), RULES[name]
        if not names or row.extras is None:
            return row
        return row.extras.of(names)

    def operands(seen: Seen) -> list[Given | None]:
        return [*(read(seen) for read in first), *given(seen).values()]

    return (Row(rule, operands, params, where),)


def _one_for_all(name: str) -> Read:
    """Sizes along axes; one number where they are all the same."""

    def read(seen: Seen) -> Any:
        found = seen.saved(name)
        return found[0] if len(set(found)) == 1 else found

    return read


def _strides(seen: Seen) -> Any:
    found, kernel = seen.saved("stride"), seen.saved("kernel_size")
    return None if not found or found == kernel else found


_WINDOWS: Final[Mapping[str, Read]] = {
    "kernel_size": _one_for_all("kernel_size"),
    "stride": _strides,
    "padding": _one_for_all("padding"),
    "ceil_mode": _saved("ceil_mode"),
}
_CONVOLUTION: Final[Mapping[str, Read]] = {
    **{name: _one_for_all(name) for name in ("stride", "padding", "dilation")},
    "groups": _saved("groups"),
}


def _convolution(axes: int) -> tuple[Row, ...]:
    """A bias without a gradient is not saved, so that its size alone tells that there is one."""
    return _with_extras(
        f"conv{axes}d", (_x(0, "input"), _x(1, "weight")), {"bias": _x(2, "", 2, "bias")},
        _CONVOLUTION,
        lambda seen: not seen.saved("transposed") and len(seen.shape) == axes + 2,
    )  # fmt: skip


def _normalized_axes(seen: Seen) -> Any:
    count = len(seen.saved("normalized_shape"))
    return -1 if count == 1 else tuple(range(-count, 0))


def _epsilon(seen: Seen) -> Any:
    return seen.argument(4, "eps")


def _batch_axes(seen: Seen) -> Any:
    axes = tuple(a for a in range(len(seen.shape)) if a != 1)
    return axes[0] if len(axes) == 1 else axes


def _has_no_dropout(seen: Seen) -> bool:
    return float(seen.saved("dropout_p")) == 0


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
_PRODUCT: Final = _row("matmul", _x(0, "self"), _x(1, "mat2"))
_RESHAPED: Final = _row("reshape", shape=_shape)
_INDEXED_PARTS: Final = _row("index", key=_split)
_NO_ALPHA: Final = _is(alpha=1)


def _pairs(text: str) -> list[list[str]]:
    return [word.split(":") for word in text.split()]


ROWS: Final[Mapping[str, tuple[Row, ...]]] = {
    **{kind: _row(op) for kind, op in _pairs(_SIMPLE)},
    **{kind: _row(op, **_REDUCED) for kind, op in _pairs(_REDUCING)},
    # arithmetic
    "Add": _row("add", _x(0), _x(1, name="other"), where=_NO_ALPHA),
    "Sub": _row("subtract", _x(0), _x(1, name="other"), where=_NO_ALPHA),
    "Rsub": _row("subtract", _x(1, name="other"), _x(0), where=_NO_ALPHA),
    "Mul": _row("multiply", _x(0, "self"), _x(1, "other")),
    "DivBackward0": _row("divide", _x(0, "self"), _x(1, "other")),
    "DivBackward1": _row("divide", _x(0), _x(1, "other")),
    "PowBackward0": _row("power", _x(), _x(1, "exponent")),
    "PowBackward1": _row("power", _x(0, "self"), _x(1, "exponent")),
    "PowBackward2": _row("power", _x(1, "self"), _x(0)),
    "Rsqrt": _row("power", _x(), _constant(-0.5)),
    "Atan2": _row("arctan2", _x(0, "self"), _x(1, "other")),
    "Hypot": _row("hypot", _x(0, "self"), _x(1, "other")),
    "Logaddexp": _row("logaddexp", _x(0, "self"), _x(1, "other")),
    "Maximum": _row("maximum", _x(0, "self"), _x(1, "other")),
    "Minimum": _row("minimum", _x(0, "self"), _x(1, "other")),
    # choices and activations
    "ClampBackward1": _row("clip", min=_saved("min"), max=_saved("max")),
    "ClampMin": _row("clip", min=_saved("min")),
    "ClampMax": _row("clip", max=_saved("max")),
    "Where": _row("where", _given("condition"), _x(0, argument=1), _x(1, argument=2)),
    "MaskedFill": _row("where", _given("mask"), _x(1, argument=2, name="value"), _x(0)),
    "LeakyRelu": _row("leaky_relu", negative_slope=_saved("negative_slope")),
    "Elu": (
        *_row("elu", alpha=_saved("alpha"), where=_is(scale=1, input_scale=1)),
        *_row("selu", where=lambda seen: seen.saved("scale") != 1),
    ),
    "Gelu": _row("gelu", approximate=_saved("approximate")),
    "Hardtanh": _row("hardtanh", min_val=_saved("min_val"), max_val=_saved("max_val")),
    "Softplus": _row("softplus", where=_is(beta=1, threshold=20)),
    "NativeDropout": _row("dropout", _x(), _given("result1"), p=_saved("p")),
    "Softmax": _row("softmax", axis=_last()),
    "SafeSoftmax": _row("softmax", axis=_last()),
    "LogSoftmax": _row("log_softmax", axis=_last()),
    # reductions
    "Var": _row("var", **_REDUCED, ddof=_correction),
    "Std": _row("std", **_REDUCED, ddof=_correction),
    "LinalgVectorNorm": _row("norm", **_REDUCED, where=_is(ord=2)),
    "Cumsum": _row("cumsum", axis=_axis()),
    "Cumprod": _row("cumprod", axis=_axis()),
    "Trace": _row("trace"),
    # products
    "Mm": _PRODUCT,
    "Bmm": _PRODUCT,
    "Mv": _row("matmul", _x(0, "self"), _x(1, "vec")),
    "Dot": _row("dot", _x(0, "self"), _x(1, "tensor")),
    "Vdot": _row("vdot", _x(0, "self"), _x(1, "other")),
    "Addmm": _row(
        "addmm", _x(0, name="input"), _x(1, "mat1"), _x(2, "mat2"), where=_is(alpha=1, beta=1)
    ),
    "LinalgSolveEx": _row("solve", _x(0, "A"), _x(1, "B"), where=_is(left=True)),
    # the same entries elsewhere
    **dict.fromkeys(("View", "UnsafeView", "ReshapeAlias", "Clone", "Alias"), _RESHAPED),
    "Squeeze": _RESHAPED,
    "Unsqueeze": _row("expand_dims", axis=lambda seen: seen.saved("dim") % len(seen.shape)),
    "Expand": _row("broadcast_to", shape=_shape),
    "T": _row("transpose", axes=lambda _seen: None),
    "Transpose": _row("swapaxes", axis1=_axis("dim0"), axis2=_axis("dim1")),
    "Permute": _row("transpose", axes=_dims("dims")),
    "Flip": _row("flip", axis=_dims("dims")),
    "Repeat": _row("tile", reps=_saved("repeats")),
    "Diagonal": _row(
        "diagonal", offset=_saved("offset"), axis1=_axis("dim1"), axis2=_axis("dim2")
    ),
    "Tril": _row("tril", k=_saved("diagonal")),
    "Triu": _row("triu", k=_saved("diagonal")),
    "Select": _row("index", key=_selected),
    "Slice": _row("index", key=_sliced),
    "Index": _row("index", key=_listed, where=_is_listed),
    "Unbind": _row("index", key=_unbound),
    "Split": _INDEXED_PARTS,
    "UnsafeSplit": _INDEXED_PARTS,
    "SplitWithSizes": _INDEXED_PARTS,
    "Cat": _joined("concatenate"),
    "Stack": _joined("stack"),
    # layers
    "Embedding": _row(
        "embedding", _given("indices"), _x(0), where=_is(scale_grad_by_freq=False),
        padding_idx=lambda seen: None if (k := seen.saved("padding_idx")) < 0 else k,
    ),
    "Convolution": (*_convolution(1), *_convolution(2)),
    "MaxPool2DWithIndices": _row(
        "max_pool2d", **_WINDOWS, dilation=_one_for_all("dilation")
    ),
    "AvgPool2D": _row(
        "avg_pool2d", **_WINDOWS, count_include_pad=_saved("count_include_pad"),
        where=_has_not("divisor_override"),
    ),
    "NativeLayerNorm": _with_extras(
        "layer_norm", (_x(0, "input"),), {"weight": _x(1, "weight"), "bias": _x(2, "bias")},
        {"axis": _normalized_axes, "eps": _epsilon},
        lambda seen: isinstance(_epsilon(seen), float),
    ),
    "NativeBatchNorm": _with_extras(
        "batch_norm", (_x(0, "input"),),
        {"weight": _x(1, "weight"), "bias": _x(2, argument=2, name="bias")},
        {"axis": _batch_axes, "eps": _saved("eps")}, _is(training=True),
    ),
    "ScaledDotProductFlashAttentionForCpu": _with_extras(
        "scaled_dot_product_attention", (_x(0, "query"), _x(1, "key"), _x(2, "value")),
        {"attn_mask": _given("attn_mask")},
        {"is_causal": _saved("is_causal"), "scale": _saved("scale")}, _has_no_dropout,
    ),
    # losses
    **dict.fromkeys(("NllLoss", "NllLoss2D"), _with_extras(
        "nll", (_x(0, "self"), _given("target")), {"weight": _given("weight")},
        {"reduction": _reduction, "ignore_index": _saved("ignore_index")},
    )),
    "MseLoss": _row("mse", _x(0, "self"), _x(1, "target"), reduction=_reduction),
    "HuberLoss": _row(
        "huber", _x(0, "self"), _x(1, "target"), delta=_saved("delta"), reduction=_reduction
    ),
    "BinaryCrossEntropy": _row(
        "binary_cross_entropy", _x(0, "self"), _x(1, "target"), reduction=_reduction,
        where=_has_not("weight"),
    ),
    "BinaryCrossEntropyWithLogits": _row(
        "binary_cross_entropy_with_logits", _x(0, "self"), _x(1, "target"), reduction=_reduction,
        where=_has_not("weight", "pos_weight"),
    ),
}  # fmt: skip
"""By kind of node, or by its full name where kinds of one name differ; `Seen` reads a node."""

_CALLED: Final = frozenset(
    {
        *("Add", "Sub", "Rsub", "Where", "MaskedFill", "Cat", "Stack", "Addmm", "Convolution"),
        *("NativeLayerNorm", "NativeBatchNorm"),
    }
)
"""Kinds of nodes that save less than their row needs."""
