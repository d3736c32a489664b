"""Laws over random compositions of NumPy calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from hypothesis import given, reject
from hypothesis import strategies as st

import tui_backprop as tb
from tests.attach.numpy.differences import check, of, same_bits
from tui_backprop.graph.evaluation import Evaluation
from tui_backprop.graph.model import Backward
from tui_backprop.program import build
from tui_backprop.scenario.load import loads

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import DrawFn

    Step = Callable[[Any, Any], Any]

STEPS: Final[dict[str, Step]] = {
    "np.tanh(x)": lambda x, y: np.tanh(x),
    "x + y": lambda x, y: x + y,
    "x * y": lambda x, y: x * y,
    "x / (2 + y ** 2)": lambda x, y: x / (2 + y**2),
    "np.sin(x) - 0.5": lambda x, y: np.sin(x) - 0.5,
    "np.where(x > y, x, y / 2)": lambda x, y: np.where(x > y, x, y / 2),
    "x @ y": lambda x, y: x @ y,
    "x.T": lambda x, y: x.T,
    "np.concatenate([x[:1], y[1:]])": lambda x, y: np.concatenate([x[:1], y[1:]]),
    "x - x.mean(axis=0)": lambda x, y: x - x.mean(axis=0),
    "np.cumsum(x, axis=1)": lambda x, y: np.cumsum(x, axis=1),
    "np.roll(x, 1, axis=0)": lambda x, y: np.roll(x, 1, axis=0),
    "x[[2, 0, 0]]": lambda x, y: x[[2, 0, 0]],
    "x * np.sum(y[1])": lambda x, y: x * np.sum(y[1]),
    "np.logaddexp(x, y)": lambda x, y: np.logaddexp(x, y),
    "np.broadcast_to(y[0], (3, 3)) * x": lambda x, y: np.broadcast_to(y[0], (3, 3)) * x,
    "np.stack([x[0], y[:, 1], x[2]], axis=1)": lambda x, y: np.stack([x[0], y[:, 1], x[2]], axis=1),
    "np.einsum('ij,jk->ki', x, y)": lambda x, y: np.einsum("ij,jk->ki", x, y),
    "np.flipud(np.diff(np.pad(x, ((1, 0), (0, 0))), axis=0))": lambda x, y: np.flipud(
        np.diff(np.pad(x, ((1, 0), (0, 0))), axis=0)
    ),
}
"""What two 3×3 arrays become: another."""


@st.composite
def compositions(draw: DrawFn) -> Callable[[Any, Any], Any]:
    """Functions of two 3×3 arrays, of up to eight steps on what came before."""
    names = draw(st.lists(st.sampled_from(sorted(STEPS)), min_size=1, max_size=8))
    picks = [draw(st.tuples(st.integers(0, k + 1), st.integers(0, k + 1)))
             for k in range(len(names))]  # fmt: skip
    in_place = draw(st.booleans())

    def composed(a: Any, b: Any) -> Any:
        held = [a, b]
        for name, (first, second) in zip(names, picks, strict=True):
            held.append(STEPS[name](held[first], held[second]))
        total = held[-1] * 0.1
        if in_place:
            total += held[0]
        return total

    return composed


def _numbers(seed: int) -> list[Any]:
    random = np.random.default_rng(seed)
    return [random.uniform(-1, 1, (3, 3)) for _ in range(2)]


@given(compositions(), st.integers(0, 10**6))
def test_value_and_slopes(function: Callable[[Any, Any], Any], seed: int) -> None:
    """To the last bit what the function gives; the slopes are those of differences."""
    trace = check(function, *_numbers(seed))
    expected = function(*_numbers(seed))
    assert same_bits(trace.value(of(trace)), expected) or "apart" in trace.remarks[-1]


@given(compositions(), st.integers(0, 10**6))
def test_the_text_is_the_whole_of_it(function: Callable[[Any, Any], Any], seed: int) -> None:
    """The scenario reads back, and its program on other numbers does what the function does."""
    trace = tb.trace(function, *_numbers(seed))
    model = loads(trace.scenario())
    read = Evaluation(model.graph, model.leaves, model.passes)
    for name in trace.grad:
        assert same_bits(read.grad[name], trace.grad[name])
    other = dict(zip("ab", _numbers(seed + 1), strict=True))
    found = trace.rerun(other)
    np.testing.assert_allclose(found.value(of(found)), function(*other.values()), rtol=1e-12)


PARTS: Final = (
    "{n}", "{n}[0]", "{n}[::-1]", "{n}.T", "{n} * 0.5", "np.tanh({n})", "({n} + {m})", "{n}.copy()",
    "{n}.reshape(-1)[:2]", "{n}.flatten()[:2]", "{n}.ravel()[1:3]", "np.sum({n}, axis=0)",
    "np.mean({n})", "C", "np.zeros(2)", "np.array([{n}.sum(), 1.0])", "np.array({n})",
    "np.asarray({n})", "np.full(2, {n}.sum())", "+{n}", "np.where({n} > 0, {n}, 0.1 * {n})",
    "{n}.max()", "np.sort({n}, axis=0)",
)  # fmt: skip
STATEMENTS: Final = (
    "{t} = {e}", "{t} = {e}", "{n} += {e}", "{n} -= {e}", "{n} *= {e}", "{n} *= 2.0",
    "if np.sum({n}) > 0:\n        {n} = {n} * 2", "for _ in range(2):\n        {n} = {n} + {e}",
)  # fmt: skip
"""What people write, with names n and m of values, a name t that may be new, and a part e."""


@st.composite
def sources(draw: DrawFn) -> str:
    """Functions that bind names, change arrays in place, take parts of them and copy them."""
    names, lines = ["a", "b"], []
    for _ in range(draw(st.integers(2, 8))):
        n, m = draw(st.sampled_from(names)), draw(st.sampled_from(names))
        t = draw(st.sampled_from([*names, "c", "h", "t1"]))
        part = draw(st.sampled_from(PARTS)).format(n=draw(st.sampled_from(names)), m=m)
        statement = draw(st.sampled_from(STATEMENTS))
        lines.append(statement.format(n=n, t=t, e=part))
        if "{t}" in statement and t not in names:
            names.append(t)
    last = draw(st.sampled_from(names))
    body = "".join(f"    {line}\n" for line in lines)
    return f"def f(a, b):\n{body}    return np.sum({last} * 1.0) + np.sum({names[-1]} * 0.5)\n"


def _compiled(source: str) -> Callable[[Any, Any], Any]:
    """The function, with an array of its own that it may change."""
    names: dict[str, Any] = {"np": np, "C": np.array([[0.3, -0.2], [0.1, 0.7]])}
    exec(source, names)  # noqa: S102 - our own text
    function: Callable[[Any, Any], Any] = names["f"]
    return function


@given(sources(), st.integers(0, 10**6))
def test_names_views_and_changes_in_place(source: str, seed: int) -> None:
    """What the function gives is what its program gives, or something in it is refused."""
    random = np.random.default_rng(seed)
    a, b = random.uniform(-1, 1, (2, 2)), random.uniform(-1, 1, (2, 2))
    try:
        expected = _compiled(source)(a.copy(), b.copy())
        trace = tb.trace(_compiled(source), a, b)
    except (ValueError, IndexError, TypeError, tb.TraceError):
        reject()  # shapes that do not fit, or what is refused
    found = trace.value(of(trace))
    assert same_bits(found, np.asarray(expected)) or trace.remarks
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


@given(st.integers(0, 10**6))
def test_a_program_written_by_hand(seed: int) -> None:
    """Gives the same gradients, to the last bit."""
    a, b = _numbers(seed)

    def f(a: Any, b: Any) -> Any:
        h = np.tanh(a @ b + b[0])
        h = h / np.linalg.norm(h)
        return np.sum(np.log(np.exp(h).sum(axis=1))) + np.var(a)

    program = "h = tanh(a @ b + b[0])\nh = h / norm(h)\ny = sum(log(sum(exp(h), axis=1))) + var(a)"
    graph = build(program, {"a": a, "b": b}, {}, np.dtype(np.float64))
    ours = Evaluation(graph, {"a": a, "b": b}, (Backward(graph.names["y"]),))
    trace = tb.trace(f, a, b)
    for name in ("a", "b"):
        assert same_bits(trace.grad[name], ours.grad[name])
