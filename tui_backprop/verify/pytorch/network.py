"""How PyTorch says the losses and windows of deep learning.

It stands apart because these are PyTorch's own functions: the rows took their names from them.
In a peer, ``t`` is the module torch.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from tui_backprop.verify.pytorch.layout import named

if TYPE_CHECKING:
    from tui_backprop.verify.pytorch.peers import Peer, Peers


def _loss(name: str) -> Peer:
    return lambda t, x, target, **params: getattr(t.nn.functional, name)(x, target, **params)


def _hinge(t: Any, x: Any, target: Any, margin: float, reduction: str) -> Any:
    """PyTorch has no loss of this form; relu is how it is written there."""
    found = t.relu(margin - target * x)
    return found if reduction == "none" else getattr(t, reduction)(found)


def _constant(weight: Any) -> Any:
    """Weights of classes have no gradient, and torch refuses those that ask for one."""
    return None if weight is None else weight.detach()


def _cross_entropy(t: Any, x: Any, target: Any, weight: Any = None, **params: Any) -> Any:
    classes = named(t, target) if target.ndim < x.ndim else target
    return t.nn.functional.cross_entropy(x, classes, _constant(weight), **params)


def _convolution(name: str) -> Peer:
    return lambda t, x, w, bias=None, **params: getattr(t.nn.functional, name)(x, w, bias, **params)


def _attention(t: Any, q: Any, k: Any, v: Any, **params: Any) -> Any:
    """Torch broadcasts no batches here."""
    batch = t.broadcast_shapes(q.shape[:-2], k.shape[:-2], v.shape[:-2])
    q, k, v = (x.expand(*batch, *x.shape[-2:]) for x in (q, k, v))
    return t.nn.functional.scaled_dot_product_attention(q, k, v, **params)


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
        "mse": _loss("mse_loss"),
        "mae": _loss("l1_loss"),
        "huber": _loss("huber_loss"),
        "binary_cross_entropy": _loss("binary_cross_entropy"),
        "binary_cross_entropy_with_logits": _loss("binary_cross_entropy_with_logits"),
        "hinge": _hinge,
        "kl_div": _loss("kl_div"),
        "cross_entropy": _cross_entropy,
        "nll": lambda t, p_log, target, weight=None, **params: t.nn.functional.nll_loss(
            p_log, named(t, target), _constant(weight), **params
        ),
        "scaled_dot_product_attention": _attention,
        "conv1d": _convolution("conv1d"),
        "conv2d": _convolution("conv2d"),
        "max_pool1d": _pool("max_pool1d", 1),
        "max_pool2d": _pool("max_pool2d", 2),
        "avg_pool1d": _pool("avg_pool1d", 1),
        "avg_pool2d": _pool("avg_pool2d", 2),
    }
)
