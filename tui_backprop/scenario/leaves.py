"""The forms of a leaf: numbers, a fill, a draw, a file."""

from __future__ import annotations

from dataclasses import field
from itertools import chain
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.limits import MOST_AXES
from tui_backprop.scenario.kinds import (
    TOO_LARGE,
    Choice,
    Integer,
    Real,
    Words,
    expected,
    is_overflow,
    number_hint,
)
from tui_backprop.scenario.records import Either, ListOf, Named, Record, Variants, key
from tui_backprop.scenario.yaml_tree import NUMBER, Mapping, Scalar, Sequence, real, resolve

if TYPE_CHECKING:
    from collections.abc import Sequence as Many

    from tui_backprop.rules.types import Array, Shape
    from tui_backprop.scenario.kinds import Kind, Schema, Word
    from tui_backprop.scenario.report import Report
    from tui_backprop.scenario.yaml_tree import Node, Span


@dataclass(frozen=True, slots=True, eq=False)
class Listed:
    """Numbers written out.

    Attributes:
        numbers: as float64, in their shape.
        span: where they stand.
    """

    numbers: Array
    span: Span

    @property
    def shape(self) -> Shape:
        """The shape of the array."""
        return self.numbers.shape


@dataclass(frozen=True, slots=True)
class Numbers:
    """A number, or a nested list of numbers in which all rows of a level are equally long."""

    def read(self, node: Node, report: Report) -> Listed | None:
        """The array. A ragged list is reported at the first row that differs."""
        shape: list[int] = []
        level: Many[Node] = (node,)
        while any(type(one) is Sequence for one in level):
            if not _is_even(level, report):
                return None
            rows = [one.items for one in level if isinstance(one, Sequence)]
            shape.append(len(rows[0]))
            level = list(chain.from_iterable(rows))
        if report.exceeds(node.span, "axes", len(shape), "this list"):
            return None
        numbers = _read_numbers(level, report)
        return None if numbers is None else Listed(numbers.reshape(shape), node.span)

    def schema(self, definitions: Schema) -> Schema:
        """A number, or an array of the same: JSON Schema cannot say that rows are equally long."""
        reference = {"$ref": "#/$defs/numbers"}
        definitions["numbers"] = {
            "anyOf": [
                {"type": "number"},
                {"type": "array", "items": reference},
            ]
        }
        return reference


def _is_even(level: Many[Node], report: Report) -> bool:
    """Whether all are lists of one length; else the first that differs is reported."""
    first = level[0]
    length = len(first.items) if isinstance(first, Sequence) else None
    for node in level:
        found = len(node.items) if isinstance(node, Sequence) else None
        if found != length:
            _complain_of_row(node, found, first, length, report)
            return False
    return True


def _complain_of_row(
    node: Node, found: int | None, first: Node, length: int | None, report: Report
) -> None:
    where = f"as the first has (line {first.span.line})"
    if length is None:
        expected("a number, as the first entry is", node, report)
    elif found is None:
        expected(f"a row of length {length}, {where}", node, report)
    else:
        report.at(node, f"ragged list: expected a row of length {length}, {where}, found {found}")


def _read_numbers(level: Many[Node], report: Report) -> Array | None:
    """The numbers of one level as a flat array; every word among them is reported."""
    match = NUMBER.fullmatch
    numbers = np.empty(len(level))
    is_good = True
    for k, node in enumerate(level):
        if type(node) is Scalar and node.is_plain and match(node.text):
            numbers[k] = value = real(node.text)
            if is_overflow(value, node):
                is_good = False
                report.at(node, TOO_LARGE, "infinity is '.inf'")
        else:
            is_good = False
            _complain(node, report)
    return numbers if is_good else None


def _complain(node: Node, report: Report) -> None:
    if report.is_flooded():
        return
    value = resolve(node) if isinstance(node, Scalar) else None
    what = "a number or a list of numbers" if isinstance(node, Mapping) else "a number"
    expected(what, node, report, number_hint(value))


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
