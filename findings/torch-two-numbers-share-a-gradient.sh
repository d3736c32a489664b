#!/usr/bin/env bash
# torch 2.13.0: two leaves that are single numbers can be given one tensor as their gradient, so
# that a second backward pass counts for both of them twice.
#
# Expected: backward() adds to .grad, so after two passes over a sum of a + 1 and b + 1 each
#   gradient is 2, as it is where the leaves are arrays of one entry.
# Seen: after the first pass a.grad and b.grad have one address; after the second both are 3,
#   because each accumulation adds to the same memory. The same with torch 2.14.1.
# For whoever debugs: gradients that are accumulated over micro-batches, or not zeroed between
#   passes, are too large for scalar parameters only (a temperature, a learned scale, a gate), and
#   clipping or scaling one .grad in place changes the other. Clone .grad, or give such parameters
#   the shape (1,).
#
# Output:
#   numbers: one address True  after two passes 3.0 3.0
#   arrays of one entry: one address False  after two passes 2.0 2.0
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    torch==2.13.0 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import torch


def twice(first, second):
    a, b = (torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in (first, second))
    total = (a + 1).sum() + (b + 1).sum()
    total.backward(retain_graph=True)
    is_one = a.grad.data_ptr() == b.grad.data_ptr()
    total.backward()
    return is_one, a.grad.item(), b.grad.item()


numbers, arrays = twice(0.1, 0.2), twice([0.1], [0.2])
for name, (is_one, a, b) in (("numbers", numbers), ("arrays of one entry", arrays)):
    print(f"{name}: one address {is_one}  after two passes {a} {b}")
assert numbers == (True, 3.0, 3.0)
assert arrays == (False, 2.0, 2.0)
PYTHON
