#!/usr/bin/env bash
# torch 2.14.1: the gradient of clamp at its bound depends on whether the bound is a number or a
# tensor; in 2.13.0 it did not.
#
# Expected: clamp(x, 0, 1) and clamp(x, tensor(0), tensor(1)) are one function of x (documentation
#   of torch.clamp: min and max are a number or a tensor), so at x = 0 and x = 1 they make one
#   choice between 0 and 1.
# Seen: 2.14.1 gives 0 with numbers and 0.5 with tensors, also where the tensors ask for no
#   gradient; and where x and both bounds are equal tensors it gives 1. 2.13.0 gives 1 each time.
#   hardtanh and relu, which are other spellings of a clamp, are 0 at 0 in both releases. A NaN
#   bound makes the value NaN: 2.13.0 sends x the slope 0 then, 2.14.1 sends it 1.
# For whoever debugs: parameters that are kept in a box by clamp and start on its wall (gates at
#   0, probabilities at 1) moved up to 2.13 and stand still with numbers from 2.14.1 on; bounds
#   from a buffer move at half the speed. None of it shows at random points.
#
# Output:
#   2.13.0 at 0: numbers 1.0  tensors 1.0  hardtanh 0.0  all equal 1.0  NaN bound 0.0
#   2.14.1 at 0: numbers 0.0  tensors 0.5  hardtanh 0.0  all equal 1.0  NaN bound 1.0
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/slopes.py" <<'PYTHON'
import sys
from math import nan

import torch
from torch.func import grad
from torch.nn.functional import hardtanh

release = torch.__version__.split("+")[0]
zero, one = torch.tensor(0.0), torch.tensor(1.0)
found = {
    "numbers": grad(lambda x: torch.clamp(x, 0.0, 1.0))(zero),
    "tensors": grad(lambda x: torch.clamp(x, zero, one))(zero),
    "hardtanh": grad(lambda x: hardtanh(x, 0.0, 1.0))(zero),
    "all equal": grad(lambda x: torch.clamp(x, zero, zero))(zero),
    "NaN bound": grad(lambda x: torch.clamp(x, torch.tensor(nan), one))(torch.tensor(0.5)),
}
print(f"{release} at 0: " + "  ".join(f"{how} {slope.item()}" for how, slope in found.items()))
assert release == sys.argv[1]
assert [slope.item() for slope in found.values()] == [float(word) for word in sys.argv[2:]]
PYTHON
for expected in "2.13.0 1 1 0 1 0" "2.14.1 0 0.5 0 1 1"; do
    release=${expected%% *}
    python3 -m venv "$folder/$release"
    "$folder/$release/bin/python" -m pip install --quiet --no-compile \
        --disable-pip-version-check torch=="$release" numpy==2.4.6
    # shellcheck disable=SC2086 # one word for each slope
    "$folder/$release/bin/python" "$folder/slopes.py" $expected
    rm -rf "${folder:?}/$release"
done
