"""PyTorch's peers of elementwise ops: arithmetic, functions, choices, activations.

In a peer, ``t`` is the module torch.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from tui_backprop.verify.pytorch.peers import same

if TYPE_CHECKING:
    from tui_backprop.verify.pytorch.peers import Peer, Peers

_EXACT: Final = 40.0
"""Beyond it log(1 + exp(x)) is x to the last digit; torch stops at 20, where it is not yet."""

_DRAWN: Final = 10_000
"""Entries of which dropout keeps some, unless nearly none."""


def _comparison(name: str) -> Peer:
    return lambda t, x, y: getattr(t, name)(x, y).to(x.dtype)


def _functional(name: str) -> Peer:
    return lambda t, x, **params: getattr(t.nn.functional, name)(x, **params)


def _clip(t: Any, x: Any, **bounds: Any) -> Any:
    """Without a bound torch refuses, and with one that is a number beside one that is none."""
    given = {name: bounds[name] for name in ("min", "max") if bounds.get(name) is not None}
    if len({isinstance(bound, t.Tensor) for bound in given.values()}) == 1:
        return t.clamp(x, **given)
    for name, bound in given.items():
        x = t.clamp(x, **{name: bound})
    return x


def _dropout(t: Any, x: Any, mask: Any, p: float) -> Any:
    """Torch draws its mask itself: what it makes of a one that it keeps is asked of it."""
    with t.random.fork_rng():
        t.manual_seed(0)
        ones = t.ones(_DRAWN, dtype=x.dtype)
        kept = t.nn.functional.dropout(ones, p).max()
    if 0 < p < 1 and not kept:
        raise ValueError(f"p={p} keeps none of {_DRAWN} entries")
    return x * mask * kept


def _cube_root(t: Any, x: Any) -> Any:
    return t.sign(x) * t.abs(x) ** (1 / 3)


PEERS: Final[Peers] = MappingProxyType(
    {
        **same("add subtract multiply divide negative square sqrt reciprocal remainder"),
        "power": lambda t, x, y: t.pow(x, y),
        # torch computes it in float64 whatever it is given.
        "float_power": lambda t, x, y: t.float_power(x, y).to(x.dtype),
        "cbrt": _cube_root,
        **same("exp log sigmoid exp2 expm1 log2 log10 log1p logaddexp erf"),
        **same("sin cos tanh tan sinc arcsin arccos arctan arctan2 hypot sinh cosh"),
        **same("arcsinh arccosh arctanh"),
        **same("relu abs maximum minimum floor ceil sign"),
        "where": lambda t, condition, x, y: t.where(condition != 0, x, y),
        "floor_divide": lambda t, x, y: t.div(x, y, rounding_mode="floor"),
        "round": lambda t, x, decimals: t.round(x, decimals=decimals),
        "clip": _clip,
        **{
            name: _comparison(name)
            for name in ("less", "less_equal", "greater", "greater_equal", "not_equal")
        },
        "equal": _comparison("eq"),  # torch.equal asks of whole tensors
        "log_sigmoid": _functional("logsigmoid"),
        "softplus": lambda t, x: t.nn.functional.softplus(x, threshold=_EXACT),
        **{
            name: _functional(name)
            for name in ("leaky_relu", "elu", "selu", "gelu", "silu", "mish", "hardtanh")
        },
        "dropout": _dropout,
    }
)
