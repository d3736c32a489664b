"""einsum's strings against NumPy's own reading of them, and what is refused."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tui_backprop.errors import ArgumentError, ShapeError
from tui_backprop.rules import find
from tui_backprop.rules.ops.linear.subscripts import parse_subscripts

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


@st.composite
def strings(draw: st.DrawFn) -> tuple[str, list[tuple[int, ...]]]:
    """Strings that are einsum's or nearly so, and operands of about as many axes."""
    part = st.lists(st.sampled_from(["i", "j", "j", "...", " ", "I"]), max_size=3).map("".join)
    parts = draw(st.lists(part | st.text("ij", max_size=2), min_size=1, max_size=3))
    arrow = draw(st.sampled_from(["", "->", "->", " -> ", "- >"]))
    text = ",".join(parts) + (arrow + draw(part) if arrow else "")
    shapes = []
    for one in parts:
        named = len(one.replace("...", "").replace(" ", ""))
        rank = max(0, named + draw(st.sampled_from([0, 0, 0, 1])))
        lengths = st.sampled_from([1, 2, 2, 2, 3, 0])
        shapes.append(tuple(draw(st.lists(lengths, min_size=rank, max_size=rank))))
    return text, shapes


def collapses_nothing(text: str, shapes: list[tuple[int, ...]]) -> bool:
    """Whether one letter names an empty axis and another one of the same operand.

    NumPy takes the other's length there, and reads numbers that are not in the array.
    """
    for part, shape in zip(
        text.partition("->")[0].replace(" ", "").split(","), shapes, strict=True
    ):
        left, dots, right = part.partition("...")
        lengths = [*zip(left, shape, strict=False)]
        if dots:
            lengths += zip(reversed(right), reversed(shape), strict=False)
        found = {letter: {n for one, n in lengths if one == letter} for letter, _ in lengths}
        if any(0 in own and len(own) > 1 for own in found.values()):
            return True
    return False


def test_an_empty_axis_is_no_other_axis() -> None:
    """Refused, whatever NumPy makes of it."""
    family = find("einsum").family
    assert family is not None
    with pytest.raises(ShapeError):
        family.of(1).shape((0, 3), subscripts="ii->i")


@given(strings())
def test_what_numpy_takes_is_taken_and_nothing_else(
    case: tuple[str, list[tuple[int, ...]]],
) -> None:
    """Stretched axes, three dots, spaces: the same value, or both refuse."""
    text, shapes = case
    assume(not collapses_nothing(text, shapes))
    family = find("einsum").family
    assert family is not None
    rule, random = family.of(len(shapes)), np.random.default_rng(1)
    arrays = [random.normal(size=shape) for shape in shapes]
    try:
        expected = np.einsum(text, *arrays)
    except ValueError:
        with pytest.raises((ArgumentError, ShapeError)):
            rule.shape(*shapes, subscripts=text)
        return
    assert rule.shape(*shapes, subscripts=text) == np.shape(expected)
    found = rule.forward(np, *arrays, subscripts=text)
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    y, ones = np.asarray(found), np.ones_like(expected)
    for k, x in enumerate(arrays):
        pulled = rule.derivative(k).vjp(ones, y, tuple(arrays), {"subscripts": text})
        assert pulled.shape == x.shape
        # Linear in each operand: the slopes with the operand itself give the value back.
        np.testing.assert_allclose(np.sum(pulled * x), np.sum(expected), rtol=1e-9, atol=1e-9)


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
    ("...i->i", ((2, 3),)): "'...i->i': '...' stands for 1 axis, and the result leaves it out",
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
