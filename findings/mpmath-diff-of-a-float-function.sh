#!/usr/bin/env bash
# mpmath 1.3.0: diff of a function that computes in doubles is 0, and so is diff of any function
# at a large point.
#
# Expected: diff(f, x) approximates the derivative numerically at the working precision
#   (documentation of mpmath.diff); for exp at 1 that is 2.718..., whoever computes exp, and for
#   t**2 at 1e30 it is 2e30.
# Seen: mp.diff(math.exp, 1) is 0.0 with no warning, mp.diff(mp.exp, 1) is right; mp.diff(t**2,
#   1e30) is 0.0. With a step of 1e-6 both the first come right.
# Why: the step is about 1e-18 and absolute; the precision is raised for it, which a float
#   function cannot follow, and which does not suffice for a large point.
# For whoever debugs: as an independent judge of a gradient, mpmath.diff acquits every zero
#   gradient and condemns every other one when the function under test runs in NumPy or math. Give
#   it h.
#
# Output:
#   math.exp at 1: 0.0      with h=1e-6: 2.71828
#   mp.exp   at 1: 2.71828
#   t**2 at 1e30:  0.0      with h=1e20: 2.0e+30
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    mpmath==1.3.0
"$folder/venv/bin/python" - <<'PYTHON'
import math

import mpmath as mp


def square(t):
    return t**2


def told(number):
    return mp.nstr(number, 6)


doubles, with_step = mp.diff(math.exp, 1), mp.diff(math.exp, 1, h=1e-6)
precise = mp.diff(mp.exp, 1)
far, far_with_step = mp.diff(square, mp.mpf("1e30")), mp.diff(square, mp.mpf("1e30"), h=mp.mpf("1e20"))
print(f"math.exp at 1: {told(doubles)}      with h=1e-6: {told(with_step)}")
print(f"mp.exp   at 1: {told(precise)}")
print(f"t**2 at 1e30:  {told(far)}      with h=1e20: {told(far_with_step)}")
assert doubles == far == 0
assert abs(with_step - math.e) < 1e-5
assert abs(precise - math.e) < 1e-14
assert abs(far_with_step / mp.mpf("2e30") - 1) < 1e-9
PYTHON
