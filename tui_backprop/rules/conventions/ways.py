"""A special point as a walk meets it, and the ways there are to go on from it.

Which framework goes which way is not written anywhere: the measured number tells it.
"""

from __future__ import annotations

from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.language.message import said
from tui_backprop.rules.conventions.changes import slopes
from tui_backprop.rules.conventions.measured import is_same, measured

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tui_backprop.rules.conventions.changes import Change
    from tui_backprop.rules.types import Array


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """One way to differentiate at a special point.

    Attributes:
        gives: the gradients at the point of the table, nested as there, one for each input.
        words: what the way does; empty where the numbers say it.
        change: how a row goes this way; None for the row's own.
        also: what it gives where a framework has another default of a static argument.
    """

    gives: tuple[Any, ...]
    words: str = ""
    change: Change | None = None
    also: tuple[float, ...] = ()

    @property
    def gradients(self) -> tuple[Array, ...]:
        """What it gives, an array for each input."""
        return tuple(np.asarray(x, dtype=np.float64) for x in self.gives)

    def is_met_by(self, found: tuple[Array, ...] | None) -> bool:
        """Whether gradients that were measured are this way's."""
        others = ((np.asarray(number, dtype=np.float64),) for number in self.also)
        return is_same(self.gradients, found) or any(is_same(other, found) for other in others)


def always(**_params: Any) -> bool:
    """Whatever the static arguments are."""
    return True


@dataclass(frozen=True, slots=True, eq=False)
class SpecialPoint:
    """A special point as a walk meets it.

    Attributes:
        point: its name in the table.
        op: the op that chooses.
        at: ``(y, *operands, **params)`` → at which entries of y a walk is at the point.
        ways: the ways there are; the first is the row's own.
        operands: the operands that the row has there; empty where it always has the same.
        where: ``(**params)`` → whether it is about a call with these static arguments.
        argument: the operand whose slope is chosen; None where each operand's is.
        needs_zero_v: whether the ways differ only where v is 0.
        constants: the operands that are constants there, and no others; None where that is no
            matter. To some frameworks ``x ** 0`` is another op than ``x ** z``.
        called: the name that the call has, empty for the op's own; None where that is no matter.
        names: framework → what gave its number, where that is one function of several.
    """

    point: str
    op: str
    at: Callable[..., Any]
    ways: tuple[Way, ...]
    operands: tuple[str, ...] = ()
    where: Callable[..., bool] = always
    argument: int | None = None
    needs_zero_v: bool = False
    constants: frozenset[int] | None = None
    called: str | None = None
    names: Mapping[str, str] = MappingProxyType({})

    def met(self, y: Any, *operands: Any, **params: Any) -> Any:
        """At which entries a walk is at the point."""
        if not self.where(**params):
            return np.False_
        with np.errstate(all="ignore"):
            return np.asarray(self.at(y, *operands, **params), dtype=bool)

    def way(self, framework: str) -> Way | None:
        """The way that a framework goes; None where it was not measured, or goes none of these."""
        return _way(self, framework)

    def way_of_walk(self, follows: str) -> Way:
        """The way that a walk goes here which follows a framework, or none: then the row's own."""
        return (self.way(follows) if follows else None) or self.ways[0]


@cache
def _way(special: SpecialPoint, framework: str) -> Way | None:
    found = measured().point(special.point).gives(framework)
    return next((way for way in special.ways if way.is_met_by(found)), None)


HALF: Final = said("½ to each")
FIRST: Final = said("all to the first")
SECOND: Final = said("all to the second")
NEITHER: Final = said("nothing to either")
SHARED: Final = said("shared alike")
EACH: Final = said("all of it to each")
BELOW: Final = said("the slope below")
ABOVE: Final = said("the slope above")
MEAN: Final = said("the mean of the slopes below and above")


def numbers_of(*ways: tuple[float, ...]) -> tuple[Way, ...]:
    """Ways that are a number for each operand; the table's point is one entry."""
    own, *others = ways
    return (Way(own), *(Way(way, change=slopes(*way)) for way in others))


def of_last(own: tuple[float, ...], *others: tuple[float, ...]) -> tuple[Way, ...]:
    """Ways that differ in the slope by the last operand alone."""
    return (Way(own), *(Way(way, change=slopes(None, way[-1])) for way in others))


def corners(*ways: float) -> tuple[Way, ...]:
    """Ways at two corners, where the slope is the same number."""
    own, *others = ways
    return (Way(((own, own),)), *(Way(((way, way),), change=slopes(way)) for way in others))


def worded(*ways: tuple[str, tuple[float, ...]]) -> tuple[Way, ...]:
    """Ways as in `_numbers` that are better said in words."""
    (words, own), *others = ways
    return (Way(own, words), *(Way(way, word, slopes(*way)) for word, way in others))
