"""`tb.debug` inside somebody's program: a screen where there is one, else a report."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from functools import partial
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("torch")

import torch

import tui_backprop as tb
from tests.attach.tapes import hooked
from tests.render.views import opened
from tests.test_terminal import Terminal
from tui_backprop.attach.hook import AverageOp
from tui_backprop.cli.live import report

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """
import gc, os, signal
import torch
import tui_backprop as tb

torch.manual_seed(0)
w = torch.ones(3, requires_grad=True)
for step in range(3):
    loss = (w * torch.rand(3)).square().sum()
    if step == {at}:
        before = dict(os.environ), gc.isenabled(), gc.get_freeze_count(), signal.getsignal(2)
        tb.debug(loss)
        after = dict(os.environ), gc.isenabled(), gc.get_freeze_count(), signal.getsignal(2)
        assert before == after, (before, after)
    loss.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
    print(step, loss.item(), float(torch.rand(())))
"""


def bare() -> str:
    """What the program prints without us."""
    code = PROGRAM.format(at=9)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX")
def test_the_program_goes_on_after_q(tmp_path: Path) -> None:
    """With the same losses and random numbers, and with the process as it was."""
    terminal = Terminal(code=PROGRAM.format(at=1), folder=tmp_path)
    terminal.wait_for("loss.backward()")
    terminal.child.send("s")
    terminal.wait_for("step 1/")
    terminal.child.send("q")
    terminal.wait_for_end()
    assert terminal.child.exitstatus == 0, terminal.text()
    printed = terminal.seen.decode("utf-8", "replace")
    for line in bare().splitlines():
        assert line in printed


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX")
def test_under_pytest_the_screen_is_seen(tmp_path: Path) -> None:
    """The capture is lifted while somebody looks, and put back."""
    test = tmp_path / "test_mine.py"
    test.write_text(
        "import torch\n"
        "import tui_backprop as tb\n\n"
        "def test_loss():\n"
        "    w = torch.ones(2, requires_grad=True)\n"
        "    tb.debug((w * 2).sum())\n"
        "    print('captured again')\n",
        encoding="utf-8",
    )
    words = ["-q", "-p", "no:cacheprovider", str(test)]
    code = f"import pytest, sys; sys.exit(pytest.main({words!r}))"
    terminal = Terminal(code=code, folder=tmp_path)
    terminal.wait_for("loss.backward()")
    terminal.child.send("q")
    terminal.wait_for_end()
    assert terminal.child.exitstatus == 0, terminal.text()
    assert b"captured again" not in terminal.seen


@pytest.mark.parametrize("first", ["", "tb.Session; ", "import tui_backprop.attach.recorded; "])
def test_whatever_was_imported_before_it_can_be_called(first: str) -> None:
    """A part of the package bears its name, and stays one."""
    code = (
        f"import tui_backprop as tb; {first}import torch; "
        "tb.debug((torch.ones(2, requires_grad=True) * 2).sum()); "
        "import tui_backprop.debug.session as s; assert s.Session; "
        "from tui_backprop import debug; assert callable(debug) and debug.session is s; "
        "assert tb.attach((torch.ones(2, requires_grad=True) * 2).sum()).grad; "
        "import tui_backprop.attach.recorded as r; assert tb.attach.recorded is r"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "no screen is opened" in done.stderr


def test_without_a_terminal_it_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    """As text, on stderr, with the reason."""
    w = torch.tensor([1.0, 0.0], requires_grad=True)
    tb.debug(w.sqrt().sum())
    said = capsys.readouterr().err
    assert "no screen is opened: this is no terminal" in said
    assert "the slope of sqrt, 1/(2·sqrt(x)), is infinite at 0" in said


def test_a_rank_that_is_alone_says_so() -> None:
    """Its gradients are not what training will use."""
    op = partial(AverageOp, ranks=2, reason="nobody came")
    lines = report(hooked(opened("chain")[1], op), "backward()", "--headless")
    assert "one rank's own gradient, not the average over 2 ranks: nobody came" in lines


def test_in_a_notebook_it_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    """Where an event loop runs already no screen can."""

    async def cell() -> None:
        w = torch.ones(2, requires_grad=True)
        tb.debug((w * 2).sum())

    asyncio.run(cell())
    assert "an event loop is running here" in capsys.readouterr().err


def test_nothing_is_left_in_the_environment() -> None:
    """A report changes nothing for the process."""
    before = dict(os.environ)
    tb.debug((torch.ones(2, requires_grad=True) * 2).sum())
    assert dict(os.environ) == before
