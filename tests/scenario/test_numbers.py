from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tui_backprop.scenario.compose import compose
from tui_backprop.scenario.leaves import Listed, Numbers
from tui_backprop.scenario.report import Report


def read(text: str) -> tuple[Listed | None, Report]:
    """A leaf written out."""
    report = Report("t", text)
    node = compose(text, report)
    assert node is not None
    return Numbers().read(node, report), report


def complaint(text: str) -> str:
    """The one complaint, with its place and hint."""
    found, report = read(text)
    assert found is None
    (problem,) = report.error().problems
    return f"{problem.line}:{problem.column}+{problem.width}: {problem.message}; {problem.hint}"


@given(
    array=hnp.arrays(
        np.float64,
        hnp.array_shapes(min_dims=0, max_dims=5, max_side=4),
        elements=st.floats(allow_nan=False, allow_infinity=False),
    )
)
def test_nested_lists_are_arrays(array: Any) -> None:
    """Every array of finite numbers, written as nested lists, comes back bit by bit."""
    found, report = read(repr(array.tolist()))
    assert report.is_clean
    assert found is not None
    assert found.shape == array.shape
    np.testing.assert_array_equal(found.numbers, array)


def test_infinities_and_nan() -> None:
    """The words of YAML's core schema stand for what has no digits."""
    found, _ = read("[.inf, -.inf, .nan, 0o17]")
    assert found is not None
    np.testing.assert_array_equal(found.numbers, [np.inf, -np.inf, np.nan, 15])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[[1, 2],\n [3]]", ("2:2+3: ragged list: expected a row of length 2, as the first has "
                            "(line 1), found 1; ")),
        ("- [1]\n- [2, 3]\n- [4]\n", ("2:3+6: ragged list: expected a row of length 1, as the "
                                           "first has (line 1), found 2; ")),
        ("[[[1], [2]], [[3, 4], [5]]]", ("1:15+6: ragged list: expected a row of length 1, as the "
                                        "first has (line 1), found 2; ")),
        ("[1, [2]]", "1:5+3: expected a number, as the first entry is, found a list; "),
        ("[[1, 2], 3]", ("1:10+1: expected a row of length 2, as the first has (line 1), found the "
                        "number 3; ")),
        ("[[1], []]", ("1:7+2: ragged list: expected a row of length 1, as the first has (line 1), "
                       "found 0; ")),
        ("[[], [1]]", ("1:6+3: ragged list: expected a row of length 0, as the first has (line 1), "
                       "found 1; ")),
        ("[1, two]", "1:5+3: expected a number, found the text 'two'; "),
        ("[1, '2']", ("1:5+3: expected a number, found the text '2'; did you mean '2', without "
                     "quotes or underscores?")),
        ("[1, inf]", "1:5+3: expected a number, found the text 'inf'; did you mean '.inf'?"),
        ("[1, -Infinity]", ("1:5+9: expected a number, found the text '-Infinity'; did you mean "
                           "'-.inf'?")),
        ("[1, 1_000]", ("1:5+5: expected a number, found the text '1_000'; did you mean '1000', "
                       "without quotes or underscores?")),
        ("[1, true]", ("1:5+4: expected a number, found true; write 1 for true and 0 for false; "
                       "with them x[m != 0] picks entries")),
        ("[1, ~]", "1:5+1: expected a number, found nothing; "),
        ("[1, {a: 1}]", "1:5+6: expected a number or a list of numbers, found a mapping; "),
        ("[1, 1e999]", "1:5+5: this number is beyond the range of float64; infinity is '.inf'"),
        ("[" * 32 + "1" + "]" * 32, None),
        ("[" * 33 + "1" + "]" * 33, ("1:1+67: this list: 33 axes exceed the limit of 32 (it cannot "
                                     "be raised further); ")),
    ],
)  # fmt: skip
def test_complaints(text: str, expected: str | None) -> None:
    """The place is that of the row or word that differs; the message says both sides."""
    if expected is None:
        assert read(text)[0] is not None
    else:
        assert complaint(text) == expected


def test_every_word_is_reported() -> None:
    """All words of a list come at once, a flood of them as a count."""
    _, report = read("[" + ", ".join(["word"] * 1000) + "]")
    found = report.error().problems
    assert len(found) == 21
    assert found[-1].message == "and 980 more problems"
