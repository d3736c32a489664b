"""Batch normalization in evaluation: by a mean and a variance that were kept from training.

    y = (x − running_mean) / √(running_var + eps) · weight + bias

Each entry of x is on its own, and what was kept receives no gradient, as in PyTorch. All but x have
one entry for each channel, the axes that are not named.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np

from tui_backprop.errors import ShapeError
from tui_backprop.language.message import said
from tui_backprop.rules.rows import Part, call_text, structural
from tui_backprop.rules.rule import Domain, Example
from tui_backprop.rules.shapes import refuse_axis_of_number
from tui_backprop.rules.sparsity import Tied

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Extras, Parameter, Rule
    from tui_backprop.rules.types import Array, Index, Shape

KEPT: Final = ("running_mean", "running_var")
_MEAN, _VAR = range(2)


def _by_name(extras: tuple[str, ...], given: tuple[Any, ...]) -> dict[str, Any]:
    return dict(zip(extras, given, strict=True))


class Channels(Protocol):
    """What the other row of batch normalization knows of its channels, and says of itself."""

    @property
    def name(self) -> str:
        """The op."""

    @property
    def axis(self) -> int:
        """The default."""

    @property
    def summary(self) -> str:
        """What it does."""

    def axes(self, x: Shape, axis: Any) -> tuple[int, ...]:
        """The axes of x that a weight has."""

    def placed(self, w: Any, x: Any, axis: Any) -> Any:
        """A weight, with as many axes as x has."""

    def gathered(self, v: Array, w: Array, x: Array, axis: Any) -> Array:
        """The sum of what every place of a weight receives."""

    def ties(self, out: Shape, x: Shape, w: Shape, axis: Any) -> Tied:
        """Which place of a weight each entry reads."""


class _Evaluated:
    """What the row states; ``given`` are the operands beside x, in the order of ``extras``."""

    def __init__(self, kind: Channels, extras: tuple[str, ...]) -> None:
        self.kind = kind
        self.extras = extras

    def z(self, m: Any, x: Any, given: tuple[Any, ...], axis: Any, eps: float) -> Any:
        """The entries, neither scaled nor moved."""
        mean, var = (self.kind.placed(given[k], x, axis) for k in (_MEAN, _VAR))
        return (x - mean) / m.sqrt(var + eps)

    def forward(self, m: Any, x: Any, *given: Any, axis: Any, eps: float) -> Any:
        """The value."""
        named = _by_name(self.extras, given)
        y = self.z(m, x, given, axis, eps)
        if "weight" in named:
            y = y * self.kind.placed(named["weight"], x, axis)
        return y + self.kind.placed(named["bias"], x, axis) if "bias" in named else y

    def slope(self, x: Array, given: tuple[Array, ...], axis: Any, eps: float) -> Array:
        """∂y/∂x of every entry by itself."""
        named = _by_name(self.extras, given)
        weight = self.kind.placed(named["weight"], x, axis) if "weight" in named else 1
        var = self.kind.placed(given[_VAR], x, axis)
        return np.asarray(weight / np.sqrt(var + eps))

    def pull_x(self, v: Array, _y: Array, x: Array, *given: Array, axis: Any, eps: float) -> Array:
        """Entry by entry; the JVP is the same."""
        return np.asarray(v * self.slope(x, given, axis, eps))

    def entry_x(
        self, m: Any, j: Index, _i: Index, _y: Any, x: Any, *given: Any, axis: Any, eps: float
    ) -> Any:
        """The weight of the channel over its deviation."""
        place = tuple(j[a] for a in self.kind.axes(x.shape, axis))
        named = _by_name(self.extras, given)
        weight = named["weight"][place] if "weight" in named else 1
        return weight / m.sqrt(given[_VAR][place] + eps)

    def pull_weight(
        self, v: Array, _y: Array, x: Array, *given: Array, axis: Any, eps: float
    ) -> Array:
        """The sum over a channel of v·z."""
        w = given[self.extras.index("weight")]
        return self.kind.gathered(v * self.z(np, x, given, axis, eps), w, x, axis)

    def push_weight(
        self, t: Array, _y: Array, x: Array, *given: Array, axis: Any, eps: float
    ) -> Array:
        """The tangent of its channel times z."""
        return np.asarray(self.z(np, x, given, axis, eps) * self.kind.placed(t, x, axis))

    def entry_weight(
        self, m: Any, j: Index, _i: Index, _y: Any, x: Any, *given: Any, axis: Any, eps: float
    ) -> Any:
        """The entry of z."""
        place = tuple(j[a] for a in self.kind.axes(x.shape, axis))
        return (x[j] - given[_MEAN][place]) / m.sqrt(given[_VAR][place] + eps)

    def shape(self, x: Shape, *given: Shape, axis: Any, eps: float) -> Shape:
        """That of x, where all else has one entry for each channel."""
        del eps
        refuse_axis_of_number(axis, x)
        expected = tuple(x[a] for a in self.kind.axes(x, axis))
        for name, found in _by_name(self.extras, given).items():
            if found != expected:
                raise ShapeError(
                    said(
                        "{op}: {name} {w} does not fit x {x} with axis={axis}: expected {expected}",
                        op=self.kind.name,
                        name=name,
                        w=found,
                        x=x,
                        axis=axis,
                        expected=expected,
                    )
                )
        return x

    def examples(self) -> tuple[Example, ...]:
        """Channels last, first and in the middle, and none."""
        shapes: tuple[tuple[Shape, dict[str, Any]], ...] = (
            ((2, 3), {}),
            ((3,), {}),
            ((2, 3), {"axis": 1, "eps": 0.25}),
            ((2, 2, 3), {"axis": (0, -1)}),
            ((0, 2), {}),
        )
        found = []
        for x, params in shapes if len(self.extras) == len(KEPT) else shapes[:3]:
            channels = tuple(x[a] for a in self.kind.axes(x, params.get("axis", self.kind.axis)))
            found.append(Example((x, *(channels for _ in self.extras)), params))
        return tuple(found)


def _same(out: Shape, *_shapes: Shape, **_params: Any) -> Tied:
    return Tied(out, out, tuple((a, a) for a in range(len(out))))


def with_kept(
    kind: Channels, extras: tuple[str, ...], parameters: tuple[Parameter, ...], optional: Extras
) -> Rule:
    """The row of batch normalization with what was kept, and a weight and a bias if given."""
    row = _Evaluated(kind, extras)
    own = {
        "weight": Part(
            vjp=row.pull_weight,
            jvp=row.push_weight,
            sparsity=lambda out, x, w, *_, axis, eps: kind.ties(out, x, w, axis),
            entry=row.entry_weight,
        ),
        "bias": Part(
            vjp=lambda v, y, x, *given, axis, eps: kind.gathered(v, given[-1], x, axis),
            jvp=lambda t, y, x, *_, axis, eps: np.broadcast_to(kind.placed(t, x, axis), x.shape),
            sparsity=lambda out, x, *given, axis, eps: kind.ties(out, x, given[-1], axis),
            entry=lambda m, j, i, y, *_, axis, eps: 1,
        ),
    }
    of_x = Part(vjp=row.pull_x, jvp=row.pull_x, sparsity=_same, entry=row.entry_x)
    return structural(
        kind.name,
        " ".join(("x", *extras)),
        text=call_text(kind.name, "x", ("axis", "eps", *extras)),
        parameters=parameters,
        forward=partial(row.forward, axis=kind.axis, eps=1e-5),
        shape=row.shape,
        parts=(of_x, *(own.get(name) for name in extras)),
        summary=kind.summary,
        domains=(Domain(), *(_DOMAINS.get(name, Domain()) for name in extras)),
        examples=row.examples(),
        extras=optional,
    )


_DOMAINS: Final = {"running_var": Domain(0.25, 3.0)}
