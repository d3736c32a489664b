"""An expression: typed once, asked at many steps.

It stands apart from what it is made of because it owns the graphs: one for each combination of
shapes that v and J have on the way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from tui_backprop.debug.conditions.evaluation import evaluate
from tui_backprop.debug.conditions.predicates import VOCABULARY
from tui_backprop.debug.conditions.reading import read
from tui_backprop.debug.conditions.references import (
    WORDS,
    Cotangent,
    JacobianOf,
    Known,
    WordOf,
    word_of,
)
from tui_backprop.errors import CommandError, ProgramError, TuiBackpropError
from tui_backprop.limits import DEFAULT_LIMITS
from tui_backprop.program.formula import build_formula, check_formula, result_of

if TYPE_CHECKING:
    from tui_backprop.debug.conditions.reading import Reading
    from tui_backprop.debug.conditions.references import AnyReference
    from tui_backprop.graph.model import Graph
    from tui_backprop.limits import Limits
    from tui_backprop.rules.types import Shape
    from tui_backprop.timeline.frame import Frame

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
                f"an expression of {len(self.text):,} characters: at most {_LONGEST:,}; compute it "
                "in the program and ask for its name"
            )
        self._graph = graph
        self._limits = limits
        self._formulas: dict[tuple[Shape, ...], Graph] = {}
        self.word = self.text if self.text in WORDS and self.text not in graph.names else ""
        self._reading: Reading | None = None
        self.references: tuple[AnyReference, ...] = ()
        if not self.text:
            raise CommandError("expected an expression, such as norm(X.grad) > 10")
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
        """Its value after a step; None where v or J, which it reads, are not there yet.

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
        """Its value after a step, or its word.

        Raises:
            CommandError: see `at`.
        """
        return word_of(frame, self.word) if self.word else self.at(frame)

    def told(self, frame: Frame) -> Sample:
        """The same; where it does not fit the shapes, the complaint."""
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
        if found.values.size != 1:
            raise CommandError(
                f"'{self.text}' has shape {found.values.shape}: a condition is one answer; "
                "ask for any(…) or all(…)"
            )
        return found.is_complete and bool(found.values.reshape(-1)[0] != 0)

    def formula(self, shapes: tuple[Shape, ...]) -> Graph:
        """Its graph for references of these shapes.

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
            raise CommandError(f"'{self.text}' is a word: compare it, as in {self.text} == \"…\"")
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
        varying = Cotangent | JacobianOf
        if not any(isinstance(reference, varying) for reference in self.references):
            shapes = [self._shape(reference) for reference in self.references]
            self.formula(tuple(shapes))

    def _shape(self, reference: AnyReference) -> Shape:
        node = getattr(reference, "node", None)
        return () if node is None else self._graph.nodes[node].shape


def _as_command_error(error: ProgramError, reading: Reading) -> CommandError:
    """The first problem, in the person's names."""
    problem = error.problems[0]
    hint = f"; {problem.hint}" if problem.hint else ""
    return CommandError(reading.restored(problem.message + hint), max(problem.column - 1, 0))


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
