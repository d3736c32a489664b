"""The same in HIPS autograd, which traces NumPy each time it is called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import autograd.numpy as np
from autograd import grad

if TYPE_CHECKING:
    from tests.benchmarks.works import Compute, Leaves


def _asked(objective: Any) -> Compute:
    slope = grad(objective)
    return lambda leaves: slope(dict(leaves))


def vector_network() -> Compute:
    """See `by_hand`."""

    def objective(p: Leaves) -> Any:
        h = np.tanh(np.dot(p["W1"], p["x"]) + p["b1"])
        return np.sum((np.dot(p["W2"], h) + p["b2"] - p["t"]) ** 2)

    return _asked(objective)


def chain(links: int) -> Compute:
    """``h = sin(h * w)``, again and again, added up."""

    def objective(p: Leaves) -> Any:
        h = p["x"]
        for _ in range(links):
            h = np.sin(h * p["w"])
        return np.sum(h)

    return _asked(objective)
