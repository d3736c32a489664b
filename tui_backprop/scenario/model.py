"""What a scenario is once it is read: the data that debugger and screen work with."""

from __future__ import annotations

from dataclasses import field
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from tui_backprop.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tui_backprop.graph.model import Graph, Pass
    from tui_backprop.graph.planted import Planted
    from tui_backprop.graph.update_rules import Update
    from tui_backprop.rules.types import Array
    from tui_backprop.scenario.kinds import Word
    from tui_backprop.scenario.yaml_tree import Span
    from tui_backprop.timeline.frame import Tangents
    from tui_backprop.timeline.trace import Claim, PosedQuestion

PhaseName = Literal["build", "seed", "backward", "zero_grad", "update", "end"]


@dataclass(frozen=True, slots=True)
class Text:
    """A text in one or more languages, exactly as the file has it, control characters included.

    Attributes:
        by_language: ``en``, ``zh``, …; a text without a language stands under the empty string.
    """

    by_language: Mapping[str, str] = field(hash=False)

    def get(self, language: str) -> str:
        """The text in a language, else without a language, else English, else any there is."""
        for wanted in (language, "", "en"):
            if wanted in self.by_language:
                return self.by_language[wanted]
        return next(iter(self.by_language.values()), "")


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the walk a note hangs.

    Attributes:
        kind: a phase (``build``, ``seed``, ``backward``, ``zero_grad``, ``update``), the ``end`` of
            the walk, a ``node``, or the ``grad`` of one: its adjoint.
        name: the node's name, for ``node`` and ``grad``; else empty.
        index: which entries, from 0: nothing for all, fewer numbers than axes for a row or block.
        is_forward: whether it is a place of a forward walk, where the tangent stands for the
            adjoint. A node and ``build`` are places of either.
    """

    kind: PhaseName | Literal["node", "grad"]
    name: str = ""
    index: tuple[int, ...] = ()
    is_forward: bool = False

    @property
    def is_of_both_modes(self) -> bool:
        """Whether a walk comes there in whichever mode."""
        return self.kind in {"node", "build"}


@dataclass(frozen=True, slots=True)
class Note:
    """Narration.

    Attributes:
        at: the place as the file writes it.
        place: the same, understood.
        text: what is said there.
    """

    at: str
    place: Place
    text: Text


@dataclass(frozen=True, slots=True, eq=False)
class Expect:
    """What the scenario promises; arrays have the shape of what they are compared with.

    Attributes:
        values: by name.
        grad: by input name, after all passes; of a training, in its first iteration.
        rtol: relative tolerance.
        atol: absolute tolerance.
        updated: by input name, after an update.
        updated_after: the number of the iteration that ends with that update, from 1; 0 for the
            last.
        loss: of the first iterations; None where nothing is said of it.
        tangent: by name, of a forward walk.
    """

    values: Mapping[str, Array] = field(default_factory=lambda: MappingProxyType({}))
    grad: Mapping[str, Array] = field(default_factory=lambda: MappingProxyType({}))
    rtol: float = 1e-6
    atol: float = 1e-9
    tangent: Mapping[str, Array] = field(default_factory=lambda: MappingProxyType({}))
    updated: Mapping[str, Array] = field(default_factory=lambda: MappingProxyType({}))
    updated_after: int = 0
    loss: Array | None = None


@dataclass(frozen=True, slots=True)
class View:
    """How the walk is shown.

    Attributes:
        zeros: whether partials that are zero by structure are visited.
        subscripts: what the first entry is counted as, on screen.
    """

    zeros: Literal["show", "skip"] = "skip"
    subscripts: Literal[0, 1] = 1


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A scenario.

    Attributes:
        path: the file; None for a text.
        name: the file's name without its ending, or what the text was called.
        title: the title; the name where the file has none.
        source: where the numbers come from; may be empty.
        graph: what the program computes.
        leaves: value of every input and constant by name, in order, read-only.
        passes: the backward passes.
        expect: what it promises.
        claims: numbers derived by hand, in the order of the file.
        breakpoints: the commands that set them, with their places in the file.
        notes: narration, in the order of the file.
        view: how the walk is shown.
        questions: what it asks, each with the place in the file of where it asks it.
        conventions: the framework whose gradients are followed where they are a choice; empty for
            the op table's own.
        planted: the bug that is to be found in it, and the graph without; None for most.
        raw: the file's bytes.
        tangents: what is pushed forward in forward mode; None in reverse mode.
        update: how inputs are trained; None where nothing is.
    """

    path: Path | None
    name: str
    title: Text
    source: str
    graph: Graph
    leaves: Mapping[str, Array]
    passes: tuple[Pass, ...]
    expect: Expect
    claims: tuple[Claim, ...]
    breakpoints: tuple[Word, ...]
    notes: tuple[Note, ...]
    view: View
    raw: bytes
    conventions: str = ""
    tangents: Tangents | None = None
    questions: tuple[tuple[PosedQuestion, Span], ...] = ()
    planted: Planted | None = None
    update: Update | None = None

    @property
    def sha256(self) -> str:
        """The SHA-256 of the file, in hexadecimal, so that a recording knows its scenario."""
        from hashlib import sha256

        return sha256(self.raw).hexdigest()
