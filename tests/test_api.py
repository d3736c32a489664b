"""A scenario may bring its breakpoints: the commands that set them, in the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import tui_backprop as tb
from tui_backprop.api import load
from tui_backprop.errors import ScenarioError
from tui_backprop.timeline.trace import Trace

if TYPE_CHECKING:
    from pathlib import Path

BASE = """\
format: 1
inputs: {X: [1, 2, 3]}
program: |
  Y = 2 * X
"""


def written(folder: Path, lines: str) -> Path:
    """The file."""
    path = folder / "scenario.yaml"
    path.write_text(f"{BASE}breakpoints:\n{lines}", encoding="utf-8")
    return path


def test_they_are_set_when_a_walk_begins(tmp_path: Path) -> None:
    """In the order of the file, and a later line may change an earlier one."""
    lines = "- break Y\n- watch X.grad[0]\n- 'break if any(X.grad > 1)'\n- ignore 2 1\n"
    session = load(written(tmp_path, lines)).session()
    assert [b.text for b in session.breakpoints] == ["Y", "X.grad[0]", "if any(X.grad > 1)"]
    assert session.breakpoints[1].ignore == 1
    assert session.cursor == 0
    assert session.continue_().node.label == "Y"


def test_without_them_nothing_is_set(tmp_path: Path) -> None:
    """An empty list is a list."""
    path = tmp_path / "scenario.yaml"
    path.write_text(f"{BASE}breakpoints: []\n", encoding="utf-8")
    assert load(path).session().breakpoints == ()


def test_each_walk_has_its_own(tmp_path: Path) -> None:
    """Hits of one are none of another."""
    scenario = load(written(tmp_path, "- break Y\n"))
    scenario.session().continue_()
    assert scenario.session().breakpoints[0].hits == 0


@pytest.mark.parametrize(
    ("line", "place", "message"),
    [
        ("- break Z\n", "6:3", "there is no 'Z'"),
        ("- 'break if foo(v)'\n", "6:3", "unknown function 'foo'"),
        ("- step 3\n", "6:3", "sets no breakpoint"),
        ("- save /tmp/elsewhere\n", "6:3", "sets no breakpoint"),
        ("- source /etc/passwd\n", "6:3", "sets no breakpoint"),
        ("- Y\n", "6:3", "sets no breakpoint"),
        ("- ''\n", "6:3", "sets no breakpoint"),
        ("- break step 99\n", "6:3", "there is no step 99"),
        ("- 3\n", "6:3", "expected a command"),
        ("  break: Y\n", "6:3", "expected a list of commands"),
    ],
)
def test_what_cannot_be_set_is_a_problem_of_the_file(
    tmp_path: Path, line: str, place: str, message: str
) -> None:
    """With its place, for whoever reads the file; nothing else is carried out."""
    path = written(tmp_path, line)
    with pytest.raises(ScenarioError) as caught:
        load(path)
    assert f"{path}:{place}:" in str(caught.value)
    assert message in str(caught.value)


def test_all_of_them_are_reported_at_once(tmp_path: Path) -> None:
    """One that is wrong hides no other."""
    with pytest.raises(ScenarioError) as caught:
        load(written(tmp_path, "- break Z\n- break Y\n- watch 2\n"))
    assert [p.line for p in caught.value.problems] == [6, 8]


DEEP = """\
format: 1
inputs: {X: [1, 2, 3]}
program: |
  for t in range(11000):
    X = 2 * X
breakpoints:
"""


@pytest.mark.few(4)
@pytest.mark.parametrize(
    "line", ["brek X", "break Z", "watch 2", "break if foo(X)", "tbreak op no"]
)
def test_a_large_graph_is_not_evaluated_to_refuse_a_word(
    tmp_path: Path, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What no numbers can make right is refused before there are any, with all of its kind."""
    path = tmp_path / "deep.yaml"
    path.write_text(f"{DEEP}- break X@2\n- {line}\n- break Q\n", encoding="utf-8")

    def evaluated(*_arguments: object, **_more: object) -> None:
        raise AssertionError("it was evaluated")

    monkeypatch.setattr(Trace, "__init__", evaluated)
    with pytest.raises(ScenarioError) as caught:
        load(path)
    assert [p.line for p in caught.value.problems] == [8, 9]


@pytest.mark.parametrize("text", [BASE + "breakpoints:\n", DEEP])
def test_breakpoints_are_tried_on_the_evaluation_that_is_walked(
    tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Opening a scenario evaluates it once."""
    path = tmp_path / "one.yaml"
    path.write_text(f"{text}- break X\n- break step 3\n", encoding="utf-8")
    made = list[object]()
    begin = Trace.__init__

    def counted(trace: Trace, *arguments: Any, **more: Any) -> None:
        made.append(trace)
        begin(trace, *arguments, **more)

    monkeypatch.setattr(Trace, "__init__", counted)
    scenario = load(path)
    assert scenario.session().trace is scenario.trace() is made[0]
    assert len(made) == 1
    assert [b.text for b in scenario.session().breakpoints] == ["X", "step 3"]


def test_a_session_understands_lines_and_is_what_a_scenario_gives() -> None:
    """The public name, whatever the walk below it knows."""
    scenario = load("vector-double")
    session = tb.Session(scenario.trace())
    assert isinstance(scenario.session(), tb.Session)
    assert session.execute("goto 9") == ""
    assert (session.cursor, session.frame.k) == (9, 9)
    assert (
        session.execute("print X.grad[1]") == scenario.session().execute("goto 9") + "X.grad[1] = 4"
    )
