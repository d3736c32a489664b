"""PyTorch's peers of ops along axes: reductions, running ones, normalizations.

In a peer, ``t`` is the module torch.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from tui_backprop.verify.pytorch.peers import along, axes_of, lines_of, within

if TYPE_CHECKING:
    from tui_backprop.verify.pytorch.peers import Peer, Peers


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


def _batch_norm(t: Any, lines: Any, eps: float, weight: Any = None, bias: Any = None) -> Any:
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


_SUM: Final = along(lambda t, x: t.sum(x, -1))
_MEAN: Final = along(lambda t, x: t.mean(x, -1))

PEERS: Final[Peers] = MappingProxyType(
    {
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
        "softmax": within(lambda t, x: t.softmax(x, -1)),
        "log_softmax": within(lambda t, x: t.log_softmax(x, -1)),
        "layer_norm": within(_layer_norm),
        "batch_norm": within(_batch_norm),
        "rms_norm": within(_rms_norm),
        "cosine_similarity": _cosine_similarity,
    }
)
