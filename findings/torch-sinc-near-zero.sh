#!/usr/bin/env bash
# torch 2.13.0: near 0, torch.sinc loses the digits of its slope and of its curvature.
#
# Expected: sin(pi x)/(pi x) is smooth; near 0 its slope is -pi^2 x/3 and its second derivative
#   -pi^2/3 = -3.2899 (mpmath.diff gives both; the gradient of jax.numpy.sinc has them too). The
#   documentation of torch.sinc makes the value at 0 equal to 1.
# Seen in float64: torch.func.hessian gives 0 at 0 and at 1e-9, and -5.68 at 1e-8; grad of grad
#   gives NaN at 0; the slope is 0 at 1e-9 and wrong by a third at 1e-8.
# For whoever debugs: only the value was made safe at the removable point. A curvature of exactly
#   0, or a NaN in the second derivative only, at inputs that are zero, points here (band-limited
#   interpolation, positional filters).
#
# Output (x, torch slope, torch hessian, torch grad of grad, true slope, true second derivative):
#   0.0    0.0         0.0      nan      0.0         -3.2899
#   1e-09  0.0         0.0      0.0      -3.29e-09   -3.2899
#   1e-08  -2.106e-08  -5.6823  -5.212   -3.29e-08   -3.2899
#   0.0001 -0.000329   -3.2899  -3.2899  -0.000329   -3.2899
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    torch==2.13.0 numpy==2.4.6 mpmath==1.3.0
"$folder/venv/bin/python" - <<'PYTHON'
from math import isnan, pi

import mpmath
import torch
from torch.func import grad, hessian

torch.set_default_dtype(torch.float64)
mpmath.mp.dps = 50
rows = {}
for x in (0.0, 1e-9, 1e-8, 1e-4):
    at = torch.tensor(x)
    rows[x] = [
        grad(torch.sinc)(at).item(),
        hessian(torch.sinc)(at).item(),
        grad(grad(torch.sinc))(at).item(),
        float(mpmath.diff(mpmath.sincpi, x)),
        float(mpmath.diff(mpmath.sincpi, x, 2)),
    ]
    slope, curvature, again, true_slope, true_curvature = rows[x]
    print(
        f"{x:<6} {slope:<11.4} {round(curvature, 4):<8} {round(again, 4):<8}"
        f" {true_slope:<11.4} {round(true_curvature, 4)}"
    )

assert rows[0.0][1] == 0.0
assert isnan(rows[0.0][2])
assert rows[1e-9][:3] == [0.0, 0.0, 0.0]
assert rows[1e-8][1] < -5.5
assert abs(rows[1e-4][1] + pi**2 / 3) < 1e-4
assert all(abs(row[4] + pi**2 / 3) < 1e-4 for row in rows.values())
PYTHON
