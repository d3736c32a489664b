"""Evaluating again asks bound functions, and gives what the first evaluation gave, bit for bit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.marks import together
from tests.rules.cases import Case, each_case_if
from tests.strategies import GraphMaker
from tui_backprop.rules import RULES

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@together("rule", RULES.values())
def test_again_is_bit_for_bit_the_first_time(rule: Rule, dtype: str) -> None:
    """Every row; its value goes on through another op, and what it reads is read twice."""
    case = Case(rule, rule.examples[0])  # how often it is asked is the row's, not the example's
    maker = GraphMaker(dtype)
    operands = [maker.input(x) for x in case.operands(dtype=dtype)]
    y = maker.op(case.rule.name, *operands, **case.params)
    maker.op("multiply", y, maker.op(case.rule.name, *operands, **case.params))
    trace = maker.trace()
    again = trace.rerun()
    for one, other in zip(trace.node_values, again.node_values, strict=True):
        _assert_same(one, other)
    run, rerun = trace.runs[0], again.runs[0]
    assert run is not None
    assert rerun is not None
    assert run.cotangents.keys() == rerun.cotangents.keys()
    for node, one in run.cotangents.items():
        _assert_same(one, rerun.cotangents[node])


@each_case_if(lambda case: bool(case.edges))
def test_what_is_bound_is_the_vjp(case: Case) -> None:
    """Of every row, also of those that only some calls need."""
    operands = case.operands()
    y = case.forward(operands)
    v = np.linspace(-2, 3, y.size).reshape(y.shape)
    for edge in case.edges:
        derivative = edge.derivative
        with np.errstate(all="ignore"):
            at = tuple(range(1 + len(operands)))
            bound = derivative.bound(case.params, at)(v, (y, *operands))
            pulled = derivative.vjp(v, y, operands, case.params)
        np.testing.assert_array_equal(bound, pulled)


def _assert_same(one: Array, other: Array) -> None:
    assert (one.shape, one.dtype, other.flags.writeable) == (other.shape, other.dtype, False)
    np.testing.assert_array_equal(one, other)
