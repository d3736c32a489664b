"""J of Functions that the program wrote: their backward alone, and no hook of the program's."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

pytest.importorskip("torch")

import torch
from torch import nn

from tests.attach.pytorch.zoo import ZOO, Cube, Mixed, Sparing
from tui_backprop.attach.pytorch.graph import every_node, nodes_behind
from tui_backprop.attach.pytorch.ops import NodeOp
from tui_backprop.attach.pytorch.record import record
from tui_backprop.attach.pytorch.trace import attach
from tui_backprop.errors import UnknownError

if TYPE_CHECKING:
    from tui_backprop.attach.recorded import RecordedTrace

pytestmark = pytest.mark.usefixtures("one_thread")


def look_at_everything(trace: RecordedTrace) -> None:
    """A row, a column and the pattern of every local Jacobian."""
    walk = trace.timeline.walk(0)
    for number in range(walk.route.edges):
        jacobian = trace.timeline.jacobian(walk.route.edge(number))
        with suppress(UnknownError):
            assert jacobian.sparsity is not None
        with suppress(UnknownError):
            jacobian.block(np.arange(1), np.arange(1))
        with suppress(UnknownError):
            jacobian.column_entries(0)


@pytest.mark.parametrize("name", ZOO)
def test_looking_at_j_runs_no_hook(name: str) -> None:
    """Neither those of nodes nor those that tensors have."""
    loss = ZOO[name]()
    ran: list[Any] = []
    for node in every_node(loss.grad_fn):
        node.register_prehook(lambda _came, node=node: ran.append(node))
        node.register_hook(lambda _passed_on, _came, node=node: ran.append(node))
    trace = attach(loss)
    assert ran
    ran.clear()
    look_at_everything(trace)
    assert ran == []


@pytest.mark.parametrize("name", ZOO)
def test_by_hand_is_what_the_engine_does(name: str) -> None:
    """To the last bit, for any v and for the derivative by v; it leaves nothing behind."""
    loss = ZOO[name]()
    nodes = nodes_behind(loss)
    recorded = record(nodes, None)
    for node in recorded.order:
        is_own = isinstance(node, torch.autograd.function.BackwardCFunction)
        if not is_own or "Checkpoint" in node.name() or "Hook" in node.name():
            continue  # the engine refuses the one, and runs the hook of the other
        kept = dict(node.__dict__)
        used = [k for k, v in enumerate(recorded.v[node]) if v is not None]
        op = NodeOp(node, used, [], recorded.own[node].filled)
        v = [torch.randn_like(recorded.v[node][k], requires_grad=True) for k in used]
        for is_differentiated in (False, True):
            with torch.set_grad_enabled(is_differentiated):
                assert op._is_callable
                own, engines = op._by_hand(v), op._through_engine(v)
            assert len(own) == len(engines) == len(node.next_functions)
            for (parent, _), mine, theirs in zip(node.next_functions, own, engines, strict=True):
                if parent is None:
                    continue
                if mine is None or theirs is None:
                    assert mine is theirs
                    continue
                assert torch.equal(mine, theirs)
                assert mine.requires_grad == theirs.requires_grad
        assert node.__dict__ == kept
        assert "apply" not in kept


def test_hooks_of_tensors_around_a_function_do_not_run() -> None:
    """On what it was given, on what it gave, and on a result that is used together with others."""
    ran: list[str] = []
    x = torch.randn(3, requires_grad=True)
    h = x * 1
    h.register_hook(lambda _: ran.append("given"))
    y = Cube.apply(h, 2.0)
    y.register_hook(lambda _: ran.append("made"))
    first, second = Mixed.apply("", y, 1.0, y, [], y)
    second.register_hook(lambda _: ran.append("second"))
    x.register_hook(lambda _: ran.append("leaf"))
    x.register_post_accumulate_grad_hook(lambda _: ran.append("accumulated"))
    trace = attach((first * 2).sum() + Sparing.apply(h)[1].sum() + second.sum())
    assert {"given", "made", "leaf"} <= set(ran)
    ran.clear()
    look_at_everything(trace)
    assert ran == []


def test_a_module_hook_is_a_step_between_the_function_and_its_operand() -> None:
    """The hook's factor is no part of J; what goes on is what it made of v."""
    net = nn.Linear(2, 2)
    calls: list[int] = []

    def double(_m: Any, grads: Any, _out: Any) -> Any:
        calls.append(1)
        return (grads[0] * 2,)

    net.register_full_backward_hook(double)
    x = torch.randn(3, 2, requires_grad=True)
    trace = attach(net(x * 1).sum())
    calls.clear()
    look_at_everything(trace)
    assert not calls
    (hook,) = (n for n in trace.graph.nodes if n.op == "hook")
    run = trace.runs[0]
    assert run is not None
    before, after = run.cotangents[hook.id], run.cotangents[hook.parents[0]]
    np.testing.assert_array_equal(after, before * 2)
    reader = next(n for n in trace.graph.nodes if hook.id in n.parents)
    assert "backward_hook" in reader.op
    edge = next(e for e in reader.edges if e.parent == hook.id)
    np.testing.assert_array_equal(trace.timeline.jacobian(edge).toarray(), np.eye(6))
    assert torch.equal(trace.grad_of(x), (torch.ones(3, 2) @ net.weight * 2).detach())


@pytest.mark.parametrize("is_in_place", [False, True])
def test_a_hook_on_the_node_of_a_function_is_a_step(is_in_place: bool) -> None:
    """Also one that writes into what the Function returned."""

    def halve(passed_on: Any, _came: Any) -> Any:
        if not is_in_place:
            return (passed_on[0] * 0.5, None)[: len(passed_on)]
        passed_on[0].mul_(0.5)
        return None

    x = torch.ones(3, requires_grad=True)
    y = Cube.apply(x * 1, 2.0)
    y.grad_fn.register_hook(halve)
    trace = attach(y.sum())
    (hook,) = (n for n in trace.graph.nodes if n.op == "hook")
    run = trace.runs[0]
    assert run is not None
    assert run.cotangents[hook.id].tolist() == [6.0, 6.0, 6.0]
    gradient = trace.grad_of(x)
    assert gradient is not None
    assert gradient.tolist() == [3.0, 3.0, 3.0]


def test_what_frees_its_tensors_is_left_to_the_engine() -> None:
    """Called outside of it, it would give away what the program still needs."""

    class Freeing(torch.autograd.Function):  # type: ignore[misc]  # torch is untyped here
        clear_saved_tensors_on_access = True

        @staticmethod
        def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        def backward(ctx: Any, *grads: torch.Tensor) -> torch.Tensor:
            (x,) = ctx.saved_tensors
            return grads[0] * 2 * x

    node = Freeing.apply(torch.ones(2, requires_grad=True)).grad_fn
    assert not NodeOp(node, [0], [0])._is_callable
    assert NodeOp(Cube.apply(torch.ones(2, requires_grad=True), 1.0).grad_fn, [0], [0])._is_callable
