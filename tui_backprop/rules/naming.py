"""Numbers that name one of several: a class, a row of a table.

It stands apart because programs have only real numbers: the nearest whole one is what is named.
"""

from __future__ import annotations

from typing import Any


def names(m: Any, t: Any, c: Any) -> Any:
    """Whether c is the whole number nearest to t."""
    return m.logical_and(m.less_equal(c - 0.5, t), m.less(t, c + 0.5))


def names_any(m: Any, t: Any, count: int) -> Any:
    """Whether t names one of 0 to count − 1."""
    return m.logical_and(m.less_equal(-0.5, t), m.less(t, count - 0.5))
