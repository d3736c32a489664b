"""What any sparsity pattern owes, whichever class describes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tui_backprop.rules.blocks import first_entries
from tui_backprop.rules.sparsity import Gathered, Listed, Tied, pattern_entries

if TYPE_CHECKING:
    from tui_backprop.rules.sparsity import Sparsity
    from tui_backprop.rules.types import Array


def as_matrix(sparsity: Sparsity) -> Array:
    """The pattern as m × n booleans."""
    m, n = sparsity.shape
    return sparsity.contains(np.arange(m)[:, None], np.arange(n)[None, :])


def assert_consistent(sparsity: Sparsity) -> None:
    """Counts, positions, rows and columns all describe what ``contains`` says."""
    inside = as_matrix(sparsity)
    m, n = sparsity.shape
    assert inside.shape == (m, n)
    walk = [(int(j), int(i)) for i, j in np.argwhere(inside.T)]
    assert sparsity.nonzeros == len(walk)
    assert [sparsity.locate(p) for p in range(len(walk))] == walk
    starts = np.concatenate([[0], np.cumsum(inside.sum(axis=0))])
    assert [sparsity.start(i) for i in range(n + 1)] == starts.tolist()
    for i in range(n):
        assert sparsity.rows(i).tolist() == np.flatnonzero(inside[:, i]).tolist()
    for j in range(m):
        assert sparsity.columns(j).tolist() == np.flatnonzero(inside[j]).tolist()
    for columns in (range(n), range(n // 2), range(n // 2, n)):
        found = np.stack(pattern_entries(sparsity, columns), axis=1)
        assert found.tolist() == [[row, column] for row, column in walk if column in columns]
    assert_first_of_blocks(sparsity, inside)
    if not isinstance(sparsity, Tied | Gathered | Listed):
        return
    every = np.arange(n)
    for mask in (*(every == i for i in range(n)), every % 2 == 0, every >= 0, every < 0):
        assert sparsity.reading(mask).tolist() == (inside & mask).any(axis=1).tolist()


def assert_first_of_blocks(sparsity: Sparsity, inside: Array) -> None:
    """However it is cut into blocks: the first entry of each, none where there is none."""
    m, n = sparsity.shape
    for height, across in ((1, 1), (2, 3), (3, 2), (4, 5), (max(m, 1), max(n, 1))):
        rows, columns = (
            np.array([k * length // count for k in range(count + 1)], dtype=np.int64)
            for length, count in ((m, height), (n, across))
        )
        found = first_entries(sparsity, rows, columns)
        assert found is not None
        for a in range(height):
            for b in range(across):
                block = inside[rows[a] : rows[a + 1], columns[b] : columns[b + 1]]
                i, j = next(iter(np.argwhere(block.T).tolist()), (-1 - columns[b], -1 - rows[a]))
                assert (found[0][a, b], found[1][a, b]) == (rows[a] + j, columns[b] + i)
