"""Walks of which only norms are kept: what is looked at is what a whole walk holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from tests.attach.pytorch.zoo import ZOO
from tui_backprop.attach import later
from tui_backprop.attach.pytorch import outline
from tui_backprop.attach.pytorch.trace import attach
from tui_backprop.debug.debugger import Debugger
from tui_backprop.errors import ArgumentError, UnknownError
from tui_backprop.graph.sizes import size_of

if TYPE_CHECKING:
    from tui_backprop.attach.pytorch.trace import PyTorchTrace

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(params=[0, 8, later.SMALL], ids=["nothing", "a little", "as shipped"])
def small(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """How small an array is that is kept; and there is room for a few nodes only."""
    size: int = request.param
    monkeypatch.setattr(outline, "SMALL", size)
    monkeypatch.setattr(outline, "_ROOM", 1 << 10)
    return size


def _seeded(name: str) -> torch.Tensor:
    torch.manual_seed(3)
    return ZOO[name]()


def _both(name: str) -> tuple[PyTorchTrace, PyTorchTrace]:
    return attach(_seeded(name)), attach(_seeded(name), keep="norms")


@pytest.mark.parametrize("name", ZOO)
def test_what_is_looked_at_is_what_a_whole_walk_holds(name: str, small: int) -> None:
    """Nodes, ops, v, what each edge hands on, and every norm: the same to the last bit."""
    whole, found = _both(name)
    state = torch.get_rng_state()
    assert found.timeline.length == whole.timeline.length
    for a, b in zip(whole.graph.nodes, found.graph.nodes, strict=True):
        assert (a.label, a.op, a.parents, a.shape) == (b.label, b.op, b.parents, b.shape)
    theirs, ours = whole.runs[0], found.runs[0]
    assert theirs is not None
    assert ours is not None
    assert list(ours.cotangents) == list(theirs.cotangents)
    assert len(ours.cotangents) == len(theirs.cotangents)
    for n, v in theirs.cotangents.items():
        np.testing.assert_array_equal(ours.cotangents[n], v)
        measured, wanted = ours.cotangents.size(n), size_of(v)
        assert measured.norm == pytest.approx(wanted.norm, rel=1e-6, nan_ok=True)
        assert (measured.nan, measured.inf) == (wanted.nan, wanted.inf)
    for edge in theirs.walk.edges(whole.graph.nodes):
        handed_on = whole.pull(edge, theirs.cotangents[edge.node])
        np.testing.assert_array_equal(found.pull(edge, ours.cotangents[edge.node]), handed_on)
        measured = found.pulled_size(edge, ours.cotangents)
        assert measured.norm == pytest.approx(size_of(handed_on).norm, rel=1e-6, nan_ok=True)
    assert torch.equal(torch.get_rng_state(), state)
    if not small:
        assert not any(isinstance(x, np.ndarray) for x in _kept_inside(found))


def _kept_inside(trace: PyTorchTrace) -> list[object]:
    """The v of ops that are held, of hooks alone."""
    arrays = trace.tape.cotangents
    assert isinstance(arrays, later.Later)
    nodes = trace.graph.nodes
    hooked = {p for n in nodes if n.op == "hook" for p in (n.id, *n.parents)}
    return [x for n, x in arrays.kept.items() if nodes[n].parents and n not in hooked]


@pytest.mark.parametrize("name", ["mlp", "hooks_on_tensors", "several_outputs", "checkpointed"])
@pytest.mark.parametrize("line", ["health", "origin nan", "why zero", "where"])
@pytest.mark.usefixtures("small")
def test_commands_answer_as_of_a_whole_walk(name: str, line: str) -> None:
    """The debugger cannot tell the two apart."""
    whole, found = map(Debugger, _both(name))
    for session in (whole, found):
        session.goto(session.last // 2)
    assert _answer(found, line) == _answer(whole, line)


def _answer(session: Debugger, line: str) -> str:
    try:
        return session.execute(line)
    except Exception as error:  # noqa: BLE001 - refusals are compared as well
        return f"{type(error).__name__}: {error}"


@pytest.mark.usefixtures("small")
def test_a_gradient_of_a_result_is_what_retain_grad_keeps() -> None:
    """Also where a pass more is needed for it."""
    x = torch.randn(3, 4, requires_grad=True)
    h = x.tanh()
    loss = (h * h).sum()
    found = attach(loss, keep="norms").grad_of(h)
    h.retain_grad()
    loss.backward()
    assert h.grad is not None
    assert found is not None
    assert torch.equal(found, h.grad)


def test_what_was_not_kept_is_gone_with_the_graph(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sentence says so, where a whole walk would still show it."""
    monkeypatch.setattr(outline, "SMALL", 0)
    x = torch.randn(3, requires_grad=True)
    h = x.exp()
    loss = h.square().sum()
    trace = attach(loss, keep="norms")
    loss.backward()
    run = trace.runs[0]
    assert run is not None
    node = trace.graph.names["h"]
    assert run.cotangents.size(node).norm == pytest.approx(float((2 * h).detach().norm()))
    with pytest.raises(UnknownError, match="not kept, and the pass cannot be run again"):
        run.cotangents[node]


def test_a_parameter_that_was_changed_since_is_not_shown() -> None:
    """Its memory is the program's own; a whole walk holds a copy."""
    x = torch.ones(3, requires_grad=True)
    trace, whole = attach(x.sum(), keep="norms"), attach(x.sum())
    assert trace.values["x"].tolist() == [1, 1, 1]
    with torch.no_grad():
        x.add_(1)
    with pytest.raises(UnknownError, match="x has been changed by your program since"):
        trace.value(trace.graph.names["x"])
    assert whole.values["x"].tolist() == [1, 1, 1]


def test_there_are_two_ways_to_keep() -> None:
    """Another word is refused with both of them."""
    x = torch.ones(3, requires_grad=True)
    with pytest.raises(ArgumentError, match="keep must be 'all' or 'norms', not 'some'"):
        attach(x.sum(), keep="some")  # type: ignore[arg-type]  # as somebody may write
