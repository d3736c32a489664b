"""What of a program stays as it was, whatever is asked of its graph."""

from __future__ import annotations

from contextlib import contextmanager
from threading import RLock
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import torch
from torch.nn.modules.module import register_module_forward_pre_hook
from torch.utils._python_dispatch import _disable_current_modes

from tui_backprop.attach.pytorch.graph import unwatched

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

RandomState: TypeAlias = "tuple[torch.Tensor, list[torch.Tensor] | None]"
"""Of the processor, and of each other device."""

ALONE: Final = RLock()
"""Panes are drawn in several threads: one of them at a time asks the graph.

It is one lock for all of that: two of them could wait for each other."""


@contextmanager
def program_kept() -> Iterator[None]:
    """A pass, or one node of it, may run code of the program's: that leaves no trace."""
    with ALONE, random_numbers_kept(), _buffers_kept():
        yield


@contextmanager
def random_numbers_kept() -> Iterator[None]:
    """A backward pass may draw random numbers; the program's next ones stay what they were."""
    state = random_state()
    try:
        yield
    finally:
        draw_from(state)


def random_state() -> RandomState:
    """Where the random numbers of the processor and of other devices are."""
    devices = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else None
    return torch.get_rng_state(), devices


def draw_from(state: RandomState) -> None:
    """Draw the next random numbers from there."""
    host, devices = state
    torch.set_rng_state(host)
    if devices is not None:
        torch.cuda.set_rng_state_all(devices)


@contextmanager
def _buffers_kept() -> Iterator[None]:
    """A checkpoint runs modules again, which may change their buffers, as batch norm does."""
    kept: list[tuple[dict[str, Any], str, torch.Tensor, torch.Tensor]] = []
    seen: set[int] = set()

    def before(module: torch.nn.Module, _args: Any) -> None:
        buffers = module._buffers  # noqa: SLF001 - pinned by a test
        if id(module) in seen or not buffers:
            return
        seen.add(id(module))
        with unwatched(), _disable_current_modes(), torch.no_grad():
            kept.extend((buffers, n, x, x.clone()) for n, x in buffers.items() if x is not None)

    handle = register_module_forward_pre_hook(before)
    try:
        yield
    finally:
        handle.remove()
        with unwatched(), torch.no_grad():
            for buffers, name, buffer, copy in kept:
                buffers[name] = buffer
                if not torch.equal(buffer, copy):
                    # A node that saved the buffer would take this for a change.
                    with torch.autograd._unsafe_preserve_version_counter(buffer):  # noqa: SLF001 - pinned by a test
                        buffer.copy_(copy)


@contextmanager
def gradients_kept(tensors: Iterable[torch.Tensor]) -> Iterator[None]:
    """A pass gives these a ``.grad``: what they had is put back."""
    kept = [(tensor, tensor.grad) for tensor in tensors]
    try:
        yield
    finally:
        for tensor, grad in kept:
            tensor.grad = grad
