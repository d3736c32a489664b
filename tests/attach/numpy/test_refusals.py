"""What cannot be traced is refused at the user's line, with what to write instead."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import tui_backprop as tb
from tests.attach.numpy.escapes import ESCAPES
from tui_backprop.language.message import Said

if TYPE_CHECKING:
    from collections.abc import Callable

X = np.array([0.5, -1.0, 2.0])


@pytest.mark.parametrize("function", ESCAPES, ids=lambda f: f.__name__)
def test_the_line_is_named(function: Callable[..., Any]) -> None:
    """And the message says what was met, in words that can be translated."""
    lines, first = inspect.getsourcelines(function)
    expected = first + next(k for k, line in enumerate(lines) if line.rstrip().endswith("# here"))
    with pytest.raises(tb.TraceError) as caught:
        tb.trace(function, X)
    (problem,) = caught.value.problems
    assert problem.line == expected
    assert str(caught.value).startswith(f"{inspect.getsourcefile(function)}:{expected}:")
    assert isinstance(problem.message, Said)
    assert problem.hint


@pytest.mark.parametrize("value", [1, True, "text", None, np.array([1, 2]), [], {}])
def test_nothing_to_differentiate(value: object) -> None:
    """Whole numbers, truth values and texts are constants."""
    with pytest.raises(tb.TraceError, match="no argument holds numbers of floating point"):
        tb.trace(lambda x: np.sum(x), value)


@pytest.mark.parametrize("dtype", ["float16", "longdouble"])
def test_other_floats(dtype: str) -> None:
    """The program language has two kinds."""
    with pytest.raises(tb.TraceError, match=f"'x' holds {np.dtype(dtype)}"):
        tb.trace(lambda x: np.sum(x), np.ones(2, dtype=dtype))


def test_complex_arguments() -> None:
    """Refused before anything runs."""
    with pytest.raises(tb.TraceError, match="complex"):
        tb.trace(lambda x: np.sum(x), np.ones(2) * 1j)


def test_a_gradient_of_a_gradient() -> None:
    """A trace within a trace."""

    def slope(x: Any) -> Any:
        return tb.trace(lambda y: np.sum(y**2), x).grad["y"]

    with pytest.raises(tb.TraceError, match="an array of another trace"):
        tb.trace(slope, X)
    with pytest.raises(tb.TraceError, match="an array of another trace"):
        tb.trace(lambda x: tb.trace(lambda y: np.sum(y * x), X).values["y"] * x, X)


def test_the_functions_own_errors_stay_its_own() -> None:
    """A mistake of NumPy's is NumPy's to tell."""
    with pytest.raises(ValueError, match="shapes"):
        tb.trace(lambda x: np.dot(x, np.ones(7)), X)
    with pytest.raises(ZeroDivisionError):
        tb.trace(lambda x: np.sum(x) * (1 // 0), X)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: np.sum(np.linalg.inv(np.array([[x[0], 1.0], [1.0, x[1]]]))),
        lambda x: np.sum(np.tanh(np.array([x[0], 1.0]))),
        lambda x: np.multiply(y := np.asarray(x), 2.0, out=y).sum(),
    ],
)
def test_an_array_of_objects_is_named_where_it_leads_to_an_error(function: Any) -> None:
    """NumPy's message alone would not say where it came from."""
    with pytest.raises(tb.TraceError, match="an array of objects was made") as caught:
        tb.trace(function, X)
    assert isinstance(caught.value.__cause__, TypeError | ValueError)
    assert caught.value.problems[0].line == function.__code__.co_firstlineno


def test_a_cotangent_of_another_shape() -> None:
    """As `rerun` has it."""
    with pytest.raises(tb.TuiBackpropError, match=r"v must have the shape"):
        tb.trace(lambda x: x * 2, X, v=[1.0, 2.0])


def test_another_library_is_named() -> None:
    """Where its own code makes plain arrays; the place is the user's."""
    site = Path(np.__file__).parents[1]
    names: dict[str, Any] = {"__name__": "scipy.special._x"}
    source = "import numpy\ndef logsumexp(x):\n    return numpy.log(numpy.asarray(x))\n"
    exec(compile(source, str(site / "scipy" / "_x.py"), "exec"), names)  # noqa: S102 - our text
    with pytest.raises(tb.TraceError, match="scipy: logsumexp makes plain arrays") as caught:
        tb.trace(lambda x: names["logsumexp"](x), X)
    assert caught.value.source_name.endswith("test_refusals.py")


def test_the_caret_counts_characters() -> None:
    """Not the bytes that they take."""
    with pytest.raises(tb.TraceError) as caught:
        tb.trace(lambda x: "größe" and float(x[0]), X)
    (problem,) = caught.value.problems
    line = caught.value.source.splitlines()[problem.line - 1]
    assert line[problem.column - 1 :].startswith("float(x[0])")


@pytest.mark.parametrize(
    "other", [np.ones((1, 1)).view(np.matrix), np.ma.masked_array([1.0], [False])]
)
def test_arrays_with_operators_of_their_own(other: Any) -> None:
    """As an argument, and met on the way."""
    with pytest.raises(tb.TraceError, match="operators of its own"):
        tb.trace(lambda x: x * 2, other)
    with pytest.raises(tb.TraceError, match="operators of its own"):
        tb.trace(lambda x: x * other, X)


def test_a_ufunc_of_an_ops_name_that_is_none_of_numpys() -> None:
    """Another library's huber is another function."""
    huber = np.frompyfunc(lambda delta, r: delta * r, 2, 1)
    with pytest.raises(tb.TraceError, match="has no op here"):
        tb.trace(lambda x: np.sum(huber(x, x)), X)


@pytest.mark.parametrize("library", ["jax", "torch"])
def test_arrays_of_another_library(library: str) -> None:
    """They would pass through NumPy, and their gradients be lost."""
    kind = type("Array", (), {"__module__": f"{library}.somewhere"})
    with pytest.raises(tb.TraceError, match=f"'x' is an array of {library}"):
        tb.trace(lambda x: np.sum(x), kind())
