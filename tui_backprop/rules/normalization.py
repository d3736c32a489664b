"""Normalization of layers and batches, with the weight and bias that scale what comes out.

    z = (x − mean) / √(variance + eps), or x / √(mean of x² + eps)        y = z · weight + bias

It stands apart from the softmax because these have operands that may be left out. In a row, ``m``
is the interpretation (NumPy, or SymPy under NumPy's names), ``x`` the operand, ``y`` the value,
``v`` its cotangent, ``axis`` one axis, several, or None for all. As in PyTorch a layer has a weight
for each place along the named axes, a batch one for each place along the others, its channels.
"""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.errors import ShapeError
from tui_backprop.rules.blocks import blocks, contrasts
from tui_backprop.rules.reduction_slopes import no_entries
from tui_backprop.rules.rows import Part, structural
from tui_backprop.rules.rule import Example, Extras, Parameter
from tui_backprop.rules.shapes import reduced_count, refuse_axis_of_number
from tui_backprop.rules.softmax import ALONE, EXAMPLES
from tui_backprop.rules.standardized import Kind

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.sparsity import Sparsity
    from tui_backprop.rules.types import Array, Index, Shape


def _shape(
    kind: Kind, extras: tuple[str, ...], x: Shape, *given: Shape, axis: Any, eps: float = 1e-5
) -> Shape:
    del eps
    refuse_axis_of_number(axis, x)
    expected = tuple(x[a] for a in kind.axes(x, axis))
    for name, w in zip(extras, given, strict=True):
        if w != expected:
            raise ShapeError(
                f"{kind.name}: {name} {w} does not fit x {x} with axis={axis}: expected {expected}"
            )
    return x


def _scaled(kind: Kind, extras: tuple[str, ...], m: Any, x: Any, *given: Any, **static: Any) -> Any:
    y = kind.normalized(m, x, **static)
    for name, w in zip(extras, given, strict=True):
        placed = kind.placed(w, x, static["axis"])
        y = y * placed if name == "weight" else y + placed
    return y


def _weight(kind: Kind, extras: tuple[str, ...], x: Any, given: tuple[Any, ...], axis: Any) -> Any:
    """What z is multiplied by."""
    return kind.placed(given[0], x, axis) if "weight" in extras else 1


def _part_x(kind: Kind, extras: tuple[str, ...]) -> Part:
    def pull(v: Array, _y: Array, x: Array, *given: Array, axis: Any, eps: float) -> Array:
        return kind.pulled(v * _weight(kind, extras, x, given, axis), x, axis, eps)

    def push(t: Array, _y: Array, x: Array, *given: Array, axis: Any, eps: float) -> Array:
        pushed = kind.pulled(t, x, axis, eps) * _weight(kind, extras, x, given, axis)
        return np.asarray(pushed)

    def entry(
        m: Any, j: Index, i: Index, y: Any, x: Any, *given: Any, axis: Any, eps: float
    ) -> Any:
        if not extras:
            return kind.entry(m, j, i, lambda place: y[place], x, axis, eps)
        z = partial(kind.entry_of, m, x=x, axis=axis, eps=eps)
        found = kind.entry(m, j, i, z, x, axis, eps)
        if "weight" not in extras:
            return found
        return found * given[0][tuple(j[a] for a in kind.axes(x.shape, axis))]

    def sparsity(_out: Shape, x: Shape, *_given: Shape, axis: Any, eps: float) -> Sparsity:
        del eps
        return contrasts(x, axis) if kind.is_centred else blocks(x, axis)

    less = " − mean of u" if kind.is_centred else ""
    whole = f"(u − z · mean of u·z{less})/deviation, where u = v · weight"
    return Part(vjp=pull, jvp=push, sparsity=sparsity, entry=entry, whole=whole)


def _part_weight(kind: Kind) -> Part:
    def push(t: Array, _y: Array, x: Array, *_: Array, axis: Any, eps: float) -> Array:
        return np.asarray(kind.normalized(np, x, axis, eps) * kind.placed(t, x, axis))

    def sparsity(out: Shape, x: Shape, w: Shape, *_: Shape, axis: Any, eps: float) -> Sparsity:
        del eps
        if kind.is_centred and reduced_count(x, axis) == 1:
            return no_entries(out, w)  # an entry less itself is 0
        return kind.ties(out, x, w, axis)

    return Part(
        vjp=lambda v, y, x, w, *_, axis, eps: kind.gathered(
            v * kind.normalized(np, x, axis, eps), w, x, axis
        ),
        jvp=push,
        sparsity=sparsity,
        whole="Σ v·z" if kind.is_centred else "",
        entry=lambda m, j, i, y, x, *_, axis, eps: kind.entry_of(m, j, x, axis, eps),
    )


def _part_bias(kind: Kind) -> Part:
    return Part(
        vjp=lambda v, y, x, *given, axis, eps: kind.gathered(v, given[-1], x, axis),
        jvp=lambda t, y, x, *_, axis, eps: np.broadcast_to(kind.placed(t, x, axis), x.shape),
        sparsity=lambda out, x, *given, axis, eps: kind.ties(out, x, given[-1], axis),
        entry=lambda m, j, i, y, *_, axis, eps: 1,
    )


def _examples(kind: Kind, extras: tuple[str, ...]) -> tuple[Example, ...]:
    apart = Example(((2, 3),), {"axis": 1, "eps": 0.25})
    plain = (*EXAMPLES, *ALONE, apart) if kind.is_centred else (*EXAMPLES, ALONE[1], apart)
    if not extras:
        return plain
    found = []
    for example in plain:
        (x,) = example.shapes
        w = tuple(x[a] for a in kind.axes(x, example.params.get("axis", kind.axis)))
        found.append(Example((x, *(w for _ in extras)), example.params))
    return tuple(found)


@cache
def _row(kind: Kind, extras: tuple[str, ...]) -> Rule:
    parts = {"weight": _part_weight(kind), "bias": _part_bias(kind)}
    named = "".join(f", {name}={{{name}}}" for name in extras)
    names = ("weight",) if kind.name == "rms_norm" else ("weight", "bias")
    return structural(
        kind.name,
        " ".join(("x", *extras)),
        text=f"{kind.name}({{x}}, axis={{axis}}, eps={{eps}}{named})",
        parameters=(
            Parameter("axis", "axis", kind.axis),
            Parameter("eps", "number", 1e-5, is_named=True),
        ),
        forward=partial(_scaled, kind, extras, axis=kind.axis, eps=1e-5),
        shape=partial(_shape, kind, extras),
        parts=(_part_x(kind, extras), *(parts[name] for name in extras)),
        summary=kind.summary,
        examples=_examples(kind, extras),
        extras=Extras(names, partial(_row, kind)),
    )


_KINDS: Final = (
    Kind(
        "layer_norm",
        is_centred=True,
        axis=-1,
        is_by_channel=False,
        summary="(x − mean) / √(variance + eps) along an axis, scaled and moved by what is given; "
        "biased variance",
    ),
    Kind(
        "batch_norm",
        is_centred=True,
        axis=0,
        is_by_channel=True,
        summary="(x − mean) / √(variance + eps) over the batch, scaled and moved by what is "
        "given; its own statistics, none kept from before",
    ),
    Kind(
        "rms_norm",
        is_centred=False,
        axis=-1,
        is_by_channel=False,
        summary="x / √(mean of x² + eps) along an axis, scaled by what is given; PyTorch's "
        "default eps is the dtype's own",
    ),
)

RULES: Final[tuple[Rule, ...]] = tuple(_row(kind, ()) for kind in _KINDS)
