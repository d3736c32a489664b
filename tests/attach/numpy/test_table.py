"""The table of NumPy's functions against the op table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pytest

import tui_backprop as tb
from tests.attach.numpy.differences import of, same_bits
from tests.marks import together
from tui_backprop.attach.numpy.lowered import LOWERED
from tui_backprop.attach.numpy.table import CALLS, RENAMED
from tui_backprop.rules import RULES

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Example, Rule
    from tui_backprop.rules.types import Array


def _function(name: str) -> Any:
    """NumPy's function or ufunc of that name; None where it has none."""
    return getattr(np, name, None) or getattr(np.linalg, name, None)


_PLACES: Final = frozenset({"argsort", "argmax", "argmin"})
"""What gives whole numbers, through which nothing comes back."""

_SYMMETRIC: Final = frozenset({"cholesky", "eigvalsh"})
"""What reads a triangle of a symmetric matrix, and here all of it."""

SHARED: Final = [name for name in RULES if _function(name) is not None and name not in _PLACES]


def _called(name: str, operands: list[Any], params: dict[str, Any]) -> Any:
    """NumPy's function on an example of the op's row."""
    given = dict(params)
    if name == "einsum":
        return np.einsum(given.pop("subscripts"), *operands, **given)
    first = (operands,) if RULES[name].family is not None else tuple(operands)
    found = _function(name)(*first, **given)
    return found * 1.0 if found.dtype == bool else found  # a comparison has no slope to walk


def _operands(rule: Rule, example: Example) -> list[Array]:
    random = np.random.default_rng(5)
    domains = rule.domains or (None,) * len(example.shapes)
    return [
        random.normal(size=shape) if domain is None else domain.sample(random, shape)
        for domain, shape in zip(domains, example.shapes, strict=True)
    ]


@pytest.mark.few(5)
@together("name", SHARED)
def test_an_op_that_numpy_has_is_traced(name: str) -> None:
    """Over the examples of its row, as one op; where last bits differ, that is said."""
    rule = RULES[name]
    assert rule.examples
    for example in rule.examples:
        operands, params = _operands(rule, example), dict(example.params)
        if name == "average" and not operands[0].size:
            continue  # NumPy divides by a length of zero
        if name == "sort" and (not operands[0].ndim or "descending" in params):
            continue  # NumPy sorts no number, and nothing the other way round
        if name in _SYMMETRIC:
            operands = [a + np.swapaxes(a, -1, -2) for a in operands]
        if name in {"take", "take_along_axis"}:  # at places that are whole numbers
            params["indices"] = operands.pop().astype(np.intp)
        if name == "take_along_axis":
            params.setdefault("axis", -1)  # which NumPy before 2.3 wants to be told
        trace = tb.trace(lambda *xs, p=params: _called(name, list(xs), p), *operands)
        expected = np.asarray(_called(name, operands, params))
        np.testing.assert_allclose(trace.value(of(trace)), expected, rtol=1e-14)
        assert same_bits(trace.value(of(trace)), expected) == (trace.remarks == ())
        assert {name, "matmul"} & {node.op for node in trace.graph.nodes}


def test_every_row_is_of_a_function_that_numpy_has() -> None:
    """And of an op; a name that SciPy has is no name of NumPy's."""
    for name in [*CALLS, *(n for n in RENAMED if n not in {"expit", "log_expit", "round_"})]:
        module, _, function = name.rpartition(".")
        assert hasattr(np.linalg if module else np, function) or name == "row_stack"
    for op in [*RENAMED.values(), *(name.rpartition(".")[2] for name in CALLS)]:
        assert op in RULES or op in LOWERED


def test_many_ops_are_shared() -> None:
    """So that the law above is one about most of the table."""
    assert len(SHARED) > 80
