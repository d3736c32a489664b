#!/usr/bin/env bash
# torch 2.14.1 (2.13.0 too): with a dim, take_along_dim takes an index past the end and begins again
# at the start; without one, and in gather, take and index_select, the same index is an error.
#
# Expected: take_along_dim(x, i, 0) of a vector is gather(x, 0, i) and NumPy's take_along_axis, both
#   of which refuse index 3 of three entries. Its documentation says nothing of going around.
# Seen: 3 gives entry 0, 100 gives entry 1, -4 gives entry 2, each without a word; backward adds to
#   those entries. Leaving dim out raises "index 3 is out of bounds", for -1 too.
# For whoever debugs: an argsort or a label that belongs to another array (a longer one, or one
#   before padding was cut off) does not stop here. The value is some entry of the right array, and
#   its gradient is right for that value, so nothing downstream looks wrong but the loss.
#
# Output:
#   take_along_dim(x, [3], 0)    10.0   gradient [1.0, 0.0, 0.0]
#   take_along_dim(x, [100], 0)  20.0   gradient [0.0, 1.0, 0.0]
#   take_along_dim(x, [-4], 0)   30.0   gradient [0.0, 0.0, 1.0]
#   take_along_dim(x, [3])       RuntimeError
#   gather(x, 0, [3])            RuntimeError
#   numpy.take_along_axis        IndexError
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    torch==2.14.1 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import numpy as np
import torch

numbers = [10.0, 20.0, 30.0]


def refused(what, call, error):
    try:
        call()
    except error:
        print(f"{what:<28} {error.__name__}")
    else:
        raise AssertionError(f"{what} is not refused")


for index, entry in ((3, 0), (100, 1), (-4, 2)):
    x = torch.tensor(numbers, requires_grad=True)
    y = torch.take_along_dim(x, torch.tensor([index]), 0)
    y.backward(torch.ones(1))
    called = f"take_along_dim(x, [{index}], 0)"
    print(f"{called:<28} {y.item():<6} gradient {x.grad.tolist()}")
    assert y.item() == numbers[entry]
    assert x.grad.tolist() == [float(k == entry) for k in range(3)]

x, past = torch.tensor(numbers), torch.tensor([3])
refused("take_along_dim(x, [3])", lambda: torch.take_along_dim(x, past), RuntimeError)
refused("gather(x, 0, [3])", lambda: torch.gather(x, 0, past), RuntimeError)
refused(
    "numpy.take_along_axis",
    lambda: np.take_along_axis(np.array(numbers), np.array([3]), axis=0),
    IndexError,
)
PYTHON
