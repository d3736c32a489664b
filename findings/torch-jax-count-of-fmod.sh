#!/usr/bin/env bash
# torch 2.13.0 and jax 0.10.2: the slope of fmod by its divisor counts another multiple than the
# value does.
#
# Expected: fmod(x, y) = x − n·y, and the slope by y is −n with the same whole n.
# Seen: fmod(0.25, 0.001) is 0.25 − 249·0.001 in both, as C has it, since 0.001 is a little more than
#   a thousandth; the slope by y is −250 in both: it is taken from the quotient x/y, which rounds to
#   250.
# For whoever debugs: a difference in y, on the side where the value does not jump, gives −249.
#
# Output:
#   torch fmod = 0.0009999999999999948 = 0.25 - 249·0.001  slope by y -250.0
#   jax fmod = 0.0009999999999999948 = 0.25 - 249·0.001  slope by y -250.0
#   difference quotient of C's fmod by y, upward: -249
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    torch==2.13.0 jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
from math import fmod

import jax
import jax.numpy as jnp
import torch

jax.config.update("jax_enable_x64", True)
X, Y = 0.25, 0.001

x, y = (torch.tensor(n, dtype=torch.float64, requires_grad=True) for n in (X, Y))
value = torch.fmod(x, y)
value.backward()
found = {"torch": (value.item(), y.grad.item())}
found["jax"] = (
    jnp.fmod(jnp.float64(X), jnp.float64(Y)).item(),
    jax.grad(jnp.fmod, argnums=1)(X, Y).item(),
)
for name, (given, slope) in found.items():
    multiples = round((X - given) / Y)
    print(f"{name} fmod = {given} = {X} - {multiples}·{Y}  slope by y {slope}")
    assert given == fmod(X, Y)
    assert multiples == 249
    assert slope == -250
step = 1e-9
quotient = round((fmod(X, Y + step) - fmod(X, Y)) / step)  # below Y it jumps: there 250 fit
print(f"difference quotient of C's fmod by y, upward: {quotient}")
assert quotient == -249
PYTHON
