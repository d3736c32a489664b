"""The peers of the op table compute what the rows do, or comparing times would mean nothing."""

from __future__ import annotations

import pytest

from tests.benchmarks.ops import disagreement, work
from tests.benchmarks.peers.ops import PEERS, WITHOUT
from tests.benchmarks.peers.ops.peer import Peer
from tui_backprop.rules import RULES

_ROUNDING = 1e-11


@pytest.mark.parametrize("peer", PEERS, ids=str)
def test_a_peer_gives_the_value_and_the_cotangents_of_the_row(peer: Peer) -> None:
    """On the numbers that are timed, relative to the largest entry of each."""
    assert disagreement(work(peer)) < _ROUNDING


def test_a_peer_that_computes_something_else_is_noticed() -> None:
    """A wrong cotangent, or one of another shape."""
    for vjp in (lambda v, *_: 2 * v, lambda v, *_: v.sum()):
        assert disagreement(work(Peer("negative", lambda x: -x, vjp, ((3,),)))) > 0.1


def test_peers_are_for_ops_that_there_are() -> None:
    """One that has none, and says why, has none; who has neither is named by the report."""
    compared = {peer.op for peer in PEERS}
    assert compared | WITHOUT.keys() <= RULES.keys()
    assert not compared & WITHOUT.keys()
    assert all(WITHOUT.values())


def test_peers_have_names_of_their_own() -> None:
    """The report is by name, and the numbers are drawn by it."""
    names = [peer.name for peer in PEERS]
    assert len(names) == len(set(names))
