"""Libraries that were imported without what no screen needs still do all that they did."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

_QUICK = """
import sys
from tui_backprop.cli.shared.quick import import_numpy, light_textual
import_numpy()
with light_textual():
    import tui_backprop.tui.app
left_out = {"ssl", "numpy._core._add_newdocs", "numpy.ma"}
assert not left_out & sys.modules.keys(), left_out & sys.modules.keys()
"""


def _run(code: str) -> None:
    found = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=Path(__file__).parents[2],
        capture_output=True, check=False, text=True,
    )  # fmt: skip
    assert not found.returncode, found.stderr


_NUMPY = """
import numpy.ma, numpy.random, numpy.testing, numpy.polynomial, numpy.fft, sympy
assert sympy.lambdify("x", "x**2")(numpy.arange(3)).tolist() == [0, 1, 4]
"""
_SSL = """
import ssl, http.client, urllib.request
assert ssl.create_default_context()
"""
_ASYNCIO = r"""
import asyncio
async def told():
    child = await asyncio.create_subprocess_exec("echo", "x", stdout=-1)
    return (await child.communicate())[0]
assert asyncio.run(told()) == b"x\n"
"""
_TWICE = """
import_numpy()
with light_textual():
    import numpy, tui_backprop.tui.app
import ssl
assert ssl.create_default_context()
assert numpy.linalg.norm([3.0, 4.0]) == 5.0
"""


@pytest.mark.parametrize("code", [_NUMPY, _SSL, _ASYNCIO, _TWICE])
def test_what_was_left_out_comes_when_it_is_asked(code: str) -> None:
    """Each in a fresh interpreter."""
    _run(_QUICK + code)


def test_what_somebody_has_imported_is_left_alone() -> None:
    """Nothing of it is replaced or dropped."""
    _run(
        "import sys, numpy, ssl, asyncio\n"
        "known = dict(sys.modules)\n"
        "from tui_backprop.cli.shared.quick import import_numpy, light_textual\n"
        "import_numpy()\n"
        "with light_textual():\n"
        "    import tui_backprop.tui.app\n"
        "assert all(sys.modules[name] is module for name, module in known.items())"
    )
