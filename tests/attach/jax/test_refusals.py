"""What of a JAX function cannot be walked: one sentence with the line and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

pytest.importorskip("jax")

import jax
import jax.numpy as jnp
from jax import lax

import tui_backprop as tb
from tests.attach.jax.functions import normal

if TYPE_CHECKING:
    from collections.abc import Callable

X = normal(0, 3)


def by_while(x: Any) -> Any:
    """As `jax.grad` refuses it."""
    return lax.while_loop(lambda s: s[0] < 3, lambda s: (s[0] + 1, s[1] * 2), (0, jnp.sum(x)))[1]


def by_callback(x: Any) -> Any:
    """Out of JAX."""
    return jax.pure_callback(np.sum, jax.ShapeDtypeStruct((), np.float32), x)


def by_value(x: Any) -> Any:
    """A branch of Python."""
    if x[0] > 0:
        return jnp.sum(x)
    return -jnp.sum(x)


@pytest.mark.parametrize(
    ("function", "message", "hint"),
    [
        (by_while, "JAX cannot differentiate while", "write lax.scan"),
        (jax.jit(by_while), "JAX cannot differentiate while", "write lax.scan"),
        (by_callback, "JAX cannot differentiate pure_callback", "jax.custom_jvp"),
        (by_value, "asks for the numbers of an array", "lax.cond in place of if"),
        (lambda x: np.sum(np.asarray(x)), "asks for the numbers of an array", "jnp in place of np"),
        (lambda x: (x, x), "returns a tuple of 2", "return one of them"),
        (lambda x: jnp.argmax(x), "counts or compares", "depend smoothly"),
        (lambda x: jnp.ones(3), "does not depend on any input", "stop_gradient"),
        (lambda x: lax.stop_gradient(x), "does not depend on any input", "stop_gradient"),
        (lambda x: jnp.sum(jnp.abs(x * 1j)), "complex numbers", "as two arrays"),
        (lambda x: jnp.sum(lax.scan(lambda h, y: (jnp.sin(h) + y, h), x[0], jnp.ones(9000))[1]),
         "more than 10,000 equations", "fewer steps"),
    ],
)  # fmt: skip
def test_what_cannot_be_walked_is_refused(
    function: Callable[..., Any], message: str, hint: str
) -> None:
    """At a line of the user's."""
    with pytest.raises(tb.TraceError) as caught:
        tb.trace(function, X)
    (problem,) = caught.value.problems
    assert message in problem.message
    assert hint in problem.hint
    assert "\n" not in problem.message
    assert caught.value.source_name == __file__ or "jit" in repr(function)


def test_the_line_is_that_of_the_equation() -> None:
    """Not of the function."""
    with pytest.raises(tb.TraceError, match=r"return lax\.while_loop"):
        tb.trace(by_while, X)
    with pytest.raises(tb.TraceError, match=r"if x\[0\] > 0:"):
        tb.trace(by_value, X)


def test_a_loop_that_is_not_differentiated_is_run() -> None:
    """As in JAX: only what something flows through is refused."""
    trace = tb.trace(lambda x: jnp.sum(x) * lax.while_loop(lambda k: k < 3, lambda k: k + 1, 0), X)
    assert trace.grad["x"].tolist() == [3.0, 3.0, 3.0]


def test_arrays_that_jax_is_tracing() -> None:
    """They hold no numbers."""
    with pytest.raises(tb.TraceError, match="call this outside of jit, grad, vmap and scan"):
        jax.grad(lambda x: tb.trace(jnp.sum, x).grad["x"][0])(X)


@pytest.mark.parametrize("array", [jnp.arange(3), jnp.array([True])])
def test_nothing_to_differentiate(array: Any) -> None:
    """Whole numbers and truth values are constant."""
    with pytest.raises(tb.TraceError, match=r"write 1\.0 in place of 1"):
        tb.trace(lambda x: jnp.sum(x * 1.0), array)


def test_complex_arguments() -> None:
    """They are refused by name."""
    with pytest.raises(tb.TraceError, match="complex numbers"):
        tb.trace(lambda z: jnp.sum(jnp.abs(z)), jnp.ones(2) * 1j)


def test_the_functions_own_errors_stay_its_own() -> None:
    """With their type."""

    def broken(x: Any) -> Any:
        raise KeyError(x.shape)

    with pytest.raises(KeyError):
        tb.trace(broken, X)


@pytest.mark.parametrize("function", [lambda x: jnp.sum(x), lambda x: jax.jit(jnp.exp)(x)])
def test_a_function_of_jax_takes_arrays_of_jax(function: Callable[..., Any]) -> None:
    """With NumPy's it is taken for one of NumPy; what JAX says of that prints all the numbers."""
    with pytest.raises(tb.TraceError, match="is given arrays of NumPy") as refused:
        tb.trace(function, np.ones(3))
    assert "jnp.asarray(x)" in str(refused.value)
    assert "test_refusals.py" in str(refused.value)
