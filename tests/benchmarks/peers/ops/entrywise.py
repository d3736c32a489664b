"""Peers of the ops that go entry by entry: arithmetic, functions, choices, activations."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from tests.benchmarks.peers.ops.peer import LINE, Peer, by_math, no_vjp, nothing, sigmoid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.benchmarks.peers.ops.peer import Value, Vjp
    from tui_backprop.rules.types import Array

_LOG_2: Final = math.log(2)
_LOG_10: Final = math.log(10)


_erf = by_math(math.erf)


def _comparison(compare: Value) -> tuple[Value, Vjp]:
    return lambda x, y: compare(x, y).astype(x.dtype), no_vjp


def _unlike(x: Array, y: Array, z: Array) -> tuple[Array, Array]:
    """The shares of two operands in the one that was chosen; a tie splits evenly."""
    ties = 1 + (x == y)
    return (x == z) / ties, (y == z) / ties


def _chosen(v: Array, z: Array, x: Array, y: Array) -> tuple[Array, Array]:
    one, other = _unlike(x, y, z)
    return v * one, v * other


def _of_power(v: Array, z: Array, x: Array, y: Array) -> tuple[Array, Array]:
    return v * y * x ** (y - 1), v * z * np.log(x)


def _of_angle(v: Array, _z: Array, y: Array, x: Array) -> tuple[Array, Array]:
    u = v / (x * x + y * y)
    return u * x, -u * y


def _of_length(v: Array, z: Array, x: Array, y: Array) -> tuple[Array, Array]:
    u = v / z
    return u * x, u * y


def _of_condition(v: Array, _z: Array, condition: Array, *_: Array) -> tuple[Array, Array]:
    holds = condition != 0
    return np.where(holds, v, 0), np.where(holds, 0, v)


def _of_sum_of_powers(v: Array, _z: Array, x: Array, y: Array) -> tuple[Array, Array]:
    share = sigmoid(x - y)
    return v * share, v * (1 - share)


def _gelu(x: Array) -> Array:
    return np.asarray(x * 0.5 * (1 + _erf(x / math.sqrt(2))))


def _of_gelu(v: Array, _y: Array, x: Array) -> Array:
    below = 0.5 * (1 + _erf(x / math.sqrt(2)))
    return np.asarray(v * (below + x * np.exp(-0.5 * x * x) / math.sqrt(2 * math.pi)))


def _of_silu(v: Array, _y: Array, x: Array) -> Array:
    s = sigmoid(x)
    return np.asarray(v * s * (1 + x * (1 - s)))


def _mish(x: Array) -> Array:
    return np.asarray(x * np.tanh(np.logaddexp(0, x)))


def _of_mish(v: Array, _y: Array, x: Array) -> Array:
    t = np.tanh(np.logaddexp(0, x))
    return np.asarray(v * (t + x * sigmoid(x) * (1 - t * t)))


_SCALE: Final = 1.0507009873554805
_ALPHA: Final = 1.6732632423543772


_FUNCTIONS: Final[Mapping[str, tuple[Value, Vjp]]] = {
    "negative": (np.negative, lambda v, y, x: -v),
    "square": (np.square, lambda v, y, x: v * 2 * x),
    "sqrt": (np.sqrt, lambda v, y, x: v / (2 * y)),
    "cbrt": (np.cbrt, lambda v, y, x: v / (3 * y * y)),
    "reciprocal": (np.reciprocal, lambda v, y, x: -v * y * y),
    "exp": (np.exp, lambda v, y, x: v * y),
    "log": (np.log, lambda v, y, x: v / x),
    "sigmoid": (sigmoid, lambda v, y, x: v * y * (1 - y)),
    "exp2": (np.exp2, lambda v, y, x: v * y * _LOG_2),
    "expm1": (np.expm1, lambda v, y, x: v * (y + 1)),
    "log2": (np.log2, lambda v, y, x: v / (x * _LOG_2)),
    "log10": (np.log10, lambda v, y, x: v / (x * _LOG_10)),
    "log1p": (np.log1p, lambda v, y, x: v / (1 + x)),
    "erf": (_erf, lambda v, y, x: v * (2 / math.sqrt(math.pi)) * np.exp(-x * x)),
    "sin": (np.sin, lambda v, y, x: v * np.cos(x)),
    "cos": (np.cos, lambda v, y, x: -v * np.sin(x)),
    "tanh": (np.tanh, lambda v, y, x: v * (1 - y * y)),
    "tan": (np.tan, lambda v, y, x: v * (1 + y * y)),
    "sinc": (np.sinc, lambda v, y, x: v * (np.cos(np.pi * x) - y) / x),
    "arcsin": (np.arcsin, lambda v, y, x: v / np.sqrt(1 - x * x)),
    "arccos": (np.arccos, lambda v, y, x: -v / np.sqrt(1 - x * x)),
    "arctan": (np.arctan, lambda v, y, x: v / (1 + x * x)),
    "sinh": (np.sinh, lambda v, y, x: v * np.cosh(x)),
    "cosh": (np.cosh, lambda v, y, x: v * np.sinh(x)),
    "arcsinh": (np.arcsinh, lambda v, y, x: v / np.sqrt(x * x + 1)),
    "arccosh": (np.arccosh, lambda v, y, x: v / np.sqrt(x * x - 1)),
    "arctanh": (np.arctanh, lambda v, y, x: v / (1 - x * x)),
    "relu": (lambda x: np.maximum(x, 0), lambda v, y, x: v * (x > 0)),
    "abs": (np.abs, lambda v, y, x: v * np.sign(x)),
    "floor": (np.floor, nothing),
    "ceil": (np.ceil, nothing),
    "round": (np.round, nothing),
    "sign": (np.sign, nothing),
    "log_sigmoid": (lambda x: -np.logaddexp(0, -x), lambda v, y, x: v * sigmoid(-x)),
    "softplus": (lambda x: np.logaddexp(0, x), lambda v, y, x: v * sigmoid(x)),
    "leaky_relu": (
        lambda x: np.where(x > 0, x, 0.01 * x),
        lambda v, y, x: np.where(x > 0, v, 0.01 * v),
    ),
    "elu": (
        lambda x: np.where(x > 0, x, np.expm1(x)),
        lambda v, y, x: v * np.where(x > 0, 1, y + 1),
    ),
    "selu": (
        lambda x: _SCALE * np.where(x > 0, x, _ALPHA * np.expm1(x)),
        lambda v, y, x: v * np.where(x > 0, _SCALE, y + _SCALE * _ALPHA),
    ),
    "gelu": (_gelu, _of_gelu),
    "silu": (lambda x: x * sigmoid(x), _of_silu),
    "mish": (_mish, _of_mish),
    "hardtanh": (lambda x: np.clip(x, -1, 1), lambda v, y, x: v * ((x > -1) & (x < 1))),
}
"""Of one operand: its value, and its VJP."""

_PAIRS: Final[Mapping[str, tuple[Value, Vjp]]] = {
    "add": (np.add, lambda v, z, x, y: (v, v)),
    "subtract": (np.subtract, lambda v, z, x, y: (v, -v)),
    "multiply": (np.multiply, lambda v, z, x, y: (v * y, v * x)),
    "divide": (np.divide, lambda v, z, x, y: (v / y, -v * z / y)),
    "power": (np.power, _of_power),
    "float_power": (np.float_power, _of_power),
    "remainder": (np.remainder, lambda v, z, x, y: (v, -v * np.floor_divide(x, y))),
    "floor_divide": (np.floor_divide, lambda v, z, x, y: (nothing(v), nothing(v))),
    "logaddexp": (np.logaddexp, _of_sum_of_powers),
    "arctan2": (np.arctan2, _of_angle),
    "hypot": (np.hypot, _of_length),
    "maximum": (np.maximum, _chosen),
    "minimum": (np.minimum, _chosen),
    "dropout": (
        lambda x, mask: x * mask / 0.5,
        lambda v, z, x, mask: (v * mask / 0.5, v * x / 0.5),
    ),
    "less": _comparison(np.less),
    "less_equal": _comparison(np.less_equal),
    "greater": _comparison(np.greater),
    "greater_equal": _comparison(np.greater_equal),
    "equal": _comparison(np.equal),
    "not_equal": _comparison(np.not_equal),
}
"""Of two."""

PEERS: Final = (
    *(Peer(op, value, vjp, (LINE,)) for op, (value, vjp) in _FUNCTIONS.items()),
    *(Peer(op, value, vjp, (LINE, LINE)) for op, (value, vjp) in _PAIRS.items()),
    Peer("where", np.where, _of_condition, (LINE, LINE, LINE)),
    Peer(
        "clip",
        lambda x: np.clip(x, -1, 1),
        lambda v, y, x: v * ((x > -1) & (x < 1)),
        (LINE,),
        {"min": -1, "max": 1},
    ),
)  # fmt: skip
