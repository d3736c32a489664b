"""``list``, ``ops``, ``schema`` and ``completion``."""

from __future__ import annotations

import json
import subprocess
from shutil import which
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator

from tests.cli.support import run, start
from tests.marks import together
from tests.render.latex import read_math
from tui_backprop.cli.trace import FORMATS
from tui_backprop.program.library.definitions import definitions
from tui_backprop.program.vocabulary.makers import NAMES
from tui_backprop.rules import RULES
from tui_backprop.scenario.files import shipped, with_hunts

if TYPE_CHECKING:
    from pathlib import Path


def test_list_names_every_shipped_scenario(capsys: pytest.CaptureFixture[str]) -> None:
    """With its title in the language asked for."""
    english, chinese = run(capsys, "list").out, run(capsys, "list", "--lang", "zh").out
    for path in shipped():
        assert f"\n{path.stem} " in english
        assert f"\n{path.stem} " in chinese
    assert "Y = 2X 与 y.backward(v)" in chinese


def test_list_keeps_a_folder_together(capsys: pytest.CaptureFixture[str]) -> None:
    """One line for each scenario: those of no folder first, then folder by folder, by name."""
    found = json.loads(run(capsys, "list", "--json").out)["scenarios"]
    order = [(s["folder"], s["name"]) for s in found]
    assert order == sorted(order)
    assert {"", "families", "hunts", "lessons", "nonfinite", "published"} == {
        where for where, _ in order
    }
    lines = run(capsys, "list").out.partition("\n\n")[0].splitlines()[1:]
    assert [line.split()[0] for line in lines] == [name for _, name in order]


def test_list_names_the_replays(capsys: pytest.CaptureFixture[str]) -> None:
    """In one line, with how to play one."""
    last = run(capsys, "list").out.splitlines()[-1]
    assert "fan-out, mazur, nan-hunt, seed" in last
    assert "tui-backprop replay NAME" in last


def test_list_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    """Every name opens."""
    found = json.loads(run(capsys, "list", "--json").out)
    assert [s["name"] for s in found["scenarios"]] == [p.stem for p in with_hunts()]
    assert all(s["title"] for s in found["scenarios"])


def test_ops_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    """The same, and which operands have a derivative."""
    found = {op["name"]: op for op in json.loads(run(capsys, "ops", "--json").out)["ops"]}
    assert set(found) == {*RULES, *definitions(), *NAMES}
    assert found["where"]["differentiable"] == ["x", "y"]
    assert found["less"]["differentiable"] == []
    assert found["reshape"]["signature"] == "reshape(x, shape, order='C')"


def test_schema_is_a_json_schema(capsys: pytest.CaptureFixture[str]) -> None:
    """An editor can use it as it is."""
    schema = json.loads(run(capsys, "schema").out)
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == Draft202012Validator.META_SCHEMA["$id"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_a_script_for_our_name(
    shell: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """And the shell, where there is one, can parse it."""
    said = run(capsys, "completion", shell)
    assert said.status == 0
    assert "tui-backprop" in said.out
    if which(shell):
        subprocess.run([shell, "-n"], input=said.out.encode(), check=True)


def _completions(line: str, tmp_path: Path) -> set[str]:
    """What the shell would offer after a line."""
    answer = tmp_path / "answer"
    found = start(
        _ARGCOMPLETE="1",
        _ARGCOMPLETE_STDOUT_FILENAME=str(answer),
        COMP_LINE=line,
        COMP_POINT=str(len(line)),
    )
    assert found.returncode == 0
    return {word.strip() for word in answer.read_text().split("\013")}


def test_commands_and_scenarios_are_completed(tmp_path: Path) -> None:
    """The first word may be either."""
    assert {"trace", "check", "vector-double"} <= _completions("tui-backprop ", tmp_path)
    assert _completions("tui-backprop vector-double-s", tmp_path) == {"vector-double-slip"}


def test_options_and_their_values_are_completed(tmp_path: Path) -> None:
    """Of the command that stands before."""
    assert "--level" in _completions("tui-backprop trace --l", tmp_path)
    assert _completions("tui-backprop trace --format ", tmp_path) == {*FORMATS}
    assert "fan-out" in _completions("tui-backprop trace fan", tmp_path)


@pytest.mark.few(5)
@together("name", RULES, most=8)
def test_ops_explains_each_op(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Summary, convention, an example with its result, and a slope where there is one, twice."""
    rule = RULES[name]
    page = run(capsys, "ops", name).out
    text = "".join(page.split())
    assert "".join(rule.summary.split()) in text
    assert "".join(rule.convention.split()) in text
    assert "\n  y = " in page
    assert ("∂y" in page) == rule.is_differentiable
    latex = [line.split("LaTeX: ")[1] for line in page.splitlines() if "LaTeX: " in line]
    assert len(latex) == sum(line.strip().startswith("∂y") for line in page.splitlines())
    for formula in latex:
        read_math(formula)


def test_ops_as_json_has_latex_of_the_op_that_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """By operand, as far as it has a derivative."""
    (found,) = json.loads(run(capsys, "ops", "where", "--json").out)["ops"]
    assert set(found["latex"]) == set(found["differentiable"])
    (tanh,) = json.loads(run(capsys, "ops", "tanh", "--json").out)["ops"]
    assert tanh["latex"] == {
        "x": r"\dfrac{\partial y_{1}}{\partial x_{1}} = 1 - \tanh^{2}{\left(x_{1} \right)}"
    }
