#!/usr/bin/env bash
# torch 2.13.0: the slope of hardsigmoid is 1/6 to single precision only, in float64 too.
#
# Expected: between −3 and 3 hardsigmoid(x) = x/6 + 1/2, so in float64 the slope is
#   0.16666666666666666. hardswish, which has the same 1/6 in it, is exact to float64.
# Seen: backward gives 0.1666666716337204, the float32 next to 1/6: off by 3e-8. The value is exact.
# For whoever debugs: gradcheck's default tolerances let it pass, a comparison to 1e-9 with any other
#   program that computes in float64 does not, and the difference looks like float32 somewhere in
#   one's own code.
#
# Output:
#   hardsigmoid(1) = 0.6666666666666666  slope 0.1666666716337204  float32 of 1/6 0.1666666716337204
#   hardswish(1) = 0.6666666666666666  slope 0.8333333333333333
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    torch==2.13.0 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import torch
from torch.nn import functional


def at_one(f):
    x = torch.tensor(1.0, dtype=torch.float64, requires_grad=True)
    y = f(x)
    y.backward()
    return y.item(), x.grad.item()


sixth = torch.tensor(1 / 6, dtype=torch.float32).double().item()
value, slope = at_one(functional.hardsigmoid)
print(f"hardsigmoid(1) = {value}  slope {slope}  float32 of 1/6 {sixth}")
assert abs(value - 2 / 3) < 1e-15
assert slope == sixth != 1 / 6
value, slope = at_one(functional.hardswish)
print(f"hardswish(1) = {value}  slope {slope}")
assert abs(slope - 5 / 6) < 1e-15
PYTHON
