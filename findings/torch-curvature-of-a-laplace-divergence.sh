#!/usr/bin/env bash
# torch 2.13.0: the divergence of two Laplace distributions has no curvature where their centres
# are equal.
#
# Expected: KL(Laplace(m, b) || Laplace(0, b)) is |m|/b + exp(-|m|/b) - 1, which is smooth at m =
#   0: the two kinks cancel, the slope is 0 and the second derivative 1/b^2, the Fisher
#   information: 4 for b = 0.5.
# Seen: hessian gives 0 at m = 0 and 3.9992 at m = 1e-4; a difference quotient of its own gradient
#   gives 4 at 0. kl_divergence of two normal distributions is right at its minimum.
# Why: abs has slope 0 at 0, so both parts vanish in the second pass.
# For whoever debugs: the second derivative of a divergence at equal parameters is the metric of
#   natural gradients and the first check of a Fisher matrix, taken just at this point. The first
#   derivative is right, so gradcheck passes.
#
# Output:
#   Laplace at 0.0    slope 0.0     Hessian 0.0     quotient of slopes 4.0
#   Laplace at 0.0001 slope 0.0004  Hessian 3.9992  quotient of slopes 3.9992
#   Normal  at 0.0    slope 0.0     Hessian 4.0     quotient of slopes 4.0
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    torch==2.13.0 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import torch
from torch.distributions import Laplace, Normal, kl_divergence
from torch.func import grad, hessian

torch.set_default_dtype(torch.float64)
scale = torch.tensor(0.5)
found = {}
for family, centre in ((Laplace, 0.0), (Laplace, 1e-4), (Normal, 0.0)):

    def divergence(m, family=family):
        mine = family(m, scale, validate_args=False)
        return kl_divergence(mine, family(torch.tensor(0.0), scale, validate_args=False))

    at, h = torch.tensor(centre), 1e-6
    slope = grad(divergence)
    quotient = (slope(at + h) - slope(at - h)) / (2 * h)
    numbers = (slope(at), hessian(divergence)(at), quotient)
    found[family, centre] = [round(abs(n.item()), 4) for n in numbers]
    a, b, c = found[family, centre]
    name = family.__name__
    print(f"{name:7} at {centre:<6} slope {a:<6}  Hessian {b:<6}  quotient of slopes {c}")
assert found[Laplace, 0.0] == [0.0, 0.0, 4.0]
assert found[Laplace, 1e-4] == [0.0004, 3.9992, 3.9992]
assert found[Normal, 0.0] == [0.0, 4.0, 4.0]
PYTHON
