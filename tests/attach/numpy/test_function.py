"""Arguments, names, constants, decisions and what a trace of a function is good for."""

from __future__ import annotations

import logging
from collections import namedtuple
from typing import Any

import numpy as np
import pytest

import tui_backprop as tb
from tests.attach.numpy.differences import check, of, same_bits

X = np.array([0.5, -1.0, 2.0])
Pair = namedtuple("Pair", ["weight", "bias"])  # noqa: PYI024 - as people write them


def test_gradients_bear_the_names_of_the_parameters() -> None:
    """Numbers as well as arrays."""

    def f(W: Any, x: Any, scale: Any) -> Any:
        return np.sum(W @ x) * scale

    trace = tb.trace(f, np.ones((2, 3)), X, 2.0)
    assert list(trace.grad) == ["W", "x", "scale"]
    assert trace.grad["scale"] == np.sum(np.ones((2, 3)) @ X)
    assert same_bits(trace.grad["W"], 2.0 * np.ones((2, 3)) * X)


@pytest.mark.parametrize(
    ("params", "names"),
    [
        ([X, X], ["params_0", "params_1"]),
        ({"W": X, "b": 1.0, "count": 3}, ["params_W", "params_b"]),
        (Pair(X, X), ["params_weight", "params_bias"]),
        ([(X, X)], ["params_0_0", "params_0_1"]),
        ({"layers": [{"W": X}], 3: X}, ["params_layers_0_W", "params_3"]),
        (np.float64(2.0), ["params"]),
    ],
)
def test_parts_of_arguments(params: Any, names: list[str]) -> None:
    """Lists, tuples and dictionaries, named by where a part stands."""
    trace = tb.trace(lambda params, x: np.sum(x), params, X)
    assert list(trace.grad) == [*names, "x"]


def test_a_part_takes_the_name_that_the_function_gives_it() -> None:
    """Where it unpacks them, not in the helpers that it calls."""

    def double(value: Any) -> Any:
        return value * 2

    def f(params: Any) -> Any:
        total = 0.0
        for W, b in params:
            total = total + np.sum(double(W) * b)
        return total

    trace = tb.trace(f, [(X, X), (X, X)])
    assert list(trace.grad) == ["params_0_W", "params_0_b", "params_1_W", "params_1_b"]


def test_parameters_without_names() -> None:
    """Of a function that takes any number, or is written in C."""
    assert list(tb.trace(lambda *parts: np.sum(parts[0] * parts[1]), X, X).grad) == [
        "parts_0", "parts_1",
    ]  # fmt: skip
    assert list(tb.trace(np.add, X, X).grad) in (["x1", "x2"], ["x_0", "x_1"])


def test_names_that_a_program_cannot_have() -> None:
    """Functions' names, Greek letters, constants of mathematics."""

    def f(sum: Any, θ: Any, pi: Any, __x: Any) -> Any:  # noqa: A002, PLC2401 - as people write them
        e = sum + θ
        return np.mean(e * pi * __x)

    trace = tb.trace(f, X, X, X, X)
    assert list(trace.grad) == ["sum_", "theta", "pi_", "x1"]
    assert "e_ = sum_ + theta" in trace.graph.program


def test_what_is_no_float_is_constant() -> None:
    """Whole numbers, truth values, texts and what is given by name."""

    def f(x: Any, n: int, which: Any, kind: str, *, data: Any) -> Any:
        assert kind == "sum"
        return np.sum(x[which] * data[which]) * n

    data = np.array([3.0, 4.0, 5.0])
    trace = tb.trace(f, X, 2, np.array([0, 2]), "sum", data=data)
    assert list(trace.grad) == ["x"]
    assert list(trace.graph.constants) == ["c1"]  # what was made on the way has no name
    trace = tb.trace(lambda x: np.sum(x * data), X)
    assert list(trace.graph.constants) == ["data"]
    assert same_bits(trace.grad["x"], data)


def test_a_constant_that_changes_is_two() -> None:
    """An array of the function's own, filled again in a loop."""

    def f(x: Any) -> Any:
        weights, total = np.zeros(3), 0.0
        for k in range(2):
            weights[:] = k + 1.0
            total = total + np.sum(x * weights)
        return total

    trace = tb.trace(f, X)
    assert list(trace.graph.constants) == ["weights", "weights_2"]
    assert same_bits(trace.grad["x"], np.full(3, 3.0))


def test_a_constant_made_anew_is_one() -> None:
    """Where it has no name and the same numbers."""

    def f(x: Any) -> Any:
        for _ in range(3):
            x = np.eye(3) @ x * np.ones(3)
        return x

    trace = check(f, X)
    assert list(trace.graph.constants) == ["c1", "c2"]


def test_the_callers_arrays_stay_as_they_are() -> None:
    """In-place operators bind the name anew."""

    def f(x: Any) -> Any:
        x *= 2.0
        x += 1.0
        return np.sum(x**2)

    given = X.copy()
    trace = tb.trace(f, given)
    assert same_bits(given, X)
    assert same_bits(trace.grad["x"], 2 * (2 * X + 1) * 2)


def test_in_place_on_plain_arrays_and_numbers() -> None:
    """The name is bound to what comes of it."""

    def f(x: Any) -> Any:
        total, norm = np.zeros(3), 0.0
        for k in range(3):
            total += x * k
            norm += x[k] ** 2
        mean = np.mean(x)
        other = mean
        mean += 1.0  # a number of NumPy's: the other name keeps the old one
        total /= norm
        return np.sum(total * mean * other)

    check(f, X)


def test_in_place_is_as_strict_as_numpy() -> None:
    """What NumPy cannot put into an array stays an error."""

    def wider(x: Any) -> Any:
        total = np.zeros(3)
        total += x * np.ones((2, 3))
        return total

    with pytest.raises(ValueError, match="non-broadcastable"):
        tb.trace(wider, X)


def test_names_are_bound_anew_as_the_user_binds_them() -> None:
    """An older value that is still needed keeps a name of its own."""

    def f(x: Any) -> Any:
        h = np.tanh(x)
        before = h
        h = np.tanh(h * 2)
        h = h + before
        return np.sum(h)

    lines = check(f, X).graph.program.splitlines()
    assert lines == ["h = tanh(x)", "h_2 = tanh(h * 2)", "h = h_2 + h", "f = sum(h)"]


def test_what_the_result_does_not_need_is_left_out() -> None:
    """Its gradient is zeros where an input is not needed at all."""

    def f(x: Any, y: Any) -> Any:
        print(np.sum(y))  # noqa: T201 - what people do
        return np.sum(x)

    trace = tb.trace(f, X, X)
    assert trace.graph.program == "f = sum(x)\n"
    assert same_bits(trace.grad["y"], np.zeros(3))


def test_a_value_without_axes_and_an_input_itself() -> None:
    """Results that are leaves."""
    assert tb.trace(lambda x: x, X).grad["x"].tolist() == [1.0, 1.0, 1.0]
    assert tb.trace(lambda x: x.T, 2.0, v=3.0).grad["x"] == 3.0


def test_arrays_of_objects_are_followed() -> None:
    """Lists of traced numbers, np.full, np.r_ and np.vectorize make them silently."""
    check(lambda x: np.array([x[0] ** 2, x[1], 3.0]), X)
    check(lambda x: np.array([[x[0], x[1]], [x[1], 2.0]]) @ np.array([x[2], x[0]]), X)
    check(lambda x: np.array([x, 2 * x]).T * np.ones(2), X)
    check(lambda x: np.asarray(x) * x, X)
    check(lambda x: np.full(3, x[0]) * x, X)
    check(lambda x: np.r_[x, x[0], 2.0], X)
    check(lambda x: np.exp(np.array([x[0], x[1]])), X)
    check(lambda x: np.vectorize(lambda a: a * a if a > 0 else -a)(x), X)
    check(lambda x: np.dot(x, [x[0], 1.0, x[2]]), X)
    check(lambda x: np.stack([x * k for k in range(70)], axis=1), X)
    check(lambda x: np.concatenate([np.outer(x, x)] * 70, axis=1), X)
    check(lambda x: np.hstack([x] * 70)[:3] * np.hstack([np.outer(x, x)] * 70)[0, :3], X)
    check(lambda x: np.vstack([x, np.outer(x, x)] * 40), X)
    trace = check(lambda x: np.array([x[k % 3] * k for k in range(150)]), X)
    assert "objects" in trace.remarks[0]


def test_masks_pick_entries_and_may_be_told() -> None:
    """A traced condition stands in the program, so that other numbers are checked against it."""

    def f(x: Any) -> Any:
        return np.sum(x[x > 0] ** 2) + np.sum(x[~(x > 0) & (x < -0.5)])

    trace = check(f, X)
    assert "x[x > 0]" in trace.graph.program
    with pytest.raises(tb.TuiBackpropError, match="would pick"):
        trace.rerun({"x": -X})


def test_methods_and_attributes() -> None:
    """Those of arrays."""

    def f(x: Any) -> Any:
        a = x.reshape(1, 3).T.transpose(1, 0).swapaxes(0, 1).flatten().ravel().squeeze()
        assert (a.ndim, a.size, len(a), a.dtype, a.itemsize, a.nbytes) == (1, 3, 3, float, 8, 24)
        b = a.clip(-0.9, 0.9).round(3).astype(float).repeat(2).cumsum()
        first, *others = a
        return first * sum(others) + b.max() + b.min() + a.dot(a) + a.mean() + a.std() + a.var()

    check(f, X)
    check(lambda a: a.mT.sum(axis=0) * a.trace() + a.diagonal() * a.take([0, 1]), np.eye(2) * 0.5)


def test_operators_on_either_side() -> None:
    """Arrays, numbers of Python and of NumPy."""

    def f(x: Any) -> Any:
        a = 2 - x + 1 / x + 3**x + x**2 + abs(-x) + (+x) + np.float64(2) * x - np.ones(3) / x
        return a @ np.eye(3) + np.eye(3) @ a + 7 // (x + 0.1) + 7 % (x + 3.3) + round(x[0], 1)

    check(f, X)


def test_ufunc_methods() -> None:
    """Reductions, running sums and tables."""
    check(lambda x: np.add.reduce(x) * np.multiply.accumulate(x) + np.maximum.reduce(x), X)
    check(lambda x: np.multiply.outer(x, x) + np.subtract.outer(x, x), X)
    with pytest.raises(tb.TraceError, match=r"minimum\.accumulate"):
        tb.trace(lambda x: np.minimum.accumulate(x), X)


@pytest.mark.parametrize(
    ("shape", "other"), [((4,), (4,)), ((3, 4), (4,)), ((4,), (4, 2)), ((3, 4), (4, 2))]
)
def test_products_are_numpys_to_the_last_bit(
    shape: tuple[int, ...], other: tuple[int, ...]
) -> None:
    """Of vectors and matrices, which nearly every function multiplies."""
    random = np.random.default_rng(3)
    for _ in range(20):
        a, b = random.normal(size=shape), random.normal(size=other)
        assert tb.trace(np.dot, a, b).remarks == ()
        assert tb.trace(lambda a, b: b.T.dot(a.T), a, b).remarks == ()


def test_einsum_in_lists() -> None:
    """Labels as numbers."""
    a = np.arange(6.0).reshape(2, 3) / 7
    check(lambda a: np.einsum(a, [0, 1], a, [2, 1], [0, 2]), a)
    check(lambda a: np.einsum("ij, kj -> ik", a, a, optimize=True), a)


def test_single_precision() -> None:
    """Where all is float32, so is the walk; where not, what differs is said."""
    x = X.astype(np.float32)
    trace = tb.trace(lambda x: np.sum(np.tanh(x) * 0.1), x)
    assert trace.graph.dtype == np.float32
    assert trace.value(of(trace)) == np.sum(np.tanh(x) * 0.1)
    assert trace.remarks == ()
    trace = tb.trace(lambda x: np.sum(np.tanh(x) * np.ones(3)), x)
    assert trace.graph.dtype == np.float64
    assert "apart from what the function gave" in trace.remarks[0]
    assert "tanh" in trace.graph.program


def test_a_session_walks_it() -> None:
    """As any other trace, and other numbers keep what is known of it."""

    def f(x: Any) -> Any:
        return np.sum(x) if x[0] > 0 else np.prod(x)

    session = tb.Session(tb.trace(f, X))
    session.execute("set x = [1, 2, 3]")
    assert isinstance(session.trace, type(tb.trace(f, X)))
    assert session.trace.decisions == {next(iter(session.trace.decisions)): 1}
    assert session.trace.remarks == ("1 comparison was decided by these numbers",)
    assert "f" in session.execute("why x.grad[0]") or session.frame.k == 0


def test_a_cotangent() -> None:
    """As of `backward(v)`."""
    trace = tb.trace(lambda x: x**2, X, v=[1.0, 10.0, 100.0])
    assert same_bits(trace.grad["x"], 2 * X * [1.0, 10.0, 100.0])


def test_a_copy_is_an_array_of_its_own() -> None:
    """What changes it in place leaves the first one as it was."""

    def f(x: Any) -> Any:
        a, b, c, d = x.copy(), np.copy(x), x.astype(float), x.flatten()
        a += 1.0
        b *= 2.0
        c -= 1.0
        d /= 3.0
        e, g = +x, np.conj(x)
        e **= 2
        g @= np.eye(3)
        return np.sum(x * a * b + c * d + e * g)

    check(f, X)


def test_a_function_without_a_name_gives_y() -> None:
    """Or the next name that is free."""
    assert tb.trace(lambda x: x * 2, X).graph.program == "y = x * 2\n"
    assert tb.trace(lambda y: y * 2, X).graph.program == "y_2 = y * 2\n"


@pytest.mark.parametrize("exponent", [2, 0.5, -1, 0, 1, 2.0])
def test_powers_as_numpy_writes_them(exponent: float) -> None:
    """Some are computed in another way than by `np.power`: where that differs, it is said."""
    x = np.random.default_rng(1).uniform(0.1, 3.0, 100)
    trace = tb.trace(lambda x: x**exponent, x)
    np.testing.assert_allclose(trace.value(of(trace)), x**exponent, rtol=1e-15)
    assert same_bits(trace.value(of(trace)), x**exponent) == (trace.remarks == ())


def test_an_array_of_objects_is_changed_in_place_as_numpy_changes_it() -> None:
    """Under all of its names, its parts among them."""

    def f(x: Any) -> Any:
        a = np.array([x, 2 * x])
        part, other = a[0], a
        a *= x
        part += 1.0
        return np.sum(other * np.array([[1.0], [3.0]]))

    check(f, X)


def test_a_long_index_is_a_constant() -> None:
    """Under its name; a short one is written out."""
    rows, order = np.arange(20) % 3, np.array([2, 0, 1])

    def f(table: Any, words: Any) -> Any:
        return np.sum(table[rows, None, words] * table[order][0, 0])

    trace = check(f, np.arange(6.0).reshape(3, 2) / 7, np.arange(20) % 2)
    assert trace.graph.program == ("f = sum(table[rows, None, words] * table[[2, 0, 1]][0, 0])\n")
    assert list(trace.graph.constants) == ["rows", "words"]
    with pytest.raises(tb.TuiBackpropError, match="shaped the graph"):
        trace.rerun({"rows": rows})


def test_values_know_their_lines() -> None:
    """Each binding of a name its own, after other numbers too."""

    def f(x: Any) -> Any:
        h = np.tanh(x)
        h = h * 2
        return np.sum(h)

    first = f.__code__.co_firstlineno
    trace = tb.trace(f, X).rerun({"x": -X})
    lines = {name: place.line - first for name, place in trace.places.items()}
    assert lines == {"h": 2, "h@1": 1, "h@2": 2, "f": 3}


def test_numbers_can_be_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """In each of Python's ways; nothing of it is recorded."""

    def f(x: Any) -> Any:
        y = np.sum(x**2)
        print(  # noqa: T201 - printing is what is tried
            "%.2f %d" % (y, y),  # noqa: UP031 - this way too
            f"{y:.2f}",
            "{:.2f}".format(y),  # noqa: UP032 - this way too
            y,
            x,
        )
        logging.getLogger("f").warning("%.2f", y)
        return y

    trace = tb.trace(f, X)
    assert trace.graph.program == "y = sum(x ** 2)\n"
    assert capsys.readouterr().out.startswith("5.25 5 5.25 5.25 traced(")
