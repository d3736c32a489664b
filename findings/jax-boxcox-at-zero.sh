#!/usr/bin/env bash
# jax 0.10.2: the slope of boxcox by lambda is 0 at lambda = 0, where it starts as a logarithm.
#
# Expected: (x**lambda - 1)/lambda, completed by log x, is smooth in lambda: at 0 its slope is
#   (log x)^2/2, 0.2402 for x = 2, and its second derivative (log x)^3/3, 0.111.
# Seen: 0 for both, at exactly that point, in either mode; right at 1e-4 beside it. boxcox1p does
#   the same. The values are right.
# Why: where() picks another formula at the one point, and that formula is constant there.
# For whoever debugs: lambda = 0 is the natural start for a learned Box-Cox transform (the log),
#   and from there it never moves: the gradient is a clean 0, no NaN. Start at 0.01.
#
# Output:
#   boxcox(2, l)    at 0.0     slope 0.0     measured 0.2402
#   boxcox(2, l)    at 0.0001  slope 0.2402  measured 0.2402
#   boxcox1p(2, l)  at 0.0     slope 0.0     measured 0.6035
#   second derivative of boxcox(2, l) at 0.0: 0.0
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    jax==0.10.2 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import jax
from jax.scipy.special import boxcox, boxcox1p

jax.config.update("jax_enable_x64", True)
found = []
for name, f, point in (
    ("boxcox(2, l)", lambda t: boxcox(2.0, t), 0.0),
    ("boxcox(2, l)", lambda t: boxcox(2.0, t), 1e-4),
    ("boxcox1p(2, l)", lambda t: boxcox1p(2.0, t), 0.0),
):
    h = 1e-5
    slope, forward = (round(float(by(f)(point)), 4) for by in (jax.grad, jax.jacfwd))
    measured = round(float(f(point + h) - f(point - h)) / (2 * h), 4)
    found.append((slope, measured))
    print(f"{name:15} at {point:<6}  slope {slope:<6}  measured {measured}")
    assert forward == slope
second = float(jax.hessian(lambda t: boxcox(2.0, t))(0.0))
print(f"second derivative of boxcox(2, l) at 0.0: {second}")
assert found == [(0.0, 0.2402), (0.2402, 0.2402), (0.0, 0.6035)]
assert second == 0.0
PYTHON
