#!/usr/bin/env bash
# paddlepaddle 3.3.1 (CPU): where several entries are the largest, the infinity norm gives each of
# them the whole slope.
#
# Expected: the norm of (2, 2, 1) is max |x|; along (1, 1, 0) both largest entries move together
#   and the norm grows just as fast, a slope of 1, so the two slopes must add up to 1, as those of
#   paddle.max and amax do (a half each).
# Seen: (1, 1, 0), a slope of 2 along that direction where 1 is measured; with n largest entries
#   it is n. linalg.norm, vector_norm and dist agree. For (3, 2, 1) all is right.
# For whoever debugs: weights that were clipped or quantised, and signs of +-1, are all ties. A
#   penalty by the infinity norm then pulls n times too hard, and a normalisation by it breaks
#   what must be 0 in the sum. x.abs().max() is the same number with the right slope.
#
# Output:
#   norm(x, inf)         at [2, 2, 1]: gradient [1.0, 1.0, 0.0]  along (1, 1, 0) 2.0  measured 1.0
#   vector_norm(x, inf)  at [2, 2, 1]: gradient [1.0, 1.0, 0.0]  along (1, 1, 0) 2.0  measured 1.0
#   dist(x, 0, inf)      at [2, 2, 1]: gradient [1.0, 1.0, 0.0]  along (1, 1, 0) 2.0  measured 1.0
#   abs(x).max()         at [2, 2, 1]: gradient [0.5, 0.5, 0.0]  along (1, 1, 0) 1.0  measured 1.0
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    paddlepaddle==3.3.1 numpy==2.4.6
"$folder/venv/bin/python" - 2>"$folder/log" <<'PYTHON' || { cat "$folder/log" >&2; exit 1; }
from math import inf

import numpy as np
import paddle

paddle.set_device("cpu")
TIED, DIRECTION, STEP = np.array([2.0, 2.0, 1.0]), np.array([1.0, 1.0, 0.0]), 1e-6


def zero():
    return paddle.zeros([3], "float64")


found = []
for name, f in (
    ("norm(x, inf)", lambda x: paddle.linalg.norm(x, inf)),
    ("vector_norm(x, inf)", lambda x: paddle.linalg.vector_norm(x, inf)),
    ("dist(x, 0, inf)", lambda x: paddle.dist(x, zero(), inf)),
    ("abs(x).max()", lambda x: x.abs().max()),
):
    x = paddle.to_tensor(TIED, stop_gradient=False)
    f(x).backward()
    gradient = x.grad.tolist()
    ahead, behind = (f(paddle.to_tensor(TIED + s * DIRECTION)).item() for s in (STEP, -STEP))
    along, measured = float(gradient @ DIRECTION), round((ahead - behind) / (2 * STEP), 6)
    found.append((gradient, along, measured))
    print(
        f"{name:20} at [2, 2, 1]: gradient {gradient}  along (1, 1, 0) {along}"
        f"  measured {measured}"
    )
assert found[:3] == [([1.0, 1.0, 0.0], 2.0, 1.0)] * 3
assert found[3] == ([0.5, 0.5, 0.0], 1.0, 1.0)
PYTHON
