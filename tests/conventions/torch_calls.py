"""How PyTorch says the points; ``t`` is the module torch, the other arguments are the inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

CALLS: Final[dict[str, Callable[..., Any]]] = {
    "relu6": lambda t, x: t.nn.functional.relu6(x).sum(),
    "hardswish": lambda t, x: t.nn.functional.hardswish(x).sum(),
    "hardsigmoid": lambda t, x: t.nn.functional.hardsigmoid(x).sum(),
    "softshrink": lambda t, x: t.nn.functional.softshrink(x, 0.5).sum(),
    "hardshrink": lambda t, x: t.nn.functional.hardshrink(x, 0.5).sum(),
    "threshold": lambda t, x: t.nn.functional.threshold(x, 1.0, 0.0),
    "prelu": lambda t, x, weight: t.nn.functional.prelu(x, weight).sum(),
    "celu": lambda t, x: t.nn.functional.celu(x, 0.5),
    "softsign": lambda t, x: t.nn.functional.softsign(x),
    "softplus_threshold": lambda t, x: t.nn.functional.softplus(x, 1.0, 5.0),
    "trunc": lambda t, x: t.trunc(x),
    "frac": lambda t, x: t.frac(x),
    "fmod_multiple": lambda t, x, y: t.fmod(x, y),
    "fmod_rounded": lambda t, x, y: t.fmod(x, y),
    "fmax_tie": lambda t, x, y: t.fmax(x, y),
    "fmin_tie": lambda t, x, y: t.fmin(x, y),
    "fmax_second_nan": lambda t, x, y: t.fmax(x, y),
    "fmin_nan": lambda t, x, y: t.fmin(x, y),
    "fmax_nans": lambda t, x, y: t.fmax(x, y),
    "copysign_0": lambda t, x, y: t.copysign(x, y),
    "copysign_sign_0": lambda t, x, y: t.copysign(x, y),
    "heaviside": lambda t, x, y: t.heaviside(x, y),
    "nan_to_num_each": lambda t, x: t.nan_to_num(x).sum(),
    "rsqrt": lambda t, x: t.rsqrt(x),
    "erfinv": lambda t, x: t.erfinv(x),
    "lgamma_0": lambda t, x: t.lgamma(x),
    "lgamma_m1": lambda t, x: t.lgamma(x),
    "digamma_0": lambda t, x: t.digamma(x),
    "digamma_m1": lambda t, x: t.digamma(x),
    "logit": lambda t, x: t.logit(x).sum(),
    "logit_eps": lambda t, x: t.logit(x, 0.1).sum(),
    "xlogy_negative": lambda t, x, y: t.xlogy(x, y),
    "logaddexp2_ninf": lambda t, x, y: t.logaddexp2(x, y),
    "logcumsumexp_ninf": lambda t, x: t.logcumsumexp(x, 0)[2],
    "cummax_tie": lambda t, x: (t.cummax(x, 0).values * t.tensor([1.0, 2.0, 3.0])).sum(),
    "cummin_tie": lambda t, x: (t.cummin(x, 0).values * t.tensor([1.0, 2.0, 3.0])).sum(),
    "quantile_tie": lambda t, x: t.quantile(x, 0.5),
    "argsort": lambda t, x: (t.sort(x).values * t.tensor([1.0, 2.0, 3.0])).sum(),
    "topk_two": lambda t, x: (t.topk(x, 2).values * t.tensor([1.0, 2.0])).sum(),
    "median_nan": lambda t, x: t.median(x),
    "smooth_l1": lambda t, x, target: t.nn.functional.smooth_l1_loss(x, target, reduction="sum"),
    "multi_margin": lambda t, x: t.nn.functional.multi_margin_loss(x, t.tensor([0])),
    "margin_ranking": lambda t, x, y: t.nn.functional.margin_ranking_loss(x, y, t.tensor([1.0])),
    "hinge_embedding": lambda t, x: t.nn.functional.hinge_embedding_loss(x, t.tensor([-1.0])),
    "triplet_margin": lambda t, a, p, n: t.nn.functional.triplet_margin_loss(a, p, n),
    "cosine_embedding": lambda t, x, y: t.nn.functional.cosine_embedding_loss(
        x, y, t.tensor([-1.0])
    ),
    "adaptive_max_pool": lambda t, x: t.nn.functional.adaptive_max_pool1d(x[None, None], 2).sum(),
    "interpolate_nearest": lambda t, x: (
        t.nn.functional.interpolate(x, 5) * t.arange(1.0, 6.0)
    ).sum(),
    "attention_false": lambda t, q, k, v: t.nn.functional.scaled_dot_product_attention(
        q, k, v, attn_mask=t.zeros(1, 2, dtype=t.bool)
    ).sum(),
    "cdist_0": lambda t, x, y: t.cdist(x, y).sum(),
    "stop_gradient": lambda t, x: x * t.Tensor.detach(x),
}


def evaluate(t: Any, call: Callable[..., Any], inputs: dict[str, Any]) -> tuple[Any, list[Any]]:
    """The value, and a gradient for each input; None where nothing comes back."""
    leaves = [t.tensor(x, dtype=t.float64, requires_grad=True) for x in inputs.values()]
    y = call(t, *leaves)
    if not y.requires_grad:
        return y, [None for _ in leaves]
    return y.detach(), list(t.autograd.grad(y, leaves, allow_unused=True))


def name_of(t: Any) -> str:
    """What a column of the table is called: that of 2.13, or the release behind the name."""
    major, minor, *_ = t.__version__.split(".")
    return "torch" if (major, minor) == ("2", "13") else f"torch-{major}.{minor}"
