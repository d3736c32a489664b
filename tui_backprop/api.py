"""The Python interface: load a scenario and trace it.

It joins the reader, which knows no steps, with the debugger, which knows no files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.collector import collector_paused
from tui_backprop.dataclass import dataclass, replace
from tui_backprop.debug.debugger import Debugger
from tui_backprop.errors import CommandError, TuiBackpropError
from tui_backprop.files import FileError, open_regular
from tui_backprop.language.message import said
from tui_backprop.limits import DEFAULT_LIMITS
from tui_backprop.scenario.files import commands_beside, resolve
from tui_backprop.scenario.load import load as read
from tui_backprop.scenario.model import Expect, Model, Text, View
from tui_backprop.scenario.report import Report
from tui_backprop.timeline.trace import Provenance, Trace

if TYPE_CHECKING:
    from collections.abc import Callable
    from os import PathLike
    from pathlib import Path

    from tui_backprop.graph.model import Graph
    from tui_backprop.limits import Limits

_FEW_NODES: Final = 10_000
_FEW_ELEMENTS: Final = 100_000
_WALK_ENDING: Final = ".walk"
_WALK_START: Final = b"walk.json"
_WALK_AT: Final = 30
"""Where the name of the first member stands in a zip archive."""
_AS_COMMAND: Final = said(
    "write it as the command that sets it: {examples}", examples="'break h', 'watch norm(X.grad)'"
)


@dataclass(frozen=True, slots=True, eq=False)
class Scenario:
    """A scenario file, read and checked.

    Attributes:
        model: everything the file says.
        limits: what is refused in it, and in the scenarios that its traces are compared with.
        tried: the evaluation on which its breakpoints were tried, so that it is made once; None
            where they were not.
    """

    model: Model
    limits: Limits = DEFAULT_LIMITS
    tried: Trace | None = None

    @property
    def title(self) -> str:
        """The title in English where there is one."""
        return self.model.title.get("en")

    @property
    def path(self) -> Path | None:
        """The file it came from."""
        return self.model.path

    def trace(self) -> Trace:
        """Forward and backward, vectorised; every step of it addressable."""
        if self.tried is not None:
            return self.tried
        with collector_paused():
            return self._evaluated()

    def _evaluated(self) -> Trace:
        model = self.model
        trace = Trace(
            model.graph,
            model.leaves,
            model.passes,
            zeros=model.view.zeros == "show",
            provenance=Provenance(
                model.claims,
                lambda path: load(path, self.limits).trace(),
                tuple(question for question, _ in model.questions),
                model.planted,
                model.view.subscripts,
            ),
            tangents=model.tangents,
        )
        trace.update = model.update
        return trace

    def session(self) -> Debugger:
        """A walk over it: at the first step, with the breakpoints that the file sets."""
        is_unknown = self.tried is None and bool(self.model.breakpoints)
        if is_unknown and _takes_long(self.model.graph):
            self._check_breakpoints()
        session = Debugger(self.trace())
        session.commands_file = commands_beside(self.path)
        if self.model.breakpoints:
            self._set_breakpoints(session)
        if self.model.questions and self.tried is None:
            self._check_questions(session)
        return session

    # Commands are imported where there are some to carry out: few scenarios have any.

    def _check_breakpoints(self) -> None:
        from tui_backprop.debug.commands.breaking import check_beforehand

        self._each_breakpoint(lambda line: check_beforehand(self.model.graph, line))

    def _set_breakpoints(self, session: Debugger) -> None:
        from tui_backprop.debug.commands.breaking import check_command

        def set_one(line: str) -> None:
            check_command(line)
            session.execute(line)

        self._each_breakpoint(set_one)
        session.given = frozenset(b.number for b in session.breakpoints)

    def _check_questions(self, session: Debugger) -> None:
        from tui_backprop.debug.quiz.places import posed

        report = self._report()
        if session.timeline.is_forward:  # they are asked of the reverse walk, and hold there
            session = Debugger(self.trace())
            session.push_forward(None)
        for question, span in self.model.questions:
            try:
                posed(session, question)
            except TuiBackpropError as error:
                report.span(span, str(error))
        report.stop_if_any()

    def _report(self) -> Report:
        model = self.model
        return Report(str(model.path or model.name), model.raw.decode("utf-8-sig"))

    def _each_breakpoint(self, do: Callable[[str], None]) -> None:
        """Do something with each line that sets one; what it refuses is a problem of the file."""
        from tui_backprop.debug.commands.breaking import NO_BREAKPOINT

        report = self._report()
        for text, span in self.model.breakpoints:
            try:
                do(text)
            except CommandError as error:
                hint = _AS_COMMAND if str(error) == NO_BREAKPOINT else ""
                report.span(span, str(error), hint)
        report.stop_if_any()


def _takes_long(graph: Graph) -> bool:
    """Whether evaluating a graph takes longer than looking through its breakpoints."""
    return len(graph.nodes) > _FEW_NODES or graph.elements > _FEW_ELEMENTS


def load(path: str | PathLike[str], limits: Limits = DEFAULT_LIMITS) -> Scenario:
    """Read a scenario, or a saved walk.

    Args:
        path: a file, or the name of a shipped scenario without its ending.
        limits: what to refuse.

    Raises:
        ScenarioError: the file cannot be read or is not a scenario; every problem with its place.
        TuiBackpropError: it is a saved walk that cannot be read.
    """
    found = resolve(path)
    if is_walk(found):
        return _saved_walk(found, limits)
    scenario = Scenario(read(found, limits), limits)
    if scenario.model.breakpoints or scenario.model.questions:
        # What it cannot set is a problem of the file like any other.
        return replace(scenario, tried=scenario.session().trace)
    return scenario


def is_walk(path: Path) -> bool:
    """Whether a file is a saved walk, by its ending or by how it begins."""
    if path.suffix == _WALK_ENDING:
        return True
    try:
        with open_regular(path) as file:
            return file.read(len(_WALK_START) + _WALK_AT)[_WALK_AT:] == _WALK_START
    except FileError:
        return False  # whoever reads it says why it cannot be


def _saved_walk(path: Path, limits: Limits) -> Scenario:
    from tui_backprop.attach.saved.reader import open_walk

    trace = open_walk(path, limits)
    trace.provenance = Provenance((), lambda other: load(other, limits).trace())
    return replace(scenario_of(trace, path.name), limits=limits)


def scenario_of(trace: Trace, name: str) -> Scenario:
    """A trace that comes from no file as something that can be opened on a screen.

    Args:
        trace: of somebody else's program.
        name: what it is called on the screen.
    """
    model = Model(
        path=None,
        name=name,
        title=Text({"": name}),
        source="",
        graph=trace.graph,
        leaves=trace.leaves,
        passes=trace.passes,
        expect=Expect(),
        claims=(),
        breakpoints=(),
        notes=(),
        view=View(zeros="show" if trace.zeros else "skip"),
        raw=b"",
    )
    return Scenario(model, tried=trace)
