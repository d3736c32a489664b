"""The witness PyTorch's optimizer: the same gradients given to it, and what it makes of inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.graph.naming import index_text
from tui_backprop.graph.tolerance import Tolerance
from tui_backprop.language.message import said
from tui_backprop.verify.counter import Counter
from tui_backprop.verify.pytorch.running import AbsentError, loaded
from tui_backprop.verify.report import Testimony

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tui_backprop.graph.update_rules import Update
    from tui_backprop.rules.types import Array
    from tui_backprop.timeline.training import Training


_MOST: Final = 100
"""Iterations that are compared: rounding that builds up over more tells nothing of the rule."""


def optimizer(training: Training[Any]) -> Testimony:
    """Compare every updated entry of the first iterations, where PyTorch is installed."""
    update, inputs = training.update, training.first.graph.inputs
    count = min(training.count, _MOST)
    sizes = (training.first.graph.nodes[inputs[name]].size for name in update.of)
    total = count * sum(sizes)
    counter = Counter("torch.optim")
    try:
        made = updates_of_pytorch(training, count)
        single = training.first.graph.dtype == np.float32
        tolerance = Tolerance(1e-4, 1e-6) if single else Tolerance(1e-9, 1e-12)
        for number, values in enumerate(made):
            lines = training.updates(number).lines
            for name, computed in zip(update.of, lines, strict=True):
                _compare(counter, name, number, computed[-1].value, values[name], tolerance)
    except AbsentError as error:
        return Testimony(counter.witness, total, 0, remark=str(error), is_absent=True)
    return counter.testimony(total)


def _compare(
    counter: Counter, name: str, number: int, found: Array, other: Array, tolerance: Tolerance
) -> None:
    def called(k: int) -> str:
        entry = name + index_text(found.shape, k)
        return said("{entry} after update {number}", entry=entry, number=number + 1)

    engine, witness = (np.asarray(x, dtype=np.float64).ravel() for x in (found, other))
    counter.compare_all(called, engine, witness, tolerance)


def updates_of_pytorch(training: Training[Any], count: int) -> Iterator[Mapping[str, Array]]:
    """What PyTorch's optimizer makes of the trained inputs, iteration by iteration.

    It has its own state and its own inputs; only the gradients are ours.

    Raises:
        AbsentError: PyTorch is not installed.
    """
    torch = loaded()
    first = training.trace(0).leaves
    tensors = {name: torch.tensor(np.array(first[name])) for name in training.update.of}
    made = _optimizer(torch, training.update, list(tensors.values()))
    for number in range(count):
        gradients = training.trace(number).grad
        for name, tensor in tensors.items():
            tensor.grad = torch.tensor(np.array(gradients[name]))
        made.step()
        yield {name: tensor.numpy().copy() for name, tensor in tensors.items()}


def _optimizer(torch: Any, update: Update, tensors: list[Any]) -> Any:
    settings = dict(update.settings)
    if update.rule.name == "adam":
        settings["betas"] = settings.pop("beta1"), settings.pop("beta2")  # type: ignore[assignment]  # a pair
        return torch.optim.Adam(tensors, **settings)
    settings["nesterov"] = bool(settings["nesterov"])
    return torch.optim.SGD(tensors, **settings)
