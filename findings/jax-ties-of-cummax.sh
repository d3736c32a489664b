#!/usr/bin/env bash
# jax 0.10.2: at ties cummax shares the gradient in halves along the tree of its scan, so what an
# entry receives hangs on how many entries follow.
#
# Expected: one rule for ties, such as all to the first or to the last so far (PyTorch 2.13 gives it to
#   the last), or equal shares among those that tie.
# Seen: of three equal entries, with a cotangent of ones, the shares are 1.75, 0.75 and 0.5. Of two
#   ties in front of a smaller entry they are 2 and 1. Each `maximum` of the scan halves a tie, and
#   which pairs it meets is the scan's own affair. The sum is right.
# For whoever debugs: two programs that agree everywhere else differ after a plateau, and neither is
#   wrong by the documentation, which does not say.
#
# Output:
#   jax cummax [2, 2, 2]: [1.75, 0.75, 0.5]
#   jax cummax [2, 2, 1]: [2.0, 1.0, 0.0]
#   jax cummax [2, 2, 2, 2]: [2.0, 1.0, 0.75, 0.25]
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import jax
import jax.numpy as jnp

for numbers in ([2.0, 2.0, 2.0], [2.0, 2.0, 1.0], [2.0, 2.0, 2.0, 2.0]):
    shares = jax.grad(lambda x: jax.lax.cummax(x).sum())(jnp.array(numbers)).tolist()
    print(f"jax cummax {[int(n) for n in numbers]}: {shares}")
    assert sum(shares) == len(numbers)
    if len(set(numbers)) == 1:
        assert len(set(shares)) == len(shares)
PYTHON
