"""Where panes lie: none over another, none too small while there is room, nothing left empty."""

from __future__ import annotations

from itertools import combinations, pairwise

from hypothesis import given
from hypothesis import strategies as st

from tui_backprop.render.arrangement import (
    Arrangement,
    Claim,
    Need,
    Place,
    maximized,
    shared,
)

PANES = ("program", "graph", "board", "jacobian", "cotangent", "gradient", "equation")
claims = st.lists(
    st.builds(
        Claim,
        st.integers(0, 9),
        st.integers(0, 40),
        st.integers(1, 9),
        st.integers(0, 3),
        st.integers(0, 5),
    ).map(lambda c: c._replace(most=max(c.least, c.most))),
    min_size=1,
    max_size=6,
)


def need(cells: int, rows: int) -> Need:
    """One that does not depend on the width."""
    return Need(cells, lambda _: rows)


@st.composite
def arrangements(draw: st.DrawFn) -> Arrangement:
    """With needs from nothing to more than any screen has."""
    numbers = st.integers(0, 200)
    names = [*PANES]
    has_notes, is_watching = draw(st.booleans()), draw(st.booleans())
    names += ["note"] * has_notes + ["watching"] * is_watching
    needs = {name: need(draw(numbers), draw(numbers)) for name in names}
    return Arrangement(
        needs,
        is_board=draw(st.booleans()),
        has_note=has_notes and draw(st.booleans()),
        is_watching=is_watching,
    )


@given(st.integers(-3, 120), claims)
def test_shares_are_fair(room: int, of: list[Claim]) -> None:
    """All of the room is given away where somebody can use it, and never more than there is."""
    found = shared(room, of)
    assert all(n >= 0 for n in found)
    wanted, least = sum(c.most for c in of), sum(c.least for c in of)
    now_and_then = wanted + sum(c.rare for c in of)
    if any(c.stretch for c in of):
        assert sum(found) == max(room, 0)
    else:
        assert sum(found) == min(max(room, 0), max(now_and_then, least))
    if room >= least:
        assert all(n >= c.least for n, c in zip(found, of, strict=True))
    if room >= wanted:
        assert all(n >= c.most for n, c in zip(found, of, strict=True))
    if room >= now_and_then:
        assert all(n >= c.most + c.rare for n, c in zip(found, of, strict=True))


@given(st.integers(0, 60), claims)
def test_more_room_takes_nothing_from_anybody(room: int, of: list[Claim]) -> None:
    """A larger terminal has no smaller pane."""
    smaller, larger = shared(room, of), shared(room + 1, of)
    assert all(a <= b for a, b in zip(smaller, larger, strict=True))


@given(arrangements(), st.integers(1, 220), st.integers(1, 90), st.booleans())
def test_nothing_overlaps_and_nothing_is_empty(
    arrangement: Arrangement, width: int, height: int, is_boxed: bool
) -> None:
    """Every line of the screen belongs to panes, but for a cell between two that have no box."""
    places = arrangement.places(width, height, is_boxed=is_boxed)
    assert_apart(places, width, height)
    for y in range(height):
        row = sorted(p for p in places.values() if p.y <= y < p.y + p.height)
        if not row:
            assert height < 14  # a border and a line for each band
            continue
        assert row[0].x == 0
        assert row[-1].x + row[-1].width == width
        assert all(0 <= b.x - (a.x + a.width) <= 1 for a, b in pairwise(row))


@given(arrangements(), st.integers(60, 220), st.integers(20, 90))
def test_a_note_that_is_not_there_moves_nothing_else(
    arrangement: Arrangement, width: int, height: int
) -> None:
    """Its cells are the step's."""
    both = [
        Arrangement(
            arrangement.needs,
            is_board=arrangement.is_board,
            has_note=has_note,
            is_watching=arrangement.is_watching,
        ).places(width, height, is_boxed=height >= 30)
        for has_note in (False, True)
    ]
    without, with_note = both
    for name in with_note.keys() - {"note", "equation"}:
        assert with_note[name] == without[name]


@given(arrangements(), st.integers(60, 220), st.integers(20, 90))
def test_the_board_takes_the_place_of_three_panes(
    arrangement: Arrangement, width: int, height: int
) -> None:
    """The rest stays where it is, so that nothing jumps where a matrix outgrows it."""
    shown = [
        Arrangement(
            arrangement.needs,
            is_board=is_board,
            has_note=arrangement.has_note,
            is_watching=arrangement.is_watching,
        ).places(width, height, is_boxed=height >= 30)
        for is_board in (False, True)
    ]
    panes, board = shown
    for name in panes.keys() & board.keys():
        assert panes[name] == board[name]
    assert panes.keys() - board.keys() == {"jacobian", "cotangent", "gradient"}


@given(st.sampled_from(PANES), st.integers(1, 220), st.integers(1, 90), st.booleans())
def test_one_pane_over_the_whole_screen(pane: str, width: int, height: int, is_boxed: bool) -> None:
    """With the sentence of the step under it."""
    places = maximized(pane, need(40, 4), width, height, is_boxed=is_boxed)
    assert_apart(places, width, height)
    if height >= 10:
        assert {"status", pane, "equation", "footer"} <= places.keys()
    assert sum(place.height for place in places.values()) == height


def assert_apart(places: dict[str, Place], width: int, height: int) -> None:
    """None lies over another, and all lie on the screen."""
    for place in places.values():
        assert place.width >= 0
        assert place.height >= 0
        assert 0 <= place.x <= place.x + place.width <= width
        assert 0 <= place.y <= place.y + place.height <= height
    for a, b in combinations(places.values(), 2):
        beside = a.x + a.width <= b.x or b.x + b.width <= a.x
        above = a.y + a.height <= b.y or b.y + b.height <= a.y
        assert beside or above or 0 in {a.width, a.height, b.width, b.height}
