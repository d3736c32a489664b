"""Its own demo network in micrograd, which makes an object for every number, each time anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from micrograd.engine import Value
from micrograd.nn import MLP

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.benchmarks.works import Compute, Gradients, Leaves


def demo_network(samples: Sequence[tuple[float, float, float]]) -> Compute:
    """Two inputs, 16 and 16 relus, one score; the hinge loss of all samples and a small decay."""
    network = MLP(2, [16, 16, 1])
    parameters = network.parameters()

    def compute(leaves: Leaves) -> Gradients:
        for parameter, x in zip(parameters, leaves.values(), strict=True):
            parameter.data = float(x)
        scores = [network([Value(a), Value(b)]) for a, b, _ in samples]
        losses = [(1 + -y * score).relu() for (_, _, y), score in zip(samples, scores, strict=True)]
        decay = 1e-4 * sum(p * p for p in parameters)
        total = sum(losses) * (1.0 / len(losses)) + decay
        network.zero_grad()
        total.backward()
        return {name: p.grad for name, p in zip(leaves, parameters, strict=True)}

    return compute
