"""The table of peers is whole; nothing here needs PyTorch."""

from __future__ import annotations

from inspect import signature
from typing import TYPE_CHECKING

import pytest

from tests.rules.cases import each_case_if
from tui_backprop.rules import RULES
from tui_backprop.verify.pytorch.axes import arguments_of
from tui_backprop.verify.pytorch.differences import DIFFERENCES, WITHOUT
from tui_backprop.verify.pytorch.peers import PEERS, peer_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.rules.cases import Case


@pytest.mark.parametrize("op", RULES)
def test_each_row_has_a_peer_or_says_why_not(op: str) -> None:
    """A new row is met by somebody else's mathematics too."""
    assert (peer_of(op) is not None) != bool(WITHOUT.get(op)), (
        f"write how PyTorch says '{op}' into tui_backprop/verify/pytorch/peers.py, "
        "or into WITHOUT in differences.py why it cannot"
    )


def test_nothing_is_left_over() -> None:
    """A row that is gone takes what is said of it along."""
    assert not {*PEERS, *WITHOUT, *DIFFERENCES} - {*RULES}


@each_case_if(lambda case: peer_of(case.rule.name) is not None)
def test_a_peer_takes_what_its_row_takes(case: Case) -> None:
    """The module torch, the operands, and by name what may be left out and what is static."""
    ordered, named = arguments_of(case.rule, case.example.shapes, case.params)
    peer = peer_of(case.rule.name)
    assert peer is not None
    bound = signature(peer).bind(None, *ordered, **named)
    assert len(bound.args) > len(ordered)


class _Echo:
    """A torch whose functions answer with their names and what they were given."""

    def __getattr__(self, name: str) -> Callable[..., object]:
        return lambda *operands: (name, *operands)


@pytest.mark.parametrize(
    "op", [rule.name for rule in RULES.values() if rule.elementwise and not rule.parameters]
)
def test_only_what_torch_calls_otherwise_is_stated(op: str) -> None:
    """Unless stated, its function of the same name is asked, with the same operands."""
    peer, operands = peer_of(op), RULES[op].operands
    assert peer is not None
    try:
        said = peer(_Echo(), *operands)
    except (AttributeError, TypeError):  # it does more than to call one function
        said = None
    assert (said == (op, *operands)) == (op not in PEERS)


def test_what_torch_does_not_have_is_named() -> None:
    """A ValueError, which the witness takes for a refusal."""
    peer = peer_of("exp")
    assert peer is not None
    with pytest.raises(ValueError, match="it has no function 'exp'"):
        peer(object(), 1.0)
