"""The scenarios that several benchmarks walk, of any size."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def chain(folder: Path, nodes: int) -> Path:
    """About that many nodes one after the other: a recurrence, unrolled."""
    return _written(
        folder / f"chain-of-{nodes}-nodes.yaml",
        "title: a long chain\n"
        "inputs: {x: 0.5, w: 0.9, b: 0.1}\n"
        "program: |\n"
        f"  for t in range({nodes // 3}):\n"
        "    x = tanh(w * x + b)\n"
        "backward: {of: x}\n",
    )


def matvec(folder: Path, size: int) -> Path:
    """A product whose J is walked whole: size³ partials."""
    return _written(
        folder / f"matvec-{size}.yaml",
        "title: a big product\n"
        "inputs:\n"
        f"  W: {{shape: [{size}, {size}], random: normal, seed: 1}}\n"
        f"  x: {{shape: [{size}], random: normal, seed: 2}}\n"
        "program: Y = W @ x\n"
        "backward: {of: Y}\n"
        "view: {zeros: show}\n",
    )


def softmax(folder: Path, size: int) -> Path:
    """A dense J of an op that is not linear."""
    return _written(
        folder / f"softmax-{size}.yaml",
        "title: every output reads every input\n"
        "inputs:\n"
        f"  X: {{shape: [8, {size}], random: normal, seed: 1}}\n"
        "program: |\n"
        "  Y = softmax(X)\n"
        "  Z = layer_norm(Y)\n"
        "backward: {of: Z}\n",
    )


def elementwise(folder: Path, size: int) -> Path:
    """Diagonal Js with their zeros, size² steps an edge."""
    return _written(
        folder / f"elementwise-{size}.yaml",
        "title: a diagonal\n"
        "inputs:\n"
        f"  X: {{shape: [{size}], random: normal, seed: 1}}\n"
        f"  W: {{shape: [{size}], random: normal, seed: 2}}\n"
        "program: Y = tanh(X * W) + X\n"
        "backward: {of: Y}\n"
        "view: {zeros: show}\n",
    )


def deep(folder: Path, nodes: int) -> Path:
    """A deep graph of small vectors: about that many nodes, and one input that all read."""
    return _written(
        folder / f"deep-{nodes}.yaml",
        "title: a deep recurrence\n"
        "inputs:\n"
        "  h: {shape: [8], random: normal, seed: 1}\n"
        "  W: {shape: [8, 8], random: normal, seed: 2, scale: 0.3}\n"
        "program: |\n"
        f"  for t in range({nodes // 2}):\n"
        "    h = tanh(W @ h)\n"
        "backward: {of: h}\n",
    )


def _written(path: Path, text: str) -> Path:
    path.write_text(f"format: 1\n{text}", encoding="utf-8")
    return path
