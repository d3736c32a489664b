"""Forward and backward again on other numbers, against NumPy by hand and other libraries.

Everything runs in one process and takes turns call by call. What is measured of us is `rerun` and
the gradients: the graph was built before. autograd, PyTorch and micrograd build theirs in every
call, because that is how they are used.
"""

from __future__ import annotations

import gc
from time import perf_counter
from typing import TYPE_CHECKING, Final

import numpy as np

from tests.benchmarks.report import Sample, verdict
from tests.benchmarks.works import batch_network, chain, demo_network, vector_network

if TYPE_CHECKING:
    from pathlib import Path

    from tests.benchmarks.works import Compute, Leaves, Work

_TURN: Final = 0.02
"""Seconds of one turn: long enough for a clock, short enough to meet the same machine."""


def run(_home: Path, *, quick: bool) -> list[str]:
    """Every work against each of its peers that is installed."""
    works = (
        vector_network(),
        chain(20 if quick else 500),
        demo_network(2 if quick else 16),
        batch_network(*(16, 4) if quick else (512, 256)),
    )
    lines: list[str] = []
    for work in works:
        lines += _compared(work, turns=2 if quick else 31)
    return lines


def _compared(work: Work, turns: int) -> list[str]:
    peers = [peer for peer in work.peers if peer.is_here]
    contestants = [work.ours(), *(peer.make() for peer in peers)]
    names = ["tui-backprop", *(peer.name for peer in peers)]
    samples = _in_turns(names, contestants, work.leaves, turns)
    lines = [f"Forward and backward: {work.name}", *(sample.line() for sample in samples)]
    for peer, sample in zip(peers, samples[1:], strict=True):
        ratio = samples[0].median / sample.median
        said = f"{ratio:.3f} of {peer.name}" + (f", {1 / ratio:.1f}× as fast" if ratio < 1 else "")
        lines.append(verdict(said, ratio, round(peer.target, 3), ""))
    missing = ", ".join(peer.name for peer in work.peers if not peer.is_here)
    return [*lines, *[f"  not installed: {missing} (pip install '.[bench]')"] * bool(missing)]


def _in_turns(
    names: list[str], contestants: list[Compute], leaves: Leaves, turns: int
) -> list[Sample]:
    """Seconds a call of each, one turn after the other."""
    calls = [_calls_in_a_turn(compute, leaves) for compute in contestants]
    gc.collect()
    gc.freeze()  # who makes many objects does not pay for those of the others
    found: list[list[float]] = [[] for _ in contestants]
    for _ in range(turns):
        for seconds, compute, count in zip(found, contestants, calls, strict=True):
            seconds.append(_seconds(compute, leaves, count))
    return [Sample(name, tuple(s)) for name, s in zip(names, found, strict=True)]


def _calls_in_a_turn(compute: Compute, leaves: Leaves) -> int:
    for _ in range(3):  # what is slow only once
        compute(leaves)
    return max(1, round(_TURN / _seconds(compute, leaves, 3)))


def _seconds(compute: Compute, leaves: Leaves, calls: int) -> float:
    started = perf_counter()
    for _ in range(calls):
        compute(leaves)
    return (perf_counter() - started) / calls


def disagreement(work: Work) -> float:
    """How far apart the gradients of all contestants are at most, relative to the largest."""
    ours = work.ours()(work.leaves)
    worst = 0.0
    for peer in work.peers:
        if peer.is_here:
            theirs = peer.make()(work.leaves)
            for name in work.inputs:
                one, other = np.asarray(ours[name]), np.asarray(theirs[name])
                scale = max(float(np.abs(one).max(initial=0)), 1e-300)
                worst = max(worst, float(np.abs(one - other).max(initial=0)) / scale)
    return worst
