"""Small JAX functions with their arrays; what people differentiate."""

from __future__ import annotations

from collections import namedtuple
from functools import partial
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

if TYPE_CHECKING:
    from collections.abc import Callable

FUNCTIONS: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {}

Layer = namedtuple("Layer", ["W", "b"])  # noqa: PYI024 - as people write them


def normal(seed: int, *shape: int, dtype: Any = np.float32) -> Any:
    """Random numbers, the same on every day."""
    return jnp.asarray(np.random.default_rng(seed).standard_normal(shape), dtype)


def given(*arrays: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Keep a function with its arrays under its name."""

    def keep(function: Callable[..., Any]) -> Callable[..., Any]:
        FUNCTIONS[function.__name__] = function, arrays
        return function

    return keep


@given(normal(0, 3, 4), normal(1, 4), normal(2, 4, 2), normal(3, 5, 3))
def mlp(w1: Any, b1: Any, w2: Any, x: Any) -> Any:
    hidden = jnp.tanh(x @ w1 + b1)
    return jnp.mean((hidden @ w2) ** 2)


@given(
    [Layer(normal(0, 3, 4), normal(1, 4)), Layer(normal(2, 4, 2), normal(3, 2))], normal(4, 5, 3)
)
def tree_of_parameters(params: Any, x: Any) -> Any:
    for layer in params:
        x = jax.nn.relu(x @ layer.W + layer.b)
    return jnp.sum(x**2)


@given({"dense/0": {"kernel": normal(0, 3, 3)}, "scale": 2.0}, normal(1, 2, 3))
def dictionary_of_parameters(params: Any, x: Any) -> Any:
    return jnp.sum(jnp.sin(x @ params["dense/0"]["kernel"]) * params["scale"])


@given(normal(0, 4, 3), jnp.array([0, 2, 1, 1]))
def cross_entropy(logits: Any, labels: Any) -> Any:
    chosen = jnp.take_along_axis(jax.nn.log_softmax(logits), labels[:, None], axis=1)
    return -jnp.mean(chosen)


@given(normal(0, 4, 6), normal(1, 4, 6), normal(2, 4, 6))
def attention(q: Any, k: Any, v: Any) -> Any:
    weights = jax.nn.softmax(q @ k.T / jnp.sqrt(6.0), axis=-1)
    return jnp.sum((weights @ v) ** 2)


@given(normal(0, 4, 6), normal(1, 6), normal(2, 6))
def layer_norm(x: Any, scale: Any, shift: Any) -> Any:
    centred = x - x.mean(-1, keepdims=True)
    normed = centred * lax.rsqrt(centred.var(-1, keepdims=True) + 1e-5)
    return jnp.sum(jnp.cos(normed * scale + shift))


@given(normal(0, 3, 3), normal(1, 3), normal(2, 5, 3))
def rnn(W: Any, start: Any, xs: Any) -> Any:
    def step(h: Any, x: Any) -> Any:
        h = jnp.tanh(W @ h + x)
        return h, jnp.sum(h)

    last, sums = lax.scan(step, start, xs)
    return jnp.sum(last) + jnp.sum(sums**2)


@given(normal(0, 3), normal(1, 4, 3))
def scan_in_reverse(start: Any, xs: Any) -> Any:
    last, kept = lax.scan(lambda h, x: (h * x, h), start, xs, reverse=True)
    return jnp.sum(last * kept[1])


@given(normal(0, 4))
def loop(x: Any) -> Any:
    return jnp.sum(lax.fori_loop(0, 4, lambda k, y: jnp.sin(y) * (k + 1), x))


@given(normal(0, 3, 3), normal(1, 3))
def rematerialized(W: Any, x: Any) -> Any:
    block = jax.checkpoint(lambda h: jnp.tanh(W @ h))
    return jnp.sum(block(block(x)) * x)


@given(normal(0, 4))
def jit_inside(x: Any) -> Any:
    @jax.jit  # type: ignore[untyped-decorator]  # mypy does not see JAX
    def inner(y: Any) -> Any:
        return jnp.sin(y) * y

    return jnp.sum(inner(inner(x)) + inner(x))


@jax.custom_jvp  # type: ignore[untyped-decorator]  # mypy does not see JAX
def clipped(x: Any) -> Any:
    """A slope of its own."""
    return jnp.maximum(x, 0.0)


@clipped.defjvp  # type: ignore[untyped-decorator]  # mypy does not see JAX
def _clipped_jvp(primals: Any, tangents: Any) -> Any:
    return clipped(primals[0]), 2.0 * tangents[0]


@given(normal(0, 4))
def custom_jvp(x: Any) -> Any:
    return jnp.sum(clipped(x) * x)


@partial(jax.custom_vjp, nondiff_argnums=(2,))
def scaled(x: Any, y: Any, factor: float) -> Any:
    """A backward of its own."""
    return x * y * factor


def _scaled_forward(x: Any, y: Any, factor: float) -> Any:
    return x * y * factor, (x, y)


def _scaled_backward(factor: float, kept: Any, v: Any) -> Any:
    return v * kept[1] * 3.0 * factor, jnp.zeros_like(kept[1])


scaled.defvjp(_scaled_forward, _scaled_backward)


@given(normal(0, 4), normal(1, 4))
def custom_vjp(x: Any, y: Any) -> Any:
    return jnp.sum(scaled(jnp.sin(x), y, 0.5) ** 2)


@given(normal(0, 4))
def both_branches(x: Any) -> Any:
    y = lax.cond(x[0] > 0, lambda a: a * 2.0, jnp.sin, x)
    return jnp.sum(lax.switch(1, [jnp.cos, lambda a: a * a * 3.0], y))


@given(normal(0, 2, 3), normal(1, 3, 4), normal(2, 2, 4))
def einsum(a: Any, b: Any, c: Any) -> Any:
    return jnp.einsum("ij,jk,ik->", a, b, c)


@given(normal(0, 1, 2, 6, 6), normal(1, 3, 2, 3, 3))
def convolution(x: Any, kernel: Any) -> Any:
    y = lax.conv_general_dilated(x, kernel, (1, 1), "SAME")
    return jnp.sum(lax.reduce_window(y, -jnp.inf, lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID"))


@given(normal(0, 3, 5))
def cumulative(x: Any) -> Any:
    return jnp.sum(jnp.cumsum(x, axis=1) ** 2) + jnp.sum(jnp.cumprod(x[0])) + jnp.max(x)


@given(normal(0, 6, 3), jnp.array([1, 1, 5]))
def indexing(table: Any, rows: Any) -> Any:
    return jnp.sum(table[rows] ** 2) + jnp.sum(table[::2, 1]) + table.at[0, 1].set(3.0)[0].sum()


@given(jnp.array([4.0, 0.0, -1.0]))
def root_behind_where(x: Any) -> Any:
    return jnp.sum(jnp.where(x > 0, jnp.sqrt(x), 0.0))


@given(normal(0, 4))
def stopped(x: Any) -> Any:
    return jnp.sum(lax.stop_gradient(jnp.exp(x)) * x * jnp.floor(x) + jnp.round(x))


@given(normal(0, 6), normal(1, 2, 3))
def several_outputs(x: Any, y: Any) -> Any:
    a, b = jnp.split(x, 2)
    q, r = jnp.linalg.qr(y.T @ y + jnp.eye(3))
    return jnp.sum(a * b) + jnp.sum(q * r) + jnp.sum(jnp.sort(x)[:2])


@given(normal(0, 3), normal(1, 3))
def vectorized(x: Any, y: Any) -> Any:
    return jnp.sum(jax.vmap(lambda a, b: jnp.exp(a) * b * b)(x, y))


@given(normal(0, 3))
def gradient_within(x: Any) -> Any:
    return jnp.sum(jax.grad(lambda y: jnp.sum(jnp.sin(y) * y))(x) ** 2)


@given(normal(0, 4, dtype=jnp.bfloat16))
def half_precision(x: Any) -> Any:
    return jnp.sum(jnp.tanh(x).astype(jnp.float32) * 1.5)


@given(normal(0, 3), 2, "sum", True)
def constants(x: Any, count: Any, kind: Any, is_used: Any) -> Any:
    found = x * jnp.arange(3) ** count if is_used else x
    return getattr(jnp, kind)(found * np.array([1.0, 2.0, 3.0]))
