"""Walks of which only norms are kept: what is looked at is what a whole walk holds."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from tests.attach.pytorch.zoo import ZOO
from tui_backprop.attach import later
from tui_backprop.attach.pytorch.graph import every_node, is_leaf
from tui_backprop.attach.pytorch.norms import outline, remembered
from tui_backprop.attach.pytorch.recording import recording
from tui_backprop.attach.pytorch.trace import attach
from tui_backprop.attach.saved.reader import open_walk
from tui_backprop.debug.debugger import Debugger
from tui_backprop.errors import ArgumentError, UnknownError
from tui_backprop.graph.sizes import size_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tui_backprop.attach.keep import Keep
    from tui_backprop.attach.pytorch.trace import PyTorchTrace
    from tui_backprop.graph.model import Edge

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(params=[0, 8, later.SMALL], ids=["nothing", "a little", "as shipped"])
def small(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """How small an array is that is kept; and there is room for a few nodes only."""
    size: int = request.param
    _keep_at_most(size, monkeypatch)
    monkeypatch.setattr(outline, "_ROOM", 1 << 10)
    return size


def _keep_at_most(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (outline, remembered):
        monkeypatch.setattr(module, "SMALL", size)


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
    _keep_at_most(0, monkeypatch)
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


def _numbers_of(trace: PyTorchTrace) -> dict[object, np.ndarray | None]:
    """Copies of all that can be known of a walk: values, v, what edges hand on, a row of each J."""
    run = trace.runs[0]
    assert run is not None
    found: dict[object, np.ndarray | None] = {}

    def ask(key: object, number: Callable[[], np.ndarray]) -> None:
        try:
            found[key] = np.array(number())
        except UnknownError:
            found[key] = None

    def handed_on(edge: Edge) -> np.ndarray:
        return trace.pull(edge, run.cotangents[edge.node])

    def row(edge: Edge) -> np.ndarray:
        return trace.timeline.jacobian(edge).row(0)

    for n in range(len(trace.graph.nodes)):
        ask(("value", n), partial(trace.value, n))
        if n in run.cotangents:
            ask(("v", n), partial(run.cotangents.__getitem__, n))
    for e in run.walk.edges(trace.graph.nodes):
        ask(("handed on", e), partial(handed_on, e))
        ask(("row", e), partial(row, e))
    return found


def _train(loss: torch.Tensor) -> None:
    for leaf in [leaf.variable for leaf in every_node(loss.grad_fn) if is_leaf(leaf)]:
        with torch.no_grad():
            leaf.set_(-3 * leaf) if leaf._is_view() else leaf.mul_(-3)


@pytest.mark.parametrize("keep", ["all", "norms"])
@pytest.mark.parametrize("name", ZOO)
def test_nothing_is_shown_that_training_has_changed(
    name: str, keep: Keep, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A walk that is held while the program goes on shows what was, or says what is gone."""
    _keep_at_most(0, monkeypatch)
    with recording():
        loss = _seeded(name)
        held = attach(loss, keep=keep)
        before = _numbers_of(attach(loss, keep=keep))
    assert held.timeline.length
    _train(loss)
    after = _numbers_of(held)
    for key, number in before.items():
        now = after[key]
        if number is not None and now is not None:
            np.testing.assert_allclose(now, number, rtol=1e-4, atol=1e-5, err_msg=str(key))
    if keep == "norms" and held.tape.shared:
        with pytest.raises(UnknownError, match="changed by your program since"):
            held.save(tmp_path / "held.walk")
        return
    held.save(tmp_path / "held.walk")
    saved = open_walk(tmp_path / "held.walk")
    for n in range(len(saved.graph.nodes)):
        number = before["value", n]
        if saved.is_known(n) and number is not None:
            np.testing.assert_array_equal(saved.value(n), number)


@pytest.mark.parametrize("name", ["mlp", "convolutions", "lstm", "encoder"])
def test_a_whole_walk_still_has_every_value(name: str) -> None:
    """What PyTorch kept of a transposed weight is the weight: it is copied."""
    with recording():
        loss = _seeded(name)
        held = attach(loss)
    known = {n for n in range(len(held.graph.nodes)) if held.is_known(n)}
    _train(loss)
    assert known == {n for n in known if held.is_known(n)}


class Noisy(torch.autograd.Function):  # type: ignore[misc]  # PyTorch's is untyped
    """Draws random numbers in its backward."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        """Nothing of interest."""
        del ctx
        return x.clone()

    @staticmethod
    def backward(ctx: Any, g: torch.Tensor) -> torch.Tensor:
        """A mask of chance."""
        del ctx
        return g * torch.rand_like(g)


class Scaled(torch.autograd.Function):  # type: ignore[misc]  # as above
    """Keeps a tensor of which PyTorch does not know."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
        """Not by ``save_for_backward``."""
        ctx.w = w
        return x * w

    @staticmethod
    def backward(ctx: Any, g: torch.Tensor) -> tuple[torch.Tensor, None]:
        """By what the tensor is now."""
        return g * ctx.w, None


def test_another_pass_draws_the_random_numbers_of_the_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever the program has drawn since; its own next ones stay what they were."""
    _keep_at_most(0, monkeypatch)
    x = torch.randn(9, requires_grad=True)
    h = x.exp()
    trace = attach(Noisy.apply(h).square().sum(), keep="norms")
    torch.rand(7)
    state = torch.get_rng_state()
    run = trace.runs[0]
    assert run is not None
    node = trace.graph.names["h"]
    assert size_of(run.cotangents[node]).norm == pytest.approx(run.cotangents.size(node).norm)
    assert torch.equal(torch.get_rng_state(), state)


def _uncounted_change() -> tuple[torch.Tensor, Callable[[], object]]:
    w = torch.ones(9)
    h = Scaled.apply(torch.randn(9, requires_grad=True).exp(), w)
    return h.square().sum(), lambda: w.mul_(-1)


def _change_of_data() -> tuple[torch.Tensor, Callable[[], object]]:
    x = torch.randn(9, requires_grad=True)
    return (x * x.exp()).sum(), lambda: x.data.add_(1)


@pytest.mark.parametrize("make", [_uncounted_change, _change_of_data])
def test_another_pass_that_gives_other_numbers_is_not_shown(
    make: Callable[[], tuple[torch.Tensor, Callable[[], object]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """PyTorch counts no change of ``.data``, nor of what a Function keeps by itself."""
    _keep_at_most(0, monkeypatch)
    loss, change = make()
    trace = attach(loss, keep="norms")
    run = trace.runs[0]
    assert run is not None
    change()
    said = []
    for n in run.cotangents:
        try:
            found = run.cotangents[n]
        except UnknownError as error:
            said.append(str(error))
        else:
            assert size_of(found).norm == pytest.approx(run.cotangents.size(n).norm, rel=1e-5)
    assert said
    assert all("another pass gives other numbers here" in text for text in said)
    for n in range(len(trace.graph.nodes)):
        if trace.is_known(n):
            assert trace.value(n) is not None
    assert trace.is_known(0) is (make is not _change_of_data)


@pytest.mark.parametrize("name", ZOO)
def test_a_walk_of_norms_is_saved_whole(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each edge of the file hands on what it handed on, the shares of several outputs too."""
    _keep_at_most(4, monkeypatch)
    whole, found = _both(name)
    found.save(tmp_path / "a.walk", keep="all")
    saved = open_walk(tmp_path / "a.walk")
    theirs, ours = whole.runs[0], saved.runs[0]
    assert theirs is not None
    assert ours is not None
    for n, v in theirs.cotangents.items():
        np.testing.assert_array_equal(ours.cotangents[n], v)
    for e in theirs.walk.edges(whole.graph.nodes):
        handed_on = whole.pull(e, theirs.cotangents[e.node])
        np.testing.assert_array_equal(saved.pull(e, ours.cotangents[e.node]), handed_on)


def test_saving_and_looking_do_not_wait_for_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Several threads look at a walk while another one writes it; random numbers stay."""
    _keep_at_most(0, monkeypatch)
    monkeypatch.setattr(outline, "_ROOM", 1 << 10)
    trace = attach(_seeded("checkpointed"), keep="norms")
    run = trace.runs[0]
    assert run is not None
    state = torch.get_rng_state()

    def look(k: int) -> None:
        for n in sorted(run.cotangents, reverse=bool(k % 2)):
            assert size_of(run.cotangents[n]).norm == pytest.approx(run.cotangents.size(n).norm)

    with ThreadPoolExecutor(5) as threads:
        looking = [threads.submit(look, k) for k in range(4)]
        saving = threads.submit(lambda: trace.save(tmp_path / "a.walk", keep="all"))
        for task in (*looking, saving):
            task.result(timeout=60)
    assert torch.equal(torch.get_rng_state(), state)
