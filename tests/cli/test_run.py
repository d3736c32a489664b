"""``tui-backprop run``: a program that nobody wrote for us, stopped at a backward pass."""

from __future__ import annotations

import os
import subprocess
import sys
from socket import socket
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.chinese import english
from tui_backprop.attach.hook import not_averaged
from tui_backprop.attach.saved.reader import open_walk
from tui_backprop.rules import RULES

pytest.importorskip("torch")

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """
import sys
import torch

torch.manual_seed(0)
w = torch.nn.Parameter(torch.randn(3, 3))
optimizer = torch.optim.SGD([w], lr=0.1)
for step in range(int(sys.argv[1])):
    h = torch.randn(4, 3) @ w
    if step == 2:
        h = h * 0
    loss = h.pow(2).sum().sqrt()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(step, loss.item(), float(torch.rand(())))
sys.exit(int(sys.argv[2]) if len(sys.argv) > 2 else 0)
"""


RANKS = """
import torch
from torch import distributed

from tui_backprop.attach.pytorch.distributed import ranks

ranks._PATIENCE = 60  # the machine may be busy
torch.set_num_threads(1)
distributed.init_process_group("gloo")
rank = distributed.get_rank()
torch.manual_seed(0)
layers = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 1))
model = torch.nn.parallel.DistributedDataParallel(layers)
x = torch.ones(5, 3)
x[2, 1] += rank
loss = model(x).square().mean()
loss.backward()
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A training loop whose third gradient is NaN."""
    path = tmp_path / "train.py"
    path.write_text(PROGRAM)
    return path


def run(*words: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Without a terminal."""
    return subprocess.run(
        [sys.executable, "-m", "tui_backprop", *map(str, words)],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
        cwd=cwd,
        timeout=120,
    )


def bare(*words: object) -> str:
    """What the program prints by itself."""
    done = subprocess.run(
        [sys.executable, *map(str, words)], capture_output=True, text=True, check=False, timeout=120
    )
    return done.stdout


def test_the_program_goes_on_as_without(program: Path) -> None:
    """Losses and random numbers to the last digit; its exit status is ours."""
    found = run("run", "--at", 2, program, 4, 7)
    assert found.returncode == 7
    assert found.stdout == bare(program, 4, 7)
    assert "backward() number 2 as text" in found.stderr
    assert "this is no terminal" in found.stderr


def test_nan_is_found_where_it_began(program: Path) -> None:
    """At the first pass whose gradients are not finite; without a screen status 1."""
    found = run("run", "--nan", "--headless", program, 5)
    assert found.returncode == 1
    assert "backward() number 3 as text" in found.stdout
    assert "sqrt" in found.stdout
    assert "loss = h.pow(2).sum().sqrt()" not in found.stderr


def test_the_walk_is_saved_where_it_was_asked_for(program: Path) -> None:
    """Before anybody looks at it; the program's own output is as without."""
    folder = program.parent
    found = run("run", "--at", 2, "--save", "two.walk", program, 4, 7, cwd=folder)
    assert found.returncode == 7
    assert found.stdout == bare(program, 4, 7)
    assert "backward() number 2 is saved in" in found.stderr
    assert run("run", "--nan", "--headless", "--save", folder / "n.walk", program, 5).returncode
    told = run("n.walk", "--batch", "-e", "origin nan", cwd=folder)
    assert told.returncode == 0
    assert "sqrt" in told.stdout
    compared = run("compare", "two.walk", "n.walk", cwd=folder)
    assert compared.returncode == 1
    assert "first difference at step" in compared.stdout


def test_a_big_model_can_be_saved_by_its_norms(program: Path) -> None:
    """The report is that of the whole walk; the file has the norms, and says what it has not."""
    program.write_text(PROGRAM.replace("(3, 3)", "(3, 5000)"))
    whole = run(
        "run", "--nan", "--headless", "--save", "whole.walk", program, 5, cwd=program.parent
    )
    found = run(
        "run", "--nan", "--headless", "--keep", "norms", "--save", "thin.walk", program, 5,
        cwd=program.parent,
    )  # fmt: skip
    assert found.returncode == whole.returncode == 1
    assert found.stdout == whole.stdout
    small, large = (program.parent / name for name in ("thin.walk", "whole.walk"))
    assert small.stat().st_size < large.stat().st_size / 20
    assert "power" in run("health", small).stdout
    answer = run(small, "--batch", "-e", "origin nan", "-e", "continue", "-e", "print w.grad")
    assert (
        "it begins in what power_1 hands on to h: its norm is nan, 20,000 entries" in answer.stdout
    )
    assert "v of w was not kept: its norm is nan, 15,000 entries are NaN" in answer.stderr


def test_every_process_has_a_file_of_its_own(
    program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the number that torchrun gives it."""
    for rank in ("0", "1"):
        monkeypatch.setenv("RANK", rank)
        run("run", "--headless", "--save", "rank{rank}.walk", program, 1, cwd=program.parent)
    found = run("compare", "rank0.walk", "rank1.walk", cwd=program.parent)
    assert found.returncode == 0, found.stderr


def test_a_walk_that_cannot_be_saved_ends_the_program(program: Path) -> None:
    """Nobody waits for hours and finds no file."""
    found = run("run", "--headless", "--save", program.parent / "no" / "a.walk", program, 2)
    assert found.returncode == 2
    assert "a.walk: there is no folder" in found.stderr


def test_a_module_runs_as_by_python(program: Path) -> None:
    """From the folder that we are in, its arguments behind."""
    found = run("run", "-m", "train", 1, cwd=program.parent)
    assert found.returncode == 0
    assert found.stdout == bare(program, 1)


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("--at", "9"), 0, "no backward() number 9 was run"),
        (("--at", "0"), 2, "expected a number from 1 on"),
        (("--nan", "--at", "4"), 0, "left gradients that are not finite"),
    ],
)
def test_what_was_not_met_is_said(
    program: Path, words: tuple[str, ...], status: int, said: str
) -> None:
    """On stderr, and the program's status stays."""
    found = run("run", *words, program, 2)
    assert found.returncode == status
    assert said in found.stderr


def test_a_program_that_fails_shows_its_own_traceback(tmp_path: Path) -> None:
    """Without our frames above its own."""
    path = tmp_path / "broken.py"
    path.write_text("def f():\n    raise ValueError('mine')\n\nf()\n")
    found = run("run", path)
    assert found.returncode == 1
    assert "ValueError: mine" in found.stderr
    assert "runpy" not in found.stderr
    assert "tui_backprop" not in found.stderr


def test_warnings_are_those_that_python_shows(tmp_path: Path) -> None:
    """What Python keeps quiet about stays so; what the program itself does is deprecated aloud."""
    path = tmp_path / "warns.py"
    kinds = ("User", "Deprecation", "PendingDeprecation", "Import", "Resource")
    lines = [f"warnings.warn('of {kind}', {kind}Warning)" for kind in kinds]
    call = "warnings.warn('elsewhere', DeprecationWarning)"
    names = "{'__name__': 'other', 'warnings': warnings}"
    elsewhere = f'exec(compile({call!r}, "x", "exec"), {names})'
    path.write_text("\n".join(["import warnings", *lines, elsewhere]))
    by_python = subprocess.run(
        [sys.executable, path], capture_output=True, text=True, check=False, timeout=60
    ).stderr
    found = run("run", path).stderr
    assert "of User" in by_python
    assert found.replace("tui-backprop: no backward() was run\n", "") == by_python


def test_there_must_be_a_program() -> None:
    """Neither nothing nor a file that is not there."""
    assert "name a program" in run("run").stderr
    assert "there is no such file" in run("run", "nowhere.py").stderr


@pytest.mark.exhaustive
def test_each_rank_saves_its_own_walk(tmp_path: Path) -> None:
    """They differ from the first number that differs on, and are averaged at the end."""
    (tmp_path / "train.py").write_text(RANKS)
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["run", "--headless", "--save", "rank{rank}.walk", "train.py"]
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "tui_backprop", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=tmp_path,
            env={
                **os.environ,
                "RANK": str(rank),
                "WORLD_SIZE": "2",
                "MASTER_ADDR": "127.0.0.1",
                "MASTER_PORT": str(port),
            },
        )
        for rank in range(2)
    ]
    for rank, process in enumerate(started):
        out, told = process.communicate(timeout=120)
        assert "backward() number 1 as text" in out
        assert f"saved in rank{rank}.walk" in told
    left, right = (open_walk(tmp_path / f"rank{rank}.walk") for rank in range(2))
    assert sum(node.op == "all_reduce" for node in left.graph.nodes) == 4
    assert not not_averaged(left.graph)
    for name, grad in left.grad.items():
        assert np.array_equal(grad, right.grad[name])
    found = run("compare", tmp_path / "rank0.walk", tmp_path / "rank1.walk")
    assert found.returncode == 1
    assert "value x[2,1]" in found.stdout


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--headless", "--nan"], "没有打开屏幕：--headless。第 3 次 backward() 的文字报告："),
        (["--at", "9"], "没有运行到第 9 次 backward()"),
        ([], "第 1 次 backward() 的文字报告"),
    ],
)
def test_it_speaks_chinese(options: list[str], said: str, program: Path) -> None:
    """The report, and that nothing was met; the program's own words are its own."""
    found = run("run", "--lang", "zh", *options, program, "4", cwd=program.parent)
    lines = (found.stdout + found.stderr).splitlines()
    assert any(said in line for line in lines)
    told = "\n".join(line for line in lines if "在 train.py" not in line)
    names = "tui-backprop --headless origin health constant_1"
    assert english(told, [PROGRAM, *RULES, names]) == []
