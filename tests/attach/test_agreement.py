"""A row is another's op only where value and vᵀJ are those that were recorded."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tui_backprop.attach.agreement import Applied, agrees
from tui_backprop.rules import RULES


def applied(name: str, *operands: Any, dtype: str = "float64", **params: Any) -> Applied:
    """A row on numbers, with the value that it gives them."""
    arrays = tuple(np.asarray(x, dtype) for x in operands)
    with np.errstate(all="ignore"):
        y = np.asarray(RULES[name].forward(np, *arrays, **params), dtype)
    return Applied(RULES[name], params, arrays, y, dtype)


def believed(op: Applied, v: Any, factor: float = 1.0) -> bool:
    """Whether it is taken for an op whose vᵀJ is that many times the row's."""

    def ask(given: Any) -> list[Any]:
        with np.errstate(all="ignore"):
            return [factor * op.pulled(a, given) for a in range(len(op.operands))]

    seed = np.asarray(v, op.y.dtype)
    return agrees(op, seed, dict(enumerate(ask(seed))), ask)


A = [[1.0, -2.0, 0.5], [0.0, 3.0, -1.0]]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("v", [np.ones((2, 3)), np.zeros((2, 3)), [[1, np.nan, 0], [np.inf, 2, 3]]])
def test_a_row_is_believed_where_its_numbers_are_the_recorded_ones(v: Any, dtype: str) -> None:
    """Whatever v is; where it is 0 the op is asked about another one."""
    for op in (
        applied("multiply", A, A[0], dtype=dtype),
        applied("relu", A, dtype=dtype),
        applied("exp", A, dtype=dtype),
    ):
        assert believed(op, v)
        assert not believed(op, v, 1.01)


def test_another_value_is_another_op() -> None:
    """A sum's slopes are 1 whatever was added: only its value tells."""
    op = applied("add", A, A[0])
    other = Applied(op.rule, op.params, (op.operands[0], op.operands[1] + 1e-3), op.y, "float64")
    assert believed(op, np.ones((2, 3)))
    assert not believed(other, np.ones((2, 3)))


def test_not_a_number_must_stand_in_the_same_places() -> None:
    """In the value and in what is passed on."""
    op = applied("log", [1.0, -1.0, 0.0])
    assert believed(op, np.ones(3))
    sane = Applied(op.rule, op.params, op.operands, np.zeros(3), "float64")
    assert not believed(sane, np.ones(3))
    passed_on = np.array([1.0, 1.0, np.inf])
    assert not agrees(op, np.ones(3), {0: passed_on}, lambda _v: [passed_on])


def test_a_shape_that_the_row_would_not_give_is_refused() -> None:
    """As are operands that it does not take; nothing is raised."""
    op = applied("matmul", np.ones((2, 3)), np.ones((3, 2)))
    for y in (np.ones((2, 3)), np.ones(4)):
        other = Applied(op.rule, {}, op.operands, y, "float64")
        assert not agrees(other, y, {0: np.ones((2, 3))}, lambda _v: [])
    bad = Applied(op.rule, {}, (np.ones((2, 3)), np.ones((2, 3))), op.y, "float64")
    assert not agrees(bad, op.y, {0: np.ones((2, 3))}, lambda _v: [])


def test_what_was_recorded_must_agree_too() -> None:
    """An op that answers as the row does, and passed on something else, was changed by someone."""
    op = applied("relu", A)
    answer = lambda v: [op.pulled(0, v)]  # noqa: E731 - the op
    v = np.zeros((2, 3))
    assert agrees(op, v, {0: v}, answer)
    assert not agrees(op, v, {0: np.ones((2, 3))}, answer)


@pytest.mark.parametrize("factor", [1.0, 1.01])
def test_of_a_long_product_some_columns_tell(factor: float) -> None:
    """They are not computed again, and a wrong one is still seen."""
    random = np.random.default_rng(0)
    op = applied("matmul", random.normal(size=(80, 90)), random.normal(size=(90, 70)))
    assert believed(op, random.normal(size=(80, 70)), factor) == (factor == 1)


def test_of_a_large_array_entries_of_every_column_are_compared() -> None:
    """Also where its length is a power of two, as lengths are."""
    x = np.random.default_rng(0).normal(size=(256, 256))
    op = applied("exp", x)
    for column in range(256):
        y = op.y.copy()
        y[:, column] *= 1.5
        assert not believed(Applied(op.rule, {}, op.operands, y, "float64"), np.ones(x.shape))


def test_of_a_choice_every_entry_is_compared() -> None:
    """One tie in many entries is seen."""
    x = np.random.default_rng(0).normal(size=(300, 200))
    x[150, 4:6] = 10
    op = applied("max", x, axis=1, keepdims=False)
    v = np.ones(300)
    first = op.pulled(0, v)
    first[150, 4:6] = 1, 0
    assert believed(op, v)
    assert not agrees(op, v, {0: first}, lambda given: [op.pulled(0, given)])


def test_half_precision_is_believed_where_nothing_is_rounded() -> None:
    """What moves entries is the row to the last bit; what computes is not."""
    moved = applied("reshape", np.array(A, np.float32), shape=(6,))
    half = Applied(moved.rule, moved.params, moved.operands, moved.y, "bfloat16")
    assert believed(half, np.ones(6))
    unknown = Applied(moved.rule, moved.params, moved.operands, moved.y, "float8_e5m2")
    assert not believed(unknown, np.ones(6))
    product = applied("exp", A)
    rounded = Applied(product.rule, {}, product.operands, product.y * (1 + 1e-3), "bfloat16")
    assert not believed(rounded, np.ones((2, 3)))
