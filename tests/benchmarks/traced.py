"""Functions of NumPy and of JAX as walks, beside the function alone.

A walk is the function run on arrays that note what is done with them, its program written, compiled
and evaluated forward and backward. There is no target: a walk is made once, by a person who looks
at it. What is to be seen is that it costs the same for each node, however many there are.
"""

from __future__ import annotations

from importlib.util import find_spec
from statistics import median
from time import process_time
from typing import TYPE_CHECKING, Any

import numpy as np

from tests.benchmarks.report import Sample

if TYPE_CHECKING:
    from collections.abc import Callable


def run(*, quick: bool) -> list[str]:
    """A recurrence of numbers, one of small vectors, and ops of all kinds in a row."""
    steps, turns = (5, 2) if quick else (400, 5)
    lines = []
    for name, function, arrays in _functions(np, steps):
        lines += _compared(f"A NumPy function as a walk: {name}", function, arrays, turns)
    if find_spec("jax") is None:
        return [*lines, "JAX is not installed (pip install '.[jax]')"]
    import jax.numpy as jnp

    for name, function, arrays in _functions(jnp, steps // 4):
        given = tuple(jnp.asarray(x) for x in arrays)
        lines += _compared(f"A JAX function as a walk: {name}", function, given, turns)
    return lines


def _functions(
    m: Any, steps: int
) -> list[tuple[str, Callable[..., Any], tuple[np.ndarray[Any, Any], ...]]]:
    """Each with its arrays; ``m`` is NumPy, or JAX's."""
    random = np.random.default_rng(0)

    def numbers(x: Any) -> Any:
        for _ in range(steps):
            x = m.tanh(x) * 1.1
        return x

    def vectors(x: Any) -> Any:
        h = x
        for _ in range(steps):
            h = m.sin(h * x)
        return m.sum(h)

    def network(w: Any, b: Any, v: Any, x: Any) -> Any:
        h = x
        for _ in range(max(steps // 20, 1)):
            h = m.tanh(h @ w + b)
            h = h - m.mean(h, axis=1, keepdims=True)
            h = m.where(h > 0, m.exp(-h), m.sqrt(1 + h * h)) / (1 + m.abs(h))
            h = m.concatenate([h[:, :4], m.maximum(h[:, 4:], v)], axis=1)
        return m.sum(h**2)

    shapes = ((8, 8), (8,), (16, 4), (16, 8))
    return [
        ("a recurrence of numbers", numbers, (np.array(0.3),)),
        ("a recurrence of vectors of 3", vectors, (random.normal(size=3),)),
        ("ops of all kinds", network, tuple(random.normal(size=shape) for shape in shapes)),
    ]


def _compared(title: str, function: Callable[..., Any], arrays: Any, turns: int) -> list[str]:
    from tui_backprop.attach.function import trace

    count = len(trace(function, *arrays).graph.nodes)
    np.asarray(function(*arrays))
    ours, bare = [], []
    for _ in range(turns):
        ours.append(_seconds(lambda: trace(function, *arrays)))
        bare.append(_seconds(lambda: np.asarray(function(*arrays))))
    node = median(ours) / count * 1e6
    return [
        f"{title}, {count} nodes",
        Sample("as a walk", tuple(ours)).line(),
        Sample("the function alone", tuple(bare)).line(),
        f"  ratio {median(ours) / median(bare):.0f}, {node:.0f} µs for each node; no target",
    ]


def _seconds(work: Callable[[], object]) -> float:
    started = process_time()
    work()
    return process_time() - started
