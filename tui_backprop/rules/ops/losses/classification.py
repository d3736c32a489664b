"""What the losses over classes share: operands, examples, and why a loss is not finite.

One number for each row of scores, whose target may name a class. ``x`` are the scores (logits) of
shape (N, C), (C,) or (N, C, d1, …), or log-probabilities likewise, ``t`` the target, which
``targets`` reads, and ``weight`` that of each class, (C,). ``reduction`` is PyTorch's, its mean one
over samples, or over the weights of the classes that they name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.errors import ArgumentError, ShapeError
from tui_backprop.language.message import said
from tui_backprop.rules.ops.layout.embedding import names_any
from tui_backprop.rules.ops.losses.reduction import (
    gathered,
)
from tui_backprop.rules.ops.losses.targets import (
    IGNORED,
    classes_of,
    has_indices,
    is_ignored,
    losses,
    samples_of,
    total_weight,
)
from tui_backprop.rules.rule import Domain, Example, Parameter, Reason

if TYPE_CHECKING:
    from tui_backprop.rules.types import Shape


_CLASSES: Final = Domain(values=(0.0, 1.0, 2.0))
_MOST_CLASSES: Final = 2**53
"""Above it not every whole number is a float64."""

_WEIGHTS: Final = Domain(0.25, 3.0)


def checked(name: str, x: Shape, t: Shape, weight: Shape | None, ignore_index: int) -> Shape:
    """The axes without the classes."""
    if not x:
        raise ShapeError(
            said(
                "{name} needs scores of shape (N, C), (C,) or (N, C, d1, …), found {x} with "
                "targets {t}",
                name=name,
                x=x,
                t=t,
            )
        )
    classes = classes_of(x)
    if weight is not None and weight != (classes,):
        raise ShapeError(
            said(
                "{name}: weight {weight} does not fit scores {x}: expected one for each class, "
                "{wanted}",
                name=name,
                weight=weight,
                x=x,
                wanted=(classes,),
            )
        )
    if abs(ignore_index) > _MOST_CLASSES:
        raise ArgumentError(
            said(
                "ignore_index={ignore_index}: no class has a number so large",
                ignore_index=ignore_index,
            )
        )
    return samples_of(x)


def hint(x: Shape, t: Shape) -> str:
    """A hint for scores whose classes may be last, as other libraries have them; or nothing."""
    if len(x) < 3 or t not in {x[:-1], x}:
        return ""
    return said("; the classes stand on axis 1, so write moveaxis(…, -1, 1) "
                "if axis {axis} has them",
                axis=len(x) - 1)  # fmt: skip


def ignored(
    m: Any, samples: Any, x: Any, t: Any, *_weight: Any, ignore_index: int = IGNORED, **_static: Any
) -> Any:
    """Whether each sample is ignored; a target of probabilities ignores none."""
    return is_ignored(m, t[samples], ignore_index) if has_indices(x, t) else None


def gathered_losses(
    m: Any, x: Any, logs: Any, t: Any, weight: Any = None,
    *, label_smoothing: float = 0.0, reduction: str = "mean", ignore_index: int = IGNORED,
) -> Any:  # fmt: skip
    """The loss of all samples from log-probabilities ``logs``, reduced."""
    found = losses(m, logs, t, weight, label_smoothing, ignore_index)
    by = None
    if reduction == "mean":
        by = total_weight(m, x, t, weight, ignore_index=ignore_index)
    return gathered(m, found, samples_of(x.shape), reduction, by)


INDEXED: Final = (
    Example(((2, 3), (2,))),
    Example(((3,), ())),
    Example(((2, 3), (2,)), {"reduction": "sum"}),
    Example(((2, 3), (2,)), {"reduction": "none"}),
    Example(((3,), ()), {"reduction": "none"}),
    Example(((0, 3), (0,))),
    Example(((3, 2), (3,)), {"ignore_index": 2}),
    Example(((2, 3, 2), (2, 2))),
    Example(((2, 2, 2), (2, 2)), {"reduction": "none", "ignore_index": 2}),
    Example(((1, 3, 2, 2), (1, 2, 2)), {"reduction": "sum"}),
    Example(((2, 3, 0), (2, 0))),
)


def with_weights(of: tuple[Example, ...], extras: tuple[str, ...]) -> tuple[Example, ...]:
    """With a weight for each class, if there is one."""
    if not extras:
        return of
    return tuple(Example((*e.shapes, (classes_of(e.shapes[0]),)), e.params) for e in of)


def domains(first: Domain, extras: tuple[str, ...]) -> tuple[Domain, ...]:
    """Of scores, of targets that name classes, and of weights, if there are any."""
    return (first, _CLASSES, *(_WEIGHTS for _ in extras))


def _none_counts(_y: Any, x: Any, t: Any, weight: Any = None, **params: Any) -> Any:
    """Whether a mean divides by 0."""
    if params.get("reduction", "mean") != "mean":
        return False
    index = params.get("ignore_index", IGNORED)
    return np.equal(total_weight(np, x, t, weight, ignore_index=index), 0)


def _names_none(y: Any, x: Any, t: Any, *_weight: Any, **params: Any) -> Any:
    """Whether a label names no class, and is not the one that is ignored."""
    if not has_indices(x, t):
        return False
    index = params.get("ignore_index", IGNORED)
    found = ~(names_any(np, t, classes_of(x.shape)) | is_ignored(np, t, index))
    return found if np.shape(y) == np.shape(t) else np.any(found)


def _are_all_ignored(
    _y: Any, x: Any, t: Any, *_weight: Any, ignore_index: int = IGNORED,
    reduction: str = "mean", **_params: Any,
) -> Any:  # fmt: skip
    """Whether a mean is of no sample because of their labels."""
    if reduction != "mean" or not np.size(t) or not has_indices(x, t):
        return False
    return np.all(is_ignored(np, t, ignore_index))


REASONS: Final = (
    Reason(
        "all labels in {t} are {ignore_index}, which is ignored: the mean of nothing is 0/0",
        _are_all_ignored,
    ),
    Reason(
        "no sample counts, each of them is ignored or weighs nothing: the mean of nothing is 0/0",
        _none_counts,
    ),
    Reason("a label names no class", _names_none),
)


IGNORE: Final = Parameter("ignore_index", "int", IGNORED, is_named=True)
