#!/usr/bin/env bash
# torch 2.13.0: two ops whose forward mode is wrong in the first derivative, at ordinary points.
#
# Expected: forward and reverse mode are two orders of one product, so jacfwd(f) equals jacrev(f);
#   the documentation of torch.func offers them as interchangeable but for speed.
# Seen: scatter_reduce(..., "prod") carries no tangent at all: jacfwd gives zeros where jacrev
#   gives the products of the other factors. cholesky_inverse, given a clean lower triangle, has a
#   full and false jacfwd; central differences agree with jacrev.
# For whoever debugs: a jvp, a Hessian-vector product or a Gauss-Newton step through either is
#   wrong while backward() is right, and gradcheck finds it only with check_forward_ad=True.
#
# Output:
#   scatter_reduce prod  jacrev [15.0, 10.0, 6.0]  jacfwd [0.0, 0.0, 0.0]
#   cholesky_inverse     jacrev [-0.2778, 0.0556, -0.0185]  jacfwd [-0.3086, 0.0617, -0.0123]
#   central differences  [-0.2778, 0.0556, -0.0185]
#   gradcheck            reverse passes: True, with forward mode: refused
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    torch==2.13.0 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import torch
from torch.autograd import gradcheck
from torch.func import jacfwd, jacrev

torch.set_default_dtype(torch.float64)


def product(factors):
    """All factors, multiplied into one cell."""
    return torch.ones(1).scatter_reduce(0, torch.tensor([0, 0, 0]), factors, "prod")[0]


def corner(entries):
    """The first entry of inv(L L^T) with L = [[a, 0], [b, c]]."""
    lower = torch.stack([entries[0], torch.tensor(0.0), entries[1], entries[2]]).reshape(2, 2)
    return torch.cholesky_inverse(lower)[0, 0]


def rounded(values):
    return [round(v, 4) for v in values.tolist()]


factors = torch.tensor([2.0, 3.0, 5.0])
reverse, forward = jacrev(product)(factors).tolist(), jacfwd(product)(factors).tolist()
print(f"scatter_reduce prod  jacrev {reverse}  jacfwd {forward}")
assert reverse == [15.0, 10.0, 6.0]
assert forward == [0.0, 0.0, 0.0]

entries = torch.tensor([2.0, 1.0, 3.0])
reverse, forward = rounded(jacrev(corner)(entries)), rounded(jacfwd(corner)(entries))
steps = 1e-6 * torch.eye(3)
measured = rounded(torch.stack([corner(entries + h) - corner(entries - h) for h in steps]) / 2e-6)
print(f"cholesky_inverse     jacrev {reverse}  jacfwd {forward}")
print(f"central differences  {measured}")
assert reverse == measured == [-0.2778, 0.0556, -0.0185]
assert forward == [-0.3086, 0.0617, -0.0123]

leaf = factors.clone().requires_grad_()
passes = gradcheck(product, (leaf,))
both = gradcheck(product, (leaf,), check_forward_ad=True, raise_exception=False)
print(f"gradcheck            reverse passes: {passes}, with forward mode: {'passes' if both else 'refused'}")
assert passes and not both
PYTHON
