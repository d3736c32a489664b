"""How PyTorch says what is done along axes: reductions, running ones, normalizations.

It stands apart because NumPy and PyTorch name axes differently; the mathematics is one call each.
In a peer, ``t`` is the module torch.
"""

from __future__ import annotations

from math import inf
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from tui_backprop.verify.pytorch.peers import along, axes_of, lines_of, within

if TYPE_CHECKING:
    from tui_backprop.verify.pytorch.peers import Peer, Peers


def _average(t: Any, x: Any, weights: Any, axis: Any, keepdims: bool) -> Any:
    """NumPy's definition; torch has none."""
    if weights.shape != x.shape:
        (along_axis,) = axes_of(x, axis)
        weights = weights.reshape([-1 if a == along_axis else 1 for a in range(x.ndim)])
        weights = weights.expand(x.shape)
    total = _SUM(t, x * weights, axis=axis, keepdims=keepdims)
    return total / _SUM(t, weights, axis=axis, keepdims=keepdims)


def _length(t: Any, x: Any, **static: Any) -> Any:
    order = static["ord"]
    return t.linalg.vector_norm(x, 2 if order in {None, "fro"} else order, dim=-1)


def _norm(t: Any, x: Any, **static: Any) -> Any:
    """The length of lines, or what a matrix does to them."""
    axes, order = axes_of(x, static["axis"]), static["ord"]
    if len(axes) == 2 and order in {1, 2, inf}:
        return t.linalg.matrix_norm(x, order, dim=axes, keepdim=static["keepdims"])
    return along(_length)(t, x, **static)


def _scaled(plain: Peer, *, is_by_channel: bool = False) -> Peer:
    """With a weight and a bias, which stand along the axes, or of a batch along the others."""

    def peer(t: Any, x: Any, axis: Any, weight: Any = None, bias: Any = None, **others: Any) -> Any:
        found = plain(t, x, axis=axis, **others)
        axes = axes_of(x, axis)
        shape = [1 if (a in axes) is is_by_channel else n for a, n in enumerate(x.shape)]
        if weight is not None:
            found = found * weight.reshape(shape)
        return found if bias is None else found + bias.reshape(shape)

    return peer


def _running(name: str) -> Peer:
    return lambda t, x, axis: getattr(t, name)(
        x.reshape(-1) if axis is None else x, 0 if axis is None else axis
    )


def _batch_norm(t: Any, lines: Any, eps: float) -> Any:
    """Samples first and channels second; of one sample torch refuses to speak here."""
    if lines.shape[-1] == 1:
        return t.nn.functional.layer_norm(lines, (1,), eps=eps)
    channels = lines.reshape([lines.shape[:-1].numel(), lines.shape[-1]])
    found = t.nn.functional.batch_norm(channels.T, None, None, training=True, eps=eps)
    return found.T.reshape(lines.shape)


def _cosine_similarity(t: Any, x: Any, y: Any, axis: Any, eps: float) -> Any:
    axes = axes_of(x, axis)
    return t.nn.functional.cosine_similarity(lines_of(x, axes), lines_of(y, axes), dim=-1, eps=eps)


_SUM: Final = along(lambda t, x: t.sum(x, -1))

PEERS: Final[Peers] = MappingProxyType(
    {
        "sum": _SUM,
        "prod": along(lambda t, x: t.prod(x, -1)),
        "logsumexp": along(lambda t, x: t.logsumexp(x, -1)),
        "mean": along(lambda t, x: t.mean(x, -1)),
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
        "layer_norm": _scaled(
            within(lambda t, x, eps: t.nn.functional.layer_norm(x, x.shape[-1:], eps=eps))
        ),
        "batch_norm": _scaled(within(_batch_norm), is_by_channel=True),
        "rms_norm": _scaled(
            within(lambda t, x, eps: t.nn.functional.rms_norm(x, x.shape[-1:], eps=eps))
        ),
        "cosine_similarity": _cosine_similarity,
    }
)
