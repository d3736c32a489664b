"""The witness SymPy: it agrees with every row of the table, and names a row that is wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.rules.cases import first_case
from tests.verify.support import applied, evaluate, with_part, with_partial
from tui_backprop.rules import RULES
from tui_backprop.rules.sparsity import Tied
from tui_backprop.rules.symbolic import SYMBOLIC, symbols_for
from tui_backprop.verify.report import Verdict
from tui_backprop.verify.sympy_witness import algebra

if TYPE_CHECKING:
    from tests.rules.cases import Case
    from tui_backprop.rules.types import Shape


def is_without_formula(case: Case) -> bool:
    """Whether a matrix is too large for a formula of its values or vectors."""
    shapes = zip(case.rule.operands, case.example.shapes, strict=True)
    symbols = (symbols_for(name, shape) for name, shape in shapes)
    found = np.asarray(case.rule.forward(SYMBOLIC, *symbols, **case.params))
    return any(formula is SYMBOLIC.nan for formula in found.ravel())


@pytest.mark.few(4)
@first_case
def test_every_row_agrees(case: Case) -> None:
    """Each row with each of its examples, at numbers of its domains."""
    found = algebra(applied(case, case.operands()))
    assert found.verdict in {Verdict.AGREE, Verdict.SILENT}
    assert found.disagreements == ()
    is_unwritten = case.example is not case.rule.examples[0] and is_without_formula(case)
    assert found.incomparable == 0 or is_unwritten
    assert found.compared == found.total or found.total > 64 or is_unwritten


def test_all_entries_of_a_small_scenario_are_compared() -> None:
    """Those outside the sparsity too: they must have the derivative 0."""
    found = algebra(evaluate("Y = 2 * X", "Y", X=[1.0, 2.0, 3.0]))
    assert (found.compared, found.total, found.verdict) == (9, 9, Verdict.AGREE)


def test_an_edge_of_two_passes_is_compared_once() -> None:
    """Its Jacobian is the same in both."""
    found = algebra(evaluate("Y = 2 * X", "Y", None, "Y", X=[1.0, 2.0]))
    assert found.total == 4


def test_a_wrong_partial_is_named() -> None:
    """For tanh, 1 − y² with the square forgotten."""
    rules = with_partial("tanh", 0, lambda _m, y, _x: 1 - y)
    found = algebra(evaluate("Y = tanh(X)", "Y", rules=rules, X=[0.0, 1.0]))
    assert found.verdict is Verdict.DISAGREE
    assert found.disagreed == 1
    (wrong,) = found.disagreements
    assert wrong.entry == "dY[1]/dX[1]"
    assert wrong.engine == pytest.approx(1 - np.tanh(1))
    assert wrong.witness == pytest.approx(1 - np.tanh(1) ** 2)
    assert found.worst == wrong


def test_the_argument_is_named_where_a_node_reads_a_parent_twice() -> None:
    """Two edges of x * x have one name else."""
    rules = with_partial("multiply", 1, lambda _m, _z, x, _y: -x)
    found = algebra(evaluate("Y = X * X", "Y", rules=rules, X=3.0))
    assert [f.entry for f in found.disagreements] == ["dY/dX (second argument)"]


def test_a_wrong_entry_of_a_structural_row_is_named() -> None:
    """A sum whose partials are 2."""
    rules = with_part("sum", 0, entry=lambda _m, _j, _i, _y, _x, **_params: 2)
    found = algebra(evaluate("Y = sum(X, axis=0)", "Y", rules=rules, X=np.ones((2, 2))))
    entries = [f.entry for f in found.disagreements]
    assert entries == ["dY[0]/dX[0,0]", "dY[1]/dX[0,1]", "dY[0]/dX[1,0]", "dY[1]/dX[1,1]"]


def test_a_sparsity_that_leaves_something_out_is_named() -> None:
    """A product that claims to read its diagonal only."""
    rules = with_part("matmul", 1, sparsity=lambda _out, _a, b: Tied(b, b, ((0, 0),)))
    found = algebra(evaluate("Y = A @ X", "Y", rules=rules, A=np.ones((3, 3)), X=[1.0, 2.0, 3.0]))
    assert found.verdict is Verdict.DISAGREE
    assert found.disagreements[0].entry == "dY[1]/dX[0]"
    assert (found.disagreements[0].engine, found.disagreements[0].witness) == (0.0, 1.0)


def test_a_wrong_sparsity_of_a_large_row_is_seen_though_entries_are_sampled() -> None:
    """A column's formulas say which rows read it; none of them may be outside."""
    rules = with_part("matmul", 1, sparsity=lambda _out, _a, b: Tied(b, b, ((0, 0),)))
    eye = np.eye(40) + np.eye(40, k=7)
    found = algebra(evaluate("Y = A @ X", "Y", rules=rules, A=eye, X=np.ones(40)))
    assert found.compared < found.total
    assert found.verdict is Verdict.DISAGREE


@pytest.mark.parametrize(
    ("program", "x", "convention"),
    [
        ("Y = relu(X)", [0.0, 1.0], "relu'(0) = 0"),
        ("Y = maximum(X, 2 * X - 1)", [1.0, 3.0], ""),
    ],
)
def test_a_kink_is_called_so(program: str, x: list[float], convention: str) -> None:
    """A convention that differs from SymPy's is no disagreement; one that does not is nothing."""
    found = algebra(evaluate(program, "Y", X=x))
    assert found.disagreed == 0
    assert found.verdict is (Verdict.KINK if convention else Verdict.AGREE)
    assert (found.kink.remark if found.kink else "") == convention


def test_a_wrong_partial_beside_the_kink_still_disagrees() -> None:
    """Only the entry at the kink is excused."""
    rules = with_partial("relu", 0, lambda m, _z, x: m.where(m.less_equal(x, 0), 0, 3))
    found = algebra(evaluate("Y = relu(X)", "Y", rules=rules, X=[0.0, 1.0]))
    assert [f.entry for f in found.disagreements] == ["dY[1]/dX[1]"]


def test_nan_agrees_with_what_has_no_real_value() -> None:
    """sqrt(−1) and its slope are no real numbers, and NaN says so."""
    found = algebra(evaluate("Y = sqrt(X)", "Y", X=-1.0))
    assert found.verdict is Verdict.AGREE


def test_an_infinite_slope_is_not_comparable_and_said_to_be() -> None:
    """Algebra's infinity has no sign at 0."""
    found = algebra(evaluate("Y = log(X)", "Y", X=[0.0, 1.0]))
    assert (found.compared, found.incomparable, found.verdict) == (3, 1, Verdict.AGREE)
    assert found.silence is not None
    assert found.silence.entry == "dY[0]/dX[0]"


def test_what_overflows_is_infinite_for_both() -> None:
    """exp(100) has no float32."""
    found = algebra(evaluate("Y = exp(X)", "Y", dtype="float32", X=100.0))
    assert found.verdict is Verdict.AGREE


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_rounding_is_no_disagreement(dtype: str) -> None:
    """Saturated and steep functions in either precision."""
    x = [-30.0, -5.0, 1e-4, 4.0, 30.0]
    program = "Y = tanh(X) + sigmoid(X) + exp(X / 3) + X ** 3 + 1 / X"
    assert algebra(evaluate(program, "Y", dtype=dtype, X=x)).verdict is Verdict.AGREE


def test_a_power_of_zero_has_its_value() -> None:
    """x**y·y/x says nothing at 0, where 2·x does."""
    found = algebra(evaluate("Y = X ** 2", "Y", X=0.0))
    assert (found.compared, found.incomparable) == (1, 0)


def test_large_jacobians_are_sampled_alike_every_time() -> None:
    """The report says how many of how many."""
    trace = evaluate(
        "Y = tanh(X)\nZ = sum(Y, axis=1)", "Z", X=np.linspace(-1, 1, 3000).reshape(3, -1)
    )
    found = algebra(trace)
    assert 64 <= found.compared < found.total == 3000 * 3000 + 3 * 3000
    assert found == algebra(trace)


def test_what_is_too_large_for_algebra_is_said() -> None:
    """Nothing is passed over in silence."""
    trace = evaluate("Y = A @ B", "Y", A=np.ones((300, 300)), B=np.ones((300, 300)))
    found = algebra(trace)
    assert found.verdict is Verdict.SILENT
    assert found.remark == "2 of 2 Jacobians are too large for algebra"


def test_many_edges_are_sampled_with_every_op_among_them() -> None:
    """One wrong op in thousands of right ones."""
    rules = with_partial("sin", 0, lambda m, _y, x: -m.cos(x))
    program = "h = sin(X)\nfor t in range(1500):\n    h = tanh(h) * X\nY = h"
    found = algebra(evaluate(program, "h", rules=rules, X=0.5))
    assert found.compared < found.total
    assert found.disagreed == 1


def test_no_pass_means_nothing_to_compare() -> None:
    """A scenario may only go forward."""
    found = algebra(evaluate("Y = 2 * X", X=1.0))
    assert (found.verdict, found.remark) == (Verdict.SILENT, "no edge is walked")


def test_a_worst_entry_is_kept_where_all_agree() -> None:
    """So that a reader sees how well."""
    found = algebra(evaluate("Y = exp(X)", "Y", X=[0.3, 0.7]))
    assert found.worst is not None
    assert found.worst.excess <= 1
    assert replace(found.worst, engine=found.worst.witness).absolute == 0


_THREE = 'Y = einsum("ij,jk,k->i", A, B, C)'


def test_what_overflows_on_the_way_hides_no_slope() -> None:
    """A sum with an infinite float in it has no other summand any more, and yet a slope by them."""
    found = algebra(
        evaluate(
            _THREE, "Y", A=[[1e200, 1.0], [2.0, 3.0]], B=[[1e200, 1.0], [1.0, 1.0]], C=[1.0, 1e-300]
        )
    )
    assert (found.verdict, found.compared, found.total) == (Verdict.AGREE, 20, 20)


def test_what_vanishes_on_the_way_hides_no_slope() -> None:
    """The product of the first two is no float64, and the slope is one."""
    found = algebra(evaluate(_THREE, "Y", A=[[1e-200]], B=[[1e-200]], C=[1e300]))
    assert found.verdict is Verdict.AGREE


def test_a_slope_that_the_engine_loses_is_not_compared() -> None:
    """From left to right it vanishes; who says otherwise is right, and so is the engine."""
    program = 'Y = einsum("i,i,i,i->", A, B, C, D)'
    found = algebra(evaluate(program, "Y", A=[1e-200], B=[1e-200], C=[1e200], D=[1.0]))
    assert found.verdict is not Verdict.DISAGREE
    assert found.disagreements == ()


_EXTREME = st.builds(
    lambda digits, exponent: digits * 10.0**exponent, st.floats(1, 9), st.integers(-300, 300)
)


@pytest.mark.few(3)
@given(data=st.data())
@pytest.mark.parametrize(
    ("program", "shapes"),
    [
        (_THREE, {"A": (2, 2), "B": (2, 2), "C": (2,)}),
        ('Y = einsum("i,i,i,i->", A, B, C, D)', {"A": 2, "B": 2, "C": 2, "D": 2}),
        ("Y = A @ B", {"A": (2, 2), "B": (2, 2)}),
        ("Y = addmm(C, A, B)", {"A": (2, 2), "B": (2, 2), "C": (2, 2)}),
        ("Y = prod(A)", {"A": 4}),
        ("Y = cumprod(A)", {"A": 4}),
        ("Y = det(A)", {"A": (2, 2)}),
        ("Y = norm(A)", {"A": 3}),
        ("Y = sum(A)", {"A": 3}),
        ("Y = A * B / C", {"A": 2, "B": 2, "C": 2}),
        ("Y = softmax(A)", {"A": 3}),
        ("Y = var(A)", {"A": 3}),
        ("Y = logsumexp(A)", {"A": 3}),
    ],
)
def test_extreme_numbers_are_no_disagreement(
    program: str, shapes: dict[str, Shape | int], data: st.DataObject
) -> None:
    """However large or small they are: the witness is right, or says that it cannot tell."""
    numbers = {name: arrays(np.float64, n, elements=_EXTREME) for name, n in shapes.items()}
    leaves = {name: data.draw(drawn) for name, drawn in numbers.items()}
    found = algebra(evaluate(program, "Y", rules=RULES, dtype="float64", **leaves))
    assert found.disagreements == ()


def test_what_cancels_in_a_row_is_not_comparable() -> None:
    """The mean of 10^18 is off by its last digit, and that is all of the slope at the mean."""
    apart = [2.0924042183036357e18, 2.435212260691119e18, 2.778020303078602e18]
    found = algebra(evaluate("Y = var(A)", "Y", A=apart))
    assert (found.disagreements, found.incomparable) == ((), 1)
    assert found.silence is not None
    assert found.silence.remark == "rounding alone moves it as far"


def test_an_error_beyond_rounding_is_still_seen() -> None:
    """Where nothing cancels a hundred-millionth is a disagreement."""
    rules = with_part("sum", 0, entry=lambda _m, _j, _i, _y, _x, **_params: 1 + 1e-8)
    found = algebra(evaluate("Y = sum(A)", "Y", rules=rules, A=[1.0, 2.0, 3.0]))
    assert found.disagreed == 3
