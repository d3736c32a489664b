"""What frameworks give at a special point, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.dataclass import dataclass, replace
from tui_backprop.language.message import all_of, joined, said
from tui_backprop.rules.conventions.measured import is_same, measured, shown, title
from tui_backprop.rules.conventions.points import special_point

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tui_backprop.rules.conventions.measured import Point
    from tui_backprop.rules.conventions.ways import SpecialPoint, Way
    from tui_backprop.rules.types import Array

NEWEST: Final = "torch-2.14"
"""The release of PyTorch whose conventions the op table has."""

_OLDER: Final = "torch"
_MAIN: Final = (NEWEST, "jax", "tensorflow")
"""The frameworks that a step names; a list names all."""


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What some frameworks give at a point of the table.

    Attributes:
        gives: the gradients by each input, as text; empty where they refuse.
        words: what they do, in words; empty where the numbers say it, or nobody said.
        frameworks: who gives it, in the order of the table.
        refusal: the kind of error that they raise; empty where they give gradients.
        gradients: as numbers; None where they refuse, or give no number.
    """

    gives: str
    words: str
    frameworks: tuple[str, ...]
    refusal: str = ""
    gradients: tuple[Array, ...] | None = None


def outcomes(point: Point) -> list[Outcome]:
    """What is given at a point, each with all who give it; in the order of the table."""
    found: list[Outcome] = []
    for framework in point.grads:
        one = _outcome(point, framework)
        k = next((k for k, other in enumerate(found) if _is_alike(one, other)), None)
        if k is None:
            found.append(one)
        else:
            found[k] = replace(found[k], frameworks=(*found[k].frameworks, framework))
    return found


def _outcome(point: Point, framework: str) -> Outcome:
    given = point.gives(framework)
    special = special_point(point.id)
    way = None if special is None else special.way(framework)
    words = "" if way is None else way.words
    if given is not None:
        return Outcome(gradients_text(given), words, (framework,), gradients=given)
    refusal = point.refusal(framework)
    raw = "" if refusal else joined(", ", map(str, point.grads[framework]))
    return Outcome(raw, words, (framework,), refusal)


def _is_alike(one: Outcome, other: Outcome) -> bool:
    if one.gradients is None or other.gradients is None:
        return (one.gives, bool(one.refusal), one.gradients is None) == (
            other.gives, bool(other.refusal), other.gradients is None
        )  # fmt: skip
    return is_same(one.gradients, other.gradients)


def gradients_text(given: Sequence[Array]) -> str:
    """``0.5, 0.5``: a gradient by each input."""
    return ", ".join(shown((x + 0.0).tolist()) for x in given)  # −0 is 0


def way_words(special: SpecialPoint, way: Way, argument: int | None = None) -> str:
    """What a way does, in words, or what it gives: a number where that is the same everywhere.

    Args:
        special: where.
        way: which.
        argument: the operand that is asked about; None for each.
    """
    return way.words or _condensed(special, way.gradients, argument)


def _condensed(special: SpecialPoint, given: Sequence[Array], argument: int | None) -> str:
    chosen = special.argument if argument is None else argument
    if chosen is not None and chosen < len(given):
        given = given[chosen : chosen + 1]
    entries = np.concatenate([np.ravel(x) for x in given])
    if np.array_equal(entries, np.full_like(entries, entries[0]), equal_nan=True):
        return shown(float(entries[0]) + 0.0)
    return gradients_text(given)


def compared(special: SpecialPoint, follows: str = "", argument: int | None = None) -> str:
    """``as in PyTorch and JAX; TensorFlow: all to the first``.

    Args:
        special: where the walk is.
        follows: the framework whose conventions the walk has; empty for the table's own.
        argument: the operand whose slope it is; None for each.

    Returns:
        A sentence without a stop, or nothing where none of the known frameworks was measured.
    """
    own = way_words(special, special.way_of_walk(follows), argument)
    alike: list[str] = []
    others: dict[str, list[str]] = {}
    for framework, name in _told(special, follows):
        if (given := measured().point(special.point).gives(framework)) is None:
            continue
        told = _told_by(special, framework, given, argument)
        if told == own:
            alike.append(name)
        else:
            others.setdefault(told, []).append(name)
    parts = [said("as in {names}", names=all_of(alike))] if alike else []
    parts += [said("{names}: {way}", names=all_of(names), way=way) for way, names in others.items()]
    return joined("; ", parts)


def _told(special: SpecialPoint, follows: str) -> Iterator[tuple[str, str]]:
    """The frameworks that a step names beside the one that is followed, and what it calls them.

    Of PyTorch its newest release, which is said where the one before did otherwise.
    """
    for framework in _MAIN:
        if framework == follows:
            continue
        is_newest = framework == NEWEST
        name = title("torch" if is_newest and not release_note(special) else framework)
        yield framework, special.names.get("torch" if is_newest else framework, name)


def _told_by(
    special: SpecialPoint, framework: str, given: Sequence[Array], argument: int | None
) -> str:
    """What a framework does there, or gives where that is none of the known ways."""
    way = special.way(framework)
    if way is None:
        return _condensed(special, given, argument)
    return way_words(special, way, argument)


def is_disputed(special: SpecialPoint, follows: str = "", argument: int | None = None) -> bool:
    """Whether the frameworks that a step names go different ways there."""
    own = way_words(special, special.way_of_walk(follows), argument)
    gives = measured().point(special.point).gives
    return any(
        _told_by(special, framework, given, argument) != own
        for framework in _MAIN
        if framework != follows and (given := gives(framework)) is not None
    )


def most_disputed(
    specials: Sequence[SpecialPoint], follows: str = "", argument: int | None = None
) -> SpecialPoint | None:
    """The first of several special points at which they do; None where they agree at all."""
    return next((special for special in specials if is_disputed(special, follows, argument)), None)


def disputes(op: str) -> list[str]:
    """What the frameworks that a step names give at the points of an op at which they differ."""
    found = []
    for point in measured().points:
        if point.op != op:
            continue
        given: dict[str, list[str]] = {}
        for framework in _MAIN:
            if (gradients := point.gives(framework)) is not None:
                name = title("torch" if framework == NEWEST else framework)
                given.setdefault(gradients_text(gradients), []).append(name)
        if len(given) > 1:
            told = (said("{names}: {way}", names=all_of(n), way=way) for way, n in given.items())
            at = said("{of} at {place}", of=point.of, place=point.place)
            found.append(joined(" – ", [at, joined("; ", told)]))
    return found


def release_note(special: SpecialPoint, argument: int | None = None) -> str:
    """``up to 2.13 1, 1``: what PyTorch gave before its newest release; empty where the same."""
    newest, older = special.way(NEWEST), special.way(_OLDER)
    if newest is None or older is None or newest is older:
        return ""
    return said("PyTorch up to 2.13: {way}", way=way_words(special, older, argument))
