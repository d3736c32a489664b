"""Normalization of layers and batches, with the weight and bias that scale what comes out.

    z = (x − mean) / √(variance + eps), or x / √(mean of x² + eps)        y = z · weight + bias

``axis`` is one axis, several, or None for all. As in PyTorch a layer has a weight for each place
along the named axes, a batch one for each place along the others, its channels.
"""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.errors import ShapeError
from tui_backprop.language.message import said
from tui_backprop.rules.ops.elementwise.functions import mended
from tui_backprop.rules.ops.network.kept_statistics import KEPT, with_kept
from tui_backprop.rules.ops.network.softmax import ALONE, EXAMPLES
from tui_backprop.rules.reduction_slopes import (
    blocks,
    contrasts,
    mean_of,
    no_entries,
    of_block,
    same,
)
from tui_backprop.rules.rows import Part, call_text, structural
from tui_backprop.rules.rule import PLAIN, Example, Extras, Parameter, Traits
from tui_backprop.rules.shapes import normal_axes, reduced_count, refuse_axis_of_number
from tui_backprop.rules.sparsity import Tied

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.sparsity import Sparsity
    from tui_backprop.rules.types import Array, Index, Shape


_SMALL: Final = 1e-140
_HUGE: Final = 1e140
"""Beyond them squares begin to lose digits, or overflow."""
_FAR: Final = 1e10
"""The root of a mean is at most so much smaller than what it is the mean of."""


def root_of_mean_square(m: Any, x: Any, axis: Any, eps: float) -> Any:
    """√(mean of x² + ε) of every block; where squares would overflow, scaled by a power of two."""
    usual = m.sqrt(mean_of(m, x * x, axis) + eps)
    if m is not np:
        return usual
    if np.all((usual > _SMALL * _FAR) & (usual < _HUGE / _FAR)):  # so are the largest entries
        return usual
    axes = normal_axes(axis, x.shape)
    largest = np.max(np.abs(x), axis=axes, keepdims=True, initial=0)
    is_small = (largest < _SMALL) & (largest > 0) if eps == 0 else False
    is_rare = (largest > _HUGE) & (largest < np.inf) | is_small

    def rare() -> Any:
        _, exponent = np.frexp(largest)
        part = np.ldexp(x, -exponent)
        small = np.ldexp(np.asarray(eps, dtype=x.dtype), -2 * exponent)
        return np.ldexp(np.sqrt(mean_of(np, part * part, axis) + small), exponent)

    return mended(usual, is_rare, rare)


def _spread(m: Any, x: Any, axis: Any, eps: float) -> Any:
    """√(σ² + ε) of every block, of entries as they are."""
    mean = mean_of(m, x, axis)
    if m is np:
        return root_of_mean_square(m, x - mean, axis, eps)
    return m.sqrt(mean_of(m, x * x, axis) - mean * mean + eps)  # the same, in n terms, not n²


@dataclass(frozen=True, slots=True)
class Kind:
    """One way to normalize.

    Attributes:
        name: the op.
        is_centred: whether the mean is taken off.
        axis: the default.
        is_by_channel: whether weight and bias stand along the axes that are not named.
        summary: what it does.
    """

    name: str
    is_centred: bool
    axis: int
    is_by_channel: bool
    summary: str

    def normalized(self, m: Any, x: Any, axis: Any, eps: float) -> Any:
        """The entries z of x."""
        x = x - mean_of(m, x, axis) if self.is_centred else x
        return x / root_of_mean_square(m, x, axis, eps)

    def divisor(self, m: Any, x: Any, axis: Any, eps: float) -> Any:
        """The divisor of every block."""
        return (_spread if self.is_centred else root_of_mean_square)(m, x, axis, eps)

    def pulled(self, v: Array, x: Array, axis: Any, eps: float) -> Array:
        """The cotangent of x for one of z; J is symmetric."""
        apart = x - mean_of(np, x, axis) if self.is_centred else x
        divisor = root_of_mean_square(np, apart, axis, eps)
        z = apart / divisor
        found = v - z * mean_of(np, v * z, axis)
        if self.is_centred:
            found = found - mean_of(np, v, axis)
        return np.asarray(found / divisor)

    def entry(self, m: Any, j: Index, i: Index, z: Any, x: Any, axis: Any, eps: float) -> Any:
        """∂z[j]/∂x[i], where z gives an entry of z for its place."""
        shared = m.divide(int(self.is_centred) + z(j) * z(i), reduced_count(x.shape, axis))
        return (same(m, j, i, axis, x.shape) - shared) / self._divisor_at(m, i, x, axis, eps)

    def entry_of(self, m: Any, place: Index, x: Any, axis: Any, eps: float) -> Any:
        """One entry of z, or many."""
        if m is np:
            return self.normalized(np, x, axis, eps)[place]
        mean = 0
        if self.is_centred:
            mean = of_block(m, "mean", lambda b: mean_of(m, b, axis), x, place, axis)
        return (x[place] - mean) / self._divisor_at(m, place, x, axis, eps)

    def _divisor_at(self, m: Any, place: Index, x: Any, axis: Any, eps: float) -> Any:
        name = "deviation" if self.is_centred else "rms"
        return of_block(m, name, lambda b: self.divisor(m, b, axis, eps), x, place, axis)

    def axes(self, x: Shape, axis: Any) -> tuple[int, ...]:
        """The axes of x that weight and bias have."""
        named = normal_axes(axis, x)
        rest = tuple(a for a in range(len(x)) if a not in named)
        return rest if self.is_by_channel else named

    def placed(self, w: Any, x: Any, axis: Any) -> Any:
        """A weight, with as many axes as x has."""
        own = self.axes(x.shape, axis)
        return w.reshape(tuple(n if a in own else 1 for a, n in enumerate(x.shape)))

    def gathered(self, v: Array, w: Array, x: Array, axis: Any) -> Array:
        """The sum of what every place of a weight receives."""
        own = self.axes(x.shape, axis)
        gone = tuple(a for a in range(x.ndim) if a not in own)
        return np.reshape(np.sum(v, axis=gone), w.shape)

    def ties(self, out: Shape, x: Shape, w: Shape, axis: Any) -> Tied:
        """Which place of a weight each entry reads."""
        return Tied(out, w, tuple((a, k) for k, a in enumerate(self.axes(x, axis))))


def _shape(
    kind: Kind, extras: tuple[str, ...], x: Shape, *given: Shape, axis: Any, eps: float = 1e-5
) -> Shape:
    del eps
    refuse_axis_of_number(axis, x)
    expected = tuple(x[a] for a in kind.axes(x, axis))
    for name, w in zip(extras, given, strict=True):
        if w != expected:
            raise ShapeError(
                said(
                    "{op}: {name} {w} does not fit x {x} with axis={axis}: expected {expected}",
                    op=kind.name,
                    name=name,
                    w=w,
                    x=x,
                    axis=axis,
                    expected=expected,
                )
            )
    return x


def _scaled(kind: Kind, extras: tuple[str, ...], m: Any, x: Any, *given: Any, **static: Any) -> Any:
    y = kind.normalized(m, x, **static)
    for name, w in zip(extras, given, strict=True):
        placed = kind.placed(w, x, static["axis"])
        y = y * placed if name == "weight" else y + placed
    return y


def _weight(kind: Kind, extras: tuple[str, ...], x: Any, given: tuple[Any, ...], axis: Any) -> Any:
    """The factor of z."""
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


_NAMES: Final = {
    "rms_norm": ("weight",),
    "layer_norm": ("weight", "bias"),
    "batch_norm": (*KEPT, "weight", "bias"),
}


@cache
def _row(kind: Kind, extras: tuple[str, ...]) -> Rule:
    parameters = (
        Parameter("axis", "axis", kind.axis),
        Parameter("eps", "number", 1e-5, is_named=True),
    )
    optional = Extras(_NAMES[kind.name], partial(_row, kind), together=frozenset(KEPT))
    if KEPT[0] in extras:
        return with_kept(kind, extras, parameters, optional)
    parts = {"weight": _part_weight(kind), "bias": _part_bias(kind)}
    return structural(
        kind.name,
        " ".join(("x", *extras)),
        text=call_text(kind.name, "x", ("axis", "eps", *extras)),
        parameters=parameters,
        forward=partial(_scaled, kind, extras, axis=kind.axis, eps=1e-5),
        shape=partial(_shape, kind, extras),
        parts=(_part_x(kind, extras), *(parts[name] for name in extras)),
        summary=kind.summary,
        examples=_examples(kind, extras),
        extras=optional,
        traits=_CENTRED if kind.is_centred else PLAIN,
    )


_CENTRED: Final = Traits(
    alone="of one entry the mean is the entry itself, so that x - mean is 0 whatever x is"
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
        "given; its own statistics, or those that were kept, if running_mean and running_var are "
        "given, which receive no gradient",
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
