"""The laws that every row of the op table obeys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.rules.cases import EDGES, ROWS, each_case, each_edge, each_edge_if, each_row
from tests.rules.patterns import assert_consistent
from tui_backprop.rules.derivative import Constant, Scalar

if TYPE_CHECKING:
    from tests.rules.cases import Case, Edge
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array


def _cotangent(edge: Edge) -> Array:
    return np.random.default_rng(7).normal(size=edge.case.out)


@each_row
def test_row_is_complete(rule: Rule) -> None:
    """A row says what it does, has examples, and one derivative and one domain per operand."""
    assert rule.summary
    assert rule.examples
    assert len(rule.derivatives) == len(rule.domains) == len(rule.operands)
    assert bool(rule.convention) == (rule.kink is not None)
    for name in (*rule.operands, *(p.name for p in rule.parameters)):
        assert f"{{{name}}}" in rule.text


@each_case
def test_shape_rule_agrees_with_forward(case: Case) -> None:
    """The shape known beforehand is the shape that comes out."""
    assert case.forward(case.operands()).shape == case.out


@each_edge
def test_vjp_and_jvp_are_dual(edge: Edge) -> None:
    """⟨w, J t⟩ = ⟨Jᵀ w, t⟩ for random w and t."""
    operands = edge.case.operands()
    w, t = _cotangent(edge), np.random.default_rng(8).normal(size=edge.shape)
    forward = float(np.sum(w * edge.jvp(t, operands)))
    backward = float(np.sum(edge.vjp(w, operands) * t))
    assert np.isclose(forward, backward, rtol=1e-10, atol=1e-12), (forward, backward)


@pytest.mark.few(6)
@each_edge
def test_vjp_agrees_with_central_differences(edge: Edge) -> None:
    """Away from kinks, ``vᵀJ`` is the slope of ``v · f`` along each entry."""
    operands, v, h = edge.case.operands(), _cotangent(edge), 1e-6
    v = np.where(edge.case.near_kink(operands), 0, v)
    slopes = np.zeros(edge.shape)
    for index in np.ndindex(edge.shape):
        values = []
        for step in (h, -h):
            moved = [x.copy() for x in operands]
            moved[edge.argument][index] += step
            values.append(edge.case.forward(tuple(moved)))
        slopes[index] = np.sum(v * (values[0] - values[1])) / (2 * h)
    np.testing.assert_allclose(edge.vjp(v, operands), slopes, rtol=1e-5, atol=1e-7)


@each_edge_if(lambda edge: not edge.case.rule.elementwise)
def test_structural_rows_undo_their_own_broadcasting(edge: Edge) -> None:
    """The graph does it for elementwise rows only."""
    operands = edge.case.operands()
    y = edge.case.forward(operands)
    with np.errstate(all="ignore"):
        pulled = edge.derivative.vjp(_cotangent(edge), y, operands, edge.case.params)
    assert pulled.shape == edge.shape


@pytest.mark.few(6)
@each_edge
def test_vjp_of_unit_vectors_is_the_same_matrix(edge: Edge) -> None:
    """Rows by VJP and columns by JVP give one J."""
    operands = edge.case.operands()
    y = edge.case.forward(operands)
    units = [v.reshape(edge.case.out) for v in np.eye(edge.sparsity.shape[0])]
    rows = [edge.vjp(v, operands, y).ravel() for v in units]
    stacked = np.array(rows).reshape(edge.sparsity.shape)
    np.testing.assert_allclose(stacked, edge.dense(operands), rtol=1e-12, atol=1e-15)


def _may_be_nonzero(edge: Edge) -> bool:
    """Not where the derivative is stated to be 0, and walked so that the 0 is seen."""
    derivative = edge.derivative
    return not isinstance(derivative, Scalar) or derivative.partial != Constant(0)


def _assert_is_exact(edge: Edge, least: int, most: int = 24) -> None:
    pattern, met = edge.pattern(), np.zeros(edge.sparsity.shape, dtype=bool)
    for draw in range(most):
        if draw >= least and (met == pattern).all():
            break
        met |= edge.dense(edge.case.operands(draw)) != 0
    np.testing.assert_array_equal(pattern, met)


@pytest.mark.few(6)
@each_edge_if(_may_be_nonzero)
def test_sparsity_is_exact(edge: Edge) -> None:
    """Over enough draws each entry of the pattern is non-zero once, and no other ever is."""
    _assert_is_exact(edge, least=6)


@pytest.mark.exhaustive
@each_edge_if(_may_be_nonzero)
def test_sparsity_is_exact_at_many_points(edge: Edge) -> None:
    """Also where the pattern has been met long ago, no other entry is ever non-zero."""
    _assert_is_exact(edge, least=24)


@pytest.mark.few(4)
@each_edge
def test_sparsity_is_consistent(edge: Edge) -> None:
    """Counts, positions, rows and columns of the pattern describe one pattern."""
    assert_consistent(edge.sparsity)
    shapes, params = edge.case.example.shapes, edge.case.params
    assert edge.derivative.nonzeros(edge.case.out, shapes, params) == edge.sparsity.nonzeros


PICKED = [edge for edge in EDGES if edge.derivative.is_picked]


@pytest.mark.few(6)
@pytest.mark.parametrize("edge", PICKED, ids=str)
@pytest.mark.parametrize("least", [6, pytest.param(24, marks=pytest.mark.exhaustive)])
def test_what_data_pick_is_exact(edge: Edge, least: int) -> None:
    """Of one choice of the data each picked entry is non-zero once, and no other ever is."""
    for picks in range(6):
        chosen = edge.case.operands(picks)
        pattern = edge.derivative.picked(edge.case.out, chosen, edge.case.params)
        assert_consistent(pattern)
        m, n = pattern.shape
        inside = pattern.contains(np.arange(m)[:, None], np.arange(n)[None, :])
        met = np.zeros(pattern.shape, dtype=bool)
        for draw in range(24):
            if draw >= least and (met == inside).all():
                break
            drawn = list(chosen)
            drawn[edge.argument] = edge.case.operands(draw)[edge.argument]
            met |= edge.dense(tuple(drawn)) != 0
        np.testing.assert_array_equal(inside, met, err_msg=f"picks {picks}")
        assert not (inside & ~edge.pattern()).any(), picks


@pytest.mark.parametrize("edge", PICKED, ids=str)
def test_what_data_leave_out_gets_nothing_of_an_infinity(edge: Edge) -> None:
    """Nothing is multiplied there, not even by 0."""
    operands = edge.case.operands()
    pattern = edge.derivative.picked(edge.case.out, operands, edge.case.params)
    pulled = edge.vjp(np.full(edge.case.out, np.inf), operands).ravel()
    unread = [i for i in range(pattern.shape[1]) if not len(pattern.rows(i))]
    assert not pulled[unread].any()


@pytest.mark.few(6)
@each_edge
def test_entries_are_those_of_the_matrix(edge: Edge) -> None:
    """Partials asked for place by place, all at once or one alone, are J's."""
    operands = edge.case.operands()
    y = edge.case.forward(operands)
    j, i = np.nonzero(edge.pattern())
    expected = edge.dense(operands)[j, i]
    found = edge.entries(j, i, operands, y)
    np.testing.assert_allclose(np.broadcast_to(found, j.shape), expected, rtol=1e-12, atol=1e-15)
    for row, column, partial in list(zip(j, i, expected, strict=True))[:3]:
        one = edge.entries(np.asarray(row), np.asarray(column), operands, y)
        assert one.shape == ()
        np.testing.assert_allclose(one, partial, rtol=1e-12, atol=1e-15)


@pytest.mark.few(6)
@each_edge
def test_entries_of_one_row_and_of_one_column(edge: Edge) -> None:
    """One place on one side and many on the other: they broadcast."""
    operands, pattern = edge.case.operands(), edge.sparsity
    y, expected = edge.case.forward(operands), edge.dense(operands)
    m, n = pattern.shape
    for row in range(min(m, 3)):
        columns = pattern.columns(row)
        found = edge.entries(np.asarray(row), columns, operands, y)
        np.testing.assert_allclose(found, expected[row, columns], rtol=1e-12, atol=1e-15)
    for column in range(min(n, 3)):
        rows = pattern.rows(column)
        found = edge.entries(rows, np.asarray(column), operands, y)
        np.testing.assert_allclose(found, expected[rows, column], rtol=1e-12, atol=1e-15)


@pytest.mark.few(6)
@each_edge
def test_contributions_add_up_to_the_vjp(edge: Edge) -> None:
    """Σ_j v_j · J[j, i], one by one as the timeline adds them, is what the backward pass gives."""
    operands, v = edge.case.operands(), _cotangent(edge)
    y, total = edge.case.forward(operands), np.zeros(edge.sparsity.shape[1])
    for position in range(edge.sparsity.nonzeros):
        j, i = edge.sparsity.locate(position)
        partial = edge.entries(np.asarray(j), np.asarray(i), operands, y)
        total[i] += edge.derivative.contribution(v.ravel()[j], partial)
    np.testing.assert_allclose(total.reshape(edge.shape), edge.vjp(v, operands), rtol=1e-10)


_WILD_V = (
    (np.inf, -np.inf, np.nan, 1.0),
    (1.0, 2.0, np.inf),
    (np.inf,),
    (0.0, np.inf, 0.0),
    (1.0, -np.inf, 1.0, 1.0, 1.0),
)


def _with_entries(edge: Edge, entry: float) -> tuple[Array, ...]:
    """The operands with every other entry replaced, where those are not drawn from a few."""
    found = []
    for x, domain in zip(edge.case.operands(), edge.case.rule.domains, strict=True):
        changed = x.copy()
        if not domain.values:
            changed.reshape(-1)[::2] = entry
        found.append(changed)
    return tuple(found)


def _partials(edge: Edge, operands: tuple[Array, ...]) -> list[tuple[int, int, Array]]:
    """What the timeline visits: row, column and partial, one by one."""
    pattern = edge.derivative.picked(edge.case.out, operands, edge.case.params)
    places = [pattern.locate(position) for position in range(pattern.nonzeros)]
    y = edge.case.forward(operands)
    return [(j, i, edge.entries(np.asarray(j), np.asarray(i), operands, y)) for j, i in places]


def _walked(edge: Edge, v: Array, partials: list[tuple[int, int, Array]]) -> Array:
    """The sum of contributions, one by one as the timeline adds them."""
    total, flat = np.zeros(edge.shape).ravel(), v.ravel()
    with np.errstate(all="ignore"):
        for j, i, partial in partials:
            total[i] += edge.derivative.contribution(flat[j], partial)
    return total.reshape(edge.shape)


def _is_alike(a: Array, b: Array) -> bool:
    """NaN where NaN, infinities with their signs, and the same numbers."""
    return np.allclose(a, b, rtol=1e-9, atol=1e-12, equal_nan=True)


@pytest.mark.few(5)
@each_edge_if(lambda edge: not edge.derivative.whole)  # which the next test holds
def test_the_walk_treats_an_infinite_v_as_the_gradient_does(edge: Edge) -> None:
    """0 · inf is NaN in both, or masked in both; a row that does otherwise says so."""
    for operands in (edge.case.operands(), _with_entries(edge, 0.0)):
        partials, y = _partials(edge, operands), edge.case.forward(operands)
        for entries in _WILD_V:
            v = np.resize(np.array(entries), edge.case.out)
            walked, pulled = _walked(edge, v, partials), edge.vjp(v, operands, y)
            assert _is_alike(walked, pulled), f"v {v}, walk {walked}, gradient {pulled}"


WHOLE = sorted({(e.case.rule.name, e.argument) for e in EDGES if e.derivative.whole})


@pytest.mark.parametrize(("name", "argument"), WHOLE)
def test_rows_that_pull_back_as_a_whole_do_so(name: str, argument: int) -> None:
    """The statement is needed: for some v, beside finite numbers, walk and gradient differ."""
    assert any(
        not _is_alike(_walked(edge, v, _partials(edge, operands)), edge.vjp(v, operands))
        for edge in EDGES
        if (edge.case.rule.name, edge.argument) == (name, argument)
        for operands in (edge.case.operands(), _with_entries(edge, 0.0), _with_entries(edge, 1e200))
        for v in (np.resize(np.array(entries), edge.case.out) for entries in _WILD_V)
    )


def test_which_rows_pull_back_as_a_whole() -> None:
    """Every other row is the sum of its contributions for any v."""
    assert {name for name, _ in WHOLE} == {
        *("average", "batch_norm", "cholesky", "cumprod", "eigvecsh", "inv", "layer_norm"),
        *("log_softmax", "pinv", "qr_q", "qr_r", "rms_norm", "scaled_dot_product_attention"),
        *("softmax", "solve", "solve_triangular", "std", "svd_u", "svd_vh", "var"),
    }


@pytest.mark.few(6)
@each_case
def test_float32_stays_float32(case: Case) -> None:
    """No row widens: value, VJP, JVP and partials keep the operands' precision."""
    operands = case.operands(dtype="float32")
    assert case.forward(operands).dtype == np.float32
    for edge in case.edges:
        ones = np.ones(case.out, dtype=np.float32)
        t = np.ones(edge.shape, dtype=np.float32)
        j, i = np.nonzero(edge.pattern())
        assert edge.vjp(ones, operands).dtype == np.float32
        assert edge.jvp(t, operands).dtype == np.float32
        assert edge.entries(j, i, operands).dtype == np.float32


@pytest.mark.few(6)
@each_case
def test_operands_stay_as_they_were(case: Case) -> None:
    """Forward, VJP, JVP and entries write to nothing they were given."""
    operands = case.operands()  # read-only: a write would raise; copies prove the rest
    before = [x.copy() for x in operands]
    case.forward(operands)
    for edge in case.edges:
        v = _cotangent(edge)
        kept = v.copy()
        v.setflags(write=False)
        edge.vjp(v, operands)
        edge.dense(operands)
        np.testing.assert_array_equal(v, kept)
    for x, old in zip(operands, before, strict=True):
        np.testing.assert_array_equal(x, old)


@pytest.mark.few(4)
@each_case
def test_nan_and_infinities_are_data(case: Case) -> None:
    """Whatever the operands and v hold, shapes stay and nothing is raised."""
    wild = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1e308, 5e-324, -3.0])
    for shift in range(wild.size):
        shapes = enumerate(case.example.shapes)
        operands = tuple(np.resize(np.roll(wild, shift + k), s) for k, s in shapes)
        y = case.forward(operands)
        assert y.shape == case.out
        for edge in case.edges:
            v = np.resize(np.roll(wild, -shift), case.out)
            j, i = np.nonzero(edge.pattern())
            assert edge.vjp(v, operands, y).shape == edge.shape
            assert np.size(edge.entries(j, i, operands, y)) in {1, j.size}


@pytest.mark.parametrize("rule", [r for r in ROWS if r.kink is not None], ids=lambda r: r.name)
def test_kink_is_where_it_says(rule: Rule) -> None:
    """With every parameter 0 and every operand 0 or a half, a row with a kink stands on it."""
    assert rule.kink is not None
    params = {p.name: 0 for p in rule.parameters}
    at = [[np.asarray(x) for _ in rule.operands] for x in (0.0, 0.5)]
    if not rule.elementwise:
        example = rule.examples[0]
        zeros = {"number", "optional_int"}
        params = {p.name: 0 if p.kind in zeros else p.default for p in rule.parameters}
        params |= example.params
        shapes = example.shapes
        at = [[np.full(shape, x) for shape in shapes] for x in (0.0, 0.5)]
    assert any(np.all(rule.kink(np, *operands, **params) == 0) for operands in at)
