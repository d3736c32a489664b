"""What is not what it was before other numbers were set.

It stands apart from the panes so that all of them mark the same, and so that a walk without trials
asks one question and no more.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from tui_backprop.render.text.spans import Span, clip, printable

if TYPE_CHECKING:
    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.render.view import View

_LONGEST = 24


def is_other_value(view: View, node: int) -> bool:
    """Whether the forward value of a node differs in any entry."""
    before = view.before
    if before is None:
        return False
    return _differs(view.frame.timeline.trace, before.timeline.trace, node)


def is_other_entry(view: View, node: int, flat: int) -> bool:
    """Whether an adjoint entry differs, as far as both are summed at this event."""
    before = view.before
    if before is None:
        return False
    was, now = (frame.adjoint(node).entry(flat) for frame in (before, view.frame))
    if was is None or now is None:
        return was is not now
    return was != now and not (np.isnan(was) and np.isnan(now))


def trials_span(view: View) -> Span:
    """``* X[0] = 5``: what was set last, and how much else; empty where nothing is."""
    if not view.trials:
        return Span("")
    *others, last = view.trials
    more = f" (+{len(others)})" if others else ""
    text = clip(printable(last), _LONGEST, view.charset.ellipsis)
    return Span(f"  {view.charset.other} {text}{more}", "marker")


@lru_cache(maxsize=1024)
def _differs(now: Evaluation, before: Evaluation, node: int) -> bool:
    """Compared once: the numbers of a trace never change."""
    return not np.array_equal(now.value(node), before.value(node), equal_nan=True)
