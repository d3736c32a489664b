"""What people meet, each asked for its NaN, its infinity and its health: the true cause is named.

Each case is a small program; beside it stands what an answer must hold, in this order, and what it
must advise. Whatever is advised is followed, and holds.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pytest

from tests.debug.why.advised import advice, asked, assert_cured, traced
from tui_backprop.debug.health.measures import health
from tui_backprop.debug.health.report import root_lines

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui_backprop.timeline.trace import Trace

INF: Final = np.inf
NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})
NO_NAN: Final = ("no NaN appears in this walk",)
NO_INF: Final = ("no infinity appears in this walk",)


class Case(NamedTuple):
    """A program and what is said of it.

    Attributes:
        program: its last line is pulled back.
        inputs: its inputs.
        constants: its constants.
        nan: pieces of the answer to `origin nan`, in order.
        inf: likewise.
        cure: what is to be written; None where no cure is told.
        health: pieces of the lines on roots, in order.
        flags: of some nodes.
    """

    program: str
    inputs: dict[str, Any]
    constants: Mapping[str, Any] = NOTHING
    nan: tuple[str, ...] = NO_NAN
    inf: tuple[str, ...] = NO_INF
    cure: str | None = None
    health: tuple[str, ...] = ()
    flags: Mapping[str, tuple[str, ...]] = NOTHING


ATTENTION = {
    "x": [[2, 1], [-1, 0.5], [0.4, 3]],
    "m": [[0, -INF, 0], [-INF, -INF, -INF], [0, 0, 0]],
}

CASES: Final = {
    "a length of zero": Case(
        "n = sqrt(sum(x ** 2))",
        {"x": [0, 0, 0]},
        nan=("= inf · 0 = nan", "= 0: x[0] = 0, and the slope is a multiple of it",
             "the infinity came first; ", "= inf at #3 = 0, n = 0",
             "the slope of sqrt, 1/(2·sqrt(x)), is infinite at 0"),
        inf=("∂n/∂#3 = inf at #3 = 0, n = 0", "the slope of sqrt"),
        cure="norm(x)",
        health=("the root: n = sqrt(#3), its slope is not finite",),
        flags={"n": ("inf slope",)},
    ),
    "a length of zero inside": Case(
        "d = a - b\nq = d ** 2\nr = sum(q)\nn = sqrt(r)\ny = exp(-2 * n)",
        {"a": [3, 1]}, {"b": [3, 1]},
        nan=("q.grad[0] · ∂q[0]/∂d[0] = -inf · 0 = nan", "∂n/∂r = inf at r = 0, n = 0"),
        inf=("∂n/∂r = inf at r = 0, n = 0",),
        cure="norm(d)",
        health=("the root: n = sqrt(r), its slope is not finite, and comes back into r",
                "4 nodes have a gradient that is not finite"),
        flags={"n": ("inf slope",), "a": ("nan adjoint",)},
    ),
    "a deviation by hand": Case(
        "m = mean(x)\nv = mean((x - m) ** 2)\ns = sqrt(v)\ny = 3 / (s + 0.5)",
        {"x": [7, 7, 7, 7]},
        nan=("= -inf · 0 = nan", "the infinity came first", "∂s/∂v = inf at v = 0, s = 0"),
        inf=("∂s/∂v = inf at v = 0, s = 0",),
        cure="std(x)",
        health=("the root: s = sqrt(v)",),
    ),
    "the norm function at zero": Case("n = norm(x)", {"x": [0, 0, 0]},
                                      health=("the gradient dies at n = norm(x)",)),
    "std of equal numbers": Case("s = std(x)\ny = 1 / (s + 1)", {"x": [3, 3]},
                                 health=("the gradient dies at s = std(x)",)),
    "root in the other branch": Case(
        "y = where(x <= 0, 0, sqrt(x))\ns = sum(y)",
        {"x": [9, 0, -2]},
        nan=("by #3 = sqrt(x)", "sqrt is NaN below 0", "but the backward pass makes one of its own",
             "#3.grad[1] · ∂#3[1]/∂x[1] = 0 · inf = nan", "x <= 0 holds there",
             "where passes 0 to the branch not taken"),
        inf=("∂#3[1]/∂x[1] = inf at x[1] = 0",),
        cure="sqrt(where(x <= 0, 1, x))",
        health=("the root: #3 = sqrt(x) is the first value that holds NaN",),
    ),
    "quotient in the other branch": Case(
        "q = where(d == 0, 0, x / d)\ns = sum(q)",
        {"x": [5, 6], "d": [0, 2]},
        nan=("#4.grad[0] · ∂#4[0]/∂x[0] = 0 · inf = nan", "d == 0 holds there"),
        inf=("#4[0] = inf out of x[0] = 5, d[0] = 0", "a number divided by 0 is infinite"),
        cure="x / where(d == 0, 1, d)",
    ),
    "divided, then masked": Case(
        "y = x / d\nm = d != 0\nloss = sum(where(m, y, 0))",
        {"x": [5, 6]}, {"d": [0, 2]},
        nan=("y.grad[0] · ∂y[0]/∂x[0] = 0 · inf = nan", "d != 0 does not hold there"),
        inf=("y[0] = inf out of x[0] = 5, d[0] = 0",),
        cure="x / where(d != 0, d, 1)",
    ),
    "masked, then squared": Case(
        "r = log(p)\nk = where(m == 1, r, 0)\nloss = mean(k ** 2)",
        {"p": [0.25, 0, 3]}, {"m": [1, 0, 1]},
        nan=("r.grad[1] · ∂r[1]/∂p[1] = 0 · inf = nan", "the slope of log, 1/x, is infinite at 0",
             "where passes 0 to the branch not taken"),
        inf=("r[1] = -inf out of p[1] = 0", "log(0) is -inf"),
        cure="log(where(m == 1, p, 1))",
    ),
    "masked, against a target": Case(
        "r = log(p)\nk = where(m == 1, r, 0)\nloss = mean((k - 2) ** 2)",
        {"p": [0.25, 0, 3]}, {"m": [1, 0, 1]},
        nan=("m == 1 does not hold there",),
        inf=("log(0) is -inf",),
        cure="log(where(m == 1, p, 1))",
    ),
    "a mean over nothing": Case(
        "p = sigmoid(x @ w)\nl = -t * log(p)\nloss = sum(l * m) / sum(m)",
        {"w": [1, -0.5]}, {"x": [[2, 1], [0, 3]], "t": [1, 0], "m": [0, 0]},
        nan=("loss = nan out of", "0/0 is NaN"),
        inf=("the slope of divide, 1/y with y = 0, is not finite",),
        cure="sum(l * m) / where(sum(m) == 0, 1, sum(m))",
        health=("the root: loss = ", "is the first value that holds NaN"),
    ),
    "every label ignored": Case(
        "z = x @ W\nloss = cross_entropy(z, t)",
        {"W": [[0.1, -0.4, 0.6], [0.2, 0.3, -0.1]]},
        {"x": [[2, -1], [0.5, 1]], "t": [-100, -100]},
        nan=("by loss = cross_entropy(z, t)",
             "all labels in t are -100, which is ignored: the mean of nothing is 0/0"),
        health=("the root: loss = cross_entropy(z, t) is the first value that holds NaN",),
    ),
    "all of nll ignored": Case(
        "loss = nll(q, t, ignore_index=2)", {"q": [[-1, -2, -3]]}, {"t": [2]},
        nan=("all labels in t are 2, which is ignored",),
    ),
    "one number, unbiased": Case(
        "s = std(x, axis=1, ddof=1)\ny = sum(s)", {"x": [[4.5], [1.5]]},
        nan=("s[0] = nan out of x[0,0] = 4.5",
             "std divides by n - ddof, and of 1 with ddof=1 that is 0"),
        health=("the root: s = std(x, axis=1, ddof=1) is the first value that holds NaN",),
    ),
    "a row of softmax all masked": Case(
        "q = x @ W\ns = q @ x.T + m\na = softmax(s, axis=-1)\no = a @ x\nloss = sum(o[2:] ** 2)",
        {"W": [[0.4, -0.1], [0.2, 0.7]]}, ATTENTION,
        nan=("a[1,0] = nan out of s[1,0] = -inf", "all that it normalizes is -inf",
             "0/0 is NaN; scaled_dot_product_attention gives 0 for such a row instead",
             "the infinity came first; step 2: m[1,0] came as -inf",
             "loss holds no NaN, but it comes back into W.grad"),
        inf=("m[0,1] came as -inf", "loss holds no infinity"),
        health=("the root: a = softmax(s) is the first value that holds NaN",),
    ),
    "a row of attention all masked": Case(
        "q = x @ W\no = scaled_dot_product_attention(q, x, x, attn_mask=m)\nloss = sum(o ** 2)",
        {"W": [[0.4, -0.1], [0.2, 0.7]]}, ATTENTION,
        inf=("m[0,1] came as -inf", "loss holds no infinity"),
    ),
    "a row of log_softmax all masked": Case(
        "q = log_softmax(z)\nloss = nll(q, t)",
        {"z": [[0.1, 2], [-INF, -INF]]}, {"t": [0, -100]},
        nan=("q[1,0] = nan out of z[1,0] = -inf, z[1,1] = -inf", "each exp is 0, and 0/0 is NaN",
             "the infinity came first; step 0: z[1,0] came as -inf",
             "loss holds no NaN, but it comes back into z.grad"),
        inf=("z[1,0] came as -inf",),
    ),
    "an entry beside a NaN": Case(
        "z = stack([x * y / y, x - y])\nr = z[1]", {"x": 3, "y": 0},
        nan=("#3 = nan out of #2 = 0, y = 0", "0/0 is NaN", "r holds no NaN, but the backward pass",
             "nothing that r depends on reads it"),
        inf=("∂#3/∂#2 = inf at #2 = 0, y = 0",),
        cure="x * y / where(y == 0, 1, y)",
    ),
    "0 to a negative power": Case(
        "c = a ** b\ns = sum(c)", {"b": [2, 0, -2]}, {"a": [0, 0, 0]},
        inf=("c[2] = inf out of a[2] = 0, b[2] = -2", "0 to a negative power, -2, is infinite"),
        flags={"c": ("inf value", "inf slope")},
    ),
    "a root as a power": Case(
        "c = x ** 0.5\ns = sum(c)", {"x": [0, 4]},
        inf=("the slope of power, y·x**(y - 1), is infinite at x = 0 and y = 0.5",),
        cure="(x + 1e-12) ** 0.5",
    ),
    "the angle of the origin": Case("p = arctan2(a, b)\ny = 2 * p", {"a": 0, "b": 0}),
    "an angle near the origin": Case(
        "y = sin(a)\nx = tanh(b)\nphi = arctan2(y, x)", {"a": 3e-9, "b": 4e-9},
        health=("the gradient changes the most at phi = arctan2(y, x): into y comes",),
        flags={"phi": ("steep",)},
    ),
    "a row of zeros, normalized": Case(
        "y = layer_norm(x)\ns = sum(y * c)", {"x": [[0, 0, 0], [2, 1, 5]]},
        {"c": [[1, 3, -1], [0.5, 1, 2]]},
        flags={"y": ("steep",)},
    ),
    "a threshold": Case(
        "n = norm(X, axis=1)\nm = n < thr\nloss = sum(n * m) / sum(m)",
        {"X": [[2, 0], [6, 8], [0, 1]], "thr": 4.5},
        health=("thr gets no gradient: m = n < thr has no derivative by it",),
        flags={"thr": ("no gradient",)},
    ),
    "just outside arccos": Case(
        "y = arccos(x)\ns = sum(y)", {"x": [1 + 2**-52, 0.5]},
        nan=("y[0] = nan out of x[0] = 1.0000000000000002", "arccos is NaN above 1"),
    ),
    "two infinities that meet": Case(
        "a = exp(x)\nb = exp(y)\nd = a - b", {"x": 800.0, "y": 900.0},
        nan=("d = nan out of a = inf, b = inf", "inf - inf is NaN",
             "the infinity came first; step 2: a = inf out of x = 800",
             "the infinity came first; step 3: b = inf out of y = 900"),
        inf=("a = inf out of x = 800, by a = exp(x)", "exp overflows"),
        health=("the root: d = a - b is the first value that holds NaN",),
    ),
    "softmax by hand": Case(
        "h = exp(x)\np = h / sum(h)\ny = p[1]", {"x": [900, 1, 2]},
        nan=("p[0] = nan", "inf/inf is NaN", "the infinity came first; step 1: h[0] = inf"),
        inf=("h[0] = inf out of x[0] = 900",),
        cure="softmax(x)",
    ),
    "entropy with a zero": Case(
        "h = -sum(p * log(p))", {"p": [0.5, 0, 0.5]},
        nan=("0 · inf is NaN", "the infinity came first", "log(0) is -inf",
             "a factor of 0 does not leave it out"),
        inf=("log(0) is -inf",),
        cure="where(p != 0, log(where(p != 0, p, 1)), 0)",
    ),
    "rows by mask": Case(
        "r = sqrt(sum(x * x, axis=1))\ns = sum(where(m, r, 0))",
        {"x": [[0, 0], [3, 4]]}, {"m": [0, 1]},
        nan=("= 0 · inf = nan",), inf=("the slope of sqrt",),
        cure="norm(x, axis=1)",
    ),
    "a sign by hand": Case(
        "y = x / sqrt(x * x)\ns = sum(y)", {"x": [0.0, 2.0]},
        nan=("y[0] = nan out of x[0] = 0", "0/0 is NaN"),
        inf=("= inf at",),
        cure="sqrt(where(x != 0, x * x, 1))",
    ),
}  # fmt: skip


def assert_in_order(pieces: tuple[str, ...], text: str) -> None:
    """Each piece stands behind the one before."""
    at = 0
    for piece in pieces:
        found = text.find(piece, at)
        assert found >= 0, (piece, text)
        at = found + 1


def case_trace(name: str) -> Trace:
    """The trace of a case."""
    case = CASES[name]
    return traced(case.program, case.inputs, case.constants)


@pytest.mark.parametrize("name", CASES)
def test_the_cause_is_named(name: str) -> None:
    """By `origin nan` and `origin inf`."""
    trace, case = case_trace(name), CASES[name]
    assert_in_order(case.nan, asked(trace, "nan").text)
    assert_in_order(case.inf, asked(trace, "inf").text)


@pytest.mark.parametrize("name", CASES)
def test_the_cure_is_told_and_holds(name: str) -> None:
    """The one that the case states, and no other."""
    trace, case = case_trace(name), CASES[name]
    told = []
    for answer in (asked(trace, "nan"), asked(trace, "inf")):
        found = [text for _, text in advice(trace, answer)]
        told += found
        if found:
            assert_cured(trace, answer)
    assert set(told) == ({case.cure} if case.cure else set())


@pytest.mark.parametrize("name", [n for n, case in CASES.items() if case.health or case.flags])
def test_health_names_the_root(name: str) -> None:
    """In front of the table, and by flags in it."""
    trace, case = case_trace(name), CASES[name]
    found = health(trace)
    assert_in_order(case.health, "\n".join(line.text for line in root_lines(trace, found)))
    flags = {node.name: node.flags for node in found.nodes}
    for node, expected in case.flags.items():
        assert set(expected) <= set(flags[node]), flags
