#!/usr/bin/env bash
# autograd 1.9.1: np.pad without a mode, whose default is "constant", has a value and no gradient.
#
# Expected: np.pad(x, 1) is np.pad(x, 1, "constant") in NumPy and in autograd's own forward; its
#   gradient is that of the entries in the middle.
# Seen: with the mode written out the gradient is all ones; without it the backward pass raises a
#   TypeError about its own rule.
# Why: the rule of pad takes the mode as a required argument, and is called with the arguments as
#   they were written.
# For whoever debugs: write the mode. The message names the rule (pad_vjp) and not the call.
#
# Output:
#   np.pad(x, 1, "constant")  gradient [1.0, 1.0]
#   np.pad(x, 1)              TypeError: pad_vjp() missing 1 required positional argument: 'mode'
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    autograd==1.9.1 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import autograd
import autograd.numpy as np

x = np.ones(2)
assert np.array_equal(np.pad(x, 1), np.pad(x, 1, "constant"))
found = autograd.grad(lambda x: np.sum(np.pad(x, 1, "constant")))(x).tolist()
print(f'np.pad(x, 1, "constant")  gradient {found}')
assert found == [1.0, 1.0]
try:
    autograd.grad(lambda x: np.sum(np.pad(x, 1)))(x)
except TypeError as error:
    print(f"np.pad(x, 1)              TypeError: {error}")
    assert "pad_vjp() missing 1 required positional argument: 'mode'" in str(error)
else:
    raise AssertionError("np.pad(x, 1) has a gradient")
PYTHON
