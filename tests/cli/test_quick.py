"""Libraries that were imported without what no screen needs still do all that they did."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

_QUICK = """
import re, sys
compiled = re.compile
from tui_backprop.cli.quick import import_libraries, light_textual
import_libraries()
with light_textual():
    import tui_backprop.tui.app
assert re.compile is compiled
left_out = {
    "ssl", "textual.types", "textual.widgets._tree",
    "numpy._core._add_newdocs", "numpy._typing", "numpy.ma",
}
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
_HINTS = """
import numpy, numpy.typing, typing
kinds = typing.get_type_hints(type(numpy.linalg.eigh([[1.0]])), {"numpy": numpy})
assert kinds["eigenvalues"] == numpy.typing.NDArray
"""
_TEXTUAL = """
import typing, textual.types, textual.command
from textual.widgets import DirectoryTree, Input, Select, Tree
assert textual.types.IgnoreReturnCallbackType is not textual.command.IgnoreReturnCallbackType
assert typing.get_args(textual.types.IgnoreReturnCallbackType)
assert issubclass(DirectoryTree, Tree)
"""
_YAML = r"""
import datetime, yaml
assert not isinstance(yaml.reader.Reader.NON_PRINTABLE, re.Pattern)
known = {"day": datetime.date(2001, 2, 3), "real": 1500.0, True: None}
for loader in yaml.SafeLoader, yaml.CSafeLoader:
    assert yaml.load("day: 2001-02-03\nreal: 1.5e+3\nyes: ~\n", loader) == known
try:
    yaml.load("a: \0", yaml.SafeLoader)
except yaml.reader.ReaderError:
    sys.exit()
raise AssertionError
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
import_libraries()
with light_textual():
    import numpy, tui_backprop.tui.app
import ssl
assert ssl.create_default_context()
assert numpy.linalg.norm([3.0, 4.0]) == 5.0
"""


@pytest.mark.parametrize("code", [_NUMPY, _HINTS, _TEXTUAL, _YAML, _SSL, _ASYNCIO, _TWICE])
def test_what_was_left_out_comes_when_it_is_asked(code: str) -> None:
    """Each in a fresh interpreter."""
    _run(_QUICK + code)


def test_what_somebody_has_imported_is_left_alone() -> None:
    """Nothing of it is replaced or dropped."""
    _run(
        "import sys, numpy, ssl, asyncio, yaml, textual.types\n"
        "known = dict(sys.modules)\n"
        "from tui_backprop.cli.quick import import_libraries, light_textual\n"
        "import_libraries()\n"
        "with light_textual():\n"
        "    import tui_backprop.tui.app\n"
        "assert all(sys.modules[name] is module for name, module in known.items())"
    )
