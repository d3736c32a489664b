"""Patterns of windows, against the definition of a window."""

from __future__ import annotations

from itertools import product

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.rules.patterns import as_matrix, assert_consistent
from tui_backprop.rules.axiswise import Axiswise, same
from tui_backprop.rules.windows import Slide

slides = st.builds(
    Slide,
    length=st.integers(0, 5),
    kernel=st.integers(1, 3),
    stride=st.integers(1, 4),
    padding=st.integers(0, 3),
    dilation=st.integers(1, 4),
).filter(lambda s: s.windows > 0)


@given(slides, slides, st.integers(0, 2), st.integers(0, 2))
def test_windows_meet_the_places_that_they_cover(s: Slide, t: Slide, lead: int, free: int) -> None:
    """Two sliding axes between one that agrees and one that each side has alone."""
    out, own = (lead, s.windows, t.windows, free), (lead, s.length, 2, t.length)
    meetings = same(0, 0, lead), s.over_places(1, 1), t.over_places(2, 3)
    pattern = Axiswise(out, own, meetings)
    assume(np.prod(pattern.shape) < 3000)
    expected = [
        j[0] == i[0] and _covers(s, j[1], i[1]) and _covers(t, j[2], i[3])
        for j, i in product(np.ndindex(out), np.ndindex(own))
    ]
    assert as_matrix(pattern).ravel().tolist() == expected
    assert_consistent(pattern)


@given(slides)
def test_windows_meet_the_entries_that_are_no_padding(s: Slide) -> None:
    """What a kernel's entry is multiplied with."""
    pattern = Axiswise((s.windows,), (s.kernel,), (s.over_kernel(0, 0),))
    windows, entries = np.arange(s.windows)[:, None], np.arange(s.kernel)
    place = s.place(windows, entries)
    np.testing.assert_array_equal(as_matrix(pattern), (place >= 0) & (place < s.length))
    assert_consistent(pattern)


@given(slides)
def test_terms_are_the_same_windows(s: Slide) -> None:
    """Every pair once, and its entry is the one named."""
    found = [
        (a, i)
        for k, windows, places in s.terms()
        for a, i in zip(range(s.windows)[windows], range(s.length)[places], strict=True)
        if s.entry(a, i) == k
    ]
    pattern = Axiswise((s.windows,), (s.length,), (s.over_places(0, 0),))
    assert sorted(found) == [(int(a), int(i)) for a, i in np.argwhere(as_matrix(pattern))]
    assert len(found) == sum(len(range(s.windows)[w]) for _, w, _ in s.terms())


def test_long_windows_are_located_by_arithmetic() -> None:
    """10¹² entries, of which none is made."""
    s = Slide(length=2 * 10**6, kernel=10**6)
    pattern = Axiswise((s.windows,), (s.length,), (s.over_places(0, 0),))
    assert pattern.nonzeros == s.windows * s.kernel
    middle = pattern.start(10**6)
    assert pattern.locate(middle) == (1, 10**6)
    assert pattern.locate(middle - 1) == (10**6 - 1, 10**6 - 1)


def _covers(s: Slide, window: int, place: int) -> bool:
    return place in {s.place(window, k) for k in range(s.kernel)}
