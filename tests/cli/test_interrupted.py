"""An interrupt is heard from the first moment on, while the program is still imported, too."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.marks import few
from tests.readme import README

_HOOKED = """
import signal, sys

class Hook:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            {interrupt}
        return None

from tui_backprop.cli import main
sys.meta_path.insert(0, Hook())
sys.exit(main())
"""
_MODULES = (
    "tui_backprop.cli.main", "tui_backprop.cli.shared.output", "tui_backprop.errors",
    "tui_backprop.cli.shared.waiting", "tui_backprop.cli.shared.arguments", "argparse",
    "tui_backprop.cli.trace", "tui_backprop.api", "numpy", "numpy.linalg", "yaml",
    "tui_backprop.rules", "tui_backprop.scenario.load", "tui_backprop.program",
)  # fmt: skip


@pytest.mark.few(4)
@pytest.mark.parametrize("interrupt", ["raise KeyboardInterrupt", "signal.raise_signal(2)"])
@pytest.mark.parametrize("module", few(_MODULES, 5))
def test_an_interrupt_while_importing_is_no_traceback(module: str, interrupt: str) -> None:
    """One line, status 130, and nothing of what was asked for."""
    code = _HOOKED.format(module=module, interrupt=interrupt)
    done = subprocess.run(
        [sys.executable, "-c", code, "trace", "vector-double"],
        capture_output=True, text=True, cwd=README.parent, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr == "tui-backprop: interrupted\n"


def test_an_error_made_of_an_interrupt_is_one_though_the_watcher_is_late() -> None:
    """A library may drop the interrupt and raise what it likes; on a busy machine threads wait."""
    code = _HOOKED.format(module="numpy", interrupt="made_of_one()")
    late = (
        "import os, signal, time\n"
        "read = os.read\n"
        "def slow(*what):\n"
        "    import select\n"
        "    select.select([what[0]], [], [])\n"
        "    time.sleep(0.3)\n"
        "    return read(*what)\n"
        "os.read = slow\n"
        "def made_of_one():\n"
        "    try:\n"
        "        signal.raise_signal(2)\n"
        "        time.sleep(1)\n"
        "    except KeyboardInterrupt:\n"
        "        pass\n"
        "    raise ImportError('half of it')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", late + code, "trace", "vector-double"],
        capture_output=True, text=True, cwd=README.parent, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr == "tui-backprop: interrupted\n"


def test_what_comes_before_main_is_little() -> None:
    """Nothing of the program but its package is there before an interrupt is caught."""
    code = (
        "import sys, tui_backprop.cli as cli\n"
        "print(*sorted(m for m in sys.modules if m.startswith('tui_backprop')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=README.parent, check=True
    )
    assert done.stdout.split() == ["tui_backprop", "tui_backprop.cli", "tui_backprop.version"]
