#!/usr/bin/env bash
# paddlepaddle 3.3.1 (CPU): group_norm without a weight has a wrong gradient; with a weight of
# ones it is right.
#
# Expected: a weight of ones and a bias of zeros are what leaving them out means (documentation of
#   paddle.nn.functional.group_norm: both may be None), so value and gradient are the same.
# Seen: the values agree to all digits. The gradient with the weight agrees with central
#   differences; without it, it differs by 0.10 in each entry here (and for groups of two entries
#   it is 1.5 where the truth is nearly 0).
# For whoever debugs: GroupNorm(weight_attr=False, bias_attr=False) trains on a gradient that does
#   not belong to its loss. Compare a layer with and without its neutral parameters.
#
# Output:
#   with a weight of ones [0.7965, 0.9765, -2.6089, 0.8359]
#   without a weight      [0.8999, 1.0799, -2.5055, 0.9393]
#   measured              [0.7965, 0.9765, -2.6089, 0.8359]
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    paddlepaddle==3.3.1 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import numpy as np
import paddle
from paddle.nn.functional import group_norm

paddle.set_default_dtype("float64")
paddle.set_device("cpu")
weights = paddle.to_tensor([1.0, 2.0, -3.0, 0.5])
start = np.array([0.7, -1.3, 0.4, 2.1])
NEUTRAL = {"weight": paddle.ones([4]), "bias": paddle.zeros([4])}


def loss(x, **affine):
    return (group_norm(x.reshape([1, 4, 1]), 1, **affine).flatten() * weights).sum()


def gradient(**affine):
    x = paddle.to_tensor(start, stop_gradient=False)
    loss(x, **affine).backward()
    return [round(g, 4) for g in x.grad.tolist()]


steps = 1e-6 * np.eye(4)
at = lambda x: loss(paddle.to_tensor(x)).item()
measured = [round((at(start + h) - at(start - h)) / 2e-6, 4) for h in steps]
neutral, without = gradient(**NEUTRAL), gradient()
print(f"with a weight of ones {neutral}\nwithout a weight      {without}")
print(f"measured              {measured}")
assert at(start) == loss(paddle.to_tensor(start), **NEUTRAL).item()
assert neutral == measured == [0.7965, 0.9765, -2.6089, 0.8359]
assert without == [0.8999, 1.0799, -2.5055, 0.9393]
PYTHON
