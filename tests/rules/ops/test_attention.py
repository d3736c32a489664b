"""Attention against its parts, and what a program writes for it."""

from __future__ import annotations

import re
from math import inf
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.program.support import error_of, graph_of
from tests.rules.patterns import assert_consistent
from tui_backprop.errors import ShapeError
from tui_backprop.rules import find
from tui_backprop.rules.ops.network.attending import Layout
from tui_backprop.rules.ops.network.softmax import softmax

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array

PLAIN = find("scaled_dot_product_attention")


def _masked() -> Rule:
    assert PLAIN.extras is not None
    return PLAIN.extras.of(("attn_mask",))


def _attend(*operands: Array, is_causal: bool = False) -> Array:
    rule = PLAIN if len(operands) == 3 else _masked()
    with np.errstate(all="ignore"):
        return np.asarray(rule.forward(np, *operands, is_causal=is_causal, scale=None))


def _drawn(*shapes: tuple[int, ...]) -> tuple[Array, ...]:
    random = np.random.default_rng(3)
    return tuple(random.normal(size=shape) for shape in shapes)


@given(st.integers(1, 3), st.integers(1, 3), st.integers(1, 3), st.integers(1, 2))
def test_attention_is_its_parts(queries: int, keys: int, depth: int, width: int) -> None:
    """A product, a scale, a softmax and a product."""
    q, k, v = _drawn((2, queries, depth), (2, keys, depth), (2, keys, width))
    expected = softmax(np, q @ k.swapaxes(-1, -2) / np.sqrt(depth)) @ v
    np.testing.assert_allclose(_attend(q, k, v), expected, rtol=1e-12)


def test_causal_is_the_mask_that_hides_later_keys() -> None:
    """Query l sees the keys 0 to l."""
    q, k, v = _drawn((4, 2), (3, 2), (3, 2))
    hidden = np.where(np.arange(3) <= np.arange(4)[:, None], 0, -inf)
    np.testing.assert_allclose(_attend(q, k, v, is_causal=True), _attend(q, k, v, hidden))


def test_large_scores_do_not_overflow() -> None:
    """The maximum is taken off before exp."""
    q, k, v = np.full((1, 1), 1e3), np.array([[1e3], [-1e3]]), np.array([[1.0], [2.0]])
    np.testing.assert_array_equal(_attend(q, k, v), [[1.0]])


def test_query_that_sees_nothing_gives_zeros() -> None:
    """As in PyTorch; nothing comes back to its operands either."""
    q, k, v = _drawn((2, 2), (2, 2), (2, 2))
    mask = np.array([[-inf, -inf], [0.0, 0.0]])
    y = _attend(q, k, v, mask)
    np.testing.assert_array_equal(y[0], 0)
    pulled = (
        _masked()
        .derivative(0)
        .vjp(np.ones_like(y), y, (q, k, v, mask), {"is_causal": False, "scale": None})
    )
    np.testing.assert_array_equal(pulled[0], 0)


@given(
    st.integers(1, 3), st.integers(1, 3), st.integers(1, 2), st.booleans(), st.integers(0, 2)
)  # fmt: skip
def test_patterns_are_consistent(
    queries: int, keys: int, depth: int, is_causal: bool, argument: int
) -> None:
    """Of every operand, causal or not."""
    q, k = (2, queries, depth), (1, keys, depth)
    assert_consistent(Layout((2,), q, k, k, (), is_causal).pattern(argument))


@pytest.mark.parametrize(
    "shapes",
    [
        ((2, 3), (4, 2), (4, 2)),
        ((2, 3), (4, 3), (5, 2)),
        ((3,), (4, 3), (4, 2)),
        ((2, 2, 3), (3, 4, 3), (4, 2)),
        ((2, 3), (4, 3), (4, 2), (3, 4)),
        ((2, 3), (4, 3), (4, 2), (2, 2, 4)),
    ],
)
def test_shapes_that_do_not_fit(shapes: tuple[tuple[int, ...], ...]) -> None:
    """The message shows all of them."""
    rule = PLAIN if len(shapes) == 3 else _masked()
    with pytest.raises(ShapeError) as caught:
        rule.shape(*shapes, is_causal=False, scale=None)
    for shape in shapes:
        assert re.search(re.escape(str(shape)), str(caught.value))


LEAVES: Any = {"q": (2, 3), "k": (4, 3), "v": (4, 2), "a": (2, 4)}


@pytest.mark.parametrize(
    ("call", "count"),
    [
        ("q, k, v", 3),
        ("q, k, v, None", 3),
        ("q, k, v, a", 4),
        ("q, k, v, attn_mask=a, scale=0.5", 4),
        ("q, k, v, attn_mask=None, is_causal=True", 3),
        ("v=v, k=k, q=q", 3),
    ],
)
def test_program_may_leave_out_the_mask(call: str, count: int) -> None:
    """By position or by name; None leaves it out as well."""
    graph = graph_of(f"y = scaled_dot_product_attention({call})", LEAVES, {})
    assert graph.find("y").shape == (2, 2)
    assert len(graph.find("y").parents) == count


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("q, k, v, a, is_causal=True", "leave out attn_mask"),
        ("q, k, v, a, 0.5", "takes 'is_causal' by name only"),
        ("q, k, v, [1, 2, 3, 4, 5]", "attn_mask"),
        ("q, k", "missing 'v'"),
        ("q, k, v, mask=a", "has no argument 'mask'"),
    ],
)
def test_program_that_is_refused(call: str, message: str) -> None:
    """What is wrong is said."""
    problem = error_of(f"y = scaled_dot_product_attention({call})", LEAVES, {}).problems[0]
    assert message in problem.message


@pytest.mark.parametrize(
    ("mask", "hides"),
    [
        ("a > 0", True),
        ("(a > 0) * (a < 5)", True),
        ("reshape(a > 0, (2, 4))", True),
        ("tril(a != 7)", True),
        ("[True, False, True, True]", True),
        ("a", False),
        ("(a > 0) + 1", False),
        ("[1, 0, 1, 1]", False),
    ],
)
def test_a_mask_of_conditions_lets_keys_take_part(mask: str, hides: bool) -> None:
    """As PyTorch reads truth values; numbers are added, whatever they are."""
    node = graph_of(
        f"y = scaled_dot_product_attention(q, k, v, attn_mask={mask})", LEAVES, {}
    ).nodes[-1]
    assert node.rule is not None
    assert (node.rule.derivatives[3] is None) == hides


def test_a_query_whose_keys_all_fail_the_condition() -> None:
    """0, and nothing comes back, as in PyTorch."""
    extras = PLAIN.extras
    assert extras is not None
    assert extras.of_conditions is not None
    row = extras.of_conditions(("attn_mask",))
    q, k, v = (np.arange(1.0, 1 + n).reshape(-1, 2) for n in (4, 6, 6))
    mask = np.array([[0.0, 0.0, 0.0], [1.0, 1.0, 0.0]])
    params = {"is_causal": False, "scale": None}
    y = row.forward(np, q, k, v, mask, **params)
    added = _attend(q, k, v, np.where(mask != 0, 0, -inf))
    np.testing.assert_array_equal(y, added)
    assert y[0].tolist() == [0.0, 0.0]
    pulled = row.derivative(2).vjp(np.ones_like(y), y, (q, k, v, mask), params)
    assert pulled[2].tolist() == [0.0, 0.0]
