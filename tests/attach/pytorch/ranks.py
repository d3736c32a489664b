"""Two processes that train together, for tests of what they do."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import torch
from torch import distributed

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.synchronize import Barrier
    from pathlib import Path

_PATIENCE = 120
"""How many seconds a rank may take."""


def on_two_ranks(work: Callable[[int], Any], folder: Path) -> list[Any]:
    """What a function of a module gives on each of two ranks; it is told which it is."""
    context = torch.multiprocessing.get_context("spawn")
    all_done = context.Barrier(2)
    ranks = [
        context.Process(target=_rank, args=(work, rank, str(folder), all_done)) for rank in range(2)
    ]
    for rank in ranks:
        rank.start()
    for rank in ranks:
        rank.join(_PATIENCE)
    stuck = [rank for rank in ranks if rank.is_alive()]
    for rank in stuck:
        rank.kill()
    assert not stuck, "a rank waits for ever"
    assert [rank.exitcode for rank in ranks] == [0, 0]
    return [torch.load(folder / f"rank{rank}.pt", weights_only=False) for rank in range(2)]


def _rank(work: Callable[[int], Any], rank: int, folder: str, all_done: Barrier) -> None:
    torch.set_num_threads(1)
    distributed.init_process_group(
        "gloo", init_method=f"file://{folder}/meet", rank=rank, world_size=2
    )
    torch.save(work(rank), f"{folder}/rank{rank}.pt")
    all_done.wait(_PATIENCE)
    # Nothing is taken down: with torch 2.13.0 a rank that had saved its numbers, nobody looking
    # into it, once aborted between this line and its end.
    os._exit(0)
