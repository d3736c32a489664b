"""Stretches of steps as ranges.

They stand apart because stops, searches and landmarks all cut and move them.
"""

from __future__ import annotations


def common(one: range, other: range) -> range:
    """The steps that both have; empty where there are none."""
    return range(max(one.start, other.start), min(one.stop, other.stop))


def moved(steps: range, by: int) -> range:
    """The same, so many steps later."""
    return range(steps.start + by, steps.stop + by)
