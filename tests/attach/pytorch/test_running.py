"""What is noted of a program between its backward passes, and after the one that was shown."""

from __future__ import annotations

import gc
import weakref
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("torch")

import torch
from torch import nn

from tui_backprop.attach.pytorch.running import Wanted, stopping

if TYPE_CHECKING:
    from tui_backprop.attach.pytorch.trace import PyTorchTrace


def _watched(program: Any, **wanted: Any) -> list[PyTorchTrace]:
    """What is shown of a program."""
    shown: list[PyTorchTrace] = []
    with stopping(Wanted(**wanted), lambda trace, _: shown.append(trace)):
        program()
    return shown


def _against_each_other() -> None:
    """A GAN: what the generator made is used by a backward pass, then by a later one."""
    torch.manual_seed(0)
    maker = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 2))
    judge = nn.Sequential(nn.Linear(2, 3), nn.LeakyReLU(), nn.Linear(3, 1))
    made = maker(torch.randn(4, 2))
    judge(torch.randn(4, 2)).mean().backward()
    judge(made.detach()).square().mean().backward()
    judge(made).mean().backward()


@pytest.mark.parametrize("not_finite", [False, True])
def test_a_forward_pass_is_noted_until_its_own_backward(not_finite: bool) -> None:
    """Other backward passes in between take neither values nor lines nor modules from it."""
    program = _spoiled if not_finite else _against_each_other
    (trace,) = _watched(program, at=1 if not_finite else 3, not_finite=not_finite)
    ops = [n for n in trace.graph.nodes if n.parents]
    assert all(trace.is_known(n.id) and n.span is not None for n in ops)
    assert {n.module for n in ops} >= {"0", "1", "2"}
    assert {n.module for n in trace.graph.nodes if not n.parents} >= {"0", "2"}


def _spoiled() -> None:
    """The same, where only the last pass is not finite."""
    maker = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 2))
    judge = nn.Sequential(nn.Linear(2, 3), nn.LeakyReLU(), nn.Linear(3, 1))
    made = maker(torch.randn(4, 2))
    judge(torch.randn(4, 2)).mean().backward()
    (judge(made).sub(judge(made).detach())).sqrt().mean().backward()


def test_a_graph_that_is_kept_stays_noted() -> None:
    """``retain_graph=True`` means that a later backward pass uses it again."""

    def program() -> None:
        hidden = nn.Sequential(nn.Linear(2, 3), nn.Tanh())(torch.randn(4, 2))
        hidden.sum().backward(retain_graph=True)
        hidden.square().sum().backward()

    (trace,) = _watched(program, at=2)
    assert all(trace.is_known(n.id) and n.span is not None for n in trace.graph.nodes if n.parents)


@pytest.mark.parametrize("several", [False, True])
def test_what_a_backward_pass_is_done_with_is_let_go(several: bool) -> None:
    """Its values live no longer than without us; of several losses too."""
    layer, alive = nn.Linear(2, 2), []

    def program() -> None:
        for _ in range(3):
            hidden = layer(torch.randn(4, 2)).tanh()
            alive.append(weakref.ref(hidden.untyped_storage()))
            losses = [hidden.sum(), hidden.square().sum()]
            torch.autograd.backward(losses if several else losses[0] + losses[1])
            del hidden, losses
            gc.collect()
            assert alive[-1]() is None

    assert _watched(program, at=9) == []


def test_what_never_meets_a_backward_pass_is_let_go_too() -> None:
    """A forward pass for its numbers alone does not stay in memory."""
    layer, alive = nn.Linear(2, 2), []

    def program() -> None:
        for _ in range(9):
            own = nn.Linear(2, 2)
            alive.append(weakref.ref(own.weight.untyped_storage()))
            measured = own(torch.randn(4, 2)).tanh()
            del own
            alive.append(weakref.ref(measured.untyped_storage()))
            del measured
            layer(torch.randn(4, 2)).sum().backward()

    assert _watched(program, at=99) == []
    assert sum(found() is not None for found in alive) <= 2 * 4  # for four passes


def test_after_the_pass_that_was_shown_nothing_is_noted() -> None:
    """The program goes on with the memory that it would have had."""
    layer, alive = nn.Linear(2, 2), []

    def program() -> None:
        layer(torch.randn(4, 2)).sum().backward()
        for _ in range(9):
            hidden = layer(torch.randn(4, 2)).tanh()
            alive.append(weakref.ref(hidden.untyped_storage()))
            hidden.sum().backward()
            del hidden

    assert len(_watched(program)) == 1
    assert not any(found() is not None for found in alive)
