#!/usr/bin/env bash
# jax 0.10.2: second derivatives of betaln are wrong wherever its two arguments are equal.
#
# Expected: log B(a, b) = gammaln(a) + gammaln(b) - gammaln(a + b) is smooth for positive a and b;
#   at (1, 1) its Hessian is [[1, -0.6449], [-0.6449, 1]] (trigamma), which the sum spelled out
#   gives, and betaln too at (1, 1.0001), nearly.
# Seen: 0.1775 in all four places, and the same kind of number at every a = b. The first
#   derivatives are right. beta.logpdf inherits it: the second derivative by a at (1, 1) is
#   -0.1775 and not -1.
# Why: betaln sorts its arguments by minimum and maximum, which share the slope at a tie; that
#   makes a constant of what the second pass needs.
# For whoever debugs: symmetric priors, Beta(1, 1) first, are the usual start, and there Newton's
#   method and Laplace approximations take a step several times too long, or meet a singular
#   matrix. A check of second derivatives at random points passes.
#
# Output:
#   betaln (1, 1)        [[0.1775, 0.1775], [0.1775, 0.1775]]
#   betaln (1, 1.0001)   [[1.0, -0.6449], [-0.6449, 0.9998]]
#   by gammaln (1, 1)    [[1.0, -0.6449], [-0.6449, 1.0]]
#   logpdf by a (1, 1)   -0.1775
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    jax==0.10.2 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import jax
from jax.scipy.special import betaln, gammaln
from jax.scipy.stats import beta

jax.config.update("jax_enable_x64", True)


def spelled_out(a, b):
    return gammaln(a) + gammaln(b) - gammaln(a + b)


def hessian(f, a, b):
    rows = jax.hessian(f, argnums=(0, 1))(a, b)
    return [[round(float(x), 4) for x in row] for row in rows]


tie, beside = hessian(betaln, 1.0, 1.0), hessian(betaln, 1.0, 1.0001)
truth = hessian(spelled_out, 1.0, 1.0)
density = round(float(jax.grad(jax.grad(lambda a: beta.logpdf(0.5, a, 1.0)))(1.0)), 4)
print(f"betaln (1, 1)        {tie}\nbetaln (1, 1.0001)   {beside}")
print(f"by gammaln (1, 1)    {truth}\nlogpdf by a (1, 1)   {density}")
assert tie == [[0.1775, 0.1775], [0.1775, 0.1775]]
assert beside == [[1.0, -0.6449], [-0.6449, 0.9998]]
assert truth == [[1.0, -0.6449], [-0.6449, 1.0]]
assert density == -0.1775
slopes = [round(float(x), 4) for x in jax.grad(betaln, argnums=(0, 1))(1.0, 1.0)]
assert slopes == [-1.0, -1.0]
PYTHON
