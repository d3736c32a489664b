"""Numbers held between two bounds, each of them a number of the program or an array of its own.

It stands apart from the other choices because PyTorch has two conventions here. A bound that is a
number takes everything where x stands on it. With one that is an array x shares, half and half.

In a row, ``m`` is the interpretation (NumPy, or SymPy under NumPy's names), ``x`` the operand,
``min`` and ``max`` the bounds under NumPy's names; None is no bound. Crossed bounds give ``max``.
"""

from __future__ import annotations

from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from tui_backprop.dataclass import replace
from tui_backprop.rules.rows import elementwise
from tui_backprop.rules.rule import Domain, Example, Extras, Parameter

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.rules.rule import Rule

_BOUNDS: Final = ("min", "max")


def _clipped(m: Any, x: Any, low: Any, high: Any) -> Any:
    above = x if low is None else m.maximum(x, low)
    return above if high is None else m.minimum(above, high)


def _within(m: Any, x: Any, low: Any, high: Any) -> Any:
    """1 between bounds that are numbers, 0 on them and beyond; of NaN 0."""
    found: Any = 1
    if high is not None:
        found = m.where(m.less(x, high), 1, 0)
    return found if low is None else m.where(m.less(low, x), found, 0)


def _larger(m: Any, x: Any, y: Any) -> Any:
    """What x receives of the larger of x and y; where one is NaN all."""
    return m.where(m.less(x, y), 0, m.where(m.equal(x, y), 0.5, 1))


def _on_one(m: Any, x: Any, low: Any, high: Any, bound: Any) -> Any:
    """A half where x stands on a bound and the other lies apart from it."""
    return m.where(m.less(low, high), m.where(m.equal(x, bound), 0.5, 0), 0)


def _kept(m: Any, x: Any, low: Any, high: Any) -> Any:
    """What x receives between two arrays; where they are equal and x as well, all of it."""
    shared = _on_one(m, x, low, high, low) + _on_one(m, x, low, high, high)
    return m.where(m.less(x, low), 0, m.where(m.less(high, x), 0, 1 - shared))


def _raised(m: Any, x: Any, low: Any, high: Any) -> Any:
    """What the lower of two arrays receives."""
    received = m.where(m.less(x, low), 1, _on_one(m, x, low, high, low))
    return m.where(m.less_equal(low, high), received, 0)


def _lowered(m: Any, x: Any, low: Any, high: Any) -> Any:
    """What the higher of two arrays receives."""
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
        return {"x": passed * _larger(m, -above, -high), "max": _larger(m, -high, -above)}
    passed = _within(m, _clipped(m, x, low, None), None, high)
    return {"x": passed * _larger(m, x, low), "min": passed * _larger(m, low, x)}


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
    found = elementwise(
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
    )
    return replace(found, extras=_EXTRAS, spellings=_SPELLINGS)


_BOUND_DOMAINS: Final = {"min": Domain(-1.5, 0.25), "max": Domain(0.0, 1.5)}
_EXTRAS: Final = Extras(_BOUNDS, _clip, stand_first=True)
_SPELLINGS: Final = MappingProxyType({"a_min": "min", "a_max": "max"})
"""As NumPy calls the bounds, too."""

RULES: Final[tuple[Rule, ...]] = (_clip(()),)
