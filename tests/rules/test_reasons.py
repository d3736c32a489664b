"""What rows know of entries that are not finite, or that a convention made."""

from __future__ import annotations

from math import inf, nan
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pytest

from tests.rules.cases import CASES, each_case_if
from tests.rules.cases import Case as _Case
from tui_backprop.rules import find

if TYPE_CHECKING:
    from tui_backprop.rules.derivative import Operands
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array, Index, Params

_HIDDEN: Final = "every key is hidden"
_EMPTY: Final = np.zeros((2, 0))


def _text(rule: Rule, j: Index, y: Array, operands: Operands, params: Params) -> str:
    """What is said of an entry, operands by their names; empty where nothing is."""
    reason = rule.reason(j, y, operands, params)
    if reason is None:
        return ""
    told = reason.tells(y, *operands, **params)
    names = dict(zip(rule.operands, rule.operands, strict=True))
    return reason.text.format_map({**params, **names, **told, "op": rule.name})


@pytest.mark.parametrize(
    ("name", "operands", "params", "expected"),
    [
        ("mean", [_EMPTY], {"axis": 1}, ["the mean of nothing is 0/0"] * 2),
        ("mse", [np.zeros(0), np.zeros(0)], {}, ["the mean of no samples is 0/0"]),
        ("var", [[[1.0, 2.0]]], {"axis": 1, "ddof": 2}, ["divides by n - ddof"]),
        ("std", [[1.0]], {"ddof": 1}, ["divides by n - ddof"]),
        ("std", [[1.0, 2.0]], {"ddof": 1}, [""]),
        ("softmax", [[[-inf, -inf], [0.0, -inf]]], {}, ["NaN; scaled_dot_product"] * 2 + ["", ""]),
        ("log_softmax", [[-inf, -inf]], {}, ["0/0 is NaN"] * 2),
        ("softmax", [[inf, 1.0]], {}, ["inf - inf"] * 2),
        ("softmax", [[nan, 1.0]], {}, ["", ""]),
        ("std", [[1.0]], {"ddof": 1}, ["and of 1 with ddof=1 that is 0"]),
        ("average", [[1.0, 2.0], [0.5, -0.5]], {}, ["the weights weights add up to 0: 0/0"]),
        (
            "average", [[[1.0, 2.0], [3.0, 4.0]], [[1.0, -1.0], [1.0, 1.0]]], {"axis": 1},
            ["add up to 0", ""],
        ),
        ("inv", [[[1.0, 2.0], [2.0, 4.0]]], {}, ["a is singular: it has no inverse"] * 4),
        ("inv", [[[[0.0]], [[2.0]]]], {}, ["a is singular", ""]),
        ("solve", [[[[0.0]], [[2.0]]], [1.0]], {}, ["a is singular", ""]),
        ("solve", [[[[0.0]], [[2.0]]], [[[1.0, 3.0]]]], {}, ["a is singular"] * 2 + ["", ""]),
        ("inv", [[[nan]]], {}, [""]),
        ("cross_entropy", [[[1.0, 2.0]], [-100.0]], {}, ["all labels in t are -100"]),
        ("nll", [[[1.0, 2.0]], [-100.0]], {}, ["all labels in t are -100, which is ignored"]),
        ("nll", [[[1.0, 2.0]], [1.0], [1.0, 0.0]], {}, ["no sample counts"]),
        ("cross_entropy", [[[1.0, inf]], [0.0]], {}, ["inf - inf"]),
        ("cross_entropy", [[[[1.0, 2.0], [3.0, inf]]], [[0.0, 1.0]]], {}, ["inf - inf"]),
        ("nll", [[[1.0, 2.0]], [-100.0]], {"reduction": "sum"}, [""]),
        ("cross_entropy", [[[1.0, 2.0]], [7.0]], {}, ["names no class"]),
        (
            "cross_entropy", [[[1.0, 2.0]] * 2, [0.0, 7.0]], {"reduction": "none"},
            ["", "names no class"],
        ),
        ("cross_entropy", [[[1.0, 2.0], [-inf, -inf]], [0.0, -100.0]], {}, ["no softmax: 0/0"]),
        ("embedding", [[0.0, 9.0], [[1.0], [2.0]]], {}, ["", "the table has no such row"]),
        ("scaled_dot_product_attention", [[[1.0]], [[1.0]], [[2.0]]], {}, [""]),
        ("scaled_dot_product_attention", [[[1.0]], [[1.0]], [[2.0]], [[-inf]]], {}, [_HIDDEN]),
    ],
)  # fmt: skip
def test_what_a_row_says(
    name: str, operands: list[Any], params: dict[str, Any], expected: list[str]
) -> None:
    """For each entry a sentence that holds these words; none where nothing is special."""
    rule = find(name)
    arrays = tuple(np.asarray(x, dtype=np.float64) for x in operands)
    if len(arrays) > len(rule.operands) and rule.extras is not None:
        rule = rule.extras.of(rule.extras.names)
    params = {**{p.name: p.default for p in rule.parameters}, **params}
    with np.errstate(all="ignore"):
        y = np.asarray(rule.forward(np, *arrays, **params))
    found = [_text(rule, j, y, arrays, params) for j in np.ndindex(y.shape)]
    assert len(found) == len(expected)
    for said, words in zip(found, expected, strict=True):
        assert (words in said) if words else (said == "")


@each_case_if(lambda case: bool(case.rule.reasons) and 0 not in case.out)
def test_rows_can_be_asked_on_any_numbers(case: _Case) -> None:
    """Of every entry, NaN and infinities among the operands, without an error."""
    wild = np.array([np.nan, np.inf, -np.inf, 0.0, 1.0, -100.0])
    operands = tuple(np.resize(wild, shape) for shape in case.example.shapes)
    y = case.forward(operands)
    for j in np.ndindex(case.out):
        assert isinstance(_text(case.rule, j, y, operands, case.params), str)


def test_ordinary_numbers_have_no_reason() -> None:
    """On the numbers of the rows' own domains all is finite and nothing is said."""
    for case in CASES:
        y = case.forward(case.operands())
        for j in np.ndindex(case.out):
            said = _text(case.rule, j, y, case.operands(), case.params)
            is_stated = y[j] == 0 and "by convention 0" in said  # attention of no keys
            assert not said or is_stated or not np.isfinite(y[j]), f"{case}: {said}"
