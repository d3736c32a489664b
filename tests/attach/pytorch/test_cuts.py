"""A stretch of a backward pass that is run alone: the numbers are those of the whole pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

pytest.importorskip("torch")

import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.attach.pytorch.zoo import ZOO
from tui_backprop.attach.pytorch.norms import again, cuts, outline, remembered
from tui_backprop.attach.pytorch.norms.outline import Outline
from tui_backprop.attach.pytorch.trace import attach

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.attach.pytorch.trace import PyTorchTrace

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(autouse=True)
def _cut_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """No array is kept, and there are as many cuts as may be."""
    for module in (outline, remembered):
        monkeypatch.setattr(module, "SMALL", 0)
    monkeypatch.setattr(cuts, "_STRIDE", 1)
    monkeypatch.setattr(outline, "_ROOM", 16)


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One entry for each whole pass that is run."""
    found: list[int] = []
    listen = Outline.listen

    def counted(self: Outline, hear: Any) -> Any:
        found.append(0)
        return listen(self, hear)

    monkeypatch.setattr(Outline, "listen", counted)
    return found


@pytest.fixture
def stretches(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many nodes are run in each stretch."""
    found: list[int] = []
    run_on = cuts.run_on

    def counted(cut: cuts.Cut, nodes: Sequence[Any], *rest: Any) -> Any:
        found.append(len(nodes))
        return run_on(cut, nodes, *rest)

    monkeypatch.setattr(again, "run_on", counted)
    return found


def _same(whole: PyTorchTrace, found: PyTorchTrace) -> None:
    """Every v, and what every edge hands on, to the last bit."""
    theirs, ours = whole.runs[0], found.runs[0]
    assert theirs is not None
    assert ours is not None
    assert list(ours.cotangents) == list(theirs.cotangents)
    for n, v in theirs.cotangents.items():
        np.testing.assert_array_equal(ours.cotangents[n], v)
    for edge in theirs.walk.edges(whole.graph.nodes):
        np.testing.assert_array_equal(
            found.pull(edge, ours.cotangents[edge.node]),
            whole.pull(edge, theirs.cotangents[edge.node]),
        )


_UNARY = ("tanh", "exp", "sin", "relu", "square", "neg", "sqrt", "reciprocal", "t", "cumsum")
_BINARY = ("add", "mul", "sub", "div", "matmul", "maximum")


@st.composite
def _programs(draw: st.DrawFn) -> list[tuple[str, int, int]]:
    """Ops, each with the places of its operands among the results before it."""
    found = []
    for k in range(draw(st.integers(1, 14))):
        name = draw(st.sampled_from((*_UNARY, *_BINARY)))
        found.append((name, draw(st.integers(0, k + 1)), draw(st.integers(0, k + 1))))
    return found


def _loss(program: Sequence[tuple[str, int, int]], start: Sequence[float]) -> torch.Tensor:
    numbers = torch.tensor(start).reshape(2, 2)
    results = [numbers.clone().requires_grad_(), (numbers + 1).requires_grad_()]
    for name, a, b in program:
        x, y = results[a], results[b]
        if name in _BINARY:
            results.append(getattr(torch, name)(x, y))
        else:
            results.append(x.cumsum(0) if name == "cumsum" else getattr(torch, name)(x))
    return torch.stack([x.sum() for x in results]).sum()


_NUMBERS = st.sampled_from((0.0, -0.0, 1.0, -1.5, 0.3, 1e20, -1e30, float("nan"), float("inf")))


@given(_programs(), st.lists(_NUMBERS, min_size=4, max_size=4), st.integers(4, 400))
def test_a_stretch_gives_the_numbers_of_the_pass(
    program: list[tuple[str, int, int]], start: list[float], room: int
) -> None:
    """Of any graph, with NaN and infinities, whatever room there is; no whole pass is needed."""
    passes = 0
    listen = Outline.listen

    def counted(self: Outline, hear: Any) -> Any:
        nonlocal passes
        passes += 1
        return listen(self, hear)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(outline, "_ROOM", room)
        patched.setattr(Outline, "listen", counted)
        whole, found = attach(_loss(program, start)), attach(_loss(program, start), keep="norms")
        _same(whole, found)
    assert passes == 1


@pytest.mark.parametrize("name", ZOO)
@pytest.mark.parametrize("room", [1 << 8, 1 << 20])
def test_so_it_is_of_what_networks_are_built_of(
    name: str, room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With hooks, Functions of one's own and checkpoints, whose code runs in a whole pass alone."""
    monkeypatch.setattr(outline, "_ROOM", room)
    torch.manual_seed(3)
    whole = attach(ZOO[name]())
    torch.manual_seed(3)
    _same(whole, attach(ZOO[name](), keep="norms"))


def _scalars(h: torch.Tensor) -> torch.Tensor:
    return torch.tanh(h) * 1.1


def _vectors(h: torch.Tensor) -> torch.Tensor:
    return (h.outer(h) @ h).sin() + h


def _unlike(h: torch.Tensor) -> torch.Tensor:
    return torch.relu(h.exp().cumsum(0).sqrt().flip(0) / 3).square().log1p()


@pytest.mark.parametrize("step", [_scalars, _vectors, _unlike])
@pytest.mark.parametrize("size", [1, 5])
def test_what_is_looked_at_takes_a_small_part_of_the_pass(
    step: Any, size: int, passes: list[int], stretches: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a recurrence of numbers, of vectors, and of ops of all kinds in a row."""
    monkeypatch.setattr(outline, "_ROOM", 1 << 10)
    x = torch.linspace(0.1, 0.5, size, requires_grad=True)
    h = x
    for _ in range(40):
        h = step(h)
    trace = attach(h.sum(), keep="norms")
    count = len(trace.graph.nodes)
    run = trace.runs[0]
    assert run is not None
    for n in (count // 5, count // 2, count - 2):
        stretches.clear()
        assert run.cotangents[n] is not None
        assert sum(stretches) <= count // 4
    assert len(passes) == 1


def _chain_with(hook: Any) -> torch.Tensor:
    h = torch.linspace(0.1, 0.5, 9, requires_grad=True)
    for k in range(12):
        h = h.exp().sin()
        if k == 6:
            h = hook(h)
    return h.sum()


class Once(torch.autograd.Function):  # type: ignore[misc]  # PyTorch's is untyped
    """Counts how often its backward runs."""

    ran = 0

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        """Nothing of interest."""
        del ctx
        return x * 2

    @staticmethod
    def backward(ctx: Any, g: torch.Tensor) -> torch.Tensor:
        """Each time another gradient."""
        del ctx
        Once.ran += 1
        return g * (1 + Once.ran)


def test_code_of_the_program_runs_once(passes: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    """A stretch ends before a Function of one's own, and another one begins after it."""
    monkeypatch.setattr(outline, "_ROOM", 1 << 13)
    Once.ran = 0
    trace = attach(_chain_with(Once.apply), keep="norms")
    run = trace.runs[0]
    assert run is not None
    own = next(n for n in trace.graph.nodes if n.op == "once")
    for n in run.cotangents:
        if n != own.id:
            assert run.cotangents.size(n).norm == pytest.approx(
                float(np.linalg.norm(run.cotangents[n]))
            )
    assert Once.ran == len(passes) == 1


def test_a_hook_that_never_does_the_same_is_shown_as_it_was() -> None:
    """What it made of v is remembered, and it does not run again."""
    calls: list[int] = []

    def hooked(h: torch.Tensor) -> torch.Tensor:
        def hook(g: torch.Tensor) -> torch.Tensor:
            calls.append(0)
            return g * (1 + len(calls))

        h.register_hook(hook)
        return h

    trace = attach(_chain_with(hooked), keep="norms")
    run = trace.runs[0]
    assert run is not None
    for n in run.cotangents:
        found = float(np.linalg.norm(run.cotangents[n]))
        assert run.cotangents.size(n).norm == pytest.approx(found)
    assert len(calls) == 1


def test_what_a_hook_changes_in_place_later_is_shown_as_it_came() -> None:
    """A cut that holds a tensor which is no longer what it was is none."""
    held: list[torch.Tensor] = []
    h = torch.linspace(0.1, 0.5, 9, requires_grad=True).exp()
    early, late = h.sin(), h
    loss = early.exp().sin().sum()
    early.register_hook(held.append)

    def hook(_g: torch.Tensor) -> None:
        held[-1].mul_(3)

    late.register_hook(hook)
    trace = attach(loss, keep="norms")
    run = trace.runs[0]
    assert run is not None
    for n in run.cotangents:
        found = float(np.linalg.norm(run.cotangents[n]))
        assert run.cotangents.size(n).norm == pytest.approx(found)


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 6), st.booleans()), max_size=80),
    st.integers(1, 400),
)
def test_no_more_is_held_than_there_is_room_for(
    steps: list[tuple[int, int, bool]], room: int
) -> None:
    """However much passes and waits; the first cut is always there, and all are in order."""
    seed = torch.zeros(1)
    loss = (torch.ones(3, requires_grad=True) * 2).sum()
    found = cuts.Cuts({(loss.grad_fn, 0): seed}, room)
    for at, (nbytes, waiting, is_own) in enumerate(steps, 1):
        sums: Any = {(k, 0): torch.zeros(5) for k in range(waiting)}
        node = _Own() if is_own else loss.grad_fn
        found.passed(at, node, nbytes, sums, 20 * waiting)
        held = [found.before(k) for k in range(at + 1)]
        every = {cut.at: cut for cut in held if cut is not None}
        assert sum(cut.nbytes for cut in every.values()) <= room
        assert 0 in every
        assert all(cut is not None and cut.at <= k for k, cut in enumerate(held))


class _Own(torch.autograd.function.BackwardCFunction):  # type: ignore[misc]  # as above
    """A node that cannot be called alone."""

    _forward_cls = Once
