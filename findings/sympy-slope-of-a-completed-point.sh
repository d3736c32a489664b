#!/usr/bin/env bash
# sympy 1.14.0: the derivative of a function completed at one point by Piecewise is 0 at that
# point.
#
# Expected: f = (exp(x) - 1)/x with f(0) = 1 is smooth, and its slope at 0 is 1/2 (limit of the
#   derivative, and the series). The documentation of Piecewise does not say that diff may be
#   wrong at the points its conditions name.
# Seen: diff gives Piecewise((0, Eq(x, 0)), ...): each piece is differentiated for itself, and the
#   completing number is a constant. lambdify and evalf hand on the 0.
# For whoever debugs: the safe form where(x == 0, 1, (exp(x) - 1)/x) has the same fault in every
#   framework that picks one branch: the value is right and the slope 0 at the completed point. A
#   check by symbolic differentiation does not find it, since it shares it.
#
# Output:
#   diff at 0 0   limit of diff 1/2   series 1 + x/2 + x**2/6 + O(x**3)   lambdify at 0 0.0
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    sympy==1.14.0 mpmath==1.3.0 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import sympy as sp

x = sp.symbols("x", real=True)
ratio = (sp.exp(x) - 1) / x
slope = sp.diff(sp.Piecewise((1, sp.Eq(x, 0)), (ratio, True)), x)
at_zero, limit = slope.subs(x, 0), sp.limit(sp.diff(ratio, x), x, 0)
series, number = sp.series(ratio, x, 0, 3), float(sp.lambdify(x, slope, "numpy")(0.0))
print(f"diff at 0 {at_zero}   limit of diff {limit}   series {series}   lambdify at 0 {number}")
assert at_zero == 0
assert limit == sp.Rational(1, 2)
assert series.coeff(x, 1) == sp.Rational(1, 2)
assert number == 0.0
PYTHON
