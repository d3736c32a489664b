"""The picture of a matrix that does not fit, against the pattern and the numbers."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.render.views import opened
from tui_backprop import trace
from tui_backprop.graph.jacobian import TotalJacobian
from tui_backprop.render.matrix import sample as sampling
from tui_backprop.render.matrix.picture import (
    BROKEN,
    LARGE,
    LARGE_NEGATIVE,
    SMALL,
    SMALL_NEGATIVE,
    UNKNOWN,
    UNREAD,
    UNSEEN,
    ZERO,
    Picture,
    glyphs,
    legend,
    looks,
)
from tui_backprop.render.matrix.sample import local_sample, total_sample
from tui_backprop.render.text.charset import ASCII, UNICODE
from tui_backprop.render.text.spans import line_width, plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.graph.jacobian import LocalJacobian
    from tui_backprop.render.matrix.sample import Sample
    from tui_backprop.render.text.charset import Charset
    from tui_backprop.rules.types import Array
    from tui_backprop.timeline.timeline import Frame
    from tui_backprop.timeline.trace import Trace

_X: Final = np.array([[-2.0, 0.5, 3.0], [0.0, -0.25, 1e300], [1.0, 4.0, -7.0], [2.0, 2.0, 0.1]])
_W: Final = np.array([[0.0, -1.5, 2.0], [np.nan, 1.0, 0.25], [3.0, -0.5, np.inf], [1, 1, 1]])

FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {
    "a diagonal": lambda x: np.tanh(x).sum(),
    "slopes of 0": lambda x: np.maximum(x, 0).sum(),
    "slopes that are no numbers": lambda x: (x * _W).sum(),
    "slopes as large": lambda x: (x @ np.array([[1.0, -1], [-0.5, 1], [0.4, -0.45]])).sum(),
    "moved": lambda x: (x.T[::-1] * 2).sum(),
    "every other one": lambda x: (x[::2, 1:] * -1).sum(),
    "staircases": lambda x: np.cumsum(x, axis=1).sum(),
    "products": lambda x: (x @ _X.T).sum(),
    "one number": lambda x: (x * x).sum(),
    "read twice": lambda x: (x[[0, 0, 1, 3]] * x).sum(),
}


@cache
def traced(name: str) -> Trace:
    """One walk for all draws."""
    with np.errstate(all="ignore"):
        walked: Trace = trace(FUNCTIONS[name], _X)
    return walked


def steps(name: str) -> list[int]:
    """The partials of a walk."""
    walked = traced(name).timeline
    return [k for k in range(len(walked)) if walked[k].edge is not None]


@st.composite
def pictured(draw: st.DrawFn, name: str) -> tuple[list[Frame], LocalJacobian, Sample, bool]:
    """The steps of an edge, and what a picture of its J is made from: all entries or a few."""
    walked = traced(name).timeline
    chosen = walked[draw(st.sampled_from(steps(name)))]
    frames = [walked[k] for k in steps(name) if walked[k].edge == chosen.edge]
    jacobian = chosen.J
    assert jacobian is not None
    is_partial = draw(st.booleans())
    rows, columns = draw(st.integers(1, 7)), draw(st.integers(1, 7))
    with patch.object(sampling, "_ALL", 0 if is_partial else 4096):
        found = local_sample.__wrapped__(jacobian, rows, columns)
    assert found is not None
    assert found.is_complete is not is_partial
    return frames, jacobian, found, is_partial


def blocks(sample: Sample) -> list[tuple[slice, slice]]:
    """The rows and columns of each block."""
    cut = sample.blocks
    return [
        (slice(cut.rows[a], cut.rows[a + 1]), slice(cut.columns[b], cut.columns[b + 1]))
        for a in range(cut.shape[0])
        for b in range(cut.shape[1])
    ]


def expected(entries: Array, inside: Array, known: Array, largest: float) -> int:
    """How a block looks of which every entry is looked at, by definition."""
    if not inside.any():
        return UNREAD
    seen = entries[inside & known]
    if not np.isfinite(seen).all():
        return BROKEN
    size = np.abs(seen).max(initial=0)
    if not size:
        return ZERO if known[inside].all() else UNKNOWN
    # Of two that are as far from 0 the positive one.
    is_negative = not (seen == size).any()
    return (SMALL_NEGATIVE if is_negative else SMALL) + int(size >= largest / 2)


@pytest.mark.parametrize("name", FUNCTIONS)
@given(data=st.data())
def test_a_picture_agrees_with_the_pattern(name: str, data: st.DataObject) -> None:
    """Blank where nothing is read and there alone; what was visited and is not 0 is no zero."""
    frames, jacobian, sample, is_partial = data.draw(pictured(name))
    m, n = jacobian.shape
    j, i = np.arange(m)[:, None], np.arange(n)[None, :]
    entries, inside = jacobian.toarray(), jacobian.sparsity.contains(j, i)
    finite = entries[inside & np.isfinite(entries)]
    largest = float(np.abs(finite).max(initial=0))
    for frame in frames:
        known = frame.is_visited(j, i)
        found = looks(sample, frame.is_visited(sample.j, sample.i)).tolist()
        for look, (rows, columns) in zip(found, blocks(sample), strict=True):
            block = entries[rows, columns], inside[rows, columns], known[rows, columns]
            if not is_partial:
                assert look == expected(*block, largest)
                continue
            assert (look == UNREAD) is not block[1].any()
            if (block[1] & block[2]).any():
                assert look not in {UNREAD, UNKNOWN, ZERO}
            elif block[1].any():
                assert look == UNKNOWN


@pytest.mark.parametrize("charset", [UNICODE, ASCII], ids=["unicode", "ascii"])
@given(drawn=st.sampled_from([*FUNCTIONS]).flatmap(pictured))
def test_a_picture_has_a_ruler_on_three_sides(
    charset: Charset, drawn: tuple[list[Frame], LocalJacobian, Sample, bool]
) -> None:
    """The current entry is marked on it and on both rulers; each cell leads into its block."""
    (frame, *_), jacobian, sample, _ = drawn
    seen = ((frame.row,), (frame.column,))
    picture = Picture(sample, frame.is_visited, seen, (frame.row, frame.column), charset)
    lines = picture.lines()
    blocks_down, blocks_across = sample.blocks.shape
    assert len(lines) == blocks_down + 1
    assert {line_width(line) for line in lines} == {blocks_across + 2}
    assert all(plain(line).isascii() for line in lines) or not charset.is_ascii
    marked = [span for line in lines for span in line if span.role == "current"]
    assert [len(span.text) for span in marked] == [1]
    down, across = ("v", ">") if charset.is_ascii else ("↓", "▸")
    x, y = plain(lines[0]).index(down), [plain(line)[0] for line in lines].index(across)
    assert plain(lines[y])[x] == marked[0].text
    rows, columns = blocks(sample)[(y - 1) * sample.blocks.shape[1] + x - 1]
    assert rows.start <= frame.row < rows.stop
    assert columns.start <= frame.column < columns.stop
    for y, line in enumerate(lines):
        for x in range(line_width(line)):
            entry = picture.entry_at(x, y)
            if entry is not None:
                assert jacobian.sparsity.contains(*map(np.asarray, entry))


def test_looks_are_told_apart_without_colour() -> None:
    """Every look has a glyph of its own, and the legend names those that are no blank."""
    for charset in (UNICODE, ASCII):
        shown = glyphs(charset)
        assert len({*shown}) == len(shown) == BROKEN + 1
        said = " ".join(legend(charset))
        assert all(glyph in said for glyph in shown)
        assert said.isascii() or not charset.is_ascii


@pytest.mark.parametrize("pulls", [0, 10**6])
def test_the_whole_jacobian_is_pictured_by_the_rows_in_sight(pulls: int) -> None:
    """Each row is a backward pass: where they take long none is made for a picture alone."""
    walked = traced("products")
    of = next(edge.node for k in steps("products") if (edge := walked.timeline[k].edge) is not None)
    parent = walked.graph.nodes[of].parents[0]
    jacobian = TotalJacobian(walked, parent, next(iter(walked.graph.inputs.values())))
    asked: list[int] = []
    with (
        patch.object(TotalJacobian, "row", _counting(TotalJacobian.row, asked)),
        patch.object(TotalJacobian, "_FEW_PULLS", pulls),
    ):
        sample = total_sample.__wrapped__(jacobian, (0, 2), jacobian.shape[0], 4)
    assert {*asked} == ({*range(jacobian.shape[0])} if pulls else {0, 2})
    found = looks(sample, np.ones(sample.j.shape, dtype=bool)).reshape(sample.blocks.shape)
    assert (found[[1, 3]] == UNKNOWN).all() == (not pulls)
    assert not (found[[0, 2]] == UNKNOWN).any()


def _counting(row: Callable[..., Array], asked: list[int]) -> Callable[..., Array]:
    def counted(self: TotalJacobian, j: int) -> Array:
        asked.append(j)
        return row(self, j)

    return counted


def test_what_costs_much_is_not_read_for_a_picture() -> None:
    """Entries that somebody else has to be asked for are visited or not, and that is all."""
    frame = opened("matvec")[1].timeline[-1]
    assert frame.J is not None
    with patch.object(frame.J, "is_cheap", False):
        sample = local_sample.__wrapped__(frame.J, 3, 3)
    assert sample is not None
    assert {*looks(sample, frame.is_visited(sample.j, sample.i)).tolist()} <= {
        UNREAD,
        UNKNOWN,
        UNSEEN,
    }
    assert LARGE not in looks(sample, np.ones(sample.j.shape, dtype=bool))
    assert LARGE_NEGATIVE not in looks(sample, np.ones(sample.j.shape, dtype=bool))
