"""Which entries of the Jacobian of an equation can be non-zero, by the name of its primitive."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.rules.shapes import broadcast_ties
from tui_backprop.rules.sparsity import Gathered, Running, Tied

if TYPE_CHECKING:
    from tui_backprop.attach.jax.record import Step
    from tui_backprop.rules.sparsity import Sparsity
    from tui_backprop.rules.types import Array, Shape

_ELEMENTWISE: Final = (
    "abs acos acosh add add_any asin asinh atan atan2 atanh bessel_i0e bessel_i1e cbrt ceil clamp "
    "convert_element_type copy copy_p cos cosh custom_jvp_logaddexp custom_jvp_relu "
    "custom_jvp_relu6 custom_jvp_silu digamma div erf erf_inv erfc exp exp2 expm1 floor "
    "integer_pow lgamma log log1p logistic max min mul neg one_minus_square pow reduce_precision "
    "rem round rsqrt select_n sign sin sinh sqrt square sub tan tanh"
)
"""Primitives whose entries meet entries of their operands at the same place."""
_WHOLE: Final = "concatenate expand_dims reshape rev squeeze stack transpose"
"""Primitives whose every entry is one entry of one operand, and which read each of them once."""
_SOME: Final = "dynamic_slice dynamic_update_slice gather index pad slice split"
"""Primitives whose every entry is one entry of one operand, or none."""
_REDUCING: Final = "reduce_max reduce_min reduce_prod reduce_sum"
_CUMULATIVE: Final = "cumlogsumexp cummax cummin cumprod cumsum"
_NAMES_ELEMENTWISE: Final = frozenset(_ELEMENTWISE.split())
_NAMES_MOVING: Final = frozenset(f"{_WHOLE} {_SOME}".split())


def is_moving(step: Step) -> bool:
    """Whether entries of an equation's value are entries of its operands."""
    return step.primitive in _NAMES_MOVING


def count_of(step: Step, out: Shape, argument: int) -> int | None:
    """How many entries the pattern has, where that is known without making it."""
    if step.primitive in _WHOLE.split():
        return prod(step.shapes[argument])
    if step.primitive in {"index", "slice", "dynamic_slice"}:
        return prod(out)
    return None


def pattern_of(step: Step, out: Shape, argument: int) -> Sparsity | None:
    """The pattern as far as name and parameters tell; None where they do not.

    Args:
        step: an equation; of several outputs nothing is known.
        out: the shape of its one output.
        argument: which of its operands that are differentiated.
    """
    own, name, params = step.shapes[argument], step.primitive, step.params
    if name in _NAMES_ELEMENTWISE:
        return Tied(out, own, broadcast_ties(out, own)) if own in {out, ()} else None
    if name == "broadcast_in_dim":
        places = params["broadcast_dimensions"]
        return Tied(out, own, tuple((o, a) for a, o in enumerate(places) if own[a] == out[o]))
    if name in _REDUCING.split():
        kept = [a for a in range(len(own)) if a not in params["axes"]]
        return Tied(out, own, tuple(enumerate(kept)))
    if name in _CUMULATIVE.split():
        if name == "cumsum" and not params["reverse"]:
            return Running(own, params["axis"])
        return Tied(out, own, tuple((a, a) for a in range(len(own)) if a != params["axis"]))
    if name == "dot_general":
        return _product(params, out, step, argument)
    return None


def _product(params: dict[str, Any], out: Shape, step: Step, argument: int) -> Sparsity | None:
    """The value has the axes of the batch, then the free ones of the left, then of the right."""
    contracted, batch = params["dimension_numbers"]
    position, own = step.positions[argument], step.shapes[argument]
    taken = {*contracted[position], *batch[position]}
    free = [a for a in range(len(own)) if a not in taken]
    start = len(batch[0]) if position == 0 else len(out) - len(free)
    ties = [*enumerate(batch[position]), *enumerate(free, start)]
    return Tied(out, own, tuple(ties))


def moved_from(found: Array, size: int) -> Sparsity:
    """The pattern of what moves entries, by what it made of the numbers 1 … n.

    Args:
        found: that; 0 where none was read.
        size: n.
    """
    return Gathered(found.ravel().astype(np.intp) - 1, size)
