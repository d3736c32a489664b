"""What attaching to a loss loads."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytest.importorskip("torch")

_PROGRAM = """
import sys
import torch
import tui_backprop as tb

assert "sympy" not in sys.modules, "PyTorch alone loads it"
x = torch.randn(3, 4, requires_grad=True)
w = torch.randn(4, 2, requires_grad=True)
loss = torch.cumsum(x @ w, 0).square().sum()
trace = tb.attach(loss, keep=sys.argv[1])
timeline = trace.timeline
for k in range(len(timeline)):
    _ = timeline[k].partial
for node in trace.graph.nodes:
    for edge in node.edges:
        timeline.jacobian(edge).column(0)
print("sympy" in sys.modules)
"""


@pytest.mark.parametrize("keep", ["all", "norms"])
def test_attaching_and_looking_load_no_sympy(keep: str) -> None:
    """PyTorch loads it to compare the shape of a v that it is given, which takes a second."""
    command = [sys.executable, "-c", _PROGRAM, keep]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)
    if "PyTorch alone loads it" in done.stderr:
        pytest.skip("this release of PyTorch loads SymPy by itself")
    assert done.stdout == "False\n", done.stderr
