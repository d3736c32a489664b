"""Ops that are written in the program language: how they are read, called and seen as one."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.program.support import FLOAT64, error_of, graph_of, problem_of, structure, values
from tui_backprop.debug.debugger import Debugger
from tui_backprop.debug.session import Session
from tui_backprop.errors import CommandError
from tui_backprop.graph.model import Backward, Graph, Role
from tui_backprop.limits import DEFAULT_LIMITS, Limits
from tui_backprop.program import build
from tui_backprop.program.compiling.methods import METHODS
from tui_backprop.program.library import compiled
from tui_backprop.program.library.compiled import Library
from tui_backprop.program.library.definitions import definitions
from tui_backprop.program.vocabulary.foreign import RENAMED, REWRITES, advice
from tui_backprop.render.rows import Rows
from tui_backprop.render.text.names import Namer
from tui_backprop.rules import RULES
from tui_backprop.timeline.trace import Trace

DO_NOT_FIT = (
    "cannot divide 'where(x > 0, 0, x)' of shape (3,) and '[1, 2]' of shape (2,): shapes (3,) "
    "and (2,) do not broadcast: aligned from the right, each axis must be equal or 1"
)
LEAVES = {
    "long": np.array([0.5, 1.0, -2.0, 0.25, 3.0]),
    "four": np.array([1.0, 2.0, -1.0, 0.5]),
    "x": np.array([0.0, -1.5, 2.0]),
    "y": np.array([0.0, 0.5, 3.0]),
    "X": np.array([[2.0, 0.5, 0.0], [0.3, 1.5, -0.2], [0.7, 0.1, 1.2]]),
}
TWICE = "y = celu(x)\nz = celu(y, alpha=2)"


def _rows(graph: Graph, inside: str = "") -> list[str]:
    """What a tape shows to somebody who is inside of a module."""
    session = Session(Trace(graph, {n: np.ones(graph.find(n).shape) for n in graph.inputs}, ()))
    rows = Rows(Namer(graph), session.modules.seen_from(inside))
    return [f"{rows.label(k)} = {rows.text(k)}" for k in range(len(rows))]


@pytest.mark.parametrize("name", definitions())
def test_a_definition_is_complete(name: str) -> None:
    """It compiles, bears a name that no row has, says what it does, and shows an example."""
    found = definitions()[name]
    assert Library(DEFAULT_LIMITS)[name].is_composed
    assert name not in RULES
    assert name not in {*RENAMED, *REWRITES}
    assert advice(name, [])[0] is False
    assert found.summary
    assert not found.summary.endswith(".")
    assert "\n" not in found.example
    leaves = {leaf: np.asarray(value, dtype=float) for leaf, value in found.inputs.items()}
    graph = build(found.example, leaves, {}, FLOAT64)
    assert np.isfinite(values(graph, leaves)[-1]).all()
    assert found.name in found.example


@pytest.mark.parametrize("name", definitions())
def test_what_it_gives_is_its_last_node(name: str) -> None:
    """So that a row of it can show its value, and a name can be bound to it."""
    found = definitions()[name]
    graph = build(
        found.example, {n: np.asarray(v, float) for n, v in found.inputs.items()}, {}, FLOAT64
    )
    for module, call in graph.composed.items():
        nodes = [n.id for n in graph.nodes if f"{n.module}.".startswith(f"{module}.")]
        assert nodes == list(range(nodes[0], nodes[-1] + 1))
        assert call.result == nodes[-1]
    assert graph.find("y").id == len(graph.nodes) - 1
    assert not [n.text for n in graph.nodes if " if " in n.text]
    assert all(n.span is not None and n.span.line == 1 for n in graph.nodes if n.role is Role.OP)


def test_a_program_that_calls_none_reads_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Their texts are read when a function is called that has no row."""
    monkeypatch.setattr(compiled, "definitions", lambda: pytest.fail("nothing asks for them"))
    graph_of("def f(a):\n    return tanh(a).sum()\ny = f(x) + amax(x)")


def test_two_calls_are_two_rows() -> None:
    """Each is a row as that of any op, and shows how it was called."""
    graph = graph_of(TWICE, {"x": (3,)})
    assert _rows(graph) == ["x = input", "y = celu(x)", "z = celu(y, 2)"]
    assert list(graph.composed) == ["celu", "celu@2"]


def test_what_one_calls_lies_in_it() -> None:
    """From inside of the one the other is a row."""
    graph = graph_of("y = hardswish(x)", {"x": (3,)})
    assert _rows(graph) == ["x = input", "y = hardswish(x)"]
    assert _rows(graph, "hardswish") == ["x = input", "#5 = hardsigmoid(x)", "y = x * #5"]


def test_a_call_of_one_node_is_that_node() -> None:
    """Nothing is left to go into, and no number is used up."""
    graph = graph_of("y = relu6(x)\nz = celu(y)\nw = relu6(z)", {"x": (3,)})
    assert (graph.find("y").op, graph.find("y").module) == ("clip", "")
    assert list(graph.composed) == ["celu"]


def test_calls_in_a_loop_are_numbered() -> None:
    """Each turn has its own."""
    graph = graph_of("for t in range(3):\n    x = celu(x)", {"x": (3,)})
    assert list(graph.composed) == ["celu", "celu@2", "celu@3"]


def test_nodes_have_the_place_of_the_call_and_its_words() -> None:
    """Nothing of the definition's own text is shown, which stands in no program."""
    graph = graph_of("h = 2 * x\ny = celu(h + 1, alpha=s)", {"x": (3,), "s": ()})
    texts = {node.text for node in graph.nodes if node.module}
    assert "(h + 1) > 0" in texts
    assert "s * expm1(where((h + 1) > 0, 0, h + 1) / s)" in texts
    assert {node.span for node in graph.nodes if node.module} == {(2, 4, 2, 24)}


def test_the_text_of_its_nodes_gives_their_values() -> None:
    """Read as a program, as the text of any node is."""
    leaves = {"x": np.array([-1.5, 0.5, 2.0]), "s": np.array(0.75)}
    graph = build("h = 2 * x\ny = celu(h + 1, alpha=s)", leaves, {}, FLOAT64)
    for node, value in zip(graph.nodes, values(graph, leaves), strict=True):
        if node.role is Role.OP:
            again = build(f"h = 2 * x\nagain = {node.text}", leaves, {}, FLOAT64)
            np.testing.assert_array_equal(values(again, leaves)[-1], value)


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("celu(x)", "celu(x, 1.0)"),
        ("celu(x, 2)", "celu(x, alpha=2)"),
        ("celu(input=x, alpha=2)", "celu(x, 2)"),
        ("x.sum().relu()", "relu(sum(x))"),
    ],
)
def test_arguments_by_name_and_by_place(text: str, own: str) -> None:
    """What is left out has its default."""
    found, expected = (graph_of(f"y = {line}") for line in (text, own))
    assert [(n.op, n.parents, n.shape) for n in found.nodes] == [
        (n.op, n.parents, n.shape) for n in expected.nodes
    ]


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("celu()", "'celu' is missing 'x'", "write celu(x, alpha)"),
        ("celu(x, 1, 2)", "'celu' takes 2 arguments, and 3 are given", "write celu(x, alpha)"),
        ("celu(x, beta=2)", "'celu' has no argument 'beta'", "write celu(x, alpha)"),
        ("celu(x, True)", "True is no number: write 1", "(in celu)"),
        ("celu(x, [1, 2])", DO_NOT_FIT, "(in celu)"),
        ("hardswish(nope)", "unknown name 'nope'", ""),
        ("glu(x)", "glu halves an axis, whose length must be even", "(in glu)"),
        ("any(X, axis='a')",
         "axis must be a whole number, several as (0, 1), or None, not 'a'", ""),
        ("diff(x, y)",
         "the input 'y' cannot be the argument 'n': no gradient flows through it", ""),
        ("smooth_l1(x, y, reduction='men')",
         "reduction must be 'mean', 'sum' or 'none', not 'men'", ""),
        ("smooth_l1(x, y, 'sum')", "'smooth_l1' takes 'reduction' by name only", ""),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_at_the_call(text: str, message: str, hint: str) -> None:
    """In the words of the call."""
    found = problem_of(f"y = {text}")
    assert (found.message, found.line) == (message, 1)
    assert hint in found.hint


def test_a_problem_within_another_definition() -> None:
    """It is told where the program's own definition calls the composed op."""
    (found,) = error_of("def f(a):\n    return celu(a, b)\ny = f(x)").problems
    assert (found.line, found.column) == (2, 12)
    assert found.hint == "(in celu) (f called on line 3 of the program)"


def test_a_definition_of_the_program_comes_first() -> None:
    """It changes nothing in those that come with the program."""
    own = "def hardsigmoid(a):\n    return a\ny = hardsigmoid(x)\nz = hardswish(x)\n"
    graph = graph_of(own, {"x": (3,)})
    assert graph.find("y").id == 0
    assert list(graph.composed) == ["hardswish.hardsigmoid", "hardswish"]


def test_no_name_of_a_program_reaches_into_it() -> None:
    """Not even one that is a number elsewhere, or an argument's."""
    plain, odd = (
        graph_of(f"{before}z = celu(x)", {"x": (3,)}) for before in ("", "alpha = 7\ne = 3\n")
    )
    assert [n.op for n in plain.nodes][1:] == [n.op for n in odd.nodes if n.module]


@pytest.mark.parametrize("limits", [Limits(nodes=20), Limits(instructions=60)])
def test_limits_count_what_is_inside(limits: Limits) -> None:
    """A call in a loop is refused before it is made, as a definition of the program's is."""
    (found,) = error_of("for t in range(9):\n    x = celu(x)", {"x": (3,)}, {}, limits).problems
    assert "exceed" in found.message


def test_next_goes_over_a_call_and_step_into_it() -> None:
    """Forward and backward."""
    x = np.array([-1.5, 0.5, 2.0])
    graph = build(TWICE, {"x": x}, {}, FLOAT64)
    session = Debugger(Trace(graph, {"x": x}, (Backward(graph.names["z"]),)))
    assert session.next().node.name == "y"
    assert session.reason == "over celu: 7 ops"
    session.step()
    assert session.inside == "celu@2"
    assert session.execute("fold") == "outside of all composed ops"
    assert session.inside == ""
    assert session.next().node.name == "z"
    session.next()
    session.next()
    assert session.reason == "over celu@2: 7 ops"
    assert session.execute("unfold celu") == "in celu"
    assert session.inside == "celu"


X, x = LEAVES["X"], LEAVES["x"]
y = LEAVES["y"]
NUMPYS = {
    "isnan(x / x)": np.isnan([np.nan, 0, 0]), "isinf(1 / x)": np.isinf([np.inf, 0, 0]),
    "isfinite(1 / x)": np.isfinite([np.inf, 0, 0]), "any(x)": np.any(x), "all(x)": np.all(x),
    "any(X, 0)": np.any(X, 0), "all(X, axis=1, keepdims=True)": np.all(X, axis=1, keepdims=True),
    "count_nonzero(X, 1)": np.count_nonzero(X, 1),
    "logical_and(x, y)": np.logical_and(x, y), "logical_or(x, y)": np.logical_or(x, y),
    "logical_xor(x, y)": np.logical_xor(x, y), "logical_not(x)": np.logical_not(x),
    "ptp(X)": np.ptp(X), "ptp(X, axis=0)": np.ptp(X, axis=0), "deg2rad(x)": np.deg2rad(x),
    "degrees(x)": np.degrees(x), "positive(x)": np.positive(x), "diff(X)": np.diff(X),
    "diff(X, 2, 0)": np.diff(X, 2, 0),
    "diff(X, prepend=0, append=1)": np.diff(X, prepend=0, append=1),
    "diff(X, axis=0, prepend=5)": np.diff(X, axis=0, prepend=5),
    "ediff1d(X)": np.ediff1d(X), "flipud(X)": np.flipud(X),
    "fliplr(X)": np.fliplr(X), "rot90(X)": np.rot90(X), "rot90(X, -1)": np.rot90(X, -1),
    "cross(x, y)": np.cross(x, y), "column_stack([x, X, y])": np.column_stack([x, X, y]),
    "column_stack(X)": np.column_stack(list(X)), "dstack([x, y])": np.dstack([x, y]),
    "atleast_1d(x[0])": np.atleast_1d(x[0]), "atleast_2d(x)": np.atleast_2d(x),
    "atleast_3d(X)": np.atleast_3d(X), "vecdot(X, x)": np.vecdot(X, x),
    "matrix_transpose(X)": np.matrix_transpose(X),
    "matrix_power(X, 3)": np.linalg.matrix_power(X, 3),
    "matrix_power(X, -2)": np.linalg.matrix_power(X, -2),
    "multi_dot([X, X, x])": np.linalg.multi_dot([X, X, x]),
    "matrix_norm(X)": np.linalg.matrix_norm(X), "trapezoid(X)": np.trapezoid(X),
    "trapezoid(X, x, axis=0)": np.trapezoid(X, x, axis=0),
    "trapezoid(X, dx=2)": np.trapezoid(X, dx=2), "nansum(x / x)": np.nansum([np.nan, 1, 1]),
    "nanmean(where(X > 1, X, nan), 0)": np.nanmean(np.where(X > 1, X, np.nan), 0),
    "nanvar(where(X > 1, X, nan), ddof=1)": np.nanvar(np.where(X > 1, X, np.nan), ddof=1),
    "nanstd(where(X > 1, X, nan), 1)": np.nanstd(np.where(X > 1, X, np.nan), 1),
    "vector_norm(X)": np.linalg.vector_norm(X),
    "vector_norm(X, axis=0, ord=1)": np.linalg.vector_norm(X, axis=0, ord=1),
    "matvec(X, x)": np.matvec(X, x), "vecmat(x, X)": np.vecmat(x, X),
    "diagflat(X, -1)": np.diagflat(X, -1),
    **{
        f"{name}({a}, {b}, '{mode}')": getattr(np, name)(LEAVES[a], LEAVES[b], mode)
        for name in ("convolve", "correlate") for mode in ("full", "same", "valid")
        for a, b in (("long", "x"), ("x", "long"), ("x", "y"), ("long", "four"))
    },
    "convolve(x, y)": np.convolve(x, y), "correlate(long, x)": np.correlate(LEAVES["long"], x),
    "gradient(long)": np.gradient(LEAVES["long"]), "gradient(x, 2)": np.gradient(x, 2),
    "gradient(X, axis=0)": np.gradient(X, axis=0),
    "nanmax(where(X > 0, X, nan), 1)": np.nanmax(np.where(X > 0, X, np.nan), 1),
    "nanmin(where(X > 0, X, nan))": np.nanmin(np.where(X > 0, X, np.nan)),
    "nanprod(where(x != 0, x, nan))": np.nanprod([np.nan, -1.5, 2]),
    "nancumsum(X / X, 1)": np.nancumsum(np.where(X == 0, np.nan, 1), 1),
    "polyval(y, x)": np.polyval(y, x), "polyval([2, 3], X)": np.polyval([2, 3], X),
    "first_max(X, 0)": np.max(X, 0), "first_min(X, axis=1, keepdims=True)": X.min(1)[:, None],
    "argtopk(X, 2)": np.argsort(-X)[:, :2], "argkthvalue(X, 2)": np.argsort(X)[:, 1],
    "argcummax(x, 0)": [0, 0, 2], "argcummin(x, 0)": [0, 1, 1],
    "vander(x)": np.vander(x), "vander(x, 2, True)": np.vander(x, 2, True),
    "vander(x, 0)": np.vander(x, 0), "logdet(X)": np.linalg.slogdet(X)[1],
    "logdet(X[[1, 0, 2]])": np.nan, "logdet(X * 0)": -np.inf, "entr([0, -1, 2])": [
        0, -np.inf, -2 * np.log(2)], "one_hot(1, 3)": [0, 1, 0],
    "one_hot([[2], [0]], 3)": np.eye(3)[[[2], [0]]], "ldexp(x, 3)": np.ldexp(x, 3),
    "xlog1py([0, 2], [-1, 0.5])": [0, 2 * np.log1p(0.5)],
    "block_diag(x, X)": np.block([[x, np.zeros(3)], [np.zeros((3, 3)), X]]),
    "cov(X)": np.cov(X), "cov(X, ddof=0)": np.cov(X, ddof=0), "corrcoef(X)": np.corrcoef(X),
}  # fmt: skip


@pytest.mark.parametrize("call", NUMPYS)
def test_where_numpy_has_it(call: str) -> None:
    """Its values are NumPy's, with arguments by place and by name."""
    graph = build(f"z = {call}", LEAVES, {}, FLOAT64)
    found = values(graph, LEAVES)[graph.names["z"]]
    np.testing.assert_allclose(found, NUMPYS[call], rtol=1e-12)
    assert found.shape == np.shape(NUMPYS[call])


@pytest.mark.parametrize("x", [0.0, 1e-9, 1e-3, 0.5, 1.0, 3.0, 30.0, 1e3, 1e300, math.inf])
def test_logcosh_keeps_its_slope(x: float) -> None:
    """It is tanh(x) near 0 and far out, to the last digits."""
    graph = build("y = logcosh(x)", {"x": np.array(x)}, {}, FLOAT64)
    trace = Trace(graph, {"x": np.array(x)}, (Backward(graph.names["y"]),))
    np.testing.assert_allclose(trace.grad["x"], math.tanh(x), rtol=1e-15)
    near = x**2 / 2 if x < 1e-3 else float(np.logaddexp(x, -x)) - math.log(2)
    np.testing.assert_allclose(trace.values["y"], near, rtol=1e-9)


@pytest.mark.parametrize("name", definitions())
def test_differences_agree(name: str) -> None:
    """At its example a step along each axis moves the result as its gradient says."""
    found = definitions()[name]
    leaves = {leaf: np.asarray(value, dtype=float) for leaf, value in found.inputs.items()}
    graph = build(found.example, leaves, {}, FLOAT64)
    node = graph.find("y")
    v = np.random.default_rng(1).uniform(0.5, 2, node.shape)
    grad = Trace(graph, leaves, (Backward(node.id, v),)).grad
    for leaf, x in leaves.items():
        for place in np.ndindex(x.shape):
            ends = []
            for step in (1e-6, -1e-6):
                moved = x.copy()
                moved[place] += step
                ends.append(np.sum(v * values(graph, {**leaves, leaf: moved})[node.id]))
            slope = (ends[0] - ends[1]) / 2e-6
            np.testing.assert_allclose(grad[leaf][place], slope, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("name", definitions())
def test_single_precision_stays_single(name: str) -> None:
    """No number of a definition makes float64 of float32, and the values are those of float64."""
    found = definitions()[name]
    single = {leaf: np.asarray(value, np.float32) for leaf, value in found.inputs.items()}
    graph = build(found.example, single, {}, np.dtype(np.float32))
    trace = Trace(graph, single, (Backward(graph.names["y"]),))
    assert trace.values["y"].dtype == np.float32
    assert all(grad.dtype == np.float32 for grad in trace.grad.values())
    double = {leaf: x.astype(np.float64) for leaf, x in single.items()}
    expected = values(build(found.example, double, {}, FLOAT64), double)[graph.names["y"]]
    np.testing.assert_allclose(trace.values["y"], expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", sorted(METHODS & set(definitions())))
def test_a_composed_op_as_a_method(name: str) -> None:
    """Its example's call with the first argument in front of a dot gives the same."""
    found = definitions()[name]
    first, rest = found.example.removeprefix(f"y = {name}(").rstrip(")").partition(", ")[::2]
    leaves = {leaf: np.asarray(value, dtype=float) for leaf, value in found.inputs.items()}
    method, function = (
        build(text, leaves, {}, FLOAT64) for text in (f"y = {first}.{name}({rest})", found.example)
    )
    assert structure(method) == structure(function)


def test_the_debugger_knows_a_composed_op_by_its_name() -> None:
    """``break op`` stops at its nodes, ``info op`` shows how it is written."""
    x = np.array([-1.5, 0.5, 2.0])
    graph = build(TWICE, {"x": x}, {}, FLOAT64)
    session = Debugger(Trace(graph, {"x": x}, (Backward(graph.names["z"]),)))
    assert "first at step 1" in session.execute("break op celu")
    assert session.execute("info op celu").splitlines()[0] == "celu(x, alpha=1.0)"
    assert "return where(x > 0" in session.execute("info op celu")
    assert session.execute("info op amax").startswith("max(x)")


def _session(program: str) -> Debugger:
    x = np.array([-1.5, 0.5, 2.0])
    graph = build(program, {"x": x}, {}, FLOAT64)
    return Debugger(Trace(graph, {"x": x}, (Backward(graph.names["z"]),)))


@pytest.mark.parametrize(
    ("program", "line", "step"),
    [
        ("h = 2 * x\nz = relu6(h)", "break op relu6", 3),
        ("h = 2 * x\nz = hardsigmoid(h)", "break op relu6", 5),
        ("h = 2 * x\nz = hardsigmoid(h)", "break op hard_sigmoid", 3),
        ("h = 2 * x\nz = clamp(h, 0, 1)", "break op clamp", 3),
        ("h = 2 * x\nz = amax(h)", "break op amax", 3),
        ("h = 2 * x\nz = triplet_margin_loss(h, x, 1)", "break op triplet_margin_loss", 3),
    ],
)
def test_a_call_is_known_by_the_name_that_was_written(program: str, line: str, step: int) -> None:
    """Also where it is one node, and where the op has another name here."""
    assert f"first at step {step}," in _session(program).execute(line)


def test_the_names_of_calls_are_offered() -> None:
    """Those that the program calls, and of what is not there the nearest."""
    session = _session("z = relu6(x)")
    with pytest.raises(CommandError, match="there are: relu6"):
        session.execute("break op relu7")
    with pytest.raises(CommandError, match="'relu6' is an op: break op relu6"):
        session.execute("break relu6")
    with pytest.raises(CommandError, match="no node here is a 'hardswish'"):
        session.execute("break op hardswish")
