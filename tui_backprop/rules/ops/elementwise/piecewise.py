"""Ops in pieces: what stands behind the point, signs, steps, and what is put in place of a NaN.

Also the value that goes on alone, without a gradient. In a row, ``z`` is the value.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.language.message import said
from tui_backprop.rules import slope_reasons
from tui_backprop.rules.rows import elementwise
from tui_backprop.rules.rule import Domain, Example, Parameter, Traits
from tui_backprop.rules.slope_reasons import Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.slope_reasons import Found, PartialAt


def _copied_sign(m: Any, x: Any, y: Any) -> Any:
    if m is np:
        return np.copysign(x, y)
    return m.where(m.less(y, 0), -m.abs(x), m.abs(x))


def _sign_ratio(m: Any, _z: Any, x: Any, y: Any) -> Any:
    """1 where both have one sign, −1 where not; a number has a sign even where it is −0.0."""
    return m.sign(x) * (np.copysign(1, y) if m is np else m.where(m.less(y, 0), -1, 1))


def _step(m: Any, x: Any, values: Any) -> Any:
    if m is np:
        return np.heaviside(x, values)
    return m.where(m.less(x, 0), 0, m.where(m.equal(x, 0), values, 1))


def _replaced(m: Any, x: Any, **others: Any) -> Any:
    """Symbols stand for real numbers, and there is nothing to replace."""
    return x if m is not np else np.nan_to_num(x, **others)


def _corner(at: PartialAt) -> Found | None:
    """Why a slope of copysign is 0: by x at its corner, by y everywhere."""
    if at.argument == 0:
        return slope_reasons.corner(at)
    return Kind.FLAT, said(
        "{op} takes the sign of {operand} alone, which is constant between jumps: its derivative "
        "is stated to be 0", op=at.op, operand=at.operand(1),
    )  # fmt: skip


def _was_replaced(at: PartialAt) -> Found | None:
    """Why a slope of nan_to_num is 0: another number stands for what is none, or infinite."""
    if np.isfinite(at.own_value):
        return None
    return Kind.VALUE, said(
        "{op} puts {taken} in place of {left}", op=at.op, taken=at.result, left=at.own
    )


def _share(m: Any, x: Any, y: Any) -> Any:
    """The slope of fmax by x: 1 where x is larger, a half at a tie, and 0 for a NaN.

    Of two NaN both pass, as they do in a maximum.
    """
    if m is np:
        return _larger(np.greater(x, y), np.less(x, y), x, y)
    beside = m.where(m.less(x, y), 0, m.where(m.equal(x, y), 0.5, 1))
    return m.where(m.not_equal(y, y), 1, m.where(m.not_equal(x, x), 0, beside))


def _larger(above: Any, below: Any, x: Any, y: Any) -> Any:
    """The same of numbers: where each is above the other or below it, that says it all."""
    if np.all(above | below):
        return above
    tied = np.where(np.equal(x, y), 0.5, np.isnan(y))
    return np.where(above, 1, np.where(below, 0, tied))


def _smaller(m: Any, x: Any, y: Any) -> Any:
    """The slope of fmin by x."""
    if m is np:
        return _larger(np.less(x, y), np.greater(x, y), x, y)
    return _share(m, -x, -y)


def _x_over_y(m: Any, _z: Any, x: Any, y: Any) -> Any:
    return _share(m, x, y)


def _y_over_x(m: Any, _z: Any, x: Any, y: Any) -> Any:
    return _share(m, y, x)


def _x_under_y(m: Any, _z: Any, x: Any, y: Any) -> Any:
    return _smaller(m, x, y)


def _y_under_x(m: Any, _z: Any, x: Any, y: Any) -> Any:
    return _smaller(m, y, x)


def _apart(m: Any, x: Any, y: Any) -> Any:
    """The difference x − y, and 0 where they are equal: inf − inf would be NaN."""
    return m.where(m.equal(x, y), 0, x - y)


def _number_of(name: str, which: str, *partials: Callable[..., Any]) -> Rule:
    return elementwise(
        name,
        "x y",
        forward=lambda m, x, y: getattr(m, name)(x, y),
        partials=partials,
        masked=True,
        summary=f"the {which} of x and y, entry by entry; beside a NaN the other one",
        kink=_apart,
        convention=f"a tie splits evenly ({name} in PyTorch 2.14; up to 2.13 all to the first), "
        "and a NaN that is stepped over receives nothing (up to 2.13; from 2.14 on it receives as "
        "much as the number)",
        traits=Traits(zero=slope_reasons.other_operand),
    )


RULES: Final[tuple[Rule, ...]] = (
    elementwise(
        "frac",
        "x",
        forward=lambda m, x: x - m.trunc(x),
        partials=(1,),
        summary="what stands behind the point: x − trunc(x), with the sign of x",
        kink=lambda m, x: x - m.round(x),
        convention="frac' = 1, where it jumps too",
    ),
    elementwise(
        "copysign",
        "x y",
        forward=_copied_sign,
        partials=(_sign_ratio, 0),
        masked=True,
        summary="x with the sign of y",
        kink=lambda m, x, y: x * y,
        convention="at x = 0 the slope is 0, and so is that for y everywhere, where it jumps too",
        traits=Traits(zero=_corner),
    ),
    elementwise(
        "heaviside",
        "x values",
        forward=_step,
        partials=(None, None),
        summary="0 below 0, 1 above, and what is given at 0",
        domains=(Domain(values=(-1.0, 0.0, 1.0)), Domain()),
    ),
    elementwise(
        "nan_to_num",
        "x",
        parameters=(
            Parameter("nan", "number", 0.0, is_named=True),
            Parameter("posinf", "optional_number", None, is_named=True),
            Parameter("neginf", "optional_number", None, is_named=True),
        ),
        forward=_replaced,
        partials=(lambda m, z, x, **others: m.where(m.less(m.abs(x), inf), 1, 0),),
        summary="x, with a number for each NaN and infinity: 0 and the largest there are, unless "
        "given; no slope comes back from what is replaced",
        examples=(
            *(Example((shape,)) for shape in ((), (3,), (2, 3), (0,))),
            Example(((3,),), {"nan": 0.5, "posinf": 1.0, "neginf": -1.0}),
        ),
        traits=Traits(zero=_was_replaced),
    ),
    _number_of("fmax", "larger", _x_over_y, _y_over_x),
    _number_of("fmin", "smaller", _x_under_y, _y_under_x),
    elementwise(
        "stop_gradient",
        "x",
        # An array of its own, though of the same numbers: a node's value is no other node's.
        forward=lambda m, x: x.view() if isinstance(x, np.ndarray) else x,
        partials=(None,),
        summary="x, and nothing comes back to it: the gradient is cut here; detach in PyTorch",
        traits=Traits(rises=True, cuts=True),
    ),
)
