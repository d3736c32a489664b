"""Ops that choose: by sign, by size, by a condition; and the comparisons that make conditions.

These have kinks. The conventions there are PyTorch's, and so is what happens to an infinite v:
where nothing was chosen nothing comes back (``masked``), while abs multiplies by the sign.

In a row, the operands carry their own names, and ``z`` is the value. Equality and order are
``m.equal`` and ``m.less``, since ``==`` on formulas compares how they are written.
"""

from __future__ import annotations

from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.rules import slope_reasons
from tui_backprop.rules.ops.elementwise.functions import one_where
from tui_backprop.rules.rows import elementwise, function
from tui_backprop.rules.rule import Domain, Example, Extras, Parameter, Traits

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.rules.rule import Rule


_BOUNDS: Final = ("min", "max")


def _clipped(m: Any, x: Any, low: Any, high: Any) -> Any:
    if m is np and low is not None and high is not None:
        return np.clip(x, low, high)
    above = x if low is None else m.maximum(x, low)
    return above if high is None else m.minimum(above, high)


def _within(m: Any, x: Any, low: Any, high: Any) -> Any:
    """1 between bounds that are numbers, 0 on and beyond them; 0 for NaN."""
    found: Any = 1
    if high is not None:
        found = one_where(m, m.less(x, high))
    if low is None:
        return found
    above = m.less(low, x)
    return np.logical_and(above, found) if m is np else m.where(above, found, 0)


def _on_one(m: Any, x: Any, low: Any, high: Any, bound: Any) -> Any:
    """A half where x is on one bound and the other bound differs from it."""
    return m.where(m.less(low, high), m.where(m.equal(x, bound), 0.5, 0), 0)


def _kept(m: Any, x: Any, low: Any, high: Any) -> Any:
    """What x receives between two arrays; where they are equal and x as well, all of it."""
    shared = _on_one(m, x, low, high, low) + _on_one(m, x, low, high, high)
    return m.where(m.less(x, low), 0, m.where(m.less(high, x), 0, 1 - shared))


def _raised(m: Any, x: Any, low: Any, high: Any) -> Any:
    """The slope of clip by lower bounds that are an array."""
    received = m.where(m.less(x, low), 1, _on_one(m, x, low, high, low))
    return m.where(m.less_equal(low, high), received, 0)


def _lowered(m: Any, x: Any, low: Any, high: Any) -> Any:
    """The slope of clip by upper bounds that are an array."""
    received = m.where(m.less(high, x), 1, _on_one(m, x, low, high, high))
    beside = m.where(m.less_equal(low, high), received, 0)
    return m.where(m.less(high, low), 1, beside)


def _shares(m: Any, arrays: tuple[str, ...], x: Any, low: Any, high: Any) -> dict[str, Any]:
    """What x receives, and each bound that is an array."""
    if not arrays:
        return {"x": _within(m, x, low, high)}
    if len(arrays) == 2:
        return {
            "x": _kept(m, x, low, high),
            "min": _raised(m, x, low, high),
            "max": _lowered(m, x, low, high),
        }
    if arrays == ("max",):  # what is held from below by a number comes first
        passed, above = _within(m, x, low, None), _clipped(m, x, low, None)
        return {"x": passed * _share(m, -above, -high), "max": _share(m, -high, -above)}
    passed = _within(m, _clipped(m, x, low, None), None, high)
    return {"x": passed * _share(m, x, low), "min": passed * _share(m, low, x)}


def _to_bound(m: Any, x: Any, low: Any, high: Any) -> Any:
    bounds = [bound for bound in (low, high) if bound is not None]
    found = m.ones_like(x)
    for bound in bounds:
        found = found * (x - bound)
    for bound in bounds:  # 0 · inf would be NaN
        found = m.where(m.equal(x, bound), 0, found)
    return found


def _read(arrays: tuple[str, ...], formula: Callable[..., Any]) -> Callable[..., Any]:
    """A formula of x and both bounds as a row calls it."""

    def called(m: Any, x: Any, *given: Any, **numbers: Any) -> Any:
        bounds = {**dict.fromkeys(_BOUNDS), **numbers, **dict(zip(arrays, given, strict=True))}
        return formula(m, x, bounds["min"], bounds["max"])

    return called


def _partial(arrays: tuple[str, ...], operand: str) -> Callable[..., Any]:
    share = _read(arrays, lambda m, x, low, high: _shares(m, arrays, x, low, high)[operand])
    return lambda m, _z, *operands, **numbers: share(m, *operands, **numbers)


_NUMBERS: Final = (
    Example(((2, 3),), {"min": 0, "max": 1}),
    Example(((),), {"min": -1, "max": 0}),
    Example(((0,),), {"min": -1, "max": 1}),
    Example(((3,),), {"min": 0}),
    Example(((3,),), {"max": 0.5}),
    Example(((2,),)),
)


def _examples(arrays: tuple[str, ...]) -> tuple[Example, ...]:
    """Bounds of x's shape, and some that broadcast; with one, a number for the other too."""
    if not arrays:
        return _NUMBERS
    shapes: tuple[tuple[int, ...], ...] = ((3,), ()) if len(arrays) == 2 else ((3,),)
    plain = (Example(((2, 3), *shapes)), Example(((), *(() for _ in arrays))))
    if len(arrays) == 2:
        return (*plain, Example(((2,), (2,), (2,))))
    other = {"max": 0.5} if arrays == ("min",) else {"min": -0.5}
    return (*plain, Example(((3,), (3,)), other), Example(((2,), (3, 1))))


@cache
def _clip(arrays: tuple[str, ...]) -> Rule:
    return elementwise(
        "clip",
        " ".join(("x", *arrays)),
        text="clip({x}, min={min}, max={max})" if arrays else "clip({x}, {min}, {max})",
        parameters=tuple(
            Parameter(name, "optional_number", None) for name in _BOUNDS if name not in arrays
        ),
        forward=_read(arrays, _clipped),
        partials=tuple(_partial(arrays, operand) for operand in ("x", *arrays)),
        masked=True,
        summary="x, held between two bounds, numbers or arrays; None is no bound",
        kink=_read(arrays, _to_bound),
        convention="0 at a bound, 1/2 at one that is an array (clip in PyTorch 2.14; up to 2.13 "
        "the gradient passes at a bound)",
        domains=(Domain(), *(_BOUND_DOMAINS[name] for name in arrays)),
        examples=_examples(arrays),
        extras=_EXTRAS,
        spellings=_SPELLINGS,
        traits=Traits(zero=slope_reasons.clip),
    )


_BOUND_DOMAINS: Final = {"min": Domain(-1.5, 0.25), "max": Domain(0.0, 1.5)}
_EXTRAS: Final = Extras(_BOUNDS, _clip, stand_first=True)
_SPELLINGS: Final = MappingProxyType({"a_min": "min", "a_max": "max"})
"""As NumPy calls the bounds, too."""

_CLIPPING: Final[tuple[Rule, ...]] = (_clip(()),)


def _apart(m: Any, x: Any, y: Any) -> Any:
    """The difference x − y, and 0 where they are equal: inf − inf would be NaN."""
    return m.where(m.equal(x, y), 0, x - y)


def _share(m: Any, x: Any, y: Any) -> Any:
    """The slope of the larger of x and y by x: 1, also beside a NaN, 0, or a half at a tie."""
    if m is np:
        ties, above = np.equal(x, y), ~np.less(x, y)
        return np.where(ties, 0.5, above) if ties.any() else above
    return m.where(m.less(x, y), 0, m.where(m.equal(x, y), 0.5, 1))


def _is_on(m: Any, x: Any) -> Any:
    """1 where x is positive or NaN, as PyTorch has it, else 0."""
    if isinstance(x, np.floating):
        return 0 if x <= 0 else 1
    return ~np.less_equal(x, 0) if m is np else m.where(m.less_equal(x, 0), 0, 1)


def _x_over_y(m: Any, _z: Any, x: Any, y: Any) -> Any:
    return _share(m, x, y)


def _y_over_x(m: Any, _z: Any, x: Any, y: Any) -> Any:
    return _share(m, y, x)


def _of_two(name: str, which: str, *partials: Callable[..., Any]) -> Rule:
    return elementwise(
        name,
        "x y",
        forward=lambda m, x, y: getattr(m, name)(x, y),
        partials=partials,
        masked=True,
        summary=f"the {which} of x and y, entry by entry",
        kink=_apart,
        convention="a tie splits evenly: 1/2 to each operand",
        traits=Traits(zero=slope_reasons.other_operand),
    )


def _comparison(name: str, symbol: str, summary: str) -> Rule:
    """1 where it holds, 0 where not; constant between the jumps, so no derivative is stated."""

    def forward(m: Any, x: Any, y: Any) -> Any:
        holds = getattr(m, name)(x, y)
        if m is np:
            return np.asarray(holds, dtype=np.result_type(x))
        return m.where(holds, m.ones_like(x), 0)

    return elementwise(
        name,
        "x y",
        text=f"{{x}} {symbol} {{y}}",
        forward=forward,
        partials=(None, None),
        summary=summary,
        domains=(Domain(values=(-1.0, 0.0, 1.0)), Domain(values=(-1.0, 0.0, 1.0))),
    )


RULES: Final[tuple[Rule, ...]] = (
    elementwise(
        "relu",
        "x",
        forward=lambda m, x: m.maximum(x, 0),
        partials=(lambda m, z, x: _is_on(m, x),),
        masked=True,
        summary="x where it is positive, else 0",
        kink=lambda m, x: x,
        convention="relu'(0) = 0",
        traits=Traits(rises=True, zero=slope_reasons.relu),
    ),
    function(
        "abs",
        lambda m, z, x: m.sign(x),
        "x without its sign",
        kink=lambda m, x: x,
        convention="abs'(0) = 0",
        traits=Traits(zero=slope_reasons.corner),
    ),
    _of_two("maximum", "larger", _x_over_y, _y_over_x),
    _of_two("minimum", "smaller", _y_over_x, _x_over_y),
    elementwise(
        "where",
        "condition x y",
        forward=lambda m, condition, x, y: m.where(condition, x, y),
        partials=(
            None,
            lambda m, z, condition, x, y: (
                np.not_equal(condition, 0) if m is np else m.where(condition, 1, 0)
            ),
            lambda m, z, condition, x, y: (
                np.equal(condition, 0) if m is np else m.where(condition, 0, 1)
            ),
        ),
        masked=True,
        summary="x where the condition holds (is not 0), else y",
        domains=(Domain(values=(0.0, 1.0)), Domain(), Domain()),
        traits=Traits(zero=slope_reasons.where),
    ),
    _comparison("less", "<", "1 where x < y, else 0"),
    _comparison("less_equal", "<=", "1 where x ≤ y, else 0"),
    _comparison("greater", ">", "1 where x > y, else 0"),
    _comparison("greater_equal", ">=", "1 where x ≥ y, else 0"),
    _comparison("equal", "==", "1 where x = y, else 0"),
    _comparison("not_equal", "!=", "1 where x ≠ y, else 0"),
    *_CLIPPING,
)
