from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tui_backprop.render.layout.wires import assign_tracks, count_tracks, find_runs

_RUNS = st.lists(
    st.tuples(st.integers(0, 30), st.integers(1, 12), st.sampled_from([-1, 0, 1])), max_size=30
)


@given(_RUNS)
def test_runs_on_one_track_do_not_touch(runs: list[tuple[int, int, int]]) -> None:
    """The counted tracks suffice, and leave an empty column between two runs."""
    left = np.array([a for a, _, _ in runs], dtype=np.intp)
    right = np.array([a + length for a, length, _ in runs], dtype=np.intp)
    heading = np.array([h for _, _, h in runs], dtype=np.intp)
    (tracks,) = count_tracks(np.zeros_like(left), left, right, 1)
    chosen = assign_tracks(left, right, heading, int(tracks))
    for one in range(left.size):
        for two in range(one):
            apart = right[one] + 2 <= left[two] or right[two] + 2 <= left[one]
            assert apart or chosen[one] != chosen[two]


@given(_RUNS)
def test_tracks_are_as_many_as_overlap(runs: list[tuple[int, int, int]]) -> None:
    """No channel is higher than its busiest column demands."""
    left = np.array([a for a, _, _ in runs], dtype=np.intp)
    right = np.array([a + length for a, length, _ in runs], dtype=np.intp)
    (tracks,) = count_tracks(np.zeros_like(left), left, right, 1)
    busiest = max((int(((left <= x) & (x <= right + 1)).sum()) for x in range(50)), default=0)
    assert tracks == busiest


def test_channels_are_counted_apart() -> None:
    """Runs in different channels do not share tracks."""
    channel, left, right = np.array([0, 2, 2]), np.array([0, 0, 5]), np.array([9, 9, 9])
    assert count_tracks(channel, left, right, 4).tolist() == [1, 0, 2, 0]


def test_straight_wires_need_no_run() -> None:
    """A wire that ends where it starts stays off the tracks."""
    runs = find_runs(np.array([0]), np.array([7]), np.array([7]))
    assert runs.net.size == 0
    assert runs.of_link.tolist() == [-1]


def test_a_branch_to_both_sides_and_straight_on_has_two_runs() -> None:
    """So the joint has three arms, and a joint with four is always a crossing."""
    runs = find_runs(np.array([0, 0, 0]), np.array([5]), np.array([1, 5, 9]))
    assert runs.left.tolist() == [1, 5]
    assert runs.right.tolist() == [5, 9]
    assert runs.of_link.tolist() == [0, -1, 1]
    assert runs.heading.tolist() == [-1, 1]


def test_runs_of_one_direction_nest() -> None:
    """Of two wires that go right, the one further right is higher, so they do not cross."""
    tracks = assign_tracks(np.array([0, 3]), np.array([6, 9]), np.array([1, 1]), 2)
    assert tracks.tolist() == [1, 0]
    tracks = assign_tracks(np.array([0, 3]), np.array([6, 9]), np.array([-1, -1]), 2)
    assert tracks.tolist() == [0, 1]
