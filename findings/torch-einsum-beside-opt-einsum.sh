#!/usr/bin/env bash
# torch 2.14.1, float32: what einsum of three tensors gives, and its gradients, depends on whether
# opt_einsum is installed, which JAX brings along.
#
# Expected: a program has one result whatever else is installed. PyTorch alone multiplies from left
#   to right, as the string is written.
# Seen: y = W U x as "ij,jk,k->i" with weights of 1e20 and an x of 1e-20 is infinite, and so is
#   x.grad; where opt_einsum can be imported both are finite and right. W.grad differs in its fifth
#   digit: from left to right its backward pass goes through numbers that float32 has no room for.
# Why: torch.backends.opt_einsum is switched on where the package can be imported, and orders three
#   operands or more by what the products cost. Here that is the order that does not overflow; with
#   other shapes it is the one that does.
# For whoever debugs: a run may be whole on one machine and infinite on another with the same PyTorch.
#   Ask torch.backends.opt_einsum.is_available(), compare with `enabled = False`, and where the
#   order matters write two products.
#
# Output:
#   torch alone      y inf    x.grad inf    W.grad 1.99999e-20
#   with opt_einsum  y 4e+20  x.grad 4e+20  W.grad 2e-20
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
install() {
    "$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check "$@"
}
install torch==2.14.1 numpy==2.4.6
cat >"$folder/product.py" <<'PYTHON'
import sys

import torch

W, U = (torch.full((2, 2), 1e20, requires_grad=True) for _ in range(2))
x = torch.full((2,), 1e-20, requires_grad=True)
y = torch.einsum("ij,jk,k->i", W, U, x)
y.backward(torch.full((2,), 1e-20))
numbers = [f"{number:.6g}" for number in (y[0].item(), x.grad[0].item(), W.grad[0, 0].item())]
print(f"{sys.argv[1]:<15}  y {numbers[0]:<5}  x.grad {numbers[1]:<5}  W.grad {numbers[2]}")
has_it = torch.backends.opt_einsum.is_available()
assert has_it == (sys.argv[1] == "with opt_einsum")
assert numbers == (["4e+20", "4e+20", "2e-20"] if has_it else ["inf", "inf", "1.99999e-20"])
PYTHON
"$folder/venv/bin/python" "$folder/product.py" "torch alone"
install opt_einsum==3.4.0
"$folder/venv/bin/python" "$folder/product.py" "with opt_einsum"
