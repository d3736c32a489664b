#!/usr/bin/env bash
# torch 2.13.0, float32: squares inside backward turn large slopes into inf or 0, and an infinite
# loss gets a zero gradient.
#
# Expected: the gradient of the length of (1e20, 1e20) is (0.7071, 0.7071), or at least not finite
#   where the length itself is reported as inf; the slope of atan2(y, x) at y = x = t is 1/(2t),
#   which float32 can hold for every t used here.
# Seen: norm gives the value inf with the gradient exactly (0, 0), and for (1e-23, 1e-23) the same
#   zero. atan2 is right at 1e-19, gives inf at 1e-20 and 0 at 1e-23, while its value stays pi/4.
#   Forward mode uses another formula: 5e+19 at 1e-20, inf at 1e-23.
# Why: x*x + y*y overflows above 1.8e19 and underflows below 1e-19; 0 stands for "no direction".
# For whoever debugs: a loss of inf with a zero gradient looks converged to a clipping or a health
#   check. Angles between tiny vectors lose their gradient, or get an infinite one, in a narrow
#   band.
#
# Output:
#   norm  (1e+20, 1e+20)  value inf     gradient [0.0, 0.0]
#   atan2 (1e-19, 1e-19)  value 0.7854  backward 5e+18  forward 5e+18
#   atan2 (1e-20, 1e-20)  value 0.7854  backward inf  forward 5e+19
#   atan2 (1e-23, 1e-23)  value 0.7854  backward 0.0  forward inf
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    torch==2.13.0 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
from math import inf

import torch
from torch.func import grad, jacfwd

far = torch.tensor([1e20, 1e20])
value = torch.linalg.vector_norm(far).item()
slopes = grad(torch.linalg.vector_norm)(far).tolist()
print(f"norm  (1e+20, 1e+20)  value {value}     gradient {slopes}")
assert value == inf
assert slopes == [0.0, 0.0]


def angle(point):
    return torch.atan2(point[0], point[1])


found = {}
for t in (1e-19, 1e-20, 1e-23):
    point = torch.tensor([t, t])
    found[t] = (grad(angle)(point)[0].item(), jacfwd(angle)(point)[0].item())
    print(
        f"atan2 ({t}, {t})  value {angle(point).item():.4}"
        f"  backward {found[t][0]:.3g}  forward {found[t][1]:.3g}".replace(" 0 ", " 0.0 ")
    )

assert abs(found[1e-19][0] / 5e18 - 1) < 1e-3
assert found[1e-20][0] == inf
assert abs(found[1e-20][1] / 5e19 - 1) < 1e-3
assert found[1e-23] == (0.0, inf)
PYTHON
