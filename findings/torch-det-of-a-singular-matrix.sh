#!/usr/bin/env bash
# torch 2.13.0: the determinant of a singular matrix has one gradient in backward() and another in
# torch.func.grad.
#
# Expected: d det/dA is the cofactor matrix, which exists for every matrix; for [[1, 2], [2, 4]]
#   it is [[4, -2], [-2, 1]] (Jacobi formula; JAX and SymPy give it too). And torch.func.grad
#   computes what backward() computes.
# Seen: backward() gives zeros, torch.func.grad the cofactors, torch.func.jacfwd zeros again.
# Why: backward takes a shortcut for a matrix whose determinant is exactly zero; under torch.func
#   the determinant may not be looked at, so the general formula runs on a slightly shifted
#   factorisation.
# For whoever debugs: a zero gradient through det says nothing about the loss. Two programs that
#   differ only in how they ask for the gradient may train differently.
#
# Output:
#   backward        [[0.0, 0.0], [0.0, 0.0]]
#   torch.func.grad [[4.0, -2.0], [-2.0, 1.0]]
#   jacfwd          [[0.0, 0.0], [0.0, 0.0]]
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    torch==2.13.0 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import torch
from torch.func import grad, jacfwd
from torch.linalg import det

torch.set_default_dtype(torch.float64)
singular = torch.tensor([[1.0, 2.0], [2.0, 4.0]])


def rounded(matrix):
    return (matrix.round(decimals=6) + 0.0).tolist()


leaf = singular.clone().requires_grad_()
det(leaf).backward()
backward, func, forward = map(rounded, (leaf.grad, grad(det)(singular), jacfwd(det)(singular)))
print(f"backward        {backward}\ntorch.func.grad {func}\njacfwd          {forward}")
assert backward == forward == [[0.0, 0.0], [0.0, 0.0]]
assert func == [[4.0, -2.0], [-2.0, 1.0]]
PYTHON
