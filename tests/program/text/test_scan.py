"""How deeply a text nests is counted only where a statement is long enough to nest."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_backprop.limits import DEFAULT_LIMITS
from tui_backprop.program.text import scan
from tui_backprop.program.text.problems import ProgramProblems

PIECES = ["x", "*", "**", "+", "-", "(", ")", "[", "]", ".T", ",", "\n", " if ", " elif ", " not "]


def found(text: str, *, always: bool) -> object:
    """What a scan finds that nests deeper than four."""
    problems = ProgramProblems()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(scan, "DEEPEST", 4)
        if always:
            patched.setattr(scan.Scanned, "_may_nest", lambda _scan, _plain: True)
        scanned = scan.scan(text, DEFAULT_LIMITS, problems)
    return scanned.long_sums, scanned.refused, problems.found


@given(st.lists(st.sampled_from(PIECES), max_size=40))
def test_short_lines_need_no_count(pieces: list[str]) -> None:
    """The same is found whether every text is counted or only those that may nest."""
    text = "".join(pieces)
    assert found(text, always=False) == found(text, always=True)
