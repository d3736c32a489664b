"""A composed op explained: how it is called, how it is written, and its example worked through."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tui_backprop.cli.pages.op_page import indented, numbers_of, seed
from tui_backprop.graph.model import Backward
from tui_backprop.language.catalogue import ENGLISH
from tui_backprop.program import build
from tui_backprop.program.vocabulary.aliases import aliases_of
from tui_backprop.render.text.spans import wrap
from tui_backprop.timeline.frame import Phase
from tui_backprop.timeline.trace import Trace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.language.catalogue import Language
    from tui_backprop.program.library.definitions import Definition
    from tui_backprop.render.text.charset import Charset

_RESULT = "y"


def composed_page(
    op: Definition, charset: Charset, width: int, language: Language = ENGLISH
) -> list[str]:
    """The lines of the page."""
    trace = worked(op)
    return [
        *wrap(op.signature, width),
        *indented(_about(op, language), width, "  "),
        "",
        *(f"  {line}" for line in op.text.splitlines()),
        "",
        *numbers_of(trace, charset, width, {_RESULT: op.example.partition(" = ")[2]}),
    ]


def _about(op: Definition, language: Language) -> Iterator[str]:
    """What the op does, in sentences."""
    yield language.translated(op.summary)
    if names := aliases_of(op.name):
        yield language.say("also called {names}", names=language.say(", ").join(names))
    if op.convention:
        convention = language.translated(op.convention)
        yield language.say("at a kink: {convention}", convention=convention)
    yield language.say("composed of other ops: step goes in, next goes over")


def worked(op: Definition) -> Trace:
    """Its example, pulled back from 1, 2, 3 and so on."""
    leaves = {name: np.asarray(value, dtype=np.float64) for name, value in op.inputs.items()}
    graph = build(op.example, leaves, {}, np.dtype(np.float64))
    node = graph.find(_RESULT)
    return Trace(graph, leaves, (Backward(node.id, seed(node.shape)),))


def differentiable(op: Definition) -> list[str]:
    """The inputs of its example that a partial reaches."""
    trace = worked(op)
    reached = {
        frame.edge.parent for frame in trace.timeline
        if frame.phase is Phase.PARTIAL and frame.edge is not None
    }  # fmt: skip
    return [name for name, number in trace.graph.inputs.items() if number in reached]
