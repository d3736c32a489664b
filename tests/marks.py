"""Parameters of which a default run takes a few, and ``-m ""`` all."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from _pytest.mark.structures import ParameterSet

Item = TypeVar("Item")


def few_of(kept: Sequence[tuple[Any, ...]], *values: Iterable[Any]) -> list[ParameterSet]:
    """Every combination of the values, those that are not kept under the mark ``exhaustive``."""
    every = list(product(*values))
    assert all(one in every for one in kept)
    return [
        pytest.param(*one, marks=() if one in kept else pytest.mark.exhaustive) for one in every
    ]


MANY = (
    pytest.param(9, id="some"),
    pytest.param(100, id="many", marks=pytest.mark.exhaustive),
)
"""How many to take of what there is many of; see `spread`."""


def spread(many: Sequence[Item], count: int) -> Sequence[Item]:
    """At most so many, from the first on, evenly far from each other."""
    return many[:: -(-len(many) // count) or 1]


def few(many: Iterable[Item], count: int) -> list[ParameterSet]:
    """All of them, those that `spread` leaves out under the mark ``exhaustive``."""
    every = list(many)
    kept = spread(range(len(every)), count)
    return [
        pytest.param(one, marks=() if k in kept else pytest.mark.exhaustive)
        for k, one in enumerate(every)
    ]
