"""The hinge loss over classes: the score of the right one shall lead every other by a margin.

    ℓ = w_t/C · Σ_{c ≠ t} max(0, margin − x_t + x_c)^p

In the row, ``x`` are scores (N, C) or (C,), ``t`` names a class of each sample, and ``weight`` is
that of each class, (C,). A mean is over the samples, whatever they weigh.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.errors import ArgumentError, ShapeError
from tui_backprop.language.message import said
from tui_backprop.rules.ops.losses.losses import NOTHING
from tui_backprop.rules.ops.losses.reduction import REDUCTION, gathered, reduced, reduced_part
from tui_backprop.rules.ops.losses.targets import (
    one_hot,
    plain_classes,
    sample_around,
    samples_of,
)
from tui_backprop.rules.rows import call_text, structural
from tui_backprop.rules.rule import Domain, Example, Extras, Parameter, Traits
from tui_backprop.rules.shapes import written_out
from tui_backprop.rules.slope_reasons import Kind

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.slope_reasons import Found, PartialAt
    from tui_backprop.rules.types import Array, Index, IntArray, Shape


def _behind(m: Any, x: Any, t: Any, margin: float) -> tuple[Any, Any]:
    """How far each class is within the margin of the right one, and which one that is."""
    own = one_hot(m, t, x.shape)
    own = own.astype(x.dtype) if m is np else own  # 1 and 0 of float64 would widen the rest
    right = m.sum(m.where(m.equal(own, 1), x, 0), axis=-1, keepdims=True)
    return margin - right + x, own


def _plain(x: Array, t: Array, margin: float) -> tuple[Array, tuple[IntArray, IntArray]] | None:
    """The same where labels are plain numbers of classes: how far, and the places of the right one.

    None where some are not, or a score is infinite or NaN.
    """
    named = plain_classes(t, x.shape) if x.ndim == 2 else None
    if named is None:
        return None
    at = np.arange(len(named)), named
    behind = (margin - x[at])[:, None] + x
    return (behind, at) if np.isfinite(behind).all() else None


def _others(m: Any, found: Any, own: Any) -> Any:
    """0 for the right class; NaN where a label names none."""
    return m.where(m.equal(own, 1), 0, found + 0 * own)


def _losses(
    m: Any, x: Any, t: Any, weight: Any = None, *, p: int = 1, margin: float = 1.0, **_static: Any
) -> Any:
    """One ℓ for each sample."""
    plain = _plain(x, t, margin) if m is np else None
    if plain is not None:
        behind, at = plain
        each = np.maximum(behind, 0) ** p
        each[at] = 0
        found = np.add.reduce(each, axis=-1) / x.shape[-1]
        return found if weight is None else found * weight[at[1]]
    behind, own = _behind(m, x, t, margin)
    each = _others(m, m.maximum(behind, 0) ** p, own)
    found = m.divide(m.sum(each, axis=-1), x.shape[-1])
    return found if weight is None else found * _weights(m, own, weight)[..., 0]


def _weights(m: Any, own: Any, weight: Any) -> Any:
    """The weight of the right class of each sample."""
    return m.sum(m.where(m.equal(own, 1), weight, 0), axis=-1, keepdims=True)


def _slopes(
    m: Any, x: Any, t: Any, weight: Any = None, *, p: int = 1, margin: float = 1.0, **_static: Any
) -> Any:
    """∂ℓ/∂x in x's shape: of the right class less than nothing, as much as of all others."""
    plain = _plain(x, t, margin) if m is np else None
    if plain is not None:
        behind, at = plain
        found = np.maximum(2 * behind, 0) if p == 2 else np.greater(behind, 0).astype(x.dtype)
        found[at] = 0
        found[at] = -np.add.reduce(found, axis=-1)
        found /= x.shape[-1]
        return found if weight is None else found * weight[at[1]][:, None]
    behind, own = _behind(m, x, t, margin)
    steepness = 2 * behind if p == 2 else m.ones_like(behind)
    pushed = _others(m, m.where(m.less(0, behind), steepness, 0 * behind), own)
    found = pushed - own * m.sum(pushed, axis=-1, keepdims=True)
    found = m.divide(found, x.shape[-1])
    return found if weight is None else found * _weights(m, own, weight)


def _slope_at(m: Any, i: Index, x: Any, t: Any, weight: Any = None, **static: Any) -> Any:
    """∂ℓ/∂x[i]; with symbols, from those of one sample."""
    if m is np:
        return _slopes(np, x, t, weight, **static)[i]
    of = None if weight is None else written_out(weight)
    target = np.asarray(t[samples_of(i)], dtype=object)
    return _slopes(m, sample_around(x, i), target, of, **static)[i[-1]]


def _within(axes: int) -> tuple[int, ...]:
    return (axes - 1,)


def _shape(
    x: Shape, t: Shape, weight: Shape | None = None,
    *, p: int = 1, margin: float = 1.0, reduction: str = "mean",
) -> Shape:  # fmt: skip
    del margin
    if len(x) not in {1, 2} or t != x[:-1]:
        raise ShapeError(
            said("multi_margin needs scores (N, C) or (C,), and for each sample the number of a "
                 "class; found {x} and {t}", x=x, t=t)
        )  # fmt: skip
    if weight is not None and weight != x[-1:]:
        raise ShapeError(
            said("multi_margin: weight {weight} does not fit scores {x}: expected one for each "
                 "class, {wanted}", weight=weight, x=x, wanted=x[-1:])
        )  # fmt: skip
    if p not in {1, 2}:
        raise ArgumentError(said("p must be 1 or 2, found {p}", p=p))
    return reduced(samples_of(x), reduction)


def _kink(
    m: Any, x: Any, t: Any, _weight: Any = None,
    *, p: int = 1, margin: float = 1.0, reduction: str = "mean",
) -> Any:  # fmt: skip
    """How far the nearest class is from the margin."""
    del p
    behind, own = _behind(m, x, t, margin)
    distances = np.where(np.equal(own, 1), np.inf, np.abs(behind))
    nearest = np.min(distances, axis=-1, initial=np.inf)
    return nearest if reduction == "none" else np.min(nearest, initial=np.inf)


def _beyond(at: PartialAt) -> Found | None:
    """Why a slope is 0: no class is within the margin, or not this one."""
    if at.argument != 0:
        return None
    x, labels = at.operands[0], at.operands[1]
    sample = at.i // x.shape[-1]
    behind, own = _behind(np, x, labels, at.params["margin"])
    if not np.isfinite(own).all() or own.flat[at.i] == 1:
        others = np.where(own == 1, -np.inf, behind).reshape(-1, x.shape[-1])[sample]
        if not (others <= 0).all():
            return None
        return Kind.CLIPPED, said(
            "{score} leads every other score by the margin", score=at.entry(0, at.i)
        )
    if behind.flat[at.i] > 0:
        return None
    return Kind.CLIPPED, said(
        "{score} stays behind that of its class by the margin", score=at.entry(0, at.i)
    )


_EXAMPLES: Final = (
    Example(((2, 3), (2,))),
    Example(((3,), ())),
    Example(((2, 3), (2,)), {"reduction": "none", "margin": 2.0}),
    Example(((2, 3), (2,)), {"p": 2, "reduction": "sum"}),
    Example(((0, 3), (0,)), {"reduction": "none"}),
)
_CLASSES: Final = Domain(values=(0.0, 1.0, 2.0))
_WEIGHTS: Final = Domain(0.25, 3.0)


@cache
def _row(extras: tuple[str, ...]) -> Rule:
    return structural(
        "multi_margin",
        " ".join(("x", "t", *extras)),
        text=call_text("multi_margin", "xt", ("p", "margin", "reduction", *extras)),
        parameters=(
            Parameter("p", "int", 1),
            Parameter("margin", "number", 1.0),
            REDUCTION,
        ),
        forward=lambda m, x, *others, reduction="mean", **static: gathered(
            m, _losses(m, x, *others, **static), samples_of(x.shape), reduction
        ),
        shape=_shape,
        parts=(
            reduced_part(0, _slopes, _slope_at, within=_within),
            None,
            *(None for _ in extras),
        ),
        summary="how far scores come within a margin of that of the class t, or lead it",
        kink=_kink,
        convention="0 where a score is exactly a margin behind (multi_margin_loss in PyTorch)",
        domains=(Domain(), _CLASSES, *(_WEIGHTS for _ in extras)),
        examples=tuple(
            Example((*e.shapes, *(e.shapes[0][-1:] for _ in extras)), e.params) for e in _EXAMPLES
        ),
        extras=Extras(("weight",), _row),
        reasons=(NOTHING,),
        traits=Traits(zero=_beyond),
    )


RULES: Final[tuple[Rule, ...]] = (_row(()),)
