"""PyTorch's functions with two results: the values, and where they stand."""

from __future__ import annotations

import numpy as np
import pytest

from tests.program.support import FLOAT64, graph_of, problem_of
from tui_backprop.graph.evaluation import Evaluation
from tui_backprop.graph.model import Backward
from tui_backprop.program import build
from tui_backprop.timeline.trace import Trace

X = np.array([[3.0, 1.0, 2.0, 5.0], [4.0, 4.0, -1.0, 0.0], [2.0, 7.0, 7.0, 1.0]])
LEAVES = {"x": X}
ORDER = np.argsort(X, axis=1, kind="stable")
FALLING = np.argsort(-X, axis=1, kind="stable")
CALLS = [
    ("topk(x, 2)", np.take_along_axis(X, FALLING, 1)[:, :2], FALLING[:, :2]),
    ("x.topk(2, dim=0)", np.sort(X, axis=0)[:0:-1], np.array([[1, 2, 2, 0], [0, 1, 0, 2]])),
    ("topk(x, 2, dim=1, largest=False)", np.sort(X, axis=1)[:, :2], ORDER[:, :2]),
    ("kthvalue(x, 2)", np.sort(X, axis=1)[:, 1], ORDER[:, 1]),
    ("x.kthvalue(3, dim=-1, keepdim=True)", np.sort(X, axis=1)[:, 2:3], ORDER[:, 2:3]),
    ("cummax(x, dim=0)", np.maximum.accumulate(X, axis=0),
     np.array([[0, 0, 0, 0], [1, 1, 0, 0], [1, 2, 2, 0]])),
    ("x.cummin(dim=1)", np.minimum.accumulate(X, axis=1),
     np.array([[0, 1, 1, 1], [0, 1, 2, 2], [0, 0, 0, 3]])),
    ("sort(x, dim=1)", np.sort(X, axis=1), ORDER),
    ("x.sort()", np.sort(X, axis=1), ORDER),
    ("x.sort(1, descending=True)", np.take_along_axis(X, FALLING, 1), FALLING),
    ("max(x, dim=0)", X.max(axis=0), X.argmax(axis=0)),
    ("x.max(dim=1, keepdim=True)", X.max(axis=1)[:, None], X.argmax(axis=1)[:, None]),
    ("x.min(0, keepdim=True)", X.min(axis=0)[None], X.argmin(axis=0)[None]),
    ("min(x, dim=1)", X.min(axis=1), X.argmin(axis=1)),
]  # fmt: skip


def value_of(program: str, name: str = "z") -> np.ndarray:
    """What a program gives for a name."""
    graph = build(program, LEAVES, {}, FLOAT64)
    return np.asarray(Evaluation(graph, LEAVES, []).values[name])


@pytest.mark.parametrize(("call", "expected", "places"), CALLS)
@pytest.mark.parametrize(
    "form",
    [
        "v, i = {}",
        "v = {0}[0]\ni = {0}[1]",
        "v = {0}[-2]\ni = {0}[-1]",
        "v = {0}.values\ni = {0}.indices",
        "(v, i), b = {}, 2",
    ],
)
def test_both_results(call: str, expected: np.ndarray, places: np.ndarray, form: str) -> None:
    """As PyTorch gives them, however they are asked for."""
    np.testing.assert_array_equal(value_of(form.format(call), "v"), expected)
    np.testing.assert_array_equal(value_of(form.format(call), "i"), places)


def test_a_nan_is_where_it_stands() -> None:
    """It counts as the extreme so far, from its place on."""
    leaves = {"x": np.array([1.0, np.nan, 3.0, np.nan, 2.0])}
    for name in ("cummax", "cummin"):
        graph = build(f"v, i = {name}(x, 0)", leaves, {}, FLOAT64)
        np.testing.assert_array_equal(Evaluation(graph, leaves, []).values["i"], [0, 1, 1, 3, 3])


def test_of_entries_that_tie_the_first_receives_all() -> None:
    """As PyTorch's max along dim does; its amax, and NumPy's max here, share."""
    for program, expected in (
        ("v, i = max(x, dim=1)", [1, 0, 0, 0]),
        ("v = min(-x, dim=1)[0]", [-1, 0, 0, 0]),
        ("v = max(x, axis=1)", [0.5, 0.5, 0, 0]),
    ):
        graph = build(program, LEAVES, {}, FLOAT64)
        trace = Trace(graph, LEAVES, (Backward(graph.names["v"], np.ones(3)),))
        assert trace.grad["x"][1].tolist() == expected


def test_numpys_meaning_stays_where_nothing_else_can_be_meant() -> None:
    """The values are an array, and entries of NumPy's functions are entries."""
    np.testing.assert_array_equal(value_of("z = sum(topk(x, 2), axis=1)"), [8, 8, 14])
    np.testing.assert_array_equal(value_of("z = topk(x, 3)[:, 0]"), X.max(axis=1))
    np.testing.assert_array_equal(value_of("z = sort(x)[0]"), [1, 2, 3, 5])
    np.testing.assert_array_equal(value_of("z = max(x, axis=0)[0]"), 4)
    np.testing.assert_array_equal(value_of("z = amax(x, 0)[1]"), 7)
    np.testing.assert_array_equal(value_of("a, b, z = sort(x)"), [1, 2, 7, 7])
    np.testing.assert_array_equal(value_of("t = topk(x, 2).values\nz = t[0]"), [5, 3])
    np.testing.assert_array_equal(value_of("t = topk(x, 2)\nt = 2 * t\nz = t[1]"), [8, 8])


def test_what_is_not_asked_for_is_not_there() -> None:
    """One result costs what it costs alone."""
    graph = graph_of("y = topk(X, 2).values")
    assert [node.op for node in graph.nodes if node.parents] == ["topk"]
    graph = graph_of("y = sort(tanh(X), dim=1).indices")
    assert [node.op for node in graph.nodes if node.parents] == ["tanh", "argsort"]


TWO = "gives one array in NumPy, and two results in PyTorch"
ALONE = "is the values alone of what gives two results in PyTorch"
GIVE = "write v, i = … where it is called, or .values behind the call"
LOWER = "is the lower of the middle two entries"


@pytest.mark.parametrize(
    ("program", "message", "hint"),
    [
        ("v, i = X.max(1)", f"'X.max(1)' {TWO}", "write X.max(axis=1), or X.max(dim=1)"),
        ("v, i = max(X, -1)", f"'max(X, -1)' {TWO}", "write max(X, axis=-1), or max(X, dim=-1)"),
        ("z = X.min(0)[0]", f"'X.min(0)' {TWO}", "write X.min(axis=0), or X.min(dim=0)"),
        ("v, i = sort(X)", f"'sort(X)' {TWO}", "write sort(X, axis=-1), or sort(X, dim=-1)"),
        ("z = sort(X, 0)[1]", f"'sort(X, 0)' {TWO}", "write sort(X, axis=0), or sort(X, dim=0)"),
        ("z = median(X, 0)[0]", f"'median(X, 0)' {TWO}", "write median(X, axis=0)"),
        ("t = topk(x, 2)\nz = t[0]", f"'t' {ALONE}", GIVE),
        ("t = topk(x, 2)\nv, i = t", f"'t' {ALONE}", GIVE),
        ("t = v, i = topk(x, 2)", f"'topk(x, 2)' {ALONE}", GIVE),
        ("t = X.sort()\nz = t.indices", f"'t' {ALONE}", GIVE),
        ("def f(a):\n    return topk(a, 2)\nz = f(x)[1]", f"'f(x)' {ALONE}", GIVE),
        ("def f(a):\n    t = topk(a, 2)\n    return t\nv, i = f(x)", f"'f(x)' {ALONE}", GIVE),
        ("z = median(X, dim=0)", f"PyTorch's 'median' {LOWER}",
         "write axis=0 for their mean, as NumPy has it"),
        ("v, i = nanmedian(X, dim=-1)", f"PyTorch's 'nanmedian' {LOWER}",
         "write axis=-1 for their mean, as NumPy has it"),
        ("z = median(X, 0, keepdim=True)", f"PyTorch's 'median' {LOWER}",
         "write keepdims=True for their mean, as NumPy has it"),
        ("z = x.median()", f"PyTorch's 'median' {LOWER}",
         "write median(x) for their mean, as NumPy has it"),
        ("z = tanh(max(X, dim=0))",
         "PyTorch's 'max' along dim gives the values and where they stand",
         "write amax(X, dim=0), or v, i = max(X, dim=0)"),
        ("z = X.min(dim=0)", "PyTorch's 'min' along dim gives the values and where they stand",
         "write amin(X, dim=0), or v, i = min(X, dim=0)"),
    ],
)  # fmt: skip
def test_refused(program: str, message: str, hint: str) -> None:
    """What NumPy and PyTorch mean differently is not chosen between in silence."""
    problem = problem_of(program)
    assert (problem.message, problem.hint) == (message, hint)
