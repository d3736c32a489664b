"""The health of a walk as a table and as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from hypothesis import given

from tests.strategies import traces
from tui_backprop.api import load
from tui_backprop.cli.health import health_json, health_table
from tui_backprop.debug.health.measures import health
from tui_backprop.render.text.charset import ASCII

if TYPE_CHECKING:
    from tui_backprop.timeline.trace import Trace


def test_the_table_has_a_row_for_each_node() -> None:
    """Empty where there is nothing to measure; a wide one can be in ASCII."""
    lines = health_table(health(load("dead-relu").trace()))
    assert len(lines) == 11
    relu = next(line for line in lines if " relu " in line)
    assert relu.split() == ["a", "relu", "2", "0", "2", "1.414", "0", "100%", "dead"]
    assert all(line.isascii() for line in health_table(health(load("chain").trace()), None, ASCII))


@given(traces())
def test_any_health_is_json(trace: Trace) -> None:
    """Each node with all its keys; NaN and infinities as words."""
    found = health(trace)
    read = json.loads("\n".join(health_json(found)))
    assert len(read["nodes"]) == len(trace.graph.nodes)
    assert [n["flags"] for n in read["nodes"]] == [list(n.flags) for n in found.nodes]
    assert len(health_table(found)) == 1 + len(found.nodes)
