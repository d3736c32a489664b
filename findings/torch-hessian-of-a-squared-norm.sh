#!/usr/bin/env bash
# torch 2.13.0: the Hessian of the squared length of a vector is 0 or NaN at the zero vector,
# never 2I.
#
# Expected: norm(x)**2 is x.x, whose second derivative is 2I everywhere, at 0 too.
# Seen at 0: torch.func.hessian gives zeros, torch.autograd.functional.hessian gives NaN; both
#   give 2I at [1, 0], and x @ x gives 2I at 0 by either.
# Why: the slope of the norm at 0 is set to 0 (a chosen subgradient), and choosing it once more
#   for the second derivative loses the curvature; one of the two ways still divides by the norm.
# For whoever debugs: weight decay, RBF kernels exp(-norm(x - y)**2) at x = y, and energies that
#   square a norm look flat to a Newton step exactly where they start. Square the entries instead.
#
# Output:
#   norm(x)**2 at [0, 0]: func [[0.0, 0.0], [0.0, 0.0]]  functional [[nan, nan], [nan, nan]]
#   norm(x)**2 at [1, 0]: func [[2.0, 0.0], [0.0, 2.0]]  functional [[2.0, 0.0], [0.0, 2.0]]
#   x @ x      at [0, 0]: func [[2.0, 0.0], [0.0, 2.0]]  functional [[2.0, 0.0], [0.0, 2.0]]
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    torch==2.13.0 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import torch

torch.set_default_dtype(torch.float64)


def hessians(title, f, at):
    x = torch.tensor(at)
    func = torch.func.hessian(f)(x) + 0.0
    functional = torch.autograd.functional.hessian(f, x) + 0.0
    print(f"{title}: func {func.tolist()}  functional {functional.tolist()}")
    return func, functional


def squared_norm(x):
    return torch.linalg.vector_norm(x) ** 2


right = 2 * torch.eye(2)
func, functional = hessians("norm(x)**2 at [0, 0]", squared_norm, [0.0, 0.0])
assert (func == 0).all()
assert functional.isnan().all()
for pair in (
    hessians("norm(x)**2 at [1, 0]", squared_norm, [1.0, 0.0]),
    hessians("x @ x      at [0, 0]", lambda x: x @ x, [0.0, 0.0]),
):
    assert all(torch.allclose(hessian, right) for hessian in pair)
PYTHON
