"""What a person may type where numbers or places are expected."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from tests.strategies import GraphMaker, traces
from tui_backprop import Session
from tui_backprop.debug.conditions.expression import Expression
from tui_backprop.debug.conditions.references import Known
from tui_backprop.debug.number_lists import parse_numbers
from tui_backprop.debug.place_names import Place, parse_place
from tui_backprop.errors import CommandError
from tui_backprop.graph.naming import adjoint_entry, label

if TYPE_CHECKING:
    from tui_backprop.graph.model import Graph
    from tui_backprop.rules.types import Array
    from tui_backprop.timeline.trace import Trace


@given(arrays(np.float64, array_shapes(min_dims=0, max_dims=3)))
def test_numbers_read_back_as_python_writes_them(
    array: Array,
) -> None:
    """Lists of any depth, negative numbers, exponents, NaN and infinities."""
    np.testing.assert_array_equal(parse_numbers(str(array.tolist())), array)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("7", 7), ("1, 2, 3", [1, 2, 3]), ("1 2 3", [1, 2, 3]), ("(1, -2.5e3)", [1, -2500]),
     ("[[1, 2], [3, 4]]", [[1, 2], [3, 4]]), ("[]", []), (" +.5 ", 0.5),
     ("[inf, -INF]", [np.inf, -np.inf])],
)  # fmt: skip
def test_numbers_may_be_written_loosely(text: str, expected: object) -> None:
    """Brackets around the whole and commas between may be left out."""
    np.testing.assert_array_equal(parse_numbers(text), np.array(expected, dtype=float))


@pytest.mark.parametrize(
    "text",
    ["", "  ", "x", "[1, 2", "1]", "[1, [2]]", "[[1], [2, 3]]", "1 + 1", "__import__('os')", "0x10",
     "[" * 65, "[" * 65 + "]" * 65],
)  # fmt: skip
def test_what_is_no_number_is_refused(text: str) -> None:
    """Nothing is evaluated; the message says what was expected."""
    with pytest.raises(CommandError):
        parse_numbers(text)


def graph() -> Graph:
    """X of shape (2, 3), s a scalar, and Y = X * s."""
    return _maker().graph()


def _maker() -> GraphMaker:
    maker = GraphMaker()
    maker.op("multiply", maker.input(np.ones((2, 3)), "X"), maker.input(1.0, "s"))
    return maker


@pytest.mark.parametrize(
    ("text", "node", "is_gradient", "flat"),
    [("X", 0, False, None), ("X.grad", 0, True, None), ("X.grad[1, 2]", 0, True, 5),
     (" X [-1,-1] ", 0, False, 5), ("s.grad", 1, True, None), ("2", 2, False, None),
     ("n2", 2, False, None)],
)  # fmt: skip
def test_places_are_named_as_in_programs(
    text: str, node: int, is_gradient: bool, flat: int | None
) -> None:
    """Names, ``.grad``, NumPy's indices from 0 or from the end, and node numbers."""
    assert parse_place(text, graph()) == Place(node, is_gradient, flat)


@pytest.mark.parametrize(
    ("text", "message"),
    [("Z", "there are: X, s"), ("X.grda", "did you mean|there is no"), ("X[2, 0]", r"\(2, 3\)"),
     ("X[0]", r"\(2, 3\)"), ("s[0]", r"\(\)"), ("X[1; 2]", "expected a name"), ("3", "0 to 2"),
     ("X[--1, 0]", "whole numbers"), ("", "expected a name"),
     ("X.grad[" + "9" * 5000 + "]", "whole numbers")],
)  # fmt: skip
def test_what_is_no_place_is_refused(text: str, message: str) -> None:
    """The message says what there is."""
    with pytest.raises(CommandError, match=message):
        parse_place(text, graph())


@given(st.text())
def test_any_text_is_understood_or_refused(text: str) -> None:
    """Never another error than the one that is shown to a person."""
    for parse in (parse_numbers, lambda text: parse_place(text, graph())):
        with suppress(CommandError):
            parse(text)


@given(traces(), st.data())
def test_what_a_node_is_called_can_be_typed_back(trace: Trace, data: st.DataObject) -> None:
    """In places, and in expressions: with its name, or with its number where it has none."""
    node = data.draw(st.sampled_from([n for n in trace.graph.nodes if n.literal is None]))
    name = label(trace.graph, node.id)
    assert parse_place(name, trace.graph).node == node.id
    value = Expression(f"{name}.value" if node.name else name, trace.graph).displayed(
        trace.timeline[-1]
    )
    assert isinstance(value, Known)
    np.testing.assert_array_equal(value.values, trace.value(node.id))
    if node.shape and node.size:
        flat = data.draw(st.integers(0, node.size - 1))
        named = adjoint_entry(trace.graph, node.id, flat)
        spaced = named.replace(",", ", ")
        for text in (named, spaced):
            assert parse_place(text, trace.graph) == Place(node.id, True, flat)


def test_spaces_within_brackets_divide_nothing() -> None:
    """In a breakpoint, whose words stand side by side."""
    session = Session(_maker().trace())
    session.execute("break write X.grad[0, 1] partial")
    assert session.continue_().partial is not None
    with pytest.raises(CommandError, match=r"no node 99: they count from 0 to 2") as caught:
        session.execute("print 1 + #99")
    assert caught.value.column == len("print 1 + ")


@pytest.mark.parametrize("text", ["[1, 2, 3][1, 0, 0]", "[1, 2] [3, 4]", "1 [2]", "[1][2][3]"])
def test_lists_side_by_side_are_no_rows(text: str) -> None:
    """Two lists with nothing between them are two lists, as typed behind an old one."""
    with pytest.raises(CommandError, match="two lists side by side"):
        parse_numbers(text)


@pytest.mark.parametrize("text", ["[1, 2], [3, 4]", "[[1 2] [3 4]]", "[[1, 2], [3, 4]]"])
def test_rows_of_a_list(text: str) -> None:
    """With a comma between them, or in one list, they are rows."""
    np.testing.assert_array_equal(parse_numbers(text), [[1, 2], [3, 4]])


@given(st.text(st.sampled_from("[]0123456789,. +-einfaN()\t"), max_size=16))
def test_a_list_is_read_alike_at_once_and_piece_by_piece(text: str) -> None:
    """Most are read at once, which is quick; both accept and refuse the same."""

    def read() -> Array | None:
        try:
            return parse_numbers(text)
        except CommandError:
            return None

    quick = read()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tui_backprop.debug.number_lists._at_once", lambda _text: None)
        slow = read()
    assert (quick is None) == (slow is None)
    if quick is not None and slow is not None:
        assert quick.shape == slow.shape
        np.testing.assert_array_equal(quick, slow)


def test_more_numbers_than_a_line_may_have_are_refused() -> None:
    """At once, by their length."""
    with pytest.raises(CommandError, match="at most"):
        parse_numbers("0," * 13_000_000)
