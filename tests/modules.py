"""Traces whose nodes lie in made-up modules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

from tests.strategies import traces
from tui_backprop.dataclass import replace
from tui_backprop.timeline.trace import Trace

if TYPE_CHECKING:
    from collections.abc import Sequence

MODULES = ("", "net", "enc", "enc.0", "enc.0.attn", "enc.1", "enc.1.attn.out", "encoder", "head")
"""Some lie in others, one only looks as if it did, one has parents that no node lies in."""

INSIDES = (*MODULES, "enc.1.attn", "elsewhere")


def in_modules(trace: Trace, modules: Sequence[str]) -> Trace:
    """The same trace, with the module of each node."""
    pairs = zip(trace.graph.nodes, modules, strict=True)
    nodes = tuple(replace(node, module=module) for node, module in pairs)
    graph = replace(trace.graph, nodes=nodes)
    return Trace(graph, trace.leaves, trace.passes, zeros=trace.zeros)


@st.composite
def modular_traces(draw: st.DrawFn, *, most_ops: int = 9) -> Trace:
    """Random traces, in which nodes that follow one another often lie in the same module."""
    trace = draw(traces(most_ops=most_ops))
    modules: list[str] = []
    for _ in trace.graph.nodes:
        is_same = modules and draw(st.integers(0, 2)) > 0
        modules.append(modules[-1] if is_same else draw(st.sampled_from(MODULES)))
    return in_modules(trace, modules)
