#!/usr/bin/env bash
# jax 0.10.2 (0.12.0.1 too): jax.jit takes NaN out of gradients that eager mode reports as NaN.
#
# Expected: jit changes speed, not results; the documentation of jax.jit asks only for pure
#   functions.
# Seen: the gradient of jnp.max of [nan, 2, 1] is [nan, nan, nan] in eager mode and [0, 0, 0]
#   under jit. The Jacobian of sqrt at [0, 1] by jacrev has a NaN beside the infinite slope (0
#   times inf) in eager mode and none under jit; by jacfwd the eager NaN stands in the mirrored
#   place.
# Why: the compiler rewrites select and 0 * x where it knows a factor, and NaN does not survive
#   that.
# For whoever debugs: a NaN that vanishes under jit was not cured, and one that vanishes when jit
#   is turned off for debugging was not the fault hunted. Look for the infinite slope, not for the
#   NaN.
#
# Output:
#   grad of max [nan, 2, 1]: eager [nan, nan, nan]  jit [0.0, 0.0, 0.0]
#   Jacobian of sqrt at [0, 1]:
#     jacrev      [[inf, 0.0], [nan, 0.5]]
#     jacfwd      [[inf, nan], [0.0, 0.5]]
#     jit, jacrev [[inf, 0.0], [0.0, 0.5]]
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    jax==0.10.2 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import jax
import jax.numpy as jnp

at = jnp.array([jnp.nan, 2.0, 1.0])
slope = jax.grad(jnp.max)
eager, compiled = slope(at).tolist(), jax.jit(slope)(at).tolist()
print(f"grad of max [nan, 2, 1]: eager {eager}  jit {compiled}")
assert all(g != g for g in eager)
assert compiled == [0.0, 0.0, 0.0]

at = jnp.array([0.0, 1.0])
found = {
    "jacrev": jax.jacrev(jnp.sqrt)(at).tolist(),
    "jacfwd": jax.jacfwd(jnp.sqrt)(at).tolist(),
    "jit, jacrev": jax.jit(jax.jacrev(jnp.sqrt))(at).tolist(),
}
print("Jacobian of sqrt at [0, 1]:")
for name, matrix in found.items():
    print(f"  {name:<11} {matrix}")
assert str(found["jacrev"]) == "[[inf, 0.0], [nan, 0.5]]"
assert str(found["jacfwd"]) == "[[inf, nan], [0.0, 0.5]]"
assert str(found["jit, jacrev"]) == "[[inf, 0.0], [0.0, 0.5]]"
PYTHON
