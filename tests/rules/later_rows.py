"""Two rows as later ones will be written: proof that the factories carry what is still to come.

They walk through the same tests as the table, so that a new kind of row is known to fit before it
is needed: dense blocks along an axis with a JVP of their own, and static numbers with two kinks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui_backprop.rules.axes import normal_axis
from tui_backprop.rules.rows import Part, elementwise, structural
from tui_backprop.rules.rule import Example, Parameter
from tui_backprop.rules.sparsity import Tied

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Shape


def _softmax(m: Any, x: Any, axis: int = -1) -> Any:
    e = m.exp(x)
    return e / m.sum(e, axis=axis, keepdims=True)


def _blocks(x: Shape, axis: int) -> Tied:
    chosen = normal_axis(axis, x)
    return Tied(x, x, tuple((a, a) for a in range(len(x)) if a != chosen))


def _pulled(v: Any, y: Any, _x: Any, axis: int = -1) -> Any:
    return y * (v - (v * y).sum(axis=axis, keepdims=True))


LATER: tuple[Rule, ...] = (
    structural(
        "softmax",
        "x",
        text="softmax({x}, axis={axis})",
        parameters=(Parameter("axis", "axis", -1),),
        forward=_softmax,
        shape=lambda x, axis=-1: x,
        parts=(
            Part(
                vjp=_pulled,
                jvp=_pulled,  # J is symmetric
                sparsity=lambda out, x, axis=-1: _blocks(x, axis),
                entry=lambda m, j, i, y, x, axis=-1: (
                    y[j] * (m.where(m.equal(j[axis], i[axis]), 1, 0) - y[i])
                ),
            ),
        ),
        summary="exp(x) / Σ exp(x) along one axis",
        examples=(Example(((3,),)), Example(((2, 3),), {"axis": 0}), Example(((2, 0),))),
    ),
    elementwise(
        "clip",
        "x",
        text="clip({x}, {min}, {max})",
        parameters=(Parameter("min", "number"), Parameter("max", "number")),
        forward=lambda m, x, min, max: m.minimum(m.maximum(x, min), max),  # noqa: A006 - NumPy's
        partials=(
            lambda m, y, x, min, max: m.where(  # noqa: A006 - NumPy's names
                m.logical_and(m.less_equal(min, x), m.less_equal(x, max)), 1, 0
            ),
        ),
        masked=True,
        summary="x, held between two bounds",
        kink=lambda m, x, min, max: (x - min) * (x - max),  # noqa: A006 - NumPy's names
        convention="the gradient passes at the bounds",
        examples=(Example(((2, 3),), {"min": 0, "max": 1}), Example(((),), {"min": -1, "max": 0})),
    ),
)
