"""Which language the command line speaks: as asked, else as the environment says."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cli.support import run, start, write
from tui_backprop.cli.commands import NAMES
from tui_backprop.cli.language import spoken, spoken_in
from tui_backprop.cli.live import report
from tui_backprop.cli.open import personal_options
from tui_backprop.cli.shared.arguments import parse

if TYPE_CHECKING:
    from pathlib import Path

NEEDED: Final = {
    "quiz": ["chain"],
    "trace": ["chain"], "replay": ["seed"], "check": ["chain"], "compare": ["chain", "chain"],
    "health": ["chain"], "export": ["chain", "--to=dot"], "present": ["chain"],
    "completion": ["bash"],
}  # fmt: skip
"""The arguments that a command does not do without."""


@pytest.mark.parametrize(
    ("environment", "code"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh"}, "zh"),
        ({"LANG": "zh_TW.UTF-8@stroke"}, "zh"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LC_MESSAGES": "zh_CN.UTF-8", "LANG": "en_US.UTF-8"}, "zh"),
        ({"LC_ALL": "en_US.UTF-8", "LC_MESSAGES": "zh_CN.UTF-8"}, "en"),
        ({"LC_ALL": "", "LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LC_ALL": "C", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"LC_ALL": "POSIX", "LANGUAGE": "zh"}, "en"),
        ({"LC_ALL": "C.UTF-8", "LANGUAGE": "zh"}, "en"),
        ({"LANG": "en_US.UTF-8", "LANGUAGE": "zh_CN:en"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LANGUAGE": "en"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LANGUAGE": ""}, "zh"),
        ({"LANGUAGE": "zh"}, "zh"),
        ({"LANG": "xx_XX.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LANGUAGE": "xx:yy"}, "zh"),
        ({"LANG": "zhuang"}, "en"),
        ({"LANG": "../zh"}, "en"),
    ],
)  # fmt: skip
def test_the_environment_is_asked_as_gettext_asks_it(
    environment: dict[str, str], code: str
) -> None:
    """English where it names no language that there is."""
    assert spoken_in(environment).code == code
    assert spoken(["trace", "chain"], environment).code == code


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--lang", "zh", "trace", "x"], "zh"),
        (["trace", "--lang", "zh", "x"], "zh"),
        (["trace", "x", "--lang=zh"], "zh"),
        (["--lang", "zh", "--help"], "zh"),
        (["trace", "x", "--lang", "zh", "--lang", "en"], "en"),
        (["trace", "x", "--lang", "fr"], "en"),
        (["trace", "x", "--lang"], "en"),
        (["trace", "--", "--lang", "zh"], "en"),
        (["x", "-e", "--lang", "zh"], "en"),
        (["run", "train.py", "--lang", "zh"], "en"),
        (["run", "--lang", "zh", "train.py", "--lang", "en"], "zh"),
        (["--lang", "zh", "run", "train.py", "--lang", "en"], "zh"),
        (["run", "-m", "train", "x", "--lang", "zh"], "en"),
    ],
)
def test_the_option_is_seen_before_anything_is_parsed(words: list[str], code: str) -> None:
    """What a program that is run is given is its own."""
    assert spoken(words, {}).code == code
    assert spoken(words, {"LANG": "en"}).code == code


@given(
    command=st.sampled_from(sorted({*NAMES} - {"run"})),
    at=st.integers(0, 9),
    code=st.sampled_from(["en", "zh"]),
    is_joined=st.booleans(),
    environment=st.sampled_from([{}, {"LANG": "zh_CN.UTF-8"}]),
)
def test_every_command_takes_the_option_anywhere(
    command: str, at: int, code: str, is_joined: bool, environment: dict[str, str]
) -> None:
    """Before it, behind it, behind its arguments: what is parsed is what was seen."""
    words = [command, *NEEDED.get(command, [])]
    option = [f"--lang={code}"] if is_joined else ["--lang", code]
    words[min(at, len(words)) : min(at, len(words))] = option
    found = spoken(words, environment)
    assert found.code == code
    assert parse(words, found).lang == code


@pytest.mark.parametrize("command", NAMES)
def test_a_command_is_told_the_language_that_nobody_named(command: str) -> None:
    """That of the environment."""
    found = spoken([], {"LANG": "zh_CN.UTF-8"})
    assert parse([command, *NEEDED.get(command, [])], found).lang == "zh"


def test_argparse_is_itself_again(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever uses it in this process next meets nothing of ours."""
    run(capsys, "--lang", "zh", "trace")
    other = argparse.ArgumentParser(prog="other")
    assert "usage: other [-h]" in other.format_help()
    with pytest.raises(SystemExit):
        other.parse_args(["x"])
    assert "unrecognized arguments: x" in capsys.readouterr().err


def test_a_process_speaks_as_its_environment_says() -> None:
    """The help, an error of usage, and an error of a command."""
    chinese = {"LANG": "zh_CN.UTF-8", "LC_ALL": "", "LANGUAGE": "", "PYTHONUTF8": "1"}
    assert "用法：" in start("--help", **chinese).stdout.decode()
    assert "无法识别的参数：--nope" in start("check", "chain", "--nope", **chinese).stderr.decode()
    assert "没有这个文件" in start("check", "no.yaml", **chinese).stderr.decode()
    assert "usage:" in start("--help", **{**chinese, "LC_ALL": "C"}).stdout.decode()


def test_the_debugger_of_a_program_speaks_so_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """`debug` has no command line."""
    assert personal_options().language == "en"
    for name in ("LC_ALL", "LC_MESSAGES", "LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setitem(os.environ, "LANG", "zh_CN.UTF-8")
    assert personal_options().language == "zh"


def test_ascii_keeps_the_letters_of_the_language(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And no other sign beyond ASCII, with the caret still under its column."""
    path = write(tmp_path, "format: 1\ninputs: {X: [1, 2]}\nprogram: |\n  甲 = tahn(X)  # ×∂→\n")
    said = run(capsys, "check", "--lang", "zh", "--ascii", path).err
    assert "甲 = tahn(X)" in said
    assert not {*"×∂→？"} & {*said}
    assert "??" not in said


def test_a_walk_is_reported_in_the_language() -> None:
    """Where no screen can be opened."""
    import tui_backprop as tb

    trace = tb.load("where-sqrt").trace()
    text = "\n".join(report(trace, "chain", "--headless", spoken_in({"LANG": "zh"})))
    assert "没有打开屏幕" in text
    assert "NaN" in text
    assert "nodes" not in text
