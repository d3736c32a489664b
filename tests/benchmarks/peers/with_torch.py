"""The same in PyTorch, eagerly, on one thread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.benchmarks.works import Compute, Gradients, Leaves

    Tensors = dict[str, Any]


def _asked(objective: Callable[[Tensors], Any], inputs: tuple[str, ...]) -> Compute:
    torch.set_num_threads(1)

    def compute(leaves: Leaves) -> Gradients:
        tensors = {name: torch.from_numpy(x) for name, x in leaves.items()}
        wanted = [tensors[name].requires_grad_() for name in inputs]
        found = torch.autograd.grad(objective(tensors), wanted)
        return dict(zip(inputs, found, strict=True))

    return compute


def vector_network(inputs: tuple[str, ...]) -> Compute:
    """See `by_hand`."""

    def objective(p: Tensors) -> Any:
        h = torch.tanh(p["W1"] @ p["x"] + p["b1"])
        return torch.sum((p["W2"] @ h + p["b2"] - p["t"]) ** 2)

    return _asked(objective, inputs)


def chain(links: int, inputs: tuple[str, ...]) -> Compute:
    """``h = sin(h * w)``, again and again, added up."""

    def objective(p: Tensors) -> Any:
        h = p["x"]
        for _ in range(links):
            h = torch.sin(h * p["w"])
        return torch.sum(h)

    return _asked(objective, inputs)
