"""Where trouble begins: named whenever there is some, between two nodes of which one is well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given

from tests.debug.why.test_nonfinite import spoiled_traces
from tests.fuzz.effort import effort
from tests.strategies import GraphMaker, traces
from tui_backprop.debug.health.measures import health
from tui_backprop.debug.health.report import root_lines
from tui_backprop.graph.model import Role

if TYPE_CHECKING:
    from tui_backprop.timeline.trace import Trace

BAD = {"nan adjoint", "inf adjoint"}


@effort(3)
@given(spoiled_traces())
def test_what_is_not_finite_has_a_root(trace: Trace) -> None:
    """A value that an op made, v, or an adjoint: whichever it is, a line names it."""
    found = health(trace)
    nodes = trace.graph.nodes
    is_made = any("nan value" in n.flags and nodes[n.node].role is Role.OP for n in found.nodes)
    is_pulled = any(BAD & set(n.flags) for n in found.nodes)
    grave = [r for r in found.roots if r.trouble in {"value", "seed", "adjoint"}]
    if is_made or is_pulled:
        assert grave
    lines = root_lines(trace, found)
    assert len(lines) == len(found.roots)
    assert all(line.text.isprintable() for line in lines)


@effort(2)
@given(traces())
def test_a_root_is_well_itself(trace: Trace) -> None:
    """What it hands on is not; how many nodes suffer is counted."""
    found = health(trace)
    flags = {node.node: set(node.flags) for node in found.nodes}
    named = {"zero": "zero adjoint", "exploding": "exploding", "vanishing": "vanishing"}
    for root in found.roots:
        if root.trouble in named:
            flag = named[root.trouble]
            assert flag not in flags[root.node]
            assert flag in flags[root.parent]
            assert root.parent in trace.graph.nodes[root.node].parents
            assert root.count == sum(flag in one for one in flags.values())
    assert found.flagged or not found.roots


def test_the_deadliest_of_several_is_named() -> None:
    """A relu that is off before a long chain, and one before a short one."""
    maker = GraphMaker()
    long = maker.input([1.0, 2.0], "a")
    for _ in range(4):
        long = maker.op("tanh", long)
    off = maker.op("relu", maker.op("negative", long), name="off")
    short = maker.op("relu", maker.input([-1.0, -2.0], "b"), name="short")
    maker.op("sum", maker.op("add", off, short), name="y")
    found = health(maker.trace())
    [root] = found.roots
    assert root.node == off
    assert root.count == 7
    [line] = root_lines(maker.trace(), found)
    assert line.text == (
        "the gradient dies at off = relu(n5): 100% of its entries are dead; 7 nodes have a "
        "gradient of zeros"
    )


def test_an_input_that_nothing_reads_is_named() -> None:
    """It has no gradient in any pass; one that some pass reaches has."""
    maker = GraphMaker()
    x = maker.input([1.0], "x")
    maker.input([1.0], "unused")
    maker.op("sum", x, name="y")
    found = health(maker.trace())
    assert [n.flags for n in found.nodes if n.name == "unused"] == [("no gradient",)]
    [line] = root_lines(maker.trace(), found)
    assert line.text == "unused gets no gradient: nothing in the program reads it"
