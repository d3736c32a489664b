#!/usr/bin/env bash
# torch 2.14.1: fmax and fmin send the gradient to the NaN that they leave out, as well as to the
# number that they take.
#
# Expected: fmax(NaN, 1) is 1 because the NaN is not taken (documentation of torch.fmax), so the
#   slopes are 0 for the NaN and 1 for the number; 2.13.0 and jax 0.10.2 give that.
# Seen: backward gives 1 to both, the slopes of one value adding up to 2. Forward mode gives (0, 1)
#   in either order, so for (1, NaN) it follows the NaN alone. Both modes share a tie by halves.
# For whoever debugs: fmax is taken to step over what could not be computed. Whatever made the NaN
#   now gets a gradient, and mostly turns it into NaN for every parameter before it: 0/0 here.
#   Moving to 2.14 can so end a training that 2.13 went through.
#
# Output:
#   fmax(nan, 1) = 1.0  backward (1.0, 1.0)  forward (0.0, 1.0)
#   fmax(1, nan) = 1.0  backward (1.0, 1.0)  forward (0.0, 1.0)
#   fmin(nan, 1) = 1.0  backward (1.0, 1.0)  forward (0.0, 1.0)
#   fmin(1, nan) = 1.0  backward (1.0, 1.0)  forward (0.0, 1.0)
#   fmax(x/x, 1) at 0 = 1.0  backward nan
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    torch==2.14.1 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
from math import isnan, nan

import torch
from torch.func import grad, jacfwd


def numbers(tensors):
    return tuple(t.item() for t in tensors)


for name in ("fmax", "fmin"):
    f = getattr(torch, name)
    for a, b in ((nan, 1.0), (1.0, nan)):
        point = torch.tensor(a), torch.tensor(b)
        backward = numbers(grad(f, argnums=(0, 1))(*point))
        forward = numbers(jacfwd(f, argnums=(0, 1))(*point))
        value = f(*point).item()
        print(f"{name}({a:g}, {b:g}) = {value}  backward {backward}  forward {forward}")
        assert (value, backward, forward) == (1.0, (1.0, 1.0), (0.0, 1.0))


def stepped_over(x):
    return torch.fmax(x / x, torch.tensor(1.0))


zero = torch.tensor(0.0)
value, slope = stepped_over(zero).item(), grad(stepped_over)(zero).item()
print(f"fmax(x/x, 1) at 0 = {value}  backward {slope}")
assert value == 1.0
assert isnan(slope)
PYTHON
