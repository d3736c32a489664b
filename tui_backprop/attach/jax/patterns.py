"""Which entries of the Jacobian of an equation can be non-zero, by the name of its primitive."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.rules.shapes import broadcast_ties
from tui_backprop.rules.sparsity import Gathered, Tied

if TYPE_CHECKING:
    from tui_backprop.attach.jax.record import Step
    from tui_backprop.rules.sparsity import Sparsity
    from tui_backprop.rules.types import Array, Shape

_ELEMENTWISE: Final = frozenset(
    ("abs acos acosh add add_any asin asinh atan atan2 atanh bessel_i0e bessel_i1e cbrt ceil clamp "
     "convert_element_type copy copy_p cos cosh custom_jvp_relu custom_jvp_relu6 custom_jvp_silu "
     "custom_jvp_logaddexp digamma div erf erf_inv erfc exp exp2 expm1 floor integer_pow lgamma "
     "log log1p logistic max min mul neg one_minus_square pow real reduce_precision rem round "
     "rsqrt select_n sign sin sinh sqrt square sub tan tanh").split()
)  # fmt: skip
"""Primitives whose entries meet entries of their operands at the same place."""
_MOVING: Final = frozenset(
    ("concatenate dynamic_slice dynamic_update_slice expand_dims gather index pad reshape rev "
     "slice split squeeze stack transpose").split()
)  # fmt: skip
"""Primitives whose every entry is one entry of one operand, or none of it."""
_WHOLE: Final = frozenset("expand_dims reshape rev squeeze transpose concatenate stack".split())
"""Those of them that read every entry of their operands once."""
_REDUCING: Final = frozenset(
    "argmax argmin reduce_max reduce_min reduce_prod reduce_sum reduce_and reduce_or".split()
)
_CUMULATIVE: Final = frozenset("cumlogsumexp cummax cummin cumprod cumsum sort".split())


def is_moving(step: Step) -> bool:
    """Whether entries of an equation's value are entries of its operands."""
    return step.name in _MOVING


def count_of(step: Step, out: Shape, argument: int) -> int | None:
    """How many entries the pattern has, where that is known without making it."""
    if step.name in _WHOLE:
        return prod(step.shapes[argument])
    if step.name in {"index", "slice", "dynamic_slice"}:
        return prod(out)
    return None


def pattern_of(step: Step, out: Shape, argument: int) -> Sparsity | None:
    """The pattern as far as name and parameters tell; None where they do not.

    Args:
        step: an equation; of several outputs nothing is known.
        out: the shape of its one output.
        argument: which of its operands that are differentiated.
    """
    own, name, params = step.shapes[argument], step.name, step.params
    if name in _ELEMENTWISE:
        return Tied(out, own, broadcast_ties(out, own)) if own in {out, ()} else None
    if name == "broadcast_in_dim":
        places = params["broadcast_dimensions"]
        return Tied(out, own, tuple((o, a) for a, o in enumerate(places) if own[a] == out[o]))
    if name in _REDUCING:
        kept = [a for a in range(len(own)) if a not in params["axes"]]
        return Tied(out, own, tuple(enumerate(kept)))
    if name in _CUMULATIVE:
        along = params["dimension"] if name == "sort" else params["axis"]
        return Tied(out, own, tuple((a, a) for a in range(len(own)) if a != along))
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
