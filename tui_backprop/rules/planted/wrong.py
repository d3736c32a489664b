"""A row with a bug in its derivatives: by which operands it has one, and what they become."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from tui_backprop.dataclass import replace
from tui_backprop.rules.derivative import Constant, Operand, Scalar, Structural
from tui_backprop.rules.planted.pulls import (
    Neighbour,
    OneSlice,
    negated,
    transposed,
    unweighted,
)
from tui_backprop.rules.sparsity import Tied

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tui_backprop.rules.derivative import Derivative
    from tui_backprop.rules.planted.kinds import Bug
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Params, Shape

    _Shapes: TypeAlias = tuple[Shape, ...]

UNSQUARED: Final[Mapping[tuple[str, int], Callable[..., Any]]] = {
    ("tanh", 0): lambda _m, y, _x: 1 - y,
    ("tan", 0): lambda _m, y, _x: 1 + y,
    ("arctan", 0): lambda _m, _y, x: 1 / (1 + x),
    ("arctanh", 0): lambda _m, _y, x: 1 / (1 - x),
    ("arcsin", 0): lambda m, _y, x: 1 / m.sqrt(1 - x),
    ("reciprocal", 0): lambda _m, y, _x: -y,
    ("divide", 1): lambda _m, _y, a, b: -a / b,
}
"""Slopes with a square in them, without it."""


def wrong_arguments(
    rule: Rule, bug: Bug, out: Shape, shapes: tuple[Shape, ...], params: Params
) -> tuple[int, ...]:
    """By which operands an application of a row can have a bug of a local derivative.

    Args:
        rule: the row.
        bug: none of those of sums.
        out: the shape of the result.
        shapes: of the operands.
        params: the static arguments.
    """
    return tuple(
        a
        for a, own in enumerate(rule.derivatives)
        if isinstance(own, Scalar | Structural) and _APPLIES[bug](rule, own, (out, *shapes), params)
    )


def _has_square(rule: Rule, own: Derivative, _shapes: _Shapes, _params: Params) -> bool:
    return (rule.name, own.argument) in UNSQUARED


def _is_square(_rule: Rule, own: Derivative, shapes: _Shapes, params: Params) -> bool:
    """Whether it is no matter of single entries, and the operand has the shape of the result."""
    out, *operands = shapes
    return (
        isinstance(own, Structural)
        and operands[own.argument] == out
        and isinstance(own.sparsity(out, tuple(operands), params), Tied)
        and (own.linear or own.part.jvp is not None)
    )


def _is_repeated(rule: Rule, own: Derivative, shapes: _Shapes, _params: Params) -> bool:
    return rule.elementwise and shapes[1 + own.argument] != shapes[0] and 0 not in shapes[0]


def _is_bent(rule: Rule, own: Derivative, _shapes: _Shapes, _params: Params) -> bool:
    """Whether the slope depends on where it is taken; of one operand, so that there is no doubt."""
    return (
        isinstance(own, Scalar)
        and len(rule.operands) == 1
        and rule.kink is None
        and not isinstance(own.partial, Constant | Operand)
    )


def _has_neighbours(_rule: Rule, own: Derivative, shapes: _Shapes, _params: Params) -> bool:
    is_varied = isinstance(own, Scalar) and not isinstance(own.partial, Constant)
    return is_varied and bool(shapes[0]) and shapes[0][-1] > 1


def _has_kink(rule: Rule, own: Derivative, _shapes: _Shapes, _params: Params) -> bool:
    return rule.elementwise and rule.kink is not None and isinstance(own, Scalar)


def _always(_rule: Rule, _own: Derivative, _shapes: _Shapes, _params: Params) -> bool:
    return True


def _never(_rule: Rule, _own: Derivative, _shapes: _Shapes, _params: Params) -> bool:
    return False


_APPLIES: Final[Mapping[Bug, Callable[..., bool]]] = {
    "missing-square": _has_square,
    "transposed": _is_square,
    "overwrite": _never,
    "forgotten-sum": _is_repeated,
    "stale": _never,
    "at-output": _is_bent,
    "wrong-index": _has_neighbours,
    "sign": _always,
    "forgotten-v": _always,
    "wrong-kink": _has_kink,
}


def wrong(rule: Rule, bug: Bug, arguments: tuple[int, ...]) -> Rule:
    """A row whose derivatives by some operands have a bug; its value stays as it is."""
    made = tuple(
        _MADE[bug](rule, own) if own is not None and a in arguments else own
        for a, own in enumerate(rule.derivatives)
    )
    return replace(rule, derivatives=made)


def _unsquared(rule: Rule, own: Scalar) -> Scalar:
    return replace(own, partial=UNSQUARED[rule.name, own.argument])


def _at_output(rule: Rule, own: Scalar) -> Scalar:
    """The slope at y; where the row writes it in y, that is the value at y."""
    slope, forward = own.partial, rule.forward

    def partial(m: Any, y: Any, _x: Any, **params: Any) -> Any:
        return slope(m, forward(m, y, **params), y, **params)

    return replace(own, partial=partial)


def _other_side(rule: Rule, own: Scalar) -> Scalar:
    """The slope beside the kink where the operand is a little larger, else a little smaller."""
    slope, forward, kink = own.partial, rule.forward, rule.kink
    if kink is None:
        raise AssertionError(f"{rule.name} is smooth")

    def partial(m: Any, y: Any, *operands: Any, **params: Any) -> Any:
        usual = slope(m, y, *operands, **params)
        if m is not np:
            return usual
        found = usual
        for end in (-np.inf, np.inf):
            moved = list(operands)
            moved[own.argument] = np.nextafter(operands[own.argument], end)
            there = slope(np, np.asarray(forward(np, *moved, **params)), *moved, **params)
            found = np.where(np.not_equal(there, usual), there, found)
        return np.where(np.equal(kink(np, *operands, **params), 0), found, usual)

    return replace(own, partial=partial)


_MADE: Final[Mapping[Bug, Callable[..., Derivative]]] = {
    "missing-square": _unsquared,
    "transposed": lambda _rule, own: transposed(own),
    "forgotten-sum": lambda _rule, own: OneSlice(own.argument, own.partial, own.masked),
    "at-output": _at_output,
    "wrong-index": lambda _rule, own: Neighbour(own.argument, own.partial, own.masked),
    "sign": lambda _rule, own: negated(own),
    "forgotten-v": lambda _rule, own: unweighted(own),
    "wrong-kink": _other_side,
}
