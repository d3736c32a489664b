#!/usr/bin/env bash
# jax 0.10.2 (CPU): jnp.cross of a vector with itself is not zero, and the guard that keeps the
# slope of its length from being NaN there lets a slope of full size through.
#
# Expected: u v - v u is zero in floating point, for any two numbers, as in NumPy. A length that is
#   guarded by where, the root of 1 in place of that of 0, has the slope 0 where vectors are
#   parallel.
# Seen: without jit being asked for, every entry of the product is of the size of its rounding, and
#   the slope of the length is up to 3.7. Under jax.disable_jit() all of it is exactly zero.
# Why: jnp.cross is compiled as a whole where it is called, and the compiler makes one fused
#   multiply and add of u v - v u: one product is rounded, the other is not. Known of
#   values: github.com/jax-ml/jax/issues/18507.
# For whoever debugs: disable_jit() hides this. Guard by a length that rounding cannot reach, such
#   as 1e-6 of that of the operands, and not by zero.
#
# Output:
#   entries of x cross x that are not zero: JAX 3000 of 3000, disable_jit 0, NumPy 0
#   largest slope of the length of x cross y at y = x: JAX 3.7, disable_jit 0.0
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import jax
import jax.numpy as jnp
import numpy as np

numbers = np.random.default_rng(0).normal(size=(1000, 3)).astype(np.float32)
x = jnp.asarray(numbers)


def length(y):
    squares = jnp.square(jnp.cross(x, y)).sum(axis=1)
    is_safe = squares > 0
    return jnp.where(is_safe, jnp.sqrt(jnp.where(is_safe, squares, 1)), 0).sum()


def seen():
    entries = jnp.count_nonzero(jnp.cross(x, x)).item()
    return entries, round(jnp.abs(jax.grad(length)(x)).max().item(), 1)


entries, slope = seen()
with jax.disable_jit():
    plain_entries, plain_slope = seen()
numpys = np.count_nonzero(np.cross(numbers, numbers))
print(
    f"entries of x cross x that are not zero: JAX {entries} of {x.size}, "
    f"disable_jit {plain_entries}, NumPy {numpys}"
)
print(f"largest slope of the length of x cross y at y = x: JAX {slope}, disable_jit {plain_slope}")

assert entries > 2000
assert slope > 1
assert plain_entries == numpys == 0
assert plain_slope == 0
PYTHON
