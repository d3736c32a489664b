#!/usr/bin/env bash
# jax 0.10.2 (0.12.0.1 too), float32: the slopes of logaddexp at large scores add up to 2, or to
# 0.74.
#
# Expected: the slopes of log(exp a + exp b) are the two shares of a softmax and add up to 1, for
#   any a and b. jax.scipy.special.logsumexp, the same function of an array, keeps to that.
# Seen: at a tie of -1e9, 1e8 or inf both slopes are 1, at -1e7 both are 0.3679; cumlogsumexp,
#   which merges by it, does the same. At inf logsumexp gives NaN, which at least shows.
# Why: the slope is exp(a - result), and the rounding of the result, up to log 2, enters it.
# For whoever debugs: torch has the same slip in the other one of the pair (logsumexp wrong,
#   logaddexp right), so porting moves it. Scores masked with a large negative number, and
#   log-weights of long sequences, get gradients too large or too small by a factor that depends
#   on their size.
#
# Output:
#   -1e+09  logaddexp [1.0, 1.0]        logsumexp [0.5, 0.5]
#   -1e+07  logaddexp [0.3679, 0.3679]  logsumexp [0.5, 0.5]
#   -10     logaddexp [0.5, 0.5]        logsumexp [0.5, 0.5]
#   inf     logaddexp [1.0, 1.0]        logsumexp [nan, nan]
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    jax==0.10.2 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import jax
import jax.numpy as jnp

pair = jax.grad(lambda x: jnp.logaddexp(x[0], x[1]))
array = jax.grad(jax.scipy.special.logsumexp)
found = {}
for size in (-1e9, -1e7, -10.0, jnp.inf):
    scores = jnp.array([size, size])
    found[size] = [[round(g, 4) for g in slopes(scores).tolist()] for slopes in (pair, array)]
    print(f"{size:<7g} logaddexp {found[size][0]!s:<17} logsumexp {found[size][1]}")

half, whole = [0.5, 0.5], [1.0, 1.0]
assert found[-1e9] == [whole, half]
assert found[-1e7] == [[0.3679, 0.3679], half]
assert found[-10.0] == [half, half]
assert found[jnp.inf][0] == whole
assert all(g != g for g in found[jnp.inf][1])
PYTHON
