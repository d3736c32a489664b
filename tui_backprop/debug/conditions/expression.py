"""An expression: typed once, evaluated at many steps.

It owns its graphs, one for each combination of shapes that v and J have on the walk.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from tui_backprop.debug.conditions.evaluation import VOCABULARY, evaluate
from tui_backprop.debug.conditions.reading import read
from tui_backprop.debug.conditions.references import (
    WORDS,
    Cotangent,
    JacobianOf,
    Known,
    WordOf,
    word_of,
)
from tui_backprop.debug.conditions.together import is_of_many
from tui_backprop.errors import CommandError, ProgramError, TuiBackpropError
from tui_backprop.language.message import changed, joined, said
from tui_backprop.limits import DEFAULT_LIMITS
from tui_backprop.program.formula import build_formula, check_formula, result_of

if TYPE_CHECKING:
    from tui_backprop.debug.conditions.reading import Reading
    from tui_backprop.debug.conditions.references import AnyReference
    from tui_backprop.graph.model import Graph
    from tui_backprop.limits import Limits
    from tui_backprop.rules.types import Shape
    from tui_backprop.timeline.timeline import Frame


_LONGEST: Final = 20_000
"""Characters: it is read at once, and evaluated at every step of a search."""

Sample: TypeAlias = "Known | str | None"
"""What an expression is at a step; None where v or J, which it reads, are not there."""


class Expression:
    """Something to compute from the state at a step.

    Two are equal where they were typed the same for the same graph.

    Attributes:
        text: as it was typed.
        references: what it reads.
        word: ``op``, ``phase`` or ``node`` where it is that word alone; else empty.
    """

    def __init__(self, text: str, graph: Graph, limits: Limits = DEFAULT_LIMITS) -> None:
        """Read it.

        Raises:
            CommandError: it is no expression; the message has its column where there is one.
        """
        self.text = text.strip()
        if len(self.text) > _LONGEST:
            raise CommandError(
                said(
                    "an expression of {count} characters: at most {most}; compute it in "
                    "the program and ask for its name",
                    count=f"{len(self.text):,}",
                    most=f"{_LONGEST:,}",
                )
            )
        self._graph = graph
        self._limits = limits
        self._formulas: dict[tuple[Shape, ...], Graph] = {}
        self.word = self.text if self.text in WORDS and self.text not in graph.names else ""
        self._reading: Reading | None = None
        self.references: tuple[AnyReference, ...] = ()
        if not self.text:
            raise CommandError(said("expected an expression, such as norm(X.grad) > 10"))
        if self.word:
            self.references = (WordOf(self.word),)
        else:
            try:
                self._reading = read(self.text, graph, limits)
                self.references = tuple(self._reading.references.values())
                self._check(self._reading)
            except CommandError as error:
                raise error.moved(len(text) - len(text.lstrip())) from None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Expression) and (self.text, id(self._graph)) == (
            other.text,
            id(other._graph),
        )

    def __hash__(self) -> int:
        return hash(self.text)

    def at(self, frame: Frame) -> Known | None:
        """The value after a step; None where it reads a v or J that does not exist there.

        Raises:
            CommandError: it does not fit the shapes at this step.
        """
        leaves: list[Known] = []
        try:
            for reference in self.references:
                known = reference.read(frame)
                if known is None:
                    return None
                leaves.append(known)
            formula = self.formula(tuple(x.values.shape for x in leaves))
            return evaluate(formula, leaves, result_of(formula))
        except CommandError:
            raise
        except TuiBackpropError as error:
            raise CommandError(str(error)) from error

    def sample(self, frame: Frame) -> Sample:
        """The value after a step, or the word of a step where the expression is one.

        Raises:
            CommandError: see `at`.
        """
        return word_of(frame, self.word) if self.word else self.at(frame)

    def displayed(self, frame: Frame) -> Sample:
        """`sample`, or the message where the expression does not fit the shapes."""
        try:
            return self.sample(frame)
        except CommandError as error:
            return str(error)

    def holds(self, frame: Frame) -> bool:
        """Whether it is known to be true after a step.

        Raises:
            CommandError: it has more than one entry, or does not fit the shapes at this step.
        """
        found = self.at(frame)
        if found is None:
            return False
        self._check_single(found.values.shape)
        return found.is_complete and bool(found.values.reshape(-1)[0] != 0)

    @property
    def is_varying(self) -> bool:
        """Whether it reads something that has another shape at another step."""
        varying = Cotangent | JacobianOf
        return any(isinstance(reference, varying) for reference in self.references)

    @property
    def is_quick(self) -> bool:
        """Whether every op of it, as it was last read, is computed of many steps in one call."""
        last = next(reversed(self._formulas.values()), None)
        return last is not None and all(map(is_of_many, last.nodes))

    def check_condition(self) -> None:
        """Refuse what is no condition at any step: no single answer, or always the same one.

        Raises:
            CommandError: it is none.
        """
        if not self.references:
            raise CommandError(
                said(
                    "'{text}' never changes: a condition names what does, as in {example}",
                    text=self.text,
                    example="step > 3",
                )
            )
        if not self.is_varying:
            formula = self._formula_everywhere()
            self._check_single(formula.nodes[result_of(formula)].shape)

    def formula(self, shapes: tuple[Shape, ...]) -> Graph:
        """The graph of the expression for references of these shapes.

        Raises:
            CommandError: it does not fit them.
        """
        found = self._formulas.get(shapes)
        if found is None:
            found = self._formulas[shapes] = self._built(shapes)
        return found

    @property
    def _plain(self) -> Reading:
        if self._reading is None:
            raise CommandError(
                said(
                    "'{name}' is a word: compare it, as in {example}",
                    name=self.text,
                    example=f'{self.text} == "…"',
                )
            )
        return self._reading

    def _built(self, shapes: tuple[Shape, ...]) -> Graph:
        reading = self._plain
        leaves = dict(zip(reading.references, shapes, strict=True))
        try:
            dtype = self._graph.dtype
            return build_formula(reading.plain, leaves, dtype, VOCABULARY, self._limits)
        except ProgramError as error:
            raise _as_command_error(error, reading) from None

    def _check(self, reading: Reading) -> None:
        """Refuse at once what cannot fit any step."""
        try:
            check_formula(reading.plain, list(reading.references), VOCABULARY, self._limits)
        except ProgramError as error:
            raise _as_command_error(error, reading) from None
        if not self.is_varying:
            self._formula_everywhere()

    def _formula_everywhere(self) -> Graph:
        """The graph of an expression that reads nothing of another shape at another step."""
        places = (getattr(reference, "node", None) for reference in self.references)
        nodes = self._graph.nodes
        return self.formula(tuple(() if n is None else nodes[n].shape for n in places))

    def _check_single(self, shape: Shape) -> None:
        """Refuse more than one answer, and none."""
        if prod(shape) != 1:
            raise CommandError(
                said(
                    "'{text}' has shape {shape}: a condition is one answer; "
                    "ask for any(…) or all(…)",
                    text=self.text,
                    shape=shape,
                )
            )


def _as_command_error(error: ProgramError, reading: Reading) -> CommandError:
    """The first problem as a `CommandError`, with the person's names."""
    problem = error.problems[0]
    text = joined("; ", filter(None, [problem.message, problem.hint]))
    return CommandError(changed(text, reading.restored), max(problem.column - 1, 0))


def is_same(one: Sample, other: Sample) -> bool:
    """Whether two values show the same: NaN is NaN, and what is not computed is not compared."""
    if not isinstance(one, Known) or not isinstance(other, Known):
        return one == other
    if one.values.shape != other.values.shape:
        return False
    if not np.array_equal(one.known, other.known):
        return False
    shown, compared = (np.where(one.known, x.values, 0.0) for x in (one, other))
    return bool(np.array_equal(shown, compared, equal_nan=True))
