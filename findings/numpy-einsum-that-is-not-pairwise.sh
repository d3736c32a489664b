#!/usr/bin/env bash
# numpy 2.4.6: einsum with optimize=True may leave three operands in one loop, many times the
# work.
#
# Expected: optimize=True means "greedy" (documentation of numpy.einsum), which contracts
#   pairwise; for abc,dbe,cef->adf with all lengths 24, in two steps of at most 24^5 operations
#   instead of one loop of 24^6.
# Seen: einsum_path answers with a single contraction of all three and a theoretical speedup of 1:
#   no intermediate may be larger than the largest operand or result (24^3 here), and each pair
#   needs 24^4. With the bound lifted, optimize=("greedy", 1 << 24), it takes two steps and 18
#   times fewer operations (and 30 times less time, since the steps become matrix products).
# For whoever debugs: the VJP of an einsum is an einsum of the other operands with the cotangent,
#   so backward is hit even where forward was quick. Where a backward pass is inexplicably slow,
#   print einsum_path of the transposed call.
#
# Output:
#   optimize=True                 steps 1  speedup 1.0
#   optimize=('greedy', 16777216) steps 2  speedup 18.0
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import re

import numpy as np

size = 24
operands = [np.ones((size, size, size))] * 3
found = {}
for optimize in (True, ("greedy", 1 << 24)):
    path, report = np.einsum_path("abc,dbe,cef->adf", *operands, optimize=optimize)
    speedup = float(re.search(r"speedup:\s+([\d.e+]+)", report)[1])
    found[optimize] = (len(path) - 1, speedup)
    print(f"optimize={optimize!s:<20} steps {found[optimize][0]}  speedup {speedup}")

assert found[True][0] == 1
assert found[True][1] <= 1.001
steps, speedup = found["greedy", 1 << 24]
assert steps == 2
assert speedup > 10
PYTHON
