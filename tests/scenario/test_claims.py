"""Claims are about something that has a derivative, and have its shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.scenario.support import DOUBLE, message, problem, problems
from tui_backprop.graph.tolerance import Tolerance
from tui_backprop.scenario.load import loads

if TYPE_CHECKING:
    from tui_backprop.timeline.trace import Claim

BASE = """\
format: 1
inputs: {W: [[1, 2], [3, 4]], x: [5, 6]}
constants: {c: 2}
program: |
  h = W @ x
  L = sum(c * h)
backward:
- {of: h}
- {zero_grad: true}
- {of: L}
"""


def claim(text: str) -> Claim:
    """The only claim of a file."""
    (only,) = loads(f"{BASE}claims: [{text}]\n").claims
    return only


def test_a_gradient() -> None:
    """Of an input, after all passes, and it holds unless the file says otherwise."""
    found = claim("{of: W.grad, value: [[1, 2], [3, 4]]}")
    assert (found.text, found.node, found.wrt, found.after) == ("W.grad", 0, None, 3)
    assert (found.holds, found.tolerance, dict(found.by)) == (True, Tolerance(1e-6, 1e-9), {})
    np.testing.assert_array_equal(found.entries, [[0, 1], [2, 3]])
    np.testing.assert_array_equal(found.value, [[1, 2], [3, 4]])
    assert not found.value.flags.writeable


def test_part_of_an_adjoint_after_a_pass() -> None:
    """With who derived it, in two languages."""
    found = claim(
        "{of: 'h.grad[-1]', value: 1, after: 1, holds: false, by: {en: a book, zh: 书}, rtol: 0.1}"
    )
    assert (found.text, found.after, found.holds) == ("h.grad[1]", 1, False)
    assert found.tolerance == Tolerance(0.1, 1e-9)
    assert dict(found.by) == {"en": "a book", "zh": "书"}
    assert (found.entries.shape, int(found.entries)) == ((), 1)
    assert dict(claim("{of: h.grad, value: [1, 1], by: Ann}").by) == {"": "Ann"}


@pytest.mark.parametrize(
    ("of", "wrt", "value", "text", "rows", "columns"),
    [
        ("h", "x", "[[1, 2], [3, 4]]", "dh/dx", [0, 1], [0, 1]),
        ("h[1]", "x", "[3, 4]", "dh[1]/dx", 1, [0, 1]),
        ("L", "W", "[[1, 2], [3, 4]]", "dL/dW", 0, [[0, 1], [2, 3]]),
        ("L", "W[1]", "[3, 4]", "dL/dW[1]", 0, [2, 3]),
        ("h[0]", "W[1, 0]", "7", "dh[0]/dW[1,0]", 0, 2),
    ],
)
def test_partials(of: str, wrt: str, value: str, text: str, rows: object, columns: object) -> None:
    """In the shape of the one, then of the other; an entry has none."""
    found = claim(f"{{partial: {{of: '{of}', wrt: '{wrt}'}}, value: {value}}}")
    assert found.text == text
    assert found.columns is not None
    assert (found.entries.tolist(), found.columns.tolist()) == (rows, columns)


def test_the_gradient_of_an_input_that_is_bound_again() -> None:
    """X.grad is the input's, whatever the program calls X later."""
    text = "format: 1\ninputs: {X: [1, 2, 3]}\nprogram: X = sum(X)\n"
    (found,) = loads(f"{text}claims: [{{of: 'X.grad[2]', value: 1}}]\n").claims
    assert (found.node, int(found.entries)) == (0, 2)
    (found,) = loads(f"{text}claims: [{{partial: {{of: X, wrt: X}}, value: 1}}]\n").claims
    assert found.node == found.wrt == 1


@pytest.mark.parametrize(
    ("text", "column", "said", "hint"),
    [
        ("{of: h, value: [1, 2]}", 15, "expected a gradient: X.grad, X.grad[1]",
         "did you mean 'h.grad'?"),
        ("{of: seed, value: [1, 2]}", 15, "expected a gradient: X.grad, X.grad[1]", ""),
        ("{of: q.grad, value: 1}", 15, "unknown name 'q'",
         "known: W, x, c, h, L, build, seed, backward, zero_grad, update, end"),
        ("{of: 'x.grad[2]', value: 1}", 15, "'x' has shape (2,), it has no entry [2]", ""),
        ("{of: x.grad, value: [1, 2, 3]}", 30,
         "expected shape (2,), as 'x.grad' has, found (3,)", ""),
        ("{of: c.grad, value: 1}", 15, "'c' has no gradient: no input is above it", ""),
        ("{of: x.grad, value: [1, 2], after: 4}", 10, "'backward' has 3 items, there is no item 4",
         ""),
        ("{of: x.grad, value: [1, 2], after: 0}", 45,
         "expected a whole number of at least 1, found the number 0", ""),
        ("{partial: {of: h.grad, wrt: x}, value: 1}", 25, "expected a value: Y, Y[1]", ""),
        ("{partial: {of: h, wrt: c}, value: 1}", 33, "'c' has no gradient: no input is above it",
         ""),
        ("{partial: {of: h, wrt: x}, value: 1}", 44,
         "expected shape (2, 2), as 'dh/dx' has, found ()", ""),
        ("{partial: {of: h}, value: 1}", 20, "missing key 'wrt'", ""),
        ("{off: x.grad, value: 1}", 11, "unknown key 'off'", "did you mean 'of'?"),
        ("{of: x.grad, value: [1, 2], hold: no}", 38, "unknown key 'hold'",
         "did you mean 'holds'?"),
    ],
)  # fmt: skip
def test_what_does_not_fit(text: str, column: int, said: str, hint: str) -> None:
    """With its place, and the nearest word."""
    found = problems(f"{BASE}claims: [{text}]\n")
    assert (11, column, said, hint) in [(p.line, p.column, p.message, p.hint) for p in found]


def test_many_rows_of_partials_are_refused() -> None:
    """Each would be a backward pass."""
    text = DOUBLE.replace("[1, 2, 3]", "{shape: [2000], fill: 1}")
    value = "{shape: [2000, 2000], fill: 0}"
    found = problem(f"{text}claims: [{{partial: {{of: Y, wrt: X}}, value: {value}}}]\n")
    assert found.message == "'Y' has 2,000 entries, each a row of partials"
    assert found.hint == "a claim may have 1,000: name fewer, such as Y[0]"


def test_the_caret_stands_under_the_culprit() -> None:
    """As for every other key."""
    assert message(f"{DOUBLE}claims:\n- of: X.grd\n  value: [1, 2, 3]\n").splitlines() == [
        "t.yaml:7:7: unknown name 'X.grd'",
        "    7 | - of: X.grd",
        "      |       ^^^^^ known: X, Y, build, seed, backward, zero_grad, update, end",
    ]


def test_all_claims_are_looked_at() -> None:
    """Whatever the others are."""
    rest = "claims:\n- {of: q.grad, value: 1}\n- 5\n- {of: X.grad, value: [1]}\n"
    assert [p.line for p in problems(DOUBLE + rest)] == [7, 8, 9]
