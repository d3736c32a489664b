#!/usr/bin/env bash
# mlx 0.32.4 (CPU): the remainder from divmod has no gradient, the one from remainder has.
#
# Expected: divmod(x, y)[1] is x - y floor(x / y), the same number as remainder(x, y), with the
#   slopes 1 by x and -floor(x / y) by y.
# Seen at (7, 2): remainder gives (1, -3), divmod gives (0, 0) without a word. The quotient has
#   slope zero by right; the remainder shares its fate.
# For whoever debugs: phases and angles that are wrapped by divmod, to get the turn count as well,
#   cut the graph silently. Take remainder for what must learn.
#
# Output:
#   remainder  value 1.0  gradient [1.0, -3.0]
#   divmod[1]  value 1.0  gradient [0.0, 0.0]
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    mlx==0.32.4 mlx-cpu==0.32.4
"$folder/venv/bin/python" - <<'PYTHON'
import mlx.core as mx

mx.set_default_device(mx.cpu)
x, y = mx.array(7.0), mx.array(2.0)
found = {}
for name, f in {
    "remainder": mx.remainder,
    "divmod[1]": lambda x, y: mx.divmod(x, y)[1],
}.items():
    value, gradients = mx.value_and_grad(f, argnums=(0, 1))(x, y)
    found[name] = (value.item(), [g.item() for g in gradients])
    print(f"{name}  value {found[name][0]}  gradient {found[name][1]}")
assert found["remainder"] == (1.0, [1.0, -3.0])
assert found["divmod[1]"] == (1.0, [0.0, 0.0])
PYTHON
