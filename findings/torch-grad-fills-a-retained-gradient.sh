#!/usr/bin/env bash
# torch 2.13.0 (CPU): autograd.grad, which returns gradients in place of keeping them, fills .grad
# of every result on the way for which retain_grad() was asked.
#
# Expected: grad() leaves .grad alone, as it does that of the input x; h is not even among the inputs
#   that were asked for.
# Seen: h.grad is written by the first call, and a second call, or the backward() that follows,
#   adds to it: 6, then 12, though each pass by itself gives 6.
# Why: retain_grad() is a hook on the node of h; grad() runs every node between the output and its
#   inputs, and their hooks with them.
# For whoever debugs: a look at gradients by autograd.grad before the real backward() doubles what
#   retain_grad() keeps. Set .grad of such results to None after looking, or look at a result that
#   is detached and requires a gradient itself.
#
# Output:
#   after grad()      x.grad None  h.grad [6.0, 6.0]
#   after grad()      x.grad None  h.grad [12.0, 12.0]
#   after backward()  x.grad [18.0, 18.0]  h.grad [18.0, 18.0]
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    torch==2.13.0 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import torch

x = torch.ones(2, requires_grad=True)
h = x * 3
h.retain_grad()
loss = (h * h).sum()


def state():
    return None if x.grad is None else x.grad.tolist(), h.grad.tolist()


seen = []
for _ in range(2):
    torch.autograd.grad(loss, x, retain_graph=True)
    seen.append(state())
    print(f"after grad()      x.grad {seen[-1][0]}  h.grad {seen[-1][1]}")
loss.backward()
seen.append(state())
print(f"after backward()  x.grad {seen[-1][0]}  h.grad {seen[-1][1]}")

assert seen == [(None, [6.0, 6.0]), (None, [12.0, 12.0]), ([18.0, 18.0], [18.0, 18.0])]
PYTHON
