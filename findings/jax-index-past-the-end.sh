#!/usr/bin/env bash
# jax 0.10.2 (0.12.0.1 too): an index past the end reads the last entry, whose gradient is 1 or 0
# by how it was asked for.
#
# Expected: the documentation (Sharp Bits) says that an index past the end is clamped to the last
#   entry; then the derivative by that entry is 1, in every mode and for every way to write the
#   index.
# Seen for x = [1, 2]: x[5] and x[[5]] both give 2. The gradient is [0, 1] for x[5], and [0, 0]
#   for x[jnp.array([5])]; forward mode gives 1 for both. jnp.take fills with NaN instead.
# For whoever debugs: an embedding looked up with an id beyond the table returns the last row, and
#   that row does not learn from it; jacfwd against jacrev shows it at once. Set mode="fill" while
#   hunting.
#
# Output:
#   x[5]    value 2.0  reverse [0.0, 1.0]  forward 1.0
#   x[[5]]  value 2.0  reverse [0.0, 0.0]  forward 1.0
#   take    value nan  reverse [0.0, 0.0]  forward 0.0
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    jax==0.10.2 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import jax
import jax.numpy as jnp

x = jnp.array([1.0, 2.0])
by_last = jnp.array([0.0, 1.0])
past = jnp.array([5])
found = {}
for name, read in {
    "x[5]": lambda x: x[5],
    "x[[5]]": lambda x: x[past].sum(),
    "take": lambda x: jnp.take(x, past).sum(),
}.items():
    value, tangent = jax.jvp(read, (x,), (by_last,))
    found[name] = (float(value), jax.grad(read)(x).tolist(), float(tangent))
    print(f"{name:<7} value {found[name][0]}  reverse {found[name][1]}  forward {found[name][2]}")

assert found["x[5]"] == (2.0, [0.0, 1.0], 1.0)
assert found["x[[5]]"] == (2.0, [0.0, 0.0], 1.0)
assert str(found["take"]) == "(nan, [0.0, 0.0], 0.0)"
PYTHON
