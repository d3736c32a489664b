"""Enter what was measured into the table that ships.

    python -m tests.conventions.entered all.json

Of each point that `points` has, what differs from the table is renewed; one that the table has not
stands behind the last of its op. What other frameworks gave is left as it is.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Final

from tests.conventions.points import POINTS
from tui_backprop.rules import conventions

TABLE: Final = Path(conventions.__file__).with_name("measured.json")
_BY_FRAMEWORK: Final = ("grads", "values", "calls")


def written(table: dict[str, Any]) -> str:
    """The table as its file has it: what is said of one framework at one point is one line."""
    heads = [f"  {_line(key)}: {_line(table[key])}" for key in table if key != "points"]
    points = ",\n".join(_point(point) for point in table["points"])
    return "{\n" + ",\n".join([*heads, f'  "points": [\n{points}\n  ]']) + "\n}\n"


def _line(found: Any) -> str:
    return json.dumps(found, ensure_ascii=False)


def _point(point: dict[str, Any]) -> str:
    parts = []
    for key, found in point.items():
        if key in _BY_FRAMEWORK:
            lines = ",\n".join(f"        {_line(k)}: {_line(v)}" for k, v in found.items())
            parts.append(f'      "{key}": {{\n{lines}\n      }}')
        else:
            parts.append(f'      "{key}": {_line(found)}')
    return "    {\n" + ",\n".join(parts) + "\n    }"


def entered(table: dict[str, Any], rows: dict[str, Any]) -> dict[str, Any]:
    """The table with what was measured; the product's own numbers are none of a framework."""
    columns = [column for column in rows["frameworks"] if column in table["frameworks"]]
    releases = {column: rows["frameworks"][column] for column in columns}
    found = {row["id"]: row for row in rows["points"]}
    points = list(table["points"])
    for point in POINTS:
        at = next((k for k, row in enumerate(points) if row["id"] == point.id), -1)
        if at < 0:
            of_op = [k for k, row in enumerate(points) if row["op"] == point.op]
            at = of_op[-1] + 1 if of_op else len(points)
            points.insert(at, {**found[point.id], "grads": {}, "values": {}, "calls": {}})
        points[at] = _renewed(points[at], found[point.id], list(table["frameworks"]), columns)
    return {**table, "frameworks": {**table["frameworks"], **releases}, "points": points}


def _renewed(
    row: dict[str, Any], new: dict[str, Any], order: list[str], columns: list[str]
) -> dict[str, Any]:
    """The row with what differs, or was not there; the order is that of the frameworks."""
    changed = {
        c for c in columns
        if (given := _kind(new["grads"].get(c))) is not None and row["grads"].get(c) != given
    }  # fmt: skip
    parts = {}
    for part in _BY_FRAMEWORK:
        whole = {c: (new if c in changed else row)[part].get(c) for c in order}
        parts[part] = {c: _kind(what) for c, what in whole.items() if what is not None}
    return {**{key: row[key] for key in row if key not in parts}, **parts}


def _kind(what: Any) -> Any:
    """Of a refusal its kind alone: its words are another release's tomorrow."""
    return ":".join(what.split(":")[:2]) if str(what).startswith("error: ") else what


def main(arguments: list[str]) -> None:
    """Renew the file of the table."""
    table = json.loads(TABLE.read_text(encoding="utf-8"))
    rows = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
    TABLE.write_text(written(entered(table, rows)), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
