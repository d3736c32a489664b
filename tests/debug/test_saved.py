"""What is saved comes back as the same state, whatever was done."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tui_backprop as tb
from tests.fuzz.effort import effort
from tests.strategies import GraphMaker
from tui_backprop.debug.commands import COMMANDS
from tui_backprop.debug.number_lists import numbers_text, parse_numbers
from tui_backprop.errors import CommandError
from tui_backprop.timeline.frame import Phase

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.debug.breakpoints import Breakpoint
    from tui_backprop.debug.debugger import Debugger
    from tui_backprop.debug.session import Session

SCENARIOS = {
    "plain": (
        "format: 1\ninputs: {X: [1, 2, 3]}\nprogram: Y = 2 * X\nbackward: {of: Y, v: [1, 2, 3]}\n"
    ),
    "nameless": (
        "format: 1\ninputs: {x: 3, y: [0.5, -1]}\nconstants: {c: 2}\n"
        "program: |\n  s = x * x + sum(y * y) * c\n  z = s + (x + 1) * sum(exp(y))\n"
        "backward: {of: z}\n"
    ),
    "rebound": (
        "format: 1\ndtype: float32\ninputs: {X: [[1, 2], [0.1, 4]], w: [0.3, 1]}\n"
        "program: |\n  h = X @ w\n  h = h * h\n  h = relu(h - 1)\n  Y = h / 3\n"
        "backward: [{of: Y, v: [1, 2]}, {zero_grad: true}, {of: Y}]\n"
        "breakpoints: [break h@2, watch norm(X.grad), 'tbreak op relu if step > 3', disable 1]\n"
        "view: {zeros: show}\n"
    ),
    "odd": (
        "format: 1\ninputs: {v: [0, 1], step: 2}\nprogram: |\n  u = v / step\n  w = log(u)\n"
        "backward: [{of: w}, {of: u, v: [3, 4]}]\n"
    ),
    "words": (
        "format: 1\ninputs: {op: [2, 3], write: 2}\nprogram: |\n  step = op * write\n"
        "  node = exp(step)\n  partial = node * step\n  seed = sum(partial)\n"
        "backward: {of: seed}\n"
    ),
}
LINES = (
    "step 3", "step", "next", "finish", "end", "restart", "reverse-step 2", "continue",
    "reverse-continue", "goto 4", "zeros", "zeros show", "undo", "redo", "break", "tbreak",
    "set X = step + X", "set X = X.grad", "set X = X / 3", "set X[0] = 5",
    "set X[0, 1] = X[0, 1] + v[0]", "set x = x * 0.1", "set y = y.grad",
    "set y[1] = nan", "set y = [inf, -0.0]", "set c = exp(x)",
    "set v = v / 7", "set v = [0.1, 1e-320]", "set v = [1, 0, -0.0]", "set seed ones",
    "set seed onehot 1", "set v = 2", "set step = step * 3", "set #0 = [1e300, 4]", "set w = w / 0",
    "break Y", "break h", "break h@1 partial", "break op multiply", "break write X.grad[1]",
    "break write X.grad[0, 1]", "break step 7", "break step 15", "break if step  >  3",
    "tbreak #2 if any(v > 0)", "watch X.grad", "watch norm( v ) if step > 2", "watch step",
    "condition last step > 5", "condition last", "condition 1 step > 2", "ignore last 2",
    "ignore 1 3", "disable", "disable last", "enable", "delete 1", "delete last", "delete",
    "display norm(v)", "display  X + 1", "display v[0]", "undisplay 1", "undisplay",
    "until step > 4", "break op", "break node step", "tbreak write op.grad[1]", "break node op exp",
    "watch step.value", "watch op.grad", "set op[0] = 4", "set write = write / 3", "set step = 3",
)  # fmt: skip


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Debugger]:
    """A session of a scenario by its name; each is a file of its own."""
    folder = tmp_path_factory.mktemp("saved")
    found = {}
    for name, text in SCENARIOS.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
        found[name] = tb.load(folder / f"{name}.yaml")
    return lambda name: found[name].session()


def stop(one: Breakpoint) -> Any:
    """All of a breakpoint that can be compared across sessions."""
    texts = [e and " ".join(e.text.split()) for e in (one.condition, one.watched)]
    return (one.number, one.text, one.place, *texts, one.is_enabled, one.is_temporary, one.ignore,
            one.hits)  # fmt: skip


def numbers(session: Session) -> Any:
    """Every number of the trace, and of the walk where it stands."""
    trace = session.trace
    held = [*trace.node_values, *(run.seed for run in trace.runs if run), *trace.grad.values()]
    return [(np.asarray(x).dtype, np.asarray(x).shape, np.asarray(x).tobytes()) for x in held]


def state(session: Session) -> Any:
    """What a person could tell two sessions apart by."""
    frame = session.frame
    return (
        session.cursor, session.direction, session.timeline.zeros, session.numbers,
        (frame.phase, frame.node.id, frame.row, frame.column, repr(frame.partial)),
        [stop(b) for b in session.breakpoints],
        [" ".join(d.text.split()) for d in session.displays],
        len(session.history.done), len(session.history.undone), numbers(session),
    )  # fmt: skip


def carried_out(session: Debugger, lines: list[str]) -> None:
    """As far as each goes; what is refused changes nothing."""
    for line in lines:
        before = state(session)
        try:
            session.execute(line)
        except CommandError:
            assert state(session) == before, line


@effort(3)
@given(name=st.sampled_from(sorted(SCENARIOS)), lines=st.lists(st.sampled_from(LINES), max_size=14))
def test_what_is_saved_is_the_state(
    name: str, lines: list[str], opened: Callable[[str], Debugger], tmp_path_factory: Any
) -> None:
    """Saved, read by a fresh session: the same state, the same way on, and the same file again."""
    file = tmp_path_factory.mktemp("state") / "kept"
    session, fresh = opened(name), opened(name)
    carried_out(session, lines)
    session.execute(f"save {file}")
    text = file.read_text(encoding="utf-8")
    fresh.execute(f"source {file}")
    assert state(fresh) == state(session)
    fresh.execute(f"save {file}")
    assert file.read_text(encoding="utf-8") == text
    for line in ("continue", "undo", "redo", "redo", "break step 1", "reverse-continue", "info"):
        told = []
        for one in (session, fresh):
            try:
                told.append(one.execute(line))
            except CommandError as error:
                told.append(str(error))
        if line not in {"undo", "redo"}:  # these say what was set, once a formula and then numbers
            assert told[0] == told[1]
        assert state(fresh) == state(session)


def test_numbers_are_saved_and_not_the_formula(tmp_path: Path) -> None:
    """It means other numbers at another step, and none where a gradient is not there yet."""
    session = tb.load("vector-double").session()
    for line in ("step 4", "set X = step + X", "end", "set X = X.grad", f"save {tmp_path / 'a'}"):
        session.execute(line)
    fresh = tb.load("vector-double").session()
    fresh.execute(f"source {tmp_path / 'a'}")
    assert fresh.trace.values["X"].tolist() == session.trace.values["X"].tolist()
    fresh.execute("undo")
    assert fresh.trace.values["X"].tolist() == [5, 6, 7]


def test_a_break_at_a_node_without_a_name_comes_back(tmp_path: Path) -> None:
    """It is called by its number, in the answer and in the file."""
    session, fresh = (tb.load("fan-out").session() for _ in range(2))
    session.execute("step 2")
    assert not session.frame.node.name
    number = session.frame.node.id
    assert session.execute("break").startswith(f"breakpoint 1: #{number}: set;")
    session.execute(f"save {tmp_path / 'a'}")
    fresh.execute(f"source {tmp_path / 'a'}")
    assert fresh.execute("info") == session.execute("info")


def _words_of_the_grammar() -> list[str]:
    """Whatever means something in a command; a node of a recorded program may be called so too."""
    commands = {word for c in COMMANDS for word in (c.name, *c.aliases)}
    places = {"op", "write", "step", "node", "if", "last", "hits", "ignore", "disabled", "grad"}
    phases = {phase.value for phase in Phase}
    expressions = {"v", "J", "value", "seed", "and", "or", "not", "norm", "isnan", "count_nonzero"}
    others = {"0", "12", "#0", "x", "x.grad", "x[0]", "a if b", "step 1", "h@1", "two words", "权"}
    return sorted(commands | places | phases | expressions | others | {"sum", "exp", "relu"})


@pytest.mark.parametrize("word", _words_of_the_grammar())
def test_a_break_where_one_stands_is_told_in_words_that_mean_it(word: str, tmp_path: Path) -> None:
    """Whatever the node is called: typed again they mean the same, and so they do in a file."""
    maker = GraphMaker()
    x = maker.input([2.0, 3.0], "x")
    node = maker.op("multiply", x, x, name=word)
    maker.op("sum", node, name="y_")
    session, typed, fresh = (tb.Session(maker.trace()) for _ in range(3))
    session.execute("step")
    assert session.frame.node.id == node
    session.execute("break")
    (made,) = session.breakpoints
    typed.execute(f"break {made.text}")
    session.execute(f"save {tmp_path / 'a'}")
    fresh.execute(f"source {tmp_path / 'a'}")
    assert [stop(b) for b in (*typed.breakpoints, *fresh.breakpoints)] == [stop(made)] * 2


@pytest.mark.parametrize("word", ["op", "write", "step", "node"])
def test_a_break_at_a_node_with_the_name_of_a_word_keeps_the_name(word: str) -> None:
    """``node`` says that what follows is one."""
    maker = GraphMaker()
    maker.op("exp", maker.input([2.0, 3.0], "x"), name=word)
    session = tb.Session(maker.trace())
    session.execute("step")
    assert session.execute("break").startswith(f"breakpoint 1: node {word}: set;")


def test_a_breakpoint_that_the_walk_no_longer_comes_to_is_kept(tmp_path: Path) -> None:
    """Its step is there only with structural zeros, which are skipped now."""
    session, fresh = (tb.load("vector-double").session() for _ in range(2))
    for line in ("zeros show", "break step 12", "zeros skip", f"save {tmp_path / 'a'}"):
        session.execute(line)
    fresh.execute(f"source {tmp_path / 'a'}")
    assert [stop(b) for b in fresh.breakpoints] == [stop(b) for b in session.breakpoints]
    fresh.execute("zeros show")
    fresh.execute("continue")
    assert fresh.cursor == 12


def test_a_file_brings_breakpoints_beside_those_that_are_there(tmp_path: Path) -> None:
    """A number that is taken is given to nobody else; nothing of the person's own goes."""
    session, other = (tb.load("vector-double").session() for _ in range(2))
    session.execute("break Y")
    session.execute(f"save {tmp_path / 'a'}")
    other.execute("break X")
    other.execute(f"source {tmp_path / 'a'}")
    assert [(b.number, b.text) for b in other.breakpoints] == [(1, "X"), (2, "Y")]


def test_what_a_program_set_is_saved_too(tmp_path: Path) -> None:
    """Through Python, several leaves and v at once, one of them with a name that means v."""
    text = SCENARIOS["odd"]
    (tmp_path / "odd.yaml").write_text(text, encoding="utf-8")
    session, fresh = (tb.load(tmp_path / "odd.yaml").session() for _ in range(2))
    session.apply("mine", session.trace.rerun({"v": [7, 1 / 3], "step": 0.1}, v=[1, np.nan]))
    session.set_v([2, 3])
    session.execute(f"save {tmp_path / 'a'}")
    fresh.execute(f"source {tmp_path / 'a'}")
    assert numbers(fresh) == numbers(session)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@given(data=st.data())
def test_numbers_are_written_to_the_last_bit(dtype: str, data: st.DataObject) -> None:
    """Of any shape, with NaN, infinities, and the zero that is negative."""
    shape = data.draw(st.lists(st.integers(1, 3), max_size=4))
    drawn = st.floats(width=64) if dtype == "float64" else st.floats(width=32)
    flat = data.draw(st.lists(drawn, min_size=int(np.prod(shape)), max_size=int(np.prod(shape))))
    array = np.array(flat, dtype=dtype).reshape(shape)
    back = parse_numbers(numbers_text(array)).astype(dtype)
    assert back.shape == array.shape
    np.testing.assert_array_equal(back, array)
    signs = [np.signbit(x[~np.isnan(x)]) for x in (back, array)]
    np.testing.assert_array_equal(*signs)


OLD = """\
# tui-backprop commands
set X[0] = 5
break Y if step > 2
ignore last 3
tbreak op multiply
disable last
watch norm(X.grad)
display v
"""


def test_files_of_earlier_versions_are_read() -> None:
    """They hold the commands that a person types."""
    session = tb.load("vector-double").session()
    path = Path("old-commands")
    path.write_text(OLD, encoding="utf-8")
    session.execute(f"source {path}")
    assert session.execute("info").splitlines() == [
        "1  breakpoint  Y if step > 2  hits 0  ignore 3",
        "2  breakpoint  op multiply  hits 0  disabled  temporary",
        "3  watchpoint  norm(X.grad)  hits 0",
    ]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a test writes, it writes it there."""
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))


BAD = ("restore", "restore break", "restore break x: Y", "restore break 1 hits: Y",
       "restore break 1 often 3: Y", "restore break 1:", "restore watch 1: 3", "restore watch 1:",
       "restore display:", "restore next", "restore next -1", "restore direction up",
       "restore inside nothing",
       "restore break 1 hits " + "9" * 40 + ": Y", "restore tbreak 1: step x",
       "zeros on")  # fmt: skip


@pytest.mark.parametrize("line", BAD)
def test_what_nobody_saved_is_refused(line: str) -> None:
    """And changes nothing."""
    session = tb.load("vector-double").session()
    before = state(session)
    with pytest.raises(CommandError):
        session.execute(line)
    assert state(session) == before


def test_more_numbers_than_a_file_may_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """First the way back is left out, which is said; then nothing is written, and that is said."""
    session, fresh = (tb.load("vector-double").session() for _ in range(2))
    session.execute("end")
    for _ in range(20):
        session.execute("set X = X / 3")
    session.execute("set v = v / 7")
    monkeypatch.setattr("tui_backprop.debug.commands.files._MOST_BYTES", 250)
    assert "undo" in session.execute(f"save {tmp_path / 'a'}")
    fresh.execute(f"source {tmp_path / 'a'}")
    assert numbers(fresh) == numbers(session)
    assert fresh.cursor == session.cursor
    before = (tmp_path / "a").read_bytes()
    monkeypatch.setattr("tui_backprop.debug.commands.files._MOST_BYTES", 100)
    with pytest.raises(CommandError, match="nothing was written"):
        session.execute(f"save {tmp_path / 'a'}")
    assert (tmp_path / "a").read_bytes() == before
