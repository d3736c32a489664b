"""What a Python program holds: a scenario that can be traced.

It stands above reader and debugger because it joins them: the reader knows no steps, the debugger
no files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.dataclass import dataclass
from tui_backprop.debug.provenance import Provenance
from tui_backprop.debug.session import Session
from tui_backprop.debug.trace import Trace
from tui_backprop.errors import CommandError
from tui_backprop.limits import DEFAULT_LIMITS
from tui_backprop.scenario.beside import commands_beside
from tui_backprop.scenario.load import load as read
from tui_backprop.scenario.report import Report
from tui_backprop.scenario.shipped import resolve

if TYPE_CHECKING:
    from os import PathLike
    from pathlib import Path

    from tui_backprop.limits import Limits
    from tui_backprop.scenario.model import Model

_AS_COMMAND: Final = "write it as the command that sets it: 'break h', 'watch norm(X.grad)'"


@dataclass(frozen=True, slots=True, eq=False)
class Scenario:
    """A scenario file, read and checked.

    Attributes:
        model: everything the file says.
        limits: what is refused in it, and in the scenarios that its traces are compared with.
    """

    model: Model
    limits: Limits = DEFAULT_LIMITS

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
        model = self.model
        return Trace(
            model.graph,
            model.leaves,
            model.passes,
            zeros=model.view.zeros == "show",
            provenance=Provenance(model.claims, lambda path: load(path, self.limits).trace()),
        )

    def session(self) -> Session:
        """A walk over it: at the first step, with the breakpoints that the file sets."""
        session = Session(self.trace())
        session.beside = commands_beside(self.path)
        if self.model.breakpoints:
            self._set_breakpoints(session)
        return session

    def _set_breakpoints(self, session: Session) -> None:
        # Commands are imported where there are some to carry out: few scenarios have any.
        from tui_backprop.debug.commands.pausing import PAUSING  # noqa: PLC0415 - as said

        model = self.model
        report = Report(str(model.path or model.name), model.raw.decode("utf-8-sig"))
        words = [word for command in PAUSING for word in (command.name, *command.aliases)]
        for text, span in model.breakpoints:
            if text.partition(" ")[0] not in words:
                report.span(span, "this sets no breakpoint and changes none", _AS_COMMAND)
                continue
            try:
                session.execute(text)
            except CommandError as error:
                report.span(span, str(error))
        report.stop_if_any()
        session.given = frozenset(b.number for b in session.breakpoints)


def load(path: str | PathLike[str], limits: Limits = DEFAULT_LIMITS) -> Scenario:
    """Read a scenario.

    Args:
        path: a file, or the name of a shipped scenario without its ending.
        limits: what to refuse.

    Raises:
        ScenarioError: the file cannot be read or is not a scenario; every problem with its place.
    """
    scenario = Scenario(read(resolve(path), limits), limits)
    if scenario.model.breakpoints:
        scenario.session()  # what it cannot set is a problem of the file like any other
    return scenario
