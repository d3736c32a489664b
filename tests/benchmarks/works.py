"""What is computed by us and by others: the formulas, the numbers, and who computes them.

A test holds every contestant to the same gradients.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from tests.benchmarks.peers import by_hand
from tui_backprop.api import Scenario
from tui_backprop.scenario.load import loads

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Leaves: TypeAlias = Mapping[str, Any]
Gradients: TypeAlias = Mapping[str, Any]
Compute: TypeAlias = Callable[[Leaves], Gradients]
"""Forward and backward on these numbers."""


@dataclass(frozen=True, slots=True)
class Peer:
    """Somebody else who computes the same.

    Attributes:
        name: for the report.
        package: what has to be installed; empty where nothing has.
        make: gives what computes it; called only where the package is there.
        target: our time by theirs, at most.
    """

    name: str
    package: str
    make: Callable[[], Compute]
    target: float

    @property
    def is_here(self) -> bool:
        """Whether it can be asked."""
        return not self.package or find_spec(self.package) is not None


@dataclass(frozen=True, slots=True, eq=False)
class Work:
    """One thing to compute.

    Attributes:
        name: for the report.
        program: in the program language.
        inputs: differentiated.
        constants: not.
        peers: against whom.
    """

    name: str
    program: str
    inputs: Mapping[str, Any]
    constants: Mapping[str, Any]
    peers: Sequence[Peer]

    def __str__(self) -> str:
        return self.name

    def ours(self) -> Compute:
        """The debugger's own engine, without the debugger: the graph is built once."""
        leaves = {**self.inputs, **self.constants}
        declared = "".join(
            f"{kind}:\n" + "".join(f"  {n}: {{shape: {list(np.shape(x))}, fill: 0}}\n"
                                   for n, x in some.items())
            for kind, some in (("inputs", self.inputs), ("constants", self.constants)) if some
        )  # fmt: skip
        lines = self.program.replace("\n", "\n  ")
        model = loads(f"format: 1\n{declared}program: |\n  {lines}\n")
        trace = Scenario(model).trace().rerun(leaves)
        return lambda changed: trace.rerun(changed).grad

    @property
    def leaves(self) -> dict[str, Any]:
        """All numbers."""
        return {**self.inputs, **self.constants}


def _normal(seed: int, **shapes: tuple[int, ...]) -> dict[str, Any]:
    chance = np.random.default_rng(seed)
    return {name: chance.normal(size=shape) * 0.3 for name, shape in shapes.items()}


def _late(module: str, name: str, *arguments: Any) -> Callable[[], Compute]:
    def make() -> Compute:
        found = import_module(f"tests.benchmarks.peers.{module}")
        compute: Compute = getattr(found, name)(*arguments)
        return compute

    return make


def vector_network() -> Work:
    """8-16-4, on one vector."""
    inputs = _normal(1, W1=(16, 8), b1=(16,), W2=(4, 16), b2=(4,))
    names = tuple(inputs)
    return Work(
        "MLP 8-16-4, one vector",
        "h = tanh(W1 @ x + b1)\nL = sum((W2 @ h + b2 - t) ** 2)",
        inputs,
        _normal(2, x=(8,), t=(4,)),
        (
            Peer("NumPy by hand", "", lambda: by_hand.vector_network, 1.5),
            Peer("autograd", "autograd", _late("with_autograd", "vector_network"), 1 / 10),
            Peer("PyTorch", "torch", _late("with_torch", "vector_network", names), 1 / 4),
        ),
    )


def chain(links: int = 500) -> Work:
    """Two ops a link, on vectors of 3."""
    inputs = _normal(3, x=(3,), w=(3,))
    return Work(
        f"a chain of {2 * links:,} ops on vectors of 3",
        f"h = x\nfor k in range({links}):\n  h = sin(h * w)\nL = sum(h)",
        inputs,
        {},
        (
            Peer("NumPy by hand", "", lambda: partial(by_hand.chain, links=links), 1.3),
            Peer("autograd", "autograd", _late("with_autograd", "chain", links), 1 / 5),
            Peer("PyTorch", "torch", _late("with_torch", "chain", links, ("x", "w")), 1 / 2),
        ),
    )


def batch_network(width: int = 512, batch: int = 256) -> Work:
    """784-512-10, on 256 rows."""
    return Work(
        f"MLP 784-{width}-10, batch {batch}",
        "h = tanh(X @ W1 + b1)\nL = sum((h @ W2 + b2 - t) ** 2)",
        _normal(4, W1=(784, width), b1=(width,), W2=(width, 10), b2=(10,)),
        _normal(5, X=(batch, 784), t=(batch, 10)),
        (Peer("NumPy by hand", "", lambda: by_hand.batch_network, 1.05),),
    )


_LAYERS: Final = (2, 16, 16, 1)


def demo_network(samples: int = 16) -> Work:
    """Micrograd's demo: every number a node, about 640 of them a sample."""
    chance = np.random.default_rng(6)
    drawn = [(*chance.normal(size=2).tolist(), float(chance.choice([-1, 1])))
             for _ in range(samples)]  # fmt: skip
    inputs = {
        name: chance.uniform(-1, 1)
        for layer, (before, size) in enumerate(pairwise(_LAYERS))
        for j in range(size)
        for name in (*(f"w{layer}_{j}_{i}" for i in range(before)), f"b{layer}_{j}")
    }
    return Work(
        f"micrograd's demo network, node by node, {samples} samples",
        "\n".join(_demo_lines(drawn, tuple(inputs))),
        inputs,
        {},
        (Peer("micrograd", "micrograd", _late("with_micrograd", "demo_network", drawn), 1 / 1.5),),
    )


def _demo_lines(samples: list[tuple[float, ...]], parameters: tuple[str, ...]) -> Iterator[str]:
    last = len(_LAYERS) - 2
    for k, (a, b, y) in enumerate(samples):
        yield f"h0_0 = {a!r}"
        yield f"h0_1 = {b!r}"
        for layer, (before, size) in enumerate(pairwise(_LAYERS)):
            for j in range(size):
                products = (f"w{layer}_{j}_{i} * h{layer}_{i}" for i in range(before))
                total = " + ".join((*products, f"b{layer}_{j}"))
                yield f"h{layer + 1}_{j} = {total if layer == last else f'relu({total})'}"
        yield f"l{k} = relu(1 + {-y!r} * h{last + 1}_0)"
    losses = " + ".join(f"l{k}" for k in range(len(samples)))
    squares = " + ".join(f"{name} * {name}" for name in parameters)
    yield f"L = ({losses}) * {1 / len(samples)!r} + 0.0001 * ({squares})"
