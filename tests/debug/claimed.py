"""Claims about small scenarios and about any trace, for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tui_backprop import Session
from tui_backprop.api import Scenario
from tui_backprop.debug.claims.claims import departure
from tui_backprop.graph.naming import label
from tui_backprop.graph.tolerance import Tolerance
from tui_backprop.scenario.load import loads
from tui_backprop.timeline.trace import Claim

if TYPE_CHECKING:
    import numpy.typing as npt

    from tui_backprop.debug.claims.claims import Departure
    from tui_backprop.timeline.trace import Trace


def adjoint_claim(trace: Trace, node: int, value: npt.ArrayLike) -> Claim:
    """The whole adjoint of a node after all passes."""
    shape = trace.graph.nodes[node].shape
    entries = np.arange(trace.graph.nodes[node].size).reshape(shape)
    array = np.asarray(value, dtype=np.float64).reshape(shape)
    passes, near = len(trace.passes), Tolerance(1e-6, 1e-9)
    name = f"{label(trace.graph, node)}.grad"
    return Claim(name, array, node, entries, None, None, passes, True, near, {})


def claimed(program: str, inputs: str, claim: str, backward: str = "") -> Departure:
    """Where the only claim of a small scenario departs."""
    text = f"format: 1\ninputs: {{{inputs}}}\nprogram: |\n"
    text += "".join(f"  {line}\n" for line in program.splitlines())
    text += f"backward: {backward}\n" if backward else ""
    model = loads(f"{text}claims: [{{{claim}}}]\nview: {{zeros: show}}\n")
    found = departure(Scenario(model).trace().timeline, model.claims[0])
    assert found is not None
    return found


def session_at_end(body: str) -> Session:
    """A session over a scenario, given without its first line, at the end of the walk."""
    found = Session(Scenario(loads(f"format: 1\n{body}")).trace())
    found.end()
    return found


def names(found: Departure) -> list[str]:
    """What kinds of slip."""
    return [slip.partition(":")[0] for slip in found.slips]


WAXV = "W: [[1, 2], [3, 5]], x: [1, 1]"
