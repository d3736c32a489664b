"""Parameters of which a default run takes a few, and ``-m ""`` all; many that one test takes."""

from __future__ import annotations

from functools import wraps
from inspect import Parameter, signature
from itertools import product
from typing import TYPE_CHECKING, Any, TypeVar, cast

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

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
    pytest.param(5, id="some"),
    pytest.param(40, id="many", marks=pytest.mark.exhaustive),
)
"""How many to take of what there is many of; see `spread`."""

FEW = (
    pytest.param(3, id="few"),
    pytest.param(9, id="some", marks=pytest.mark.exhaustive),
)
"""The same where each is dear."""


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


def together(
    name: str, values: Iterable[Any], *, most: int = 16
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """What ``parametrize`` over one name does, several values a test: for many that take a moment.

    What is collected has its price too, in each worker, and so has every report. A value that
    fails is named, and those after it are tried all the same.
    """
    every = list(values)
    parts = [every[k : k + most] for k in range(0, len(every), most)]

    def decorated(test: Callable[..., None]) -> Callable[..., None]:
        @wraps(test)
        def over_values(subtests: pytest.Subtests, **given: Any) -> None:
            for value in given.pop(name):
                try:
                    test(**{name: value}, **given)
                except (Exception, pytest.fail.Exception) as error:
                    with subtests.test(f"{name} {value!r}"):  # only now: each is a report
                        raise error

        asked = signature(test)
        own = Parameter("subtests", Parameter.POSITIONAL_OR_KEYWORD)
        del over_values.__wrapped__  # its parameters are not ours
        over_values.__signature__ = asked.replace(  # type: ignore[attr-defined]  # pytest reads it
            parameters=[own, *asked.parameters.values()]
        )
        items = pytest.mark.parametrize(name, parts, ids=[*map(_named, parts)])
        return cast("Callable[..., None]", items(over_values))

    return decorated


def _named(values: Sequence[Any]) -> str | None:
    """The words that a test is for, so that ``-k`` finds it; of other values their number does."""
    are_words = all(isinstance(value, str) and value.isidentifier() for value in values)
    return "+".join(values) if are_words else None
