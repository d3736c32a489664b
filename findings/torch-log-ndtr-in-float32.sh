#!/usr/bin/env bash
# torch 2.13.0: in float32 the slope of log_ndtr is up to six times too steep in the far tail.
#
# Expected: d/dx log Phi(x) is close to -x for very negative x (Mills ratio): 1000.001 at -1000
#   and 10000.0001 at -10000. torch.special.log_ndtr exists to be accurate where log(ndtr(x)) is
#   not.
# Seen: float64 gives just that; float32 gives about 956 and 64930, while its values are right to
#   seven digits.
# Why: the slope is computed as exp(-(x^2)/2 - log_ndtr(x)), a difference of two numbers near 5e7
#   whose rounding is of the order of 1, and exp multiplies it up.
# For whoever debugs: probit likelihoods, truncated normals and censored regression that explode
#   from a few far outliers in float32 only. The value gives no sign; compare one step in float64.
#
# Output (x, float32 slope, float64 slope):
#   -10.0     10.0981       10.0981
#   -1000.0   955.6         1000.0
#   -10000.0  64929.8       10000.0
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    torch==2.13.0 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import torch


def slope(x, dtype):
    leaf = torch.tensor(x, dtype=dtype, requires_grad=True)
    torch.special.log_ndtr(leaf).backward()
    return leaf.grad.item()


found = {x: (slope(x, torch.float32), slope(x, torch.float64)) for x in (-10.0, -1000.0, -10000.0)}
for x, (single, double) in found.items():
    digits = 4 if x == -10.0 else 1
    print(f"{x:<9} {round(single, digits):<13} {round(double, digits)}")

assert abs(found[-10.0][0] - 10.0981) < 1e-3
assert abs(found[-1000.0][1] - 1000.001) < 1e-2
assert abs(found[-10000.0][1] - 10000.0001) < 1e-2
assert abs(found[-1000.0][0] - found[-1000.0][1]) > 30
assert found[-10000.0][0] > 5 * found[-10000.0][1]
PYTHON
