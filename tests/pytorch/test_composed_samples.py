"""Composed ops and other names of ops on PyTorch's own sample inputs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.pytorch.composed_samples import Sample, samples
from tui_backprop.errors import ProgramError
from tui_backprop.graph.model import Backward
from tui_backprop.program import build
from tui_backprop.program.library.definitions import definitions
from tui_backprop.program.vocabulary.aliases import ALIASES
from tui_backprop.timeline.trace import Trace

torch = pytest.importorskip("torch")
described = pytest.importorskip(
    "torch.testing._internal.common_methods_invocations", exc_type=ImportError
)

MOST = 20
"""Samples of a function that are looked at: some have hundreds, which differ little."""

NAMES = {*definitions(), *ALIASES}
OTHERS = ("masked.", "_refs.", "fft.", "sparse.")
OPS = [
    op for op in described.op_db
    if op.name.rpartition(".")[2] in NAMES and not op.name.startswith(OTHERS)
    # The axis of cross nobody can foresee; the powers of linalg.vander rise.
    and torch.float64 in op.dtypes and op.name not in {"cross", "linalg.vander"}
]  # fmt: skip

KNOWN = {
    "nn.functional.hardsigmoid": "its slope is 1/6 in float32, whatever the numbers are",
    "special.entr": "its slope is NaN below 0, where it is −∞",
}
REFUSED = {
    "div": "rounding_mode is floor_divide or trunc here",
    "sub": "alpha",
    "block_diag": "it takes two matrices here",
}
"""Whose arguments are not all taken, beyond a few."""


def _label(op: Any) -> str:
    return f"{op.name}-{op.variant_test_name}" if op.variant_test_name else str(op.name)


def _differs(sample: Sample) -> bool:
    """Whether value or gradients are others; a `ProgramError` where the call is refused."""
    graph = build(sample.text, sample.leaves, {}, np.dtype(np.float64))
    node = graph.find("y")
    v = np.random.default_rng(1).uniform(0.5, 1.5, tuple(sample.value.shape))
    trace = Trace(graph, sample.leaves, (Backward(node.id, v),))
    theirs = sample.value.detach().numpy(force=True).astype(float)
    if not np.allclose(trace.values["y"], theirs, rtol=1e-9, atol=1e-9, equal_nan=True):
        return True
    wanted = {name: t for name, t in sample.tensors.items() if t.requires_grad}
    grads: Any = [None] * len(wanted)
    if sample.value.requires_grad:
        grads = torch.autograd.grad(
            sample.value, list(wanted.values()), torch.tensor(v), allow_unused=True
        )
    expected = {
        name: np.zeros(tuple(wanted[name].shape)) if g is None else g.numpy(force=True)
        for name, g in zip(wanted, grads, strict=True)
    }
    return any(
        not np.allclose(trace.grad[name], slope, rtol=1e-9, atol=1e-9, equal_nan=True)
        for name, slope in expected.items()
    )


@pytest.mark.parametrize("op", OPS, ids=_label)
def test_samples_agree(op: Any) -> None:
    """What is accepted has PyTorch's value and gradients, and nearly everything is accepted."""
    counts = {"agree": 0, "differ": 0, "refused": 0}
    torch.manual_seed(0)
    with np.errstate(all="ignore"):
        for sample in samples(torch, op, op.name.rpartition(".")[2], MOST):
            try:
                counts["differ" if _differs(sample) else "agree"] += 1
            except ProgramError:
                counts["refused"] += 1
    assert counts["differ"] == 0 or op.name in KNOWN, counts
    is_taken = counts["refused"] <= max(2, 0.1 * sum(counts.values()))
    assert is_taken or op.name in {*REFUSED, "cov", "narrow"}, counts
