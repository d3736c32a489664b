"""The command line in Chinese: help, reports and errors hold no English words."""

from __future__ import annotations

import argparse
import json
import re
from dataclasses import fields
from typing import TYPE_CHECKING, Final

import pytest

import tui_backprop as tb
from tests.chinese import ON_OP_PAGES, english, names
from tests.cli.support import DOUBLE, run, write
from tests.marks import together
from tui_backprop.cli import main
from tui_backprop.cli.commands import NAMES
from tui_backprop.cli.shared.arguments import parser
from tui_backprop.program.library.definitions import definitions
from tui_backprop.replays import load_replay
from tui_backprop.rules import RULES
from tui_backprop.scenario.files import shipped, shipped_replays, with_hunts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CHINESE: Final = re.compile("[一-鿿]")
QUOTED: Final = re.compile(r"'[^']*'|`[^`]*`|\"[^\"]*\"")
"""What is typed, or was."""

TYPED: Final = (
    # the program, its parts that are called by their names, and files
    "tui-backprop", "tui-backprop list", "tui-backprop replay", "config.toml", "scenario.yaml",
    "./check", "*.yaml", "*.yml", "train.py", "-m package.train", "python -m", ".npz", ".npy",
    # what the environment is asked
    "LC_ALL LC_MESSAGES LANG NO_COLOR TEXTUAL_ANIMATIONS=none TEXTUAL_THEME RANK torchrun",
    # names of themes, shells and forms, and what is pasted into a start-up file
    "textual-dark projector high-contrast bash zsh fish shell eval completion | source",
    "ASCII TOML JSON Schema LaTeX Markdown Python rank pip install torch",
    # code
    "backward zero_grad sign inf eps ddof batchmean hinge_embedding_loss dY/dX",
)  # fmt: skip
"""What is written so in every language."""

_LATEX: Final = (
    "python begin end cases pmatrix", "documentclass article usepackage geometry margin cm",
    "amsmath amssymb longtable textcomp ctex scheme plain xelatex lualatex TeX Live MiKTeX",
    "document flushleft quote rlllp pt",
)  # fmt: skip
"""What documents are written in, beside commands."""

SHIPPED: Final = [path.stem for path in shipped()]
FEW: Final = ("vector-double-slip", "where-sqrt", "dead-relu", "mlp-2-3-1", "attention-head")


def _options() -> Iterator[str]:
    """Every option, and what may stand behind it."""
    top = parser()
    (added,) = (a for a in top._actions if isinstance(a, argparse._SubParsersAction))
    for own in (top, *added.choices.values()):
        for action in own._actions:
            yield from action.option_strings
            yield from map(str, action.choices or ())
    yield from (limit.name for limit in fields(tb.Limits))


KNOWN: Final = (*TYPED, *NAMES, *_options())


def _left(text: str, *more: str) -> list[str]:
    """English words, line by line."""
    known = [*KNOWN, *more]
    return [f"{word}: {line}" for line in text.splitlines() for word in english(line, known)]


@pytest.mark.parametrize("command", ["", *NAMES])
def test_no_help_holds_english(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Beside options, names and code."""
    text = run(capsys, *([command] if command else []), "--help", "--lang", "zh").out
    assert CHINESE.search(text)
    assert _left(text) == []


def _about(scenario: str) -> Iterator[str]:
    """What is called so in a scenario: its nodes, its program, who published it."""
    yield from names(scenario)
    yield from (f"d{name}" for name in names(scenario))  # dY/dX
    found = tb.load(scenario)
    yield from found.trace().graph.program.splitlines()
    yield found.model.source
    yield found.model.title.get("zh")
    yield from (note.text.get("zh") for note in found.model.notes)


@pytest.mark.few(6)
@pytest.mark.parametrize("scenario", SHIPPED)
@pytest.mark.parametrize("command", ["check", "health"])
def test_no_report_on_a_scenario_holds_english(
    command: str, scenario: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Beside names, ops and numbers."""
    more = ["--plot"] if command == "health" else []
    text = run(capsys, command, scenario, "--lang", "zh", *more).out
    assert CHINESE.search(text)
    assert _left(text, *_about(scenario)) == []


@pytest.mark.few(4)
@pytest.mark.parametrize("scenario", FEW)
@pytest.mark.parametrize(
    "form",
    [
        ["--format", "text"], ["--format", "markdown"], ["--format", "latex"], ["--plain"],
        ["--level", "node"],
    ],
)  # fmt: skip
def test_no_walk_on_paper_holds_english(
    form: list[str], scenario: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Beside the program, formulas and what their author wrote."""
    text = run(capsys, "trace", scenario, "--lang", "zh", *form).out
    text = re.sub(r"\\[A-Za-z]+", " ", text)
    assert CHINESE.search(text)
    assert _left(text, *_about(scenario), *_LATEX) == []


@pytest.mark.parametrize("replay", [path.stem for path in shipped_replays()])
@pytest.mark.parametrize("form", [[], ["--plain"]])
def test_no_replay_holds_english(
    form: list[str], replay: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Beside the commands that are carried out."""
    text = run(capsys, "replay", replay, "--headless", "--fast", "--lang", "zh", *form).out
    told = [line for line in text.splitlines() if not line.startswith((">", "命令"))]
    found = load_replay(replay)
    program = found.scenario.trace().graph.program
    assert _left("\n".join(told), found.path.read_text("utf-8"), program, *RULES) == []


@pytest.mark.exhaustive
def test_no_list_holds_english(capsys: pytest.CaptureFixture[str]) -> None:
    """Of scenarios beside their names and titles, of ops beside names and code."""
    titles = [tb.load(path).model.title.get("zh") for path in with_hunts()]
    folders = [path.parent.name for path in with_hunts()]
    known = [path.stem for path in with_hunts()]
    replays = [path.stem for path in shipped_replays()]
    text = run(capsys, "list", "--lang", "zh").out
    assert _left(text, *known, *titles, *folders, *replays) == []
    operands = [operand for rule in RULES.values() for operand in rule.operands]
    parameters = [p.name for rule in RULES.values() for p in rule.parameters]
    parameters += [known.text for known in definitions().values()]  # their arguments
    text = QUOTED.sub("", run(capsys, "ops", "--lang", "zh").out)
    assert _left(text, *RULES, *ON_OP_PAGES, *operands, *parameters) == []


@pytest.mark.few(3)
@together("name", RULES, most=8)
def test_no_page_of_an_op_holds_english(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Beside code and formulas."""
    rule = RULES[name]
    first, *lines = run(capsys, "ops", name, "--lang", "zh").out.splitlines()
    text = "\n".join(line for line in lines if "LaTeX: " not in line)
    text = QUOTED.sub("", text)
    parameters = [p.name for p in rule.parameters]
    assert (
        _left(text, first, *RULES, *ON_OP_PAGES, *rule.operands, *parameters, "if else or and")
        == []
    )


def test_no_description_of_a_key_holds_english(capsys: pytest.CaptureFixture[str]) -> None:
    """Of the schema, which editors show; keys and their values are code."""
    schema = json.loads(run(capsys, "schema", "--lang", "zh").out)
    told = list(_told(schema))
    keys = [*schema["properties"], *_keys(schema)]
    assert len(told) > 30
    for text in told:
        assert CHINESE.search(text)
        assert (
            _left(
                text,
                *keys,
                "English false true normal uniform build seed backward end sgd adam momentum lr",
            )
            == []
        )


def _told(schema: object) -> Iterator[str]:
    if isinstance(schema, dict):
        yield from (schema[k] for k in ("description", "title") if isinstance(schema.get(k), str))
    for part in schema.values() if isinstance(schema, dict) else ():
        yield from _told(part)
    for part in schema if isinstance(schema, list) else ():
        yield from _told(part)


def _keys(schema: object) -> Iterator[str]:
    if isinstance(schema, dict):
        properties = schema.get("properties")
        yield from properties if isinstance(properties, dict) else ()
    for part in schema.values() if isinstance(schema, dict) else ():
        yield from _keys(part)
    for part in schema if isinstance(schema, list) else ():
        yield from _keys(part)


@pytest.mark.parametrize(
    "words",
    [
        ["compare", "chain", "dead-relu"], ["compare", "chain", "chain"], ["compare", "chain"],
        ["check"], ["check", "chain", "--nope"], ["check", "nosuch"], ["check", "no.yaml"],
        ["check", "/dev/null"], ["trace", "chain", "--limit", "nodes=1"],
        ["trace", "chain", "--format", "svg"], ["health", "chain", "--plot", "--json"],
        ["ops", "sofmax"], ["ops", "qqqq"], ["ops", "a", "b"], ["init", "a.txt"],
        ["replay", "nosuch"], ["replay", "seed"], ["replay", "fan-out", "--headless", "--lang"],
        ["run"], ["run", "no.py"], ["run", "--at", "0"], ["completion", "csh"], ["completion"],
        ["chain"], ["chain", "--batch", "-e", "goto foo"], ["chain", "--batch", "-e", "stp"],
        ["--batch"], ["chain", "--theme"], ["list", "chain"], ["schema", "chain"],
    ],
)  # fmt: skip
def test_nothing_is_refused_in_english(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """What was typed and names apart."""
    said = run(capsys, "--lang", "zh", *words)
    text = said.err or said.out
    assert CHINESE.search(text)
    known = [*words, *names("chain"), *names("dead-relu"), *SHIPPED, *map(str, shipped())]
    assert _left(text, *known, "foo headless batch jax") == []


def test_a_scenario_that_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A check that disagrees, beside one file that is not there and one that cannot be read."""
    wrong = write(tmp_path, DOUBLE.replace("X: [2, 4, 6]", "X: [2, 4, 7]"), "wrong.yaml")
    bad = write(tmp_path, DOUBLE.replace("2 * X", "2 * tahn(X)"), "bad.yaml")
    said = run(capsys, "check", wrong, bad, tmp_path / "no.yaml", "--lang", "zh")
    assert said.status == 2
    assert "不一致（1）" in said.out
    assert "wrong：X.grad[2]：引擎 6.0，期望值 7.0" in said.out
    assert "3 个场景：1 个不一致、2 个无法读取" in said.out
    known = (str(tmp_path), "wrong", "bad", "no", "yaml", "tahn tanh")
    assert _left(said.out + said.err, *known) == []


def test_a_command_that_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """With the line and a caret under it, as in English."""
    assert main(["chain", "--batch", "--lang", "zh", "-e", "goto foo"]) != 0
    assert "没有 “foo”" in capsys.readouterr().err
