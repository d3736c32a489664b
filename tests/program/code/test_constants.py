"""Where only numbers will do: indices, axes, shapes and bounds, and what constants give them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.program.support import error_of, graph_of, problem_of, tape, values
from tui_backprop.errors import ArgumentError, LimitError
from tui_backprop.limits import DEFAULT_LIMITS
from tui_backprop.program.code.folding import fold

if TYPE_CHECKING:
    from tests.program.support import Constants

X = np.arange(12.0).reshape(3, 4)
CONSTANTS: Constants = {"N": 1, "I": [0, 2], "P": [[0, 1], [1, 0]], "half": 0.5, "axes": [1, 0]}

INDICES: dict[str, Any] = {
    "X[0]": X[0],
    "X[-1]": X[-1],
    "X[1, 2]": X[1, 2],
    "X[1:, ::2]": X[1:, ::2],
    "X[::-1]": X[::-1],
    "X[:, None]": X[:, None],
    "X[None, ..., None]": X[None, ..., None],
    "X[..., -1]": X[..., -1],
    "X[[0, 2]]": X[[0, 2]],
    "X[[0, -1], 1:]": X[[0, -1], 1:],
    "X[[0, 1], [2, 3]]": X[[0, 1], [2, 3]],
    "X[[[0, 1], [1, 0]]]": X[[[0, 1], [1, 0]]],
    "X[()]": X[()],
    "X[(1, 2)]": X[1, 2],
    "X[2 - 1]": X[1],
    "X[-X.shape[0]:]": X,
    "X[N]": X[1],
    "X[N + 1, N:]": X[2, 1:],
    "X[I]": X[[0, 2]],
    "X[I, N]": X[[0, 2], 1],
    "X[I[1]]": X[2],
    "X[P]": X[[[0, 1], [1, 0]]],
    "X[n]": X[2],
    "X[chosen]": X[[1, 0]],
    "X[[n, 0]]": X[[2, 0]],
    "X[n:][0]": X[2],
    "X.T[0]": X.T[0],
    "X.T.T[0].T": X[0],
    "transpose(X, (1, 0))": X.T,
    "transpose(X, axes)": X.T,
    "transpose(X, axes=[1, 0])": X.T,
    "reshape(X, (4, 3))": X.reshape(4, 3),
    "reshape(X, -1)": X.ravel(),
    "reshape(X, X.T.shape)": X.reshape(4, 3),
    "reshape(X, (X.shape[1], n + 1))": X.reshape(4, 3),
    "reshape(X, shape=[2, 6])": X.reshape(2, 6),
    "sum(X)": X.sum(),
    "sum(X, 0)": X.sum(0),
    "sum(X, axis=N)": X.sum(1),
    "sum(X, axis=-1, keepdims=True)": X.sum(-1, keepdims=True),
    "sum(X, (0, 1))": X.sum(),
    "X[[True, False, True]]": X[[True, False, True]],
    "X[kept, 1:]": X[[False, True, True], 1:],
    "X[[[True, False, False, True], [False, True, False, False], [False, False, True, True]]]": X[
        [[True, False, False, True], [False, True, False, False], [False, False, True, True]]
    ],
    "sum(keepdims=True, x=X)": X.sum(keepdims=True),
    "mean(X, axis=None)": X.mean(),
    "where(X > 5, X, 0)": np.where(X > 5, X, 0),
    "maximum(X, half)": np.maximum(X, 0.5),
}


@pytest.mark.parametrize("text", INDICES)
def test_numpy_s_meaning(text: str) -> None:
    """What is read, reduced and rearranged is what NumPy gives for the same text."""
    program = f"n = 2\nchosen = [1, 0]\nkept = [False, True, True]\nZ = {text}"
    graph = graph_of(program, {"X": (3, 4)}, CONSTANTS)
    found = graph.find("Z")
    value = values(graph, {"X": X, **CONSTANTS})[found.id]
    np.testing.assert_array_equal(value, INDICES[text])
    assert found.shape == np.shape(INDICES[text])


def test_static_leaves() -> None:
    """A constant that shaped the graph is named: it cannot change without building again."""
    program = "z = X[N] * half\nfor t in range(M):\n  z = z + t"
    graph = graph_of(program, {"X": (3, 4)}, {**CONSTANTS, "M": 2})
    assert graph.static_leaves == {"N", "M"}


def test_mask_that_does_not_fit() -> None:
    """Both shapes are shown."""
    problem = error_of("Z = X[[True, False]]", {"X": (3, 4)}, CONSTANTS).problems[0]
    assert "a mask of shape (2,) does not fit axis 0 of shape (3, 4)" in problem.message


def test_one_index_list_for_a_whole_loop() -> None:
    """The shape of ``x[t]`` is worked out once for all t that are in bounds, and no others."""
    assert len(tape("for t in range(3):\n  h = h + x[t]")) == 6
    found = problem_of("for t in range(9):\n  h = h + x[t - 4]")
    assert "index -4 is out of bounds" in found.message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("X[x]", "the input 'x' cannot be an index: no gradient flows through it"),
        ("X[sin(x)]", "'sin(x)' is a computed array and cannot be an index or a static argument"),
        ("X[half]", "an index must be a whole number, a slice, None, ... or a list, not 0.5"),
        (
            "X[[True, 0]]",
            "an index must be a whole number, a slice, None, ... or a list, not [True, 0]",
        ),
        ("X[True]", "an index must be a whole number, a slice, None, ... or a list, not True"),
        ("X[0.5:]", "a bound of a slice must be a whole number, not 0.5:"),
        ("X[[0.5]]", "an index must be a whole number, a slice, None, ... or a list, not [0.5]"),
        ("X[bad]", "the constant 'bad' holds numbers that are not whole"),
        ("X[6 / 3]", "an index must be a whole number, a slice, None, ... or a list, not 2.0"),
        (
            "sum(X, axis=y)",
            "the input 'y' cannot be the argument 'axis': no gradient flows through it",
        ),
        ("leaky_relu(X, 10 ** 350)", "this number is too large for a float64"),
        ("clip(X, max=10 ** 350)", "this number is too large for a float64"),
        (
            "cross_entropy(X, N, ignore_index=10 ** 30)",
            (
                "cannot cross_entropy 'X' of shape (3, 4) and 'N' of shape (): "
                f"ignore_index={10**30}: no class has a number so large"
            ),
        ),
        ("sum(X, axis=1.0)", "axis must be a whole number, several as (0, 1), or None, not 1.0"),
        ("sum(X, keepdims=1)", "keepdims must be True or False, not 1"),
        ("transpose(X, 1)", "axes must be several whole numbers as (1, 0), or None, not 1"),
        ("reshape(X, None)", "shape must be a whole number, or several as (2, 3), not None"),
        ("X.shape[5]", "index 5 is out of bounds for (3, 4) of length 2"),
        ("X.shape[0, 1]", "(3, 4) takes one integer or one slice as its index"),
        ("X.shape[::0]", "the step of a slice must not be 0"),
        ("3[0]", "3 has no entries to index"),
        ("X * True", "True is no number: write 1"),
        ("X * None", "'None' is only an argument or an index, never an operand"),
        (
            "X.shape * 2",
            "'multiply' takes numbers, and (3, 4) is a tuple: stack((3, 4)) would be an array",
        ),
        ("X * 10 ** 350", "this number is too large for a float64"),
        ("[[0, 1], chosen]", "a list within a list is written out, without a name"),
        ("X[[x, y]]", "the input 'x' cannot be an index: no gradient flows through it"),
    ],
)
def test_refused(text: str, message: str) -> None:
    """What is no number says what it is, and what would do."""
    program = f"chosen = [1, 0]\nZ = {text}"
    inputs = {"X": (3, 4), "x": (3,), "y": ()}
    error = error_of(program, inputs, {**CONSTANTS, "bad": [1, 1.5]})
    assert error.problems[0].message == message


numbers = st.integers(-(10**6), 10**6) | st.floats(-1e6, 1e6, width=32)


@given(
    op=st.sampled_from(["add", "subtract", "multiply", "divide", "less", "equal"]),
    a=numbers,
    b=numbers,
)
def test_folding_is_arithmetic(op: str, a: float, b: float) -> None:
    """Integers stay exact; floats, and what Python refuses, are as NumPy has them."""
    found = fold(op, [a, b], {}, DEFAULT_LIMITS)
    with np.errstate(all="ignore"):
        expected = getattr(np, op)(np.float64(a), np.float64(b))
    np.testing.assert_allclose(found, expected, rtol=1e-15)
    if isinstance(a, int) and isinstance(b, int) and op in {"add", "subtract", "multiply"}:
        assert type(found) is int


@given(base=st.integers(-50, 50), exponent=st.integers(-40, 40))
def test_powers(base: int, exponent: int) -> None:
    """Exact for whole exponents, a float for negative ones, inf for 0 ** −1."""
    found = fold("power", [base, exponent], {}, DEFAULT_LIMITS)
    if exponent >= 0:
        assert found == base**exponent
    else:
        with np.errstate(all="ignore"):
            np.testing.assert_allclose(found, np.float64(base) ** np.float64(exponent))


@pytest.mark.parametrize(
    "values", [[10, 400], [-10, 401], [9, 10**4 + 1], [10**300, 2], [2, 10**4]]
)
def test_powers_are_capped(values: list[int]) -> None:
    """Sized up before they are computed."""
    with pytest.raises(LimitError, match=r"exponent|digits"):
        fold("power", values, {}, DEFAULT_LIMITS)


@pytest.mark.parametrize("values", [[1, 10**4], [0, 10**4], [-1, 9999], [10, 399]])
def test_powers_that_stay_small(values: list[int]) -> None:
    """A large exponent alone is no reason."""
    assert fold("power", values, {}, DEFAULT_LIMITS) == values[0] ** values[1]


def test_integers_too_large_for_a_float() -> None:
    """They are exact on their own, and refused where a float is needed."""
    assert fold("add", [10**350, 1], {}, DEFAULT_LIMITS) == 10**350 + 1
    with pytest.raises(ArgumentError, match="too large for a float64"):
        fold("add", [10**350, 1.5], {}, DEFAULT_LIMITS)


@pytest.mark.parametrize(("op", "pairwise"), [("max", "maximum"), ("min", "minimum")])
@pytest.mark.parametrize("second", ["y", "x"])
def test_the_larger_of_two_arrays_has_a_name_of_its_own(
    op: str, pairwise: str, second: str
) -> None:
    """Python's ``max(a, b)``; here the second argument would be an axis."""
    [problem] = error_of(f"Z = {op}(x, {second})", {"x": (3,), "y": ()}, {}).problems
    assert problem.message == (
        f"'{second}' cannot be the argument 'axis' of '{op}', which takes one array"
    )
    assert problem.hint == f"of two arrays write {pairwise}(a, b)"


@pytest.mark.parametrize("op", ["max", "min"])
@pytest.mark.parametrize("program", [
    "z = {op}(X, 1.5)", "z = {op}(1.5, 2.5)", "z = X.{op}(-0.5)", "c = 0.5\nz = {op}(X, c)",
    "z = {op}(X, 7)", "for t in range(3, 4):\n  z = {op}(X, t)", "z = {op}([X, X], 2.5)",
])  # fmt: skip
def test_the_largest_of_an_array_and_a_number_is_asked_for_by_another_name(
    op: str, program: str
) -> None:
    """A number that cannot be an axis is the other of two."""
    problem = error_of(program.format(op=op)).problems[0]
    assert problem.hint.startswith(f"of two, arrays or numbers, write {op}imum(a, b)")


@pytest.mark.parametrize("third", ["2", "h", "-X"])
def test_the_largest_of_three_is_told_in_twos(third: str) -> None:
    """The third argument would say whether axes are kept; True and False do."""
    problem = error_of(f"z = max(x, y, {third})").problems[0]
    assert problem.hint == "of several write maximum(maximum(a, b), c)"
    assert error_of("z = max(x, 0, True)").problems[0].hint == "write keepdims=True"


def test_an_axis_that_is_none_of_several_is_an_axis() -> None:
    """No advice where a tuple was meant as axes, and none for ops of one meaning."""
    assert not error_of("z = max(X, axis=(0, 7))").problems[0].hint
    assert not error_of("z = sum(X, 1.5)").problems[0].hint
