"""Which entries are looked at."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tui_backprop.verify.sampling import sample

totals = st.integers(0, 10**12) | st.integers(0, 50)


@given(totals, st.integers(0, 40), st.lists(st.integers(0, 100), max_size=3))
def test_a_sample_is_ascending_and_within(total: int, most: int, place: list[int]) -> None:
    """At most as many as asked for, none twice, none outside."""
    found = sample(total, most, *place)
    assert found == sorted(set(found))
    assert len(found) == min(total, most)
    assert all(0 <= k < total for k in found)


@given(totals, st.integers(2, 40), st.lists(st.integers(0, 100), max_size=3))
def test_the_ends_are_always_in_it(total: int, most: int, place: list[int]) -> None:
    """Errors like corners."""
    found = sample(total, most, *place)
    assert found[:1] == [0][:total]
    assert found[-1:] == [total - 1][:total]


@given(totals, st.integers(0, 40), st.lists(st.integers(0, 100), max_size=3))
def test_the_same_place_gives_the_same_sample(total: int, most: int, place: list[int]) -> None:
    """Two runs of a check look at the same entries."""
    assert sample(total, most, *place) == sample(total, most, *place)


def test_other_places_give_other_samples() -> None:
    """Two edges are not sampled in one pattern."""
    assert sample(10**6, 20, 1) != sample(10**6, 20, 2)
