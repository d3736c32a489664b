"""The forms of a leaf (numbers, a fill, a draw, a file), and the array that each describes.

Sizes are checked by shape before anything is allocated, for each array and for all of a file
together.
"""

from __future__ import annotations

from dataclasses import field
from itertools import chain
from math import prod
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.errors import LimitError
from tui_backprop.language.message import said
from tui_backprop.limits import MOST_AXES
from tui_backprop.scenario.array_files import StoredError, find
from tui_backprop.scenario.kinds import (
    INFINITY,
    TOO_LARGE,
    Choice,
    Integer,
    Real,
    Words,
    any_of,
    expected,
    is_overflow,
    number_hint,
)
from tui_backprop.scenario.records import Either, ListOf, Named, Record, Variants, key
from tui_backprop.scenario.yaml_tree import NUMBER, Mapping, Scalar, Sequence, real, resolve

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Sequence as Many
    from pathlib import Path

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
        if report.exceeds(node.span, "axes", len(shape), said("this list")):
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
    line = first.span.line
    if length is None:
        expected(said("a number, as the first entry is"), node, report)
    elif found is None:
        what = said(
            "a row of length {length}, as the first has (line {line})", length=length, line=line
        )
        expected(what, node, report)
    else:
        message = said(
            "ragged list: expected a row of length {length}, as the first has (line {line}), "
            "found {found}",
            length=length,
            line=line,
            found=found,
        )
        report.at(node, message)


def _read_numbers(level: Many[Node], report: Report) -> Array | None:
    """The numbers of one level as a flat array; every word among them is reported."""
    match = NUMBER.fullmatch
    numbers = np.empty(len(level))
    is_good, has_truths = True, False
    for k, node in enumerate(level):
        if type(node) is Scalar and node.is_plain and match(node.text):
            numbers[k] = value = real(node.text)
            if is_overflow(value, node):
                is_good = False
                report.at(node, TOO_LARGE, INFINITY)
        elif isinstance(node, Scalar) and isinstance(resolve(node), bool):
            is_good = False
            if not has_truths:  # the others are said with the first
                expected(said("a number"), node, report, _TRUTHS)
            has_truths = True
        else:
            is_good = False
            _complain(node, report)
    return numbers if is_good else None


_TRUTHS: Final = said("write 1 for true and 0 for false; with them x[m != 0] picks entries")


def _complain(node: Node, report: Report) -> None:
    if report.is_flooded():
        return
    value = resolve(node) if isinstance(node, Scalar) else None
    is_mapping = isinstance(node, Mapping)
    what = said("a number or a list of numbers") if is_mapping else said("a number")
    expected(what, node, report, number_hint(value))


_FILE: Final = Words(said("the name of a file"))
_ARRAY: Final = Words(said("the name of an array"))
SHAPE: Final = ListOf(Integer(0), said("axis lengths"), longest=MOST_AXES)


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
            _FILE,
            "An .npy or .npz file, relative to the scenario and inside its folder.",
        )
    )
    key: Word | None = field(
        metadata=key(_ARRAY, "Which array of an .npz file."),
        default=None,
    )


Leaf: TypeAlias = Listed | Valued | Filled | Drawn | FromFile

LEAF: Final[Kind[Leaf]] = Named(
    "leaf",
    Either(
        said(
            "a number, a list of numbers, or a mapping with {keys}",
            keys=any_of(("value", "fill", "random", "file")),
        ),
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


@dataclass(frozen=True, slots=True)
class _Plan:
    """An array that is not made yet: its shape, and a function that gives its float64 entries."""

    shape: Shape
    numbers: Callable[[], Array]


class Arrays:
    """Makes the arrays of one scenario, in its dtype, within its limits.

    Attributes:
        dtype: of every array.
        folder: where files are looked for; None for a scenario without one.
    """

    def __init__(self, dtype: np.dtype[Any], folder: Path | None, report: Report) -> None:
        self.dtype = dtype
        self.folder = folder
        self._report = report
        self._total = 0

    def make(self, leaf: Leaf, shape: Shape | None = None, of: str = "") -> Array | None:
        """The array, read-only, or None with the problem reported.

        Args:
            leaf: what the file says; only its shape is looked at until that is accepted.
            shape: what it must have, where that is known; one number fits any single entry.
            of: what has this shape, for the message.
        """
        try:
            plan = self._plan(leaf)
            if plan is None or not self._is_acceptable(leaf, plan.shape, shape, of):
                return None
            numbers = plan.numbers()
        except StoredError as error:
            self._report.span(_source(leaf), error.message, error.hint)
            return None
        except LimitError as error:
            self._report.span(_source(leaf), str(error))
            return None
        return self._cast(leaf, numbers, plan.shape if shape is None else shape)

    def _plan(self, leaf: Leaf) -> _Plan | None:
        """None where a part of the leaf could not be read."""
        if isinstance(leaf, Filled):
            return _fill(leaf)
        if isinstance(leaf, Drawn):
            return _draw(leaf)
        if isinstance(leaf, FromFile):
            return None if leaf.file is None else self._stored(leaf.file, leaf.key)
        listed = leaf.value if isinstance(leaf, Valued) else leaf
        return None if listed is None else _Plan(listed.shape, lambda: listed.numbers)

    def _stored(self, file: Word, key: Word | None) -> _Plan:
        stored = find(self.folder, file.text, key.text if key else None, self._report.limits)
        return _Plan(stored.shape, stored.read)

    def _is_acceptable(self, leaf: Leaf, found: Shape, wanted: Shape | None, of: str) -> bool:
        size = prod(found)
        if wanted is not None and found != wanted and not size == prod(wanted) == 1:
            message = said(
                "expected shape {wanted}, as {of} has, found {found}",
                wanted=wanted,
                of=of,
                found=found,
            )
            self._report.span(leaf.span, message)
            return False
        self._total += size
        report, span, total = self._report, leaf.span, self._total
        return not (
            report.exceeds(span, "axes", len(found), said("an array"))
            or report.exceeds(
                span, "elements", size, said("an array of shape {shape}", shape=found)
            )
            or report.exceeds(span, "total_elements", total, said("all arrays so far"))
        )

    def _cast(self, leaf: Leaf, numbers: Array, shape: Shape) -> Array | None:
        with np.errstate(over="ignore"):
            array = numbers.astype(self.dtype, copy=False).reshape(shape)
        if array.dtype != numbers.dtype:
            lost = np.isinf(array).ravel() & np.isfinite(numbers).ravel()
            if lost.any():
                number = float(numbers.ravel()[int(lost.argmax())])
                message = said(
                    "{number} is beyond the range of {dtype}", number=repr(number), dtype=self.dtype
                )
                self._report.span(leaf.span, message)
                return None
        array.setflags(write=False)
        return array


def _source(leaf: Leaf) -> Span:
    """The place to blame when an array cannot be had: the name of its file, if it has one."""
    return leaf.file.span if isinstance(leaf, FromFile) and leaf.file else leaf.span


def _fill(leaf: Filled) -> _Plan | None:
    shape, fill = leaf.shape, leaf.fill
    if shape is None or None in shape or fill is None:
        return None
    return _Plan(shape, lambda: np.full(shape, fill))


def _draw(leaf: Drawn) -> _Plan | None:
    """Draws that a seed decides, equal on every machine and in both dtypes before rounding."""
    shape, seed, scale = leaf.shape, leaf.seed, leaf.scale
    if shape is None or None in shape or seed is None or scale is None or leaf.random is None:
        return None
    generator = np.random.default_rng(seed)
    draw = generator.standard_normal if leaf.random == "normal" else generator.random

    def numbers() -> Array:
        with np.errstate(all="ignore"):
            return np.asarray(draw(shape) * scale)

    return _Plan(shape, numbers)
