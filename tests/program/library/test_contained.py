"""Which ops are inside a composed op."""

from __future__ import annotations

import pytest

from tui_backprop.program.library.contained import contained
from tui_backprop.program.library.definitions import definitions
from tui_backprop.rules import RULES


@pytest.mark.parametrize(
    ("name", "ops"),
    [
        ("relu6", ("clip",)),
        ("hardsigmoid", ("add", "relu6", "clip", "divide")),
        ("positive", ()),
        ("matrix_power", ("inv", "matmul")),
        ("smooth_l1", ("huber", "divide", "mae")),
    ],
)
def test_both_branches_and_what_is_inside_of_parts(name: str, ops: tuple[str, ...]) -> None:
    """In the order of the text."""
    assert contained(name) == ops


def test_arithmetic_on_shapes_and_static_arguments_is_no_op() -> None:
    """The channels of a group are counted with ``%``; no array is."""
    assert "%" in definitions()["group_norm"].text
    assert not {"remainder", "index"} & set(contained("group_norm"))


@pytest.mark.parametrize("name", list(definitions()))
def test_each_is_a_row_or_a_composed_op(name: str) -> None:
    """And none is inside itself."""
    assert set(contained(name)) <= {*RULES, *definitions()} - {name}
