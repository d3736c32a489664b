#!/usr/bin/env bash
# torch 2.13.0: a start value that scatter_reduce was told to leave out still takes a share of the
# gradient.
#
# Expected: with include_self=False the largest of the scattered values is taken and the start is
#   ignored (documentation of Tensor.scatter_reduce_), so the gradient of the largest is 1,
#   whatever stood there.
# Seen: where the start happens to equal the largest value, that one receives 1/2 (the start is
#   counted as one more of the largest) and the start 0: half of the gradient is gone. Any other
#   start gives 1, forward mode gives 1 at every start, and so do central differences. amin and
#   index_reduce do the same. The same with torch 2.14.1.
# For whoever debugs: max pooling over the nodes of a graph is written on zeros with
#   include_self=False, and features behind a relu are often exactly 0. Start from -inf, or from a
#   number that no feature takes.
#
# Output:
#   amax          start 5: value 5, backward [0.5, 0.0]  forward [1.0, 0.0]  measured [1.0, 0.0]
#   amax          start 0: value 5, backward [1.0, 0.0]  forward [1.0, 0.0]  measured [1.0, 0.0]
#   amin          start 1: value 1, backward [0.0, 0.5]  forward [0.0, 1.0]  measured [0.0, 1.0]
#   index_reduce  start 5: value 5, backward [0.5, 0.0]
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    torch==2.13.0 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import warnings

import torch
from torch.func import grad, jacfwd

warnings.simplefilter("ignore")  # index_reduce is called a beta
torch.set_default_dtype(torch.float64)
values, places = torch.tensor([5.0, 1.0]), torch.tensor([0, 0])
found = {}
for how, start in (("amax", 5.0), ("amax", 0.0), ("amin", 1.0)):

    def reduced(source, how=how, start=start):
        cell = torch.tensor([start])
        return cell.scatter_reduce(0, places, source, how, include_self=False)[0]

    backward, forward = grad(reduced)(values).tolist(), jacfwd(reduced)(values).tolist()
    h = 1e-6
    steps = h * torch.eye(2)
    measured = [
        round((reduced(values + step) - reduced(values - step)).item() / (2 * h), 6)
        for step in steps
    ]
    found[how, start] = (backward, forward, measured)
    print(
        f"{how}          start {start:.0f}: value {reduced(values):.0f}, backward {backward}"
        f"  forward {forward}  measured {measured}"
    )


def by_index(source):
    cell = torch.tensor([5.0])
    return torch.index_reduce(cell, 0, places, source, "amax", include_self=False)[0]


backward = grad(by_index)(values).tolist()
print(f"index_reduce  start 5: value {by_index(values):.0f}, backward {backward}")
assert found["amax", 5.0] == ([0.5, 0.0], [1.0, 0.0], [1.0, 0.0])
assert found["amax", 0.0] == ([1.0, 0.0], [1.0, 0.0], [1.0, 0.0])
assert found["amin", 1.0] == ([0.0, 0.5], [0.0, 1.0], [0.0, 1.0])
assert backward == [0.5, 0.0]
PYTHON
