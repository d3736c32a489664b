#!/usr/bin/env bash
# tensorflow 2.21.0 (CPU): beside an entry that is 0 the gradient of cumprod is finite, silent and
# wrong.
#
# Expected: the sum of the running products of (a, b, c) is a + ab + abc, a polynomial, with the
#   gradient (1 + b + bc, a + ac, ab): (1, 8, 0) at (2, 0, 3) and (9, 0, 0) at (0, 2, 3). The
#   documentation of tf.math.cumprod excepts no value.
# Seen: (1, 0, 0) and (0, 0, 0): the zero itself receives nothing, so nothing can ever move it.
#   reduce_prod of the same numbers is right, and keras.ops.cumprod repeats the fault. Without a
#   zero all agree.
# Why: the rule divides by the entry and takes 0/0 for 0.
# For whoever debugs: survival curves, discounts and transmittance along a ray are running
#   products of factors that a clip or a relu makes exactly 0. Such a factor stays 0. Paddle 3.3.1
#   has it the other way round: cumprod is right and prod is NaN.
#
# Output:
#   (2, 0, 3)  cumprod [1.0, 0.0, 0.0]  measured [1.0, 8.0, 0.0]  prod [0.0, 6.0, 0.0]
#   (0, 2, 3)  cumprod [0.0, 0.0, 0.0]  measured [9.0, 0.0, 0.0]  prod [6.0, 0.0, 0.0]
#   (1, 2, 3)  cumprod [9.0, 4.0, 2.0]  measured [9.0, 4.0, 2.0]  prod [6.0, 3.0, 2.0]
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    tensorflow-cpu==2.21.0 keras==3.15.1 numpy==2.4.6
"$folder/venv/bin/python" - 2>"$folder/log" <<'PYTHON' || { cat "$folder/log" >&2; exit 1; }
import keras
import numpy as np
import tensorflow as tf


def gradient(f, point):
    x = tf.constant(point, tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    return (tape.gradient(y, x).numpy() + 0.0).tolist()


def running(x):
    return tf.reduce_sum(tf.math.cumprod(x))


expected = {
    (2.0, 0.0, 3.0): ([1.0, 0.0, 0.0], [1.0, 8.0, 0.0], [0.0, 6.0, 0.0]),
    (0.0, 2.0, 3.0): ([0.0, 0.0, 0.0], [9.0, 0.0, 0.0], [6.0, 0.0, 0.0]),
    (1.0, 2.0, 3.0): ([9.0, 4.0, 2.0], [9.0, 4.0, 2.0], [6.0, 3.0, 2.0]),
}
for point, numbers in expected.items():
    steps = 1e-6 * np.eye(3)
    measured = [
        round(float(np.cumprod(point + s).sum() - np.cumprod(point - s).sum()) / 2e-6, 4) + 0.0
        for s in steps
    ]
    found = (gradient(running, point), measured, gradient(tf.reduce_prod, point))
    a, b, c = found
    print(f"({', '.join(f'{n:.0f}' for n in point)})  cumprod {a}  measured {b}  prod {c}")
    assert found == numbers
    assert gradient(lambda x: keras.ops.sum(keras.ops.cumprod(x)), point) == a
PYTHON
