#!/usr/bin/env bash
# tensorflow 2.21.0 with keras 3.15.1 (CPU): three smooth functions have a wrong slope at one
# point, which is where they mostly start.
#
# Expected: logaddexp(x, y) has slopes that add up to 1, a half each at a tie; celu(x) is x from 0
#   on and alpha (exp(x/alpha) - 1) below, with the slope 1 from both sides; I1(x) is x/2 + ...,
#   with the slope 1/2 at 0.
# Seen: keras.ops.logaddexp gives (1, 0) at every tie, keras.ops.celu 2 at 0 whatever alpha is,
#   tf.math.bessel_i1 1 at 0. A step of 1e-4 away all are right, and logsumexp of the pair is
#   right at the tie.
# Why: the first two are made of maximum, minimum and abs; TensorFlow gives a tie wholly to the
#   first argument, which is one half too much in the one and both sides at once in the other. The
#   third has the limit filled in by a constant.
# For whoever debugs: biases are 0 at the start and scores equal, so the first step is taken just
#   there. torch and JAX give celu the slope 1 and logaddexp a half each. A smooth function can be
#   wrong at the one point where its parts have a kink: test 0 and ties, not only random numbers.
#
# Output:
#   logaddexp at (1, 1)      slopes 1.0 0.0  measured 0.5 0.5
#   logsumexp at (1, 1)      slopes 0.5 0.5  measured 0.5 0.5
#   celu      at 0           slope 2.0       measured 1.0
#   celu      at 0.0001      slope 1.0       measured 1.0
#   bessel_i1 at 0           slope 1.0       measured 0.5
#   bessel_i1 at 0.0001      slope 0.5       measured 0.5
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    tensorflow-cpu==2.21.0 keras==3.15.1 numpy==2.4.6
"$folder/venv/bin/python" - 2>"$folder/log" <<'PYTHON' || { cat "$folder/log" >&2; exit 1; }
import keras
import tensorflow as tf


def slopes(f, *point):
    xs = [tf.constant(p, tf.float64) for p in point]
    with tf.GradientTape() as tape:
        tape.watch(xs)
        y = f(*xs)
    found = [round(float(s), 4) for s in tape.gradient(y, xs)]
    measured = []
    for i in range(len(point)):
        shifted = [
            [tf.constant(p + step * (i == j), tf.float64) for j, p in enumerate(point)]
            for step in (1e-6, -1e-6)
        ]
        measured.append(round(float(f(*shifted[0]) - f(*shifted[1])) / 2e-6, 4))
    return found, measured


def summed(x, y):
    return keras.ops.logsumexp(keras.ops.stack([x, y]))


def celu(x):
    return keras.ops.celu(x, 2.0)


seen = [
    ("logaddexp at (1, 1)", slopes(keras.ops.logaddexp, 1.0, 1.0)),
    ("logsumexp at (1, 1)", slopes(summed, 1.0, 1.0)),
    ("celu      at 0", slopes(celu, 0.0)),
    ("celu      at 0.0001", slopes(celu, 1e-4)),
    ("bessel_i1 at 0", slopes(tf.math.bessel_i1, 0.0)),
    ("bessel_i1 at 0.0001", slopes(tf.math.bessel_i1, 1e-4)),
]
for name, (found, measured) in seen:
    words = " ".join(map(str, found))
    label = "slopes" if len(found) > 1 else "slope"
    print(f"{name:24} {f'{label} {words}':15} measured {' '.join(map(str, measured))}")
assert [numbers for _, numbers in seen] == [
    ([1.0, 0.0], [0.5, 0.5]),
    ([0.5, 0.5], [0.5, 0.5]),
    ([2.0], [1.0]),
    ([1.0], [1.0]),
    ([1.0], [0.5]),
    ([0.5], [0.5]),
]
PYTHON
