"""The layers hold, and the core stays light."""

from __future__ import annotations

import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).resolve().parents[1]


def _modules_after(code: str) -> set[str]:
    """The top-level modules that a fresh interpreter has loaded after running some code."""
    listing = "import sys; print(*{name.partition('.')[0] for name in sys.modules})"
    found = subprocess.run(
        [sys.executable, "-c", f"{code}\n{listing}"],
        cwd=ROOT, capture_output=True, check=True, text=True,
    )  # fmt: skip
    return set(found.stdout.split())


def test_every_layer_imports_only_what_stands_below_it() -> None:
    """The contracts are sentences in pyproject.toml."""
    code = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports())"
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False, text=True
    )
    assert found.returncode == 0, found.stdout


def test_no_module_imports_itself_by_way_of_others() -> None:
    """Imports for types count, and so do imports within functions."""
    found = grimp.build_graph("tui_backprop", exclude_type_checking_imports=False, cache_dir=None)
    imported = {module: found.find_modules_directly_imported_by(module) for module in found.modules}
    try:
        TopologicalSorter(imported).prepare()
    except CycleError as error:
        pytest.fail(f"a circle of imports: {' → '.join(reversed(error.args[1]))}")


@pytest.mark.parametrize(
    ("code", "absent"),
    [
        ("import tui_backprop", {"textual", "rich", "sympy", "torch", "argparse", "argcomplete"}),
        ("from tui_backprop import load; load('chain').trace().timeline[-1].partial",
         {"textual", "rich", "sympy", "argparse"}),
        ("import tui_backprop as tb; tb.trace(lambda x: x * 2, 1.0).timeline[-1].partial",
         {"textual", "rich", "sympy", "yaml", "torch", "jax", "argparse"}),
        ("from tui_backprop.cli.arguments import parse; parse(['x'])",
         {"textual", "rich", "sympy"}),
        ("from tui_backprop.cli import main; main(['--version'])",
         {"textual", "rich", "sympy", "numpy", "yaml", "torch"}),
        ("from tui_backprop.cli import main; main(['trace', 'chain', '--no-formulas'])",
         {"textual", "rich", "sympy"}),
        ("from tui_backprop.cli import main; "  # noqa: ISC004 - one program
         "main(['trace', 'chain', '--no-formulas', '--format', 'latex'])",
         {"textual", "rich", "sympy"}),
        ("from tui_backprop.cli import main; main(['chain', '--batch', '-e', 'break if step > 3'])",
         {"textual", "rich", "sympy"}),
        ("import tui_backprop.verify.check", {"textual", "rich", "torch"}),
        ("import tui_backprop.render.export.text, tui_backprop.render.export.json",
         {"textual", "rich"}),
    ],
)  # fmt: skip
def test_what_stays_out(code: str, absent: set[str]) -> None:
    """Each in a fresh interpreter."""
    assert _modules_after(code).isdisjoint(absent)


def test_opening_a_screen_loads_no_algebra_and_no_witness() -> None:
    """The first screen waits for neither."""
    code = (
        "import sys\n"
        "import tui_backprop.tui.run, tui_backprop.tui.app\n"
        "from tui_backprop.cli.arguments import parse\n"
        "parse(['vector-double'])\n"
        "assert not [m for m in sys.modules if m.startswith('tui_backprop.verify')]\n"
        "assert 'tui_backprop.cli.check' not in sys.modules\n"
        "assert 'tui_backprop.render.export.json' not in sys.modules\n"
        "late = ('tui_backprop.render.formulas.latex', 'tui_backprop.render.speech.')\n"
        "assert not [m for m in sys.modules if m.startswith(late)]\n"
        "assert 'tui_backprop.render.export.document' not in sys.modules\n"
        "late = ('debug.breakpoints', 'debug.commands.completing',\n"
        "        'debug.conditions.expression', 'debug.conditions.search',\n"
        "        'render.panes.log', 'render.panes.watching', 'render.text.table',\n"
        "        'tui.prompt', 'tui.sheets')\n"
        "assert not [m for m in late if f'tui_backprop.{m}' in sys.modules]\n"
    )
    assert _modules_after(code).isdisjoint({"sympy", "torch", "babel"})
