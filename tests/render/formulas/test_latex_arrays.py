"""Arrays as matrices in LaTeX."""

from __future__ import annotations

from math import prod

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.render.latex import read_math
from tests.strategies import seed_example
from tui_backprop.render.formulas.latex_names import (
    MOST,
    UNKNOWN,
    array,
    is_cut,
    matrix,
    quantity,
    row,
    size,
    tuple_of,
)
from tui_backprop.render.text.arrays import Values

SHAPES = st.lists(st.integers(0, 12), max_size=3).map(tuple)


def _numbers(shape: tuple[int, ...]) -> Values:
    return Values(np.arange(prod(shape), dtype=float).reshape(shape))


@given(SHAPES)
def test_every_array_is_a_formula(shape: tuple[int, ...]) -> None:
    """With rows of one length, at most so many, and its size where something is left out."""
    for latex in (array(_numbers(shape)), row(_numbers(shape))):
        read_math(latex)
        assert latex.count(r"\\") < MOST
        assert latex.count("&") < MOST * MOST
    if is_cut(shape):
        assert array(_numbers(shape)).endswith(f"_{{{size(shape)}}}")


@given(st.integers(1, MOST), st.integers(1, MOST))
def test_a_small_matrix_is_whole(m: int, n: int) -> None:
    """Every entry stands in it, row by row."""
    inside = array(_numbers((m, n))).removeprefix(r"\begin{pmatrix} ")
    cells = [line.split(" & ") for line in inside.removesuffix(r" \end{pmatrix}").split(r" \\ ")]
    assert cells == [[str(r * n + c) for c in range(n)] for r in range(m)]


def test_a_large_matrix_shows_its_corners() -> None:
    """With dots between, and its size."""
    latex = array(_numbers((20, 30)))
    assert latex.startswith(r"\begin{pmatrix} 0 & 1 & 2 & 3 & 4 & 5 & \cdots & 29 \\ 30 & 31 ")
    assert r" \\ \vdots & \vdots & \vdots & \vdots & \vdots & \vdots & \ddots & \vdots \\ " in latex
    assert latex.endswith(r"\cdots & 599 \end{pmatrix}_{20 \times 30}")


def test_what_is_not_computed_yet_is_told_from_numbers_and_from_products() -> None:
    """And NaN and infinities can be read."""
    numbers = np.array([0.0, np.nan, np.inf, -np.inf, 1e-7])
    known = np.array([False, True, True, True, True])
    assert array(Values(numbers, known)) == (
        rf"\begin{{pmatrix}} {UNKNOWN} & \text{{NaN}} & \infty & -\infty & 1 \times 10^{{-7}} "
        r"\end{pmatrix}"
    )
    assert UNKNOWN not in array(Values(numbers))


@pytest.mark.parametrize(
    ("shape", "latex"),
    [
        ((), "0"),
        ((0,), r"\left(\,\right)_{0}"),
        ((2, 0), r"\left(\,\right)_{2 \times 0}"),
        ((2, 1, 1), r"\begin{pmatrix} 0 & 1 \end{pmatrix}_{2 \times 1 \times 1}"),
    ],
)
def test_other_shapes(shape: tuple[int, ...], latex: str) -> None:
    """A number is a number; what is no matrix is a row with its shape."""
    assert array(_numbers(shape)) == latex


def test_a_jacobian_is_read_where_it_is_shown() -> None:
    """Rows outputs, columns inputs."""
    jacobian = seed_example().timeline[-1].J
    assert jacobian is not None
    assert matrix(jacobian) == (
        r"\begin{pmatrix} 2 & 0 & 0 \\ 0 & 2 & 0 \\ 0 & 0 & 2 \end{pmatrix}"
    )


@given(st.floats())
def test_a_quantity_is_a_formula(value: float) -> None:
    """Any float is."""
    read_math(quantity(value))


@pytest.mark.parametrize(
    ("shape", "text"), [((3,), "(3,)"), ((2, 3), r"(2 \times 3)"), ((1,), "(1,)")]
)
def test_a_shape_looks_like_no_number(shape: tuple[int, ...], text: str) -> None:
    """In a table it stands beside the value."""
    assert tuple_of(shape) == text
