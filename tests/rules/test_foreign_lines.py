"""Entries of a Jacobian that is known by its rows and columns alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_backprop.errors import UnknownError
from tui_backprop.rules.foreign import Lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.rules.types import Array, IntArray

_SHAPE = (4, 5)
_J = np.random.default_rng(0).normal(size=_SHAPE)


class _Op:
    """A matrix; its columns may be refused."""

    name, computed_by = "known_by_lines", "a test"
    shape: tuple[int, ...] = _SHAPE[:1]
    shapes: tuple[tuple[int, ...], ...] = (_SHAPE[1:],)

    def __init__(self, *, has_columns: bool) -> None:
        self.has_columns = has_columns
        self.asked: list[str] = []

    def vjp(self, v: Array) -> Sequence[Array]:
        """A row, for one v."""
        self.asked.append("row")
        return [v @ _J]

    def jvp(self, argument: int, t: Array) -> Array:
        """A column, for one t."""
        del argument
        if not self.has_columns:
            raise UnknownError("no columns")
        self.asked.append("column")
        return np.asarray(_J @ t)

    def nonzeros(self, argument: int) -> int:
        """All of them."""
        del argument
        return 20

    def refusal(self, rows: IntArray) -> str:
        """Nothing is refused."""
        del rows
        return ""

    def pattern(self, argument: int) -> None:
        """Not known."""
        del argument


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4)), max_size=12),
    st.sampled_from(("as drawn", "in order", "one row", "one column")),
    st.booleans(),
)
def test_entries_are_those_of_the_matrix(
    places: list[tuple[int, int]], kind: str, has_columns: bool
) -> None:
    """Wherever they lie, by as few lines as they lie in."""
    j, i = np.array(places, dtype=np.intp).reshape(-1, 2).T
    if kind == "in order":
        order = np.argsort(j, kind="stable")
        j, i = j[order], i[order]
    j = j[:1].repeat(len(j)) if kind == "one row" else j
    i = i[:1].repeat(len(i)) if kind == "one column" else i
    op = _Op(has_columns=has_columns)
    np.testing.assert_array_equal(Lines(op).entries(0, j, i), _J[j, i])
    rows, columns = len(set(j.tolist())), len(set(i.tolist()))
    wanted = ["column"] * columns if has_columns and columns < rows else ["row"] * rows
    assert op.asked == wanted


@pytest.mark.parametrize("count", [1, 4])
def test_a_column_is_one_line(count: int) -> None:
    """Of all its entries or of some."""
    op = _Op(has_columns=True)
    j = np.arange(count)
    np.testing.assert_array_equal(Lines(op).entries(0, j, np.full(count, 2)), _J[:count, 2])
    assert op.asked == ["column" if count > 1 else "row"]
