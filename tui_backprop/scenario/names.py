"""Resolving the names that passes, expectations and notes use, once the graph is known."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, get_args

from tui_backprop.dataclass import replace
from tui_backprop.graph.model import Backward, ZeroGrad
from tui_backprop.graph.naming import entry_at, node_called, split_place
from tui_backprop.language.message import joined, said
from tui_backprop.pattern import pattern
from tui_backprop.scenario.fields import PassFields, ZeroGradFields
from tui_backprop.scenario.model import Expect, Note, PhaseName, Place, Text
from tui_backprop.scenario.report import UNKNOWN_INPUT, UNKNOWN_NAME, shown
from tui_backprop.scenario.texts import Localized

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Sequence

    from tui_backprop.graph.model import Graph, Pass
    from tui_backprop.graph.update_rules import Update
    from tui_backprop.rules.types import Array, Shape
    from tui_backprop.scenario.fields import (
        AnyPass,
        ExpectFields,
        Leaves,
        NoteFields,
        Passes,
    )
    from tui_backprop.scenario.kinds import Word
    from tui_backprop.scenario.leaves import Arrays
    from tui_backprop.scenario.report import Report
    from tui_backprop.scenario.texts import Texts


_PASSES: Final = 2
"""Nodes of a backward pass that take as long, and as much memory, as one instruction."""


class Resolver:
    """Resolves everything in a file that refers to the program by name.

    Attributes:
        graph: what the names mean.
    """

    def __init__(
        self, graph: Graph, arrays: Arrays, report: Report, *, is_forward: bool = False
    ) -> None:
        self.graph = graph
        self._is_forward = is_forward
        self._arrays = arrays
        self._report = report

    def passes(self, declared: Passes | None, program: Word) -> tuple[Pass, ...]:
        """The backward passes; where none are declared, one from the last name bound."""
        if declared is None:
            return self._default(program)
        several = declared if isinstance(declared, tuple) else (declared,)
        if self._are_too_many(several):
            return ()
        return tuple(found for one in several if (found := self._pass(one)) is not None)

    def _are_too_many(self, several: Sequence[AnyPass | None]) -> bool:
        """Whether adjoints are more than one pass has at the limit; each pass has its own."""
        places = [p.of.span for p in several if isinstance(p, PassFields) and p.of is not None]
        if len(places) < 2:
            return False
        graph, count = self.graph, len(places)
        passes = f"{count:,}"
        what = said("with the adjoints of {count} passes, all values", count=passes)
        elements = graph.elements * (count + 1) // 2
        steps = len(graph.nodes) * count // _PASSES
        return self._report.exceeds(places[-1], "total_elements", elements, what) or (
            self._report.exceeds(
                places[-1], "instructions", steps, said("{count} passes, each node", count=passes)
            )
        )

    def _default(self, program: Word) -> tuple[Pass, ...]:
        node = last_bound(self.graph)
        if node is None:
            self._report.span(
                program.span,
                said("the program binds no name"),
                said("say with 'backward' where to start"),
            )
            return ()
        return (Backward(node),)

    def _pass(self, declared: AnyPass | None) -> Pass | None:
        if isinstance(declared, ZeroGradFields):
            return ZeroGrad()
        if not isinstance(declared, PassFields) or declared.of is None:
            return None
        of = declared.of
        node = self.graph.names.get(of.text)
        if node is None:
            self._report.unknown(UNKNOWN_NAME, of.text, of.span, self.graph.names)
            return None
        if declared.v is None:
            return Backward(node)
        shape = self.graph.nodes[node].shape
        v = self._arrays.make(declared.v, shape, shown(of.text))
        return None if v is None else Backward(node, v)

    def expect(self, declared: ExpectFields | None, update: Update | None = None) -> Expect:
        """The promises, in the shapes of what they are compared with."""
        if declared is None:
            return Expect()
        values = dict(self._expected(declared.values, self.graph.names, UNKNOWN_NAME))
        grad = dict(self._expected(declared.grad, self.graph.inputs, UNKNOWN_INPUT))
        return Expect(
            MappingProxyType(values),
            MappingProxyType(grad),
            declared.rtol or 0.0,
            declared.atol or 0.0,
            MappingProxyType(
                dict(self._expected(declared.tangent, self.graph.names, UNKNOWN_NAME))
            ),
            MappingProxyType(dict(self._updated(declared, update))),
            self._updated_after(declared, update),
            self._loss(declared, update),
        )

    def _updated(
        self, declared: ExpectFields, update: Update | None
    ) -> Iterator[tuple[str, Array]]:
        """What trained inputs become; nothing else does become another number."""
        trained = {} if update is None else {name: self.graph.inputs[name] for name in update.of}
        if declared.updated and update is None:
            first = next(iter(declared.updated))
            self._report.at(first, said("nothing is updated: there is no {key}", key="'update'"))
            return
        yield from self._expected(declared.updated, trained, UNKNOWN_INPUT)

    def _updated_after(self, declared: ExpectFields, update: Update | None) -> int:
        """The number of an iteration that there is; 0 for the last."""
        number, updated = declared.updated_after, declared.updated
        if number is None or update is None:
            return 0
        if number > update.steps and updated:
            name = next(iter(updated))
            self._report.at(name, said(
                "there are {count} iterations, and no update after {number}",
                count=update.steps, number=number,
            ))  # fmt: skip
        return number

    def _loss(self, declared: ExpectFields, update: Update | None) -> Array | None:
        """The losses, one for each iteration from the first on."""
        if declared.loss is None:
            return None
        losses = self._arrays.make(declared.loss)
        if losses is None:
            return None
        count = 0 if update is None else update.steps
        if losses.ndim != 1 or losses.size > count:
            self._report.span(declared.loss.span, said(
                "expected a list of one loss for each iteration, at most {count}; found the shape "
                "{shape}", count=count, shape=losses.shape,
            ))  # fmt: skip
            return None
        return losses

    def _expected(
        self, declared: Leaves | None, known: Mapping[str, int], what: str
    ) -> Iterator[tuple[str, Array]]:
        for name, leaf in (declared or {}).items():
            node = known.get(name.text)
            if node is None:
                self._report.unknown(what, name.text, name.span, known)
            elif leaf is not None:
                shape = self.graph.nodes[node].shape
                array = self._arrays.make(leaf, shape, shown(name.text))
                if array is not None:
                    yield name.text, array

    def notes(self, declared: tuple[NoteFields | None, ...] | None) -> tuple[Note, ...]:
        """The narration."""
        notes: list[Note] = []
        for one in declared or ():
            if one is None or one.at is None or one.text is None:
                continue
            place = self._place(one.at)
            if place is not None:
                notes.append(Note(one.at.text.strip(), place, as_text(one.text)))
        return tuple(notes)

    def _place(self, at: Word) -> Place | None:
        """Where a note hangs: of a forward scenario in the forward walk, but for a ``grad``."""
        is_tangent = self._is_forward and is_of_tangent(at.text, self.graph.names)
        written = at._replace(text=_TANGENT.sub(".grad", at.text)) if is_tangent else at
        place = parse_place(written, self.graph, self._report)
        if place is None or not self._is_forward or place.is_of_both_modes:
            return place
        return replace(place, is_forward=is_tangent or place.kind != "grad")


def last_bound(graph: Graph) -> int | None:
    """The last value that the program gave a name, None where it named none.

    A bare number, such as a loop bound, is taken only where there is nothing else.
    """
    leaves = {**graph.inputs, **graph.constants}
    bound = {k for n, k in graph.names.items() if leaves.get(n) != k and not {"@", "."} & {*n}}
    computed = (k for k in bound if graph.nodes[k].literal is None)
    return max(computed, default=max(bound, default=None))


def as_text(declared: Texts) -> Text:
    """A text by language, or for every language."""
    if isinstance(declared, Localized):
        return Text(MappingProxyType(dict(declared.texts)))
    return Text(MappingProxyType({"": declared}))


PHASES: Final[tuple[PhaseName, ...]] = get_args(PhaseName)

_TANGENT: Final = pattern(r"\.tangent(?=\s*(?:\[|$))")


def is_of_tangent(text: str, names: Container[str]) -> bool:
    """Whether a place in a file is written ``y.tangent`` or ``y.tangent[1]``.

    Args:
        text: the place.
        names: those of the program, which come first.
    """
    return text.strip() not in names and bool(_TANGENT.search(text))


_NAME: Final = r"[\w.@]+?"
_INDEX: Final = r"[-+0-9, ]*"
_LONGEST: Final = 200


def parse_place(at: Word, graph: Graph, report: Report) -> Place | None:
    """The place, or None with the problem reported.

    A name of the program comes before a phase of the same name.

    Args:
        at: as the file has it: ``Y``, ``Y[0]``, ``X.grad``, ``X.grad[1, 2]``, ``seed``.
        graph: knows the names and their shapes.
        report: receives what does not exist.
    """
    text = at.text.strip()
    if text in graph.names:
        return Place("node", text)
    for phase in PHASES:
        if text == phase:
            return Place(phase)
    found = split_place(text, _NAME, _INDEX, graph.names) if len(text) < _LONGEST else None
    if found is None:
        hint = said("a name, X.grad, X.grad[1], or one of {phases}", phases=joined(", ", PHASES))
        report.span(at.span, said("{text} is no place of the walk", text=shown(text)), hint)
        return None
    name = found.name
    node = node_called(name, graph, is_gradient=found.is_gradient)
    if node is None:
        report.unknown(UNKNOWN_NAME, name, at.span, (*graph.names, *PHASES))
        return None
    index = _index(found.index, name, graph.nodes[node].shape, at, report)
    return None if index is None else Place("grad" if found.is_gradient else "node", name, index)


def _index(
    written: str | None, name: str, shape: Shape, at: Word, report: Report
) -> tuple[int, ...] | None:
    """Coordinates from 0; counted from the end where they are negative."""
    if written is None:
        return ()
    try:
        index = tuple(int(part) for part in written.split(","))
    except ValueError:
        message = said(
            "expected whole numbers between the brackets, found '{written}'", written=written
        )
        report.span(at.span, message)
        return None
    entry = entry_at(index, shape)
    if entry is None:
        message = said(
            "{name} has shape {shape}, it has no entry [{index}]",
            name=shown(name),
            shape=shape,
            index=written,
        )
        report.span(at.span, message)
    return entry
