"""The layers hold, and the core stays light."""

from __future__ import annotations

import json
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING

import grimp
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).resolve().parents[1]


_NOTING = """
import builtins, json, sys

loaded, plainly = {{}}, builtins.__import__

def noting(name, globals=None, *rest, **more):
    before = set(sys.modules)
    found = plainly(name, globals, *rest, **more)
    for module in sys.modules.keys() - before:  # the innermost import is the first that is done
        loaded.setdefault(module, (globals or {{}}).get("__name__", ""))
    return found

builtins.__import__ = noting
{code}
print()
print(json.dumps(loaded))
"""


def _loaded_too_much(code: str, absent: Iterable[str]) -> str:
    """What a fresh interpreter has loaded of some modules after some code, and who asked for it."""
    found = subprocess.run(
        [sys.executable, "-c", _NOTING.format(code=code)],
        cwd=ROOT, capture_output=True, check=True, text=True,
    )  # fmt: skip
    loaded: dict[str, str] = json.loads(found.stdout.splitlines()[-1])
    assert any(module.startswith("tui_backprop") for module in loaded)
    unwanted = tuple(f"{module}." for module in absent)
    late = {module for module in loaded if f"{module}.".startswith(unwanted)}
    first = [m for m in sorted(late) if late.isdisjoint({loaded[m], m.rpartition(".")[0]})]
    return "\n".join(" ← ".join(_importers(module, loaded)) for module in first)


def _importers(module: str, loaded: dict[str, str]) -> Iterator[str]:
    """A module, who asked for it, who asked for that one, and so on."""
    while module in loaded:
        yield module
        module = loaded[module]


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


@pytest.mark.few(2)
@pytest.mark.parametrize(
    ("code", "absent"),
    [
        ("import tui_backprop", {"textual", "rich", "sympy", "torch", "argparse", "argcomplete"}),
        ("from tui_backprop import load; load('chain').trace().timeline[-1].partial",
         {"textual", "rich", "sympy", "argparse"}),
        ("import tui_backprop as tb; tb.trace(lambda x: x * 2, 1.0).timeline[-1].partial",
         {"textual", "rich", "sympy", "yaml", "torch", "jax", "argparse"}),
        ("from tui_backprop.cli.shared.arguments import parse; parse(['x'])",
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
    assert not _loaded_too_much(code, absent)


LATE = (
    "sympy", "torch", "babel", "tui_backprop.verify", "tui_backprop.cli.check",
    "tui_backprop.render.export.json", "tui_backprop.render.export.document",
    "tui_backprop.render.formulas.latex", "tui_backprop.render.speech",
    "tui_backprop.render.panes.log", "tui_backprop.render.panes.watching",
    "tui_backprop.render.text.table", "tui_backprop.render.panes.jacobian",
    "tui_backprop.render.panes.vectors", "tui_backprop.render.panes.replay",
    "tui_backprop.render.presenter", "tui_backprop.render.matrix.picture",
    "tui_backprop.debug.replay", "tui_backprop.debug.commands.about_op",
    "tui_backprop.debug.breakpoints",
    "tui_backprop.debug.commands.completing", "tui_backprop.debug.conditions.expression",
    "tui_backprop.debug.conditions.search", "tui_backprop.tui.asking.prompt",
    "tui_backprop.tui.pages", "tui_backprop.tui.walking.replaying", "json", "wcwidth", "numpy.ma",
)  # fmt: skip
"""What a first screen does without, with all that is in it."""


_OPENING = """
import asyncio
from tui_backprop.api import load
from tui_backprop.cli.shared.arguments import parse
from tui_backprop.tui.app import DebuggerApp
from tui_backprop.tui.options import Options

class Drawn(DebuggerApp):
    def on_ready(self):
        print("drawn")
        self.exit()

app = Drawn(load(parse(["vector-double"]).scenario), Options(algebra=False))
asyncio.run(app.run_async(headless=True, size=(120, 40)))
"""


def test_opening_a_screen_loads_no_algebra_and_no_witness() -> None:
    """The first screen waits for neither."""
    loaded = _loaded_too_much(_OPENING, LATE)
    assert not loaded, f"import it where it is used, within the function:\n{loaded}"


def test_who_asked_for_a_module_is_told() -> None:
    """Down to the one that came first."""
    told = _loaded_too_much("import tui_backprop.tui.app", {"numpy", "argparse"})
    assert told.startswith("numpy ← tui_backprop.")
    assert told.endswith("← tui_backprop.tui.app")
    assert "\n" not in told
