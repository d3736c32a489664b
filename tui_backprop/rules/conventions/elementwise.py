"""The special points of ops that go entry by entry."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from tui_backprop.language.message import said
from tui_backprop.rules.conventions import changes
from tui_backprop.rules.conventions.changes import slopes
from tui_backprop.rules.conventions.ways import (
    ABOVE,
    BELOW,
    EACH,
    FIRST,
    HALF,
    MEAN,
    NEITHER,
    SECOND,
    SpecialPoint,
    Way,
    corners,
    numbers_of,
    of_last,
    worded,
)

nan, inf, half = np.nan, np.inf, 0.5


def _pair(op: str) -> SpecialPoint:
    ways = worded((HALF, (half, half)), (FIRST, (1, 0)), (SECOND, (0, 1)), (NEITHER, (0, 0)))
    return SpecialPoint(op, op, lambda z, x, y: x == y, ways)


def _is_on_bound(_y: Any, x: Any, **bounds: Any) -> Any:
    found = [x == bound for bound in bounds.values() if bound is not None]
    return np.logical_or.reduce(found) if found else np.False_


def _leaky_mean(_m: Any, _y: Any, _x: Any, negative_slope: float = 0.01) -> float:
    return (1 + negative_slope) / 2


def _tie(point: str, op: str) -> SpecialPoint:
    ways = worded((HALF, (half, half)), (FIRST, (1, 0)), (SECOND, (0, 1)))
    return SpecialPoint(point, op, lambda z, x, y: x == y, ways)


_TO_NUMBER: Final = said("all to the number")

ELEMENTWISE: Final = (
    SpecialPoint("abs", "abs", lambda y, x: x == 0, numbers_of((0,), (1,))),
    _pair("maximum"),
    _pair("minimum"),
    SpecialPoint(
        "maximum_nan", "maximum", lambda z, x, y: np.isnan(x) & ~np.isnan(y),
        worded((EACH, (1, 1)), (NEITHER, (0, 0)), (_TO_NUMBER, (0, 1))),
    ),
    SpecialPoint("clip", "clip", _is_on_bound, corners(0, 1, half), operands=("x",)),
    SpecialPoint(
        "clip_lo", "clip", lambda y, x, low, **_: x == low,
        worded((HALF, (half, half)), (said("all to x"), (1, 0)),
                (said("all to the bound"), (0, 1)), (NEITHER, (0, 0))),
        operands=("x", "min"),
    ),
    SpecialPoint("cbrt", "cbrt", lambda y, x: x == 0, numbers_of((inf,), (nan,))),
    SpecialPoint("arcsin", "arcsin", lambda y, x: np.abs(x) == 1, numbers_of((inf,), (0,))),
    SpecialPoint("arccos", "arccos", lambda y, x: np.abs(x) == 1, numbers_of((-inf,), (0,))),
    SpecialPoint("arctanh", "arctanh", lambda y, x: np.abs(x) == 1, numbers_of((inf,), (nan,))),
    SpecialPoint(
        "arctan2", "arctan2", lambda z, y, x: (x == 0) & (y == 0), numbers_of((0, 0), (nan, nan))
    ),
    SpecialPoint(
        "hypot", "hypot", lambda z, x, y: (x == 0) & (y == 0), numbers_of((nan, nan), (half, half))
    ),
    SpecialPoint("sinc", "sinc", lambda y, x: x == 0, numbers_of((0,), (nan,))),
    SpecialPoint(
        "logaddexp_inf", "logaddexp", lambda z, x, y: (x == inf) & (y == inf),
        numbers_of((nan, nan), (1, 1)),
    ),
    SpecialPoint(
        "pow_0", "power", lambda z, x, y: (x == 0) & (y == 0),
        (Way((0,)), Way((nan,), change=slopes(nan, None))), argument=0, constants=frozenset({1}),
    ),
    SpecialPoint(
        "pow_00", "power", lambda z, x, y: (x == 0) & (y == 0),
        numbers_of((0, 0), (nan, 0), (nan, -inf)), constants=frozenset(),
    ),
    SpecialPoint(
        "pow_02", "power", lambda z, x, y: (x == 0) & (y > 0), of_last((0, 0), (0, nan)), argument=1
    ),
    SpecialPoint(
        "pow_0m1", "power", lambda z, x, y: (x == 0) & (y < 0),
        of_last((-inf, -inf), (-inf, nan), (-inf, 0)), argument=1,
    ),
    SpecialPoint(
        "pow_m22", "power", lambda z, x, y: x < 0, of_last((-4, nan), (-4, 0)), argument=1
    ),
    SpecialPoint(
        "where_sqrt", "sqrt", lambda y, x: x == 0,
        (Way((nan,)),
         Way((0,), said("0 where v is 0"), changes.silent)),
        needs_zero_v=True,
    ),
    SpecialPoint(
        "leaky_relu", "leaky_relu", lambda y, x, **_: x == 0,
        (Way((0.01,), BELOW, also=(0.2, 0.25)), Way((1,), ABOVE, slopes(1)),
         Way((0.505,), MEAN, slopes(_leaky_mean), also=(0.6,)), Way((0,), change=slopes(0))),
    ),
    SpecialPoint(
        "elu_2", "elu", lambda y, x, **_: x == 0,
        (Way((2,), BELOW), Way((1,), ABOVE, slopes(1)), Way((0,), change=slopes(0))),
    ),
    SpecialPoint(
        "selu", "selu", lambda y, x: x == 0,
        (Way((1.7580993408473766,), BELOW),
         Way((1.0507009873554805,), ABOVE, slopes(1.0507009873554805))),
    ),
    SpecialPoint("hardtanh", "hardtanh", lambda y, x, min_val=-1.0, max_val=1.0:
                 (x == min_val) | (x == max_val), corners(0, 1, half)),
    _tie("fmax_tie", "fmax"),
    _tie("fmin_tie", "fmin"),
    SpecialPoint(
        "fmax_nan", "fmax", lambda z, x, y: np.isnan(x) & ~np.isnan(y),
        worded((_TO_NUMBER, (0, 1)), (EACH, (1, 1))),
    ),
    SpecialPoint(
        "fmax_second_nan", "fmax", lambda z, x, y: np.isnan(y) & ~np.isnan(x),
        worded((_TO_NUMBER, (1, 0)), (EACH, (1, 1))),
    ),
    SpecialPoint(
        "fmax_nans", "fmax", lambda z, x, y: np.isnan(y) & np.isnan(x),
        worded((EACH, (1, 1)), (FIRST, (1, 0)), (NEITHER, (0, 0))),
    ),
    SpecialPoint(
        "fmin_nan", "fmin", lambda z, x, y: np.isnan(x) & ~np.isnan(y),
        worded((_TO_NUMBER, (0, 1)), (EACH, (1, 1))),
    ),
    SpecialPoint(
        "xlogy", "xlogy", lambda z, x, y: (x == 0) & (y == 0),
        numbers_of((0, nan), (-inf, nan), (0, 0)),
    ),
    SpecialPoint(
        "xlogy_negative", "xlogy", lambda z, x, y: (x == 0) & (y < 0),
        (Way((0, 0)), Way((nan, 0), change=slopes(nan, None))), argument=0,
    ),
)  # fmt: skip
