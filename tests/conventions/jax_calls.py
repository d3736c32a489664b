"""How JAX says the points; ``jax`` is the module, the other arguments are the inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

CALLS: Final[dict[str, Callable[..., Any]]] = {
    "relu6": lambda jax, x: jax.nn.relu6(x).sum(),
    "hardswish": lambda jax, x: jax.nn.hard_swish(x).sum(),
    "hardsigmoid": lambda jax, x: jax.nn.hard_sigmoid(x).sum(),
    "celu": lambda jax, x: jax.nn.celu(x, 0.5),
    "softsign": lambda jax, x: jax.nn.soft_sign(x),
    "trunc": lambda jax, x: jax.numpy.trunc(x),
    "fmod_multiple": lambda jax, x, y: jax.numpy.fmod(x, y),
    "fmod_rounded": lambda jax, x, y: jax.numpy.fmod(x, y),
    "fmax_tie": lambda jax, x, y: jax.numpy.fmax(x, y),
    "fmin_tie": lambda jax, x, y: jax.numpy.fmin(x, y),
    "fmax_second_nan": lambda jax, x, y: jax.numpy.fmax(x, y),
    "fmin_nan": lambda jax, x, y: jax.numpy.fmin(x, y),
    "fmax_nans": lambda jax, x, y: jax.numpy.fmax(x, y),
    "copysign_0": lambda jax, x, y: jax.numpy.copysign(x, y),
    "copysign_sign_0": lambda jax, x, y: jax.numpy.copysign(x, y),
    "heaviside": lambda jax, x, y: jax.numpy.heaviside(x, y),
    "nan_to_num_each": lambda jax, x: jax.numpy.nan_to_num(x).sum(),
    "rsqrt": lambda jax, x: jax.lax.rsqrt(x),
    "erfinv": lambda jax, x: jax.scipy.special.erfinv(x),
    "lgamma_0": lambda jax, x: jax.scipy.special.gammaln(x),
    "lgamma_m1": lambda jax, x: jax.scipy.special.gammaln(x),
    "digamma_0": lambda jax, x: jax.scipy.special.digamma(x),
    "digamma_m1": lambda jax, x: jax.scipy.special.digamma(x),
    "logit": lambda jax, x: jax.scipy.special.logit(x).sum(),
    "xlogy_negative": lambda jax, x, y: jax.scipy.special.xlogy(x, y),
    "logaddexp2_ninf": lambda jax, x, y: jax.numpy.logaddexp2(x, y),
    "logcumsumexp_ninf": lambda jax, x: jax.lax.cumlogsumexp(x)[2],
    "cummax_tie": lambda jax, x: (jax.lax.cummax(x) * jax.numpy.array([1.0, 2.0, 3.0])).sum(),
    "cummin_tie": lambda jax, x: (jax.lax.cummin(x) * jax.numpy.array([1.0, 2.0, 3.0])).sum(),
    "quantile_tie": lambda jax, x: jax.numpy.quantile(x, 0.5),
    "argsort": lambda jax, x: (jax.numpy.sort(x) * jax.numpy.array([1.0, 2.0, 3.0])).sum(),
    "topk_two": lambda jax, x: (jax.lax.top_k(x, 2)[0] * jax.numpy.array([1.0, 2.0])).sum(),
    "median_nan": lambda jax, x: jax.numpy.median(x),
    "amax_axis": lambda jax, x: jax.numpy.amax(x, axis=0),
    "nanmedian": lambda jax, x: jax.numpy.nanmedian(x),
    "nanquantile": lambda jax, x: jax.numpy.nanquantile(x, 0.5),
    "percentile_tie": lambda jax, x: jax.numpy.percentile(x, 50),
    "interpolate_nearest": lambda jax, x: (
        jax.image.resize(x, (1, 1, 5), "nearest") * jax.numpy.arange(1.0, 6.0)
    ).sum(),
    "attention_false": lambda jax, q, k, v: jax.nn.dot_product_attention(
        q[None, :, None], k[None, :, None], v[None, :, None],
        mask=jax.numpy.zeros((1, 1, 1, 2), bool),
    ).sum(),
    "stop_gradient": lambda jax, x: x * jax.lax.stop_gradient(x),
}  # fmt: skip


def evaluate(jax: Any, call: Callable[..., Any], inputs: dict[str, Any]) -> tuple[Any, list[Any]]:
    """The value and a gradient for each input, in float64."""
    jax.config.update("jax_enable_x64", val=True)
    leaves = [jax.numpy.array(x, dtype="float64") for x in inputs.values()]

    def of(*given: Any) -> Any:
        return call(jax, *given)

    return of(*leaves), list(jax.grad(of, tuple(range(len(leaves))))(*leaves))


def name_of(jax: Any) -> str:
    """What a column of the table is called: that of 0.12, or the release behind the name."""
    major, minor, *_ = jax.__version__.split(".")
    return "jax" if (major, minor) == ("0", "12") else f"jax-{major}.{minor}"
