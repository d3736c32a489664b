"""JSON that a terminal may be shown."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tui_backprop.render.text.json import json_text, spelled

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(values)
def test_what_is_written_is_read_back(value: Any) -> None:
    """Nothing is lost by escaping; infinities are words before."""
    assert json.loads(json_text(spelled(value))) == spelled(value)


@given(st.text())
@example("\x7f")
def test_nothing_can_move_a_cursor(text: str) -> None:
    """Neither escape nor bidirectional marks nor lone surrogates stand as they are."""
    assert json_text(text).isprintable()
    json_text(text).encode()


def test_letters_stay_letters() -> None:
    """Chinese titles and mathematics can be read."""
    assert json_text("与 ∂y₁") == '"与 ∂y₁"'


@pytest.mark.parametrize(
    ("value", "word"), [(math.nan, "nan"), (math.inf, "inf"), (-math.inf, "-inf")]
)
def test_numbers_that_json_lacks_are_words(value: float, word: str) -> None:
    """At any depth."""
    assert spelled({"a": [[value, 1.0]]}) == {"a": [[word, 1.0]]}
