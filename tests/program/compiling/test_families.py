"""Ops of as many arrays as a program gives them, and arguments that are words."""

from __future__ import annotations

import ast
from math import prod
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.program.support import error_of, graph_of
from tui_backprop.graph.evaluation import Evaluation
from tui_backprop.graph.model import Backward


@given(st.lists(st.sampled_from(["x", "y", "h"]), min_size=1, max_size=9))
def test_any_number_of_arrays(names: list[str]) -> None:
    """The value is NumPy's, and each array gets back what came from it, as often as it stands."""
    graph = graph_of(f"z = concatenate([{', '.join(names)}])")
    leaves = {n: np.arange(3.0) + 10 * k for k, n in enumerate("xyh")}
    leaves |= {n: np.zeros(s) for n, s in (("X", (3, 4)), ("W", (2, 3)), ("b", (2,)))}
    v = np.arange(3.0 * len(names))
    trace = Evaluation(graph, leaves, (Backward(graph.names["z"], v),))
    np.testing.assert_array_equal(trace.values["z"], np.concatenate([leaves[n] for n in names]))
    for name in "xyh":
        pieces = [v[3 * k : 3 * k + 3] for k, n in enumerate(names) if n == name]
        np.testing.assert_array_equal(trace.grad[name], np.sum([np.zeros(3), *pieces], axis=0))


@pytest.mark.parametrize("text", ["stack((x, y), axis=-1)", "stack(arrays=[x, y], axis=1)"])
def test_the_list_may_be_a_tuple_or_named(text: str) -> None:
    """As NumPy takes it."""
    assert graph_of(f"z = {text}").nodes[-1].shape == (3, 2)


@given(
    st.sampled_from(["concatenate", "stack", "vstack", "hstack"]),
    st.lists(st.integers(0, 3), max_size=4).map(tuple),
    st.sampled_from(["", ", axis=0", ", axis=-1", ", axis=1", ", axis=None"]),
)
def test_one_array_is_the_list_of_its_rows(name: str, shape: tuple[int, ...], axis: str) -> None:
    """As NumPy, which goes along its first axis: its value, or its refusal, and its gradient."""
    x = np.arange(1.0, 1 + prod(shape)).reshape(shape)
    params: dict[str, Any] = {} if not axis else {"axis": ast.literal_eval(axis[7:])}
    assume(name in {"concatenate", "stack"} or not axis)
    assume(name == "concatenate" or axis != ", axis=None")
    try:
        expected = getattr(np, name)(x, **params)
    except (ValueError, TypeError, IndexError):  # AxisError is a ValueError
        assert (
            error_of(f"z = {name}(q{axis})", {"q": shape})
            .problems[0]
            .message.startswith(f"cannot {name} 'q' of shape {shape}: ")
        )
        return
    graph = graph_of(f"z = {name}(q{axis})", {"q": shape})
    v = np.arange(float(expected.size)).reshape(expected.shape)
    trace = Evaluation(graph, {"q": x}, (Backward(graph.names["z"], v),))
    np.testing.assert_array_equal(trace.values["z"], expected)
    places = getattr(np, name)(np.arange(x.size).reshape(shape), **params)
    pulled = np.empty(x.size)
    pulled[places.ravel()] = v.ravel()
    np.testing.assert_array_equal(trace.grad["q"], pulled.reshape(shape))


_UNEQUAL = (
    "cannot stack 'x' of shape (3,) and 'b' of shape (2,): "
    "stack needs equal shapes, found (3,) and (2,)"
)
REFUSED = {
    "stack(3.5)": (
        "cannot stack '3.5' of shape (): one array is the list of its rows, and a number has none",
        "",
    ),
    "stack([])": ("'stack' needs at least one array", "write stack([a, b, …], axis=0)"),
    "stack([*x])": ("'*' in a call is not part of a program", "write each argument"),
    "stack([x, y], axes=0)": ("'stack' has no argument 'axes'", "did you mean 'axis'?"),
    "stack([x, b])": (_UNEQUAL, ""),
    f"stack([{'x, ' * 65}])": (
        "'stack' of 65 arrays: at most 64", "join some first, and then the results"
    ),
    "gelu(x, approximate='erf')": ("approximate must be 'none' or 'tanh', not 'erf'", ""),
    "gelu(x, approximate=1)": ("approximate must be 'none' or 'tanh', not 1", ""),
    "gelu('tanh')": ("quoted text is not part of a program", "a comment begins with #"),
    "x['tanh']": ("quoted text is not part of a program", "a comment begins with #"),
    "sum(x, axis=['a'])": (
        "axis must be a whole number, several as (0, 1), or None, not ['a']", ""
    ),
    "sum(x, axis='a')": (
        "axis must be a whole number, several as (0, 1), or None, not 'a'", ""
    ),
}  # fmt: skip


@pytest.mark.parametrize("text", REFUSED)
def test_what_does_not_fit_is_refused(text: str) -> None:
    """Each with what to write instead."""
    found = error_of(f"z = {text}").problems[0]
    assert (found.message, found.hint) == REFUSED[text]


def test_a_word_chooses() -> None:
    """Where an argument is a word, in either kind of quotes."""
    graph = graph_of("a = gelu(x, approximate='tanh')\nb = gelu(x, approximate=\"none\")")
    assert [n.params["approximate"] for n in graph.nodes[-2:]] == ["tanh", "none"]


@pytest.mark.parametrize("text", ["z = 'tanh'", "'tanh'", "z = x + 'a'", "z = x\n'a'"])
def test_words_are_nothing_else(text: str) -> None:
    """No value, no statement, no operand."""
    assert error_of(text).problems
