"""What a trace has from its scenario beside the numbers: claims about them, and a way to others.

It stands apart from the trace, which is computed, and from the reader of files, which the debugger
does not know: whoever joins the two hands this in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.dataclass import dataclass
from tui_backprop.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.graph.claim import Claim
    from tui_backprop.timeline.trace import Trace


def _nothing_to_open(name: str) -> Trace:
    raise CommandError(f"{name} cannot be opened: this session came without a reader of scenarios")


@dataclass(frozen=True, slots=True, eq=False)
class Provenance:
    """Where a trace comes from.

    Attributes:
        claims: what the scenario claims, in the order of its file.
        open: another scenario's trace, by its path or name; raises a `TuiBackpropError` that says
            what is wrong with it.
    """

    claims: tuple[Claim, ...] = ()
    open: Callable[[str], Trace] = _nothing_to_open


NO_PROVENANCE: Final = Provenance()
"""Of a trace that comes from no scenario."""
