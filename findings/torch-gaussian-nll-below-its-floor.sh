#!/usr/bin/env bash
# torch 2.13.0: below its floor, gaussian_nll_loss sends the variance a huge gradient in backward
# and none in forward mode.
#
# Expected: the loss uses max(var, eps), which does not depend on var below eps, so the slope is
#   0; a change of var changes nothing there (measured: 0).
# Seen: with target 0, input 1, var 0.001 and eps 0.01 backward gives -4950, jacfwd gives 0. The
#   documentation has a note that the clamping is ignored with respect to autograd; it does not
#   say that this holds in reverse mode only.
# For whoever debugs: finite differences and gradcheck call this wrong, and it is meant: the
#   gradient at the floor goes straight through so that the variance can grow again. It reaches
#   1/eps^2 (5e11 with the default 1e-6), enough to throw an optimiser; clamp with a softplus of
#   your own instead.
#
# Output:
#   measured 0.0  backward -4950.0  forward 0.0
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    torch==2.13.0 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import torch
from torch.func import jacfwd
from torch.nn.functional import gaussian_nll_loss

torch.set_default_dtype(torch.float64)


def loss(variance):
    return gaussian_nll_loss(torch.tensor([1.0]), torch.tensor([0.0]), variance, eps=1e-2)


at = torch.tensor([1e-3])
measured = ((loss(at + 1e-5) - loss(at - 1e-5)) / 2e-5).item()
leaf = at.clone().requires_grad_()
loss(leaf).backward()
backward, forward = leaf.grad.item(), jacfwd(loss)(at).item()
print(f"measured {measured}  backward {round(backward, 6)}  forward {forward}")
assert measured == forward == 0.0
assert abs(backward + 4950) < 1e-6
PYTHON
