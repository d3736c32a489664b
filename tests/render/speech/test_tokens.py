"""What formulas in running text are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_backprop.render.speech.reader import CLOSING, Group, kind_of, operand_end, parsed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tui_backprop.render.speech.reader import Item

TEXTS = st.text(max_size=40) | st.text("xf1 ()[],*-'²₁.∞", max_size=40)


def _written(items: Iterable[Item]) -> str:
    return "".join(
        f"{x.bracket}{_written(x.items)}{CLOSING[x.bracket]}" if isinstance(x, Group) else x.text
        for x in items
    )


@given(TEXTS)
def test_nothing_is_lost(text: str) -> None:
    """Side by side again, the pieces are the text."""
    assert _written(parsed(text)) == text


@given(TEXTS, st.integers(0, 40))
def test_an_operand_ends_behind_where_it_begins(text: str, start: int) -> None:
    """And within the text, or there is none."""
    items = parsed(text)
    start = min(start, len(items))
    assert start <= operand_end(items, start) <= len(items)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("h@2.", ["word", "other"]),
        ("PyTorch's f'(0)", ["word", "space", "word", "prime", "group"]),
        ("x₁² + 1.5e-3", ["word", "small", "small", "space", "sign", "space", "number"]),
        ("∂y/∂x", ["sign", "word", "sign", "sign", "word"]),
        ("y只读一个x", ["word", *["other"] * 4, "word"]),
        ("x[0)", ["word", "open", "number", "close"]),
    ],
)
def test_kinds(text: str, kinds: list[str]) -> None:
    """Names, numbers, signs, what hangs on a name; a bracket without its partner is no group."""
    assert [kind_of(item) for item in parsed(text)] == kinds
