"""Reading a scenario, from a file or a text, to a checked model or to every problem it has.

Only here do the stages meet: bytes, tree, keys, arrays, program, names. YAML takes the program's
indentation away, so a problem in line 2 of the program may be one in line 9, column 5 of the file.
"""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from tui_backprop.dataclass import replace
from tui_backprop.errors import ProgramError
from tui_backprop.graph.file_names import here, path_in
from tui_backprop.language.message import said
from tui_backprop.limits import DEFAULT_LIMITS
from tui_backprop.program import build, read
from tui_backprop.rules import RULES
from tui_backprop.scenario.compose import compose
from tui_backprop.scenario.fields import DOCUMENT, FORMAT
from tui_backprop.scenario.files import decode, read_bytes
from tui_backprop.scenario.leaves import Arrays
from tui_backprop.scenario.model import Model, View
from tui_backprop.scenario.names import Resolver, as_text, is_of_tangent
from tui_backprop.scenario.report import Report, shown
from tui_backprop.scenario.yaml_tree import Mapping, Scalar, resolve

if TYPE_CHECKING:
    import collections.abc
    from os import PathLike

    from tui_backprop.errors import Problem
    from tui_backprop.graph.model import Graph, Pass
    from tui_backprop.graph.planted import Planted
    from tui_backprop.graph.update_rules import Update
    from tui_backprop.limits import Limits
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array
    from tui_backprop.scenario.fields import Document, Leaves, QuestionFields, ViewFields
    from tui_backprop.scenario.kinds import Word
    from tui_backprop.scenario.yaml_tree import Node, Span
    from tui_backprop.timeline.frame import Tangents
    from tui_backprop.timeline.trace import Claim, PosedQuestion


def load(path: str | PathLike[str], limits: Limits = DEFAULT_LIMITS) -> Model:
    """Read a scenario file.

    Args:
        path: a regular file.
        limits: what to refuse.

    Raises:
        ScenarioError: the file cannot be read or is not a scenario; every independent problem
            with its place.
    """
    file = Path(path)
    raw = read_bytes(file, limits)
    return _Reader(decode(raw, str(file), limits), str(file), file, file.parent, limits).model(raw)


def loads(
    text: str,
    name: str = "<text>",
    folder: Path | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Model:
    """Read a scenario from a text.

    Args:
        text: what a file would hold.
        name: how messages call it.
        folder: where files that it names are looked for; None allows none.
        limits: what to refuse.

    Raises:
        ScenarioError: as `load`.
    """
    raw = text.encode("utf-8", "surrogatepass")
    return _Reader(decode(raw, name, limits), name, None, folder, limits).model(raw)


class _Reader:
    """The stages of reading one text. Each goes on as far as the earlier ones allow."""

    def __init__(
        self, text: str, name: str, path: Path | None, folder: Path | None, limits: Limits
    ) -> None:
        self.report = Report(name, text, limits)
        self.text = text
        self.path = path
        self.folder = folder

    def model(self, raw: bytes) -> Model:
        """The whole model; ``raw`` is hashed."""
        document = self._document()
        arrays = Arrays(np.dtype(document.dtype or "float64"), self.folder, self.report)
        program, graph, leaves = self._graph(document, arrays)
        is_forward = document.mode == "forward"
        resolver = Resolver(graph, arrays, self.report, is_forward=is_forward)
        passes, update = self._passes(document, graph, resolver, program)
        name = self.path.stem if self.path else self.report.source_name
        found = self._planted(document, graph)
        model = Model(
            path=self.path,
            name=name,
            title=as_text(document.title or name),
            source=document.source or "",
            graph=graph if found is None else _wrong(found),
            leaves=MappingProxyType(leaves),
            passes=passes,
            expect=resolver.expect(document.expect, update),
            claims=self._claims(document, graph, len(passes), arrays),
            breakpoints=tuple(word for word in document.breakpoints or () if word is not None),
            notes=resolver.notes(document.notes),
            questions=_questions(document.questions, graph, self.report),
            view=_view(document.view),
            conventions=document.conventions or "",
            tangents=self._tangents(document, graph, arrays, program),
            planted=found,
            raw=raw,
            update=update,
        )
        self.report.stop_if_any()
        return model

    def _tangents(
        self, document: Document, graph: Graph, arrays: Arrays, program: Word
    ) -> Tangents | None:
        """What is pushed forward; nobody else loads what reads it."""
        if document.mode != "forward" and document.tangent is None:
            return None
        from tui_backprop.scenario.tangents import resolved

        return resolved(document, graph, arrays, self.report, program)

    def _passes(
        self, document: Document, graph: Graph, resolver: Resolver, program: Word
    ) -> tuple[tuple[Pass, ...], Update | None]:
        """What is walked, and what it trains."""
        passes = resolver.passes(document.backward, program)
        declared = document.backward
        count = len(declared) if isinstance(declared, tuple) else 1
        known = passes if len(passes) == count else None
        return passes, self._update(document, graph, known)

    def _update(
        self, document: Document, graph: Graph, passes: tuple[Pass, ...] | None
    ) -> Update | None:
        if document.update is None:
            return None
        from tui_backprop.scenario.update import resolved

        if document.mode == "forward":
            self.report.span(
                document.update.span,
                said("forward mode trains nothing"),
                said("leave out 'update', or 'mode'"),
            )
            return None
        return resolved(document.update, graph, passes, self.report)

    def _planted(self, document: Document, graph: Graph) -> Planted | None:
        if document.plant is None:
            return None
        from tui_backprop.scenario.plant import planted

        return planted(graph, document.plant, self.report)

    def _claims(
        self, document: Document, graph: Graph, passes: int, arrays: Arrays
    ) -> tuple[Claim, ...]:
        if not document.claims:
            return ()
        from tui_backprop.scenario.claims import ClaimResolver

        return ClaimResolver(graph, passes, arrays, self.report).claims(document.claims)

    def _graph(self, document: Document, arrays: Arrays) -> tuple[Word, Graph, dict[str, Array]]:
        """The program and what it computes; without it there is nothing to look names up in."""
        inputs = self._leaves(document.inputs, arrays)
        constants = self._leaves(document.constants, arrays, taken=document.inputs or {})
        program = document.program
        if program is None:
            raise self.report.error()
        if inputs is None or constants is None:
            _check(program, _declared(document), self.report, _rules(document.conventions))
            raise self.report.error()
        rules = _rules(document.conventions)
        graph = _build(program, inputs, constants, arrays.dtype, self.report, rules)
        if graph is None:
            raise self.report.error()
        graph = self._with_file(graph, program)
        return program, graph, {**inputs, **constants}

    def _with_file(self, graph: Graph, program: Word) -> Graph:
        """The graph with the place of its program in the file, where its lines stand there."""
        offsets = None if self.path is None else _offsets(program, self.text)
        if self.path is None or offsets is None:
            return graph
        files = MappingProxyType({path_in(here(), str(self.path)): -offsets[0]})
        return replace(graph, files=files)

    def _leaves(
        self, declared: Leaves | None, arrays: Arrays, taken: Leaves = MappingProxyType({})
    ) -> dict[str, Array] | None:
        """Array by name, or None where one is missing."""
        if declared is None:
            return None
        lines = {name.text: name.line for name in taken}
        made: dict[str, Array | None] = {}
        for name, leaf in declared.items():
            if name.text in lines:
                message = said(
                    "{name} is an input too (line {line})",
                    name=shown(name.text),
                    line=lines[name.text],
                )
                self.report.at(name, message, said("a leaf is one or the other"))
            made[name.text] = None if leaf is None else arrays.make(leaf)
        good = {name: array for name, array in made.items() if array is not None}
        return good if len(good) == len(made) and not lines.keys() & made.keys() else None

    def _document(self) -> Document:
        root = compose(self.text, self.report)
        if root is None:
            raise self.report.error()
        self._check_format(root)
        document = DOCUMENT.read(root, self.report)
        if document is None:
            raise self.report.error()
        return document

    def _check_format(self, root: Node) -> None:
        """Another format is the only thing said: its keys are not ours to judge."""
        value = root.find("format") if isinstance(root, Mapping) else None
        if not isinstance(value, Scalar):
            return
        found = resolve(value)
        if isinstance(found, (int, float)) and not isinstance(found, bool) and found != FORMAT:
            message = said("format {format} is not known", format=shown(value.text)[1:-1])
            hint = said("this version reads format {format}", format=FORMAT)
            self.report.at(value, message, hint)
            raise self.report.error()


def _wrong(planted: Planted) -> Graph:
    from tui_backprop.graph.planted import with_plant

    return with_plant(planted.truth, planted.plant)


def _rules(conventions: str | None) -> collections.abc.Mapping[str, Rule]:
    """The op table, as the framework has it whose conventions are followed."""
    if not conventions:
        return RULES
    from tui_backprop.rules.conventions.following import rules_of

    return rules_of(conventions)


def _questions(
    declared: tuple[QuestionFields | None, ...] | None, graph: Graph, report: Report
) -> tuple[tuple[PosedQuestion, Span], ...]:
    """The questions that could be read; whoever walks looks up their places."""
    if not declared:
        return ()
    from tui_backprop.timeline.trace import PosedQuestion

    found = []
    for one in declared:
        if one is None or one.at is None or one.ask is None:
            continue
        if is_of_tangent(one.at.text, graph.names):
            report.span(
                one.at.span,
                said("a question is about values and reverse mode: there is none about a tangent"),
                said("ask at a value, or at X.grad, which the reverse walk of this program gives"),
            )
            continue
        text = MappingProxyType({}) if one.text is None else as_text(one.text).by_language
        hints = tuple(as_text(hint).by_language for hint in one.hints or () if hint is not None)
        found.append((PosedQuestion(one.at.text.strip(), one.ask, text, hints), one.at.span))
    return tuple(found)


def _view(declared: ViewFields | None) -> View:
    if declared is None:
        return View()
    return View(declared.zeros or "skip", 1 if declared.subscripts is None else declared.subscripts)


def _build(
    program: Word,
    inputs: collections.abc.Mapping[str, Array],
    constants: collections.abc.Mapping[str, Array],
    dtype: np.dtype[Any],
    report: Report,
    rules: collections.abc.Mapping[str, Rule],
) -> Graph | None:
    """The graph, or None with every problem of the program reported at its place in the file."""
    try:
        return build(program.text, inputs, constants, dtype, report.limits, rules)
    except ProgramError as error:
        _report(error, program, report)
        return None


def _declared(document: Document) -> list[str] | None:
    """The names of the leaves, in order; None where some could not be read."""
    if document.inputs is None or document.constants is None:
        return None
    return list(dict.fromkeys(name.text for name in (*document.inputs, *document.constants)))


def _check(
    program: Word,
    leaves: collections.abc.Iterable[str] | None,
    report: Report,
    rules: collections.abc.Mapping[str, Rule],
) -> None:
    """Report what is wrong with a program whatever its leaves are, where one is not known."""
    try:
        read(program.text, leaves, report.limits, rules)
    except ProgramError as error:
        _report(error, program, report)


def _report(error: ProgramError, program: Word, report: Report) -> None:
    """Every problem of a program, at its place in the file."""
    for problem in error.kept:
        report.add(moved(problem, program, report.source))
    report.leave_out(error.left_out)


def moved(problem: Problem, program: Word, source: str) -> Problem:
    """A problem of the program as one of the file.

    Exact where the file shows the program's lines as they are: in a block (``|``), and in a plain
    or quoted value of one line. Elsewhere (folded lines, escapes) the value as such is blamed and
    the place within the program is told in words.
    """
    offsets = _offsets(program, source)
    if offsets is not None:
        return problem.moved(*offsets)
    span = program.span
    message = said(
        "{message} (line {line}, column {column} of the program)",
        message=problem.message,
        line=problem.line,
        column=problem.column,
    )
    return replace(problem, message=message, line=span.line, column=span.column, width=span.width)


def _offsets(program: Word, source: str) -> tuple[int, int] | None:
    """Lines and columns to add, or None where no such numbers exist; verified on every line."""
    lines = source.splitlines()
    written = program.text.split("\n")
    span = program.span
    if span.end_line == span.line:
        for column in (span.column - 1, span.column):
            if lines[span.line - 1][column : column + len(program.text)] == program.text:
                return span.line - 1, column
        return None
    below = lines[span.line : span.line + len(written)]
    first = next((k for k, line in enumerate(written) if line.strip()), None)
    if first is None or first >= len(below):
        return None
    indent = len(below[first]) - len(written[first])
    agree = (k < len(below) and below[k][indent:] == line for k, line in enumerate(written) if line)
    return (span.line, indent) if indent >= 0 and all(agree) else None
