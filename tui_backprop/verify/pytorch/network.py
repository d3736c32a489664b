"""PyTorch's peers of the losses, convolutions and pools of deep learning.

In a peer, ``t`` is the module torch.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from tui_backprop.verify.pytorch.layout import named

if TYPE_CHECKING:
    from tui_backprop.verify.pytorch.peers import Peer, Peers


def _hinge(t: Any, x: Any, target: Any, margin: float, reduction: str) -> Any:
    """PyTorch's for pairs that are unlike: max(0, margin − distance), the distance being t·x."""
    apart = target * x
    unlike = -t.ones_like(apart)
    return t.nn.functional.hinge_embedding_loss(apart, unlike, margin, reduction=reduction)


def _over_classes(name: str) -> Peer:
    """PyTorch differentiates no loss by the weights of its classes."""

    def peer(t: Any, x: Any, target: Any, weight: Any = None, **params: Any) -> Any:
        classes = named(t, target) if target.ndim < x.ndim else target
        fixed = None if weight is None else weight.detach()
        return getattr(t.nn.functional, name)(x, classes, weight=fixed, **params)

    return peer


def _functional(name: str) -> Peer:
    return lambda t, *tensors, **named: getattr(t.nn.functional, name)(*tensors, **named)


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
        "mse": _functional("mse_loss"),
        "mae": _functional("l1_loss"),
        "huber": _functional("huber_loss"),
        "binary_cross_entropy": _functional("binary_cross_entropy"),
        "binary_cross_entropy_with_logits": _functional("binary_cross_entropy_with_logits"),
        "hinge": _hinge,
        "kl_div": _functional("kl_div"),
        "cross_entropy": _over_classes("cross_entropy"),
        "nll": _over_classes("nll_loss"),
        "scaled_dot_product_attention": _functional("scaled_dot_product_attention"),
        "conv1d": _functional("conv1d"),
        "conv2d": _functional("conv2d"),
        "max_pool1d": _pool("max_pool1d", 1),
        "max_pool2d": _pool("max_pool2d", 2),
        "avg_pool1d": _pool("avg_pool1d", 1),
        "avg_pool2d": _pool("avg_pool2d", 2),
    }
)
