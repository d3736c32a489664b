"""The table of peers is whole; nothing here needs PyTorch."""

from __future__ import annotations

from inspect import signature
from typing import TYPE_CHECKING

import pytest

from tests.rules.cases import each_case_if
from tui_backprop.rules import RULES
from tui_backprop.verify.pytorch.axes import arguments_of
from tui_backprop.verify.pytorch.differences import DIFFERENCES, WITHOUT
from tui_backprop.verify.pytorch.peers import PEERS

if TYPE_CHECKING:
    from tests.rules.cases import Case


@pytest.mark.parametrize("op", RULES)
def test_each_row_has_a_peer_or_says_why_not(op: str) -> None:
    """A new row is met by somebody else's mathematics too."""
    assert (op in PEERS) != bool(WITHOUT.get(op)), (
        f"write how PyTorch says '{op}' into tui_backprop/verify/pytorch/peers.py, "
        "or into WITHOUT in differences.py why it cannot"
    )


def test_nothing_is_left_over() -> None:
    """A row that is gone takes what is said of it along."""
    assert not {*PEERS, *WITHOUT, *DIFFERENCES} - {*RULES}


@each_case_if(lambda case: case.rule.name in PEERS)
def test_a_peer_takes_what_its_row_takes(case: Case) -> None:
    """The module torch, the operands, and by name what may be left out and what is static."""
    ordered, named = arguments_of(case.rule, case.example.shapes, case.params)
    bound = signature(PEERS[case.rule.name]).bind(None, *ordered, **named)
    assert len(bound.args) > len(ordered)
