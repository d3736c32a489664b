"""PyTorch's peer of every op: of an elementwise one its function of that name, unless said here.

In a peer, ``t`` is the module torch. NumPy's meaning of an axis, a vector or a singular matrix is
kept.
"""

from __future__ import annotations

from math import prod
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.rules import RULES
from tui_backprop.verify.pytorch.axes import along, as_tuple, axes_of, lines_of, named, same, within
from tui_backprop.verify.pytorch.decomposing import PEERS as DECOMPOSED
from tui_backprop.verify.pytorch.differences import WITHOUT
from tui_backprop.verify.pytorch.ordering import PEERS as ORDERED

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Rule
    from tui_backprop.verify.pytorch.axes import Peer, Peers

_EXACT: Final = 40.0
"""Beyond it log(1 + exp(x)) is x to the last digit; torch stops at 20, where it is not yet."""

_DRAWN: Final = 10_000
"""Entries of which dropout keeps some, unless nearly none."""


def _comparison(name: str) -> Peer:
    return lambda t, x, y: getattr(t, name)(x, y).to(x.dtype)


def _clip(t: Any, x: Any, **bounds: Any) -> Any:
    """Without a bound torch refuses, and with one that is a number beside one that is none."""
    given = {name: bounds[name] for name in ("min", "max") if bounds.get(name) is not None}
    if len({isinstance(bound, t.Tensor) for bound in given.values()}) == 1:
        return t.clamp(x, **given)
    for name, bound in given.items():
        x = t.clamp(x, **{name: bound})
    return x


def _dropout(t: Any, x: Any, mask: Any, p: float) -> Any:
    """Torch draws its mask itself: what it makes of a one that it keeps is asked of it."""
    with t.random.fork_rng():
        t.manual_seed(0)
        ones = t.ones(_DRAWN, dtype=x.dtype)
        kept = t.nn.functional.dropout(ones, p).max()
    if 0 < p < 1 and not kept:
        raise ValueError(f"p={p} keeps none of {_DRAWN} entries")
    return x * mask * kept


def _softplus(t: Any, x: Any, beta: float, threshold: float | None) -> Any:
    """Where no threshold is given torch's own stands where nothing is lost by it."""
    return t.nn.functional.softplus(x, beta, _EXACT if threshold is None else threshold)


def _cube_root(t: Any, x: Any) -> Any:
    return t.sign(x) * t.abs(x) ** (1 / 3)


def _average(t: Any, x: Any, weights: Any = None, *, axis: Any, keepdims: bool) -> Any:
    """NumPy's definition; torch has none."""
    if weights is None:
        return _MEAN(t, x, axis=axis, keepdims=keepdims)
    if weights.shape != x.shape:
        (along_axis,) = axes_of(x, axis)
        weights = weights.reshape([-1 if a == along_axis else 1 for a in range(x.ndim)])
        weights = weights.expand(x.shape)
    total = _SUM(t, x * weights, axis=axis, keepdims=keepdims)
    return total / _SUM(t, weights, axis=axis, keepdims=keepdims)


def _norm(t: Any, x: Any, axis: Any, keepdims: bool, **static: Any) -> Any:
    """Of one axis or all a vector's; of two that are named with an order a matrix's."""
    order = static["ord"]
    if order in {None, "fro"}:
        order = 2
    elif len(axes_of(x, axis)) == 2:
        dims = (0, 1) if axis is None else axis
        return t.linalg.matrix_norm(x, order, dims, keepdims)
    length = along(lambda t, x: t.linalg.vector_norm(x, order, dim=-1))
    return length(t, x, axis=axis, keepdims=keepdims)


def _running(name: str) -> Peer:
    return lambda t, x, axis: getattr(t, name)(
        *((x.reshape(-1), 0) if axis is None or not x.ndim else (x, axis))
    )


def _flat(x: Any) -> Any:
    """An operand that may be left out, as the vector that torch wants."""
    return None if x is None else x.reshape(-1)


def _layer_norm(t: Any, lines: Any, eps: float, weight: Any = None, bias: Any = None) -> Any:
    length = lines.shape[-1:]
    return t.nn.functional.layer_norm(lines, length, _flat(weight), _flat(bias), eps)


def _rms_norm(t: Any, lines: Any, eps: float, weight: Any = None) -> Any:
    return t.nn.functional.rms_norm(lines, lines.shape[-1:], _flat(weight), eps)


def _batch_norm(
    t: Any, x: Any, running_mean: Any = None, running_var: Any = None, **others: Any
) -> Any:
    """With what was kept it is an evaluation; torch gives that no gradient."""
    if running_mean is None:
        return _TRAINED(t, x, **others)
    axis, eps = others["axis"], others["eps"]
    axes = axes_of(x, axis)
    kept = [a for a in range(x.ndim) if a not in axes]
    sizes = [prod(x.shape[a] for a in part) for part in (kept, axes)]
    lines = lines_of(x, axes).reshape(sizes).T
    flat = [_flat(z) for z in (running_mean.detach(), running_var.detach())]
    scale = [_flat(others.get(name)) for name in ("weight", "bias")]
    found = t.nn.functional.batch_norm(lines, *flat, *scale, training=False, eps=eps).T
    order = [*kept, *axes]
    return found.reshape([x.shape[a] for a in order]).permute(
        [order.index(a) for a in range(x.ndim)]
    )


def _trained(t: Any, lines: Any, eps: float, weight: Any = None, bias: Any = None) -> Any:
    """Samples first and channels second; of one sample or no channel torch refuses to speak."""
    if lines.shape[-1] == 1 or not lines.shape[:-1].numel():
        found = t.nn.functional.layer_norm(lines, lines.shape[-1:], eps=eps)
        found = found if weight is None else found * weight[..., None]
        return found if bias is None else found + bias[..., None]
    channels = lines.reshape([lines.shape[:-1].numel(), lines.shape[-1]])
    found = t.nn.functional.batch_norm(
        channels.T, None, None, _flat(weight), _flat(bias), training=True, eps=eps
    )
    return found.T.reshape(lines.shape)


def _cosine_similarity(t: Any, x: Any, y: Any, axis: Any, eps: float) -> Any:
    x, y = t.broadcast_tensors(x, y)  # here the axes may be several
    axes = axes_of(x, axis)
    return t.nn.functional.cosine_similarity(lines_of(x, axes), lines_of(y, axes), dim=-1, eps=eps)


_TRAINED: Final = within(_trained)
_SUM: Final = along(lambda t, x: t.sum(x, -1))
_MEAN: Final = along(lambda t, x: t.mean(x, -1))


def _dot(t: Any, a: Any, b: Any) -> Any:
    if not a.ndim or not b.ndim:
        return a * b
    return t.tensordot(a, b, dims=([-1], [max(b.ndim - 2, 0)]))


def _einsum(t: Any, *arrays: Any, subscripts: str) -> Any:
    """From left to right: where opt_einsum is installed, torch.einsum takes another order."""
    with t.backends.opt_einsum.flags(enabled=False):
        return t.einsum(subscripts, *arrays)


def _tensordot(t: Any, a: Any, b: Any, axes: Any) -> Any:
    dims = [list(as_tuple(part)) for part in axes] if isinstance(axes, tuple | list) else axes
    return t.tensordot(a, b, dims=dims)


def _inverse(t: Any, a: Any) -> Any:
    """NaN where there is none; torch would raise."""
    found, info = t.linalg.inv_ex(a)
    return t.where((info == 0)[..., None, None], found, t.nan)


def _solve(t: Any, a: Any, b: Any) -> Any:
    """A vector is what has one axis; torch would guess from the lengths as well."""
    right = b[:, None] if b.ndim == 1 else b
    batch = t.broadcast_shapes(a.shape[:-2], right.shape[:-2])
    stacks = (x.expand(*batch, *x.shape[-2:]) for x in (a, right))
    found, info = t.linalg.solve_ex(*stacks)
    found = t.where((info == 0)[..., None, None], found, t.nan)
    return found[..., 0] if b.ndim == 1 else found


def _triangle(name: str) -> Peer:
    """NumPy reads a vector as each row of a matrix."""
    return lambda t, x, k: getattr(t, name)(x if x.ndim > 1 else x.expand(x.numel(), -1), k)


def _index(t: Any, x: Any, key: Any) -> Any:
    """NumPy says which places; torch, which has no negative steps, picks them."""
    places = np.arange(x.numel()).reshape(tuple(x.shape))[key]
    return x.reshape(-1)[t.as_tensor(np.array(places))]


def _expand_dims(t: Any, x: Any, axis: Any) -> Any:
    rank = x.ndim + len(as_tuple(axis))
    for a in sorted(a % rank for a in as_tuple(axis)):
        x = t.unsqueeze(x, a)
    return x


def _roll(t: Any, x: Any, shift: Any, axis: Any) -> Any:
    if axis is None:
        return t.roll(x, sum(as_tuple(shift)))
    pairs = np.broadcast(as_tuple(shift), as_tuple(axis))
    for places, dim in pairs:
        x = t.roll(x, int(places), int(dim))
    return x


def _pad(t: Any, x: Any, pad_width: Any, mode: str, constant_values: Any) -> Any:
    pairs = np.broadcast_to(np.asarray(pad_width), (x.ndim, 2)) if x.ndim else np.empty((0, 2))
    if mode == "constant" and np.ndim(constant_values) == 0:
        widths = [int(n) for pair in reversed(pairs.tolist()) for n in pair]  # the last axis first
        return t.nn.functional.pad(x, widths, value=constant_values)
    # torch's other modes know some ranks only, and each axis has one constant.
    if mode == "constant":
        borders = np.broadcast_to(np.asarray(constant_values), (x.ndim, 2)).tolist()
        for axis, (pair, ends) in enumerate(zip(pairs.tolist(), borders, strict=True)):
            first, last = (
                t.full((*x.shape[:axis], int(n), *x.shape[axis + 1 :]), end, dtype=x.dtype)
                for n, end in zip(pair, ends, strict=True)
            )
            x = t.cat([first, x, last], dim=axis)
        return x
    padded: Any = np.pad  # its types know no mode that is a variable
    for axis, pair in enumerate(pairs.astype(int)):
        places = padded(np.arange(x.shape[axis]), pair, mode=mode)
        x = t.index_select(x, axis, t.from_numpy(places))
    return x


def _reshape(t: Any, x: Any, shape: Any, order: str) -> Any:
    if order != "F":
        return t.reshape(x, as_tuple(shape))
    turned = x.permute(tuple(reversed(range(x.ndim))))
    found = t.reshape(turned, tuple(reversed(as_tuple(shape))))
    return found.permute(tuple(reversed(range(found.ndim))))


def _repeat(t: Any, x: Any, repeats: Any, axis: Any) -> Any:
    times = as_tuple(repeats)
    count = times[0] if len(times) == 1 else t.tensor(times)
    return t.repeat_interleave(x, count, dim=axis)


def _embedding(t: Any, x: Any, weight: Any, padding_idx: int | None) -> Any:
    return t.nn.functional.embedding(_classes(t, x), weight, padding_idx)


def _classes(t: Any, x: Any) -> Any:
    """The whole numbers nearest to x; where that is no place at all torch raises."""
    return t.floor(x.detach() + 0.5).to(t.int64)


def _hinge(t: Any, x: Any, target: Any, margin: float, reduction: str) -> Any:
    """PyTorch's for pairs that are unlike: max(0, margin − distance), the distance being t·x."""
    apart = target * x
    unlike = -t.ones_like(apart)
    return t.nn.functional.hinge_embedding_loss(apart, unlike, margin, reduction=reduction)


def _over_classes(name: str) -> Peer:
    """PyTorch differentiates no loss by the weights of its classes."""

    def peer(t: Any, x: Any, target: Any, weight: Any = None, **params: Any) -> Any:
        classes = _classes(t, target) if target.ndim < x.ndim else target
        fixed = None if weight is None else weight.detach()
        return getattr(t.nn.functional, name)(x, classes, weight=fixed, **params)

    return peer


def _weighing(name: str) -> Peer:
    """PyTorch differentiates by no weight."""

    def peer(t: Any, x: Any, target: Any, **named: Any) -> Any:
        fixed = {k: z.detach() if isinstance(z, t.Tensor) else z for k, z in named.items()}
        return getattr(t.nn.functional, name)(x, target, **fixed)

    return peer


def _functional(name: str) -> Peer:
    return lambda t, *tensors, **named: getattr(t.nn.functional, name)(*tensors, **named)


def _functionals(names: str) -> dict[str, Peer]:
    """Peers that have the op's own name there."""
    return {name: _functional(name) for name in names.split()}


def _pool(name: str, axes: int) -> Peer:
    """Everything before the axes that slide is one axis of samples, as torch wants it."""

    def peer(t: Any, x: Any, **params: Any) -> Any:
        lead, places = x.shape[:-axes], x.shape[-axes:]
        samples = x.reshape([lead.numel(), 1, *places])
        found = getattr(t.nn.functional, name)(samples, **params)
        return found.reshape([*lead, *found.shape[2:]])

    return peer


PEERS: Final[Peers] = MappingProxyType(
    {
        # Elementwise, where it is not torch's function of the same name.
        "power": lambda t, x, y: t.pow(x, y),
        # torch computes it in float64 whatever it is given.
        "float_power": lambda t, x, y: t.float_power(x, y).to(x.dtype),
        "cbrt": _cube_root,
        "where": lambda t, condition, x, y: t.where(condition != 0, x, y),
        "floor_divide": lambda t, x, y: t.div(x, y, rounding_mode="floor"),
        "round": lambda t, x, decimals: t.round(x, decimals=decimals),
        "clip": _clip,
        **{
            name: _comparison(name)
            for name in ("less", "less_equal", "greater", "greater_equal", "not_equal")
        },
        "equal": _comparison("eq"),  # torch.equal asks of whole tensors
        "heaviside": lambda t, x, values: t.heaviside(x.detach(), values.detach()),
        "logit": lambda t, x, eps: t.logit(x, eps),
        "nan_to_num": lambda t, x, nan, posinf, neginf: t.nan_to_num(x, nan, posinf, neginf),
        "stop_gradient": lambda t, x: x.detach(),
        "log_sigmoid": _functional("logsigmoid"),
        "softplus": _softplus,
        **_functionals("leaky_relu elu selu gelu silu mish hardtanh"),
        "dropout": _dropout,
        # Along axes: reductions, running ones, normalizations.
        "sum": _SUM,
        "prod": along(lambda t, x: t.prod(x, -1)),
        "logsumexp": along(lambda t, x: t.logsumexp(x, -1)),
        "mean": _MEAN,
        "var": along(lambda t, x, ddof: t.var(x, -1, correction=ddof)),
        "std": along(lambda t, x, ddof: t.std(x, -1, correction=ddof)),
        "average": _average,
        # torch.max gives a tie to one entry, amax splits it.
        "max": along(lambda t, x: t.amax(x, -1)),
        "min": along(lambda t, x: t.amin(x, -1)),
        "norm": _norm,
        "cumsum": _running("cumsum"),
        "cumprod": _running("cumprod"),
        "logcumsumexp": _running("logcumsumexp"),
        "softmax": within(lambda t, x: t.softmax(x, -1)),
        "log_softmax": within(lambda t, x: t.log_softmax(x, -1)),
        "layer_norm": within(_layer_norm),
        "batch_norm": _batch_norm,
        "rms_norm": within(_rms_norm),
        "cosine_similarity": _cosine_similarity,
        **ORDERED,
        # Products, matrices, linear equations.
        **same("matmul addmm inner kron"),
        "dot": _dot,
        "tensordot": _tensordot,
        "einsum": _einsum,
        "outer": lambda t, a, b: t.outer(a.reshape(-1), b.reshape(-1)),
        "vdot": lambda t, a, b: t.dot(a.reshape(-1), b.reshape(-1)),
        "trace": lambda t, x, offset, axis1, axis2: t.diagonal(x, offset, axis1, axis2).sum(-1),
        "diagonal": lambda t, x, offset, axis1, axis2: t.diagonal(x, offset, axis1, axis2),
        "diag": lambda t, x, k: t.diag(x, k),
        "tril": _triangle("tril"),
        "triu": _triangle("triu"),
        "det": lambda t, a: t.linalg.det(a),
        "inv": _inverse,
        "solve": _solve,
        **DECOMPOSED,
        # Entries moved, picked, copied, joined.
        "transpose": lambda t, x, axes: x.permute(
            tuple(reversed(range(x.ndim))) if axes is None else as_tuple(axes)
        ),
        "reshape": _reshape,
        "index": _index,
        "ravel": lambda t, x, order: _reshape(t, x, -1, order),
        "flatten": lambda t, x, start_dim, end_dim: t.flatten(x, start_dim, end_dim),
        "unfold": lambda t, x, axis, size, step: x.unfold(axis, size, step),
        "squeeze": lambda t, x, axis: (
            t.squeeze(x) if axis is None else t.squeeze(x, as_tuple(axis))
        ),
        "expand_dims": _expand_dims,
        "broadcast_to": lambda t, x, shape: t.broadcast_to(x, as_tuple(shape)),
        "swapaxes": lambda t, x, axis1, axis2: t.swapaxes(x, axis1, axis2),
        "moveaxis": lambda t, x, source, destination: t.moveaxis(x, source, destination),
        "flip": lambda t, x, axis: t.flip(x, axes_of(x, axis)),
        "roll": _roll,
        "tile": lambda t, x, reps: t.tile(x, as_tuple(reps)),
        "repeat": _repeat,
        "pad": _pad,
        "concatenate": lambda t, *arrays, axis: (
            t.cat([x.reshape(-1) for x in arrays]) if axis is None else t.cat(arrays, dim=axis)
        ),
        "stack": lambda t, *arrays, axis: t.stack(arrays, dim=axis),
        "vstack": lambda t, *arrays: t.vstack(arrays),
        "hstack": lambda t, *arrays: t.hstack(arrays),
        "embedding": _embedding,
        # Losses, convolutions, pools.
        "mse": _functional("mse_loss"),
        "mae": _functional("l1_loss"),
        "huber": _functional("huber_loss"),
        "binary_cross_entropy": _weighing("binary_cross_entropy"),
        "binary_cross_entropy_with_logits": _weighing("binary_cross_entropy_with_logits"),
        "kl_div": _functional("kl_div"),
        "hinge": _hinge,
        "cross_entropy": _over_classes("cross_entropy"),
        "nll": _over_classes("nll_loss"),
        "multi_margin": _over_classes("multi_margin_loss"),
        **_functionals(
            "scaled_dot_product_attention conv1d conv2d conv_transpose1d conv_transpose2d"
        ),
        "max_pool1d": _pool("max_pool1d", 1),
        "max_pool2d": _pool("max_pool2d", 2),
        "avg_pool1d": _pool("avg_pool1d", 1),
        "avg_pool2d": _pool("avg_pool2d", 2),
        **{
            f"adaptive_{kind}_pool{axes}d": _pool(f"adaptive_{kind}_pool{axes}d", axes)
            for kind in ("max", "avg")
            for axes in (1, 2)
        },
        **_functionals("interpolate pixel_shuffle"),
    }
)
"""Whatever is not torch's function of the op's own name, entry by entry; see `peer_of`."""


def peer_of(name: str) -> Peer | None:
    """The peer of an op: as stated, else torch's function of its name where the operands are alike.

    They are alike where both broadcast them entry by entry and take nothing else. None where
    `WITHOUT` says why there is none, and where nobody has said.
    """
    if name in PEERS or name in WITHOUT:
        return PEERS.get(name)
    return named(name) if _is_bare(RULES[name]) else None


def _is_bare(rule: Rule) -> bool:
    """Whether it takes its operands, entry by entry, and nothing else."""
    varies = rule.family is not None or rule.extras is not None
    return rule.elementwise and not rule.parameters and not varies
