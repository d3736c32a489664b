"""Every cure that an answer tells is followed: typed into the program, read again, evaluated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.debug.why.advised import advice, asked, assert_cured, followed, traced
from tests.debug.why.test_nonfinite import WHATS
from tests.fuzz.effort import effort
from tui_backprop.debug.why.nonfinite import origin

if TYPE_CHECKING:
    from tui_backprop.debug.why.nonfinite import What
    from tui_backprop.timeline.trace import Trace


class Masked(NamedTuple):
    """A function, numbers at which it or its slope is not finite, and numbers at which both are.

    Attributes:
        text: an application to ``{x}``.
        bad: such numbers.
        good: others.
        left_out: what holds of the bad ones and of no good one.
        kept: what holds of the good ones only.
    """

    text: str
    bad: tuple[float, ...]
    good: tuple[float, ...]
    left_out: tuple[str, ...]
    kept: tuple[str, ...]


POSITIVE = ("{x} <= 0", "0 >= {x}"), ("{x} > 0", "0 < {x}")
NONZERO = ("{x} == 0", "0 == {x}"), ("{x} != 0", "abs({x}) > 0")
INSIDE = ("abs({x}) >= 1",), ("abs({x}) < 1", "1 > abs({x})")

MASKED = [
    Masked("sqrt({x})", (0.0, -1.0), (4.0, 0.25), *POSITIVE),
    Masked("log({x})", (0.0, -2.0), (3.0, 0.5), *POSITIVE),
    Masked("log10({x})", (0.0,), (3.0, 0.5), *POSITIVE),
    Masked("{x} ** 0.5", (0.0, -1.0), (4.0, 0.25), *POSITIVE),
    Masked("{x} ** -1", (0.0,), (4.0, -0.5), *NONZERO),
    Masked("1 / {x}", (0.0,), (4.0, -0.5), *NONZERO),
    Masked("{x} / {x}", (0.0,), (4.0, -0.5), *NONZERO),
    Masked("reciprocal({x})", (0.0,), (4.0, -0.5), *NONZERO),
    Masked("cbrt({x})", (0.0,), (8.0, 1.0), *NONZERO),
    Masked("arccos({x})", (1.0, -1.0, 2.0), (0.5, -0.25), *INSIDE),
    Masked("arcsin({x})", (1.0, -1.0), (0.5, -0.25), *INSIDE),
    Masked("arctanh({x})", (1.0, -1.0, 3.0), (0.5, -0.25), *INSIDE),
    Masked("arccosh({x})", (1.0, 0.5), (2.0, 3.0), ("{x} <= 1",), ("{x} > 1", "1 < {x}")),
    Masked("1 / sqrt({x})", (0.0,), (4.0, 0.25), *POSITIVE),
    Masked("log({x}) / sqrt({x})", (0.0,), (4.0, 0.25), *POSITIVE),
]
SHAPES = ["{c}", "m"]
CHAINS = ["sum({y})", "mean({y} ** 2)", "sum(3 * {y} - 1)", "mean(({y} - 1) ** 2)"]


@st.composite
def masked_programs(draw: st.DrawFn) -> Trace:
    """A function whose bad entries are left out by ``where``, in every way that people write it."""
    case = draw(st.sampled_from(MASKED))
    is_kept_first = draw(st.booleans())
    condition = draw(st.sampled_from(case.kept if is_kept_first else case.left_out))
    shape = draw(st.sampled_from([(), (3,), (2, 2)]))
    numbers = draw(
        st.lists(st.sampled_from([*case.bad, *case.good]), min_size=4, max_size=4).map(np.array)
    )
    x = numbers[: int(np.prod(shape, dtype=int))].reshape(shape)
    lines = []
    test = condition.format(x="x")
    place = draw(st.sampled_from(["inline", "before", "after", "constant"]))
    applied = case.text.format(x="x")
    constants = {}
    if place == "before":
        lines.append(f"m = {test}")
    inner = applied
    if draw(st.booleans()) or place == "after":
        lines.append(f"r = {applied}")
        inner = "r"
    if place == "after":
        lines.append(f"m = {test}")
    if place == "constant":
        held = np.isin(x, case.good) if is_kept_first else np.isin(x, case.bad)
        constants["m"] = held.astype(float)
        test = draw(st.sampled_from(["m", "m == 1", "m > 0.5", "1 == m", "m != 0"]))
    elif place != "inline":
        test = "m"
    if draw(st.integers(0, 3)) == 0:
        inner = f"2 * {inner}"
    chosen = f"where({test}, {inner}, 0)" if is_kept_first else f"where({test}, 0, {inner})"
    if draw(st.integers(0, 3)) == 0:
        chosen = f"where(x < 100, {chosen}, 0)"
    lines.append(f"k = {chosen}")
    lines.append("loss = " + draw(st.sampled_from(CHAINS)).format(y="k"))
    return traced("\n".join(lines), {"x": x}, constants)


@effort(3)
@given(masked_programs(), st.sampled_from(WHATS))
def test_a_masked_function_is_cured(trace: Trace, what: What) -> None:
    """Whichever branch it stands in, however the condition is written: its cure holds."""
    answer = asked(trace, what)
    bad = [x for x in trace.grad.values() if not np.isfinite(x).all()]
    told = advice(trace, answer)
    if told:
        assert_cured(trace, answer)
    is_clean = not bad or origin(trace.timeline, what) is None
    assert told or is_clean, (trace.graph.program, dict(trace.leaves), answer.text)


FACTORS = ["m * {f}", "{f} * m", "(1 - h) * {f}", "m * (2 * {f})"]


@effort(3)
@given(
    st.sampled_from(MASKED),
    st.sampled_from(FACTORS),
    st.lists(st.integers(0, 1), min_size=3, max_size=3),
    st.sampled_from(WHATS),
)
def test_a_factor_of_zero_is_cured(case: Masked, form: str, kept: list[int], what: What) -> None:
    """0 · inf is NaN in the value too: choosing before the op is the cure, and the rest stays."""
    m = np.array(kept, dtype=float)
    x = np.where(m == 1, case.good[0], case.bad[0])
    applied = case.text.format(x="x")
    program = f"k = {form.format(f=f'({applied})')}\nloss = sum(k)"
    trace = traced(program, {"x": x}, {"m": m, "h": 1 - m})
    answer = asked(trace, what)
    assume(origin(trace.timeline, what) is not None)
    assume(not all(np.isfinite(g).all() for g in trace.grad.values()))
    assert advice(trace, answer), program
    assert_cured(trace, answer)
    true = traced(program, {"x": np.full(3, case.good[0])}, {"m": m, "h": 1 - m})
    after = followed(trace, answer)
    np.testing.assert_allclose(after.grad["x"], m * true.grad["x"], rtol=1e-6, atol=1e-9)


ROOTS = ["sqrt({x})", "{x} ** 0.5", "sqrt({x} + 0)", "cbrt({x})", "arcsin(1 - {x})"]
AROUND = ["{x} * {f}", "{f} * {x}", "{x} * (2 * {f} + 1)", "{x} * ({f} - 3)", "t * ({x} * {f})"]


@pytest.mark.parametrize("form", AROUND)
@pytest.mark.parametrize("root", ROOTS)
def test_a_factor_with_a_slope_of_its_own_sees_the_op_as_it_was(root: str, form: str) -> None:
    """Its gradient is the limit from the right, not that of the number put in for the op's own."""
    program = f"m = {form.format(x='x', f=root.format(x='x'))}\nloss = sum(m)"
    trace = traced(program, {"x": [0.0, 0.5]}, {"t": [3.0, 2.0]})
    answer = asked(trace, "nan")
    assert_cured(trace, answer)
    assert "twice" not in answer.text
    after = followed(trace, answer)
    near = traced(program, {"x": [1e-12, 0.5]}, {"t": [3.0, 2.0]})
    np.testing.assert_allclose(after.grad["x"], near.grad["x"], atol=1e-3)


def test_the_whole_expression_is_told() -> None:
    """With the choice after the op, which nothing else makes."""
    trace = traced("m = s * cbrt(s)\ny = sum(m)", {"s": [0.0, 8.0]})
    answer = asked(trace, "nan")
    assert "choose before cbrt and after it: where(s != 0, cbrt(where(s != 0, s, 1)), 0)" in (
        answer.text
    )
    np.testing.assert_allclose(followed(trace, answer).grad["s"], [0, 8 / 3])


@pytest.mark.parametrize("what", WHATS)
def test_a_numerator_of_zero_is_cured(what: What) -> None:
    """0/0 where the numerator is a mask: the root below it is chosen twice."""
    trace = traced("k = m / sqrt(x)\nloss = sum(k)", {"x": [4.0, 0.0]}, {"m": [1, 0]})
    answer = asked(trace, what)
    assert [text for _, text in advice(trace, answer)] == ["sqrt(where(m != 0, x, 1))"]
    assert_cured(trace, answer)


ANGLES = {
    "by hand": (
        "c = sum(a * b) / (sqrt(sum(a ** 2)) * sqrt(sum(b ** 2)))",
        "a_length = sqrt(sum(a ** 2))\nc = sum(a * b) / (a_length * norm(b))",
    ),
    "by norm": (
        "c = sum(a * b) / (norm(a) * norm(b))",
        "n = norm(a) * norm(b)\nc = sum(a * b) / n",
    ),
}


@pytest.mark.parametrize("program", [p for both in ANGLES.values() for p in both])
def test_a_numerator_with_a_slope_of_its_own_decides_nothing(program: str) -> None:
    """Where it is 0 for another reason, here by a right angle, a choice by it changes slopes."""
    zero, right = {"a": [0.0, 0.0], "b": [3.0, 4.0]}, {"a": [2.0, 0.0], "b": [0.0, 4.0]}
    trace = traced(program, zero)
    answer = asked(trace, "nan")
    assert "choose twice" not in answer.text
    if advice(trace, answer):
        assert_cured(trace, answer)
        others = traced(followed(trace, answer).graph.program, right)
        for name, grad in traced(program, right).grad.items():
            np.testing.assert_allclose(others.grad[name], grad)


def test_one_entry_of_a_length_decides_nothing() -> None:
    """An entry may be 0 where the length is not."""
    program = "y = x / sqrt(sum(x * x))\ns = sum(y * c)"
    for what in WHATS:
        assert "x != 0" not in asked(traced(program, {"x": [0.0, 0.0]}, {"c": [1, 2]}), what).text


def test_where_decides_before_a_factor_does() -> None:
    """A factor that happens to be 0 in the same place is not the reason."""
    trace = traced(
        "y = where(d == 0, x, log(d) * x)\ns = sum(y)", {"x": [4.0, 0.0, 2.0], "d": [2.0, 0.0, 1.0]}
    )
    told = [text for _, text in advice(trace, asked(trace, "nan"))]
    assert told == ["log(where(d == 0, 1, d))"]
    assert_cured(trace, asked(trace, "nan"))


WRITTEN: dict[str, tuple[str, dict[str, Any], dict[str, Any], str]] = {
    "a product of conditions": (
        "s = sum(where((x > 0) * (x < 9), sqrt(x), 0))",
        {"x": [4, 0, 16]}, {}, "sqrt(where((x > 0) * (x < 9), x, 1))",
    ),
    "a mask by a long name": (
        "is_kept = x > 0\nr = sqrt(x)\ns = sum(where(is_kept, r, 0))",
        {"x": [4, 0]}, {}, "sqrt(where(is_kept, x, 1))",
    ),
    "a mask named later": (
        "r = sqrt(x)\nm = x > 0\ns = sum(where(m, r, 0))",
        {"x": [4, 0]}, {}, "sqrt(where(x > 0, x, 1))",
    ),
    "a mask of a later number": (
        "r = sqrt(x)\nlimit = t * 2\nm = x > limit\ns = sum(where(m, r, 0))",
        {"x": [4, 0]}, {"t": 0}, "sqrt(where(x > t * 2, x, 1))",
    ),
    "in a loop": (
        "h = x\nfor t in range(2):\n    h = where(h > 0, sqrt(h), 0)\ns = sum(h)",
        {"x": [4, 0]}, {}, "sqrt(where(h > 0, h, 1))",
    ),
    "in a function": (
        "def f(a):\n    return where(a > 0, sqrt(a), 0)\ns = sum(f(x))",
        {"x": [4, 0]}, {}, "sqrt(where(a > 0, a, 1))",
    ),
    "a name bound again": (
        "x2 = x * 1\nx2 = x2 + 0\nr = log(x2)\ns = sum(where(x2 > 0, r, 0))",
        {"x": [4, 0]}, {}, "log(where(x2 > 0, x2, 1))",
    ),
    "a column of masks": (
        "s = sum(where(m, 1 / x, 0))",
        {"x": [[1, 2, 4], [0, 0, 0]]}, {"m": [[1], [0]]}, "1 / where(m, x, 1)",
    ),
    "a mask wider than the operand": (
        "s = sum(where(m > 0, x * sqrt(y), 0))",
        {"x": [[1, 2], [3, 4]], "y": [9, 0]}, {"m": [1, 0]}, "sqrt(where(m > 0, y, 1))",
    ),
    "numbers": ("s = where(x > 0, log(x), 0)", {"x": 0}, {}, "log(where(x > 0, x, 1))"),
    "inside other arithmetic": (
        "s = sum(where(x > 0, 3 + 2 * sqrt(x), 0) * x)",
        {"x": [4, 0]}, {}, "sqrt(where(x > 0, x, 1))",
    ),
    "a hypotenuse by hand": (
        "s = sum(where(m, sqrt(x ** 2 + y ** 2), 0))",
        {"x": [3, 0], "y": [4, 0]}, {"m": [1, 0]}, "sqrt(where(m, x ** 2 + y ** 2, 1))",
    ),
    "an odd operand": (
        "s = sum(where(x + 1 > 0, (x + 1) ** 0.5, 0))",
        {"x": [3, -1]}, {}, "where(x + 1 > 0, x + 1, 1) ** 0.5",
    ),
    "both branches": (
        "s = sum(where(x > 0, sqrt(x), log(1 - x)))",
        {"x": [4, 0, -1]}, {}, "sqrt(where(x > 0, x, 1))",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WRITTEN)
def test_a_cure_is_written_as_the_program_is(case: str) -> None:
    """By the names that are bound where it stands; whatever the program looks like, it holds."""
    program, inputs, constants, cure = WRITTEN[case]
    trace = traced(program, inputs, constants)
    answer = asked(trace, "nan")
    assert cure in [text for _, text in advice(trace, answer)], answer.text
    assert_cured(trace, answer)


SPECIAL = [0.0, 0.0, 1.0, -1.0, 2.0, 0.5, -3.0, 800.0, np.inf]
UNARY = ["sqrt({a})", "log({a})", "exp({a})", "{a} ** 2", "1 / {a}", "abs({a})", "tanh({a})",
         "arccos({a})", "{a} ** 0.5", "softmax({a})", "relu({a})", "-{a}"]  # fmt: skip
BINARY = ["{a} + {b}", "{a} - {b}", "{a} * {b}", "{a} / {b}", "where({a} > 0, {a}, {b})",
          "where({a} == 0, {b}, {a})", "maximum({a}, {b})"]  # fmt: skip


@st.composite
def wild_programs(draw: st.DrawFn) -> Trace:
    """Random statements on numbers that break arithmetic."""
    names = ["x", "y", "c"]
    lines = []
    for number in range(draw(st.integers(2, 7))):
        form = draw(st.sampled_from([*UNARY, *BINARY]))
        a, b = (draw(st.sampled_from(names)) for _ in range(2))
        lines.append(f"t{number} = {form.format(a=a, b=b)}")
        names.append(f"t{number}")
    lines.append(f"s = sum({names[-1]} + {draw(st.sampled_from(names))})")
    numbers = st.lists(st.sampled_from(SPECIAL), min_size=3, max_size=3)
    return traced("\n".join(lines), {"x": draw(numbers), "y": draw(numbers)}, {"c": draw(numbers)})


@effort(1)
@given(wild_programs(), st.sampled_from(WHATS))
def test_whatever_is_advised_holds(trace: Trace, what: What) -> None:
    """Of any program: an advice that is printed is a cure."""
    answer = asked(trace, what)
    assume(advice(trace, answer))
    assert_cured(trace, answer)


MEANT = {
    "root of a sum": ("n = sqrt(sum(x ** 2))", [0, 0], "norm(x)"),
    "root of products": ("n = sqrt(sum(x * x))", [0, 0], "norm(x)"),
    "root of squares": ("n = sqrt(sum(square(x)))", [0, 0], "norm(x)"),
    "root of a dot product": ("n = sqrt(x @ x)", [0, 0], "norm(x)"),
    "power of a sum": ("n = sum(x ** 2) ** 0.5", [0, 0], "norm(x)"),
    "rows": ("r = sqrt(sum(x ** 2, axis=1))\nn = sum(r)", [[0, 0], [3, 4]], "norm(x, axis=1)"),
    "kept rows": (
        "r = sqrt(sum(x ** 2, axis=-1, keepdims=True))\nn = sum(r)",
        [[0, 0], [3, 4]],
        "norm(x, axis=-1, keepdims=True)",
    ),
    "squares by name": ("q = x ** 2\ns = sum(q)\nn = sqrt(s)", [0, 0], "norm(x)"),
    "a difference": ("d = x - 1\nn = sqrt(sum(d ** 2))", [1, 1], "norm(d)"),
    "an unnamed difference": ("n = sqrt(sum((x - 1) ** 2))", [1, 1], "norm(x - 1)"),
    "deviation": ("m = mean(x)\nn = sqrt(mean((x - m) ** 2))", [2, 2], "std(x)"),
    "root of var": ("n = sqrt(var(x))", [2, 2], "std(x)"),
    "a product with a root": ("m = x * sqrt(x)\nn = sum(m)", [0, 4], "x ** 1.5"),
    "factors between": ("n = sum(3 * x * sqrt(x))", [0, 4], "3 * x ** 1.5"),
    "factors behind": ("q = x + 1\nn = sum(sqrt(x) * q * x)", [0, 4], "x ** 1.5 * q"),
    "a power by name": ("r = x ** 0.5\nn = sum(r * x ** 2)", [0, 4], "x ** 2.5"),
    "of a sum": ("n = sum((x + 1) * sqrt(x + 1))", [-1, 4], None),
    "softmax": ("h = exp(x)\np = h / sum(h)\nn = p[0]", [1000, 3], "softmax(x)"),
    "softmax of rows": (
        "h = exp(x)\np = h / sum(h, axis=1, keepdims=True)\nn = p[0, 0]",
        [[1000, 3], [1, 2]],
        "softmax(x, axis=1)",
    ),
    "logsumexp": ("n = log(sum(exp(x)))", [1000, 3], "logsumexp(x)"),
    "log_softmax": ("p = softmax(x)\nl = log(p)\nn = sum(l)", [0, 2000], "log_softmax(x)"),
    "softplus": ("l = log(1 + exp(x))\nn = sum(l)", [1000, 3], "softplus(x)"),
    "log_sigmoid": ("l = log(sigmoid(x))\nn = sum(l)", [-1000, 3], "log_sigmoid(x)"),
    "sigmoid": ("l = 1 / (1 + exp(-x))\nn = sum(l)", [-1000, 3], "sigmoid(x)"),
    "sigmoid of exp": ("l = exp(x) / (1 + exp(x))\nn = sum(l)", [1000, 3], None),
}


@pytest.mark.parametrize("case", MEANT)
def test_a_function_that_means_the_same_is_advised(case: str) -> None:
    """Where the table has it, for the program as it is written; and it holds."""
    program, x, cure = MEANT[case]
    trace = traced(program, {"x": x})
    answers = [asked(trace, what) for what in WHATS]
    told = [text for answer in answers for _, text in advice(trace, answer)]
    for answer in answers:
        if advice(trace, answer):
            assert_cured(trace, answer)
    if cure is not None:
        assert cure in told, [answer.text for answer in answers]


UNCURED = {
    "another reader": "r = log(x)\nloss = sum(where(x > 0, r, 0)) + sum(r)",
    "the other alignment": "r = log(x)\nloss = sum(where(x > 0, r[::-1], 0))",
    "x by 0": "loss = sum(3 / x)",
    "below the domain": "loss = sum(log(x - 1))",
}


@pytest.mark.parametrize("case", UNCURED)
def test_what_is_no_cure_is_not_told_as_one(case: str) -> None:
    """Somebody else sees the entry that a choice leaves out, or nothing known helps: no cure."""
    trace = traced(UNCURED[case], {"x": [2.0, 0.0, 0.5]})
    for what in WHATS:
        answer = asked(trace, what)
        assert "choose twice" not in answer.text
        if advice(trace, answer):
            assert_cured(trace, answer)
            assert "moves results" in answer.text


def test_a_small_number_that_makes_an_infinity_finite_is_not_told_as_no_move() -> None:
    """The loss was infinite and is 27.6: that is no move by 0."""
    trace = traced("p = softmax(z)\nloss = -log(p[1])", {"z": [1000.0, -1000.0]})
    answer = asked(trace, "inf")
    assert "which moves nothing that was finite: log(p[1] + 1e-12)" in answer.text
    assert_cured(trace, answer)


def test_two_places_are_cured_together() -> None:
    """Where one change leaves another NaN, both are told, and together they hold."""
    program = (
        "a = where(x > 0, sqrt(x), 0)\nb = where(x <= 0, 0, log(x))\nloss = sum(a) + sum(a * b)"
    )
    trace = traced(program, {"x": [4.0, 0.0]})
    answer = asked(trace, "nan")
    assert len(advice(trace, answer)) == 2
    assert_cured(trace, answer)
