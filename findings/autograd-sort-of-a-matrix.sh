#!/usr/bin/env bash
# autograd 1.9.1: the forward mode of np.sort takes a matrix and answers wrongly, where the
# reverse mode refuses it.
#
# Expected: sorting permutes, so the derivative in a direction is that direction, permuted alike.
# Seen: for [[3, 1], [2, 4]] the sorted rows are [[1, 3], [2, 4]], and the direction [[10, 20],
#   [30, 40]] must become [[20, 10], [30, 40]]; make_jvp gives an array of shape 2x2x2: rows
#   picked where entries were meant. grad raises NotImplementedError for the same call. Vectors
#   are right in both.
# For whoever debugs: an op that refuses in one mode may be silently wrong in the other; and a
#   check of jvp against vjp, the usual one, cannot even run here.
#
# Output:
#   value    [[1.0, 3.0], [2.0, 4.0]]
#   expected [[20.0, 10.0], [30.0, 40.0]]
#   make_jvp [[[30.0, 40.0], [10.0, 20.0]], [[10.0, 20.0], [30.0, 40.0]]]
#   grad     NotImplementedError
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    autograd==1.9.1 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import autograd.numpy as np
from autograd import grad, make_jvp

matrix = np.array([[3.0, 1.0], [2.0, 4.0]])
direction = np.array([[10.0, 20.0], [30.0, 40.0]])
value, forward = make_jvp(np.sort)(matrix)(direction)
h = 1e-6
expected = (np.sort(matrix + h * direction) - np.sort(matrix - h * direction)) / (2 * h)
expected = expected.round(6).tolist()
try:
    grad(lambda a: np.sum(np.sort(a)))(matrix)
    reverse = "an answer"
except NotImplementedError as error:
    reverse = type(error).__name__
print(f"value    {value.tolist()}\nexpected {expected}")
print(f"make_jvp {forward.tolist()}\ngrad     {reverse}")
assert expected == [[20.0, 10.0], [30.0, 40.0]]
assert forward.tolist() == [[[30.0, 40.0], [10.0, 20.0]], [[10.0, 20.0], [30.0, 40.0]]]
assert reverse == "NotImplementedError"
PYTHON
