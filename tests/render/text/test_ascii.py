"""Any text in ASCII, cell for cell."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_backprop.render.text.charset import ascii_text
from tui_backprop.render.text.spans import printable, width


@given(st.text().map(printable))
def test_is_ascii_and_as_wide_as_before(text: str) -> None:
    """Nothing else is left, and nothing moves."""
    shown = ascii_text(text)
    assert shown.isascii()
    assert shown.isprintable()
    assert len(shown) == width(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("x₂", "x2"), ("é", "e"), ("2·3", "2*3"), ("∂y/∂x", "dy/dx"), ("中", "??"), ("−1", "-1")],
)
def test_keeps_what_can_be_kept(text: str, expected: str) -> None:
    """A character that resembles an ASCII one becomes that."""
    assert ascii_text(text) == expected
