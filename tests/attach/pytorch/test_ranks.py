"""A walk inside a training run of two processes: it shows the average, and disturbs none."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("torch")

import torch
from torch import distributed
from torch.distributed import _functional_collectives
from torch.distributed.algorithms.ddp_comm_hooks import default_hooks
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import FullyShardedDataParallel, fully_shard
from torch.distributed.tensor.parallel import (
    ColwiseParallel,
    RowwiseParallel,
    parallelize_module,
)
from torch.nn.parallel import DistributedDataParallel
from torch.utils.checkpoint import checkpoint

from tests.attach.pytorch.ranks import on_two_ranks
from tui_backprop.attach.hook import AverageOp, not_averaged
from tui_backprop.attach.pytorch.distributed import ranks
from tui_backprop.attach.pytorch.graph import every_node
from tui_backprop.attach.pytorch.trace import attach
from tui_backprop.errors import ArgumentError, UnknownError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tui_backprop.attach.pytorch.trace import PyTorchTrace
    from tui_backprop.attach.recorded import RecordedTrace

_STEPS = 3
_KINDS: dict[str, dict[str, bool]] = {
    "plain": {},
    "views": {"gradient_as_bucket_view": True},
    "unused": {"find_unused_parameters": True},
    "static": {"static_graph": True},
    "hook": {},
    "built_in_hook": {},
    "foreign_hook": {},
}
"""How a module averages; ``alone`` is a plain one at whose first step only one rank looks."""
_UNREPEATED = ("foreign_hook",)


class Net(torch.nn.Module):  # type: ignore[misc]  # torch is untyped here
    """Two layers, a third that one rank alone uses, and a fourth that nobody does."""

    def __init__(self, *, has_unused: bool = False) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.first, self.last = torch.nn.Linear(3, 4), torch.nn.Linear(4, 1)
        if has_unused:
            self.sometimes, self.never = torch.nn.Linear(4, 4), torch.nn.Linear(2, 2)

    def forward(self, x: torch.Tensor, *, is_long: bool = False) -> torch.Tensor:
        """The numbers behind the last layer."""
        h = torch.tanh(self.first(x))
        return self.last(self.sometimes(h) if is_long else h)


def _module(kind: str) -> Any:
    found = DistributedDataParallel(Net(has_unused=kind == "unused"), **_KINDS.get(kind, {}))
    if kind == "hook":
        found.register_comm_hook(None, default_hooks.fp16_compress_hook)
    elif kind == "built_in_hook":
        found._register_builtin_comm_hook(distributed.BuiltinCommHookType.ALLREDUCE)
    elif kind == "foreign_hook":
        found.register_comm_hook(
            None,
            lambda state, bucket: default_hooks.allreduce_hook(state, bucket),
        )
    return found


def _expect(*, others: bool) -> None:
    """Wait long for those who will come, on a machine that is busy too, and shortly for nobody."""
    seconds = 60.0 if others else 0.3
    vars(ranks).update(_PATIENCE=seconds, _LESS_PATIENCE=seconds)


def _train(kind: str, rank: int, *, looks: Callable[[int], bool]) -> list[dict[str, Any]]:
    """What each step of a training run leaves, and what was seen of it before."""
    model = _module(kind)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    torch.manual_seed(rank + 1)
    found = []
    for step in range(_STEPS):
        _expect(others=step != 0 or kind != "alone")
        named = {"is_long": rank == 1} if kind == "unused" else {}
        loss = model(torch.randn(5, 3), **named).square().mean()
        trace = attach(loss) if looks(step) else None
        seen = {} if trace is None else {n: trace.grad_of(p) for n, p in model.named_parameters()}
        optimizer.zero_grad()
        loss.backward()
        left = {n: None if p.grad is None else p.grad.clone() for n, p in model.named_parameters()}
        optimizer.step()
        note = "" if trace is None else _note(trace)
        found.append({"seen": seen, "left": left, "note": note, "steps": _averages(trace)})
    return found


def _note(trace: RecordedTrace) -> str:
    return str(not_averaged(trace.graph))


def _averages(trace: RecordedTrace | None) -> int:
    """How many steps of a walk average a leaf."""
    return 0 if trace is None else sum(n.op == AverageOp.name for n in trace.graph.nodes)


def _every_kind(rank: int) -> dict[str, Any]:
    return {
        kind: [_train(kind, rank, looks=looks) for looks in (lambda _: False, lambda _: True)]
        for kind in _KINDS
    }


def _is_same(a: torch.Tensor | None, b: torch.Tensor | None) -> bool:
    return a is b if a is None or b is None else torch.equal(a, b)


@pytest.mark.exhaustive
def test_ranks_average_as_without(tmp_path: Path) -> None:
    """The walk shows what ``.grad`` will be, and and what is averaged stays the same to the bit."""
    found = on_two_ranks(_every_kind, tmp_path)
    for kind in _KINDS:
        (bare, seen), (_, other) = found[0][kind], found[1][kind]
        for step in range(_STEPS):
            left = seen[step]["left"]
            for name, grad in left.items():
                assert _is_same(grad, bare[step]["left"][name])
                assert _is_same(grad, other[step]["left"][name])
                is_shown = _is_same(grad, seen[step]["seen"][name])
                assert is_shown == (kind not in _UNREPEATED), (kind, step, name)
            assert seen[step]["steps"] == 4
            assert ("cannot be repeated" in seen[step]["note"]) == (kind in _UNREPEATED)
            if kind in _UNREPEATED:
                own, others = (r[step]["seen"] for r in (seen, other))
                mean = {name: (own[name] + others[name]) / 2 for name in left}
                torch.testing.assert_close(mean, left)
        assert (seen[0]["left"].get("module.never.weight") is None) or kind != "unused"


def _apart(rank: int) -> dict[str, Any]:
    """What happens to ranks that do not do the same."""
    found: dict[str, Any] = {
        "bare": _train("plain", rank, looks=lambda _: False),
        "one": _train("alone", rank, looks=lambda step: step == 2 or (step, rank) == (0, 0)),
        "refused": _refused_on_one(rank),
        "often": _often(rank),
        "several": _several(rank),
        "reentrant": _reentrant(),
    }
    model = _module("plain")
    for name, context in {"no_sync": model.no_sync(), "synced": nullcontext()}.items():
        with context:
            loss = model(torch.full((1, 3), rank + 1.0)).sum()
            trace = attach(loss)
            model.zero_grad()
            loss.backward()
        found[name] = _averages(trace), _are_shown(trace, model)
    missing = DistributedDataParallel(Net(has_unused=True))
    found["incomplete"] = _note(attach(missing(torch.ones(1, 3)).sum()))
    found["sent"] = _sent(rank)
    found["in_pieces"] = _in_pieces()
    return found


def _are_shown(trace: PyTorchTrace, model: Any) -> bool:
    return all(_is_same(trace.grad_of(p), p.grad) for p in model.parameters())


def _refused_on_one(rank: int) -> str:
    model = _module("plain")
    loss = model(torch.ones(1, 3)).sum()
    _expect(others=False)
    told = ""
    try:
        told = _note(attach(loss, torch.ones(7) if rank == 1 else None))
    except ArgumentError as error:
        told = str(error)
    loss.backward()
    return told


def _often(rank: int) -> list[bool]:
    """One rank looks at a pass two times more than the other."""
    _expect(others=True)
    model = _module("plain")
    loss = model(torch.ones(1, 3)).sum()
    traces = [attach(loss)]
    _expect(others=False)
    traces += [attach(loss) for _ in range(0 if rank else 2)]
    loss.backward()
    return [bool(_note(trace)) for trace in traces]


def _several(rank: int) -> dict[str, Any]:
    """Two modules in one loss: of twins it cannot be told which is which."""
    _expect(others=True)
    torch.manual_seed(0)
    other = DistributedDataParallel(torch.nn.Linear(3, 2))
    found: dict[str, Any] = {}
    for name, second in {"different": other, "twins": _module("plain")}.items():
        model, x = _module("plain"), torch.full((1, 3), rank + 1.0)
        loss = model(x).sum() + second(x).square().sum()
        trace = attach(loss)
        loss.backward()
        found[name] = _note(trace), _are_shown(trace, model)
    return found


def _reentrant() -> str:
    """What would use up the average is refused."""
    model = DistributedDataParallel(Net())
    x = torch.ones(1, 3, requires_grad=True)
    loss = checkpoint(torch.sin, model(x), use_reentrant=True).sum()
    with pytest.raises(ArgumentError) as refused:
        attach(loss)
    loss.backward()
    return str(refused.value)


def _in_pieces() -> list[str]:
    """Parameters that lie on several ranks are left alone."""
    mesh = init_device_mesh("cpu", (2,))
    told = []
    models = [
        parallelize_module(Net(), mesh, {"first": ColwiseParallel(), "last": RowwiseParallel()}),
        fully_shard(Net(), mesh=mesh),
        FullyShardedDataParallel(Net(), device_id=torch.device("cpu"), use_orig_params=True),
    ]
    for model in models:
        loss = model(torch.ones(4, 3)).sum()
        with pytest.raises(ArgumentError) as refused:
            attach(loss)
        loss.backward()
        assert any(p.grad is not None for p in model.parameters())
        told.append(str(refused.value))
    return told


def _sent(rank: int) -> dict[str, Any]:
    """A loss whose own backward waits for the other ranks."""
    w = torch.full((2,), rank + 1.0, requires_grad=True)

    def sent() -> torch.Tensor:
        return _functional_collectives.all_reduce(w * w, "sum", distributed.group.WORLD).sum()

    loss = sent()
    trace = attach(loss)
    found: dict[str, Any] = {"seen": trace.grad_of(w)}
    node = next(n for n in trace.graph.nodes if "reduce" in n.op)
    frame = next(f for f in trace.timeline if f.edge is not None and f.edge.node == node.id)
    with pytest.raises(UnknownError, match="waits for the other ranks"):
        frame.partial  # noqa: B018 - it is computed when asked for
    loss.backward()
    found["left"] = w.grad.clone()
    loss = sent()
    _expect(others=False)
    if rank == 0:
        with pytest.raises(ArgumentError, match="which do not record this pass"):
            attach(loss)
    loss.backward()
    return found


@pytest.mark.exhaustive
def test_ranks_that_do_not_meet_go_on(tmp_path: Path) -> None:
    """No rank waits for ever, none is averaged with another pass, and each says what it shows."""
    left, right = on_two_ranks(_apart, tmp_path)
    for own, bare in zip(
        (*left["one"], *right["one"]), (*left["bare"], *right["bare"]), strict=True
    ):
        assert all(_is_same(own["left"][name], grad) for name, grad in bare["left"].items())
    alone, _, together = left["one"]
    assert "the other ranks did not record this pass" in alone["note"]
    assert not any(_is_same(alone["left"][n], grad) for n, grad in alone["seen"].items())
    assert not together["note"]
    assert all(_is_same(together["left"][n], grad) for n, grad in together["seen"].items())
    assert "did not record this pass" in left["refused"]
    assert "must have the loss's shape" in right["refused"]
    assert (left["often"], right["often"]) == ([False, True, True], [False])
    for found in (left, right):
        assert found["no_sync"] == (0, True)
        assert found["synced"] == (4, True)
        assert "find_unused_parameters is not set" in found["incomplete"]
        assert found["several"]["different"] == ("", True)
        note, is_shown = found["several"]["twins"]
        assert "cannot be repeated" in note
        assert not is_shown
        assert "use use_reentrant=False" in found["reentrant"]
        assert ["DTensor" in told for told in found["in_pieces"]] == [True, False, False]
        assert ["FSDP" in told for told in found["in_pieces"]] == [False, True, True]
        assert torch.equal(found["sent"]["seen"], found["sent"]["left"])


def test_private_names_of_ddp_are_there() -> None:
    """What is read beyond PyTorch's public interface: a release without it fails here."""
    distributed.init_process_group("gloo", store=distributed.HashStore(), rank=0, world_size=1)
    try:
        model = DistributedDataParallel(Net(), static_graph=True)
        loss = model(torch.ones(1, 3)).sum()
        store = distributed.distributed_c10d._get_default_store()
        assert store.compare_set("a", "", "go") == store.compare_set("a", "", "alone") == b"go"
        assert store.add("b", 1) == 1
        assert store.check(["b"])
        assert not store.check(["c"])
        assert isinstance(model.process_group.group_name, str)
        assert isinstance(model.process_group._get_sequence_number_for_group(), int)
        assert model.require_forward_param_sync is True
        assert {*map(id, model._module_parameters)} == {*map(id, model.parameters())}
        assert model.mixed_precision is None
        assert (model._use_python_reducer, model._join_config.enable) == (False, False)
        assert (model._comm_hooks, model._delay_all_reduce_params) == ([], [])
        assert not model._get_ddp_logging_data().get("comm_hook")
        (bucket,) = model.reducer._get_zeros_like_grad_buckets()
        assert {*map(id, bucket.parameters())} == {*map(id, model.parameters())}
        assert sum(place.numel() for place in bucket.gradients()) == bucket.buffer().numel()
        assert callable(model.reducer._run_comm_hook)
        sink = next(n for n in every_node(loss.grad_fn) if n.name() == "_DDPSinkBackward")
        assert sink.ddp_weakref() is model
        assert model._static_graph_delay_allreduce_enqueued is False
        assert sink._forward_cls.__name__ == "_DDPSink"
        assert torch.nn.modules._functions.SyncBatchNorm
    finally:
        distributed.destroy_process_group()
