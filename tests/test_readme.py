"""What the README says is what the program does."""

from __future__ import annotations

import re
import shlex

import pytest

from tests.readme import README, rewritten
from tui_backprop.cli import main
from tui_backprop.scenario.load import loads

TEXT = README.read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The fenced blocks of one language."""
    return re.findall(rf"```{language}\n(.*?)```", TEXT, flags=re.DOTALL)


def test_tables_are_those_of_the_code() -> None:
    """Commands, scenarios and ops are written by ``python -m tests.readme``."""
    assert rewritten(TEXT) == TEXT


def shell_lines() -> list[str]:
    """Every command after a ``$``."""
    return [line[2:] for b in blocks("console") for line in b.splitlines() if line[:2] == "$ "]


@pytest.mark.parametrize("line", shell_lines())
def test_every_shell_command_works(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each prints something and ends well."""
    words = shlex.split(line)
    assert words[0] == "tui-backprop"
    assert main(words[1:]) == 0
    assert capsys.readouterr().out.strip()


@pytest.mark.parametrize("code", blocks("python"))
def test_python_examples_hold(code: str) -> None:
    """The examples run, and their assertions hold."""
    exec(compile(code, "README.md", "exec"), {})  # noqa: S102 - our own README


def test_yaml_example_loads() -> None:
    """The scenario in the README is one."""
    for text in blocks("yaml"):
        assert loads(text).graph.nodes
