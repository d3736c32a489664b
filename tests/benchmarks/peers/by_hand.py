"""Forward and backward in NumPy, derived on paper: what no general program can beat by much."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from tests.benchmarks.works import Gradients, Leaves


def vector_network(p: Leaves) -> Gradients:
    """A network on one vector: tanh(W₁x + b₁), then a line, then a squared error."""
    h = np.tanh(p["W1"] @ p["x"] + p["b1"])
    e = p["W2"] @ h + p["b2"] - p["t"]
    np.sum(e**2)
    dy = 2 * e
    dz = (p["W2"].T @ dy) * (1 - h**2)
    return {"W1": np.outer(dz, p["x"]), "b1": dz, "W2": np.outer(dy, h), "b2": dy}


def chain(p: Leaves, *, links: int) -> Gradients:
    """A recurrence: h becomes sin(h · w), over and over."""
    x, w = p["x"], p["w"]
    read, angles, h = [], [], x
    for _ in range(links):
        read.append(h)
        angles.append(h * w)
        h = np.sin(angles[-1])
    np.sum(h)
    dh, dw = np.ones_like(h), np.zeros_like(w)
    for h, angle in zip(reversed(read), reversed(angles), strict=True):
        dz = dh * np.cos(angle)
        dw += dz * h
        dh = dz * w
    return {"x": dh, "w": dw}


def batch_network(p: Leaves) -> Gradients:
    """The same on the rows of a matrix."""
    h = np.tanh(p["X"] @ p["W1"] + p["b1"])
    e = h @ p["W2"] + p["b2"] - p["t"]
    np.sum(e**2)
    dy = 2 * e
    dz = (dy @ p["W2"].T) * (1 - h**2)
    return {"W1": p["X"].T @ dz, "b1": dz.sum(axis=0), "W2": h.T @ dy, "b2": dy.sum(axis=0)}
