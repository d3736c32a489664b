"""Losses that compare a prediction with a target entry by entry.

A row is written for one entry; the reduction is the same for all.

In a row, ``x`` or ``p`` is the prediction and ``t`` the target, both of one shape: nothing is
broadcast, since (N, 1) against (N,) would compare each with each. ``pointwise`` is the loss ℓ of
one entry, each partial ∂ℓ/∂operand. ``reduction`` is PyTorch's: the mean over all entries, their
sum, or none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.errors import ShapeError
from tui_backprop.language.message import said
from tui_backprop.rules import slope_reasons
from tui_backprop.rules.ops.losses.reduction import (
    BATCHED,
    REDUCTION,
    gathered,
    reduced,
    reduced_part,
)
from tui_backprop.rules.rows import Part, structural
from tui_backprop.rules.rule import Domain, Example, Parameter, Reason, Traits

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Shape


def _square(apart: Any) -> Any:
    return apart * apart


def loss(
    name: str,
    operands: str,
    *,
    pointwise: Callable[..., Any],
    partials: tuple[Callable[..., Any], Callable[..., Any]],
    parameters: tuple[Parameter, ...] = (),
    kink: Callable[..., Any] | None = None,
    examples: tuple[Example, ...] = (),
    reduction: Parameter = REDUCTION,
    **stated: Any,
) -> Rule:
    """The row of a loss that compares two arrays entry by entry; their shapes must be the same.

    Args:
        name: the op.
        operands: names of the prediction and the target, separated by a space.
        pointwise: ``(m, x, t, **params)`` → ℓ, without the reduction.
        partials: for each operand ``(m, x, t, **params)`` → ∂ℓ/∂operand.
        parameters: those before ``reduction``.
        kink: as ``pointwise``, a signed quantity that is zero at a kink of ℓ.
        examples: further ones, for the row's own parameters.
        reduction: which reductions there are.
        stated: what else `structural` takes.
    """
    by = reduction
    return structural(
        name,
        operands,
        parameters=(*parameters, by),
        forward=lambda m, x, t, reduction="mean", **params: gathered(
            m, pointwise(m, x, t, **params), x.shape, reduction
        ),
        shape=lambda x, t, reduction="mean", **_params: reduced(common(name, x, t), reduction, by),
        parts=tuple(_pointwise_part(a, partial) for a, partial in enumerate(partials)),
        kink=kink and reduced_kink(kink),
        examples=(*EXAMPLES, *examples),
        reasons=(NOTHING,),
        **stated,
    )


NOTHING: Final = Reason(
    "the mean of no samples is 0/0",
    lambda y, x, *_, reduction="mean", **_params: reduction == "mean" and not x.size,
)


def common(name: str, x: Shape, t: Shape) -> Shape:
    """The shape of two operands; another one of either is refused."""
    if x != t:
        raise ShapeError(
            said(
                "{name} needs two operands of one shape, found {x} and {t}; nothing is broadcast",
                name=name,
                x=x,
                t=t,
            )
        )
    return x


def _pointwise_part(argument: int, partial: Callable[..., Any]) -> Part:
    return reduced_part(
        argument, partial, lambda m, i, x, t, **params: partial(m, x[i], t[i], **params)
    )


def reduced_kink(kink: Callable[..., Any]) -> Callable[..., Any]:
    """For one ℓ of many samples the nearest kink, with a sign that turns when one is crossed."""

    def nearest(m: Any, *operands: Any, reduction: str = "mean", **params: Any) -> Any:
        distances = np.asarray(kink(m, *operands, **params))
        if reduction == "none":
            return distances
        return np.prod(np.sign(distances)) * np.min(np.abs(distances), initial=np.inf)

    return nearest


EXAMPLES: Final = (
    Example(((3,), (3,))),
    Example(((), ())),
    Example(((2, 3), (2, 3)), {"reduction": "sum"}),
    Example(((2, 3), (2, 3)), {"reduction": "none"}),
    Example(((), ()), {"reduction": "none"}),
    Example(((0,), (0,))),
    Example(((2, 0), (2, 0)), {"reduction": "none"}),
)


def _huber(m: Any, x: Any, t: Any, delta: float) -> Any:
    apart = m.abs(x - t)
    return m.where(m.less_equal(apart, delta), apart * apart / 2, delta * (apart - delta / 2))


def _huber_slope(m: Any, x: Any, t: Any, delta: float) -> Any:
    if m is np and delta >= 0:
        return np.clip(x - t, -delta, delta)
    return m.where(m.less_equal(m.abs(x - t), delta), x - t, delta * m.sign(x - t))


def _hinge_slope(m: Any, x: Any, t: Any, other: Any, margin: float) -> Any:
    is_read = m.less(0, margin - t * x)
    return -other * is_read if m is np else m.where(is_read, -other, 0 * other)


def _divergence(m: Any, p_log: Any, t: Any, log_target: bool = False) -> Any:
    if log_target:
        return m.exp(t) * (t - p_log)
    return m.where(m.equal(t, 0), 0, t * m.log(t)) - t * p_log


def _divergence_slope(m: Any, _p_log: Any, t: Any, log_target: bool = False) -> Any:
    return -m.exp(t) if log_target else -t


def _divergence_target_slope(m: Any, p_log: Any, t: Any, log_target: bool = False) -> Any:
    if log_target:
        return m.exp(t) * (t - p_log + 1)
    return m.log(t) + t / t - p_log  # t / t and not 1: NaN at 0, where PyTorch gives NaN


RULES: Final[tuple[Rule, ...]] = (
    loss(
        "mse",
        "x t",
        pointwise=lambda m, x, t: _square(x - t),
        partials=(lambda m, x, t: 2 * (x - t), lambda m, x, t: 2 * (t - x)),
        summary="the squared error (x − t)²; the mean over all entries, unless said",
        traits=Traits(unscaled=1 / 2, zero=slope_reasons.same_as_target),
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
        traits=Traits(zero=slope_reasons.same_as_target),
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
        parameters=(Parameter("log_target", "bool", default=False, is_named=True),),
        pointwise=_divergence,
        partials=(_divergence_slope, _divergence_target_slope),
        kink=lambda m, p_log, t, log_target=False: m.ones_like(t) if log_target else t,
        convention="at t = 0 the slope for t is NaN",
        summary="t·(log t − p_log) of log-probabilities and probabilities, which log_target says "
        "are logarithms too; mean is over entries, batchmean over samples",
        reduction=BATCHED,
        examples=(
            Example(((2, 3), (2, 3)), {"reduction": "batchmean"}),
            Example(((), ()), {"reduction": "batchmean"}),
            Example(((2, 3), (2, 3)), {"reduction": "none", "log_target": True}),
        ),
        domains=(Domain(-3.0, -0.1), Domain(0.05, 1.0)),
    ),
)
