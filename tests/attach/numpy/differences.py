"""Gradients by central differences of the function itself: the witness of what was traced."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

import tui_backprop as tb
from tui_backprop.graph.model import Backward

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tui_backprop.attach.numpy.function import FunctionTrace
    from tui_backprop.rules.types import Array

STEP = 1e-6


def leaves(value: Any) -> Iterator[Any]:
    """The arrays and numbers of floating point in lists, tuples and dictionaries, in order."""
    if isinstance(value, dict):
        for part in value.values():
            yield from leaves(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from leaves(part)
    elif np.asarray(value).dtype.kind == "f":
        yield value


def moved(value: Any, steps: Iterator[Any]) -> Any:
    """The same with a step added to each of its leaves."""
    if isinstance(value, dict):
        return {key: moved(part, steps) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(moved(part, steps) for part in value)
    return value + next(steps) if np.asarray(value).dtype.kind == "f" else value


def check(function: Callable[..., Any], *arrays: Any, **settings: Any) -> FunctionTrace:
    """Trace a function, and compare the value bit for bit and the gradient along one direction."""
    expected = np.asarray(function(*arrays, **settings))
    random = np.random.default_rng(7)
    v = random.normal(size=expected.shape)
    trace: FunctionTrace = tb.trace(function, *arrays, v=v, **settings)
    found = trace.value(of(trace))
    said_so = any("apart" in remark or "objects" in remark for remark in trace.remarks)
    assert said_so or same_bits(found, expected)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)
    directions = [random.normal(size=np.shape(leaf)) for leaf in leaves(arrays)]
    grads = list(trace.grad.values())
    slope = sum(float(np.sum(d * g)) for d, g in zip(directions, grads, strict=True))
    up, down = (
        np.asarray(function(*moved(arrays, iter([s * d for d in directions])), **settings))
        for s in (STEP, -STEP)
    )
    difference = float(np.sum(v * (up - down))) / (2 * STEP)
    assert abs(slope - difference) < 1e-4 * max(1.0, abs(difference)), trace.graph.program
    return trace


def of(trace: FunctionTrace) -> int:
    """The node of the result."""
    (item,) = trace.passes
    assert isinstance(item, Backward)
    return item.of


def same_bits(a: Array, b: Array) -> bool:
    """One NaN is like another."""
    ours, theirs = (np.signbit(np.where(np.isnan(array), 0.0, array)) for array in (a, b))
    return np.array_equal(a, b, equal_nan=True) and np.array_equal(ours, theirs)
