"""What the names of an expression mean: a value, a gradient, v, J, the step, the op.

Each knows which of its entries are computed at a step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.errors import LimitError
from tui_backprop.language.message import said
from tui_backprop.timeline.frame import Phase

if TYPE_CHECKING:
    from tui_backprop.limits import Limits
    from tui_backprop.rules.types import Array, IntArray, Shape
    from tui_backprop.timeline.timeline import Frame

PHASES: Final = tuple(phase.value for phase in Phase)


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """Numbers, and which of them are computed.

    Attributes:
        values: what they are; what stands where nothing is computed means nothing.
        mask: whether each is computed; None where all are.
    """

    values: Array
    mask: IntArray | None = None

    @classmethod
    def nothing(cls, shape: Shape) -> Known:
        """A shape without one number."""
        return cls(np.full(shape, np.nan), np.zeros(shape, dtype=bool))

    @property
    def known(self) -> IntArray:
        """Whether each entry is computed, in their shape."""
        return np.broadcast_to(True if self.mask is None else self.mask, self.values.shape)

    @property
    def is_complete(self) -> bool:
        """Whether every entry is computed."""
        return self.mask is None or bool(self.mask.all())


@dataclass(frozen=True, slots=True)
class ValueOf:
    """A node's forward value."""

    text: str
    node: int

    def read(self, frame: Frame) -> Known | None:
        """The value, once the node is built."""
        found = frame.value(self.node)
        return Known(found) if found is not None else Known.nothing(frame.timeline.shape(self.node))


@dataclass(frozen=True, slots=True)
class GradOf:
    """A node's adjoint, as far as it is summed; or its tangent.

    Attributes:
        text: how it is written.
        node: whose.
        is_tangent: whether it is the tangent, which only a forward walk has: it has no adjoints.
    """

    text: str
    node: int
    is_tangent: bool = False

    def read(self, frame: Frame) -> Known | None:
        """The adjoint, entry by entry as far as it is summed."""
        if frame.is_forward is not self.is_tangent:
            return Known.nothing(frame.timeline.shape(self.node))
        adjoint = frame.adjoint(self.node)
        if adjoint.is_unknown:
            return Known.nothing(adjoint.shape)
        values, mask = adjoint.toarray()
        return Known(values, None if adjoint.is_known else mask)


@dataclass(frozen=True, slots=True)
class Cotangent:
    """v of the step's node."""

    text: str = "v"

    def read(self, frame: Frame) -> Known | None:
        """The cotangent, once the backward pass is at a node."""
        return None if frame.v is None or frame.is_forward else Known(frame.v)


@dataclass(frozen=True, slots=True)
class JacobianOf:
    """J of the step's edge, all of it."""

    limits: Limits
    text: str = "J"

    def read(self, frame: Frame) -> Known | None:
        """The m × n partials of J.

        Raises:
            LimitError: they are more than an array may have.
        """
        if frame.J is None:
            return None
        m, n = frame.J.shape
        self.check(m, n)
        return Known(frame.J.toarray())

    def check(self, m: int, n: int) -> None:
        """Refuse a J that is too large to be written out.

        Raises:
            LimitError: it is.
        """
        if m * n > self.limits.elements:
            raise LimitError(
                said(
                    "J is {rows} × {columns}: more than the limit of {most} elements "
                    "(raise it with --limit elements=N)",
                    rows=f"{m:,}",
                    columns=f"{n:,}",
                    most=f"{self.limits.elements:,}",
                )
            )


@dataclass(frozen=True, slots=True)
class StepNumber:
    """The step's address."""

    text: str = "step"

    def read(self, frame: Frame) -> Known | None:
        """k, from 0."""
        return Known(np.asarray(float(frame.k)))


@dataclass(frozen=True, slots=True)
class WordIs:
    """Whether a word of the step is a certain one: ``op == "softmax"``.

    Attributes:
        text: how it is written.
        word: ``op``, ``phase`` or ``node``.
        wanted: what it is compared with.
        is_negated: whether it was written with ``!=``.
    """

    text: str
    word: str
    wanted: str
    is_negated: bool

    def read(self, frame: Frame) -> Known | None:
        """1 where it holds, else 0."""
        return Known(np.asarray(float(self.holds(word_of(frame, self.word)))))

    def holds(self, found: str) -> bool:
        """Whether a word is what is asked for."""
        return (found == self.wanted) is not self.is_negated


@dataclass(frozen=True, slots=True)
class WordOf:
    """A word of the step, which is no number."""

    word: str

    @property
    def text(self) -> str:
        """The word as it is typed."""
        return self.word

    def read(self, frame: Frame) -> Known | None:
        """Nothing to compute with."""
        del frame  # a word has no numbers at any step
        return None


AnyReference: TypeAlias = ValueOf | GradOf | Cotangent | JacobianOf | StepNumber | WordIs | WordOf

WORDS: Final = ("op", "phase", "node")
"""What a step has that is no number."""


def word_of(frame: Frame, word: str) -> str:
    """The op, the phase, or the name of the node of a step; zeroing gradients has no node."""
    if word == "phase":
        return frame.phase.value
    if frame.phase is Phase.ZERO_GRAD:
        return ""
    return frame.node.op if word == "op" else frame.node.label
