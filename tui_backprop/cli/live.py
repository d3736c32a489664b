"""`debug`: the debugger inside somebody's running program, which then goes on as it would have.

Where no screen can be opened the walk is reported as text, and that is said.
"""

from __future__ import annotations

import asyncio
import gc
import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tui_backprop.api import scenario_of
from tui_backprop.attach.hook import not_averaged
from tui_backprop.cli.language import spoken_in
from tui_backprop.cli.open import has_terminal, personal_options
from tui_backprop.cli.shared.output import looks_in_ascii
from tui_backprop.dataclass import replace
from tui_backprop.debug.commands import perform
from tui_backprop.debug.debugger import Debugger
from tui_backprop.errors import CommandError
from tui_backprop.language.catalogue import ENGLISH
from tui_backprop.language.message import said
from tui_backprop.progress import run_to_end

if TYPE_CHECKING:
    from collections.abc import Iterator

    import torch

    from tui_backprop.attach.keep import Keep
    from tui_backprop.language.catalogue import Language
    from tui_backprop.timeline.trace import Trace


def debug(loss: torch.Tensor, v: torch.Tensor | None = None, *, keep: Keep = "all") -> None:
    """Open the debugger on the backward pass of a PyTorch loss; ``q`` lets the program go on.

    The pass is recorded, and nothing else changes: ``.grad``, random numbers and the graph are as
    if nobody had looked.

    Args:
        loss: what ``backward`` would be called on.
        v: as for ``loss.backward(v)``.
        keep: ``all`` numbers of the pass, or ``norms`` of large arrays, as for `attach`.

    Raises:
        ArgumentError: the graph cannot be walked; one sentence says why and what helps.
    """
    from tui_backprop.attach.pytorch.names import caller
    from tui_backprop.attach.pytorch.trace import attach

    show(attach(loss, v, caller(1), keep=keep), "loss.backward()")


def show(
    trace: Trace, name: str, language: Language | None = None, *, is_ascii: bool = False
) -> None:
    """Open a walk on the screen, or report it as text where there is no screen.

    Args:
        trace: the walk.
        name: what it is called.
        language: of what is said; None for that of the environment.
        is_ascii: whether every cell must be ASCII.
    """
    spoken = spoken_in(os.environ) if language is None else language
    with _uncaptured():
        reason = _no_screen()
        if not reason:
            from tui_backprop.tui.run import run

            options = replace(personal_options(), ascii=is_ascii, language=spoken.code)
            with _unchanged():
                run(scenario_of(trace, spoken.retold(name)), options)
    if reason:
        text = "\n".join(report(trace, name, reason, spoken))
        print(looks_in_ascii(text, spoken) if is_ascii else text, file=sys.stderr)


def report(trace: Trace, name: str, reason: str, language: Language = ENGLISH) -> list[str]:
    """What can be said of a walk without a screen: where NaN and infinities began, and its health.

    Args:
        trace: the walk.
        name: what it is called.
        reason: why there is no screen.
        language: of all of it.
    """
    session = Debugger(trace)
    graph = trace.graph
    lines = [
        said(
            "tui-backprop: no screen is opened: {reason}. {name} as text:", reason=reason, name=name
        ),
        said(
            "{nodes} nodes, {leaves} leaves, {steps} steps",
            nodes=f"{len(graph.nodes):,}",
            leaves=f"{len(graph.inputs):,}",
            steps=f"{trace.timeline.length:,}",
        ),
    ]
    if own := not_averaged(graph):
        lines.append(own)
    lines = [language.retold(line) for line in lines]
    for line in ("origin nan", "origin inf", "health"):
        try:
            answer = language.answered(run_to_end(perform(session, line))).text
        except CommandError as error:
            answer = language.retold(str(error))
        lines += ["", f"({line})", answer]
    return lines


def _no_screen() -> str:
    """Why no screen can be opened; empty where one can."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return "" if has_terminal() else said("this is no terminal")
    return said("an event loop is running here, as in a notebook")


@contextmanager
def _unchanged() -> Iterator[None]:
    """What the screen sets for the whole process is set back."""
    environment = dict(os.environ)
    was_collecting, kept = gc.isenabled(), gc.get_freeze_count()
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(environment)
        if not kept:
            gc.unfreeze()
        if not was_collecting:
            gc.disable()


@contextmanager
def _uncaptured() -> Iterator[None]:
    """Under pytest the terminal is given back while somebody looks at it."""
    capture = _capture_manager()
    if capture is None or not capture.is_globally_capturing():
        yield
        return
    capture.suspend(in_=True)
    try:
        yield
    finally:
        capture.resume()


def _capture_manager() -> Any:
    """The manager of a pytest that is running; None where none is."""
    debugging = sys.modules.get("_pytest.debugging")
    plugins = None if debugging is None else debugging.pytestPDB._pluginmanager  # noqa: SLF001 - as pdb does
    return None if plugins is None else plugins.getplugin("capturemanager")
