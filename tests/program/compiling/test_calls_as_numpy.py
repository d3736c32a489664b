"""Forms of a call that NumPy knows: read as NumPy reads them, to the same numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import tui_backprop as tb

if TYPE_CHECKING:
    from pathlib import Path

X = np.array([3.0, -1.0, 2.0])
A = np.array([[1.0, -2.0, 3.0], [0.5, 4.0, -1.5]])


def _value(program: str, folder: Path) -> Any:
    file = folder / "called.yaml"
    file.write_text(
        f"format: 1\ntitle: t\ninputs: {{x: {X.tolist()}, A: {A.tolist()}}}\n"
        f"constants: {{w: [1, 2, 3]}}\nprogram: |\n  Y = {program}\nbackward: {{of: Y}}\n"
    )
    return tb.load(file).trace().values["Y"]


@pytest.mark.parametrize(
    "text",
    [
        "repeat(x, [1, 0, 2])",
        "repeat(A, (2, 1), axis=0)",
        "pad(x, 2, 'edge')",
        "pad(x, (1, 2), 'reflect')",
        "pad(x, (4, 5), mode='symmetric')",
        "pad(A, ((1, 0), (2, 4)), mode='wrap')",
        "pad(x, 1, constant_values=(7, 0.5))",
        "pad(A, 1, constant_values=((1, 2), (3, 4)))",
        "reshape(A, (3, 2), order='F')",
        "reshape(A, -1, order='A')",
        "ravel(A, order='F')",
        "var(x, ddof=0.5)",
        "std(A, axis=1, ddof=1.5)",
        "average(x)",
        "average(A, axis=0)",
        "average(x, weights=[1, 2, 3])",
        "einsum('ij,j->i', A, x, optimize=True)",
        "linalg.norm(x, 3)",
        "linalg.norm(x, ord=0.5)",
        "linalg.norm(x, -1)",
        "linalg.norm(x, 0)",
        "linalg.norm(x, -inf)",
        "linalg.norm(A, 'nuc')",
        "linalg.norm(A, -2)",
        "linalg.norm(A, -1)",
        "linalg.norm(A, -inf, axis=(1, 0))",
    ],
)
def test_read_as_numpy_reads_it(text: str, tmp_path: Path) -> None:
    """NumPy, given the same text, is the judge."""
    names = {**vars(np), "x": X, "A": A}
    expected = eval(text, names)  # noqa: S307 - texts of this file
    program = text.removeprefix("linalg.").replace("weights=[1, 2, 3]", "weights=w")
    np.testing.assert_allclose(_value(program, tmp_path), expected, rtol=1e-14)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("repeat(x, [1, 2])", "repeats of length 2 does not fit 3 entries"),
        ("pad(x, 1, 7)", "mode must be quoted text"),
        ("pad(x, 1, 'mean')", "mode must be 'constant', 'edge'"),
        ("pad(x, 1, 'edge', constant_values=3)", "constant_values is for mode='constant'"),
        ("pad(x, 1, constant_values=(1, 2, 3))", "does not fit shape"),
        ("norm(A, 3)", "2 axes are a matrix"),
        ("norm(x, 'spectral')", "ord must be None, a number, 'fro' or 'nuc'"),
    ],
)
def test_what_does_not_fit_says_what_would(text: str, message: str, tmp_path: Path) -> None:
    """What was expected, what was found."""
    with pytest.raises(tb.ScenarioError, match=message):
        _value(text, tmp_path)
