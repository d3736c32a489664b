"""A walk inside a training run of two processes: nothing that they average is disturbed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("torch")

import torch
from torch import distributed
from torch.nn.parallel import DistributedDataParallel

from tui_backprop.attach.pytorch.trace import attach

if TYPE_CHECKING:
    from multiprocessing.synchronize import Barrier
    from pathlib import Path

_STEPS = 3


_PATIENCE = 120
"""How many seconds a rank may take."""


def _train(rank: int, folder: str, all_done: Barrier, *, looked_into: bool) -> None:
    """One rank; what its parameters are after each step goes to a file."""
    torch.set_num_threads(1)
    distributed.init_process_group(
        "gloo", init_method=f"file://{folder}/meet", rank=rank, world_size=2
    )
    torch.manual_seed(0)
    model = DistributedDataParallel(
        torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 1))
    )
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    torch.manual_seed(rank + 1)
    found = []
    for _ in range(_STEPS):
        loss = model(torch.randn(5, 3)).square().mean()
        local = {}
        if looked_into:
            trace = attach(loss)
            local = {name: trace.grad_of(p).clone() for name, p in model.named_parameters()}  # type: ignore[union-attr]
        optimizer.zero_grad()
        loss.backward()
        grads = {name: p.grad.clone() for name, p in model.named_parameters()}
        optimizer.step()
        found.append((local, grads))
    torch.save(found, f"{folder}/rank{rank}.pt")
    all_done.wait(_PATIENCE)
    # Nothing is taken down: with torch 2.13.0 a rank that had saved its numbers, nobody looking
    # into it, once aborted between this line and its end.
    os._exit(0)


def _both(folder: Path, *, looked_into: bool) -> list[list[tuple[dict[str, torch.Tensor], ...]]]:
    folder.mkdir()
    context = torch.multiprocessing.get_context("spawn")
    all_done = context.Barrier(2)
    ranks = [
        context.Process(
            target=_train, args=(rank, str(folder), all_done), kwargs={"looked_into": looked_into}
        )
        for rank in range(2)
    ]
    for rank in ranks:
        rank.start()
    for rank in ranks:
        rank.join(_PATIENCE)
        assert rank.exitcode == 0
    return [torch.load(folder / f"rank{rank}.pt") for rank in range(2)]


@pytest.mark.exhaustive
def test_ranks_average_as_without(tmp_path: Path) -> None:
    """The walk shows each rank's own gradient; what they average is the same to the last bit."""
    bare = _both(tmp_path / "bare", looked_into=False)
    seen = _both(tmp_path / "seen", looked_into=True)
    for step in range(_STEPS):
        locals_, averages = [r[step][0] for r in seen], [r[step][1] for r in seen]
        for name, average in averages[0].items():
            assert torch.equal(average, averages[1][name])
            assert torch.equal(average, bare[0][step][1][name])
            mean = (locals_[0][name] + locals_[1][name]) / 2
            torch.testing.assert_close(mean, average)
            assert not torch.equal(locals_[0][name], locals_[1][name])
