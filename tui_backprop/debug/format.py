"""Numbers as the debugger prints them: one line, cut where it would not end.

An entry that is not computed yet is ``·``, as in the panes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.debug.conditions.references import Known
from tui_backprop.graph.naming import decimal

if TYPE_CHECKING:
    from tui_backprop.debug.conditions.expression import Sample
    from tui_backprop.rules.types import Array, IntArray

UNKNOWN: Final = "·"
_MOST: Final = 24
"""Entries of one list that are written out."""


def number(value: float, digits: int = 9) -> str:
    """``2``, ``0.5``, ``1.5e-12``, ``nan``; a count, however large, has all its digits."""
    return decimal(value, digits, exact_below=1e15)


def sample(found: Sample) -> str:
    """The value of an expression as text."""
    if found is None:
        return UNKNOWN
    if isinstance(found, str):
        return found
    return array(found)


def array(known: Known | Array) -> str:
    """Nested lists; ``·`` for each entry that is not computed yet."""
    if not isinstance(known, Known):
        known = Known(known)
    mask = known.known
    if mask.size and not mask.any():
        return UNKNOWN
    return _nested(known.values, mask)


def _nested(values: Array, mask: IntArray) -> str:
    if values.ndim == 0:
        return number(float(values)) if mask else UNKNOWN
    most = _MOST if values.ndim == 1 else _MOST // 3
    parts = [_nested(x, m) for x, m in zip(values[:most], mask[:most], strict=True)]
    more = [f"… {len(values) - most} more"] if len(values) > most else []
    return f"[{', '.join([*parts, *more])}]"
