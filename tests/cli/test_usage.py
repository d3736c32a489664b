"""What argparse says: all of it a message, in help that is laid out in cells."""

from __future__ import annotations

import argparse
import ast
import inspect
import re
from typing import TYPE_CHECKING, Final

import pytest

from tests.cli.support import run
from tui_backprop.cli.commands import NAMES
from tui_backprop.cli.shared.arguments import parser
from tui_backprop.cli.shared.usage import SENTENCES
from tui_backprop.language.catalogue import language_of, languages
from tui_backprop.language.message import Said
from tui_backprop.render.text.spans import width

if TYPE_CHECKING:
    from collections.abc import Iterator

FOR_PROGRAMMERS: Final = re.compile(
    r"""conflicting|__call__|invalid\ argument\ for\ positionals|must\ be\ optional|not\ callable
        |two\ groups|invalid\ option\ string|dest=|conflict_resolution|subparser|with\ mode
        |has\ been\ deprecated|is\ deprecated|an\ action""",
    flags=re.VERBOSE,
)
"""Of what argparse says, that which only a wrong or an outdated program meets."""

PLACEHOLDER: Final = re.compile(r"%(?:\(\w+\))?[a-z]")


def _of_argparse() -> Iterator[str]:
    """Every sentence that the argparse of this Python has marked for translation."""
    for node in ast.walk(ast.parse(inspect.getsource(argparse))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"_", "ngettext"}:
            for argument in node.args:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield argument.value


def test_all_that_argparse_says_is_a_message() -> None:
    """A new Python may say more: then it belongs into the list, or is a programmer's."""
    ours = {said.message for said in SENTENCES if isinstance(said, Said)}
    ours |= {said.plural for said in SENTENCES if isinstance(said, Said) and said.plural}
    met = {text for text in _of_argparse() if not FOR_PROGRAMMERS.search(text)}
    assert len(met) > 15
    assert met - ours == set()


@pytest.mark.parametrize("code", languages())
def test_what_argparse_fills_in_is_kept(code: str) -> None:
    """A translation that lacks a place, or has one too many, would be an error where it is said."""
    language = language_of(code)
    for sentence in SENTENCES:
        assert isinstance(sentence, Said)
        wanted = sorted(PLACEHOLDER.findall(sentence.message))
        assert sorted(PLACEHOLDER.findall(language.translated(sentence.message))) == wanted


def _parsers() -> dict[str, argparse.ArgumentParser]:
    top = parser()
    (added,) = (a for a in top._actions if isinstance(a, argparse._SubParsersAction))
    return {"": top, **added.choices}


def test_all_that_we_say_through_it_is_a_message() -> None:
    """Every description and help, every word that stands for a value; a letter is a letter."""
    for name, own in _parsers().items():
        texts = [(name, own.description), (name, own.epilog)]
        for action in own._actions:
            if not isinstance(action, argparse._HelpAction):
                texts.append((f"{name} {action.dest}", action.help))
            if isinstance(action.metavar, str) and len(action.metavar) > 1:
                texts.append((f"{name} {action.dest}", action.metavar))
            elif action.metavar is None and action.choices is None and action.nargs != 0:
                texts.append((f"{name} {action.dest} has no metavar", action.dest))
        for place, text in texts:
            assert text is None or isinstance(text, Said), f"{place}: {text!r}"
        assert name == "" or own.description


def _help(capsys: pytest.CaptureFixture[str], command: str, code: str) -> list[str]:
    words = [command] if command else []
    return run(capsys, *words, "--help", "--lang", code).out.splitlines()


@pytest.mark.parametrize("code", languages())
@pytest.mark.parametrize("columns", [80, 100, 120])
@pytest.mark.parametrize("command", ["", *NAMES])
def test_help_fits_and_aligns(
    command: str,
    columns: int,
    code: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No line is wider than the terminal, and what is said of options begins in one column."""
    monkeypatch.setenv("COLUMNS", str(columns))
    lines = _help(capsys, command, code)
    assert [line for line in lines if width(line) > columns] == []
    assert "\0" not in "".join(lines)
    rows = [line for line in lines if line.startswith("  -")]
    starts = {
        width(found[0])
        for found in (re.match(r"  \S.*?  +(?=\S)", row) for row in rows)
        if found is not None
    }
    assert len(starts) == 1


def test_chinese_help(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Titles, the words for values and the first lines, as a person reads them."""
    monkeypatch.setenv("COLUMNS", "80")
    lines = _help(capsys, "check", "zh")
    assert lines[0].startswith("用法：tui-backprop check [-h] [--lang {en,zh}]")
    assert lines[1].startswith("                         [--traceback]")
    assert "                         场景 [场景 ...]" in lines
    assert "位置参数：" in lines
    assert "选项：" in lines
    assert ["-h,", "--help", "显示这份帮助并退出"] in [line.split() for line in lines]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["check"], "tui-backprop check：错误：缺少必需的参数：场景"),
        (["check", "chain", "--nope"], "错误：无法识别的参数：--nope"),
        (["trace", "chain", "--level"], "参数 --level：需要一个参数"),
        (["trace", "chain", "--format", "x"], "参数 --format：无效的选择：'x'"),
        (["trace", "chain", "--format", "text", "--plain"], "不能与参数 --format 同时使用"),
        (["trace", "chain", "--plain=1"], "不接受所给的值 '1'"),
        (["trace", "chain", "--limit", "x=1"], "参数 --limit：未知的上限 “x”；已知的有："),
        (["trace", "chain", "--limit", "nodes=x"], "应为 nodes=N，其中 N 是整数"),
        (["trace", "chain", "--limit", "nodes=-1"], "上限 nodes 必须不小于 0，不能是 -1"),
        (["compare", "chain", "chain", "--rtol", "x"], "应为不小于 0 的数，给出的是 “x”"),
        (["run", "--at", "0"], "应为不小于 1 的整数，给出的是 “0”"),
        (["completion", "csh"], "无效的选择：'csh'"),
    ],
)
def test_what_is_refused_is_told_in_chinese(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the usage, status 2, and no English."""
    found = run(capsys, "--lang", "zh", *words)
    assert found.status == 2
    assert found.err.startswith("用法：tui-backprop")
    assert said in found.err.splitlines()[-1]
