"""What people derived by hand, in small: the slip is named, and the step is where it shows.

Each row is a scenario with its own numbers after something that somebody asked in public.
"""

from __future__ import annotations

from typing import Final

import pytest

from tests.debug.claimed import session_at_end

MEANS: Final = """\
inputs: {w: [0.5, -1]}
constants: {a: [[2, 1], [1, 0]], s: [1, 2], b: [[1, 3], [0, 1], [2, 2]], t: [0, 1, 1]}
program: |
  la = mean((a @ w - s) ** 2)
  lb = mean((b @ w - t) ** 2)
"""

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
    "the row of the padding": (
        (
            "inputs: {T: [[1, 2], [3, 5]]}\nconstants: {ids: [0, 1, 0]}\n"
            "program: |\n  h = embedding(ids, T, padding_idx=0)\n  s = sum(h * h)\n"
        ),
        "of: T.grad, value: [[5, 8], [6, 10]]",
        (
            "nothing arrives at this entry: row 0 is that of the padding, and receives nothing: "
            "padding_idx=0"
        ),
        None,
    ),
    "a class that none names": (
        (
            "inputs: {q: [[-0.5, -1], [-2, -0.25]]}\nconstants: {t: [1, 0]}\n"
            "program: |\n  loss = nll(q, t)\n"
        ),
        "of: q.grad, value: [[0.25, -0.5], [-0.5, 0]]",
        "nothing arrives at this entry: the class of its sample is another: t[0] = 1",
        None,
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
    "labels of a position that are no distribution": (
        (
            "inputs: {z: [[[0.2, 1.5], [0.5, 3]]]}\nconstants: {t: [[[0.25, 1], [0.25, 0]]]}\n"
            "program: loss = cross_entropy(z, t)\n"
        ),
        (
            "of: z.grad, rtol: 1e-8, value: "
            "[[[0.0877787416, -0.4087872381], [0.1622212584, 0.4087872381]]]"
        ),
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
        (MEANS + "backward: [{of: la}, {of: lb}]\n"),
        "of: w.grad, value: [-4, -5.8]",
        "mean of means: the mean is taken over all 5 at once; here 2 means, of 2 and 3,",
        ("la", (0, 0)),
    ),
    "a mean of means in one pass": (
        (MEANS + "  loss = (la + lb) / 2\n"),
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
    walk = session_at_end(f"{body}claims: [{{{claim}}}]\n")
    text = walk.execute("goto claim")
    assert says in text
    assert text.split("\n")[1].startswith(f"from step {walk.cursor} on: ")
    if place is not None:
        frame = walk.frame
        assert (frame.node.name, (frame.row, frame.column)) == place
