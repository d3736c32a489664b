"""What a person watches."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.render.views import opened, text_of
from tui_backprop import Session
from tui_backprop.render.panes.watching import breakpoint_at, watching_content
from tui_backprop.render.text.charset import ASCII, UNICODE
from tui_backprop.render.text.spans import line_width
from tui_backprop.render.view import View

if TYPE_CHECKING:
    from tui_backprop.render.text.charset import Charset


def watched(*lines: str, name: str = "vector-double", charset: Charset = UNICODE) -> View:
    """A scenario after some commands, seen where they lead."""
    _, trace, namer = opened(name)
    session = Session(trace)
    for line in lines:
        session.execute(line)
    return View(session.frame, namer, charset=charset, breakpoints=session.breakpoints,
                displays=session.displays)  # fmt: skip


ALL = (
    "goto 8", "display X.grad[0]", "display X", "display phase", "display v[0] * J[0, 0]",
    "break Y", "break op multiply partial if any(isnan(v))", "watch norm(X.grad)", "tbreak seed",
    "disable 1", "ignore 2 3",
)  # fmt: skip


def test_a_row_each() -> None:
    """Displays with their values, then breakpoints with their counts and marks."""
    rows = text_of(watching_content(watched(*ALL), 48, 9), 48, 9)
    assert rows == [
        "X.grad[0] = 2                   ▄▄▄▄▄▄▄▄▄",
        "X = [1, 2, 3]",
        "phase = partial",
        "v[0] * J[0, 0] = 2              ▄▄▄▄▄▄▄▄▄",
        "◇ 1 Y                                    off  0×",
        "◈ 2 op multiply partial if any(is…  ignore 3  0×",
        "◆ 3 watch norm(X.grad)                        0×",
        "◆ 4 seed                                once  0×",
    ]


@given(st.integers(0, 12), st.integers(2, 90))
def test_every_row_fits(k: int, cells: int) -> None:
    """At every step and in every width."""
    view = watched(*ALL, f"goto {k}")
    content = watching_content(view, cells, 9)
    assert content.size == (cells, 8)
    for y in range(-1, 10):
        assert line_width(content.line(y, 0, cells)) == cells


def test_ascii_is_ascii() -> None:
    """Bars, glyphs, what is left out and what is not known."""
    for k in range(13):
        view = watched(
            *ALL,
            f"display X[{[0] * 26}]",
            f"goto {k}",
            charset=ASCII,
        )
        for row in text_of(watching_content(view, 60, 12), 60, 12):
            assert row.isascii(), row


def test_a_value_that_is_not_computed_yet_is_a_gap() -> None:
    """Neither 0 nor left out: the bars begin where the numbers do."""
    view = watched("display X.grad[1]", "goto 6")
    (row,) = text_of(watching_content(view, 60, 1), 60, 1)
    # Step 6 stands in the middle of the last 24 cells; the entry is written from step 7 on.
    assert row == "X.grad[1] = ·" + " " * 36 + "▁█████"


def test_the_cursor_stands_in_its_history() -> None:
    """One cell of it is marked, at every step."""
    for k in range(13):
        view = watched("display step", f"goto {k}")
        line = watching_content(view, 60, 1).line(0, 0, 60)
        (marked,) = (span for span in line if span.role == "current")
        assert len(marked.text) == 1


@pytest.mark.parametrize(("cells", "most"), [(12, 0), (30, 13), (200, 24)])
def test_a_narrow_pane_has_a_short_history(cells: int, most: int) -> None:
    """None where it would say nothing."""
    view = watched("display step", "goto 6")
    line = watching_content(view, cells, 1).line(0, 0, cells)
    bars = "".join(span.text for span in line if span.role in {"", "current", "dim"})
    assert sum(bar in "▁▂▃▄▅▆▇█" for bar in bars) == min(most, 13)


def test_a_large_array_has_no_history() -> None:
    """Reading it at every step would cost more than a refresh of the screen."""
    view = watched("display norm(X.grad)", "goto 12")
    assert "█" in text_of(watching_content(view, 60, 1), 60, 1)[0]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tui_backprop.render.panes.watching._MOST_READ", 12)
        assert "█" not in text_of(watching_content(view, 60, 1), 60, 1)[0]


def test_a_row_knows_its_breakpoint() -> None:
    """By the number, whatever was deleted; displays and what is below have none."""
    view = watched("display v", "break Y", "break seed", "delete 1", "break partial")
    content = watching_content(view, 40, 4)
    assert [breakpoint_at(view, y) for y in range(-1, 4)] == [None, None, 2, 3, None]
    assert content.step_at(0, 1) is None
