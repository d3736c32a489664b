#!/usr/bin/env bash
# torch 2.13.0: differentiating a forward-mode derivative once more gives a wrong Hessian.
#
# Expected: d2 det/dA2 of a 2x2 matrix is constant, with 1 for (a11, a22) and -1 for (a12, a21),
#   zero on the diagonal; the four ways to nest jacfwd and jacrev must agree (symmetry of second
#   derivatives).
# Seen: jacfwd(jacrev(f)), which torch.func.hessian is, and jacrev(jacrev(f)) are right;
#   jacfwd(jacfwd(f)) and jacrev(jacfwd(f)) are wrong, without a word, for det, slogdet, solve,
#   layer_norm, batch_norm in training and others. For cumprod with a zero they miss a half (the
#   result is not symmetric) or give NaN.
# For whoever debugs: the first derivatives are right in all modes, so nothing warns. Nest with
#   the reverse mode innermost, and test a Hessian for symmetry: the wrong cumprod fails at once
#   (the wrong det does not).
#
# Output:
#   det, entry (a11, a11): fwd of rev 0.0, rev of rev 0.0, fwd of fwd -8.0, rev of fwd -8.0
#   layer_norm, entry (1, 1): fwd of rev 0.0, rev of rev 0.0, fwd of fwd 1.5, rev of fwd 1.5
#   cumprod, entries (1, 2) and (2, 1): fwd of rev 4.0 4.0, rev of rev 4.0 4.0, fwd of fwd 4.0 0.0, rev of fwd nan nan
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    torch==2.13.0 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
from math import isnan

import torch
from torch.func import jacfwd, jacrev
from torch.nn.functional import layer_norm

torch.set_default_dtype(torch.float64)
NESTS = {
    "fwd of rev": lambda f: jacfwd(jacrev(f)),
    "rev of rev": lambda f: jacrev(jacrev(f)),
    "fwd of fwd": lambda f: jacfwd(jacfwd(f)),
    "rev of fwd": lambda f: jacrev(jacfwd(f)),
}


def show(title, f, x, places):
    """Print and return the entries of the Hessian at the places, for each way to nest."""
    found = {
        name: [round(nest(f)(x)[place].item(), 3) + 0.0 for place in places]
        for name, nest in NESTS.items()
    }
    told = ", ".join(f"{name} {' '.join(map(str, values))}" for name, values in found.items())
    print(f"{title}: {told}")
    return found


matrix = torch.tensor([1.0, 2.0, 3.0, 4.0])
det = show("det, entry (a11, a11)", lambda a: torch.linalg.det(a.reshape(2, 2)), matrix, [(0, 0)])
assert det["fwd of rev"] == det["rev of rev"] == [0.0]
assert det["fwd of fwd"] == det["rev of fwd"] == [-8.0]

# Two entries normalise to +c and -c, so the sum of their cubes is 0 everywhere.
pair = torch.tensor([1.0, 3.0])
norm = show("layer_norm, entry (1, 1)", lambda x: (layer_norm(x, (2,)) ** 3).sum(), pair, [(0, 0)])
assert norm["fwd of rev"] == norm["rev of rev"] == [0.0]
assert norm["fwd of fwd"] == norm["rev of fwd"] == [1.5]

# x1 + x1 x2 + x1 x2 x3: the mixed second derivative by x1 and x2 is 1 + x3 = 4.
zero = torch.tensor([0.0, 2.0, 3.0])
running = show(
    "cumprod, entries (1, 2) and (2, 1)", lambda x: x.cumprod(0).sum(), zero, [(0, 1), (1, 0)]
)
assert running["fwd of rev"] == running["rev of rev"] == [4.0, 4.0]
assert running["fwd of fwd"] == [4.0, 0.0]
assert all(map(isnan, running["rev of fwd"]))
PYTHON
