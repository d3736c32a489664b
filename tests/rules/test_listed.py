"""A pattern written down entry by entry, in any order."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.rules.patterns import assert_consistent
from tui_backprop.rules.listed import Listed

pairs = (
    st.sets(st.tuples(st.integers(0, 4), st.integers(0, 6))).map(sorted).flatmap(st.permutations)
)


@given(pairs)
def test_counts_positions_rows_and_columns_describe_one_pattern(
    listed: list[tuple[int, int]],
) -> None:
    """And it is the one that was listed."""
    j, i = (np.array([p[k] for p in listed], dtype=np.intp) for k in (0, 1))
    found = Listed(j, i, (5, 7))
    assert_consistent(found)
    assert {found.locate(p) for p in range(found.nonzeros)} == set(listed)
