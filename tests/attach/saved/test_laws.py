"""Laws of saved walks: what is opened is what was saved, to the last bit."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.attach.tapes import OpaqueOp, hooked, recorded
from tests.marks import spread
from tests.render.views import opened
from tests.strategies import traces
from tui_backprop.attach.given import RecordedTape
from tui_backprop.attach.hook import AverageOp, HookOp, not_averaged
from tui_backprop.attach.recorded import RecordedTrace
from tui_backprop.attach.saved import jacobian as jacobians
from tui_backprop.attach.saved.reader import open_walk
from tui_backprop.dataclass import replace
from tui_backprop.debug.debugger import Debugger
from tui_backprop.errors import CommandError, UnknownError
from tui_backprop.graph.jacobian import local_vjp
from tui_backprop.graph.model import Span
from tui_backprop.program.code.kinds import checked

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tui_backprop.rules.types import Array
    from tui_backprop.timeline.timeline import Frame
    from tui_backprop.timeline.trace import Trace

_STEPS = 25
same_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def with_rows(trace: Trace) -> RecordedTrace:
    """A walk of one pass over given numbers whose ops are rows of the table."""
    (run,) = trace.runs
    assert run is not None
    edges = run.walk.edges(trace.graph.nodes)
    tape = RecordedTape(
        graph=trace.graph,
        of=run.of,
        seed=run.seed,
        assumed_ones=run.assumed_ones,
        values=list(trace.node_values),
        cotangents=[run.cotangents.get(n.id) for n in trace.graph.nodes],
        contributions={e: local_vjp(trace, e, run.cotangents[e.node]) for e in edges},
        made_by="Elsewhere 1.0",
    )
    return RecordedTrace(tape, zeros=trace.zeros)


def through_file(trace: RecordedTrace, folder: Path) -> RecordedTrace:
    """Saved and opened."""
    trace.save(folder / "a.walk")
    return open_walk(folder / "a.walk")


def check_same(a: Array | None, b: Array | None) -> None:
    """To the last bit, the sign of a zero and the type included."""
    assert (a is None) == (b is None)
    if a is not None and b is not None:
        assert a.dtype == b.dtype
        np.testing.assert_array_equal(a, b)
        np.testing.assert_array_equal(np.signbit(a), np.signbit(b))
        assert b.flags.c_contiguous
        assert not b.flags.writeable


def _asked(question: Callable[[], Any]) -> Any:
    """An answer, or why there is none."""
    try:
        return question()
    except UnknownError as error:
        return str(error)


def _is_close(a: Any, b: Any, *, is_single: bool) -> bool:
    """The last digits of a partial depend on whether a row or a column is asked for."""
    if isinstance(a, float) and isinstance(b, float):
        rtol, atol = (1e-4, 1e-4) if is_single else (1e-9, 1e-12)
        return bool(np.isclose(a, b, rtol=rtol, atol=atol, equal_nan=True))
    return bool(a == b)


def check_frames(a: Frame, b: Frame) -> None:
    """The same event, with the same numbers."""
    assert (a.phase, a.node.id, a.row, a.column, a.edge) == (
        b.phase, b.node.id, b.row, b.column, b.edge
    )  # fmt: skip
    check_same(_asked(lambda: a.v), _asked(lambda: b.v))
    p, q = _asked(lambda: a.partial), _asked(lambda: b.partial)
    if p is None or isinstance(p, str):
        assert p == q
        return
    assert p.is_structural == q.is_structural
    is_single = a.timeline.trace.graph.dtype == np.float32
    for name in ("value", "v", "contribution", "before", "after"):
        x, y = getattr(p, name), getattr(q, name)
        assert _is_close(x, y, is_single=is_single), (a.edge, name, p, q)


def check_walks(a: RecordedTrace, b: RecordedTrace) -> None:
    """The same walk."""
    assert (a.tape.of, a.tape.assumed_ones, a.tape.advice, a.tape.made_by) == (
        b.tape.of, b.tape.assumed_ones, b.tape.advice, b.tape.made_by
    )  # fmt: skip
    check_same(a.tape.seed, b.tape.seed)
    for x, y in zip(a.tape.values, b.tape.values, strict=True):
        check_same(x, y)
    for x, y in zip(a.tape.cotangents, b.tape.cotangents, strict=True):
        check_same(x, y)
    assert a.tape.contributions.keys() == b.tape.contributions.keys()
    for edge, x in a.tape.contributions.items():
        check_same(x, b.tape.contributions[edge])
    assert list(a.graph.names) == list(b.graph.names)
    assert a.graph.program == b.graph.program
    assert dict(a.graph.files) == dict(b.graph.files)
    assert a.grad.keys() == b.grad.keys()
    for name, x in a.grad.items():
        check_same(x, b.grad[name])
    for m, n in zip(a.graph.nodes, b.graph.nodes, strict=True):
        assert (m.role, m.name, m.text, m.op, m.parents, m.shape, m.span, m.module, m.called) == (
            n.role, n.name, n.text, n.op, n.parents, n.shape, n.span, n.module, n.called
        )  # fmt: skip
        if m.rule is not None and m.rule is n.rule:  # of an op from elsewhere they mean nothing
            given_params = {p.name: checked(p, m.params[p.name]) for p in m.rule.parameters}
            assert repr(given_params) == repr(dict(n.params))
        assert repr(m.literal) == repr(n.literal)
    assert len(a.timeline) == len(b.timeline)
    for k in spread(list(range(len(a.timeline))), _STEPS):
        check_frames(a.timeline[k], b.timeline[k])


@same_folder
@given(traces(most_passes=1), st.data())
def test_what_is_opened_is_what_was_saved(
    tmp_path: Path, trace: Trace, data: st.DataObject
) -> None:
    """Of ops that nobody may look into, whatever they know of themselves."""
    is_saved = data.draw(st.sampled_from([lambda _n: True, lambda _n: False, lambda n: n.id % 2]))
    flags = {
        name: data.draw(st.booleans()) for name in ("knows_pattern", "knows_columns", "refuses")
    }
    walked = recorded(trace, is_saved, **flags)
    found = through_file(walked, tmp_path)
    check_walks(walked, found)
    before = (tmp_path / "a.walk").read_bytes()
    found.save(tmp_path / "a.walk")
    assert (tmp_path / "a.walk").read_bytes() == before


@same_folder
@given(traces(most_passes=1))
def test_ops_of_the_table_come_back_as_such(tmp_path: Path, trace: Trace) -> None:
    """With their arguments; the formulas come with them."""
    walked = with_rows(trace)
    found = through_file(walked, tmp_path)
    check_walks(walked, found)
    for m, n in zip(walked.graph.nodes, found.graph.nodes, strict=True):
        assert m.rule is n.rule


@same_folder
@given(traces(most_passes=1), st.data())
def test_an_opened_walk_breaks_where_the_live_one_does(
    tmp_path: Path, trace: Trace, data: st.DataObject
) -> None:
    """At a layer, and at a line of a file of the program that was recorded."""
    walked = recorded(trace)
    layers = st.sampled_from(["", "encoder", "encoder.0", "encoder.1", "head"])
    lines = st.none() | st.integers(1, 9)
    nodes = []
    for node in walked.graph.nodes:
        line = data.draw(lines)
        span = None if line is None else Span(line + 20, 0, line + 20, 1)
        nodes.append(replace(node, span=span, module=data.draw(layers)))
    graph = replace(
        walked.graph, nodes=tuple(nodes), program="x\n" * 30, files={"train.py": 20, "net.py": -3}
    )
    walked = RecordedTrace(replace(walked.tape, graph=graph))
    found = through_file(walked, tmp_path)
    check_walks(walked, found)
    words = ["layer encoder", "layer encoder.0", "layer head", "train.py:3", "net.py:26", "a.py:1"]
    sessions = [Debugger(t) for t in (walked, found)]
    for word in words:
        answers = [_tried(session, f"break {word}") for session in sessions]
        assert answers[0] == answers[1]
    stops = [[session.continue_().k for _ in range(6)] for session in sessions]
    assert stops[0] == stops[1]


def _tried(session: Debugger, line: str) -> str:
    try:
        return session.execute(line)
    except CommandError as error:
        return str(error)


@same_folder
@given(traces(most_passes=1, dtype="float32"))
def test_single_precision_stays_single(tmp_path: Path, trace: Trace) -> None:
    """Every number in its own type."""
    walked = recorded(trace)
    check_walks(walked, through_file(walked, tmp_path))


def test_two_savings_are_the_same_bytes(tmp_path: Path) -> None:
    """Nothing of the clock or of the machine is in the file, and it replaces what was there."""
    walked = recorded(opened("matvec")[1])
    (tmp_path / "b.walk").write_bytes(b"older")
    for name in ("a.walk", "b.walk"):
        walked.save(tmp_path / name)
    assert (tmp_path / "a.walk").read_bytes() == (tmp_path / "b.walk").read_bytes()
    assert {p.name for p in tmp_path.iterdir()} == {"a.walk", "b.walk"}


def test_names_that_no_file_can_hold_are_written_as_far_as_they_can_be(tmp_path: Path) -> None:
    """Modules may be called anything, and a file is read back all the same."""
    walked = recorded(opened("chain")[1])
    nodes = list(walked.graph.nodes)
    odd = "a\nb\x1b\ud800" + "x" * 20_000
    nodes[-1] = replace(nodes[-1], name=odd, text=odd)
    graph = replace(
        walked.graph, nodes=tuple(nodes), names={odd: nodes[-1].id}, program="y = 1\n\ud800"
    )
    found = through_file(RecordedTrace(replace(walked.tape, graph=graph)), tmp_path)
    assert found.graph.nodes[-1].name.startswith("a\ufffdb\ufffd\ufffdxx")
    assert found.graph.program == "y = 1\n?"
    assert len(found.timeline) == len(walked.timeline)


def test_other_readers_of_arrays_read_it(tmp_path: Path) -> None:
    """It is a zip archive of plain ``.npy`` files."""
    walked = recorded(opened("matvec")[1])
    walked.save(tmp_path / "a.walk")
    with np.load(tmp_path / "a.walk", allow_pickle=False) as archive:
        numbers = [x.ravel() for x in walked.tape.values if x is not None]
        np.testing.assert_array_equal(archive["values"], np.concatenate(numbers))


def test_a_jacobian_that_is_too_large_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the others everything is there; the walk itself is whole."""
    monkeypatch.setattr("tui_backprop.attach.saved.writer.MOST_OF_EDGE", 3)
    walked = recorded(opened("mlp-2-3-1")[1])
    found = through_file(walked, tmp_path)
    assert len(walked.timeline) == len(found.timeline)
    for name, x in walked.grad.items():
        check_same(x, found.grad[name])
    answers = {str(_asked(partial(getattr, frame, "partial"))) for frame in found.timeline}
    assert any("was too large to be saved: attach to the program" in text for text in answers)
    assert any("Partial(" in text for text in answers)


def test_nobody_waits_for_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was not asked for in time is left out, and said to be."""
    monkeypatch.setattr("tui_backprop.attach.saved.writer._PATIENCE", -1.0)
    found = through_file(recorded(opened("chain")[1]), tmp_path)
    answers = {str(_asked(partial(getattr, frame, "partial"))) for frame in found.timeline}
    assert any("asking for it took too long" in text for text in answers)


def test_an_op_that_fails_when_it_is_asked_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its code is somebody else's: any error of it is a sentence in the file."""

    def broken(*_given: object) -> None:
        raise ValueError("only on tuesdays")

    walked = recorded(opened("chain")[1])
    for name in ("vjp", "jvp"):
        monkeypatch.setattr(OpaqueOp, name, broken)
    found = through_file(walked, tmp_path)
    answers = {str(_asked(partial(getattr, frame, "partial"))) for frame in found.timeline}
    assert any("cannot be had: ValueError('only on tuesdays')" in text for text in answers)


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("", "averaged over 2 ranks: 1 → 2"),
        (
            "nobody came",
            "one rank's own gradient, not the average over 2 ranks: nobody came",
        ),
    ],
)
def test_an_average_says_in_the_file_what_it_did(reason: str, told: str, tmp_path: Path) -> None:
    """Of how many ranks it is; or why it is not part of the walk."""
    walked = hooked(opened("chain")[1], partial(AverageOp, ranks=2, reason=reason))
    walked.save(tmp_path / "a.walk")
    for found in (walked, open_walk(tmp_path / "a.walk")):
        node = found.graph.nodes[-1]
        assert node.op == "all_reduce"
        frame = next(f for f in found.timeline if f.edge is not None and f.edge.node == node.id)
        with pytest.raises(UnknownError, match=f"^{re.escape(told)}$"):
            frame.partial  # noqa: B018 - it is computed when asked for
        assert not_averaged(found.graph) == (told if reason else "")


@pytest.mark.parametrize("op", [HookOp, partial(AverageOp, ranks=2)])
def test_a_nan_that_a_hook_made_is_told(op: Callable[..., HookOp]) -> None:
    """By its number before: no partial is to blame."""
    seed = np.array([1.0, 0.5, np.inf])
    made = op("Elsewhere", seed.shape, seed, np.array([3.0, np.nan, np.nan]))
    assert "0.5 → nan" in made.refusal(np.arange(3))
    assert "→" not in made.refusal(np.array([0, 2]))


def test_there_is_room_for_the_smallest_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All Jacobians together have a bound too."""
    walked = recorded(opened("mlp-2-3-1")[1])
    sizes = sorted(
        walked.timeline.jacobian(edge).sparsity.nonzeros
        for edge in walked.runs[0].walk.edges(walked.graph.nodes)  # type: ignore[union-attr]  # it has a pass
    )
    monkeypatch.setattr("tui_backprop.attach.saved.writer.MOST_OF_ALL", sizes[0] + sizes[1])
    found = through_file(walked, tmp_path)
    kept = [
        jacobian.entries.size
        for node in found.graph.nodes
        if node.rule is not None and node.rule.computed_by
        for derivative in node.rule.derivatives
        if (jacobian := derivative.op.jacobians[derivative.argument]).entries is not None  # type: ignore[union-attr]  # a foreign op
    ]
    assert sorted(kept) == sizes[:2]


@pytest.mark.parametrize("most", [1, 512])
def test_few_questions_tell_a_whole_jacobian(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """An elementwise op is asked once; one that would be asked too often is left out."""
    monkeypatch.setattr(jacobians, "_MOST_ASKS", most)
    trace = opened("mlp-2-3-1")[1]
    walked = recorded(trace)
    for edge in walked.runs[0].walk.edges(walked.graph.nodes):  # type: ignore[union-attr]  # it has a pass
        rule = walked.graph.nodes[edge.node].rule
        assert rule is not None
        op = rule.derivatives[edge.argument].op  # type: ignore[union-attr]  # a foreign op
        pattern = jacobians.kept_pattern(op, edge.argument)
        found = jacobians.asked(op, edge.argument, pattern)
        if found.entries is None:
            assert most == 1
            assert "too large" in found.reason
            continue
        table = jacobians.SavedOp("op", "Elsewhere", op.shape, op.shapes, (found,) * len(op.shapes))
        every = walked.timeline.jacobian(edge).toarray()
        rows, columns = (np.asarray(x) for x in np.indices(every.shape))
        lines = jacobians.SavedLines(table)
        np.testing.assert_allclose(lines.entries(edge.argument, rows, columns), every, 1e-12)
        v = np.random.default_rng(0).normal(size=op.shape)
        t = np.random.default_rng(1).normal(size=op.shapes[edge.argument])
        pulled, pushed = table.vjp(v)[edge.argument], table.jvp(edge.argument, t)
        np.testing.assert_allclose(pulled.ravel(), v.ravel() @ every, 1e-9, 1e-12)
        np.testing.assert_allclose(pushed.ravel(), every @ t.ravel(), 1e-9, 1e-12)


def test_what_is_asked_of_an_opened_walk_is_answered(tmp_path: Path) -> None:
    """As of the walk that was saved: every command, at several steps."""
    walked = recorded(opened("mlp-2-3-1")[1], lambda n: n.id % 3 != 1)
    found = through_file(walked, tmp_path)
    leaf = next(iter(walked.graph.inputs))
    entry = (
        f"{leaf}.grad[{','.join('0' for _ in walked.graph.nodes[walked.graph.inputs[leaf]].shape)}]"
    )
    lines = ["where", "health", "origin nan", f"why {entry}", f"why zero {entry}", "why", "print v",
             "print J", "info passes", f"set {leaf} = 1", "finish", "next"]  # fmt: skip
    for k in spread(list(range(len(walked.timeline))), 6):
        sessions = [Debugger(trace) for trace in (walked, found)]
        for line in lines:
            answers = []
            for session in sessions:
                if line == "where":
                    session.goto(k)
                try:
                    answers.append(session.execute(line))
                except CommandError as error:
                    answers.append(str(error))
            assert answers[0] == answers[1], line


def test_the_origin_of_a_nan_is_found_in_the_file(tmp_path: Path) -> None:
    """Somebody without the program sees where it began."""
    walked = recorded(opened("chain")[1])
    broken = [x if x is None else np.array(x) for x in walked.tape.cotangents]
    path = walked.runs[0].walk.nodes  # type: ignore[union-attr]  # it has a pass
    for n in (path[-1], *walked.graph.inputs.values()):
        if broken[n] is not None:
            broken[n] = np.full_like(broken[n], np.nan)
    bad = RecordedTrace(replace(walked.tape, cotangents=broken))
    answers = [Debugger(t).execute("origin nan") for t in (bad, through_file(bad, tmp_path))]
    assert answers[0] == answers[1]
    assert "nan" in answers[0].lower()
