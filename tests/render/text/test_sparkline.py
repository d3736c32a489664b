"""Numbers as bars."""

from __future__ import annotations

from math import inf, isfinite, nan

from hypothesis import given
from hypothesis import strategies as st

from tui_backprop.render.text.charset import ASCII, UNICODE
from tui_backprop.render.text.spans import width
from tui_backprop.render.text.table import sparkline

SAMPLES = st.lists(st.none() | st.floats(), max_size=30)
BARS = "▁▂▃▄▅▆▇█"


@given(SAMPLES)
def test_a_cell_for_each_sample(samples: list[float | None]) -> None:
    """A gap where there is none, a sign of its own where no height would be right."""
    for charset in (UNICODE, ASCII):
        text = sparkline(samples, charset)
        assert len(text) == width(text) == len(samples)
        for x, bar in zip(samples, text, strict=True):
            assert (bar == " ") is (x is None)
            assert (bar == "!") is (x is not None and not isfinite(x))
    assert sparkline(samples, ASCII).isascii()


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=2, max_size=30))
def test_higher_is_not_smaller(samples: list[float]) -> None:
    """The order of the bars is that of the numbers; the ends of it are the ends of the scale."""
    heights = [BARS.index(bar) for bar in sparkline(samples, UNICODE)]
    for (a, x), (b, y) in zip(
        zip(samples, heights, strict=True),
        list(zip(samples, heights, strict=True))[1:],
        strict=False,
    ):
        assert x == y or (a < b) is (x < y)
    if min(samples) / 2 != max(samples) / 2:
        assert (min(heights), max(heights)) == (0, 7)


def test_what_it_looks_like() -> None:
    """Rising, flat, and with holes."""
    assert sparkline([1, 2, 3, 4, 5, 6, 7, 8], UNICODE) == BARS
    assert sparkline([3, 3, 3], UNICODE) == "▄▄▄"
    assert sparkline([0, None, nan, inf, 7], UNICODE) == "▁ !!█"
    assert sparkline([0, 1], ASCII) == "_#"
