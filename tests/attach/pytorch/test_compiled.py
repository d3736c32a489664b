"""A compiled model: one node whose numbers are PyTorch's, or a refusal that says what helps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("torch")

import torch

from tui_backprop.attach.pytorch.trace import attach
from tui_backprop.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.exhaustive, pytest.mark.usefixtures("one_thread")]


@pytest.fixture(params=[True, False], ids=["donated", "kept"])
def is_donated(request: pytest.FixtureRequest) -> Iterator[bool]:
    """Whether compiled graphs give their buffers away."""
    torch._dynamo.reset()
    with torch._functorch.config.patch(donated_buffer=request.param):
        yield request.param
    torch._dynamo.reset()


def _compiled() -> tuple[torch.nn.Module, Any]:
    model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 1))
    return model, torch.compile(model, backend="aot_eager", dynamic=False)


def test_a_step_of_training_is_recorded_or_refused(is_donated: bool) -> None:
    """A backward compiled by an earlier ``backward()`` owns its buffers: it runs only once."""
    model, compiled = _compiled()
    compiled(torch.randn(5, 3)).square().mean().backward()
    model.zero_grad()
    loss = compiled(torch.randn(5, 3)).square().mean()
    if is_donated:
        with pytest.raises(ArgumentError, match="donated_buffer = False before compiling"):
            attach(loss)
        loss.backward()  # the program goes on
        return
    trace = attach(loss)
    assert any(node.op == "compiled_function" for node in trace.graph.nodes)
    loss.backward()
    for parameter in model.parameters():
        found = trace.grad_of(parameter)
        assert found is not None
        assert torch.equal(found, parameter.grad)


def test_the_first_pass_is_recorded(is_donated: bool) -> None:
    """PyTorch compiles the backward when it first runs, and then for a graph that is kept."""
    del is_donated
    model, compiled = _compiled()
    loss = compiled(torch.randn(5, 3)).square().mean()
    trace = attach(loss)
    loss.backward()
    for parameter in model.parameters():
        found = trace.grad_of(parameter)
        assert found is not None
        assert torch.equal(found, parameter.grad)
