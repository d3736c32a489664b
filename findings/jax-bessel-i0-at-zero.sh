#!/usr/bin/env bash
# jax 0.10.2: the smooth Bessel function i0 has slope 1 at 0, through abs; in 0.12.0.1 it is 0.
#
# Expected: I0 is even and smooth, so its slope at 0 is I1(0) = 0 and its second derivative 1/2;
#   I1 has second derivative 0 there. jnp.i0 is the same function.
# Seen: jax.scipy.special.i0 gives 1 and 1.5, i1 gives 1 for its second derivative; jnp.i0 gives
#   0.
# Why: i0(x) is built as exp(|x|) i0e(x), and abs has slope 1 at 0 in JAX, while i0e states its
#   own.
# For whoever debugs: von Mises likelihoods at concentration 0, and Kaiser windows, are pushed by
#   a slope that does not exist. A smooth function can be wrong at the one point where a part of
#   it has a kink: test derivatives at 0, not only at random points.
#
# Output:
#   scipy i0: slope 1.0, second 1.5   numpy i0: slope 0.0   i1: second 1.0   i0 at 1e-9: slope 5e-10
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    jax==0.10.2 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import jax
from jax.scipy.special import i0, i1

jax.config.update("jax_enable_x64", True)
slope, second = float(jax.grad(i0)(0.0)), float(jax.grad(jax.grad(i0))(0.0))
numpy_slope = float(jax.grad(jax.numpy.i0)(0.0))
second_of_i1 = float(jax.grad(jax.grad(i1))(0.0))
near = float(jax.grad(i0)(1e-9))
print(
    f"scipy i0: slope {slope}, second {second}   numpy i0: slope {numpy_slope}"
    f"   i1: second {second_of_i1}   i0 at 1e-9: slope {near:.1g}"
)
assert (slope, second, numpy_slope, second_of_i1) == (1.0, 1.5, 0.0, 1.0)
assert abs(near - 5e-10) < 1e-15
PYTHON
