#!/usr/bin/env bash
# autograd 1.9.1: np.tile with one number as reps gives a silently wrong gradient for a matrix.
#
# Expected: np.tile(A, 2) of a 2x2 matrix repeats along the last axis (NumPy documentation: reps
#   is filled up with ones in front), so the gradient of an entry is the sum over its own two
#   copies; np.tile(A, (1, 2)) is the same call, and its gradient is right.
# Seen: with weights 1 to 8 on the tiled entries, reps=2 gives [[6, 8], [10, 12]] and not [[4, 6],
#   [12, 14]]: the copies are summed as if they lay along the first axis. The total is the same,
#   so sums of gradients look right. The value and the shape are right, and no error is raised.
# For whoever debugs: write reps as a full tuple; compare with finite differences per entry, since
#   a check along the vector of ones passes.
#
# Output:
#   tile(A, 2)       [[6.0, 8.0], [10.0, 12.0]]
#   tile(A, (1, 2))  [[4.0, 6.0], [12.0, 14.0]]
#   measured         [[4.0, 6.0], [12.0, 14.0]]
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    autograd==1.9.1 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import autograd.numpy as np
from autograd import grad

weights = np.arange(1.0, 9.0).reshape(2, 4)
matrix = np.array([[0.5, -1.0], [2.0, 3.0]])


def tiled(reps):
    return lambda a: np.sum(np.tile(a, reps) * weights)


def measured(f, a, h=1e-6):
    """Central differences, entry by entry."""
    slopes = np.zeros(a.shape)
    for place in np.ndindex(*a.shape):
        step = np.zeros(a.shape)
        step[place] = h
        slopes[place] = (f(a + step) - f(a - step)) / (2 * h)
    return slopes.round(6)


one_number = grad(tiled(2))(matrix).tolist()
full = grad(tiled((1, 2)))(matrix).tolist()
truth = measured(tiled(2), matrix).tolist()
print(f"tile(A, 2)       {one_number}")
print(f"tile(A, (1, 2))  {full}")
print(f"measured         {truth}")
assert full == truth == [[4.0, 6.0], [12.0, 14.0]]
assert one_number == [[6.0, 8.0], [10.0, 12.0]]
PYTHON
