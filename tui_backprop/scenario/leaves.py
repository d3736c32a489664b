"""The forms of a leaf: numbers, a fill, a draw, a file.

It stands apart from the table of keys, which names leaves in four places and says nothing of their
forms.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from tui_backprop.dataclass import dataclass
from tui_backprop.limits import MOST_AXES
from tui_backprop.scenario.forms import Either, Named, Variants
from tui_backprop.scenario.kinds import Choice, Integer, Real, Words
from tui_backprop.scenario.numbers import Listed, Numbers
from tui_backprop.scenario.records import ListOf, Record, key

if TYPE_CHECKING:
    from tui_backprop.rules.types import Shape
    from tui_backprop.scenario.kinds import Kind, Word
    from tui_backprop.scenario.yaml_tree import Span

SHAPE: Final = ListOf(Integer(0), "axis lengths", longest=MOST_AXES)


@dataclass(frozen=True, slots=True, eq=False)
class Valued:
    """``{value: …}``."""

    span: Span
    value: Listed | None = field(metadata=key(Numbers(), "A number or a nested list of numbers."))


@dataclass(frozen=True, slots=True, eq=False)
class Filled:
    """``{shape: [2, 3], fill: 0}``."""

    span: Span
    shape: Shape | None = field(metadata=key(SHAPE, "Axis lengths; [] for a single number."))
    fill: float | None = field(metadata=key(Real(), "The number that every entry is."))


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """``{shape: [2, 3], random: normal, seed: 7, scale: 0.1}``."""

    span: Span
    shape: Shape | None = field(metadata=key(SHAPE, "Axis lengths; [] for a single number."))
    random: Literal["normal", "uniform"] | None = field(
        metadata=key(
            Choice(("normal", "uniform")),
            "How to draw: normal (mean 0, deviation 1) or uniform (from 0 to 1), times 'scale'.",
        )
    )
    seed: int | None = field(
        metadata=key(Integer(0), "The same seed gives the same numbers."), default=0
    )
    scale: float | None = field(
        metadata=key(Real(), "A factor on every number drawn."), default=1.0
    )


@dataclass(frozen=True, slots=True, eq=False)
class FromFile:
    """``{file: weights.npz, key: W}``."""

    span: Span
    file: Word | None = field(
        metadata=key(
            Words("the name of a file"),
            "An .npy or .npz file, relative to the scenario and inside its folder.",
        )
    )
    key: Word | None = field(
        metadata=key(Words("the name of an array"), "Which array of an .npz file."), default=None
    )


Leaf: TypeAlias = Listed | Valued | Filled | Drawn | FromFile

LEAF: Final[Kind[Leaf]] = Named(
    "leaf",
    Either(
        "a number, a list of numbers, or a mapping with value, fill, random or file",
        scalar=Numbers(),
        sequence=Numbers(),
        mapping=Variants(
            {
                "value": Record(Valued),
                "fill": Record(Filled),
                "random": Record(Drawn),
                "file": Record(FromFile),
            }
        ),
    ),
)
