"""``conventions``, ``check --framework`` and ``compare --as``: what other frameworks give."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.cli.support import run, write
from tui_backprop.cli.pages.points_about import sections
from tui_backprop.program.library.definitions import definitions
from tui_backprop.program.vocabulary.aliases import ALIASES
from tui_backprop.program.vocabulary.makers import NAMES
from tui_backprop.render.text.spans import width
from tui_backprop.rules import RULES
from tui_backprop.rules.conventions.framework_names import frameworks
from tui_backprop.rules.conventions.measured import measured

if TYPE_CHECKING:
    from pathlib import Path

TIE = """format: 1
inputs: {x: [1, 2], y: [1, 0]}
program: z = maximum(x, y)
"""


def test_the_points_of_an_op_with_all_who_give_the_same(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What is given here stands first."""
    said = run(capsys, "conventions", "abs")
    assert (said.status, said.err) == (0, "")
    lines = said.out.splitlines()
    assert lines[0] == "abs(x) at x = 0"
    assert lines[1].startswith("  0  here, PyTorch 2.13.0, PyTorch 2.14.1 by torch.abs(x), ")
    assert "  1  JAX 0.12.0.1, JAX 0.10.2, Jittor 1.3.11.0" in lines


def test_all_points_are_listed_without_an_op(capsys: pytest.CaptureFixture[str]) -> None:
    """Each with its expression and its numbers."""
    said = run(capsys, "conventions")
    heads = [line for line in said.out.splitlines() if line and not line.startswith(" ")]
    assert len(heads) >= 92
    assert all(" at " in head for head in heads)


def test_another_name_of_an_op(capsys: pytest.CaptureFixture[str]) -> None:
    """Any name that ``ops`` takes; what is printed says whose points they are."""
    said = run(capsys, "conventions", "clamp")
    assert (said.status, said.err) == (0, "")
    head, blank, *points = said.out.splitlines()
    assert (head, blank) == ("clamp is another name of clip", "")
    assert points == run(capsys, "conventions", "clip").out.splitlines()


def test_a_composed_op_shows_its_own_points_and_those_inside_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It says which is which, and that a framework may have it as one op."""
    blocks = run(capsys, "conventions", "relu6").out.split("\n\n")
    assert blocks[0].startswith("sum(relu6(x)) at x = [0, 6]\n")
    told = " ".join(blocks[1].split())
    assert told == (
        "relu6 is composed of other ops. What follows is about these inside it: clip. A framework "
        "that has relu6 as one op may give something else there."
    )
    assert "\n\n".join(blocks[2:]) == run(capsys, "conventions", "clip").out


@pytest.mark.parametrize(
    ("op", "first", "inside"),
    [
        ("group_norm", "nothing was measured for group_norm itself", "inside it: layer_norm."),
        ("pairwise_distance", "nothing was measured for pairwise_distance itself", "it: norm."),
        ("ptp", "at a kink: entries that tie share evenly, as in max and min", "it: max, min."),
    ],
)
def test_a_composed_op_of_which_nothing_was_measured(
    op: str, first: str, inside: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is inside it was."""
    said = run(capsys, "conventions", op)
    assert said.status == 0
    head, told, *points = said.out.split("\n\n")
    assert first in head
    assert inside in " ".join(told.split())
    assert points


@pytest.mark.parametrize(
    ("op", "told"),
    [
        ("tanh", "nothing was measured for tanh: it has no special point"),
        ("ones", "nothing was measured for ones: it has no special point"),
        ("lerp", "composed of other ops, and none of them has a special point"),
        ("ceil", "nothing was measured for ceil itself\nat a kink: ceil' = 0, where it jumps too"),
        ("svd", "svdvals at a kink: of singular values that tie"),
    ],
)
def test_an_op_without_points_says_why(
    op: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """That is an answer, and no fault; programs are given an empty list."""
    said = run(capsys, "conventions", op)
    assert (said.status, said.err) == (0, "")
    assert told in said.out
    found = json.loads(run(capsys, "conventions", op, "--json").out)
    assert found["points"] == []


@pytest.mark.parametrize("op", ["eigh", "eigvalsh"])
def test_a_result_among_several_shows_what_was_measured_of_the_function(
    op: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its eigenvalues are measured as those of ``eigh``."""
    assert run(capsys, "conventions", op).out.startswith("eigvalsh(a)[0] at a = ")


def test_every_name_of_a_function_is_taken() -> None:
    """And each answers something."""
    for name in [*RULES, *definitions(), *ALIASES, *sorted(NAMES)]:
        assert all(section.said or section.points for section in sections(name)), name


def test_a_framework_of_which_the_points_of_an_op_were_not_measured(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It says so in place of an empty table."""
    said = run(capsys, "conventions", "celu", "--framework", "casadi")
    assert said.status == 0
    assert said.out.startswith("none of these points was measured in CasADi 3.8.2\n")


def test_a_framework_beside_this_one(capsys: pytest.CaptureFixture[str]) -> None:
    """With a mark where they differ."""
    said = run(capsys, "conventions", "abs", "--framework", "jax")
    heading, first, *_ = said.out.splitlines()
    assert heading.split() == ["point", "JAX", "0.12.0.1", "here"]
    assert first.split() == ["abs(x),", "x", "=", "0", "1", "≠", "0"]


@pytest.mark.few(6)
@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("cells", [80, 160])
@pytest.mark.parametrize("framework", frameworks())
def test_no_line_is_wider_than_the_terminal(
    framework: str, cells: int, lang: str, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """What is wider than the table can be has a block of its own, and nothing is left out."""
    monkeypatch.setattr("tui_backprop.cli.pages.conventions.terminal_width", lambda: cells)
    told = run(capsys, "--lang", lang, "conventions", "--framework", framework).out
    assert max(map(width, told.splitlines())) <= cells
    table, *blocks = told.split("\n\n")
    count = len(table.splitlines()) - 1 + len(blocks)
    assert count == sum(framework in point.grads for point in measured().points)


def test_a_point_that_is_too_wide_for_the_table(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its lines are broken between numbers, and the mark stands before ours."""
    monkeypatch.setattr("tui_backprop.cli.pages.conventions.terminal_width", lambda: 80)
    said = run(capsys, "conventions", "det", "--framework", "tensorflow")
    block = said.out.split("\n\n")[1]
    assert block.splitlines() == [
        "det(a) at a = [[1, 2, 3], [2, 4, 6], [3, 6, 9]]",
        "  TensorFlow 2.21.0: refused (InvalidArgumentError)",
        "≠ here: [[0, 0, 0], [0, 0, 0], [0, 0, 0]]",
    ]


def test_the_table_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    """Versions, dtypes and calls are in it."""
    said = run(capsys, "conventions", "relu", "--json", "--framework", "torch")
    found = json.loads(said.out)
    assert found["frameworks"] == {"torch": "2.13.0+cpu"}
    (point,) = found["points"]
    assert point["calls"] == {"torch": "torch.relu(x)"}
    assert point["here"] == [0.0]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("conventions", "tahn"), "there is no op 'tahn'; did you mean 'tanh'"),
        (("conventions", "--framework", "tensrflow"), "did you mean 'tensorflow'"),
        (("check", "chain", "--framework", "keras"), "no framework 'keras' was measured"),
        (("check", "chain", "--framework", "torch-1.9"), "PyTorch 1.9 was not measured; measured"),
        (("compare", "chain"), "name a second scenario, or a framework with --as"),
        (("compare", "chain", "chain", "--as", "jax"), "name a second scenario, or a framework"),
    ],
)
def test_what_is_refused(
    words: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With what there is."""
    said = run(capsys, *words)
    assert (said.status, said.out) == (2, "")
    assert message in said.err


def test_a_refusal_names_the_likely_framework_alone(capsys: pytest.CaptureFixture[str]) -> None:
    """And says where all stand."""
    said = run(capsys, "conventions", "--framework", "tensrflow")
    assert said.err == (
        "tui-backprop: no framework 'tensrflow' was measured; did you mean 'tensorflow' or "
        "'oneflow'? 'tui-backprop conventions' lists all\n"
    )
    said = run(capsys, "conventions", "--framework", "quux")
    assert said.err == (
        "tui-backprop: no framework 'quux' was measured; 'tui-backprop conventions' lists all\n"
    )


@pytest.mark.parametrize("name", ["TensorFlow", "tf", "tensorflow-2.21"])
def test_a_framework_by_its_other_names(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In each option, and in a scenario."""
    path = write(tmp_path, TIE, "tie.yaml")
    for words in (("check", path, "--framework"), ("compare", path, "--as")):
        assert run(capsys, *words, name) == run(capsys, *words, "tensorflow")
    asked = ("conventions", "abs", "--framework")
    assert run(capsys, *asked, name) == run(capsys, *asked, "tensorflow")
    text = TIE.replace("format: 1", f"format: 1\ntitle: tie\nconventions: {name}")
    said = run(capsys, "trace", write(tmp_path, text, "follows.yaml"))
    assert said.out.splitlines()[0] == "tie, as TensorFlow differentiates it"


def test_check_marks_the_steps_and_the_gradients(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And exits with 1: a gradient is another one."""
    said = run(capsys, "check", "--framework", "tensorflow", write(tmp_path, TIE, "tie.yaml"))
    assert (said.status, said.err) == (1, "")
    assert said.out.splitlines() == [
        "tie: TensorFlow 2.21.0 gives something else at 1 node",
        "  step 4, maximum(x, y), 1 of 2: ½ to each here, all to the first in TensorFlow",
        "  x.grad differs in 1 entry: x.grad[0] = 0.5 here, 1 in TensorFlow",
        "  y.grad differs in 1 entry: y.grad[0] = 0.5 here, 0 in TensorFlow",
    ]


def test_check_says_that_nothing_differs(capsys: pytest.CaptureFixture[str]) -> None:
    """And exits with 0; a bad file among others is reported, with 2."""
    said = run(capsys, "check", "--framework", "jax", "chain")
    assert said.status == 0
    assert said.out == "chain: JAX 0.12.0.1 gives nothing else where it was measured\n"
    said = run(capsys, "check", "--framework", "jax", "chain", "nothing-like-it")
    assert said.status == 2
    assert "chain: JAX" in said.out


def test_check_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Steps, points and gradients by name."""
    path = write(tmp_path, TIE, "tie.yaml")
    said = run(capsys, "check", "--framework", "mlx", "--json", path)
    (found,) = json.loads(said.out)["scenarios"]
    assert found["departures"][0]["there"] == "all to the second"
    assert [g["there"] for g in found["gradients"]] == [0.0, 1.0]


def test_compare_walks_both_to_the_first_event(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A partial that is another number."""
    path = write(tmp_path, TIE, "tie.yaml")
    said = run(capsys, "compare", path, "--as", "tensorflow")
    assert (said.status, said.err) == (1, "")
    assert said.out.splitlines()[0] == "4 steps alike"
    assert said.out.splitlines()[-1].split() == ["TensorFlow", "2.21.0", "1.0"]


def test_a_scenario_may_follow_a_framework(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says so in its title and at the step, and a name that is none is refused with its line."""
    text = TIE.replace("format: 1", "format: 1\ntitle: tie\nconventions: tensorflow")
    said = run(capsys, "trace", write(tmp_path, text, "tie.yaml"))
    assert said.out.splitlines()[0] == "tie, as TensorFlow differentiates it"
    told = " ".join(said.out.split())
    assert "The slope is a choice here, and the walk follows TensorFlow: all to the first" in told
    wrong = write(tmp_path, text.replace("tensorflow", "tensorflo"), "wrong.yaml")
    said = run(capsys, "trace", wrong)
    assert said.status == 2
    assert "wrong.yaml:3:14" in said.err
    assert "did you mean 'tensorflow'" in said.err


def test_a_step_at_a_tie_says_who_else_does_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a line, and so does why zero."""
    said = run(capsys, "trace", write(tmp_path, TIE, "tie.yaml"))
    told = " ".join(said.out.split())
    assert (
        "At a kink the slope is a choice: ½ to each, as in PyTorch and JAX; TensorFlow: all to "
        "the first." in told
    )


def test_why_zero_and_origin_name_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where a 0 is agreed on, and where an infinite slope makes a NaN."""
    kink = "format: 1\ninputs: {x: [0, 2]}\nprogram: y = sum(abs(x))\n"
    path = write(tmp_path, kink, "kink.yaml")
    said = run(capsys, "open", path, "--batch", "-e", "end", "-e", "why zero x.grad[0]")
    assert "as in PyTorch and TensorFlow; JAX: 1" in said.out
    said = run(capsys, "open", "where-sqrt", "--batch", "-e", "end", "-e", "origin nan")
    assert "TensorFlow: 0 where v is 0" in said.out
