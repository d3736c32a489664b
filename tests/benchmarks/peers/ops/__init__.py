"""The peers of the op table, by family, and the ops that have none.

peer         what a peer is
entrywise    arithmetic, functions, choices, activations
reducing     sums, extremes, norms, running ones
moving       shapes, indices, what is joined and picked
products     products of matrices and their inverses
networks     softmax, normalization, attention, convolutions, pools
losses       losses
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.benchmarks.peers.ops import entrywise, losses, moving, networks, products, reducing

if TYPE_CHECKING:
    from collections.abc import Mapping

PEERS: Final = (
    *entrywise.PEERS,
    *reducing.PEERS,
    *moving.PEERS,
    *products.PEERS,
    *networks.PEERS,
    *losses.PEERS,
)

WITHOUT: Final[Mapping[str, str]] = {}
"""Ops that have no peer, and why."""
