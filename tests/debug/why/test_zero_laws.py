"""No reason that `why zero` gives is false: each is tried by moving the number that it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rules.cases import each_edge_if
from tests.strategies import GraphMaker
from tui_backprop.debug.why.zero import Verdict, why_zero
from tui_backprop.debug.why.zero_causes import zero_partial
from tui_backprop.debug.why.zero_text import why_zero_answer
from tui_backprop.graph.model import Backward, Edge
from tui_backprop.rules import RULES
from tui_backprop.rules.slope_reasons import Kind

if TYPE_CHECKING:
    from tests.rules.cases import Case
    from tests.rules.cases import Edge as CaseEdge
    from tui_backprop.debug.why.first_zero import StoppedPath
    from tui_backprop.rules.types import Array
    from tui_backprop.timeline.trace import Trace

SHAPE: Final = (2, 3)
SMALL: Final = 1e-6
UNARY: Final[tuple[tuple[str, dict[str, Any]], ...]] = (
    ("relu", {}), ("abs", {}), ("clip", {"min": 0, "max": 1}), ("square", {}), ("floor", {}),
    ("index", {"key": ([1, 1],)}), ("hardtanh", {}), ("softmax", {}), ("tanh", {}),
    ("cumprod", {"axis": -1}), ("tril", {}), ("log_softmax", {}), ("layer_norm", {}),
    ("batch_norm", {}), ("max_pool1d", {"kernel_size": 2, "stride": 1, "padding": 1}),
)  # fmt: skip
REDUCED: Final[tuple[tuple[str, dict[str, Any]], ...]] = (
    ("max", {}), ("min", {}), ("std", {}), ("var", {}), ("norm", {}), ("norm", {"ord": 1}),
    ("norm", {"ord": np.inf}), ("sum", {}), ("prod", {}), ("mean", {}),
)  # fmt: skip
DATA: Final = ("embedding", "cross_entropy", "nll")
BINARY: Final = ("add", "subtract", "multiply", "maximum", "minimum")


@st.composite
def programs(draw: st.DrawFn) -> Trace:
    """Ops that let nothing through, on whole numbers: ties, kinks and zeros are common."""
    maker = GraphMaker()
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))

    def whole(low: int, high: int, shape: tuple[int, ...] = SHAPE) -> Array:
        return random.integers(low, high + 1, shape).astype(float)

    made = [maker.input(whole(-1, 2)), maker.input(whole(-2, 2))]
    if draw(st.booleans()):
        made.append(maker.input(np.concatenate([whole(-1, 1, (1, 3)), [[0.0, 25.0, -25.0]]])))
    for _ in range(draw(st.integers(1, 5))):
        one, other = (draw(st.sampled_from(made)) for _ in range(2))
        constant = maker.constant(whole(0, 1))
        kind = draw(st.sampled_from(["unary", "reduced", "binary", "where", "mask", "data"]))
        if kind == "unary":
            made.append(unary(maker, draw(st.sampled_from(UNARY)), one))
        elif kind == "reduced":
            op, params = draw(st.sampled_from(REDUCED))
            low = maker.op(op, one, axis=draw(st.sampled_from([0, 1])), keepdims=True, **params)
            made.append(maker.op("multiply", low, other))
        elif kind == "data":
            labels = random.choice([0.0, 1.0, 2.0, -100.0], 2)
            made.append(of_data(maker, draw(st.sampled_from(DATA)), one, labels))
        elif kind == "where":
            by = one if draw(st.booleans()) else constant
            made.append(maker.op("where", by, other, draw(st.sampled_from(made))))
        else:
            op = "multiply" if kind == "mask" else draw(st.sampled_from(BINARY))
            made.append(maker.op(op, one, constant if kind == "mask" else other))
    of = made[-1] if draw(st.booleans()) else maker.op("sum", made[-1])
    return maker.trace(Backward(of), zeros=draw(st.booleans()))


def unary(maker: GraphMaker, asked: tuple[str, dict[str, Any]], one: int) -> int:
    """An op on one operand; a pool has one window more than entries."""
    op, params = asked
    found = maker.op(op, one, **params)
    if maker.nodes[found].shape == SHAPE:
        return found
    return maker.op("index", found, key=(slice(None), slice(0, 3)))


def of_data(maker: GraphMaker, op: str, one: int, labels: Array) -> int:
    """An op that numbers without a gradient lead."""
    if op == "embedding":
        return maker.op(op, maker.constant(labels % 2), one)
    low = maker.op(op, one, maker.constant(labels), reduction="sum")
    return maker.op("multiply", low, one)


def value_with(trace: Trace, node: int, flat: int, moved: float) -> Array:
    """What the output of the only pass is, had one entry of any node another value."""
    values = [np.array(trace.value(n.id)) for n in trace.graph.nodes]
    values[node].flat[flat] += moved
    with np.errstate(all="ignore"):
        for other in trace.graph.nodes[node + 1 :]:
            if other.rule is not None:
                operands = [values[p] for p in other.parents]
                values[other.id] = np.asarray(other.rule.forward(np, *operands, **other.params))
    (only,) = trace.passes
    assert isinstance(only, Backward)
    return values[only.of]


def slopes(trace: Trace, edge: Edge, j: int, i: int) -> tuple[float, float]:
    """The quotients of y_j in x_i on the left and on the right, by the op alone."""
    node = trace.graph.nodes[edge.node]
    assert node.rule is not None
    found = []
    for h in (-SMALL, SMALL):
        values = []
        for moved in (0.0, h):
            operands = [np.array(trace.value(p)) for p in node.parents]
            operands[edge.argument].flat[i] += moved
            with np.errstate(all="ignore"):
                values.append(np.asarray(node.rule.forward(np, *operands, **node.params)).flat[j])
        found.append(float(values[1] - values[0]) / h)
    return found[0], found[1]


def assert_true(trace: Trace, stopped: StoppedPath) -> None:
    """The reason that is given for one factor of zero."""
    cause = stopped.cause
    if stopped.zero_hop is None:
        if cause.kind is Kind.UNREAD and "derivative" not in cause.text:
            assert_independent(trace, *stopped.path.entries[0])
        return
    hop = stopped.path.hops[stopped.zero_hop]
    if cause.kind is Kind.UNDERFLOW:
        return
    left, right = slopes(trace, hop.edge, hop.j, hop.i)
    if cause.kind is Kind.FLAT:
        assert min(abs(left), abs(right)) == 0  # it jumps on one side at most
    elif cause.kind is Kind.KINK:
        assert not np.isfinite([left, right]).all() or abs(left - right) > 1e-3
    else:
        assert max(abs(left), abs(right)) < 1e-4, cause.text


def assert_independent(trace: Trace, node: int, flat: int) -> None:
    """Whatever the entry is, the output is the same."""
    before = value_with(trace, node, flat, 0.0)
    for moved in (SMALL, -0.37, 3.0):
        after = value_with(trace, node, flat, moved)
        np.testing.assert_allclose(after, before, rtol=1e-12, atol=1e-12)


@given(programs())
def test_no_reason_is_false(trace: Trace) -> None:
    """Of every entry of every node that is 0 at the end of the walk."""
    timeline = trace.timeline
    for node in timeline.nodes:
        for flat in range(node.size):
            found = why_zero(timeline, len(timeline) - 1, node.id, flat)
            text = why_zero_answer(timeline, found).text
            if found.verdict is Verdict.NOTHING and "derivative" not in text:
                assert_independent(trace, node.id, flat)
            for one in found.explained:
                for stopped in () if one.causes is None else one.causes.all:
                    assert_true(trace, stopped)


@given(programs())
def test_every_cause_on_every_path_is_found(trace: Trace) -> None:
    """Against the paths written out: a factor of 0 of any of them is told."""
    timeline = trace.timeline
    for name in trace.graph.inputs.values():
        found = why_zero(timeline, len(timeline) - 1, name, 0)
        for one in found.explained:
            if one.causes is None or one.contribution.edge is None or not one.causes.is_all:
                continue
            wanted = written_out(trace, one.contribution.edge, one.contribution.j,
                                 one.contribution.i)  # fmt: skip
            told = {
                (hop.edge, hop.j, hop.i)
                for stopped in one.causes.all
                if stopped.zero_hop is not None
                for hop in [stopped.path.hops[stopped.zero_hop]]
            }
            assert told <= wanted
            assert len(told) + one.causes.left >= len(wanted)
            if not one.causes.left:
                assert told == wanted


def written_out(trace: Trace, edge: Edge, j: int, i: int) -> set[tuple[Edge, int, int]]:
    """Every partial of 0 on a way from a contribution up to where something comes."""
    timeline = trace.timeline
    run = timeline.walk(0).run
    found: set[tuple[Edge, int, int]] = set()
    waiting, seen = [(edge, j, i)], set()
    while waiting:
        edge, j, i = waiting.pop()
        if (edge, j, i) in seen:
            continue
        seen.add((edge, j, i))
        if timeline.jacobian(edge).entry(j, i) == 0:
            found.add((edge, j, i))
        if run.cotangents[edge.node].flat[j] != 0:
            continue
        above = [
            (e, int(row), j)
            for e in run.walk.edges(timeline.nodes)
            if e.parent == edge.node
            for row in timeline.jacobian(e).sparsity.rows(j)
        ]
        products = [
            run.cotangents[e.node].flat[row] * timeline.jacobian(e).entry(row, column)
            for e, row, column in above
        ]
        if not any(products):
            waiting += above
    return found


@pytest.mark.exhaustive
@pytest.mark.parametrize("depth", [3, 1000])
def test_a_long_way_is_followed_to_its_end(depth: int) -> None:
    """However far the cause is, it is found; of very many paths it is said that they are."""
    maker = GraphMaker()
    at = x = maker.input(1.0, "x")
    for _ in range(depth):
        at = maker.op("add", at, at)
    y = maker.op("relu", maker.op("negative", at), name="y")
    timeline = maker.trace(Backward(y)).timeline
    found = why_zero(timeline, len(timeline) - 1, x, 0)
    text = why_zero_answer(timeline, found).text
    assert "relu is off" in text
    assert ("not all were followed" in text) == (depth > 100)


@pytest.mark.few(6)
@each_edge_if(lambda edge: bool(edge.case.example.shapes) and edge.case.rule in RULES.values())
def test_a_zero_partial_of_any_op_has_a_reason(edge: CaseEdge) -> None:
    """What chooses says what it chose, what is flat that it is; no op is answered by a crash."""
    rule = edge.case.rule
    trace = of_case(edge.case)
    node = trace.graph.nodes[-1]
    line = Edge(node.parents[edge.argument], node.id, edge.argument)
    jacobian = trace.timeline.jacobian(line)
    for i in range(min(jacobian.shape[1], 6)):
        for j in jacobian.sparsity.rows(i)[:6].tolist():
            if jacobian.entry(j, i) != 0:
                continue
            kind, text = zero_partial(trace.timeline, line, j, i)
            is_choice = edge.derivative.masked
            assert text
            assert kind is not Kind.OTHER or not is_choice, (rule.name, text)


def of_case(case: Case) -> Trace:
    """An example of a row on whole numbers, which meet kinds of zeros, and its own conditions."""
    maker = GraphMaker()
    random = np.random.default_rng(0)
    parents = [
        maker.constant(x) if d is None else maker.input(random.integers(-2, 3, x.shape))
        for x, d in zip(case.operands(), case.rule.derivatives, strict=True)
    ]
    maker.op(case.rule.name, *parents, **case.example.params)
    return maker.trace()
