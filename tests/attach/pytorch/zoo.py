"""Small PyTorch programs, each of them a loss; what people build networks of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import torch
from torch import nn
from torch.nn import functional
from torch.utils.checkpoint import checkpoint

if TYPE_CHECKING:
    from collections.abc import Callable

Loss: TypeAlias = Any
ZOO: dict[str, Callable[[], Loss]] = {}


def model(make: Callable[[], Loss]) -> Callable[[], Loss]:
    """Add a program to the zoo under its function's name."""
    ZOO[make.__name__] = make
    return make


def _leaf(*shape: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    return torch.randn(*shape, dtype=dtype, requires_grad=True)


@model
def mlp() -> Loss:
    net = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 8), nn.Tanh(), nn.Linear(8, 2))
    return functional.cross_entropy(net(torch.randn(5, 3)), torch.tensor([0, 1, 1, 0, 1]))


@model
def double_precision() -> Loss:
    w, x = _leaf(3, 3, dtype=torch.float64), _leaf(3, dtype=torch.float64)
    return (w @ x).sigmoid().log().sum()


@model
def convolutions() -> Loss:
    net = nn.Sequential(
        nn.Conv2d(2, 3, 3, padding=1), nn.BatchNorm2d(3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(3, 2, 3), nn.AvgPool2d(2), nn.Flatten(), nn.Linear(2, 2),
    )  # fmt: skip
    return net(torch.randn(2, 2, 8, 8)).square().mean()


@model
def transposed_convolution() -> Loss:
    net = nn.ConvTranspose2d(2, 2, 3, stride=2)
    return net(torch.randn(1, 2, 3, 3)).tanh().sum()


@model
def adaptive_pooling() -> Loss:
    x = _leaf(1, 2, 6, 6)
    return functional.adaptive_avg_pool2d(x.exp(), 2).prod()


@model
def group_norm() -> Loss:
    return nn.GroupNorm(2, 4)(_leaf(2, 4, 3)).pow(3).sum()


@model
def lstm() -> Loss:
    net = nn.LSTM(3, 4, batch_first=True)
    out, (h, _) = net(torch.randn(2, 5, 3))
    return out.sum() + h.square().sum()


@model
def gru() -> Loss:
    out, _ = nn.GRU(3, 4)(torch.randn(5, 2, 3))
    return out[-1].square().sum()


@model
def lstm_cell() -> Loss:
    cell = nn.LSTMCell(3, 4)
    h, c = torch.zeros(2, 4), torch.zeros(2, 4)
    for t in range(3):
        h, c = cell(torch.randn(2, 3) * t, (h, c))
    return (h * c).sum()


@model
def recurrence_by_hand() -> Loss:
    w, h = _leaf(3, 3), torch.zeros(3)
    for _ in range(6):
        h = torch.tanh(w @ h + 1)
    return h.sum()


@model
def attention() -> Loss:
    x = _leaf(1, 4, 8)
    out, _ = nn.MultiheadAttention(8, 2, batch_first=True)(x, x, x, need_weights=False)
    return out.square().mean()


@model
def encoder() -> Loss:
    layer = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.1, batch_first=True)
    return layer(torch.randn(2, 4, 8)).square().mean()


@model
def dot_product_attention() -> Loss:
    q, k, v = (_leaf(1, 2, 4, 8) for _ in range(3))
    return functional.scaled_dot_product_attention(q, k, v, is_causal=True).sum()


@model
def embedding_with_padding() -> Loss:
    table = nn.Embedding(6, 4, padding_idx=0)
    logits = table(torch.tensor([[1, 2, 0], [3, 2, 0]])) @ _leaf(4, 5)
    target = torch.tensor([[1, 2, -100], [0, 4, -100]])
    return functional.cross_entropy(logits.flatten(0, 1), target.flatten(), ignore_index=-100)


@model
def sparse_embedding() -> Loss:
    return nn.Embedding(6, 4, sparse=True)(torch.tensor([1, 2, 1])).square().sum()


@model
def embedding_bag() -> Loss:
    bag = nn.EmbeddingBag(6, 4, mode="mean")
    return bag(torch.tensor([[1, 2], [3, 3]])).square().sum()


@model
def tied_weights() -> Loss:
    table = nn.Embedding(6, 4)
    return (table(torch.tensor([1, 2])) @ table.weight.T).logsumexp(1).sum()


@model
def dropout() -> Loss:
    return functional.dropout(_leaf(4, 4), 0.5).square().sum()


@model
def several_uses() -> Loss:
    x = _leaf(4)
    y = x * 2
    return (y * y + y.sin() + x).sum() + y.max()


@model
def several_outputs() -> Loss:
    a, b, _ = _leaf(3, 4).unbind(0)
    values, _ = _leaf(5).sort()
    low, high = values.split([2, 3])
    return (a * b).sum() + low.sum() * high.prod()


@model
def in_place() -> Loss:
    x = _leaf(4) * 1
    x[1:3] *= 2
    x.add_(1)
    x.relu_()
    return (x * x).sum()


@model
def views() -> Loss:
    x = _leaf(2, 6)
    y = x.view(3, 4).t().reshape(2, 6).unsqueeze(0).expand(3, 2, 6).permute(2, 0, 1)
    return (y[::2, 1:] * y[1::2, :2]).sum() + x.diagonal().sum()


@model
def indexing() -> Loss:
    x = _leaf(4, 3)
    return x[[0, 0, 2]].gather(1, torch.tensor([[0], [1], [2]])).square().sum() + x[x > 0].sum()


@model
def a_function_of_ones_own() -> Loss:
    return Cube.apply(_leaf(3), 2.0).sum()


class Cube(torch.autograd.Function):  # type: ignore[misc]  # torch is untyped here
    """x³ times a number."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, scale: float) -> torch.Tensor:
        ctx.save_for_backward(x)
        ctx.scale = scale
        return x**3 * scale

    @staticmethod
    def backward(ctx: Any, *grads: torch.Tensor) -> tuple[torch.Tensor, None]:
        (x,) = ctx.saved_tensors
        return grads[0] * 3 * x**2 * ctx.scale, None


@model
def a_function_of_numbers_and_tensors() -> Loss:
    first, second = Mixed.apply("plus", _leaf(3), 2.0, torch.ones(3), [1], _leaf(3) * 2, None)
    return (first * second).sum() + Mixed.apply("", _leaf(3), 1.0, _leaf(3), [2], _leaf(3))[0].sum()


class Mixed(torch.autograd.Function):  # type: ignore[misc]  # torch is untyped here
    """Texts and numbers between the tensors, of which one may be constant; two results."""

    @staticmethod
    def forward(ctx: Any, *given: Any) -> tuple[torch.Tensor, torch.Tensor]:
        _, x, scale, y, _, z, *_ = given
        ctx.save_for_backward(x, y, z)
        ctx.scale, ctx.count = scale, len(given)
        return x * y * scale, x + z.exp()

    @staticmethod
    def backward(ctx: Any, *grads: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        x, y, z = ctx.saved_tensors
        g, h = grads
        found = None, g * y * ctx.scale + h, None, g * x * ctx.scale, None, h * z.exp(), None
        return found[: ctx.count]


@model
def a_function_that_asks_for_none() -> Loss:
    first, _ = Sparing.apply(_leaf(3))
    _, second = Sparing.apply(_leaf(3) * 3)
    return first.sum() + second.sum()


class Sparing(torch.autograd.Function):  # type: ignore[misc]  # torch is untyped here
    """Two results; what nobody uses comes back as None, and no zeros are made of it."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(x)
        return x.sin(), x.cos()

    @staticmethod
    def backward(ctx: Any, *grads: torch.Tensor | None) -> torch.Tensor | None:
        (x,) = ctx.saved_tensors
        if all(g is None for g in grads) or None not in grads:
            raise AssertionError("of two results one is used")
        return -grads[1] * x.sin() if grads[0] is None else grads[0] * x.cos()  # type: ignore[operator]  # one is not None


@model
def checkpointed() -> Loss:
    net = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Dropout(0.3), nn.Linear(4, 1))
    return checkpoint(net, torch.randn(2, 3), use_reentrant=False).sum()


@model
def checkpointed_reentrant() -> Loss:
    net, x = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1)), _leaf(2, 3)
    return checkpoint(net, x * 1, use_reentrant=True).sum()


@model
def hooks_on_tensors() -> Loss:
    w = _leaf(3)
    w.register_hook(lambda g: g * 0.5)
    h = (w * 2).tanh()
    h.register_hook(lambda g: g.clamp(-0.1, 0.1))
    return (h * h).sum()


@model
def hooks_on_modules() -> Loss:
    net = nn.Linear(3, 2)
    net.register_full_backward_hook(lambda _m, grads, _out: (grads[0] * 2,))
    return net(_leaf(4, 3)).square().sum()


@model
def double_backward() -> Loss:
    x = _leaf(3)
    (g,) = torch.autograd.grad((x**3).sum(), x, create_graph=True)
    return g.square().sum()


@model
def gradient_penalty_by_func() -> Loss:
    x = _leaf(3)
    return torch.func.grad(lambda t: t.sin().prod())(x).square().sum()


@model
def mapped_by_func() -> Loss:
    return torch.func.vmap(lambda row: row.softmax(0).max())(_leaf(4, 3)).sum()


@model
def autocast() -> Loss:
    net = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        return net(torch.randn(5, 3)).float().square().mean()


@model
def mixed_precision() -> Loss:
    x = _leaf(3, dtype=torch.float64)
    return (x.float() * _leaf(3)).sum() + x.square().sum().float()


@model
def weight_norm() -> Loss:
    net = nn.utils.parametrizations.weight_norm(nn.Linear(3, 2))
    return net(torch.randn(4, 3)).square().sum()


@model
def spectral_norm() -> Loss:
    net = nn.utils.parametrizations.spectral_norm(nn.Linear(3, 2))
    return net(torch.randn(4, 3)).square().sum()


@model
def several_losses() -> Loss:
    net = nn.Linear(3, 2)
    out = net(torch.randn(4, 3))
    return functional.mse_loss(out, torch.zeros(4, 2)) + 0.1 * functional.l1_loss(
        out, torch.ones(4, 2)
    )


@model
def norms_and_roots() -> Loss:
    x = _leaf(4, 3)
    return x.norm(dim=1).sum() + x.var() + x.std(0).sum() + x.logsumexp(1).sum()


@model
def linear_algebra() -> Loss:
    a = _leaf(3, 3, dtype=torch.float64)
    s = a @ a.T + torch.eye(3, dtype=torch.float64)
    return torch.linalg.solve(s, a).trace() + torch.logdet(s) + torch.linalg.inv(s).sum()


@model
def einsum_and_bilinear() -> Loss:
    a, b = _leaf(2, 3, 4), _leaf(2, 4, 5)
    return torch.einsum("bij,bjk->ik", a, b).square().sum()


@model
def losses() -> Loss:
    x = _leaf(6)
    y = torch.tensor([1.0, 0, 1, 0, 1, 0])
    return (
        functional.binary_cross_entropy_with_logits(x, y)
        + functional.huber_loss(x, y)
        + functional.kl_div(x.log_softmax(0), y.softmax(0), reduction="sum")
        + functional.nll_loss(x.view(2, 3).log_softmax(1), torch.tensor([0, 2]))
    )


@model
def activations() -> Loss:
    x = _leaf(7)
    names = ("gelu", "silu", "mish", "elu", "selu", "softplus", "leaky_relu", "hardtanh")
    kinds = [getattr(functional, name) for name in names]
    return torch.stack([f(x) for f in kinds]).sum()
