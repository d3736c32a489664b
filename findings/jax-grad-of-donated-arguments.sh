#!/usr/bin/env bash
# jax 0.10.2 (CPU): jax.grad of a jitted function that donates its argument cannot finish, and the
# caller's array is gone all the same.
#
# Expected: donate_argnums says that the caller does not need the array after the call. The
#   gradient's own pass does need it, so it would be kept until then, or the donation be refused.
# Seen: the jitted function by itself has its value; jax.grad of it raises that the array has been
#   deleted; afterwards the caller's array is deleted, though no gradient came of it.
# Why: the forward part of the gradient runs the jitted function, which gives the buffer away, and
#   the backward part reads the argument once more.
# For whoever debugs: differentiate the function without donation, and donate in a jit around the
#   whole step, as training loops do.
#
# Output:
#   value            573.885
#   grad             ValueError: Buffer has been deleted or donated
#   argument deleted True
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import math

import jax
import jax.numpy as jnp


@jax.jit
def plain(x):
    return jnp.sum(jnp.sin(x) * x)


donating = jax.jit(plain.__wrapped__, donate_argnums=0)
value = float(plain(jnp.full(1000, 0.8)))
print(f"value            {value:.3f}")
assert math.isclose(value, 1000 * 0.8 * math.sin(0.8), rel_tol=1e-4)
assert jax.grad(plain)(jnp.full(1000, 0.8)).shape == (1000,)
x = jnp.full(1000, 0.8)
try:
    jax.grad(donating)(x)
except ValueError as error:
    assert "Buffer has been deleted or donated" in str(error)
    print("grad             ValueError: Buffer has been deleted or donated")
else:
    raise AssertionError("the gradient of a donating function has come")
print(f"argument deleted {x.is_deleted()}")
assert x.is_deleted()
PYTHON
