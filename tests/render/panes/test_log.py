"""The log as a page."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tui_backprop.debug.log import LogKind, LogLine
from tui_backprop.render.panes.log import log_content, log_rows
from tui_backprop.render.text.charset import ASCII, UNICODE, Charset
from tui_backprop.render.text.spans import Content, line_width, plain, printable

KINDS: tuple[LogKind, ...] = ("typed", "said", "wrong")
LINES = st.lists(
    st.builds(
        LogLine,
        st.text(max_size=60),
        st.sampled_from(KINDS),
        st.none() | st.integers(0, 9),
    ),
    max_size=8,
)


def content(
    lines: list[LogLine], cells: int, chosen: int = 0, charset: Charset = UNICODE
) -> Content:
    """The page of these lines."""
    return log_content(lines, log_rows(lines, cells), chosen, charset, range(0))


@given(LINES, st.integers(5, 90))
def test_every_character_is_there_and_every_row_fits(lines: list[LogLine], cells: int) -> None:
    """Broken, never cut; only spaces go where a line ends."""
    page = content(lines, cells)
    for y in range(page.size[1]):
        assert line_width(page.line(y, 0, cells)) == cells
    for number, line in enumerate(lines):
        parts = (row.text for row in log_rows(lines, cells) if row.line == number)
        assert "".join("".join(parts).split()) == "".join(printable(line.text).split())


@given(LINES, st.integers(5, 90))
def test_a_row_leads_where_its_line_leads(lines: list[LogLine], cells: int) -> None:
    """All of its rows; past the end there is nothing."""
    page, rows = content(lines, cells), log_rows(lines, cells)
    assert [page.step_at(0, y) for y in range(len(rows))] == [lines[r.line].step for r in rows]
    assert page.step_at(0, len(rows)) is None
    assert page.step_at(0, -1) is None


def test_what_it_looks_like() -> None:
    """Questions, answers, what leads to a step, what is chosen."""
    lines = [
        LogLine("where", "typed"), LogLine("#0  Y", "said", 3), LogLine("#1  X", "said", 4),
        LogLine("no", "wrong"),
    ]  # fmt: skip
    shown = {
        charset.is_ascii: [plain(content(lines, 12, 2, charset).line(y, 0, 12)).rstrip()
                           for y in range(4)]
        for charset in (UNICODE, ASCII)
    }  # fmt: skip
    assert shown[False] == [":  where", "→  #0  Y", "▸  #1  X", "   no"]
    assert shown[True] == [":  where", "-> #0  Y", ">  #1  X", "   no"]
