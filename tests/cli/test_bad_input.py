"""Bad input: each file a clear error and exit status 2, whatever it is."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.cli.hostile import FILES, HEAVY, SENTINEL
from tests.cli.support import run, write

if TYPE_CHECKING:
    from pathlib import Path

_SECONDS = 5
_MEBIBYTES = 1024
_MEASURE = """
import resource, subprocess, sys
child = subprocess.run(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
print(child.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
"""In between because a child's peak includes its parent's memory, and that of the tests grows."""


def _is_clear(error: str, file: str) -> bool:
    """One block that names the file; nothing that only a programmer could read."""
    lines = error.splitlines()
    return (
        file in error
        and "Traceback" not in error
        and len(lines) < 100
        and all(line.isprintable() for line in lines)
    )


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("command", ["trace", "check"])
def test_bad_file(
    command: str,
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Refused by every command that reads it, and nothing in it was run."""
    monkeypatch.chdir(tmp_path)
    said = run(capsys, command, write(tmp_path, FILES[name]))
    assert said.status == 2
    assert _is_clear(said.err, "scenario.yaml")
    assert not (tmp_path / SENTINEL).exists()
    assert said.out == ("" if command == "trace" else "1 scenario: 1 not readable\n")


@pytest.mark.parametrize("name", ["missing.yaml", "folder", "folder/missing.yaml", "x" * 5000])
def test_what_is_no_file(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing there, a folder, a name too long for a file system."""
    (tmp_path / "folder").mkdir()
    said = run(capsys, "trace", tmp_path / name)
    assert said.status == 2
    assert _is_clear(said.err, name[:50])


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are Unix's")
def test_a_pipe_is_not_waited_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody ever writes into it."""
    os.mkfifo(tmp_path / "pipe.yaml")
    assert run(capsys, "trace", tmp_path / "pipe.yaml").status == 2


def test_a_link_does_not_lead_outside(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A scenario's files are inside its folder, wherever links point."""
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "secret.npy").write_bytes(b"secret")
    (inside / "leak.npy").symlink_to(tmp_path / "secret.npy")
    path = write(inside, b"format: 1\ninputs: {X: {file: leak.npy}}\nprogram: Y = X\n")
    said = run(capsys, "trace", path)
    assert said.status == 2
    assert "secret" not in said.err.replace("secret.npy", "")


def test_a_pickle_is_not_unpickled(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It would be a program."""
    payload = f"cpathlib\nPath\n(S'{tmp_path / SENTINEL}'\ntRp0\ncpathlib\nPath.touch\n(g0\ntR."
    write(tmp_path, payload.encode(), "evil.npy")
    path = write(tmp_path, b"format: 1\ninputs: {X: {file: evil.npy}}\nprogram: Y = X\n")
    assert run(capsys, "trace", path).status == 2
    assert not (tmp_path / SENTINEL).exists()


def test_a_large_file_is_refused_and_the_limit_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the way to raise it."""
    path = write(tmp_path, b"# " + b"x" * (2 << 20))
    said = run(capsys, "trace", path)
    assert said.status == 2
    assert "--limit file_bytes=" in said.err


def test_all_errors_come_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where they are independent: two of the program and an unknown key, each with its place."""
    text = b"format: 1\ninputs: {X: 1}\nprogram: |\n  Y = tahn(X)\n  Z = W\nprogam: x\n"
    said = run(capsys, "trace", write(tmp_path, text))
    for place, word in (("4:7", "'tahn'"), ("5:7", "'W'"), ("6:1", "'progam'")):
        assert f"scenario.yaml:{place}: unknown" in said.err
        assert word in said.err
    assert "^^^^ did you mean 'tanh'?" in said.err


@pytest.mark.exhaustive
@pytest.mark.few(4)
@pytest.mark.skipif(sys.platform == "win32", reason="what a child used is known on Unix")
@pytest.mark.parametrize("name", HEAVY)
def test_heavy_files_are_refused_quickly_and_in_little_memory(name: str, tmp_path: Path) -> None:
    """Five seconds of the processor and one gibibyte, measured from outside."""
    path = write(tmp_path, FILES[name])
    limited = ["sh", "-c", f'ulimit -t {_SECONDS}; exec "$@"', "sh"]
    asked = [*limited, sys.executable, "-m", "tui_backprop", "trace", str(path)]
    found = subprocess.run(
        [sys.executable, "-c", _MEASURE, *asked],
        capture_output=True, text=True, check=True, env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )  # fmt: skip
    status, memory = (int(word) for word in found.stdout.split())
    unit = 1 if sys.platform == "darwin" else 1024
    assert status == 2
    assert _is_clear(found.stderr, "scenario.yaml")
    assert memory * unit < _MEBIBYTES << 20
