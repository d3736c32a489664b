"""Arrays that are made of none, and calls that give several."""

from __future__ import annotations

import numpy as np
import pytest

from tests.program.support import FLOAT64, problem_of
from tui_backprop.graph.evaluation import Evaluation
from tui_backprop.program import build

MATRIX = np.array([[4.0, 1.0, 0.5], [1.0, 3.0, -0.2], [0.5, -0.2, 2.0]])
VECTOR = np.array([3.0, 1.0, 2.0, 5.0])
LEAVES = {"x": VECTOR, "X": MATRIX}


def value_of(program: str) -> np.ndarray:
    """What a program gives for z."""
    graph = build(program, LEAVES, {}, FLOAT64)
    return np.asarray(Evaluation(graph, LEAVES, []).values["z"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x * ones(4)", VECTOR),
        ("X + zeros((3, 3))", MATRIX),
        ("X + full((3, 1), 2)", MATRIX + 2),
        ("X @ eye(3)", MATRIX),
        ("X @ identity(3)", MATRIX),
        ("X @ eye(3, 2, k=-1)", MATRIX @ np.eye(3, 2, k=-1)),
        ("x * arange(4)", VECTOR * np.arange(4)),
        ("x[arange(3, 0, -1)]", VECTOR[[3, 2, 1]]),
        ("x * arange(0, 2, 0.5)", VECTOR * np.arange(0, 2, 0.5)),
        ("x * linspace(0, 1, num=4)", VECTOR * np.linspace(0, 1, 4)),
        ("x * linspace(0, 1, 4, endpoint=False)", VECTOR * np.linspace(0, 1, 4, endpoint=False)),
        ("x + ones_like(x) - zeros_like(x) + full_like(x, 7)", VECTOR + 8),
        ("X + ones(X.shape)", MATRIX + 1),
        ("sum(ones(0)) + x", VECTOR),
        ("sum(meshgrid(x, [1, 2])[0] * meshgrid(x, [1, 2])[1], axis=1)",
         np.array([VECTOR.sum(), 2 * VECTOR.sum()])),
        ("meshgrid(x, [1, 2], indexing='ij')[1]", np.tile([1.0, 2.0], (4, 1))),
        ("split(x, 2)[1]", VECTOR[2:]),
        ("concatenate(array_split(x, 3))", VECTOR),
        ("concatenate(split(X, 3, axis=1), axis=1)", MATRIX),
        ("stack(meshgrid(x, [1, 2]), axis=-1)",
         np.stack(np.meshgrid(VECTOR, [1.0, 2.0]), axis=-1)),
        ("split(X, [1], axis=1)[1]", MATRIX[:, 1:]),
        ("array_split(x, 3)[0]", VECTOR[:2]),
        ("array_split(x, [3, 1])[1] + x[:0]", VECTOR[:0]),
        ("unbind(X, axis=1)[2]", MATRIX[:, 2]),
        ("hsplit(X, 3)[1]", MATRIX[:, 1:2]),
        ("hsplit(x, [1])[1]", VECTOR[1:]),
        ("vsplit(X, [1, 2])[1]", MATRIX[1:2]),
        ("dsplit(X[None], 3)[2]", MATRIX[None, :, 2:]),
        ("tensor_split(x, 3)[0]", VECTOR[:2]),
        ("split_with_sizes(x, [1, 3])[1]", VECTOR[1:]),
        ("split(x, 3, dim=0)[0]", VECTOR[:3]),
        ("x.split(3)[1]", VECTOR[3:]),
        ("X.split([1, 2], dim=1)[1]", MATRIX[:, 1:]),
        ("chunk(x, 3)[1]", VECTOR[2:]),
        ("X.chunk(2, dim=1)[0]", MATRIX[:, :2]),
        ("x.chunk(chunks=4)[3]", VECTOR[3:]),
        ("x.unbind()[2]", VECTOR[2]),
        ("var_mean(X, dim=1)[0]", MATRIX.var(axis=1, ddof=1)),
        ("X * var_mean(X)[1]", MATRIX * MATRIX.mean()),
        ("std_mean(X, 0, correction=0)[0]", MATRIX.std(axis=0)),
        ("aminmax(X, dim=0).max - X.aminmax(dim=0)[0]", np.ptp(MATRIX, axis=0)),
        ("X.slogdet().logabsdet", np.linalg.slogdet(MATRIX)[1]),
        ("eigh(X)[0]", np.linalg.eigvalsh(MATRIX)),
        ("slogdet(X).logabsdet", np.linalg.slogdet(MATRIX)[1]),
        ("svd(X, full_matrices=False).S", np.linalg.svd(MATRIX)[1]),
        ("qr(X).Q @ qr(X)[-1]", MATRIX),
    ],
)  # fmt: skip
def test_value_is_numpys(text: str, expected: np.ndarray) -> None:
    """Of each function, with its arguments."""
    np.testing.assert_allclose(value_of(f"z = {text}"), expected, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(
    "program",
    [
        "w, V = eigh(X)\nz = V @ diag(w) @ V.T",
        "U, S, Vh = svd(X, full_matrices=False)\nz = U @ diag(S) @ Vh",
        "Q, R = qr(X)\nz = Q @ R",
        "a, b = X.chunk(2)\nz = concatenate([a, b])",
        "v, m = var_mean(X, dim=1, keepdim=True)\nz = (X - m) / sqrt(v) * sqrt(v) + m",
        "a, b, c = unbind(X)\nz = stack([a, b, c])",
        "parts = array_split(X, 2)\nz = concatenate([parts[0], parts[1]])",
        "def f(A):\n    w, V = eigh(A)\n    return V @ diag(w) @ V.T\nz = f(X)",
        (
            "z = zeros((3, 3))\nfor k in range(3):\n    w, V = eigh(X)\n"
            "    z = z + w[k] * outer(V[:, k], V[:, k])"
        ),
    ],
)
def test_names_are_given_to_what_a_call_gives(program: str) -> None:
    """One for each, and put together it is the matrix again."""
    np.testing.assert_allclose(value_of(program), MATRIX, rtol=1e-12, atol=1e-14)


def test_one_result_costs_one_node() -> None:
    """What is not asked for is not there."""
    graph = build("z = eigh(X)[1]", LEAVES, {}, FLOAT64)
    assert [node.op for node in graph.nodes if node.parents] == ["eigvecsh"]
    assert graph.find("z").text == "eigvecsh(X)"


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("sum(split(x, 3))", "'split(x, 3)' gives 3 arrays",
         "take one of them, as split(x, 3)[0], or give each a name: a, b, c = split(x, 3)"),
        ("split(x, 2)", ("split makes equal parts: axis 0 of shape (3,) cannot be cut into 2; "
         "array_split can"), ""),
        ("chunk(x, 0)[0]", "an array is split into 1 or more parts, found 0", ""),
        ("x.split(0)[0]", "a part has 1 entry or more, found 0", ""),
        ("x.split([1, 1])[0]", "parts of lengths (1, 1) do not fill axis 0 of shape (3,)", ""),
        ("vsplit(x, 1)[0]", "vsplit takes an array of 2 axes or more, found shape (3,)", ""),
        ("hsplit(X, 3)[0]", "hsplit makes equal parts: axis 1 of shape (3, 4) cannot be cut into 3",
         ""),
        ("sum(var_mean(x))", "'var_mean(x)' gives 2 arrays",
         "take one of them, as var_mean(x)[0], or give each a name: a, b = var_mean(x)"),
        ("split(x, 0)", "an array is split into 1 or more parts, found 0", ""),
        ("svd(X)[0]", "'svd' gives as many vectors as there are values",
         "write svd(X, full_matrices=False)"),
        ("qr(X, mode='complete')[0]", "'qr' gives as many vectors as there are values",
         "write qr(X, mode='reduced')"),
        ("ones(-1)", "shape (-1,): a length is 0 or more", ""),
        ("ones((0, 3))", ("no list has the shape (0, 3): an array without entries that has several "
         "axes belongs under 'constants:'"), ""),
        ("ones(x)", "the input 'x' cannot be the argument 'shape': no gradient flows through it",
         "a leaf under 'constants:' can be used"),
        ("arange(0, 9, 0)", "the step of arange must not be 0", ""),
        ("arange(inf)", "arange needs finite numbers", ""),
        ("linspace(0, 1, -1)", "linspace makes 0 or more numbers, found num=-1", ""),
        ("eye(-1)", "eye takes 0 or more rows and columns, found -1", ""),
        ("meshgrid(x, X)[0]", "meshgrid takes vectors and numbers, found shape (3, 4)", ""),
        ("meshgrid(x, indexing='yx')[0]", "indexing must be 'xy' or 'ij', found 'yx'", ""),
        ("meshgrid(x, sparse=True)[0]", "'meshgrid' has no argument 'sparse'",
         "write meshgrid(x, y)"),
        ("ones(10**9)", ("'ones(10**9)': 1,000,000,000 elements exceed the limit of 10,000,000 "
         "(raise it with --limit elements=1000000000)"), ""),
        ("np.zeros(3)", "'np.' is not part of a program", "write zeros(…)"),
    ],
)  # fmt: skip
def test_refused(text: str, message: str, hint: str) -> None:
    """With what was found, and what to write."""
    problem = problem_of(f"z = {text}")
    assert (problem.message, problem.hint) == (message, hint)


def test_the_lengths_of_parts_are_told_where_numpys_meaning_fails() -> None:
    """PyTorch's split takes them; NumPy's takes where parts begin."""
    problem = problem_of("a, b = split(X, [1, 3], axis=1)", {"X": (3, 4)})
    assert problem.hint == (
        "of parts with these lengths, as PyTorch's split, write split_with_sizes(x, [1, 3])"
    )
