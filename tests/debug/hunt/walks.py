"""A program in which every bug can be planted, on random numbers, for tests."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from tui_backprop.graph.planted import Plant, Planted, places, with_plant
from tui_backprop.rules.planted.kinds import BUGS
from tui_backprop.scenario.load import loads
from tui_backprop.timeline.trace import Provenance, Trace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.graph.model import Graph
    from tui_backprop.scenario.model import Model

TEXT = """\
format: 1
inputs:
  W: [[0, 0, 0], [0, 0, 0], [0, 0, 0]]
  b: [0, 0, 0]
  X: [[0, 0, 0], [0, 0, 0]]
  a: 0
program: |
  z = X @ W + b
  h = tanh(z)
  r = relu(X)
  q = h * h - a * r
  p = log_softmax(q)
  s = p @ W
  L = sum(sin(s) * z)
backward:
- {of: L, v: 1.5}
- {zero_grad: true}
- {of: L, v: -0.5}
"""


@cache
def model() -> Model:
    """The program."""
    return loads(TEXT)


def leaves(seed: int) -> dict[str, np.ndarray]:
    """Random numbers; one entry of X stands at the kink of relu."""
    random = np.random.default_rng(seed)
    made = {name: random.normal(size=x.shape) for name, x in model().leaves.items()}
    made["X"][1, 1] = 0.0
    return made


def right(seed: int) -> Trace:
    """The walk without a bug."""
    return Trace(model().graph, leaves(seed), model().passes)


def wrong(plant: Plant, seed: int) -> Trace:
    """The walk with one."""
    graph = with_plant(model().graph, plant)
    provenance = Provenance(planted=Planted(plant, model().graph))
    return Trace(graph, leaves(seed), model().passes, provenance=provenance)


def plants(graph: Graph | None = None) -> Iterator[Plant]:
    """Every bug at every node where it can be."""
    for bug in BUGS:
        for node in places(graph or model().graph, bug):
            yield Plant(bug, frozenset({node}))


def called(plant: Plant) -> str:
    """A plant in a word, for the name of a test."""
    (node,) = plant.nodes
    return f"{plant.bug} {model().graph.nodes[node].label}"
