#!/usr/bin/env bash
# paddlepaddle 3.3.1 (CPU): overlapping windows of unfold and as_strided pass back one gradient
# per entry, not one per window.
#
# Expected: in unfold(x, 0, 2, 1) of four entries the two inner ones stand in two windows each, so
#   the gradient of the sum of all windows is (1, 2, 2, 1); torch gives that.
# Seen: (1, 1, 1, 1), from Tensor.unfold, paddle.unfold and as_strided alike: where windows
#   overlap, one contribution overwrites the other. The value is right.
# For whoever debugs: moving averages, framing of audio, patches with overlap: the gradient is too
#   small inside and right at the borders, and windows that do not overlap show nothing. Sum of
#   the gradient against the number of entries read is a quick check (4 here, 6 expected).
#
# Output:
#   unfold     value 15.0  gradient [1.0, 1.0, 1.0, 1.0]
#   as_strided value 15.0  gradient [1.0, 1.0, 1.0, 1.0]
#   by slices  value 15.0  gradient [1.0, 2.0, 2.0, 1.0]
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    paddlepaddle==3.3.1 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import paddle

paddle.set_device("cpu")
found = {}
for name, windows in {
    "unfold": lambda x: x.unfold(0, 2, 1),
    "as_strided": lambda x: paddle.as_strided(x, [3, 2], [1, 1]),
    "by slices": lambda x: paddle.stack([x[i : i + 2] for i in range(3)]),
}.items():
    x = paddle.to_tensor([1.0, 2.0, 3.0, 4.0], stop_gradient=False)
    total = windows(x).sum()
    total.backward()
    found[name] = (total.item(), x.grad.tolist())
    print(f"{name:<10} value {found[name][0]}  gradient {found[name][1]}")

assert found["by slices"] == (15.0, [1.0, 2.0, 2.0, 1.0])
assert found["unfold"] == found["as_strided"] == (15.0, [1.0, 1.0, 1.0, 1.0])
PYTHON
