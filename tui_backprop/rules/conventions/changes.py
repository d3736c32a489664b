"""How a row's derivatives are changed at a special point, and stay as they are elsewhere.

A change takes a row and says what its derivatives become. Which entries are at the point is asked
of the numbers; a formula is the row's own, since it is written for a place, whatever stands there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tui_backprop.dataclass import dataclass, replace
from tui_backprop.rules.derivative import Part, Scalar, Structural, reading
from tui_backprop.rules.reduction_slopes import as_lines, from_lines
from tui_backprop.rules.shapes import normal_axes, reduced_shape, spread, take

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from tui_backprop.rules.derivative import Derivative, Operands, Pull
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array, Index, Params

    At: TypeAlias = Callable[..., Any]
    Derivatives: TypeAlias = tuple[Derivative | None, ...]
    Change: TypeAlias = Callable[[Rule, At], Derivatives]
    Slope: TypeAlias = float | Callable[..., Any] | None


def slopes(*stated: Slope) -> Change:
    """Of an elementwise row the slope by each operand there.

    A slope is a number or ``(m, y, *operands, **params)`` → slope; None leaves an operand's as it
    is.
    """

    def change(rule: Rule, at: At) -> Derivatives:
        return tuple(
            replace(own, partial=_instead(own.partial, at, slope))
            if isinstance(own, Scalar) and slope is not None
            else own
            for own, slope in zip(rule.derivatives, stated, strict=True)
        )

    return change


def _instead(own: Callable[..., Any], at: At, slope: Slope) -> Callable[..., Any]:
    def partial(m: Any, y: Any, *operands: Any, **params: Any) -> Any:
        usual = own(m, y, *operands, **params)
        if m is not np:
            return usual
        there = slope(m, y, *operands, **params) if callable(slope) else slope
        return np.where(at(y, *operands, **params), there, usual)

    return partial


@dataclass(frozen=True, slots=True)
class _Silent(Scalar):
    """A scalar derivative that hands on 0 where v is 0 and the slope infinite."""

    def bound(self, params: Params, at: tuple[int, ...]) -> Pull:
        """As the row's, but for those entries."""
        slope = reading(self.partial, params, at)
        return lambda v, values: self.contribution(v, slope(values)).astype(v.dtype, copy=False)

    def contribution(self, v: Any, partial: Any) -> Array:
        """The product as `bound` makes it."""
        found = Scalar.contribution(self, v, partial)
        return np.where(np.equal(v, 0) & np.isinf(partial), 0, found)


def silent(rule: Rule, _at: At) -> Derivatives:
    """What an elementwise row becomes where a v of 0 is not multiplied by an infinite slope."""
    return tuple(
        own if own is None else _Silent(own.argument, own.partial, own.masked)
        for own in rule.derivatives
        if own is None or isinstance(own, Scalar)
    )


def _part_of(rule: Rule) -> Part:
    """What a structural row of one operand states."""
    (own,) = rule.derivatives
    if not isinstance(own, Structural):
        raise AssertionError(f"{rule.name} is elementwise")
    return own.part


def _of_part(rule: Rule, part: Part) -> Derivatives:
    """The derivatives of such a row that states another part."""
    return (Structural(0, rule.forward, part),)


def group_slopes(slope: Callable[..., Array]) -> Change:
    """Of a reduction the slopes of the entries of a group that is at the point.

    ``slope`` is ``(x, y, axes)`` → the slope of each entry, in x's shape, where y has x's axes.
    """

    def change(rule: Rule, at: At) -> Derivatives:
        return _of_part(rule, _Grouped(_part_of(rule), at, slope).changed())

    return change


@dataclass(frozen=True, slots=True, eq=False)
class _Grouped:
    """A reduction's part, changed for the groups at a point."""

    own: Part
    at: Callable[..., Any]
    slope: Callable[..., Array]

    def changed(self) -> Part:
        """The part with the changes."""
        return replace(self.own, vjp=self._vjp, jvp=self._jvp, entry=self._entry, linear=False)

    def _slopes(self, y: Array, x: Array, axis: Any, params: Params) -> tuple[Array, Array]:
        """Which entries of y are made of a group at the point, and the slope of each of x."""
        met = np.broadcast_to(self.at(y, x, axis=axis, **params), np.shape(y))
        kept = np.reshape(y, reduced_shape(x.shape, axis, keepdims=True))
        with np.errstate(all="ignore"):
            slope = self.slope(x, kept, normal_axes(axis, x.shape))
        return met, np.broadcast_to(slope, x.shape)

    def _vjp(self, v: Array, y: Array, x: Array, axis: Any = None, **params: Any) -> Array:
        met, slope = self._slopes(y, x, axis, params)
        usual = self.own.vjp(v, y, x, axis=axis, **params)
        there = spread(v, x.shape, axis) * slope
        return np.where(spread(met, x.shape, axis), there, usual).astype(x.dtype, copy=False)

    def _jvp(
        self, t: Array, y: Array, x: Array, axis: Any = None, keepdims: bool = False, **params: Any
    ) -> Array:
        params["keepdims"] = keepdims
        if self.own.jvp is None:
            raise AssertionError("a reduction with ties is not linear")
        met, slope = self._slopes(y, x, axis, params)
        moved = np.where(spread(met, x.shape, axis), t * slope, 0)
        axes = normal_axes(axis, x.shape)
        there = np.sum(moved, axis=axes, keepdims=keepdims)
        return np.where(met, there, self.own.jvp(t, y, x, axis=axis, **params))

    def _entry(
        self, m: Any, j: Index, i: Index, y: Any, x: Any, axis: Any = None, **params: Any
    ) -> Any:
        usual = self.own.entry(m, j, i, y, x, axis=axis, **params)
        if m is not np:
            return usual
        met, slope = self._slopes(np.asarray(y), x, axis, params)
        return np.where(take(spread(met, x.shape, axis), i), take(slope, i), usual)


def each(x: Array, y: Array, _axes: tuple[int, ...]) -> Array:
    """1 to each entry that has the value."""
    return np.equal(x, y).astype(x.dtype)


def first(x: Array, y: Array, axes: tuple[int, ...]) -> Array:
    """1 to the first entry that has the value."""
    lines = as_lines(np.equal(x, y), axes)
    found = np.zeros_like(lines)
    if lines.shape[-1]:
        np.put_along_axis(found, np.argmax(lines, axis=-1)[..., None], True, axis=-1)
        found &= lines
    return from_lines(found, x.shape, axes).astype(x.dtype)


def to_nan(x: Array, _y: Array, axes: tuple[int, ...]) -> Array:
    """Shared alike by the entries that are NaN."""
    found = np.isnan(x)
    return np.asarray(np.divide(found, np.sum(found, axis=axes, keepdims=True)))


def nan_to_each(x: Array, y: Array, _axes: tuple[int, ...]) -> Array:
    """NaN to each entry that has the value, 0 to the others."""
    return np.where(np.equal(x, y), np.nan, 0)


def by_magnitude(choose: Callable[..., Array]) -> Callable[..., Array]:
    """The same among the magnitudes, with the sign of each entry."""
    return lambda x, y, axes: np.sign(x) * choose(np.abs(x), y, axes)


def everywhere(number: float) -> Callable[..., Array]:
    """The same slope for each entry of the group."""
    return lambda x, _y, _axes: np.full(x.shape, number)


def quotient(x: Array, y: Array, _axes: tuple[int, ...]) -> Array:
    """The product divided by the entry: NaN for an entry that is 0."""
    return np.asarray(np.divide(y, x))


def vanishing(rule: Rule, at: At) -> Derivatives:
    """What the determinant's derivative becomes where it is 0 with the determinant."""
    part = _part_of(rule)

    def vjp(v: Array, y: Array, a: Array) -> Array:
        return np.where(np.asarray(at(y, a))[..., None, None], 0, part.vjp(v, y, a))

    def jvp(t: Array, y: Array, a: Array) -> Array:
        if part.jvp is None:
            raise AssertionError("a determinant is not linear")
        return np.where(at(y, a), 0, part.jvp(t, y, a))

    def entry(m: Any, j: Index, i: Index, y: Any, a: Any) -> Any:
        usual = part.entry(m, j, i, y, a)
        return usual if m is not np else np.where(take(at(np.asarray(y), a), j), 0, usual)

    return _of_part(rule, replace(part, vjp=vjp, jvp=jvp, entry=entry))


def divided_cumprod(*, is_guarded: bool) -> Change:
    """Running products differentiated by dividing by the entry; guarded, 0 where that is 0."""

    def over(a: Any, x: Any) -> Any:
        found = np.divide(a, x)
        return np.where(np.equal(x, 0), 0, found) if is_guarded else found

    def change(rule: Rule, at: At) -> Derivatives:
        part = _part_of(rule)

        def vjp(v: Array, y: Array, x: Array, axis: Any = None) -> Array:
            usual, lines, along = part.vjp(v, y, x, axis=axis), v * y, axis
            if axis is None or not x.ndim:
                lines, along = lines.reshape(-1), 0
            with np.errstate(all="ignore"):
                summed = np.flip(np.cumsum(np.flip(lines, along), axis=along), along)
                return np.where(_in_line(at, y, x, axis), over(summed.reshape(x.shape), x), usual)

        def jvp(t: Array, y: Array, x: Array, axis: Any = None) -> Array:
            if part.jvp is None:
                raise AssertionError("running products are not linear")
            with np.errstate(all="ignore"):
                moved = y * np.cumsum(over(t, x), axis=axis).reshape(np.shape(y))
            return np.where(at(y, x, axis=axis), moved, part.jvp(t, y, x, axis=axis))

        def entry(m: Any, j: Index, i: Index, y: Any, x: Any, axis: Any = None) -> Any:
            usual = part.entry(m, j, i, y, x, axis=axis)
            if m is not np:
                return usual
            with np.errstate(all="ignore"):
                return np.where(_in_line(at, y, x, axis)[i], over(y[j], x[i]), usual)

        return _of_part(rule, replace(part, vjp=vjp, jvp=jvp, entry=entry))

    return change


def _in_line(at: At, y: Any, x: Any, axis: Any) -> Array:
    """Which entries of x lie on a line that is at the point."""
    return np.broadcast_to(at(np.asarray(y), x, axis=axis), np.shape(y)).reshape(x.shape)


def of_loss(*stated: Callable[..., Any] | None) -> Change:
    """Of a loss that compares entries the slope of ℓ by each operand: ``(x, t, **params)``.

    None leaves an operand's slope as it is.
    """

    def change(rule: Rule, at: At) -> Derivatives:
        return tuple(
            Structural(own.argument, rule.forward, _of_loss(own.part, at, slope))
            if isinstance(own, Structural) and slope is not None
            else own
            for own, slope in zip(rule.derivatives, stated, strict=True)
        )

    return change


def _of_loss(part: Part, at: At, slope: Callable[..., Any]) -> Part:
    def row(y: Array, operands: Operands, reduction: str, params: Params) -> tuple[Array, Array]:
        met = np.broadcast_to(np.asarray(at(y, *operands, **params)), operands[0].shape)
        found = np.broadcast_to(slope(*operands, **params), met.shape)
        return met, found / met.size if reduction == "mean" else found

    def vjp(v: Array, y: Array, *operands: Any, reduction: str = "mean", **params: Any) -> Array:
        met, found = row(y, operands, reduction, params)
        usual = part.vjp(v, y, *operands, reduction=reduction, **params)
        return np.where(met, v * found, usual).astype(usual.dtype, copy=False)

    def jvp(t: Array, y: Array, *operands: Any, reduction: str = "mean", **params: Any) -> Array:
        slopes_of_all = vjp(np.ones_like(y), y, *operands, reduction=reduction, **params)
        product = t * slopes_of_all
        return product if reduction == "none" else np.asarray(np.sum(product))

    def entry(
        m: Any, j: Index, i: Index, y: Any, *operands: Any, reduction: str = "mean", **params: Any
    ) -> Any:
        usual = part.entry(m, j, i, y, *operands, reduction=reduction, **params)
        if m is not np:
            return usual
        met, found = row(y, operands, reduction, params)
        return np.where(take(met, i), take(found, i), usual)

    return replace(part, vjp=vjp, jvp=jvp, entry=entry)
