"""The special points of reductions, running products, determinants and losses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.language.message import said
from tui_backprop.rules.conventions import changes
from tui_backprop.rules.conventions.changes import by_magnitude, everywhere, group_slopes, of_loss
from tui_backprop.rules.conventions.ways import (
    BELOW,
    EACH,
    FIRST,
    MEAN,
    NEITHER,
    SHARED,
    SpecialPoint,
    Way,
    always,
)
from tui_backprop.rules.reduction_slopes import gap

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.rules.conventions.changes import Change
    from tui_backprop.rules.types import Array

nan, inf, half = np.nan, np.inf, 0.5


def _tied(sign: int) -> Callable[..., Any]:
    """Where several entries are the largest, or with sign −1 the smallest."""
    return lambda y, x, axis=None, keepdims=False, **_: gap(sign * x, axis, keepdims) == 0


_SHARES: Final = (
    Way(((half, half, 0),), SHARED),
    Way(((1, 1, 0),), EACH, group_slopes(changes.each)),
    Way(((1, 0, 0),), FIRST, group_slopes(changes.first)),
)


def _extreme(
    point: str, op: str, sign: int, where: Callable[..., bool], **called: Any
) -> SpecialPoint:
    return SpecialPoint(point, op, _tied(sign), _SHARES, where=where, **called)


def _has_zero(_y: Any, x: Any, axis: Any = None, keepdims: bool = False, **_: Any) -> Any:
    return np.any(np.equal(x, 0), axis=axis, keepdims=keepdims)


def _line_has_zero(_y: Any, x: Any, axis: Any = None) -> Any:
    if axis is None or not np.ndim(x):
        return np.any(np.equal(x, 0))
    return np.any(np.equal(x, 0), axis=axis, keepdims=True)


def _alone(y: Any, x: Any, ddof: float = 0, **_: Any) -> Any:
    return np.asarray(np.size(x) == ddof * np.size(y)) & np.isnan(y)


def _of_order(*orders: Any) -> Callable[..., bool]:
    return lambda **params: params.get("ord") in orders


def _is_length(axis: Any = None, **params: Any) -> bool:
    order = params.get("ord")
    return order in {None, 2, "fro"} and not (order == 2 and isinstance(axis, tuple))


def _sign_from_above(x: Array, _y: Array, _axes: tuple[int, ...]) -> Array:
    return np.where(np.equal(x, 0), 1, np.sign(x))


_OF_OTHERS: Final = said("the product of the other entries")
_0_AT_0: Final = said("0 where the entry is 0")


def _first_slope(number: float) -> Change:
    return of_loss(lambda p, t, **_: np.full(p.shape, number), None)


REDUCING: Final = (
    _extreme("max", "max", 1, lambda axis=None, **_: axis is None),
    _extreme(
        "max_axis", "max", 1, lambda axis=None, **_: axis is not None,
        called="", names={"torch": said("PyTorch's max(dim)")},
    ),
    SpecialPoint(
        "amax_axis", "max", _tied(1), _SHARES[:1], called="amax",
        where=lambda axis=None, **_: axis is not None,
    ),
    _extreme("min", "min", -1, always),
    SpecialPoint(
        "max_nan", "max", lambda y, x, **_: np.isnan(y),
        (Way(((nan, nan),)), Way(((1, 0),), said("all to the NaN"), group_slopes(changes.to_nan)),
         Way(((0, 0),), NEITHER, group_slopes(everywhere(0))),
         Way(((1, 1),), EACH, group_slopes(everywhere(1)))),
    ),
    SpecialPoint(
        "prod_0", "prod", _has_zero,
        (Way(((6, 0, 0),), _OF_OTHERS),
         Way(((nan, 0, 0),), said("the product divided by the entry"),
             group_slopes(changes.quotient))),
    ),
    SpecialPoint(
        "cumprod", "cumprod", _line_has_zero,
        (Way(((1, 8, 0),), _OF_OTHERS),
         Way(((1, 0, 0),), _0_AT_0, changes.divided_cumprod(is_guarded=True)),
         Way(((1, nan, 0),), said("NaN where the entry is 0"),
             changes.divided_cumprod(is_guarded=False))),
    ),
    SpecialPoint(
        "std", "std", lambda y, x, **_: y == 0,
        (Way(((0, 0, 0),)), Way(((nan, nan, nan),), change=group_slopes(everywhere(nan)))),
    ),
    SpecialPoint(
        "std_1", "std", _alone,
        (Way(((nan,),)), Way(((0,),), change=group_slopes(everywhere(0))),
         Way(((-inf,),), change=group_slopes(everywhere(-inf)))),
        where=lambda ddof=0, **_: ddof == 1,
    ),
    SpecialPoint(
        "norm", "norm", lambda y, x, **_: y == 0,
        (Way(((0, 0),)), Way(((nan, nan),), change=group_slopes(everywhere(nan)))),
        where=_is_length,
    ),
    SpecialPoint(
        "norm_1", "norm", _has_zero,
        (Way(((0, 1),), _0_AT_0),
         Way(((1, 1),), said("1 where the entry is 0"), group_slopes(_sign_from_above))),
        where=_of_order(1),
    ),
    SpecialPoint(
        "norm_inf", "norm",
        lambda y, x, axis=None, keepdims=False, **_: gap(np.abs(x), axis, keepdims) == 0,
        (Way(((half, half, 0),), SHARED),
         Way(((1, 1, 0),), EACH, group_slopes(by_magnitude(changes.each))),
         Way(((1, 0, 0),), FIRST, group_slopes(by_magnitude(changes.first))),
         Way(((nan, nan, 0),), said("NaN to each"),
             group_slopes(by_magnitude(changes.nan_to_each)))),
        where=_of_order(inf),
    ),
    SpecialPoint(
        "det_singular", "det", lambda y, a: np.equal(y, 0),
        (Way((((4, -2), (-2, 1)),), said("the cofactors")),
         Way((((0, 0), (0, 0)),), change=changes.vanishing)),
    ),
    SpecialPoint(
        "mae", "mae", lambda y, x, t, **_: np.equal(x, t),
        (Way(((0,),)), Way(((1,),), change=of_loss(
            lambda x, t: np.ones_like(x), lambda x, t: -np.ones_like(x)))),
    ),
    SpecialPoint(
        "hinge", "hinge", lambda y, x, t, margin=1.0, **_: np.equal(t * x, margin),
        (Way(((0,),)),
         Way(((-1,),), BELOW, of_loss(lambda x, t, **_: -t, lambda x, t, **_: -x)),
         Way(((-half,),), MEAN, of_loss(
             lambda x, t, **_: -t / 2, lambda x, t, **_: -x / 2))),
    ),
    SpecialPoint(
        "bce_10", "binary_cross_entropy", lambda y, p, t, **_: (p == 1) & (t == 0),
        (Way(((1e12,),)), *(Way(((n,),), change=_first_slope(n)) for n in (0, inf, nan))),
    ),
    SpecialPoint(
        "bce_00", "binary_cross_entropy", lambda y, p, t, **_: (p == 0) & (t == 0),
        (Way(((0,),)), *(Way(((n,),), change=_first_slope(n)) for n in (nan, 1))),
    ),
)  # fmt: skip
