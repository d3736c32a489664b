#!/usr/bin/env bash
# torch 2.13.0: the Hessian of x**y is not symmetric where the exponent is 0.
#
# Expected: x**y is smooth for x > 0, so the mixed second derivative is one number, 1/x at y = 0:
#   0.5 at (2, 0). exp(y log x) gives that in both places, and so does x**y at an exponent of
#   1e-9.
# Seen: [[0, 0], [0.5, 0.4805]]: the slope by y knows of x, the slope by x does not know of y. All
#   of hessian, jacrev of jacrev and jacfwd of jacfwd agree on it, so comparing modes finds
#   nothing. The same with torch 2.14.1; jax 0.10.2 gives 0.5 twice.
# Why: the slope y x**(y - 1) is masked to 0 where y is 0, to spare 0**0 a NaN, and the mask is a
#   constant for the second pass.
# For whoever debugs: learned exponents often start at 0 (focal losses, generalised means, power
#   laws). First derivatives are right there; Newton steps, gradient penalties and influence
#   functions are not. A Hessian that is not symmetric is the sign.
#
# Output:
#   x**y          [[0.0, 0.0], [0.5, 0.4805]]
#   x**y at 1e-09 [[0.0, 0.5], [0.5, 0.4805]]
#   exp(y log x)  [[0.0, 0.5], [0.5, 0.4805]]
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    torch==2.13.0 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import torch
from torch.func import hessian, jacfwd, jacrev

torch.set_default_dtype(torch.float64)


def power(p):
    return p[0] ** p[1]


def spelled_out(p):
    return torch.exp(p[1] * torch.log(p[0]))


def rounded(matrix):
    return (matrix.round(decimals=4) + 0.0).tolist()


at_zero, beside = torch.tensor([2.0, 0.0]), torch.tensor([2.0, 1e-9])
false, true = [[0.0, 0.0], [0.5, 0.4805]], [[0.0, 0.5], [0.5, 0.4805]]
for name, f, point, expected in (
    ("x**y         ", power, at_zero, false),
    ("x**y at 1e-09", power, beside, true),
    ("exp(y log x) ", spelled_out, at_zero, true),
):
    found = rounded(hessian(f)(point))
    print(name, found)
    assert found == expected
    assert rounded(jacrev(jacrev(f))(point)) == rounded(jacfwd(jacfwd(f))(point)) == expected
PYTHON
