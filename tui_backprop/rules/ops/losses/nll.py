"""The negative log-likelihood: of log-probabilities the one of the class that a target names.

In a row, ``p_log`` are log-probabilities, ``t`` is the target, and ``weight`` that of each class;
see ``classification``.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.dataclass import replace
from tui_backprop.errors import ShapeError
from tui_backprop.language.message import said
from tui_backprop.rules.ops.losses.classification import (
    IGNORE,
    INDEXED,
    REASONS,
    checked,
    domains,
    gathered_losses,
    hint,
    ignored,
    with_weights,
)
from tui_backprop.rules.ops.losses.reduction import (
    REDUCTION,
    gathered,
    reading_some,
    reduced,
    reduced_part,
)
from tui_backprop.rules.ops.losses.targets import (
    IGNORED,
    class_axis,
    class_weights,
    classes_of,
    is_ignored,
    of_class,
    one_hot,
    one_hot_at,
    other_class,
    plain_classes,
    samples_of,
    sent_to_classes,
    total_weight,
    zero_of_chosen,
)
from tui_backprop.rules.rows import call_text, structural
from tui_backprop.rules.rule import Domain, Extras, Traits

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array, Index, IntArray, Shape


def _nll_slope_at(m: Any, i: Index, p_log: Any, t: Any, weight: Any = None, **_static: Any) -> Any:
    c = i[class_axis(len(i))]
    of = None if weight is None else weight[(c,)]
    return -one_hot_at(m, t[samples_of(i)], c, classes_of(p_log.shape), of)


def _named_classes(
    p_log: Array, t: Array, *_weight: Array, ignore_index: int = IGNORED, **_static: Any
) -> Array:
    """Which log-probabilities count: of each sample that of its class.

    All of a sample whose target names no class: its loss is NaN.
    """
    is_read = one_hot(np, t, p_log.shape) != 0  # NaN where there is no such class
    is_out = is_ignored(np, t, ignore_index)
    return np.asarray(is_read & ~np.expand_dims(is_out, class_axis(p_log.ndim)))


def _places(named: IntArray, shape: Shape) -> IntArray:
    """Where the scores that samples name stand, all rows of the matrix one after the other."""
    return np.arange(0, shape[0] * shape[1], shape[1]) + named


def _nll_pulled(
    v: Array, y: Array, p_log: Array, t: Array, weight: Any = None,
    *, ignore_index: int = IGNORED, reduction: str = "mean",
) -> Array:  # fmt: skip
    """Each sample sends to its own class alone."""
    if not p_log.size:
        return np.zeros_like(p_log)
    named = plain_classes(t, p_log.shape, ignore_index) if p_log.ndim == 2 else None
    if named is not None and weight is None:
        found = np.zeros(p_log.shape, dtype=np.asarray(y).dtype)
        each = v * (-1 / len(named)) if reduction == "mean" else -v
        found.reshape(-1)[_places(named, p_log.shape)] = each
        return found
    by: Any = 1
    if reduction == "mean":
        by = total_weight(np, p_log, t, weight, ignore_index=ignore_index)
    v = np.asarray(v, dtype=np.asarray(y).dtype)
    return sent_to_classes(v, t, p_log.shape, weight, by, is_ignored(np, t, ignore_index))


_BY_LOGS: Final = reading_some(
    reduced_part(
        0,
        lambda m, p_log, t, weight=None, **_: -class_weights(m, p_log, t, weight),
        _nll_slope_at,
        within=of_class,
        weight=total_weight,
        ignored=ignored,
    ),
    _named_classes,
    within=of_class,
)
LOG_PROBABILITIES: Final = replace(_BY_LOGS, vjp=_nll_pulled)
"""Of the negative log-likelihood by its log-probabilities."""


def _nll_shape(
    p_log: Shape,
    t: Shape,
    weight: Shape | None = None,
    *,
    reduction: str = "mean",
    ignore_index: int = IGNORED,
) -> Shape:
    samples = checked("nll", p_log, t, weight, ignore_index)
    if t != samples:
        raise ShapeError(
            said(
                "nll: targets {t} do not fit log-probabilities {p_log}: expected class indices "
                "{samples}{where}",
                t=t,
                p_log=p_log,
                samples=samples,
                where=hint(p_log, t),
            )
        )
    return reduced(samples, reduction)


def _likelihood(
    m: Any, p_log: Any, t: Any, weight: Any = None,
    *, reduction: str = "mean", ignore_index: int = IGNORED,
) -> Any:  # fmt: skip
    params: dict[str, Any] = {"reduction": reduction, "ignore_index": ignore_index}
    named = plain_classes(t, p_log.shape, ignore_index) if m is np and p_log.ndim == 2 else None
    if named is None:
        return gathered_losses(m, p_log, p_log, t, weight, **params)
    found = p_log.reshape(-1).take(_places(named, p_log.shape))
    by = None
    if weight is not None:
        of = weight[named]
        found, by = found * of, np.add.reduce(of)
    return gathered(np, -found, named.shape, reduction, by)


@cache
def _nll(extras: tuple[str, ...]) -> Rule:
    return structural(
        "nll",
        " ".join(("p_log", "t", *extras)),
        text=call_text("nll", ("p_log", "t"), ("reduction", "ignore_index", *extras)),
        parameters=(REDUCTION, IGNORE),
        forward=_likelihood,
        shape=_nll_shape,
        parts=(LOG_PROBABILITIES, None, *(None for _ in extras)),
        summary="−p_log at the class t of each sample, from log-probabilities",
        domains=domains(Domain(-3.0, -0.1), extras),
        examples=with_weights(INDEXED, extras),
        extras=Extras(("weight",), _nll, stand_first=True),
        reasons=REASONS,
        traits=Traits(zero=zero_of_chosen, passed_over=other_class),
    )


RULES: Final[tuple[Rule, ...]] = (_nll(()),)
