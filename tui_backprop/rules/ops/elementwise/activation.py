"""Activations of deep learning, under PyTorch's names and with its defaults.

σ is the logistic sigmoid.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.errors import ArgumentError
from tui_backprop.language.message import said
from tui_backprop.rules import slope_reasons
from tui_backprop.rules.ops.elementwise.functions import mended, normal, root, sigmoid
from tui_backprop.rules.rows import elementwise
from tui_backprop.rules.rule import Domain, Example, Parameter, Traits
from tui_backprop.rules.shapes import broadcast_shape

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Shape

_SELU_SCALE: Final = 1.0507009873554805
_SELU_ALPHA: Final = 1.6732632423543772
"""The fixed point of Klambauer et al., Self-Normalizing Neural Networks (2017)."""

_TANH_CUBE: Final = 0.044715
"""Of the tanh form of gelu: Hendrycks and Gimpel, Gaussian Error Linear Units (2016)."""


def _silu_partial(m: Any, _y: Any, x: Any) -> Any:
    """σ(x)·(1 + x·σ(−x)), of one exponential t unless that overflows: 1/(1 + t) and t/(1 + t)."""
    if m is not np:
        return sigmoid(m, x) * (1 + x * sigmoid(m, -x))
    power = np.exp(-x)
    is_over = np.isinf(power)
    share = 1 / (1 + power)
    power *= share
    power *= x
    power += 1
    power *= share
    return mended(power, is_over, lambda: sigmoid(np, x) * (1 + x * sigmoid(np, -x)))


def _softplus(m: Any, x: Any) -> Any:
    return m.logaddexp(0, x)


def _scaled_softplus(m: Any, x: Any, beta: float = 1.0, threshold: float | None = None) -> Any:
    found = _softplus(m, x) if beta == 1 else _softplus(m, x * beta) / beta
    return found if threshold is None else m.where(m.less(threshold, x * beta), x, found)


def _softplus_slope(
    m: Any, _y: Any, x: Any, beta: float = 1.0, threshold: float | None = None
) -> Any:
    found = sigmoid(m, x * beta)
    return found if threshold is None else m.where(m.less(threshold, x * beta), 1, found)


def _to_threshold(m: Any, x: Any, beta: float = 1.0, threshold: float | None = None) -> Any:
    return m.ones_like(x) if threshold is None else x * beta - threshold


def _positive(m: Any, x: Any, yes: Any, no: Any) -> Any:
    return m.where(m.less(0, x), yes, no)


def _bent(m: Any, x: Any, below: Any, above: Any) -> Any:
    """A function in two pieces, up to 0 and above; NaN counts as above, as in PyTorch."""
    return m.where(m.less_equal(x, 0), below, above)


def _gelu_gate(m: Any, x: Any, approximate: str) -> Any:
    """The factor of x: the normal distribution, or its tanh form."""
    if approximate == "none":
        return normal(m, x)
    bent = root(m, 2 / m.pi) * (x + _TANH_CUBE * x**3)
    usual = (1 + m.tanh(bent)) / 2
    return usual if m is not np else mended(usual, bent < -1, lambda: sigmoid(m, 2 * bent))


def _gelu_partial(m: Any, _y: Any, x: Any, approximate: str = "none") -> Any:
    gate = _gelu_gate(m, x, approximate)
    if approximate == "none":
        return gate + x * m.exp(-(x * x) / 2) / root(m, 2 * m.pi)
    inner = root(m, 2 / m.pi) * (1 + 3 * _TANH_CUBE * x * x)
    turning = 2 * x * gate * (1 - gate) * inner
    if m is np:  # where the gate stands still, however fast its operand moves
        turning = mended(turning, (gate == 0) | (gate == 1), lambda: x * 0)
    return gate + turning


def _mish_partial(m: Any, _y: Any, x: Any) -> Any:
    bent = m.tanh(_softplus(m, x))
    return bent + x * sigmoid(m, x) * (1 - bent * bent)


def _kept(x: Any, p: float) -> Any:
    """The value of an entry that dropout keeps, x/(1 − p); with p = 1 it keeps none."""
    return x * 0 if p == 1 else x / (1 - p)


def _dropout_shape(x: Shape, mask: Shape, p: float = 0.5) -> Shape:
    if not 0 <= p <= 1:
        raise ArgumentError(said("p must be from 0 to 1, found {p}", p=repr(p)))
    return broadcast_shape(x, mask)


def _examples(**params: Any) -> tuple[Example, ...]:
    """Shapes with the defaults, and one with other numbers."""
    return (Example(((),)), Example(((2, 3),)), Example(((0,),)), Example(((3,),), params))


_DROPOUT: Final = elementwise(
    "dropout",
    "x mask",
    parameters=(Parameter("p", "number", 0.5, is_named=True),),
    shape=_dropout_shape,
    forward=lambda m, x, mask, p=0.5: _kept(x * mask, p),
    partials=(
        lambda m, y, x, mask, p=0.5: _kept(mask, p),
        lambda m, y, x, mask, p=0.5: _kept(x, p),
    ),
    summary="x where the given mask is 1, divided by 1 − p; 0 where the mask is 0, and with "
    "p = 1 everywhere",
    domains=(Domain(), Domain(values=(0.0, 1.0))),
    examples=(
        Example(((3,), (3,))),
        Example(((2, 3), (2, 3)), {"p": 0.25}),
        Example(((2,), (2,)), {"p": 0}),
        Example(((0,), (0,))),
    ),
    traits=Traits(zero=slope_reasons.dropout),
)

_SATURATING: Final = Traits(saturates=True)

_SQUASHING: Final = Traits(saturates=True, rises=True)

RULES: Final[tuple[Rule, ...]] = (
    elementwise(
        "log_sigmoid",
        "x",
        forward=lambda m, x: -_softplus(m, -x),
        partials=(lambda m, y, x: sigmoid(m, -x),),
        summary="log σ(x) as −log(1 + exp(−x)), without overflow",
        traits=_SQUASHING,
    ),
    elementwise(
        "softplus",
        "x",
        parameters=(
            Parameter("beta", "number", 1.0),
            Parameter("threshold", "optional_number", None),
        ),
        forward=_scaled_softplus,
        partials=(_softplus_slope,),
        summary="log(1 + exp(beta · x)) / beta, without overflow",
        kink=_to_threshold,
        convention="exact at any x, where softplus in PyTorch is x itself from beta · x = 20 on; "
        "with a threshold given as there: x, with slope 1, above it",
        examples=(*_examples(beta=2.0), Example(((2, 3),), {"beta": 3.0, "threshold": 1.0})),
        traits=_SATURATING,
    ),
    elementwise(
        "leaky_relu",
        "x",
        parameters=(Parameter("negative_slope", "number", 0.01),),
        forward=lambda m, x, negative_slope=0.01: _positive(m, x, x, negative_slope * x),
        partials=(lambda m, y, x, negative_slope=0.01: _positive(m, x, 1, negative_slope),),
        summary="x where it is positive, else negative_slope · x",
        kink=lambda m, x, negative_slope=0.01: x,
        convention="leaky_relu'(0) = negative_slope",
        examples=_examples(negative_slope=0.2),
    ),
    elementwise(
        "elu",
        "x",
        parameters=(Parameter("alpha", "number", 1.0),),
        forward=lambda m, x, alpha=1.0: _bent(m, x, alpha * m.expm1(x), x),
        partials=(lambda m, y, x, alpha=1.0: _bent(m, x, alpha * m.exp(x), 1),),
        summary="x where it is positive, else alpha · (exp(x) − 1), exact near 0",
        kink=lambda m, x, alpha=1.0: x,
        convention="elu'(0) = alpha",
        examples=_examples(alpha=0.5),
        traits=_SATURATING,
    ),
    elementwise(
        "selu",
        "x",
        forward=lambda m, x: _SELU_SCALE * _bent(m, x, _SELU_ALPHA * m.expm1(x), x),
        partials=(lambda m, y, x: _bent(m, x, _SELU_SCALE * _SELU_ALPHA * m.exp(x), _SELU_SCALE),),
        summary="elu with the two constants that keep mean 0 and variance 1",
        kink=lambda m, x: x,
        convention="selu'(0) = 1.0507… · 1.6732…, the slope from the left",
        traits=_SQUASHING,
    ),
    elementwise(
        "gelu",
        "x",
        parameters=(Parameter("approximate", "gelu_form", "none", is_named=True),),
        forward=lambda m, x, approximate="none": x * _gelu_gate(m, x, approximate),
        partials=(_gelu_partial,),
        summary="x · Φ(x) with the normal distribution Φ, or its approximation by tanh",
        examples=_examples(approximate="tanh"),
    ),
    elementwise(
        "silu",
        "x",
        forward=lambda m, x: x * sigmoid(m, x),
        partials=(_silu_partial,),
        summary="x · σ(x)",
    ),
    elementwise(
        "mish",
        "x",
        forward=lambda m, x: x * m.tanh(_softplus(m, x)),
        partials=(_mish_partial,),
        summary="x · tanh(softplus(x))",
    ),
    elementwise(
        "hardtanh",
        "x",
        parameters=(Parameter("min_val", "number", -1.0), Parameter("max_val", "number", 1.0)),
        forward=lambda m, x, min_val=-1.0, max_val=1.0: m.minimum(m.maximum(x, min_val), max_val),
        partials=(
            # Asked for the outside: PyTorch lets v pass at NaN, which is neither.
            lambda m, y, x, min_val=-1.0, max_val=1.0: (
                ~(np.less_equal(x, min_val) | np.less_equal(max_val, x))
                if m is np
                else m.where(m.less_equal(x, min_val), 0, m.where(m.less_equal(max_val, x), 0, 1))
            ),
        ),
        masked=True,
        summary="x, held between min_val and max_val",
        kink=lambda m, x, min_val=-1.0, max_val=1.0: (x - min_val) * (x - max_val),
        convention="hardtanh' = 0 at its bounds",
        examples=_examples(min_val=-0.5, max_val=1.5),
        traits=Traits(zero=slope_reasons.hardtanh),
    ),
    _DROPOUT,
)
