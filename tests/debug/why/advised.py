"""Programs that go wrong, and what becomes of them when somebody does what an answer advises."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.debug.why.nonfinite import origin
from tui_backprop.debug.why.nonfinite_text import origin_answer
from tui_backprop.graph.model import Backward
from tui_backprop.program import build
from tui_backprop.timeline.trace import Trace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui_backprop.debug.why.nonfinite import What
    from tui_backprop.language.message import Answer

ADVICE: Final = r"the cure.*?: (?P<text>.+)|and for .+ this: (?P<more>.+)"
SMALL: Final = ("moves results", "moves nothing that was finite")


def traced(
    program: str,
    inputs: Mapping[str, Any],
    constants: Mapping[str, Any] | None = None,
    v: Any = None,
    dtype: str = "float64",
) -> Trace:
    """A program on its numbers, pulled back from the last name that it binds."""
    kind = np.dtype(dtype)
    given = {name: np.array(x, dtype=kind) for name, x in inputs.items()}
    fixed = {name: np.array(x, dtype=kind) for name, x in (constants or {}).items()}
    graph = build(program, given, fixed, kind)
    seed = None if v is None else np.array(v, dtype=kind)
    last = re.findall(r"^(\w+) *=", program, re.MULTILINE)[-1]
    return Trace(graph, {**given, **fixed}, [Backward(graph.names[last], seed)])


def asked(trace: Trace, what: What) -> Answer:
    """What `origin nan` or `origin inf` says."""
    return origin_answer(trace.timeline, what, origin(trace.timeline, what))


def advice(trace: Trace, answer: Answer) -> list[tuple[int, str]]:
    """The node that each advice of an answer stands for, and what to write for it."""
    found = []
    for line in answer.lines:
        told = re.fullmatch(ADVICE, line.text.strip())
        if told:
            assert line.step is not None, line.text
            assert line.step < len(trace.graph.nodes)
            found.append((line.step, told["text"] or told["more"]))
    return found


def followed(trace: Trace, answer: Answer) -> Trace:
    """The scenario after somebody typed what an answer advises over what it stands for."""
    lines = trace.graph.program.split("\n")
    places = []
    for node, text in advice(trace, answer):
        span = trace.graph.nodes[node].span
        assert span is not None
        assert span.line == span.end_line
        places.append((span.line - 1, span.column, span.end_column, text))
    assert places
    for line, start, stop, text in sorted(places, reverse=True):
        lines[line] = lines[line][:start] + text + lines[line][stop:]
    leaves, graph = trace.leaves, trace.graph
    [one] = trace.passes
    assert isinstance(one, Backward)
    return traced(
        "\n".join(lines),
        {name: leaves[name] for name in graph.inputs},
        {name: leaves[name] for name in graph.constants},
        one.v,
        graph.dtype.name,
    )


def assert_cured(trace: Trace, answer: Answer) -> None:
    """Everything finite, and what was finite before the same."""
    after = followed(trace, answer)
    [old], [new] = trace.passes, after.passes
    assert isinstance(old, Backward)
    assert isinstance(new, Backward)
    pairs = [(trace.value(old.of), after.value(new.of))]
    pairs += [(trace.grad[name], after.grad[name]) for name in trace.grad]
    is_small = any(told in answer.text for told in SMALL)
    for before, now in pairs:
        assert before.shape == now.shape
        assert np.isfinite(now).all(), (after.graph.program, now)
        kept = np.isfinite(before)
        tolerance = 1e-3 if is_small else 1e-9
        np.testing.assert_allclose(now[kept], before[kept], rtol=tolerance, atol=tolerance)
