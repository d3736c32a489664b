"""The peers of the op table, by family, and the ops that have none.

peer         what a peer is
entrywise    arithmetic, functions, choices, activations
reducing     sums, extremes, norms, running ones
moving       shapes, indices, what is joined and picked
products     products of matrices and their inverses
networks     softmax, normalization, attention, convolutions, pools
losses       losses
order        sorting, choosing by rank, places
special      functions of the gamma and normal distribution, functions in pieces
windows      convolutions turned round, windows laid side by side, pictures made larger
decompositions  eigenvalues, triangles, singular values
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.benchmarks.peers.ops import (
    decompositions,
    entrywise,
    losses,
    moving,
    networks,
    order,
    products,
    reducing,
    special,
    windows,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

PEERS: Final = (
    *entrywise.PEERS,
    *reducing.PEERS,
    *moving.PEERS,
    *products.PEERS,
    *networks.PEERS,
    *losses.PEERS,
    *order.PEERS,
    *special.PEERS,
    *decompositions.PEERS,
    *windows.PEERS,
)

WITHOUT: Final[Mapping[str, str]] = {**decompositions.WITHOUT, **special.WITHOUT}
"""Ops that have no peer, and why."""
