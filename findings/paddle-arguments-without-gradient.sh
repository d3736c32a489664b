#!/usr/bin/env bash
# paddlepaddle 3.3.1 (CPU): the weight of lerp and the variance of gaussian_nll_loss receive no
# gradient, without a word.
#
# Expected: lerp(x, y, w) is x + w (y - x), with slope y - x by w, as torch gives and as the
#   expression spelled out gives here. The loss log(var)/2 + (input - label)^2/(2 var) has the
#   slope 1/(2 var) - (input - label)^2/(2 var^2) by var. Both accept tensors there.
# Seen: both gradients are exactly 0. If w alone asks for a gradient, the result of lerp has
#   stop_gradient set: the graph ends there.
# For whoever debugs: a learned mixing weight or a learned variance that never moves is not
#   saturated; the argument is not differentiated. Spell the expression out.
#
# Output:
#   lerp              by x, y, w [0.75, 0.25, 0.0]  spelled out [0.75, 0.25, 2.0]
#   gaussian_nll_loss by input, var [0.5, 0.0]  spelled out [0.5, 0.125]
#   lerp of w alone   stop_gradient True
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    paddlepaddle==3.3.1 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import paddle
from paddle.nn.functional import gaussian_nll_loss

paddle.set_device("cpu")


def gradient(f, start):
    x = paddle.to_tensor(start, stop_gradient=False)
    f(x).backward()
    return [round(g, 6) for g in x.grad.tolist()]


mixed = gradient(lambda x: paddle.lerp(x[0], x[1], x[2]), [1.0, 3.0, 0.25])
spelled_mix = gradient(lambda x: x[0] + x[2] * (x[1] - x[0]), [1.0, 3.0, 0.25])
label = paddle.to_tensor([0.0])
loss = gradient(lambda x: gaussian_nll_loss(x[:1], label, x[1:]), [1.0, 2.0])
spelled_loss = gradient(lambda x: x[1].log() / 2 + x[0] ** 2 / (2 * x[1]), [1.0, 2.0])
weight = paddle.to_tensor(0.25, stop_gradient=False)
ends = paddle.lerp(paddle.to_tensor(1.0), paddle.to_tensor(3.0), weight).stop_gradient
print(f"lerp              by x, y, w {mixed}  spelled out {spelled_mix}")
print(f"gaussian_nll_loss by input, var {loss}  spelled out {spelled_loss}")
print(f"lerp of w alone   stop_gradient {ends}")
assert mixed == [0.75, 0.25, 0.0]
assert spelled_mix == [0.75, 0.25, 2.0]
assert loss == [0.5, 0.0]
assert spelled_loss == [0.5, 0.125]
assert ends
PYTHON
