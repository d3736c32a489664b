"""A PyTorch backward pass as a walk: gradients to the last bit, and nothing else changed."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

pytest.importorskip("torch")

import torch
from torch import nn
from torch.utils._python_dispatch import _disable_current_modes
from torch.utils.checkpoint import checkpoint

from tests.attach.pytorch.zoo import ZOO, Cube
from tests.marks import spread
from tui_backprop.attach.pytorch.graph import is_leaf
from tui_backprop.attach.pytorch.recording import recording
from tui_backprop.attach.pytorch.trace import attach
from tui_backprop.debug.debugger import Debugger
from tui_backprop.errors import ArgumentError, CommandError, UnknownError
from tui_backprop.timeline.frame import Phase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tui_backprop.attach.keep import Keep

pytestmark = pytest.mark.usefixtures("one_thread")


def leaves_of(loss: torch.Tensor) -> list[torch.Tensor]:
    """Every leaf that the loss's own graph leads to."""
    found, waiting, seen = [], [loss.grad_fn], {loss.grad_fn}
    for node in waiting:
        if is_leaf(node):
            found.append(node.variable)
        for parent, _ in node.next_functions:
            if parent is not None and parent not in seen:
                seen.add(parent)
                waiting.append(parent)
    return found


def dense(tensor: torch.Tensor) -> Any:
    """The numbers."""
    found = tensor.detach().to_dense() if tensor.layout is not torch.strided else tensor.detach()
    return found.double().numpy()


@pytest.mark.parametrize("name", ZOO)
def test_gradients_are_what_backward_leaves(name: str) -> None:
    """Bit for bit; ``.grad`` and the random numbers are untouched, and the graph still works."""
    loss = ZOO[name]()
    leaves = leaves_of(loss)
    for k, leaf in enumerate(leaves):
        leaf.grad = torch.full_like(leaf, k) if k % 2 else None
    before = [leaf.grad for leaf in leaves]
    kept = [None if g is None else g.clone() for g in before]
    state = torch.get_rng_state()
    trace = attach(loss)
    assert torch.equal(torch.get_rng_state(), state)
    for leaf, grad, numbers in zip(leaves, before, kept, strict=True):
        assert leaf.grad is grad
        assert grad is None or torch.equal(grad, numbers)
        leaf.grad = None
    loss.backward()
    for leaf in leaves:
        found = trace.grad_of(leaf)
        assert (found is None) == (leaf.grad is None)
        if found is not None:
            np.testing.assert_array_equal(dense(found), dense(leaf.grad))
            assert found.dtype is leaf.grad.dtype
            assert found.layout is leaf.grad.layout


@pytest.mark.parametrize("name", ZOO)
def test_every_contribution_adds_up(name: str) -> None:
    """Along the walk each edge's vᵀJ is the sum of its partials, where J can be had."""
    loss = ZOO[name]()
    trace = attach(loss)
    timeline = trace.timeline
    assert timeline.length > len(timeline.nodes)
    walk = timeline.walk(0)
    refused: list[str] = []
    for number in range(0, walk.route.edges, max(1, walk.route.edges // 12)):
        edge = walk.route.edge(number)
        whole = walk.sums.contribution(number)
        i = int(np.abs(whole).argmax())
        jacobian = timeline.jacobian(edge)
        try:
            rows, partials = jacobian.column_entries(i)
        except UnknownError as error:
            refused.append(str(error))
            continue
        v = walk.run.cotangents[edge.node].ravel()[rows]
        scale = np.abs(v * partials).sum() + 1e-6
        assert abs(float((v * partials).sum()) - float(whole.ravel()[i])) <= 2e-2 * scale, edge
    assert all(any(w in said for w in ("hook", "column", "reentrant")) for said in refused)


@pytest.mark.parametrize("name", ["mlp", "several_outputs", "hooks_on_tensors", "in_place"])
def test_a_walk_can_be_debugged(name: str) -> None:
    """Every step in both directions, and the commands that ask why."""
    session = Debugger(attach(ZOO[name]()))
    frames = [session.frame.k]
    for k in range(min(session.last, 300)):
        session.step()
        frames.append(session.frame.k)
        if session.frame.phase is Phase.PARTIAL and k % 7 == 0:
            leaf = next(iter(session.trace.graph.inputs))
            session.execute(f"info node {leaf}")
    while session.cursor:
        session.reverse_step()
    for line in ("health", "origin nan", "end", "where", "list"):
        session.execute(line)


def test_leaves_are_called_as_the_caller_does() -> None:
    """Parameters by their module's path, tensors by the variable."""
    net = torch.nn.ModuleDict({"fc": torch.nn.Linear(3, 2)})
    x = torch.randn(4, 3, requires_grad=True)
    hidden = net["fc"](x)
    loss = hidden.tanh().sum()
    trace = attach(loss)
    assert set(trace.graph.inputs) == {"net.fc.weight", "net.fc.bias", "x"}
    assert {"hidden", "loss"} <= set(trace.graph.names)
    assert trace.value(trace.graph.names["hidden"]).shape == (4, 2)
    session = Debugger(trace)
    session.end()
    assert "net.fc.weight.grad[0,1]" in session.execute("why net.fc.weight.grad[0,1]")


def test_a_hook_is_a_step() -> None:
    """It stands where it ran, with v before and after."""
    w = torch.tensor([1.0, 2.0], requires_grad=True)
    h = w * 3
    h.register_hook(lambda g: g * 0.25)
    trace = attach((h * h).sum())
    hook = next(n for n in trace.graph.nodes if n.op == "hook")
    run = trace.runs[0]
    assert run is not None
    assert run.cotangents[hook.id].tolist() == [6.0, 12.0]
    assert run.cotangents[hook.parents[0]].tolist() == [1.5, 3.0]
    frame = next(f for f in trace.timeline if f.edge is not None and f.edge.node == hook.id)
    with pytest.raises(UnknownError, match=r"a hook changed v: 6 → 1\.5"):
        _ = frame.partial


@pytest.mark.parametrize("name", ["mlp", "checkpointed_reentrant"])
@pytest.mark.parametrize("keep", ["all", "norms"])
def test_a_view_that_nobody_may_use_again_is_passed_by(name: str, keep: Keep) -> None:
    """PyTorch refuses to say who made it; a program may still have it lying around."""
    x = torch.randn(3, requires_grad=True)
    pieces = x.unbind()
    piece = pieces[0]
    with torch.no_grad():
        x.mul_(2)
    with pytest.raises(RuntimeError, match="modified inplace"):
        assert piece.grad_fn
    with recording():
        assert piece.shape == ()
        assert attach(ZOO[name](), keep=keep).grad
    assert attach(ZOO[name](), keep=keep).grad


@pytest.mark.parametrize("place", [0, 1])
def test_tensors_made_for_inference_are_taken(place: int) -> None:
    """Nobody counts how often they are changed."""
    x = torch.randn(3, requires_grad=True)
    with torch.inference_mode():
        c = torch.arange(3.0)
    with recording():
        with torch.inference_mode():
            assert (c + 1).sum() == 6
        loss = ((x + c) if place else (c + x)).sum()
        trace = attach(loss)
    np.testing.assert_array_equal(trace.values["c"], [0, 1, 2])
    np.testing.assert_array_equal(trace.grad["x"], [1, 1, 1])


@pytest.mark.parametrize("is_reentrant", [False, True])
@pytest.mark.parametrize("keep", ["all", "norms"])
def test_a_checkpoint_that_runs_again_leaves_buffers_alone(
    keep: Keep, *, is_reentrant: bool, tmp_path: Path
) -> None:
    """The averages of a batch norm move with every forward pass that the program makes."""
    norm = nn.BatchNorm1d(70)
    x = torch.randn(70, 70, requires_grad=True)
    loss = checkpoint(lambda x: norm(x).tanh(), x, use_reentrant=is_reentrant).square().sum()
    before = {name: buffer.clone() for name, buffer in norm.named_buffers()}
    trace = attach(loss, keep=keep)
    trace.save(tmp_path / "a.walk")
    for frame in [trace.timeline[k] for k in spread(list(range(trace.timeline.length)), 9)]:
        with suppress(UnknownError):
            assert frame.partial is None or frame.partial.value is not None
    run = trace.runs[0]
    assert run is not None
    for n in range(len(trace.graph.nodes)):
        assert run.cotangents[n] is not None
    for name, buffer in norm.named_buffers():
        assert torch.equal(buffer, before[name]), name
    loss.backward()
    assert norm.num_batches_tracked == 2


def test_what_retain_grad_keeps_is_untouched() -> None:
    """A pass fills it, ours too; it is put back, and the trace tells what it would be."""
    x = torch.ones(3, requires_grad=True)
    h = x * 2
    h.retain_grad()
    loss = (h * h).sum()
    trace = attach(loss)
    assert h.grad is None
    loss.backward()
    assert torch.equal(h.grad, trace.grad_of(h))


def test_looking_at_j_of_ones_own_function_leaves_what_retain_grad_keeps() -> None:
    """Nothing runs but its own backward."""
    x = torch.ones(3, requires_grad=True)
    h = x * 1
    h.retain_grad()
    y = Cube.apply(h, 2.0)
    y.retain_grad()
    trace = attach(y.sum())
    node = next(n for n in trace.graph.nodes if n.op == "cube")
    edge = next(e for e in trace.runs[0].walk.edges(trace.graph.nodes) if e.node == node.id)  # type: ignore[union-attr]  # it has a pass
    assert trace.timeline.jacobian(edge).toarray().diagonal().tolist() == [6.0, 6.0, 6.0]
    assert h.grad is None
    assert y.grad is None


def test_a_backward_that_writes_into_its_gradient_is_recorded_as_it_was() -> None:
    """What came to it is what the step shows, not what it made of the memory."""

    class Greedy(torch.autograd.Function):  # type: ignore[misc]  # torch is untyped here
        @staticmethod
        def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
            del ctx
            return x.clone()

        @staticmethod
        def backward(ctx: Any, *grads: torch.Tensor) -> torch.Tensor:
            del ctx
            return grads[0].mul_(3)

    x = torch.ones(2, requires_grad=True)
    y = Greedy.apply(x * 1)
    trace = attach((y * torch.tensor([1.0, 2.0])).sum())
    assert trace.grad_of(y).tolist() == [1.0, 2.0]  # type: ignore[union-attr]  # it has one
    assert trace.grad_of(x).tolist() == [3.0, 6.0]  # type: ignore[union-attr]  # it has one
    twice = Greedy.apply(y)
    trace = attach((twice * torch.tensor([1.0, 2.0])).sum())
    assert trace.grad_of(twice).tolist() == [1.0, 2.0]  # type: ignore[union-attr]  # it has one
    assert trace.grad_of(y).tolist() == [3.0, 6.0]  # type: ignore[union-attr]  # it has one
    assert trace.grad_of(x).tolist() == [9.0, 18.0]  # type: ignore[union-attr]  # it has one


def test_nan_is_found_where_it_was_made() -> None:
    """The entry, out of an op that nobody but PyTorch knows."""

    class Root(torch.autograd.Function):  # type: ignore[misc]  # torch is untyped here
        @staticmethod
        def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
            ctx.save_for_backward(x)
            return x.sqrt()

        @staticmethod
        def backward(ctx: Any, *grads: torch.Tensor) -> torch.Tensor:
            (x,) = ctx.saved_tensors
            return grads[0] * x / (2 * x.sqrt() * x)

    x = torch.tensor([4.0, 0.0, 1.0], requires_grad=True)
    session = Debugger(attach(Root.apply(x * 1).sum()))
    answer = session.execute("origin nan")
    assert "[1]" in answer
    assert "[0]" not in answer


def test_nan_stands_only_where_rows_and_columns_say_so() -> None:
    """A unit vector times an infinity invents NaN along its own line and nowhere else."""
    x = torch.tensor([[0.0, 0.0], [3.0, 4.0]], requires_grad=True)
    y = x * 1
    loss = (y / y.norm(dim=1, keepdim=True)).sum()
    trace = attach(loss)
    for edge in trace.runs[0].walk.edges(trace.graph.nodes):  # type: ignore[union-attr]  # it has a pass
        jacobian = trace.timeline.jacobian(edge)
        if trace.graph.nodes[edge.parent].shape != (2, 2) or jacobian.shape[0] != 4:
            continue
        bad = np.isnan(jacobian.toarray()).reshape(2, 2, 2, 2)
        assert not bad[1].any(), edge  # the second row of y reads nothing that is NaN


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: torch.randn(2).sum(), "has no graph"),
        (lambda: torch.ones((), requires_grad=True), "a leaf itself"),
        (lambda: torch.ones(3, requires_grad=True) * 2, r"shape \(3,\): name v"),
        (lambda: torch.view_as_real(torch.ones(2, requires_grad=True) * 1j).sum(), "complex"),
        (lambda: torch.ones(2, device="meta", requires_grad=True).sum(), "meta"),
    ],
)
def test_what_cannot_be_walked_is_refused(make: Callable[[], torch.Tensor], words: str) -> None:
    """In one sentence that says why."""
    with pytest.raises(ArgumentError, match=words):
        attach(make())


def test_a_graph_that_was_freed_is_refused() -> None:
    """Before the screen, not in the middle of a session."""
    loss = torch.ones(2, requires_grad=True).exp().square().sum()
    loss.backward()
    with pytest.raises(ArgumentError, match="freed by backward"):
        attach(loss)


def test_a_saved_tensor_that_was_changed_is_refused() -> None:
    """Its gradient would be of another point."""
    y = torch.ones(2, requires_grad=True).exp()
    loss = y.square().sum()
    with torch.no_grad():
        y.mul_(2)
    with pytest.raises(ArgumentError, match="changed in place"):
        attach(loss)


def test_a_selective_checkpoint_is_refused_and_left_alone() -> None:
    """It runs once: the program's own backward pass is that once, and others can be walked then."""
    checkpointing = torch.utils.checkpoint
    kept = partial(checkpointing.create_selective_checkpoint_contexts, [torch.ops.aten.mm.default])
    w = torch.randn(3, 3, requires_grad=True)
    x = torch.randn(2, 3)

    def made() -> torch.Tensor:
        return checkpointing.checkpoint(
            lambda x: torch.tanh(x @ w) @ w, x, use_reentrant=False, context_fn=kept
        ).sum()

    made().backward()
    alone, w.grad = w.grad, None
    loss = made()
    with pytest.raises(ArgumentError, match="a selective checkpoint allows one backward pass"):
        attach(loss)
    loss.backward()
    assert alone is not None
    assert w.grad is not None
    assert torch.equal(w.grad, alone)
    del loss
    assert attach((x @ w).sum()).grad_of(w) is not None


def test_v_is_that_of_backward() -> None:
    """A loss of several numbers takes a v, as PyTorch asks for one."""
    x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    v = torch.tensor([1.0, 0.0, -1.0])
    trace = attach(x * x, v)
    found = trace.grad_of(x)
    assert found is not None
    assert found.tolist() == [2.0, 0.0, -6.0]
    with pytest.raises(ArgumentError, match=r"v must have the loss's shape \(3,\)"):
        attach(x * x, torch.ones(2))


def test_training_goes_on_as_without() -> None:
    """Losses, parameters and random numbers of a run that was looked into at every step."""

    @contextmanager
    def nothing(_loss: torch.Tensor) -> Iterator[None]:
        yield

    def train(look: Callable[[torch.Tensor], object]) -> list[float]:
        torch.manual_seed(3)
        net = torch.nn.Sequential(
            torch.nn.Linear(4, 8), torch.nn.BatchNorm1d(8), torch.nn.Dropout(0.5),
            torch.nn.ReLU(), torch.nn.Linear(8, 1),
        )  # fmt: skip
        optimizer = torch.optim.Adam(net.parameters())
        found = []
        for _ in range(5):
            loss = net(torch.randn(16, 4)).square().mean()
            look(loss)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            found.append(loss.item())
        return [*found, *(p.double().sum().item() for p in net.parameters())]

    def look(loss: torch.Tensor) -> None:
        session = Debugger(attach(loss))
        session.end()
        session.execute("health")

    assert train(look) == train(nothing)


def test_j_that_is_gone_is_said_to_be() -> None:
    """A trace outlives its program's graph: what was recorded stays, J is refused."""
    x = torch.ones(3, requires_grad=True)
    loss = (x.i0() * 2).sum()
    trace = attach(loss)
    loss.backward()
    edge = next(
        e for e in trace.runs[0].walk.edges(trace.graph.nodes)  # type: ignore[union-attr]  # it has a pass
        if trace.graph.nodes[e.node].op == "i0"
    )  # fmt: skip
    with pytest.raises(UnknownError, match="freed"):
        trace.timeline.jacobian(edge).row(0)
    session = Debugger(trace)
    session.goto(session.last)
    with pytest.raises(CommandError, match="freed"):
        session.execute("print J")


def test_private_names_of_pytorch_are_there() -> None:
    """What is read of a node beyond PyTorch's public interface: a release without it fails here."""
    node = (torch.ones(2, requires_grad=True) * torch.ones(2)).grad_fn
    assert [tuple(o.shape) for o in node._input_metadata] == [(2,)]
    assert node._input_metadata[0].dtype is torch.float32
    assert node._input_metadata[0].device.type == "cpu"
    assert any(name.startswith("_saved_") for name in dir(type(node)))
    assert callable(node)
    assert callable(torch._C.DisableTorchFunction)
    assert isinstance(torch.utils.checkpoint._CachedTorchDispatchMode, type)
    assert is_leaf(node.next_functions[0][0])
    assert node.next_functions[0][0].variable.requires_grad
    assert torch._C._functorch.peek_interpreter_stack() is None
    assert torch.ops.aten.add_.Tensor._schema.is_mutable
    assert torch.ops.aten.unsafe_split.Tensor._schema.name == "aten::unsafe_split"
    assert node._saved_other is not None
    own = Cube.apply(torch.ones(2, requires_grad=True), 2.0).grad_fn
    assert own._forward_cls is Cube
    assert own.needs_input_grad == (True, False)
    assert own.apply(torch.ones(2))[0].tolist() == [6.0, 6.0]
    assert node.name() == "MulBackward0"
    assert torch.nn.BatchNorm1d(2)._buffers["running_mean"].tolist() == [0, 0]
    counted = torch.ones(1)
    with _disable_current_modes(), torch.autograd._unsafe_preserve_version_counter(counted):
        counted.add_(1)
    assert counted._version == 0
