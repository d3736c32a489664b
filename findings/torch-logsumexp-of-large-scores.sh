#!/usr/bin/env bash
# torch 2.13.0, float32: the gradient of logsumexp at large equal scores adds up to n, not to 1.
#
# Expected: the gradient of logsumexp is softmax, so it adds up to 1 wherever the scores lie:
#   adding t to each adds t to the value. torch.softmax and torch.logaddexp keep to that here.
# Seen: at (-1e9, -1e9), and at (1e8, 1e8), torch.logsumexp gives 1 to each; with n equal scores
#   the sum is n. At 1e6 it is off in the third digit. logcumsumexp does the same. The value is
#   right.
# Why: the slope is exp(x - result), and result = x + log n rounds to x.
# For whoever debugs: rows masked with -1e9 or finfo.min are not neutral in a loss of logsumexp
#   (CRF, CTC, contrastive losses): the gradient into masked scores is n times too large. Check
#   that the gradient of each logsumexp adds up to 1. The slip grows with the size of the scores;
#   float64 moves it to 1e14 and above.
#
# Output:
#   (-1e+09, -1e+09): logsumexp [1.0, 1.0]  logaddexp [0.5, 0.5]  softmax [0.5, 0.5]
#   (1e+08, 1e+08): logsumexp [1.0, 1.0]  logaddexp [0.5, 0.5]  softmax [0.5, 0.5]
#   (1e+06, 1e+06): logsumexp [0.5028, 0.5028]  logaddexp [0.5, 0.5]  softmax [0.5, 0.5]
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    torch==2.13.0 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import torch

found = {}
for size in (-1e9, 1e8, 1e6):
    scores = torch.tensor([size, size])
    by_array, by_pair = scores.clone().requires_grad_(), scores.clone().requires_grad_()
    torch.logsumexp(by_array, 0).backward()
    torch.logaddexp(by_pair[0], by_pair[1]).backward()
    found[size] = [
        [round(g, 4) for g in gradient.tolist()]
        for gradient in (by_array.grad, by_pair.grad, torch.softmax(scores, 0))
    ]
    told = "logsumexp {}  logaddexp {}  softmax {}".format(*found[size])
    print(f"({size:g}, {size:g}): {told}")

half, whole = [0.5, 0.5], [1.0, 1.0]
assert found[-1e9] == found[1e8] == [whole, half, half]
assert found[1e6] == [[0.5028, 0.5028], half, half]
PYTHON
