#!/usr/bin/env bash
# mlx 0.32.4 (CPU): forward mode through addmm ignores alpha and beta; reverse mode does not.
#
# Expected: addmm(C, A, B, alpha, beta) is beta C + alpha A @ B (documentation of mlx.core.addmm),
#   so its tangent has the same two factors.
# Seen with C = 1, A = 2, B = 5, alpha = 0.5, beta = 2: mx.grad gives (2, 2.5, 1). mx.jvp along
#   (1, 1, 1) gives 1 + 5 + 2 = 8 in place of 2 + 2.5 + 1 = 5.5; along one input alone the factor
#   of C is missing and those of A and B are there.
# For whoever debugs: momentum-like or scaled residual layers written with addmm have a wrong
#   forward mode only where a factor is not 1, which the usual test with the defaults never sees.
#
# Output:
#   jvp of 2 C + 0.5 A @ B  5.5
#   jvp of addmm            8.0
#   grad of addmm           [2.0, 2.5, 1.0]
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    mlx==0.32.4 mlx-cpu==0.32.4
"$folder/venv/bin/python" - <<'PYTHON'
import mlx.core as mx

mx.set_default_device(mx.cpu)
point = [mx.array([[1.0]]), mx.array([[2.0]]), mx.array([[5.0]])]
ones = [mx.ones((1, 1))] * 3


def addmm(c, a, b):
    return mx.addmm(c, a, b, alpha=0.5, beta=2.0)


def forward(f):
    return mx.jvp(f, point, ones)[1][0].item()


spelled, fused = forward(lambda c, a, b: 2.0 * c + 0.5 * (a @ b)), forward(addmm)
gradients = mx.grad(lambda c, a, b: addmm(c, a, b).sum(), argnums=(0, 1, 2))(*point)
reverse = [g.item() for g in gradients]
print(f"jvp of 2 C + 0.5 A @ B  {spelled}")
print(f"jvp of addmm            {fused}\ngrad of addmm           {reverse}")
assert spelled == sum(reverse) == 5.5
assert fused == 8.0
PYTHON
