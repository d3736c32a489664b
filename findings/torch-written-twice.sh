#!/usr/bin/env bash
# torch 2.13.0: written twice to one place by index assignment, both sources receive the gradient,
# though one value was lost.
#
# Expected: after y[[0, 0]] = [s0, s1] the cell holds s1, so dy/ds = (0, 1); jax.numpy with
#   .at[].set gives (0, 1), and so does the forward mode of torch.
# Seen: backward gives (1, 1): the gather that undoes the assignment reads the cell for both.
# For whoever debugs: rows of a batch that collide in an index (a memory slot, a hash bucket, a
#   voxel) get gradients for writes that left no trace, and the parameters behind the lost ones
#   drift. Reverse and forward mode disagreeing is the sign; make indices unique or use index_add.
#
# Output:
#   value 2.0  backward [1.0, 1.0]  forward [0.0, 1.0]
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    torch==2.13.0 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import torch
from torch.func import jacfwd


def write(source):
    target = torch.zeros(2, dtype=source.dtype)
    target = target.index_put((torch.tensor([0, 0]),), source)
    return target[0]


source = torch.tensor([1.0, 2.0], requires_grad=True)
value = write(source)
value.backward()
forward = jacfwd(write)(source.detach()).tolist()
print(f"value {value.item()}  backward {source.grad.tolist()}  forward {forward}")
assert value.item() == 2.0
assert source.grad.tolist() == [1.0, 1.0]
assert forward == [0.0, 1.0]
PYTHON
