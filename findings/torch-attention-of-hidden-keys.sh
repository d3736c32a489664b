#!/usr/bin/env bash
# torch 2.13.0 (CPU): attention over keys that are all hidden by a large number doubles the
# gradient of the values.
#
# Expected: softmax does not change when the same number is added to every score, so a query whose
#   two keys both carry -1e9 attends to each with weight 1/2, and each value receives 1/2. The
#   output (2.0) is that mean, and the MATH backend agrees with the mathematics in both
#   directions.
# Seen: under FLASH_ATTENTION, which the CPU takes by default, each value receives 1 instead of
#   1/2; with n hidden keys each receives 1 instead of 1/n. The output is right, so nothing shows
#   forward.
# Why: backward rebuilds the weights as exp(score - logsumexp) from a logsumexp kept in float32,
#   and -1e9 + log 2 rounds to -1e9.
# For whoever debugs: padding rows masked with -1e9 or finfo.min send n times too much into the
#   values of that row. Mask with booleans or -inf (the row is then 0, its gradient too), or mask
#   the loss of padded queries. Compare with sdpa_kernel(SDPBackend.MATH) before suspecting the
#   model.
#
# Output:
#   MATH             output 2.0  gradient of the values [0.5, 0.5]
#   FLASH_ATTENTION  output 2.0  gradient of the values [1.0, 1.0]
#   default          output 2.0  gradient of the values [1.0, 1.0]
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    torch==2.13.0 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import contextlib

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.functional import scaled_dot_product_attention

hidden = torch.full((1, 2), -1e9)
seen = {}
for backend in (SDPBackend.MATH, SDPBackend.FLASH_ATTENTION, None):
    query = torch.ones(1, 1, 1, 1)
    keys = torch.ones(1, 1, 2, 1)
    values = torch.tensor([1.0, 3.0]).reshape(1, 1, 2, 1).requires_grad_()
    with sdpa_kernel(backend) if backend else contextlib.nullcontext():
        output = scaled_dot_product_attention(query, keys, values, attn_mask=hidden)
    output.sum().backward()
    name = backend.name if backend else "default"
    seen[name] = (output.item(), values.grad.flatten().tolist())
    print(f"{name:<16} output {seen[name][0]}  gradient of the values {seen[name][1]}")

assert seen["MATH"] == (2.0, [0.5, 0.5])
assert seen["FLASH_ATTENTION"] == seen["default"] == (2.0, [1.0, 1.0])
PYTHON
