"""Names of other libraries: none gets a spelling neighbour, and what is advised runs."""

from __future__ import annotations

import numpy as np
import pytest

from tests.marks import together
from tests.program.support import FLOAT64, problem_of
from tui_backprop.graph.evaluation import Evaluation
from tui_backprop.program import build
from tui_backprop.program.library.definitions import definitions
from tui_backprop.program.vocabulary.foreign import (
    KEYWORDS,
    MODULES,
    RENAMED,
    REWRITES,
    advice,
    own_name,
)
from tui_backprop.program.vocabulary.makers import NAMES
from tui_backprop.rules import RULES

VECTOR = np.array([0.4, -0.7, 0.2])
MATRIX = np.array([[2.0, 0.5, 0.1], [0.3, 1.5, -0.2], [0.7, 0.1, 1.2]])
LEAVES = {
    "x": VECTOR, "y": np.array([0.9, 0.3, 0.8]), "b": VECTOR + 1,
    "X": MATRIX, "Y": MATRIX.T + 1, "W": MATRIX - 1,
}  # fmt: skip


def value_of(text: str) -> np.ndarray:
    """What a text gives on the leaves, as a program."""
    graph = build(f"z = {text}", LEAVES, {}, FLOAT64)
    return Evaluation(graph, LEAVES, []).values["z"]


@together("name", REWRITES, most=40)
def test_what_is_advised_runs(name: str) -> None:
    """Each way to write a function that is not there is an expression of a program."""
    written = f"len({REWRITES[name]})" if name == "shape" else REWRITES[name]
    assert np.isfinite(value_of(written)).any()


X, Y, x, y = LEAVES["X"], LEAVES["Y"], LEAVES["x"], LEAVES["y"]
EXPECTED = {
        "lstsq": np.linalg.lstsq(X, y)[0], "divmod": np.divmod(x, y)[0],
}  # fmt: skip


@pytest.mark.parametrize("name", EXPECTED)
def test_what_is_advised_is_the_same_function(name: str) -> None:
    """Where NumPy has the function, the advice gives its numbers."""
    np.testing.assert_allclose(value_of(REWRITES[name]), EXPECTED[name], rtol=1e-9)


@pytest.mark.parametrize("name", RENAMED)
def test_a_renamed_function_is_there(name: str) -> None:
    """What it is said to be called is a row of the table; a row of its own needs no other name."""
    assert RENAMED[name] in RULES
    assert own_name(name, RULES) in {RENAMED[name], name}


@together("name", RULES, most=40)
def test_capitals_and_underscores(name: str) -> None:
    """``LogSoftmax`` and ``log_softmax`` are one name."""
    written = "".join(part.capitalize() for part in name.split("_"))
    assert own_name(written, RULES) == name
    assert own_name(name.upper(), RULES) == name


@pytest.mark.parametrize("name", sorted(MODULES))
@pytest.mark.parametrize("function", ["tanh", "ReLU", "nn.functional.relu"])
def test_a_library_in_front(name: str, function: str) -> None:
    """What stands behind the dots is told by its own name."""
    own = function.rpartition(".")[2].lower()
    found = problem_of(f"z = {name}.{function}(x)")
    assert found.hint == f"write {own}(…)"


def test_a_leaf_may_be_called_like_a_library() -> None:
    """Then a dot is an array's."""
    graph = build("z = F.sum()", {"F": VECTOR}, {}, FLOAT64)
    assert graph.find("z").op == "sum"


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("ReLU(x)", "unknown function 'ReLU'", "did you mean 'relu'?"),
        ("tahn(x)", "unknown function 'tahn'", "did you mean 'tanh'?"),
        ("np.pi * x", "'np.' is not part of a program", "write pi"),
        ("x[:, np.newaxis]", "'np.' is not part of a program", "write None"),
        ("x.foo()", "'.foo' is not a method here", "an array has .T, .shape, .size and .ndim"),
        ("x.huber(y, delta=2)", "'.huber' is not a method here", "write huber(x, y, delta=2)"),
        ("X.max(dim=(0, 1))", "'max' has no argument 'dim'", "write axis=(0, 1)"),
        ("X.max(dim=-1, keepdim=True)",
         "PyTorch's 'max' along dim gives the values and where they stand",
         "write amax(X, dim=-1, keepdim=True), or v, i = max(X, dim=-1, keepdim=True)"),
        ("min(X, 1, keepdim=True)",
         "PyTorch's 'min' along dim gives the values and where they stand",
         "write amin(X, 1, keepdim=True), or v, i = min(X, 1, keepdim=True)"),
        ("x.std(dim=0)", "'std' has no argument 'dim'", "write axis=0, ddof=1"),
        ("x.sum(keep_dims=True)", "'sum' has no argument 'keep_dims'", "write keepdims=True"),
        ("x.where(x > 1, 0)", "'.where' is not a method here", "write where(x > 1, x, 0)"),
        ("masked_select(x, x > 1)", ("'masked_select' is known from other libraries, and there is "
         "no such function here"), "write x[x > 0]"),
        ("solve_triangular(X[:, :3], x, lower=True)",
         ("cannot solve_triangular 'X[:, :3]' of shape (3, 3) and 'x' of shape (3,): "
          "solve_triangular needs matrices a and b of one stack, a square and b with as many rows: "
          "found (3, 3) and (3,)"),
         "of a vector write solve_triangular(a, b[:, None], upper=False)[:, 0]"),
        ("smooth_l1(x, 0.0)", ("cannot smooth_l1 'x' of shape (3,) and '0.0' of shape (): "
         "smooth_l1 needs two operands of one shape, found (3,) and (); nothing is broadcast"),
         "(in smooth_l1)"),
        ("x.numel()", "'.numel' is not a method here", "write x.size"),
        ("x.size()", "'.size' is not a method here",
         "write x.shape, or x.size for the number of entries"),
    ],
)  # fmt: skip
def test_what_is_told(text: str, message: str, hint: str) -> None:
    """A name that is nearly one of ours, one of theirs, an argument of theirs."""
    found = problem_of(f"z = {text}")
    assert (found.message, found.hint) == (message, hint)


KNOWN_ELSEWHERE = (
    "isnan", "sort", "argsort", "median", "cholesky", "svd", "zeros", "item", "lgamma",
)  # fmt: skip


@pytest.mark.parametrize(
    "name", [name for name in KNOWN_ELSEWHERE if name not in {*RULES, *definitions(), *NAMES}]
)
def test_a_known_name_has_no_spelling_neighbour(name: str) -> None:
    """It is said to be known, unless there is a row of that name by now."""
    assert advice(name, RULES)[0]
    found = problem_of(f"z = {name}(x)")
    assert "is known from other libraries" in found.message
    assert "did you mean" not in found.hint


def test_other_keywords_have_a_place() -> None:
    """Each argument that is translated is one of some function here."""
    ours = {p.name for rule in RULES.values() for p in rule.parameters}
    ours |= {name for rule in RULES.values() for name in rule.operands}
    assert set(KEYWORDS.values()) <= ours
