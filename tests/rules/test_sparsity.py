"""Patterns of J known without J."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rules.cases import each_edge_if
from tests.rules.patterns import as_matrix, assert_consistent
from tui_backprop.rules.sparsity import Gathered, Listed, Tied

if TYPE_CHECKING:
    from tests.rules.cases import Edge

_DRAWS: Final = 200


@st.composite
def tied(draw: st.DrawFn) -> Tied:
    """Some axes on both sides, some on one, in any order."""
    sides = st.integers(0, 3)
    common = draw(st.lists(sides, max_size=2))
    out = [*((n, k) for k, n in enumerate(common)), *((draw(sides), None) for _ in range(2))]
    own = [*((n, k) for k, n in enumerate(common)), *((draw(sides), None) for _ in range(1))]
    out, own = draw(st.permutations(out)), draw(st.permutations(own))
    ties = [
        (a, b)
        for (a, (_, k)), (b, (_, other)) in product(enumerate(out), enumerate(own))
        if k is not None and k == other
    ]
    return Tied(
        tuple(n for n, _ in out), tuple(n for n, _ in own), tuple(draw(st.permutations(ties)))
    )


@given(tied())
def test_tied_pattern_is_consistent(pattern: Tied) -> None:
    """Whichever axes are tied, in whichever order."""
    assert_consistent(pattern)


@given(tied())
def test_tied_pattern_is_agreement_of_coordinates(pattern: Tied) -> None:
    """Against the definition, place by place."""
    places = product(np.ndindex(pattern.out_shape), np.ndindex(pattern.in_shape))
    expected = [all(j[a] == i[b] for a, b in pattern.ties) for j, i in places]
    assert as_matrix(pattern).ravel().tolist() == expected


@given(st.integers(0, 5), st.data())
def test_gathered_pattern_is_consistent(size: int, data: st.DataObject) -> None:
    """Entries read once, twice, never; outputs that read nothing."""
    source = np.array(data.draw(st.lists(st.integers(-1, size - 1), max_size=7)), dtype=np.intp)
    pattern = Gathered(source, size)
    assert_consistent(pattern)
    np.testing.assert_array_equal(as_matrix(pattern), source[:, None] == np.arange(size))


@given(st.integers(0, 4), st.integers(0, 4), st.data())
def test_listed_pattern_is_consistent(m: int, n: int, data: st.DataObject) -> None:
    """In any order, given once or twice, none at all."""
    places = [(j, i) for j in range(m) for i in range(n)]
    given = data.draw(st.lists(st.sampled_from(places), max_size=9)) if places else []
    rows, columns = (np.array([p[k] for p in given], dtype=np.intp) for k in (0, 1))
    pattern = Listed((m, n), rows, columns)
    assert_consistent(pattern)
    assert {tuple(p) for p in np.argwhere(as_matrix(pattern)).tolist()} == set(given)


def test_dense_block_has_every_entry() -> None:
    """No ties: all of it."""
    pattern = Tied((2,), (3,), ())
    assert as_matrix(pattern).all()
    assert pattern.nonzeros == 6


def test_huge_pattern_is_located_by_arithmetic() -> None:
    """The middle of a walk of 10¹² entries, as of one of ten."""
    n = 10**4
    pattern = Tied((n, n), (n, n), ((0, 0),))  # a matmul of n × n matrices
    assert pattern.nonzeros == n**3
    row, column, k = 123, 4567, 89
    i = row * n + k
    assert pattern.locate(i * n + column) == (row * n + column, i)
    assert pattern.start(i) == i * n
    at: Any = np.asarray
    assert pattern.contains(at(row * n + column), at(i))
    assert not pattern.contains(at((row + 1) * n), at(i))


@pytest.mark.few(6)
@each_edge_if(lambda edge: not edge.case.rule.elementwise)
def test_a_pattern_has_no_partial_that_is_always_zero(edge: Edge) -> None:
    """With the numbers kept that have no gradient, each entry is something for some of the others.

    So a walk that skips structural zeros visits no row of a table that nobody looks up. An op that
    works entry by entry has one partial for each, which is 0 where it is flat or takes another
    operand: that is a fact of the step.
    """
    case, rule = edge.case, edge.case.rule
    kept = case.operands()
    derivative = edge.derivative
    sparsity = (
        derivative.picked(case.out, kept, case.params) if derivative.is_picked else edge.sparsity
    )
    inside = as_matrix(sparsity)
    seen = np.zeros_like(inside)
    for draw in range(_DRAWS):
        operands = tuple(
            fixed if rule.derivatives[a] is None else drawn
            for a, (fixed, drawn) in enumerate(zip(kept, case.operands(draw), strict=True))
        )
        seen |= edge.dense(operands) != 0
        assert not (seen & ~inside).any()
        if (seen == inside).all():
            break
    assert not np.argwhere(inside & ~seen).tolist()
