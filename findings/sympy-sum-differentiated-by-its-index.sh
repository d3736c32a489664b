#!/usr/bin/env bash
# sympy 1.14.0: differentiating a Sum by an entry named like its own index gives the sum of all
# slopes.
#
# Expected: the index of a sum is bound: Sum(a[i]**2, (i, 0, 3)) does not depend on the name i, so
#   the derivative by a[i], with the outer i, is 2 a[i] for an i in the range. With a[j] SymPy
#   says so: Sum(2 KroneckerDelta(i, j) a[i], (i, 0, 3)).
# Seen: by a[i] it gives Sum(2 a[i], (i, 0, 3)), which is 2 (a[0] + a[1] + a[2] + a[3]): the outer
#   i was captured by the inner one.
# For whoever debugs: derivations of losses written with one letter for all indices come out
#   summed, and look plausible, for at equal entries they are n times the truth. Take a fresh
#   index to differentiate by.
#
# Output:
#   by a[j], j = 2: 2*a[2]
#   by a[i]: Sum(2*a[i], (i, 0, 3)) = 2*a[0] + 2*a[1] + 2*a[2] + 2*a[3]
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    sympy==1.14.0 mpmath==1.3.0
"$folder/venv/bin/python" - <<'PYTHON'
import sympy as sp

i, j = sp.symbols("i j", integer=True)
a = sp.IndexedBase("a")
squares = sp.Sum(a[i] ** 2, (i, 0, 3))
by_other = sp.diff(squares, a[j]).subs(j, 2).doit()
by_own = sp.diff(squares, a[i])
print(f"by a[j], j = 2: {by_other}")
print(f"by a[i]: {by_own} = {by_own.doit()}")
assert by_other == 2 * a[2]
assert by_own == sp.Sum(2 * a[i], (i, 0, 3))
assert sp.expand(by_own.doit() - 2 * sum(a[k] for k in range(4))) == 0
PYTHON
