"""Walks of real models saved and opened: the same without PyTorch."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

pytest.importorskip("torch")

import torch
from torch import distributed
from torch.nn.parallel import DistributedDataParallel

from tests.attach.pytorch.zoo import ZOO
from tests.attach.saved.test_laws import check_same
from tests.marks import spread
from tui_backprop.attach.pytorch.recording import recording
from tui_backprop.attach.pytorch.trace import attach
from tui_backprop.attach.saved.reader import open_walk
from tui_backprop.cli import main
from tui_backprop.debug.compare import compare
from tui_backprop.debug.debugger import Debugger
from tui_backprop.errors import UnknownError

if TYPE_CHECKING:
    from pathlib import Path

    from tui_backprop.timeline.timeline import Frame


def _partial(frame: Frame) -> float | str | None:
    try:
        found = frame.partial
    except UnknownError as error:
        return str(error)
    return None if found is None else found.value


@pytest.mark.parametrize("name", ZOO)
def test_a_saved_walk_is_the_walk(name: str, tmp_path: Path) -> None:
    """Gradients to the last bit, the same steps, and the partials as far as they can be had."""
    with recording():
        loss = ZOO[name]()
    trace = attach(loss)
    trace.save(tmp_path / "a.walk")
    found = open_walk(tmp_path / "a.walk")
    assert found.made_by == f"PyTorch {torch.__version__}"
    assert found.grad.keys() == trace.grad.keys()
    for leaf, grad in trace.grad.items():
        check_same(grad, found.grad[leaf])
    assert found.unknown == trace.unknown
    assert found.timeline.length == trace.timeline.length
    assert found.graph.program == trace.graph.program
    assert dict(found.graph.files) == dict(trace.graph.files)
    assert [n.module for n in found.graph.nodes] == [n.module for n in trace.graph.nodes]
    for k in spread(list(range(min(found.timeline.length, 50_000))), 12):
        ours, theirs = trace.timeline[k], found.timeline[k]
        assert (ours.node.id, ours.row, ours.column) == (
            theirs.node.id, theirs.row, theirs.column
        )  # fmt: skip
        a, b = _partial(ours), _partial(theirs)
        if isinstance(a, float) and isinstance(b, float):
            np.testing.assert_allclose(a, b, rtol=2e-4, atol=1e-5)
        else:
            assert a == b or "too large to be saved" in str(b)
    assert compare(found.timeline, found.timeline).difference is None
    session = Debugger(found)
    for line in ("health", "origin nan", "end", "where"):
        session.execute(line)


def test_a_hook_says_in_the_file_what_it_did(tmp_path: Path) -> None:
    """With both numbers, where partials would stand."""
    w = torch.tensor([0.5, 2.0], requires_grad=True)
    h = w * 3
    h.register_hook(lambda g: g * 0.5)
    attach(h.sum()).save(tmp_path / "a.walk")
    told = {str(_partial(frame)) for frame in open_walk(tmp_path / "a.walk").timeline}
    assert any("a hook changed v: 1 → 0.5" in text for text in told)


class _Noisy(torch.autograd.Function):  # type: ignore[misc]  # torch is untyped here
    """Its backward draws random numbers."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        """Twice x."""
        del ctx
        return x * 2

    @staticmethod
    def backward(ctx: Any, v: torch.Tensor) -> torch.Tensor:
        """Nearly twice v."""
        del ctx
        return v * (2 + torch.rand(()) * 1e-3)


def test_saving_changes_nothing_for_the_program(tmp_path: Path) -> None:
    """Neither gradients, those of results included, nor random numbers, nor the graph."""
    w = torch.tensor([1.0, 2.0], requires_grad=True)
    h = _Noisy.apply(w)
    h.retain_grad()
    loss = (h * h).sum()
    trace = attach(loss)
    state = torch.get_rng_state()
    trace.save(tmp_path / "a.walk")
    assert torch.equal(torch.get_rng_state(), state)
    assert w.grad is None
    assert h.grad is None
    loss.backward()
    assert torch.equal(h.grad, 2 * h.detach())


def test_half_precision_is_kept_without_rounding(tmp_path: Path) -> None:
    """As single precision, which holds every such number."""
    w = torch.tensor([1.0, 1 / 3], dtype=torch.bfloat16, requires_grad=True)
    trace = attach((w * w).sum())
    trace.save(tmp_path / "a.walk")
    found = open_walk(tmp_path / "a.walk")
    grad = trace.grad_of(w)
    assert grad is not None
    assert found.graph.dtype == np.float32
    np.testing.assert_array_equal(found.grad["w"], grad.float().numpy())


def test_it_opens_where_no_pytorch_is(tmp_path: Path) -> None:
    """In a fresh interpreter that cannot import it."""
    attach(ZOO["mlp"]()).save(tmp_path / "a.walk")
    code = (
        "import sys\n"
        "sys.modules['torch'] = None\n"
        "import tui_backprop as tb\n"
        f"trace = tb.open_walk({str(tmp_path / 'a.walk')!r})\n"
        "print(tb.Session(trace).execute('origin nan'), len(trace.grad))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert "no NaN" in done.stdout


def test_numbers_of_one_step_are_saved_before_the_program_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two seeds of one model: the walks differ first in a weight."""
    for seed in (0, 1):
        torch.manual_seed(seed)
        attach(ZOO["mlp"]()).save(tmp_path / f"{seed}.walk")
    paths = [str(tmp_path / f"{seed}.walk") for seed in (0, 1)]
    assert main(["compare", paths[0], paths[0]]) == 0
    assert main(["compare", *paths]) == 1
    assert "first difference at step 0: value" in capsys.readouterr().out


def _rank(rank: int, folder: str) -> None:
    """One of two processes that train a model together; the second one's weights have drifted."""
    torch.set_num_threads(1)
    distributed.init_process_group(
        "gloo", init_method=f"file://{folder}/meet", rank=rank, world_size=2
    )
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 1))
    model = DistributedDataParallel(net)
    if rank:
        with torch.no_grad():
            net[2].weight[0, 1] += 1
    loss = model(torch.ones(5, 3)).square().mean()
    attach(loss).save(f"{folder}/rank{rank}.walk")
    loss.backward()
    distributed.destroy_process_group()


@pytest.mark.exhaustive
def test_two_ranks_are_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each writes its own walk; the first event that differs is the weight that drifted."""
    context = torch.multiprocessing.get_context("spawn")
    ranks = [context.Process(target=_rank, args=(rank, str(tmp_path))) for rank in range(2)]
    for process in ranks:
        process.start()
    for process in ranks:
        process.join(120)
        assert process.exitcode == 0
    paths = [str(tmp_path / f"rank{rank}.walk") for rank in range(2)]
    assert main(["compare", *paths]) == 1
    assert "2.weight[0,1]" in capsys.readouterr().out
