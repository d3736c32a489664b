"""How PyTorch says the points; ``torch`` is the module, the other arguments are the inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

CALLS: Final[dict[str, Callable[..., Any]]] = {
    "relu6": lambda torch, x: torch.nn.functional.relu6(x).sum(),
    "hardswish": lambda torch, x: torch.nn.functional.hardswish(x).sum(),
    "hardsigmoid": lambda torch, x: torch.nn.functional.hardsigmoid(x).sum(),
    "softshrink": lambda torch, x: torch.nn.functional.softshrink(x, 0.5).sum(),
    "hardshrink": lambda torch, x: torch.nn.functional.hardshrink(x, 0.5).sum(),
    "threshold": lambda torch, x: torch.nn.functional.threshold(x, 1.0, 0.0),
    "prelu": lambda torch, x, weight: torch.nn.functional.prelu(x, weight).sum(),
    "celu": lambda torch, x: torch.nn.functional.celu(x, 0.5),
    "softsign": lambda torch, x: torch.nn.functional.softsign(x),
    "softplus_threshold": lambda torch, x: torch.nn.functional.softplus(x, 1.0, 5.0),
    "trunc": lambda torch, x: torch.trunc(x),
    "frac": lambda torch, x: torch.frac(x),
    "fmod_multiple": lambda torch, x, y: torch.fmod(x, y),
    "fmod_rounded": lambda torch, x, y: torch.fmod(x, y),
    "fmax_tie": lambda torch, x, y: torch.fmax(x, y),
    "fmin_tie": lambda torch, x, y: torch.fmin(x, y),
    "fmax_second_nan": lambda torch, x, y: torch.fmax(x, y),
    "fmin_nan": lambda torch, x, y: torch.fmin(x, y),
    "fmax_nans": lambda torch, x, y: torch.fmax(x, y),
    "copysign_0": lambda torch, x, y: torch.copysign(x, y),
    "copysign_sign_0": lambda torch, x, y: torch.copysign(x, y),
    "heaviside": lambda torch, x, y: torch.heaviside(x, y),
    "nan_to_num_each": lambda torch, x: torch.nan_to_num(x).sum(),
    "rsqrt": lambda torch, x: torch.rsqrt(x),
    "erfinv": lambda torch, x: torch.erfinv(x),
    "lgamma_0": lambda torch, x: torch.lgamma(x),
    "lgamma_m1": lambda torch, x: torch.lgamma(x),
    "digamma_0": lambda torch, x: torch.digamma(x),
    "digamma_m1": lambda torch, x: torch.digamma(x),
    "logit": lambda torch, x: torch.logit(x).sum(),
    "logit_eps": lambda torch, x: torch.logit(x, 0.1).sum(),
    "xlogy_negative": lambda torch, x, y: torch.xlogy(x, y),
    "logaddexp2_ninf": lambda torch, x, y: torch.logaddexp2(x, y),
    "logcumsumexp_ninf": lambda torch, x: torch.logcumsumexp(x, 0)[2],
    "cummax_tie": lambda torch, x: (
        torch.cummax(x, 0).values * torch.tensor([1.0, 2.0, 3.0])
    ).sum(),
    "cummin_tie": lambda torch, x: (
        torch.cummin(x, 0).values * torch.tensor([1.0, 2.0, 3.0])
    ).sum(),
    "quantile_tie": lambda torch, x: torch.quantile(x, 0.5),
    "argsort": lambda torch, x: (torch.sort(x).values * torch.tensor([1.0, 2.0, 3.0])).sum(),
    "topk_two": lambda torch, x: (torch.topk(x, 2).values * torch.tensor([1.0, 2.0])).sum(),
    "median_nan": lambda torch, x: torch.median(x),
    "amax_axis": lambda torch, x: torch.amax(x, dim=0),
    "kthvalue_tie": lambda torch, x: torch.kthvalue(x, 2).values,
    "nanmedian": lambda torch, x: torch.nanmedian(x),
    "nanquantile": lambda torch, x: torch.nanquantile(x, 0.5),
    "smooth_l1": lambda torch, x, target: torch.nn.functional.smooth_l1_loss(
        x, target, reduction="sum"
    ),
    "multi_margin": lambda torch, x: torch.nn.functional.multi_margin_loss(x, torch.tensor([0])),
    "margin_ranking": lambda torch, x, y: torch.nn.functional.margin_ranking_loss(
        x, y, torch.tensor([1.0])
    ),
    "hinge_embedding": lambda torch, x: torch.nn.functional.hinge_embedding_loss(
        x, torch.tensor([-1.0])
    ),
    "triplet_margin": lambda torch, a, p, n: torch.nn.functional.triplet_margin_loss(a, p, n),
    "cosine_embedding": lambda torch, x, y: torch.nn.functional.cosine_embedding_loss(
        x, y, torch.tensor([-1.0])
    ),
    "adaptive_max_pool": lambda torch, x: torch.nn.functional.adaptive_max_pool1d(
        x[None, None], 2
    ).sum(),
    "interpolate_nearest": lambda torch, x: (
        torch.nn.functional.interpolate(x, 5) * torch.arange(1.0, 6.0)
    ).sum(),
    "attention_false": lambda torch, q, k, v: torch.nn.functional.scaled_dot_product_attention(
        q, k, v, attn_mask=torch.zeros(1, 2, dtype=torch.bool)
    ).sum(),
    "cdist_0": lambda torch, x, y: torch.cdist(x, y).sum(),
    "stop_gradient": lambda torch, x: x * torch.Tensor.detach(x),
}


def evaluate(torch: Any, call: Callable[..., Any], inputs: dict[str, Any]) -> tuple[Any, list[Any]]:
    """The value, and a gradient for each input; None where nothing comes back."""
    leaves = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in inputs.values()]
    y = call(torch, *leaves)
    if not y.requires_grad:
        return y, [None for _ in leaves]
    return y.detach(), list(torch.autograd.grad(y, leaves, allow_unused=True))


def name_of(torch: Any) -> str:
    """What a column of the table is called: that of 2.13, or the release behind the name."""
    major, minor, *_ = torch.__version__.split(".")
    return "torch" if (major, minor) == ("2", "13") else f"torch-{major}.{minor}"
