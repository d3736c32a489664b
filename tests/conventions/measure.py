"""Measure what the frameworks that are installed give at the special points.

    python -m venv v13 && v13/bin/pip install torch==2.13.0 jax==0.10.2 && v13/bin/pip install -e .
    v13/bin/python -m tests.conventions.measure > rows.json
    v14/bin/python -m tests.conventions.measure rows.json > more.json     # torch==2.14.1 in v14
    v12/bin/python -m tests.conventions.measure more.json > all.json      # jax==0.12.0.1 in v12

Nothing is installed here, and what is not there is left out, the product too. With a file, its rows
are kept and what this environment has is added to them, so that one table comes of several
environments, each with one release of each framework.
Numbers are float64, on the CPU; NaN and infinities are words. None means that there is no such
function, or nothing comes back; a text that begins with ``error:`` is the framework's refusal.
"""

from __future__ import annotations

import ast
import json
import math
import sys
import warnings
from functools import partial
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tests.conventions.points import POINTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.conventions.points import Point

_LONGEST: Final = 160
_MODULES: Final = {"autograd": "autograd.numpy"}
"""What stands for a framework in its calls, where it is not the package itself."""


def plain(x: Any) -> Any:
    """Numbers as JSON has them; NaN and infinities as words."""
    if x is None:
        return None
    found = np.asarray(x).tolist()
    return _plain(found)


def _plain(x: Any) -> Any:
    if isinstance(x, list):
        return [_plain(part) for part in x]
    number = float(x)
    if math.isnan(number):
        return "nan"
    return number if math.isfinite(number) else ("inf" if number > 0 else "-inf")


def texts(calls: Any) -> dict[str, str]:
    """The calls of a module as they stand in its source, without what stands for the module."""
    tree = ast.parse(Path(calls.__file__).read_text(encoding="utf-8"))
    table = next(
        node.value for node in tree.body
        if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Dict)
    )  # fmt: skip
    return {
        str(key.value): ast.unparse(call.body)
        for key, call in zip(table.keys, table.values, strict=True)
        if isinstance(key, ast.Constant) and isinstance(call, ast.Lambda)
    }


def _measured(evaluate: Callable[[], tuple[Any, list[Any]]], call: str) -> dict[str, Any]:
    try:
        value, gradients = evaluate()
        found = {"grads": [plain(g) for g in gradients], "values": plain(value)}
    except Exception as error:  # noqa: BLE001 - the refusal is what was found
        text = " ".join(str(error).split())[:_LONGEST]
        found = {"grads": f"error: {type(error).__name__}: {text}"}
    return {**found, "calls": call}


def _by_framework(name: str) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """For each point: the column, the version, the point's id and what was found."""
    calls = import_module(f"tests.conventions.{name}_calls")
    framework = import_module(_MODULES.get(name, name))
    release = getattr(import_module(name), "__version__", "") or version(name)
    column, written = calls.name_of(framework), texts(calls)
    for point in POINTS:
        call = calls.CALLS.get(point.id)
        if call is not None:
            found = _measured(
                partial(calls.evaluate, framework, call, point.inputs),
                written[point.id],
            )
            yield column, release, point.id, found


def _by_product() -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    from tests.conventions import own_calls
    from tui_backprop.version import __version__

    for point in POINTS:
        found = _measured(partial(own_calls.evaluate, point), point.of)
        yield "tui-backprop", __version__, point.id, found


def _empty(point: Point) -> dict[str, Any]:
    inputs = {name: plain(x) for name, x in point.inputs.items()}
    return {**point._asdict(), "inputs": inputs, "grads": {}, "values": {}, "calls": {}}


def measured(before: dict[str, Any]) -> dict[str, Any]:
    """The table: what was there before, and what this environment has."""
    rows = {row["id"]: row for row in before.get("points", ())}
    rows = {point.id: rows.get(point.id) or _empty(point) for point in POINTS}
    versions = dict(before.get("frameworks", {}))
    sources = [_by_framework(name) for name in ("torch", "jax", "autograd") if find_spec(name)]
    if find_spec("yaml") and find_spec("sympy"):  # what the product needs beside NumPy
        sources.insert(0, _by_product())
    for source in sources:
        for column, release, point, found in source:
            versions[column] = release
            for part, what in found.items():
                rows[point][part][column] = what
    for row in rows.values():
        row["grads"] = {column: row["grads"].get(column) for column in versions}
    return {"frameworks": versions, "points": list(rows.values())}


def main(arguments: list[str]) -> None:
    """Print the table, on top of the one in a file that may be named."""
    warnings.simplefilter("ignore")  # a NaN is data here
    before = json.loads(Path(arguments[0]).read_text(encoding="utf-8")) if arguments else {}
    json.dump(measured(before), sys.stdout, indent=1, ensure_ascii=False)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main(sys.argv[1:])
