"""einsum's strings against NumPy's own reading of them, and what is refused."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_backprop.errors import ArgumentError, ShapeError
from tui_backprop.rules import find
from tui_backprop.rules.subscripts import parse_subscripts

LENGTHS = {"i": 2, "j": 3, "k": 1}
letters = st.text("ijk", max_size=3)


@given(st.lists(letters, min_size=1, max_size=3), st.data())
def test_it_means_what_numpy_takes_it_for(parts: list[str], data: st.DataObject) -> None:
    """Repeated letters, omitted ones, any order in the result, with and without an arrow."""
    family = find("einsum").family
    assert family is not None
    known = sorted({*"".join(parts)})
    out = data.draw(st.lists(st.sampled_from(known), unique=True)) if known else []
    arrow = data.draw(st.booleans())
    text = ",".join(parts) + (f"->{''.join(out)}" if arrow else "")
    random = np.random.default_rng(0)
    arrays = [random.normal(size=[LENGTHS[letter] for letter in part]) for part in parts]
    found = family.of(len(arrays)).forward(np, *arrays, subscripts=text)
    np.testing.assert_allclose(found, np.einsum(text, *arrays), rtol=1e-12)


@pytest.mark.parametrize(
    ("text", "shapes"),
    [("...i,i", ((2, 3), (3,))), ("i...->...", ((2, 3),)), ("...,...->...", ((2,), (2,)))],
)
def test_ellipses(text: str, shapes: tuple[tuple[int, ...], ...]) -> None:
    """Three dots stand for the axes without a letter."""
    arrays = [np.ones(shape) for shape in shapes]
    labels = parse_subscripts(text, shapes)
    assert labels.shape(shapes) == np.einsum(text, *arrays).shape


REFUSED: dict[tuple[str, tuple[tuple[int, ...], ...]], str] = {
    ("ij", ((2, 3), (2,))): "'ij' is for 1 operands, and 2 are given",
    ("ij->k", ((2, 3),)): "'ij->k': 'k' stands in the result and in no operand",
    ("ij->ii", ((2, 3),)): "'ij->ii': a letter stands in the result once",
    ("ijk", ((2, 3),)): "'ijk': 'ijk' does not name the 2 axes of (2, 3)",
    ("i>j", ((2, 3),)): "'i>j': 'i>j' may hold letters and one '...'",
}


@pytest.mark.parametrize("case", REFUSED, ids=str)
def test_refusals(case: tuple[str, tuple[tuple[int, ...], ...]]) -> None:
    """Each names the string and what does not fit."""
    with pytest.raises(ArgumentError, match=f"^{re.escape(REFUSED[case])}$"):
        parse_subscripts(*case)


def test_axes_of_one_letter_are_equally_long() -> None:
    """The message shows both shapes."""
    with pytest.raises(ShapeError, match=r"shapes \(2, 3\) and \(2, 2\) do not fit"):
        find("einsum").shape((2, 3), (2, 2), subscripts="ij,jk->ik")
