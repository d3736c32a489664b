"""Replays and files of commands: as they are recorded, as people write them, and damaged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hypothesis import strategies as st

from tests.fuzz.changed import WILD, changed
from tests.fuzz.lines import lines

if TYPE_CHECKING:
    from tui_backprop.timeline.trace import Trace

HEADER: Final = "# tui-backprop replay\nreplay: 1\nscenario: drawn.yaml\n\n"
TOLD: Final = (
    'say "first"', 'say en "one" zh "一"', "say", 'say "open', 'mark "a"', 'mark en "b"', "mark",
    "assert step >= 0", "assert X == 1", "assert", "assert 1 == 1", "assert norm(v) > 1e9",
    "wait 0",
    "wait 1e-3", "wait -1", "wait 1e99", "wait x", "# a remark", "", "  ", "@1.5 step", "@0.1",
    "@x",
    '@2.25 say "timed"', "@9999999999 step", "save a", "source a", "compare chain", "replay: 1",
    "compare before", "sha256: 00", "scenario: chain", "sav", "quit", "language zh", "stpe", "zz",
)  # fmt: skip
"""Lines of a replay that are no plain commands, whether they are allowed or not."""
PIECES: Final = (*WILD, *TOLD, "@", "@1 ", "say ", "mark ", "assert ", "wait ", "replay: 2\n")


@st.composite
def replays(draw: st.DrawFn, trace: Trace) -> str:
    """A replay of a scenario of that trace, whole or edited."""
    drawn = st.one_of(lines(trace), lines(trace), st.sampled_from(TOLD))
    body = [line for line in draw(st.lists(drawn, max_size=10)) if "\n" not in line]
    text = HEADER + "\n".join(body) + draw(st.sampled_from(["\n", ""]))
    # A wait of hours is no fault; --fast passes it by.
    return draw(changed(text, PIECES)) if draw(st.integers(0, 2)) == 0 else text
