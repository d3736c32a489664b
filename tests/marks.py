"""Parameters of which a default run takes a few, and ``-m ""`` all."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from _pytest.mark.structures import ParameterSet


def few_of(kept: Sequence[tuple[Any, ...]], *values: Iterable[Any]) -> list[ParameterSet]:
    """Every combination of the values, those that are not kept under the mark ``exhaustive``."""
    every = list(product(*values))
    assert set(kept) <= set(every)
    return [
        pytest.param(*one, marks=() if one in kept else pytest.mark.exhaustive) for one in every
    ]


STRIDES = (
    pytest.param(7, id="some"),
    pytest.param(1, id="all", marks=pytest.mark.exhaustive),
)
"""How many steps of a walk to take at once."""
