#!/usr/bin/env bash
# jax 0.10.2: between 1 and 2 the slope of spence is NaN in reverse mode and right in forward
# mode, and at 1 it is 0 in both.
#
# Expected: Spence's function is the integral of log t/(1 - t) from 1, smooth for x > 0, with the
#   slope log x/(1 - x), which goes to -1 at 1. The documentation of jax.scipy.special.spence
#   asks for x > 0 only.
# Seen: grad and jacrev give NaN at 1.0001, 1.5 and 2, with and without jit; jacfwd gives -0.8109
#   at 1.5, as central differences do. At 1 both give 0, where -1 is right. Below 1 and above 2
#   all agree, and the values are right everywhere.
# For whoever debugs: a function may have its gradient in one of the two modes only, though both
#   come from one rule: where() hides a NaN branch from the tangent, and multiplies it by 0 on the
#   way back. jax_debug_nans stops at it; jacfwd against jacrev shows it too.
#
# Output:
#   0.9  reverse -1.0536  forward -1.0536  measured -1.0536
#   1.0  reverse 0.0      forward 0.0      measured -1.0
#   1.5  reverse nan      forward -0.8109  measured -0.8109
#   2.0  reverse nan      forward -0.6931  measured -0.6931
#   2.5  reverse -0.6109  forward -0.6109  measured -0.6109
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    jax==0.10.2 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import jax
from jax.scipy.special import spence

jax.config.update("jax_enable_x64", True)
found = {}
for x in (0.9, 1.0, 1.5, 2.0, 2.5):
    h = 1e-5
    ways = jax.grad(spence), jax.jacfwd(spence)
    reverse, forward = (round(float(way(x)), 4) + 0.0 for way in ways)
    measured = round(float(spence(x + h) - spence(x - h)) / (2 * h), 4)
    found[x] = (str(reverse), forward, measured)
    print(f"{x}  reverse {reverse:<7}  forward {forward:<7}  measured {measured}")
    compiled = round(float(jax.jit(jax.grad(spence))(x)), 4) + 0.0
    assert str(compiled) == str(reverse)
assert found == {
    0.9: ("-1.0536", -1.0536, -1.0536),
    1.0: ("0.0", 0.0, -1.0),
    1.5: ("nan", -0.8109, -0.8109),
    2.0: ("nan", -0.6931, -0.6931),
    2.5: ("-0.6109", -0.6109, -0.6109),
}
PYTHON
