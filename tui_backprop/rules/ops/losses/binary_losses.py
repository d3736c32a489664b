"""Binary cross entropy, of probabilities or of scores, with weights as in PyTorch.

In a row, ``p`` is a probability and ``x`` a score, ``t`` the target. ``weight`` multiplies ℓ of an
entry and broadcasts to it; ``pos_weight`` multiplies the part of ℓ that t has. A mean is over the
entries, whatever they weigh. Weights have no derivative.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.errors import ShapeError
from tui_backprop.language.message import said
from tui_backprop.rules.ops.elementwise.functions import mended, sigmoid
from tui_backprop.rules.ops.losses.losses import EXAMPLES, NOTHING, common, reduced_kink
from tui_backprop.rules.ops.losses.reduction import REDUCTION, gathered, reduced, reduced_part
from tui_backprop.rules.rows import call_text, structural
from tui_backprop.rules.rule import Domain, Example, Extras
from tui_backprop.rules.shapes import broadcast_shape, take

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.rules.rows import Part
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Index, Shape

_FAR: Final = 4.0
_WEIGHT: Final = "weight"
_POSITIVE: Final = "pos_weight"


def _log(m: Any, p: Any) -> Any:
    """The logarithm, no less than −100."""
    return m.maximum(m.log(p), -100)


def _log_rest(m: Any, p: Any) -> Any:
    """log(1 − p), no less than −100."""
    return m.maximum(m.log1p(-p), -100)


def _of_probability(m: Any, p: Any, t: Any) -> Any:
    return -(t * _log(m, p) + (1 - t) * _log_rest(m, p))


def _probability_slope(m: Any, p: Any, t: Any) -> Any:
    return (p - t) / m.maximum(p * (1 - p), 1e-12)


def _probability_target_slope(m: Any, p: Any, _t: Any) -> Any:
    return _log_rest(m, p) - _log(m, p)


def _of_score(m: Any, x: Any, t: Any, pos_weight: Any = 1) -> Any:
    """Not (1 − t)·x + log(1 + exp(−x)): that cancels where x is far below 0."""
    return (1 - t) * m.logaddexp(0, x) + t * m.logaddexp(0, -x) * pos_weight


def _score_slope(m: Any, x: Any, t: Any, pos_weight: Any = None) -> Any:
    """sigmoid(x) − t; where both are nearly 1, of what they lack to it."""

    def apart() -> Any:
        return (1 - t) * sigmoid(m, x) - t * sigmoid(m, -x) * (
            1 if pos_weight is None else pos_weight
        )

    if pos_weight is not None:
        return apart()
    usual = sigmoid(m, x) - t
    if m is not np:
        return usual
    return mended(usual, (x > _FAR) & np.isfinite(t), apart)


def _score_target_slope(m: Any, x: Any, _t: Any, pos_weight: Any = None) -> Any:
    if pos_weight is None:
        return -x
    return m.logaddexp(0, -x) * pos_weight - m.logaddexp(0, x)


def _weighted(formula: Callable[..., Any], extras: tuple[str, ...]) -> Callable[..., Any]:
    """A formula of one ℓ times its weight, if there is one."""

    def applied(m: Any, x: Any, t: Any, *given: Any) -> Any:
        named = dict(zip(extras, given, strict=True))
        found = formula(m, x, t, *([named[_POSITIVE]] if _POSITIVE in named else []))
        return found * named[_WEIGHT] if _WEIGHT in named else found

    return applied


def _part(argument: int, formula: Callable[..., Any]) -> Part:
    def slope_at(m: Any, i: Index, *operands: Any) -> Any:
        return formula(m, *(take(x, i) for x in operands))

    return reduced_part(argument, formula, slope_at)


def _shape_of(name: str, extras: tuple[str, ...]) -> Callable[..., Shape]:
    def shape(x: Shape, t: Shape, *given: Shape, reduction: str = "mean") -> Shape:
        own = common(name, x, t)
        for what, found in zip(extras, given, strict=True):
            if not _fits(found, own):
                raise ShapeError(
                    said(
                        "{name}: {what} {found} does not broadcast to the entries, {own}",
                        name=name,
                        what=what,
                        found=found,
                        own=own,
                    )
                )
        return reduced(own, reduction)

    return shape


def _fits(weight: Shape, own: Shape) -> bool:
    try:
        return broadcast_shape(weight, own) == own
    except ShapeError:
        return False


def _examples(extras: tuple[str, ...]) -> tuple[Example, ...]:
    """Weights in the shape of the entries, and some that broadcast."""
    if not extras:
        return EXAMPLES
    shapes: tuple[tuple[Shape, Shape], ...] = (((3,), (3,)), ((), ()), ((2, 3), (3,)))
    kinds = ("mean", "none", "none")
    return tuple(
        Example((own, own, *(weight for _ in extras)), {"reduction": kind})
        for (own, weight), kind in zip(shapes, kinds, strict=True)
    )


def _row(
    name: str,
    operand: str,
    formulas: tuple[Callable[..., Any], ...],
    extras: tuple[str, ...],
    optional: Extras,
    **stated: Any,
) -> Rule:
    pointwise, *partials = (_weighted(formula, extras) for formula in formulas)
    names = (operand, "t", *extras)
    return structural(
        name,
        " ".join(names),
        text=call_text(name, names[:2], (REDUCTION.name, *extras)),
        parameters=(REDUCTION,),
        forward=lambda m, x, t, *given, reduction="mean": gathered(
            m, pointwise(m, x, t, *given), x.shape, reduction
        ),
        shape=_shape_of(name, extras),
        parts=(
            *(_part(a, partial) for a, partial in enumerate(partials)),
            *(None for _ in extras),
        ),
        examples=_examples(extras),
        reasons=(NOTHING,),
        extras=optional,
        **stated,
    )


@cache
def _of_probabilities(extras: tuple[str, ...]) -> Rule:
    return _row(
        "binary_cross_entropy",
        "p",
        (_of_probability, _probability_slope, _probability_target_slope),
        extras,
        Extras((_WEIGHT,), _of_probabilities, stand_first=True),
        summary="−t·log p − (1 − t)·log(1 − p); logarithms are at least −100, as in PyTorch",
        kink=reduced_kink(lambda m, p, t, *_: p * (1 - p)),
        convention="at p = 0 and p = 1 the slope is (p − t) / 1e-12",
        domains=(Domain(0.05, 0.95), Domain(0.0, 1.0), *(_WEIGHTS for _ in extras)),
    )


@cache
def _of_scores(extras: tuple[str, ...]) -> Rule:
    return _row(
        "binary_cross_entropy_with_logits",
        "x",
        (_of_score, _score_slope, _score_target_slope),
        extras,
        Extras((_WEIGHT, _POSITIVE), _of_scores),
        summary="binary cross entropy of p = sigmoid(x), without forming p: no overflow",
        domains=(Domain(), Domain(0.0, 1.0), *(_WEIGHTS for _ in extras)),
    )


_WEIGHTS: Final = Domain(0.25, 3.0)

RULES: Final[tuple[Rule, ...]] = (_of_probabilities(()), _of_scores(()))
