"""The witness PyTorch where it speaks: what it sees, and what it sets aside."""

from __future__ import annotations

from dataclasses import replace
from math import inf, nan
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.verify.support import evaluate, with_partial
from tui_backprop.rules import RULES
from tui_backprop.verify.pytorch import peers, running
from tui_backprop.verify.pytorch.running import run
from tui_backprop.verify.pytorch.witness import pytorch
from tui_backprop.verify.report import Verdict

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Rule

pytest.importorskip("torch", reason="PyTorch is an optional witness: pip install '.[torch]'")


def _off(op: str, relative: float) -> dict[str, Rule]:
    """The op table with one value off by a little."""
    right = RULES[op].forward
    wrong = replace(RULES[op], forward=lambda m, x: right(m, x) * (1 + relative))
    return {**RULES, op: wrong}


def test_values_and_gradients_are_arrays() -> None:
    """Of every node, and of every input."""
    found = run(evaluate("Y = sum(W @ X)", "Y", W=[[1.0, 2.0]], X=[3.0, 4.0]))
    assert [value.tolist() for value in found.values] == [[[1, 2]], [3, 4], [11], 11]
    assert {name: g.tolist() for name, g in found.grad.items()} == {"W": [[3, 4]], "X": [1, 2]}


def test_passes_add_up_until_zero_grad() -> None:
    """Two after a zero_grad count, with their own v; one input is reached by one of them."""
    program = "Y = X * X\nZ = Y * W"
    passes = ("Y", None, ("Y", [1.0, 0.0]), ("Z", [1.0, 10.0]))
    found = run(evaluate(program, *passes, X=[1.0, 2.0], W=3.0))
    assert {n: g.tolist() for n, g in found.grad.items()} == {"X": [2 + 6, 120], "W": 41}


def test_what_reaches_no_input_gives_zeros() -> None:
    """PyTorch would refuse such a pass; nothing comes back either way."""
    found = pytorch(evaluate("Y = X > 0", "Y", X=[1.0, 2.0]))
    assert (found.verdict, found.compared) == (Verdict.AGREE, 4)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    "program",
    [
        "Y = layer_norm(X, bias=B)",
        "Y = layer_norm(X, weight=W, bias=B)",
        "Y = batch_norm(X, axis=1, weight=B, bias=W)",
        "Y = scaled_dot_product_attention(X, X, X, M, scale=0.25)",
        "Y = float_power(X * X, W)",
    ],
)
def test_operands_that_may_be_left_out_are_told_apart(program: str, dtype: str) -> None:
    """Each reaches PyTorch under its own name, in the scenario's dtype."""
    x, v = [[1.0, 2.0, 5.0], [4.0, 8.0, 7.0], [0.0, 6.0, 2.0]], [1.0, -2.0, 3.0]
    inputs = {"X": x, "W": [2.0, 3.0, 0.5], "B": [5.0, 7.0, 1.0], "M": [[0.0, 1.0, 0.5]]}
    used = {name: np.array(array) for name, array in inputs.items() if name in program}
    backward = ("Y", [v, v[::-1], [2.0, 1.0, 1.0]])
    found = pytorch(evaluate(program, backward, rules=RULES, dtype=dtype, **used))
    assert (found.compared, found.disagreements, found.remark) == (found.total, (), "")


def test_it_runs_in_the_scenarios_dtype() -> None:
    """float32 overflows where float32 does."""
    found = run(evaluate("Y = exp(X)", "Y", dtype="float32", X=100.0))
    assert found.values[1].dtype == np.float32
    assert np.isinf(found.values[1])


def test_two_passes_into_numbers_are_counted_twice() -> None:
    """PyTorch lets both share one gradient, and adds the second pass to it twice."""
    found = run(evaluate("Y = sum(A + 1) + sum(B + 1)", "Y", "Y", A=0.1, B=0.2))
    assert {name: float(g) for name, g in found.grad.items()} == {"A": 2.0, "B": 2.0}


def test_a_wrong_partial_is_seen() -> None:
    """In the gradient, with both numbers."""
    rules = with_partial("exp", 0, lambda _m, y, _x: 2 * y)
    found = pytorch(evaluate("Y = exp(X)", "Y", rules=rules, X=[0.0]))
    (finding,) = found.disagreements
    assert (finding.entry, finding.engine, finding.witness) == ("X.grad[0]", 2.0, 1.0)


def test_a_wrong_value_is_seen() -> None:
    """Which no other witness can: they ask our own forward."""
    found = pytorch(evaluate("Y = exp(X)", rules=_off("exp", 1e-6), X=[0.0, 1.0]))
    assert [f.entry for f in found.disagreements] == ["Y[0]", "Y[1]"]


def test_many_wrong_entries_are_counted_and_few_are_named() -> None:
    """As with the other witnesses."""
    found = pytorch(evaluate("Y = exp(X)", rules=_off("exp", 1e-6), X=np.ones(100)))
    assert (found.disagreed, found.compared, len(found.disagreements)) == (100, 200, 5)


def test_another_choice_at_a_kink_is_no_error() -> None:
    """The convention is said; an input that does not meet it is still judged."""
    rules = with_partial("relu", 0, lambda m, _y, x: m.where(m.less(x, 0), 0, 1))
    found = pytorch(evaluate("Y = relu(X) + Z", "Y", rules=rules, X=[0.0, 1.0], Z=2.0))
    assert (found.verdict, found.kinks) == (Verdict.KINK, 1)
    assert found.kink is not None
    assert (found.kink.entry, found.kink.remark) == ("X.grad[0]", "relu'(0) = 0")


def test_a_kink_elsewhere_excuses_nothing() -> None:
    """Another input is wrong."""
    rules = with_partial("exp", 0, lambda _m, y, _x: 2 * y)
    found = pytorch(evaluate("Y = relu(X) + exp(Z)", "Y", rules=rules, X=0.0, Z=0.0))
    assert [f.entry for f in found.disagreements] == ["Z.grad"]


def test_a_stated_difference_is_said() -> None:
    """A singular matrix has cofactors; PyTorch loses them."""
    found = pytorch(evaluate("Y = det(A)", "Y", A=[[1.0, 1.0], [1.0, 1.0]]))
    assert (found.verdict, found.kinks) == (Verdict.KINK, 4)
    assert found.kink is not None
    assert "cofactors" in found.kink.remark


@pytest.mark.parametrize(("engine", "x"), [(nan, 0.0), (1.0, nan), (inf, 0.0), (-2.0, nan)])
def test_a_finite_number_never_agrees_with_one_that_is_none(engine: float, x: float) -> None:
    """NaN or an infinity here and a number there, or the other way round, is a disagreement."""
    rules = with_partial("exp", 0, lambda _m, _y, x: np.full_like(x, engine))
    found = pytorch(evaluate("Y = exp(X)", "Y", rules=rules, X=x))
    assert (found.verdict, found.disagreed) == (Verdict.DISAGREE, 1)


def test_an_ignored_row_without_a_softmax_is_pytorchs() -> None:
    """Its scores are -inf throughout: NaN in both."""
    program, scores = "Y = cross_entropy(X, T)", [[0.3, 1.2], [-inf, -inf]]
    evaluation = evaluate(program, "Y", X=scores, T=[1.0, -100.0])
    assert np.isnan(evaluation.grad["X"]).tolist() == [[False, False], [True, True]]
    found = pytorch(evaluation)
    assert (found.compared, found.disagreed, found.incomparable) == (found.total, 0, 0)


def test_a_difference_beside_nan_is_said_with_its_reason() -> None:
    """PyTorch's sign of NaN is 0."""
    found = pytorch(evaluate("Y = abs(X)", "Y", X=nan))
    assert (found.verdict, found.disagreed) == (Verdict.KINK, 0)
    assert found.kink is not None
    assert "sign(NaN)" in found.kink.remark


def test_a_value_that_only_one_side_rounds_is_said_and_all_that_it_reaches() -> None:
    """log2(2^-1 + 2^-1) is 0, of which PyTorch leaves a rounding; w's gradient is that value."""
    y = pytorch(evaluate("y = logaddexp2(x, x)\nz = y * w", "z", rules=RULES, x=-1.0, w=3.0))
    assert (y.disagreements, y.kinks) == ((), 3)
    assert y.kink is not None
    assert "rounding leaves" in y.kink.remark
    steady = pytorch(evaluate("y = logaddexp2(x, x)", "y", rules=RULES, x=0.5))
    assert (steady.disagreements, steady.kinks) == ((), 0)


def test_an_index_past_the_end_is_said_where_pytorch_takes_another() -> None:
    """Its gather raises, its take_along_dim begins again: 3 of three entries is the first."""
    program = "Y = take_along_axis(A, I)"
    found = pytorch(evaluate(program, None, rules=RULES, A=[1.0, 2.0, 4.0], I=[3.0, 1.0]))
    assert (found.disagreements, found.kinks) == ((), 1)
    assert found.kink is not None
    assert found.kink.witness == 1


def test_vectors_of_equal_values_are_not_told_apart() -> None:
    """Of a rotation every direction is a singular one; of a stretch each has its own."""
    for turned in ([[0.6, -0.8], [0.8, 0.6]], [[-0.4, 1.2, 0.7], [-0.4, 1.2, 0.7]]):
        for op in ("svd_u", "svd_vh"):
            found = pytorch(evaluate(f"Y = {op}(A)", None, rules=RULES, A=turned))
            assert found.disagreements == ()
    stretched = pytorch(evaluate("Y = svd_u(A)", None, rules=RULES, A=[[3.0, 1.0], [0.0, 1.0]]))
    assert (stretched.disagreements, stretched.kinks) == ((), 0)


def test_nothing_that_comes_back_is_not_moved() -> None:
    """PyTorch's sign of a determinant passes None, where a value beside it asks for rounding."""
    program = "Y = signdet(A) + sum(x) * logaddexp2(c, c)"
    a, x = [[1.4, -1.9], [0.9, -1.3]], [1.0, -0.9, -1.8]
    assert pytorch(evaluate(program, "Y", rules=RULES, A=a, x=x, c=-1.0)).disagreements == ()


def test_two_that_are_not_finite_are_not_comparable() -> None:
    """Which of NaN and inf comes out depends on the order of a sum."""
    rules = with_partial("exp", 0, lambda _m, _y, x: np.full_like(x, inf))
    found = pytorch(evaluate("Y = exp(X)", "Y", rules=rules, X=nan))
    assert (found.disagreed, found.incomparable) == (0, 1)
    assert found.silence is not None
    assert found.silence.remark == "not finite"


@pytest.mark.parametrize(("relative", "disagreed"), [(1e-15, 0), (1e-11, 2)])
def test_what_rounding_decides_is_not_comparable(relative: float, disagreed: int) -> None:
    """The last digit of exp is the third of the sine; an error beyond rounding is still seen."""
    rules = _off("exp", relative)
    found = pytorch(evaluate("Y = sin(1e11 * exp(X))", "Y", rules=rules, X=1.0))
    assert found.disagreed == disagreed
    assert found.incomparable == 2 - disagreed


@pytest.mark.parametrize(
    ("program", "passes"),
    [
        ("Y = sum(tan(X))", ["Y", "Y", ("Y", -2.0)]),
        ("Y = cosine_similarity(X, X)", [("Y", 3.0)]),
        ("Y = sum(softmax(X))", ["Y"]),
    ],
)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_rounding_that_is_left_of_nothing_is_no_error(
    program: str, passes: list[str | tuple[str, float]], dtype: str
) -> None:
    """Passes, edges or terms that cancel leave other last digits on both sides."""
    for seed in range(20):
        x = np.random.default_rng(seed).normal(size=6)
        assert not pytorch(evaluate(program, *passes, dtype=dtype, X=x)).disagreed


@pytest.mark.parametrize(
    ("program", "a"),
    [
        ("Y = inv(A * 3)", [[1.7722244222894705, 1.9049748228308165]] * 2),
        ("Y = trunc(pinv(pinv(A)))", [[-1.97, 1.96, -1.0], [0.36, 0.75, -1.0]]),
    ],
)
def test_what_rounding_makes_infinite_or_whole_is_not_comparable(
    program: str, a: list[list[float]]
) -> None:
    """Whether a singular matrix has an inverse; on which side of a jump a number falls."""
    assert pytorch(evaluate(program, None, rules=RULES, A=a)).disagreements == ()


def test_a_refusal_of_the_perturbed_run_excuses_nothing() -> None:
    """Rounding carries a probability above 1, which is refused; what was found still counts."""
    program = "Y = binary_cross_entropy(P, T) + exp(X)"
    sure, rules = [1 - 2.0**-53] * 9, _off("exp", 1e-6)
    found = pytorch(evaluate(program, rules=rules, P=sure, T=[0.5] * 9, X=0.0))
    assert [f.entry for f in found.disagreements] == ["#4", "Y"]
    assert found.remark == ""


def test_a_program_that_it_refuses_is_left_to_the_others() -> None:
    """With the op and its message."""
    found = pytorch(evaluate("Y = embedding(K, W)", "Y", K=[5.0], W=[[1.0], [2.0]]))
    assert found.verdict is Verdict.SILENT
    assert found.remark.startswith("refuses 'embedding': index out of range")


def test_an_op_without_a_peer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is said of such a program."""
    monkeypatch.setattr(peers, "WITHOUT", {"exp": "it is ours alone"})
    monkeypatch.setattr(running, "WITHOUT", {"exp": "it is ours alone"})
    found = pytorch(evaluate("Y = exp(X)", "Y", X=1.0))
    assert found.remark == "has no 'exp': it is ours alone"


def test_einsum_goes_from_left_to_right(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where opt_einsum is installed PyTorch asks it for an order, and rounds otherwise."""
    from torch.backends import opt_einsum

    class Asked:
        def contract_path(self, *_: object, **__: object) -> None:
            raise AssertionError("it is not to be asked")

    monkeypatch.setattr(opt_einsum.m, "_opt_einsum", Asked())
    opt_einsum.is_available.cache_clear()
    opt_einsum.set_flags(True)
    try:
        program = 'Y = einsum("ij,jk,k->i", A, B, C)'
        found = run(evaluate(program, "Y", A=[[1.0, 2.0]], B=[[1.0], [3.0]], C=[2.0]))
        assert opt_einsum.enabled
    finally:
        opt_einsum.set_flags(False)
        monkeypatch.undo()
        opt_einsum.is_available.cache_clear()
    assert found.values[-1].tolist() == [14.0]
