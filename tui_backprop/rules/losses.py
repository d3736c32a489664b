"""Losses that compare a prediction with a target entry by entry.

It stands apart because its rows are written for one entry; the reduction is the same for all.

In a row, ``m`` is the interpretation (NumPy, or SymPy under NumPy's names), ``x`` or ``p`` the
prediction and ``t`` the target, both of one shape: nothing is broadcast, since (N, 1) against (N,)
would compare each with each. ``pointwise`` is the loss ℓ of one entry, each partial ∂ℓ/∂operand.
``reduction`` is PyTorch's: the mean over all entries, their sum, or none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.rules.reduced import BATCHED, loss
from tui_backprop.rules.rule import Domain, Example, Parameter
from tui_backprop.rules.special import mended, sigmoid

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Rule


_FAR: Final = 4.0


def _log(m: Any, p: Any) -> Any:
    """The logarithm, no less than −100."""
    return m.maximum(m.log(p), -100)


def _log_rest(m: Any, p: Any) -> Any:
    """log(1 − p), no less than −100."""
    return m.maximum(m.log1p(-p), -100)


def _huber(m: Any, x: Any, t: Any, delta: float) -> Any:
    apart = m.abs(x - t)
    return m.where(m.less_equal(apart, delta), apart * apart / 2, delta * (apart - delta / 2))


def _huber_slope(m: Any, x: Any, t: Any, delta: float) -> Any:
    return m.where(m.less_equal(m.abs(x - t), delta), x - t, delta * m.sign(x - t))


def _logit_slope(m: Any, x: Any, t: Any) -> Any:
    """sigmoid(x) − t; where both are nearly 1, of what they lack to it."""
    usual = sigmoid(m, x) - t
    if m is not np:
        return usual
    is_far = (x > _FAR) & np.isfinite(t)
    return mended(usual, is_far, lambda: (1 - t) * sigmoid(m, x) - t * sigmoid(m, -x))


def _hinge_slope(m: Any, x: Any, t: Any, other: Any, margin: float) -> Any:
    return m.where(m.less(0, margin - t * x), -other, 0 * other)


RULES: Final[tuple[Rule, ...]] = (
    loss(
        "mse",
        "x t",
        pointwise=lambda m, x, t: (x - t) * (x - t),
        partials=(lambda m, x, t: 2 * (x - t), lambda m, x, t: 2 * (t - x)),
        summary="the squared error (x − t)²; the mean over all entries, unless said",
    ),
    loss(
        "mae",
        "x t",
        pointwise=lambda m, x, t: m.abs(x - t),
        partials=(lambda m, x, t: m.sign(x - t), lambda m, x, t: m.sign(t - x)),
        summary="the absolute error |x − t|; the mean over all entries, unless said",
        kink=lambda m, x, t: x - t,
        convention="sign(0) = 0 where x = t",
    ),
    loss(
        "huber",
        "x t",
        parameters=(Parameter("delta", "number", 1.0, is_named=True),),
        pointwise=lambda m, x, t, delta=1.0: _huber(m, x, t, delta),
        partials=(
            lambda m, x, t, delta=1.0: _huber_slope(m, x, t, delta),
            lambda m, x, t, delta=1.0: _huber_slope(m, t, x, delta),
        ),
        summary="(x − t)²/2 where |x − t| ≤ delta, beyond it delta·(|x − t| − delta/2)",
        examples=(Example(((3,), (3,)), {"delta": 0.5, "reduction": "none"}),),
    ),
    loss(
        "binary_cross_entropy",
        "p t",
        pointwise=lambda m, p, t: -(t * _log(m, p) + (1 - t) * _log_rest(m, p)),
        partials=(
            lambda m, p, t: (p - t) / m.maximum(p * (1 - p), 1e-12),
            lambda m, p, t: _log_rest(m, p) - _log(m, p),
        ),
        summary="−t·log p − (1 − t)·log(1 − p); logarithms are at least −100, as in PyTorch",
        kink=lambda m, p, t: p * (1 - p),
        convention="at p = 0 and p = 1 the slope is (p − t) / 1e-12",
        domains=(Domain(0.05, 0.95), Domain(0.0, 1.0)),
    ),
    loss(
        "binary_cross_entropy_with_logits",
        "x t",
        # Not (1 − t)·x + log(1 + exp(−x)): that cancels where x is far below 0.
        pointwise=lambda m, x, t: (1 - t) * m.logaddexp(0, x) + t * m.logaddexp(0, -x),
        partials=(_logit_slope, lambda m, x, t: -x),
        summary="binary cross entropy of p = sigmoid(x), without forming p: no overflow",
        domains=(Domain(), Domain(0.0, 1.0)),
    ),
    loss(
        "hinge",
        "x t",
        parameters=(Parameter("margin", "number", 1.0, is_named=True),),
        pointwise=lambda m, x, t, margin=1.0: m.maximum(margin - t * x, 0),
        partials=(
            lambda m, x, t, margin=1.0: _hinge_slope(m, x, t, t, margin),
            lambda m, x, t, margin=1.0: _hinge_slope(m, x, t, x, margin),
        ),
        summary="margin − t·x where that is positive, else 0; t is −1 or 1",
        kink=lambda m, x, t, margin=1.0: margin - t * x,
        convention="0 where t·x equals the margin (hinge_embedding_loss in PyTorch 2.14; up to "
        "2.13 the slope of the side below)",
        domains=(Domain(), Domain(values=(-1.0, 1.0))),
        examples=(Example(((3,), (3,)), {"margin": 0.5}),),
    ),
    loss(
        "kl_div",
        "p_log t",
        pointwise=lambda m, p_log, t: m.where(m.equal(t, 0), 0, t * m.log(t)) - t * p_log,
        # t / t and not 1: NaN at 0, where PyTorch gives NaN.
        partials=(lambda m, p_log, t: -t, lambda m, p_log, t: m.log(t) + t / t - p_log),
        kink=lambda m, p_log, t: t,
        convention="at t = 0 the slope for t is NaN",
        summary="t·(log t − p_log) of log-probabilities and probabilities; mean is over entries, "
        "batchmean over samples",
        reduction=BATCHED,
        examples=(
            Example(((2, 3), (2, 3)), {"reduction": "batchmean"}),
            Example(((), ()), {"reduction": "batchmean"}),
        ),
        domains=(Domain(-3.0, -0.1), Domain(0.05, 1.0)),
    ),
)
