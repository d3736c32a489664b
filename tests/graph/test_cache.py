"""A memory of the last things computed, with a limit."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tui_backprop.graph.cache import SizedLRU

puts = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 60)), max_size=40)


@given(puts)
def test_room_is_never_exceeded_but_by_the_fewest(items: list[tuple[int, int]]) -> None:
    """After every put: it fits, or there are only as many as are always kept."""
    kept: SizedLRU[int, int] = SizedLRU(100, fewest=2)
    for key, size in items:
        kept.put(key, size, size)
        held = [kept.get(k) for k in range(6)]
        assert sum(size for size in held if size is not None) <= 100 or len(kept) <= 2
        assert kept.get(key) == size


def test_what_was_used_last_stays() -> None:
    """Asking for a value counts as using it."""
    kept: SizedLRU[str, int] = SizedLRU(2, fewest=1)
    kept.put("a", 1, 1)
    kept.put("b", 2, 1)
    assert kept.get("a") == 1
    kept.put("c", 3, 1)
    assert [kept.get(k) for k in "abc"] == [1, None, 3]


@given(puts, st.integers(1, 4))
def test_there_are_never_more_than_the_most(items: list[tuple[int, int]], most: int) -> None:
    """However little each of them needs."""
    kept: SizedLRU[int, int] = SizedLRU(10**9, fewest=1, most=most)
    for key, size in items:
        kept.put(key, size, size)
        assert len(kept) <= most
        assert kept.get(key) == size
