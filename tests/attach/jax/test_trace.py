"""A JAX function as a walk: gradients to the last bit, and what it shows of each equation."""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

pytest.importorskip("jax")

import jax
import jax.numpy as jnp

import tui_backprop as tb
from tests.attach.jax.functions import FUNCTIONS, Layer, normal
from tests.attach.test_recorded import lines_of
from tests.marks import few, spread
from tests.render.test_panes import PANES, SIZES
from tests.render.views import text_of, titled_view
from tui_backprop.attach.jax.record import wide_numbers
from tui_backprop.dataclass import replace
from tui_backprop.debug.debugger import Debugger
from tui_backprop.errors import CommandError, UnknownError
from tui_backprop.rules.foreign import ForeignDerivative
from tui_backprop.timeline.frame import Phase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tui_backprop.attach.jax.function import JaxTrace
    from tui_backprop.graph.model import Edge

X = normal(0, 3)


@lru_cache
def traced(name: str) -> JaxTrace:
    """The walk of one of the functions."""
    function, arrays = FUNCTIONS[name]
    found: JaxTrace = tb.trace(function, *arrays)
    return found


def by_jax(function: Callable[..., Any], arrays: Any) -> tuple[Any, list[Any]]:
    """Value and gradients by every number of floating point, as JAX gives them."""
    leaves, tree = jax.tree_util.tree_flatten(arrays)
    chosen = [k for k, x in enumerate(leaves) if _is_floating(x)]

    def of_chosen(*given: Any) -> Any:
        every = list(leaves)
        for k, x in zip(chosen, given, strict=True):
            every[k] = x
        return function(*jax.tree_util.tree_unflatten(tree, every))

    every = tuple(range(len(chosen)))
    value, grads = jax.value_and_grad(of_chosen, every)(*(leaves[k] for k in chosen))
    return value, list(grads)


def _is_floating(x: Any) -> bool:
    return isinstance(x, float) or jnp.issubdtype(getattr(x, "dtype", int), jnp.floating)


def _check_equal(trace: JaxTrace, function: Callable[..., Any], arrays: Any) -> None:
    value, grads = by_jax(function, arrays)
    of = trace.passes[0].of  # type: ignore[union-attr]  # it has a pass
    np.testing.assert_array_equal(trace.value(of), np.asarray(value))
    assert len(trace.grad) == len(grads)
    for (name, found), expected in zip(trace.grad.items(), grads, strict=True):
        wanted = np.asarray(expected.astype(found.dtype))
        np.testing.assert_array_equal(found, wanted, err_msg=name)
        assert found.shape == wanted.shape


def _check_sums(trace: JaxTrace, tolerance: float) -> None:
    """What the edges into a node contribute is what arrived there, but for rounding."""
    tape = trace.tape
    sums = {tape.of: (tape.seed, np.abs(tape.seed))}
    for edge, passed_on in tape.contributions.items():
        total, size = sums.get(edge.parent, (np.zeros(passed_on.shape), 0.0))
        sums[edge.parent] = total + passed_on, size + np.abs(passed_on)
    for node, v in enumerate(tape.cotangents):
        assert (v is None) == (node not in sums)
        if v is not None:
            total, size = sums[node]
            near = np.abs(total - v) <= tolerance * np.nanmax(size, initial=0.0)
            assert np.all(near | np.isnan(total) & np.isnan(v)), trace.graph.nodes[node].label


@pytest.mark.parametrize("name", FUNCTIONS)
def test_gradients_are_those_of_jax(name: str) -> None:
    """Bit for bit, compiled parts included; those of the equations add up to them."""
    function, arrays = FUNCTIONS[name]
    trace = traced(name)
    assert trace.graph.dtype == np.float32
    _check_equal(trace, function, arrays)
    _check_sums(trace, 2e-2 if name == "half_precision" else 1e-4)


@pytest.mark.parametrize("name", few((n for n in FUNCTIONS if n != "half_precision"), 8))
def test_gradients_in_double_precision(name: str) -> None:
    """The same, where JAX was told to allow it; J is had in double precision afterwards too."""
    function, arrays = FUNCTIONS[name]
    with wide_numbers(True):
        wide = jax.tree_util.tree_map(
            lambda x: jnp.asarray(x, np.float64) if _is_floating(x) else x, arrays
        )
        trace: JaxTrace = tb.trace(function, *wide)
        assert trace.graph.dtype == np.float64
        _check_equal(trace, function, wide)
        _check_sums(trace, 1e-12)
    edge = trace.runs[0].walk.edges(trace.graph.nodes)[0]  # type: ignore[union-attr]  # it has a pass
    assert np.isfinite(trace.timeline.jacobian(edge).row(0)).all()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_contribution_adds_up(name: str) -> None:
    """Along the walk each edge's vᵀJ is the sum of its partials."""
    trace = traced(name)
    timeline = trace.timeline
    walk = timeline.walk(0)
    for number in range(0, walk.route.edges, max(1, walk.route.edges // 12)):
        edge = walk.route.edge(number)
        whole = np.nan_to_num(walk.sums.contribution(number), nan=0.0)
        i = int(np.abs(whole).argmax())
        rows, partials = timeline.jacobian(edge).column_entries(i)
        v = walk.run.cotangents[edge.node].ravel()[rows]
        products = np.nan_to_num(v * partials, nan=0.0)
        scale = np.abs(products).sum() + 1e-6
        assert abs(float(products.sum()) - float(whole.ravel()[i])) <= 2e-2 * scale, edge


def _derivatives(trace: JaxTrace) -> Iterator[tuple[Edge, ForeignDerivative]]:
    for node in trace.graph.nodes:
        for edge in node.edges:
            assert node.rule is not None
            derivative = node.rule.derivative(edge.argument)
            assert isinstance(derivative, ForeignDerivative)
            yield edge, derivative


def _dense(derivative: ForeignDerivative) -> Any:
    op = derivative.op
    rows = np.eye(int(np.prod(op.shape)))
    return np.stack([op.vjp(r.reshape(op.shape))[derivative.argument].ravel() for r in rows])


@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_entry_outside_of_a_pattern_is_different_from_zero(name: str) -> None:
    """Patterns hold by the primitive's name; their size is what arithmetic says."""
    trace = traced(name)
    for edge, derivative in _derivatives(trace):
        pattern = derivative.op.pattern(derivative.argument)
        known = derivative.op.nonzeros(derivative.argument)
        if pattern is None:
            assert known is None
            continue
        assert known in {None, pattern.nonzeros}, edge
        dense = _dense(derivative)
        assert dense.shape == pattern.shape
        j, i = np.nonzero(np.nan_to_num(dense))
        assert np.all(pattern.contains(j, i)), (trace.graph.nodes[edge.node].text, edge)


@pytest.mark.parametrize("name", ["mlp", "indexing", "rnn", "cumulative", "several_outputs"])
def test_many_entries_at_once_are_those_of_the_rows(name: str) -> None:
    """Of an elementwise op, or of one that moves entries, one product tells all of J."""
    trace = traced(name)
    for edge, derivative in _derivatives(trace):
        found = trace.timeline.jacobian(edge).toarray()
        dense = _dense(derivative)
        assert np.allclose(found, dense, rtol=1e-5, atol=1e-6), trace.graph.nodes[edge.node].text


def test_the_jacobian_of_an_elementwise_op_is_one_product(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Not one for each of its rows: `health` looks at all of them."""
    trace = tb.trace(lambda x: jnp.sum(jnp.tanh(x)), normal(0, 200))
    ((edge, derivative), *_) = _derivatives(trace)
    asked: list[int] = []
    own = derivative.op.vjp

    def counted(v: Any) -> Any:
        asked.append(1)
        return own(v)

    monkeypatch.setattr(derivative.op, "vjp", counted)
    assert np.count_nonzero(trace.timeline.jacobian(edge).toarray()) == 200
    assert len(asked) == 1


@pytest.mark.parametrize("name", FUNCTIONS)
def test_rows_and_columns_are_of_one_jacobian(name: str) -> None:
    """⟨v, J·t⟩ = ⟨vᵀJ, t⟩, or the op says that it has no columns."""
    random = np.random.default_rng(3)
    refused: list[str] = []
    for edge, derivative in _derivatives(traced(name)):
        op, a = derivative.op, derivative.argument
        v, t = random.normal(size=op.shape), random.normal(size=op.shapes[a])
        try:
            pushed = op.jvp(a, t)
        except UnknownError as error:
            refused.append(str(error))
            continue
        left, right = v * pushed, op.vjp(v)[a] * t
        if np.isfinite(left).all() and np.isfinite(right).all():
            scale = np.abs(left).sum() + np.abs(right).sum() + 1e-6
            is_rounded = op.name in {"tanh", "convert_element_type"}  # in 16 bits
            assert abs(left.sum() - right.sum()) <= (2e-2 if is_rounded else 1e-4) * scale, edge
    assert all("no forward derivative of" in said for said in refused)
    assert bool(refused) is (name == "custom_vjp")


@pytest.mark.parametrize("name", ["mlp", "rnn"])
def test_every_command_answers_or_says_what_is_not_known(name: str) -> None:
    """Wherever the walk stands, forward and back."""
    walked = traced(name)
    for k in spread(list(range(len(walked.timeline))), 4):
        session = Debugger(walked)
        session.goto(k)
        for line in lines_of(walked):
            with suppress(CommandError):
                session.execute(line)
    session = Debugger(walked)
    frames = []
    while session.cursor < min(session.last, 200):
        frames.append(session.frame.k)
        session.step()
    while session.cursor:
        session.reverse_step()
        assert session.frame.k == frames.pop()


@pytest.mark.parametrize("name", ["mlp", "several_outputs"])
def test_every_pane_shows_any_step(name: str) -> None:
    """Nothing is not saved, and nothing is drawn that is not known."""
    walked = traced(name)
    view = titled_view(walked, symbolic=True)
    for k, (pane, make) in product(spread(list(range(len(walked.timeline))), 6), PANES.items()):
        at = replace(view, frame=walked.timeline[k])
        cells, height = SIZES[-1]
        shown = " ".join(text_of(make(at, cells, height), cells, height))
        assert "not saved" not in shown, (pane, k)
        assert "nan" not in shown, (pane, k)
        if pane == "equation" and at.frame.phase is Phase.PARTIAL:
            assert "=" in shown


def test_parts_of_arguments_bear_the_names_of_numpys() -> None:
    """Lists, tuples, named tuples and dictionaries, and keys that no name can hold."""

    def f(params: Any, x: Any) -> Any:
        return sum(jnp.sum(p) for p in jax.tree_util.tree_leaves(params)) * jnp.sum(x)

    params = {"a b": X, "layers": [Layer(X, 2.0), (X,)], "n": 3, "none": None, "sum": X}
    assert list(tb.trace(f, params, X).grad) == [
        "params_a_b", "params_layers_0_W", "params_layers_0_b", "params_layers_1_0", "params_sum",
        "x",
    ]  # fmt: skip
    assert list(tb.trace(lambda *parts: jnp.sum(parts[0] * parts[1]), X, X).grad) == [
        "parts_0", "parts_1",
    ]  # fmt: skip
    assert list(tb.trace(lambda mean, pi: jnp.sum(mean * pi), X, X).grad) == ["mean_", "pi_"]


def test_other_arrays_stand_beside_those_of_jax() -> None:
    """Numbers and NumPy's arrays are differentiated as well; whole numbers are not."""
    trace = tb.trace(lambda a, b, c, n: jnp.sum(a * b) * c * n, X, np.ones(3, np.float32), 2.0, 3)
    assert trace.grad["c"] == np.asarray(jnp.sum(X)) * 3
    assert list(trace.grad) == ["a", "b", "c"]
    assert type(tb.trace(lambda x: np.sum(x), np.ones(3))).__name__ == "FunctionTrace"


def test_lines_are_the_users() -> None:
    """Of a function called twice too, whose equations JAX has kept from the first call."""

    def f(x: Any) -> Any:
        y = jax.nn.silu(x)
        z = jax.nn.silu(y)
        return jnp.sum(z)

    trace = tb.trace(f, X)
    lines = trace.graph.program.splitlines()
    written = [lines[n.span.line - 1].strip() for n in trace.graph.nodes if n.span is not None]
    assert written == [
        "y = jax.nn.silu(x)", "y = jax.nn.silu(x)", "z = jax.nn.silu(y)", "z = jax.nn.silu(y)",
        "return jnp.sum(z)",
    ]  # fmt: skip


def test_lines_within_a_function_of_the_users_are_its_own() -> None:
    """Whoever called it."""
    trace = traced("jit_inside")
    lines = trace.graph.program.splitlines()
    sines = [n.span for n in trace.graph.nodes if n.text.startswith("sin(")]
    places = {lines[span.line - 1].strip() for span in sines if span is not None}
    assert places == {"return jnp.sin(y) * y"}


def test_a_walk_stops_at_a_line_of_the_file() -> None:
    """As one of PyTorch does."""

    def f(x: Any) -> Any:
        y = jnp.sin(x)
        return jnp.sum(y)

    session = Debugger(tb.trace(f, X))
    at = f.__code__.co_firstlineno + 1
    session.execute(f"break test_trace.py:{at} partial")
    session.continue_()
    assert session.frame.node.op == "jax_sin"


def test_without_source_the_equations_are_the_program() -> None:
    """Of a function that was never in a file."""
    names: dict[str, Any] = {}
    exec("import jax.numpy as jnp\ndef f(x): return jnp.sum(jnp.sin(x))", names)  # noqa: S102 - this text
    trace = tb.trace(names["f"], X)
    assert trace.graph.program == "sin_1 = sin(x)\nf = reduce_sum(sin_1)"


def test_v_is_the_cotangent_of_the_result() -> None:
    """In its shape."""
    trace = tb.trace(lambda x: x * x, X, v=[1.0, 0.0, -1.0])
    np.testing.assert_array_equal(trace.grad["x"], np.asarray(2 * X) * [1, 0, -1])
    assert tb.trace(lambda x: x * x, X).grad["x"].tolist() == np.asarray(2 * X).tolist()
    with pytest.raises(tb.TuiBackpropError, match=r"\(3,\); found \(2,\)"):
        tb.trace(lambda x: x * x, X, v=[1.0, 2.0])


def test_the_result_may_be_an_argument() -> None:
    """Itself, or through a call that gives it back."""
    for f in (lambda x: x, jax.jit(lambda x: x), lambda x: jax.jit(lambda a: (a, a))(x)[1]):
        assert tb.trace(f, X, v=[1.0, 2.0, 3.0]).grad["x"].tolist() == [1.0, 2.0, 3.0]


def test_one_operand_twice_into_one_call() -> None:
    """What it receives by each is added."""
    inner = jax.jit(lambda a, b: a * a * b)
    _check_equal(tb.trace(lambda x: jnp.sum(inner(x, x)), X), lambda x: jnp.sum(inner(x, x)), (X,))


def test_what_is_stopped_is_constant() -> None:
    """It is no operand from there on, so that no 0 · inf comes of it."""
    trace = traced("stopped")
    made = [n.text.partition("(")[0] for n in trace.graph.nodes if n.rule]
    assert made == ["mul", "mul", "add", "reduce_sum"]
    found = tb.trace(lambda x: jnp.sum(jnp.sqrt(jnp.floor(x) * 0.0) + x), jnp.zeros(3))
    assert found.grad["x"].tolist() == [1.0, 1.0, 1.0]


def test_nan_is_found_where_it_was_made() -> None:
    """In the branch of a `where` that was not taken."""
    answer = Debugger(traced("root_behind_where")).execute("origin nan")
    assert "∂sqrt_1[1]/∂x[1] = 0 · inf = nan" in answer


def test_what_jax_is_told_of_nan_stays_away() -> None:
    """NaN is data here."""
    with jax.debug_nans(True):
        assert np.isnan(traced("root_behind_where").grad["x"][1])


def test_numbers_cannot_be_changed_here() -> None:
    """Nor written as a scenario."""
    trace = traced("mlp")
    with pytest.raises(CommandError, match="come from your program: change them there"):
        Debugger(trace).execute("set w1 = 1")
    with pytest.raises(UnknownError, match="known to JAX alone"):
        trace.scenario()


def test_what_prints_does_so_as_often_as_in_jax() -> None:
    """Once, in a call that is compiled as well."""
    seen: list[float] = []

    @jax.jit  # type: ignore[untyped-decorator]  # mypy does not see JAX
    def inner(x: Any) -> Any:
        jax.debug.callback(lambda a: seen.append(float(a)), x[0])
        return jnp.sin(x)

    tb.trace(lambda x: jnp.sum(inner(x)), X)
    jax.effects_barrier()
    assert seen == [float(X[0])]


def test_a_function_that_is_another_one_when_run_again() -> None:
    """What was walked is what is told, not what JAX finds the second time."""
    factors = iter([2.0, 30.0])
    trace = tb.trace(lambda x: jnp.sum(x) * next(factors), X)
    assert trace.grad["x"].tolist() == [2.0, 2.0, 2.0]


def test_arrays_that_are_given_away_stay() -> None:
    """A debugger looks on; `jax.grad` would lose them."""
    inner = jax.jit(lambda a, b: jnp.sum(jnp.sin(a) * b), donate_argnums=(0, 1))
    x, c = jnp.ones(4), jnp.arange(4.0)
    trace = tb.trace(lambda x: inner(x, c), x)
    assert not x.is_deleted()
    assert not c.is_deleted()
    np.testing.assert_array_equal(trace.grad["x"], np.asarray(jnp.cos(x) * c))
    assert tb.trace(inner, x, c).grad["b"].shape == (4,)
    assert not x.is_deleted()


def test_a_primitive_that_nobody_knows() -> None:
    """JAX is asked, whatever it is called."""
    from jax.extend.core import Primitive
    from jax.interpreters import ad, mlir

    strange = Primitive("strange")
    strange.def_impl(lambda x: x * 3)
    strange.def_abstract_eval(lambda x: x)
    ad.deflinear2(strange, lambda v, _: [strange.bind(v)])
    mlir.register_lowering(strange, mlir.lower_fun(lambda x: x * 3, multiple_results=False))
    trace = tb.trace(lambda x: jnp.sum(strange.bind(x)), X)
    assert trace.grad["x"].tolist() == [3.0, 3.0, 3.0]
    session = Debugger(trace)
    session.end()
    assert session.execute("print J").startswith("J = [[3, 0, 0]")


def test_what_jax_cannot_order_is_numpys() -> None:
    """That JAX is loaded changes nothing for functions of NumPy."""
    params = {"layers": [{"W": np.ones(3)}], 3: np.ones(3)}
    trace = tb.trace(lambda params, x: np.sum(x * params[3]), params, np.arange(3.0))
    assert set(trace.grad) == {"params_layers_0_W", "params_3", "x"}
