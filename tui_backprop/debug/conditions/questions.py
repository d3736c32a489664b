"""What a search waits for: an expression that holds, fails, cannot be computed, or differs."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.debug.conditions.expression import is_same
from tui_backprop.debug.conditions.references import Known
from tui_backprop.debug.conditions.together import known_at_each
from tui_backprop.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.debug.conditions.expression import Expression
    from tui_backprop.debug.conditions.extents import Extent
    from tui_backprop.debug.conditions.together import Readings
    from tui_backprop.rules.types import IntArray
    from tui_backprop.timeline.timeline import Frame


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """What a search waits for.

    Attributes:
        expression: that is evaluated at each step.
        is_met: whether a step is what is waited for.
        may_be_met: whether some step may be, where the expression stays within an extent.
        are_met: whether each of many steps is, by what the expression is at each; None where that
            does not tell.
        is_about_nothing: whether a step at which v or J is not there may be.
    """

    expression: Expression
    is_met: Callable[[Frame], bool]
    may_be_met: Callable[[Extent], bool]
    are_met: Callable[[Readings | None, int], IntArray | None]
    is_about_nothing: bool = True


def holds(asked: Expression) -> Question:
    """The expression is known to be true, or cannot be computed for want of fitting shapes."""
    return Question(
        asked,
        lambda frame: _answer(asked, frame) is not False,
        lambda extent: extent.may_hold or not extent.is_single,
        lambda found, count: _answers(found, count) != _FALSE,
        is_about_nothing=False,
    )


def is_true(asked: Expression) -> Question:
    """The expression is known to be true."""
    return Question(
        asked,
        lambda frame: _answer(asked, frame) is True,
        lambda extent: extent.may_hold,
        lambda found, count: _answers(found, count) == _TRUE,
        is_about_nothing=False,
    )


def fails(asked: Expression) -> Question:
    """The expression is false, not known, or cannot be computed."""
    return Question(
        asked,
        lambda frame: _answer(asked, frame) is not True,
        lambda extent: extent.may_fail or not extent.is_single,
        lambda found, count: _answers(found, count) != _TRUE,
    )


def cannot_be_computed(asked: Expression) -> Question:
    """The expression has more than one entry, or does not fit the shapes."""
    return Question(
        asked,
        lambda frame: _answer(asked, frame) is None,
        lambda extent: not extent.is_single,
        lambda found, count: _answers(found, count) == _NEITHER,
        is_about_nothing=False,
    )


def can_be_computed(asked: Expression) -> Question:
    """The expression has one entry, or reads a v or J that does not exist."""
    return Question(
        asked,
        lambda frame: _answer(asked, frame) is not None,
        lambda extent: extent.is_single,
        lambda found, count: _answers(found, count) != _NEITHER,
    )


def _answer(asked: Expression, frame: Frame) -> bool | None:
    """Whether an expression is known to be true; None where it cannot be computed."""
    try:
        return asked.holds(frame)
    except CommandError:
        return None


_FALSE, _TRUE, _NEITHER = 0, 1, 2


def _answers(found: Readings | None, count: int) -> IntArray:
    """`_answer` at each of many steps; of what does not fit the shapes there is none."""
    if found is None or prod(found.shape) != 1:
        return np.full(count, _NEITHER)
    values, known = (x.reshape(count) for x in known_at_each(found, count))
    return np.where(known & (values != 0), _TRUE, _FALSE)


def differs(watched: Expression, before: Frame) -> Question:
    """The expression is not what it was at a step."""
    was = watched.displayed(before)

    def may_be_met(extent: Extent) -> bool:
        if not isinstance(was, Known) or was.mask is not None or extent.shape != was.values.shape:
            return True
        return not (extent.is_constant and bool((extent.low == was.values).all()))

    def are_met(found: Readings | None, count: int) -> IntArray | None:
        if found is None:
            return None  # the message may be the same one
        if not isinstance(was, Known) or found.shape != was.values.shape:
            return np.ones(count, dtype=bool)
        values, known = known_at_each(found, count)
        is_equal = (values == was.values) | (np.isnan(values) & np.isnan(was.values))
        is_equal = (is_equal | ~known) & (known == was.known)
        return np.asarray(~is_equal.reshape(count, -1).all(axis=1))

    return Question(
        watched, lambda frame: not is_same(watched.displayed(frame), was), may_be_met, are_met
    )
