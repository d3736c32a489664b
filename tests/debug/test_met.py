"""What people met, in small: the question leads to the node, and the answer says the reason.

Each row is a scenario with its own numbers after something that somebody asked in public.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pytest

from tui_backprop.api import Scenario
from tui_backprop.debug.commands import perform
from tui_backprop.debug.journey import finished
from tui_backprop.debug.session import Session
from tui_backprop.scenario.load import loads


def session(body: str) -> Session:
    """A session at the end of the walk."""
    found = Session(Scenario(loads(f"format: 1\n{body}")).trace())
    found.execute("continue")
    return found


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
        (
            "inputs: {p: [0.25, 0, 4]}\nconstants: {m: [1, 0, 1]}\n"
            "program: |\n  r = log(p)\n  k = where(m == 1, r, 0)\n  loss = mean(k ** 2)\n"
        ),
        "r.grad[1]",
        [
            "k[1] = 0, and the slope is a multiple of it",
            "and behind it on the same path",
            "where takes the other branch, 0: m == 1 does not hold there",
        ],
        None,
    ),
    "NaN behind a mask": (
        (
            "inputs: {p: [0.25, 0, 4]}\nconstants: {m: [1, 0, 1]}\n"
            "program: |\n  r = log(p)\n  k = where(m == 1, r, 0)\n  loss = mean(k ** 2)\n"
        ),
        "p.grad[1]",
        [
            "not 0 but NaN; 'origin nan' leads to",
            "0 · inf = nan; r.grad[1] is 0:",
            "where takes the other branch",
        ],
        "r",
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
            "clipped: r[0] = 2.117 lies outside 0.5 to 1.5",
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
    walk = session(body)
    answer = finished(perform(walk, f"why zero {entry}"))
    for words in says:
        assert words in answer.text
    if node is not None:
        led = [line.step for line in answer.lines[1:] if line.step is not None]
        assert node in {walk.timeline[k].node.name for k in led}


def test_nan_behind_a_mask_has_its_cure() -> None:
    """A square before the mask is 0 as well, and it is the mask that sends 0 whatever comes."""
    walk = session(ZEROS["NaN behind a mask"][0])
    text = walk.execute("origin nan")
    assert "r.grad[1] = 0: where takes the other branch" in text
    cure = "log(where(m == 1, p, 1))"
    assert cure in text
    cured = session(
        "inputs: {p: [0.25, 0, 4]}\nconstants: {m: [1, 0, 1]}\nprogram: |\n"
        f"  k = where(m == 1, {cure}, 0)\n  loss = mean(k ** 2)\n"
    )
    before, after = walk.trace, cured.trace
    assert after.values["loss"] == before.values["loss"]
    assert np.isfinite(after.grad["p"]).all()
    np.testing.assert_array_equal(after.grad["p"][[0, 2]], before.grad["p"][[0, 2]])
    assert after.grad["p"][1] == 0


CLAIMS: Final[dict[str, tuple[str, str, str, tuple[str, tuple[int, int]] | None]]] = {
    "the last window wins": (
        (
            "inputs: {x: [[[2, 7, 1, 6, 3]]]}\nprogram: y = max_pool1d(x, 3, stride=1)\n"
            "backward: {of: y, v: [[[3, 20, 500]]]}\n"
        ),
        "of: x.grad, value: [[[0, 20, 0, 500, 0]]]",
        "= for +=: y reads some entry of x more than once",
        ("y", (1, 1)),
    ),
    "a row picked twice": (
        (
            "inputs: {T: [[1, 2], [3, 5]]}\nconstants: {ids: [1, 0, 1]}\n"
            "program: y = embedding(ids, T)\nbackward: {of: y, v: [[1, 2], [3, 4], [5, 6]]}\n"
        ),
        "of: T.grad, value: [[3, 4], [5, 6]]",
        "= for +=: y reads some entry of T more than once",
        ("y", (4, 2)),
    ),
    "padding": (
        (
            "inputs: {T: [[0.5, -1], [1, 2], [4, -3]]}\nconstants: {ids: [0, 2, 0, 1]}\n"
            "program: |\n  h = embedding(ids, T)\n  s = sum(h ** 2)\n"
        ),
        "of: 'T.grad[0]', value: [0, 0]",
        "padding row: none of the contributions to row 0 of T is there; if it is meant as padding",
        ("h", (0, 0)),
    ),
    "nothing there": (
        "inputs: {x: [1, 2]}\nprogram: |\n  h = x ** 2\n  y = sum(h)\n",
        "of: x.grad, value: [0, 0]",
        "nothing arrives: none of the contributions",
        ("h", (0, 0)),
    ),
    "the slope from the right": (
        "inputs: {x: [-3, 0, 4]}\nprogram: |\n  y = relu(x)\n  s = sum(5 * y)\n",
        "of: x.grad, value: [0, 5, 5]",
        (
            "convention: relu has a kink at x[1] = 0, where its slope 0 is a convention "
            "(relu'(0) = 0); 1, the slope from the right, is another"
        ),
        ("y", (1, 1)),
    ),
    "the first that ties": (
        "inputs: {x: [4, 1, 4]}\nprogram: y = max(x)\n",
        "of: x.grad, value: [1, 0, 0]",
        "1, where the first that ties gets all, is another",
        ("y", (0, 0)),
    ),
    "labels that are no distribution": (
        (
            "inputs: {z: [[0.2, 1.5]]}\nconstants: {t: [[0.25, 0.25]]}\n"
            "program: loss = cross_entropy(z, t)\n"
        ),
        "of: z.grad, value: [[-0.0358349757, 0.5358349757]], rtol: 1e-8",
        "labels that do not add up to 1: dloss/dz is taken to be p - t",
        ("loss", (0, 0)),
    ),
    "exp at its input": (
        "inputs: {x: 2.5}\nprogram: |\n  y = exp(x)\n  z = 4 * y\n",
        "of: x.grad, value: 10",
        "derivative at the input: the slope of exp, written in its output, is taken at the input x",
        ("y", (0, 0)),
    ),
    "sigmoid at its input": (
        "inputs: {x: 0.5}\nprogram: |\n  y = sigmoid(x)\n  z = 3 * y\n",
        "of: x.grad, value: 0.75",
        "derivative at the input: the slope of sigmoid",
        ("y", (0, 0)),
    ),
    "a mean of means": (
        (
            "inputs: {w: [0.5, -1]}\n"
            "constants: {a: [[2, 1], [1, 0]], s: [1, 2], b: [[1, 3], [0, 1], [2, 2]], t: [0, 1, 1]}\n"
            "program: |\n  la = mean((a @ w - s) ** 2)\n  lb = mean((b @ w - t) ** 2)\n"
            "backward: [{of: la}, {of: lb}]\n"
        ),
        "of: w.grad, value: [-4, -5.8]",
        "mean of means: the mean is taken over all 5 at once; here 2 means, of 2 and 3,",
        ("la", (0, 0)),
    ),
    "a mean of means in one pass": (
        (
            "inputs: {w: [0.5, -1]}\n"
            "constants: {a: [[2, 1], [1, 0]], s: [1, 2], b: [[1, 3], [0, 1], [2, 2]], t: [0, 1, 1]}\n"
            "program: |\n  la = mean((a @ w - s) ** 2)\n  lb = mean((b @ w - t) ** 2)\n"
            "  loss = (la + lb) / 2\n"
        ),
        "of: w.grad, value: [-4, -5.8]",
        "mean of means: the mean is taken over all 5 at once; here 2 means, of",
        ("lb", (0, 0)),
    ),
    "averaged passes": (
        "inputs: {x: 3}\nprogram: |\n  y = x ** 2\n  z = 4 * x\nbackward: [{of: y}, {of: z}]\n",
        "of: x.grad, value: 5",
        "averaged passes: the gradients of 2 passes are averaged, where passes add up",
        None,
    ),
    "adjoints that stay": (
        (
            "inputs: {a: 2, b: 5}\nconstants: {d: 3}\nprogram: |\n  c = a + b\n  y = c * d\n"
            "backward: [{of: y}, {of: y}]\n"
        ),
        "of: a.grad, value: 9",
        "stale adjoints: the adjoints of inner nodes are kept from the pass before",
        None,
    ),
    "gradients that stay": (
        "inputs: {a: 2}\nprogram: y = a ** 3\nbackward: [{of: y}, {zero_grad: true}, {of: y}]\n",
        "of: a.grad, value: 24",
        "forgotten zero_grad: the gradients of the passes before it are still there",
        None,
    ),
    "the slope of tanh left out": (
        (
            "inputs: {W: [[0.2, -0.4], [0.6, 0.1]], b: [0.3, -0.1], u: [2, -3]}\n"
            "constants: {x: [1, -2]}\n"
            "program: |\n  a = x @ W + b\n  h = tanh(a)\n  y = h @ u\n"
        ),
        "of: b.grad, value: [2, -3]",
        "forgotten factor: the factor dh/da of tanh is left out of the chain",
        ("h", (0, 0)),
    ),
    "the 2 of the square": (
        (
            "inputs: {w: [[1], [-1]]}\nconstants: {x: [[2, 1], [1, 3]], t: [[4], [1]]}\n"
            "program: |\n  r = x @ w - t\n  loss = mean(r ** 2)\n"
        ),
        "of: w.grad, value: [[-4.5], [-6]]",
        "forgotten exponent: the exponent in r ** 2 is not brought down as a factor",
        None,
    ),
    "the 1/n of a loss": (
        "inputs: {x: [1, 2, 4]}\nconstants: {t: [0, 0, 1]}\nprogram: loss = mse(x, t)\n",
        "of: x.grad, value: [2, 4, 6]",
        "forgotten 1/n: loss is a mean, and its 1/n is forgotten",
        ("loss", (0, 0)),
    ),
    "one reading alone": (
        "inputs: {x: 4}\nprogram: |\n  a = x * x\n  b = 7 * x\n  y = a + b\n",
        "of: x.grad, value: 4",
        "= for +=: the contributions to x.grad are not added up: the last one stands alone",
        None,
    ),
    "no transpose": (
        (
            "inputs: {W: [[0.5, -0.25], [0.75, 1]], h: [0.2, -0.1]}\n"
            "constants: {a: [0.1, 0.4], b: [-0.3, 0.2]}\n"
            "program: |\n  h1 = tanh(a + h @ W)\n  h2 = tanh(b + h1 @ W)\n  s = sum(h2)\n"
        ),
        "of: h1.grad, value: [1.1334540538273723, 0.5972864978402108]",
        "missing transpose: a matrix is not transposed on the way back from h1 @ W to h1",
        None,
    ),
    "the diagonal of a softmax": (
        "inputs: {z: [1, 2, 3]}\nprogram: p = softmax(z)\nbackward: {of: p, v: [1, -2, 5]}\n",
        "of: z.grad, value: [0.08192506906499324, -0.3696728930199575, 1.1134771326731168]",
        "only the diagonal: of the Jacobian of softmax only the diagonal is used",
        ("p", (0, 0)),
    ),
    "from the wrong side": (
        "inputs: {x: [1, 2, 3]}\nprogram: y = cumsum(x)\nbackward: {of: y, v: [1, 10, 100]}\n",
        "of: x.grad, value: [1, 11, 111]",
        "J and not its transpose: the Jacobian of cumsum is multiplied with v from the wrong side",
        ("y", (0, 0)),
    ),
    "its own factor": (
        "inputs: {a: 3, b: 5}\nprogram: |\n  c = a * b\n  y = 2 * c\n",
        "of: a.grad, value: 6",
        "own factor: dc/da of a product is taken to be a itself",
        ("c", (0, 0)),
    ),
}
"""Scenario, claim, what must be said, and node, row and column of the step it leads to."""


@pytest.mark.parametrize("name", CLAIMS)
def test_goto_claim_names_what_was_done(name: str) -> None:
    """And goes to the first step that it changes."""
    body, claim, says, place = CLAIMS[name]
    walk = session(f"{body}claims: [{{{claim}}}]\n")
    text = walk.execute("goto claim")
    assert says in text
    assert text.split("\n")[1].startswith(f"from step {walk.cursor} on: ")
    if place is not None:
        frame = walk.frame
        assert (frame.node.name, (frame.row, frame.column)) == place
