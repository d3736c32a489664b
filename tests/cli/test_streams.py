"""Where nothing can be printed, that is an error; where nobody is to be told, nothing is said."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cli.support import run, write
from tests.marks import few, few_of
from tui_backprop.cli.commands import NAMES
from tui_backprop.debug.commands import COMMANDS
from tui_backprop.rules import RULES
from tui_backprop.scenario.files import shipped

if TYPE_CHECKING:
    from collections.abc import Iterator

PRINTING = [
    line.split()
    for line in (
        "--help", "--version", "trace --help", "list", "list --json", "ops", "ops relu", "schema",
        "ops --json", "completion bash", "trace vector-double --no-formulas",
        "trace vector-double --plain", "trace vector-double --format json --no-formulas",
        "health vector-double", "compare vector-double fan-out",
        "replay seed --headless --fast", "open vector-double --batch -e list",
    )
]  # fmt: skip
WRONG = (["no-such-scenario"], ["--nonsense"], ["trace"], ["list", "--limit", "shoes=1"],
         ["open", "vector-double", "--batch", "-e", "nonsense"])  # fmt: skip
UNREADABLE = ("2>&-", "2>/dev/full", ">&- 2>&-", ">/dev/full 2>/dev/full")

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="descriptors are POSIX")


def shell(words: list[str], redirection: str) -> subprocess.CompletedProcess[bytes]:
    """A command with its streams as a shell puts them."""
    line = f'exec "$0" -m tui_backprop "$@" {redirection}'
    return subprocess.run(
        ["sh", "-c", line, sys.executable, *words],
        capture_output=True,
        stdin=subprocess.DEVNULL,
        check=False,
        # A stream that Python does not buffer fails at other places than one that it does.
        env={k: v for k, v in os.environ.items() if k != "PYTHONUNBUFFERED"},
    )


@pytest.mark.parametrize("words", few(PRINTING, 4), ids=" ".join)
def test_no_standard_output(words: list[str]) -> None:
    """It was closed: a sentence and status 2, never an error of the program."""
    found = shell(words, ">&-")
    assert found.returncode == 2
    assert found.stderr == (
        b"tui-backprop: standard output: it is closed, so nothing can be printed\n"
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device")
@pytest.mark.parametrize("words", few(PRINTING, 4), ids=" ".join)
def test_a_full_device(words: list[str]) -> None:
    """The same where the first bytes seem to be taken."""
    found = shell(words, ">/dev/full")
    assert (found.returncode, found.stderr.count(b"\n")) == (2, 1)
    assert b"No space left on device" in found.stderr


@pytest.mark.parametrize("words", few(PRINTING, 4), ids=" ".join)
def test_a_reader_that_is_gone(words: list[str]) -> None:
    """Quiet, and the status that shells give to a broken pipe."""
    read, write_end = os.pipe()
    os.close(read)
    with os.fdopen(write_end, "wb") as nobody:
        found = subprocess.run(
            [sys.executable, "-m", "tui_backprop", *words],
            stdout=nobody,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert (found.returncode, found.stderr) == (141, b"")


@pytest.mark.few(3)
@pytest.mark.parametrize(
    ("words", "redirection"),
    few_of(
        [
            *((WRONG[0], redirection) for redirection in UNREADABLE),
            *((words, UNREADABLE[0]) for words in WRONG[1:]),
        ],
        WRONG,
        UNREADABLE,
    ),
)
def test_a_complaint_that_nobody_can_read(words: list[str], redirection: str) -> None:
    """The status says it all, and nothing is printed elsewhere."""
    found = shell(words, redirection)
    assert (found.returncode, found.stdout) == (2, b"")


def test_no_file_takes_the_place_of_a_closed_stream(tmp_path: Path) -> None:
    """What is opened later would get what is printed."""
    path = tmp_path / "walk.replay"
    words = ["open", "fan-out", "--record", str(path), "--batch", "-e", "step", "-e", "print x"]
    assert shell(words, ">&- 2>&-").returncode == 2
    lines = path.read_text(encoding="utf-8").splitlines()
    assert all(line[:1] in {"", "#", "@"} or ": " in line for line in lines), lines


LITERALS = """\
format: 1
dtype: {dtype}
inputs: {{X: [2, 1]}}
program: |
  Y = X * {literal} + exp({literal}) - {literal}
backward: {{of: Y}}
"""


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    "literal", ["1e39", "-1e39", "1e308", "1e400", "1e-46", "3.5e38", "0", "-0.0", "1e300"]
)
@pytest.mark.parametrize("command", [["trace"], ["trace", "--plain"], ["health"], ["check"]])
def test_no_warning_of_python(
    dtype: str, literal: str, command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Numbers that do not fit: they are infinities, or refused. A warning is an error here."""
    path = write(tmp_path, LITERALS.format(dtype=dtype, literal=literal))
    said = run(capsys, *command, path)
    assert said.status in {0, 1, 2}
    assert "Warning" not in said.err


@pytest.mark.parametrize(
    "line", ["set X = [1e39, 1]", "set v = [1e39, 1]", "print X * 1e39", "break if X[0] * 1e39 > 1"]
)
def test_no_warning_of_a_command(
    line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same for what is typed."""
    path = write(tmp_path, LITERALS.format(dtype="float32", literal="2"))
    said = run(capsys, "open", path, "--batch", "-e", line, "-e", "end", "-e", "print X.grad")
    assert said.status in {0, 2}
    assert "Warning" not in said.err


def test_what_a_library_remarks_is_not_shown() -> None:
    """In a process of our own; who asks for warnings gets them."""
    code = (
        "import sys, warnings, tui_backprop.cli.pages.about as about\n"
        "import tui_backprop.cli.commands as commands\n"
        "from dataclasses import replace\n"
        "def run(args): warnings.warn('a remark'); return 0\n"
        "about.LIST = replace(about.LIST, run=run)\n"
        "sys.argv = ['tui-backprop', 'list']\n"
        "from tui_backprop.cli import main; sys.exit(main())"
    )
    for asked, shown in (([], False), (["-W", "always"], True)):
        found = subprocess.run(
            [sys.executable, *asked, "-c", code], capture_output=True, check=False
        )
        assert found.returncode == 0
        assert (b"a remark" in found.stderr) is shown


@pytest.mark.parametrize("path", few(shipped(), 5), ids=lambda path: path.stem)
@pytest.mark.parametrize(
    "words",
    [line.split() for line in (
        "trace --no-formulas", "trace --plain", "trace --format markdown --level node",
        "trace --format json --level node", "trace --format latex --level node",
        "health", "health --plot", "health --json",
    )],
    ids=" ".join,
)  # fmt: skip
def test_ascii_is_ascii(path: Path, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever is printed of whichever scenario, its author's notes included."""
    said = run(capsys, *words, "--ascii", path)
    assert said.status == 0
    assert said.out.isascii(), next(line for line in said.out.splitlines() if not line.isascii())


OTHERS = [
    *(f"ops {op}".split() for op in ("", "--json", *RULES)),
    *(line.split() for line in (
        "ops matmul --json", "list", "list --json", "schema", "completion bash",
        "check FILE mazur-network", "check FILE --json",
        "compare FILE vector-double", "compare FILE vector-double --json",
        "replay seed --headless --fast", "replay mazur --headless --fast --plain",
        "init é.yaml",
    )),
]  # fmt: skip
"""Of what prints other things than a walk; FILE is a scenario in other letters."""
OWN = """\
format: 1
title: "café — ∑ 中文"
inputs: {x: [1, 2]}
program: |
  y = 2 * x  # θ → ∞
backward: {of: y, v: [1, 1]}
expect: {grad: {x: [2, 3]}}
"""


@pytest.mark.parametrize("words", few(OTHERS, 20), ids=" ".join)
def test_other_commands_too(
    words: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Whatever they print, and whatever they complain of."""
    monkeypatch.chdir(tmp_path)
    path = write(tmp_path, OWN, "é.yaml") if "FILE" in words else None
    said = run(capsys, *(path or word if word == "FILE" else word for word in words), "--ascii")
    assert said.status in ({0, 1} if path else {0})
    assert said.out
    for line in (said.out + said.err).splitlines():
        assert line.isascii()


def test_json_in_ascii_says_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is not ASCII is escaped, so nothing is lost."""
    path = write(tmp_path, OWN, "é.yaml")
    plain, escaped = (run(capsys, "check", "--json", path, *o).out for o in ([], ["--ascii"]))
    assert not plain.isascii()
    assert escaped.isascii()
    assert json.loads(plain) == json.loads(escaped)


@pytest.mark.parametrize("command", ["", *NAMES])
def test_help_and_complaints_are_ascii(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Help always; what is wrong with what was typed where that is asked for."""
    words = [command] if command else []
    assert run(capsys, *words, "--help").out.isascii()
    said = run(capsys, *words, "--ascii", "--no-such=∂é")
    assert said.status == 2
    assert said.err.isascii()


@pytest.mark.parametrize(
    "text",
    [
        "format: 1\ninputs: {x: [é]}\n",
        "format: 1\ninputs: {x: 1}\nprogram: y = ∂∂(x)\nbackward: {}\n",
    ],
)
def test_an_error_in_ascii_keeps_its_caret(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each character has one in its place."""
    path = write(tmp_path, text)
    plain, told = (run(capsys, "trace", path, *options).err for options in ([], ["--ascii"]))
    assert not plain.isascii()
    assert told.isascii()
    assert list(map(len, plain.splitlines())) == list(map(len, told.splitlines()))


def _batches() -> Iterator[list[str]]:
    """Every command of the debugger, alone and with what it may be asked."""
    asked = {"break": "y", "watch": "x.grad[0]", "print": "y * 2", "display": "x", "goto": "y",
             "why": "x.grad[0]", "until": "step > 2", "find": "y", "info": "op tanh",
             "set": "x = [3, 4]", "origin": "nan"}  # fmt: skip
    for command in COMMANDS:
        lines = ["end", command.name, f"{command.name} {asked.get(command.name, 'nonsense ∂')}"]
        yield [*lines, f"help {command.name}"]


@pytest.mark.parametrize("lines", few(_batches(), 8), ids=lambda lines: lines[1])
def test_answers_and_refusals_are_ascii(
    lines: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Each in a run of its own: the first that fails ends a run."""
    monkeypatch.chdir(tmp_path)  # one of them writes files
    path = write(tmp_path, OWN)
    for line in lines:
        said = run(capsys, "open", path, "--batch", "--ascii", "-e", "end", "-e", line)
        assert said.status in {0, 2}
        assert (said.out + said.err).isascii(), said


def test_chinese_stays_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    """Its characters have no stand-ins; signs of mathematics have."""
    said = run(capsys, "trace", "vector-double", "--ascii", "--lang", "zh", "--no-formulas")
    assert "程序" in said.out
    assert not {"∂", "·", "ᵀ", "₁", "−"} & set(said.out)
