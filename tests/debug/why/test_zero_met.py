"""What people met, in small: the question leads to the node, and the answer says the reason.

Each row is a scenario with its own numbers after something that somebody asked in public.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pytest

from tests.debug.claimed import session_at_end
from tui_backprop.debug.commands import perform
from tui_backprop.progress import run_to_end

HIDDEN = (
    "inputs: {q: [[1, 2], [3, 5]], k: [[1, 0], [0, 1]], v: [[1, 2], [3, 4]]}\n"
    "constants: {m: [[0, 0], [0, -.inf]]}\n"
    "program: |\n  a = scaled_dot_product_attention(q, k, v, attn_mask=m)\n  y = a[1, 0]\n"
)
BY_HAND = (
    "inputs: {s: [0.5, 2]}\nconstants: {m: [0, -.inf], v: [3, 5]}\n"
    "program: |\n  z = s + m\n  w = softmax(z)\n  y = sum(w * v)\n"
)
MASKED: Final = """\
inputs: {p: [0.25, 0, 4]}
constants: {m: [1, 0, 1]}
program: |
  r = log(p)
  k = where(m == 1, r, 0)
  loss = mean(k ** 2)
"""

ZEROS: Final[dict[str, tuple[str, str, list[str], str | None]]] = {
    "normalized alone": (
        (
            "inputs: {x: [[0.7, -1.9]], w: [3, 0.25]}\n"
            "program: |\n  y = batch_norm(x, weight=w)\n  s = sum(y ** 2 + y)\n"
        ),
        "x.grad[0,1]",
        ["nothing depends on x[0,1]", "of one entry the mean is the entry itself"],
        None,
    ),
    "standardized alone": (
        "inputs: {x: [[4], [9]]}\nprogram: |\n  d = std(x, axis=1)\n  s = sum(d)\n",
        "x.grad[1,0]",
        ["nothing depends on x[1,0]", "one entry is its own mean"],
        None,
    ),
    "a row that no number names": (
        (
            "inputs: {T: [[1, 2], [3, 5], [7, 11]]}\nconstants: {ids: [2, 1, 2]}\n"
            "program: |\n  h = embedding(ids, T)\n  s = sum(h * h)\n"
        ),
        "T.grad[0,1]",
        ["nothing reads T[0,1]", "no number in ids names row 0"],
        None,
    ),
    "the row of the padding": (
        (
            "inputs: {T: [[1, 2], [3, 5], [7, 11]]}\nconstants: {ids: [0, 1, 0]}\n"
            "program: |\n  h = embedding(ids, T, padding_idx=0)\n  s = sum(h * h)\n"
        ),
        "T.grad[0,1]",
        [
            "nothing is passed back to T[0,1]",
            "row 0 is that of the padding, and receives nothing: padding_idx=0",
        ],
        None,
    ),
    "the row of the padding, counted from the end": (
        (
            "inputs: {T: [[1, 2], [3, 5], [7, 11]]}\nconstants: {ids: [2, 1, 2]}\n"
            "program: |\n  h = embedding(ids, T, padding_idx=-1)\n  s = sum(h * h)\n"
        ),
        "T.grad[2,0]",
        [
            "nothing is passed back to T[2,0]",
            "row 2 is that of the padding, and receives nothing: padding_idx=-1",
        ],
        None,
    ),
    "another class": (
        (
            "inputs: {q: [[-0.5, -1], [-2, -0.25]]}\nconstants: {t: [1, 0]}\n"
            "program: |\n  loss = nll(q, t)\n"
        ),
        "q.grad[0,0]",
        ["nothing reads q[0,0]", "the class of its sample is another: t[0] = 1"],
        None,
    ),
    "one behind the other": (
        (
            "inputs: {x: [-2, 3], W: [[2, 0], [0, 4]]}\n"
            "program: |\n  a = relu(x)\n  z = W @ a\n  c = clip(z, 1, 9)\n  y = sum(c)\n"
        ),
        "x.grad[0]",
        [
            "clipped: z[0] = 0 lies outside 1 to 9",
            "and behind it on the same path: ∂a[0]/∂x[0] = 0, relu is off: x[0] = -2 < 0",
        ],
        "c",
    ),
    "a mask behind a square": (
        MASKED,
        "r.grad[1]",
        [
            "k[1] = 0, and the slope is a multiple of it",
            "and behind it on the same path",
            "where takes the other branch, 0: m == 1 does not hold there",
        ],
        None,
    ),
    "NaN behind a mask": (
        MASKED,
        "p.grad[1]",
        [
            "not 0 but NaN; 'origin nan' leads to",
            "0 · inf = nan; r.grad[1] is 0:",
            "where takes the other branch",
        ],
        "r",
    ),
    "another class of an image": (
        (
            "inputs: {q: [[[-0.5, -3], [-1, -0.75], [-2, -2.5]]]}\nconstants: {t: [[1, 0]]}\n"
            "program: |\n  loss = nll(q, t)\n"
        ),
        "q.grad[0,1,1]",
        ["nothing reads q[0,1,1]", "the class of its sample is another: t[0,1] = 0"],
        None,
    ),
    "an ignored position of an image": (
        (
            "inputs: {z: [[[0.3, -0.1], [0.9, 0.4], [0.5, 2]]]}\nconstants: {t: [[2, -100]]}\n"
            "program: |\n  loss = cross_entropy(z, t)\n"
        ),
        "z.grad[0,0,1]",
        ["its sample is ignored: t[0,1] = -100"],
        "loss",
    ),
    "a key that a mask hides": (
        HIDDEN,
        "v.grad[1,0]",
        ["m[1,1] = -inf hides key 1 from query 1: its weight is exactly 0"],
        None,
    ),
    "a key that a mask hides, by its scores": (
        HIDDEN,
        "k.grad[1,1]",
        ["m[1,1] = -inf hides key 1 from query 1: its weight is exactly 0"],
        None,
    ),
    "a query that a mask leaves one key": (
        HIDDEN,
        "q.grad[1,0]",
        ["the mask leaves query 1 one key, 0: its weight is exactly 1 whatever the scores are"],
        None,
    ),
    "a query that sees nothing": (
        HIDDEN.replace("[0, -.inf]", "[-.inf, -.inf]"),
        "v.grad[0,0]",
        ["the mask hides every key from query 1: all its weights are exactly 0"],
        None,
    ),
    "a score that is masked before softmax": (
        BY_HAND,
        "s.grad[1]",
        ["z[1] = -inf, so its weight is exactly 0"],
        None,
    ),
    "a score that a mask leaves alone": (
        BY_HAND,
        "s.grad[0]",
        ["all other scores beside z[0] = 0.5 are -inf: its weight is exactly 1 whatever it is"],
        None,
    ),
    "an ignored row": (
        (
            "inputs: {W: [[0.3, -0.1], [0.9, 0.4]]}\n"
            "constants: {x: [[2, -1], [0.5, 3]], t: [-100, -100]}\n"
            "program: |\n  z = x @ W\n  loss = cross_entropy(z, t)\n"
        ),
        "W.grad[1,0]",
        ["its sample is ignored: t[0] = -100", "its sample is ignored: t[1] = -100"],
        "z",
    ),
    "equal numbers": (
        "inputs: {x: [3, 3, 3, 3]}\nprogram: |\n  s = std(x)\n  y = 7 / (s + 0.5)\n",
        "x.grad[2]",
        [
            "at its kink, by convention",
            "std is 0 where std is 0",
            "from the left and 0.433013 from",
        ],
        "s",
    ),
    "no length": (
        "inputs: {x: [0, 0, 0]}\nprogram: |\n  n = norm(x)\n  y = 5 * n\n",
        "x.grad[1]",
        ["at its kink, by convention", "the slope is -1 from the left and 1 from the right"],
        "n",
    ),
    "labels of nothing": (
        (
            "inputs: {z: [[0.2, 1.5]]}\nconstants: {t: [[0, 0]]}\n"
            "program: |\n  loss = cross_entropy(z, t)\n"
        ),
        "z.grad[0,1]",
        ["all labels of its sample are 0"],
        "loss",
    ),
    "labels of nothing at a position": (
        (
            "inputs: {z: [[[0.2, 1.5], [0.5, 3]]]}\nconstants: {t: [[[0.5, 0], [0.5, 0]]]}\n"
            "program: |\n  loss = cross_entropy(z, t)\n"
        ),
        "z.grad[0,1,1]",
        ["all labels of its sample are 0"],
        "loss",
    ),
    "zero weights": (
        (
            "inputs: {A: [[0, 0]], b: [0, 0], C: [[0], [0]]}\nconstants: {x: [[3]], t: [[1]]}\n"
            "program: |\n  h = tanh(x @ A + b)\n  y = h @ C\n  loss = mean((y - t) ** 2)\n"
        ),
        "A.grad[0,1]",
        ["it is multiplied by C[1,0] = 0"],
        None,
    ),
    "two ways, both shut": (
        (
            "inputs: {u: [0.75, -0.2]}\nconstants: {g: [2, -3]}\n"
            "program: |\n  r = exp(u)\n  a = r * g\n  b = clip(r, 0.5, 1.5) * g\n"
            "  loss = -mean(minimum(a, b))\n"
        ),
        "u.grad[0]",
        [
            "clipped: r[0] = 2.11700 lies outside 0.5 to 1.5",
            "minimum takes the other operand: b[0] = 3, and not a[0] = 4.234",
        ],
        None,
    ),
    "a rounded weight": (
        (
            "inputs: {w: [0.3, 2.8]}\nconstants: {x: [4, 1]}\n"
            "program: |\n  q = round(w)\n  loss = (sum(q * x) - 7) ** 2\n"
        ),
        "w.grad[1]",
        ["round is constant between jumps: its derivative is stated to be 0"],
        "q",
    ),
    "a gate that is shut": (
        (
            "inputs: {c: 3, f: -22}\n"
            "program: |\n  h = c\n  for t in range(2):\n      g = sigmoid(f + t)\n      h = g * h\n"
            "  y = 2 * h\n"
        ),
        "c.grad",
        [
            "it is multiplied by g@2 = 7.58256e-10, sigmoid gave that at",
            "and behind it on the same path",
            "it is multiplied by g@1 = 2.78947e-10",
        ],
        None,
    ),
    "many factors": (
        (
            "inputs: {h0: 0.3, u: 0.2}\n"
            "program: |\n  h = h0\n  for t in range(8):\n      h = tanh(u * h + 0.1)\n"
        ),
        "h0.grad",
        ["no single factor is small: 24 partials, 0.581 each on average"],
        None,
    ),
    "one class of three": (
        (
            "inputs: {w: [[1, 0.5, -2], [0.25, 1, 3]]}\nconstants: {x: [2, -1]}\n"
            "program: |\n  u = x @ w\n  y = softmax(u)\nbackward: {of: y, v: [0, 1, 0]}\n"
        ),
        "u.grad[0]",
        ["not 0; 2 of 3 contributions are 0", "the seed is 0 at y[0]", "the seed is 0 at y[2]"],
        None,
    ),
    "beside a NaN": (
        (
            "inputs: {x: 3, y: 0}\nprogram: |\n  z = stack([x * y / y, x + y])\n  r = z[1]\n"
            "backward: {of: r}\n"
        ),
        "y.grad",
        ["not 0 but NaN", "z.grad[0] is 0: nothing that r depends on reads it"],
        None,
    ),
    "another name": (
        "inputs: {a: [4, 5]}\nprogram: b = a\nbackward: {of: b}\n",
        "a.grad[0]",
        ["a.grad[0] = 1", "not 0, and neither is its only contribution"],
        None,
    ),
}
"""Scenario, entry, what must be said, and the node at whose step some line stands."""


@pytest.mark.parametrize("name", ZEROS)
def test_why_zero_says_the_reason(name: str) -> None:
    """All of it, and a line leads to the node where it is seen."""
    body, entry, says, node = ZEROS[name]
    walk = session_at_end(body)
    answer = run_to_end(perform(walk, f"why zero {entry}"))
    for words in says:
        assert words in answer.text
    if node is not None:
        led = [line.step for line in answer.lines[1:] if line.step is not None]
        assert node in {walk.timeline[k].node.name for k in led}


def test_nan_behind_a_mask_has_its_cure() -> None:
    """A square before the mask is 0 as well, and it is the mask that sends 0 whatever comes."""
    walk = session_at_end(MASKED)
    text = walk.execute("origin nan")
    assert "r.grad[1] = 0: where takes the other branch" in text
    cure = "log(where(m == 1, p, 1))"
    assert cure in text
    cured = session_at_end(
        "inputs: {p: [0.25, 0, 4]}\nconstants: {m: [1, 0, 1]}\nprogram: |\n"
        f"  k = where(m == 1, {cure}, 0)\n  loss = mean(k ** 2)\n"
    )
    before, after = walk.trace, cured.trace
    assert after.values["loss"] == before.values["loss"]
    assert np.isfinite(after.grad["p"]).all()
    np.testing.assert_array_equal(after.grad["p"][[0, 2]], before.grad["p"][[0, 2]])
    assert after.grad["p"][1] == 0
