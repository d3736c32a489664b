"""The README's tables, written from the code: ``python -m tests.readme`` puts them in place."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from tui_backprop.debug.commands import COMMANDS
from tui_backprop.rules import RULES
from tui_backprop.scenario.load import load
from tui_backprop.scenario.shipped import shipped
from tui_backprop.tui.commands import VIEW_COMMANDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

README = Path(__file__).resolve().parents[1] / "README.md"


def table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = [header, tuple("---" for _ in header), *rows]
    return "\n".join(
        "| " + " | ".join(c.replace("|", "\\|") for c in line) + " |" for line in lines
    )


def commands() -> str:
    """Every command of the debugger and of the screen, with its default keys."""
    return table(
        ("command", "keys", "does"),
        (
            (f"`{c.usage}`", " ".join(f"`{k}`" for k in c.keys), c.help)
            for c in (*COMMANDS, *VIEW_COMMANDS)
        ),
    )


def ops() -> str:
    """Every function of the program language."""
    return table(
        ("op", "written", "is"),
        ((f"`{r.name}`", f"`{r.text}`", r.summary) for r in RULES.values()),
    )


def scenarios() -> str:
    """Every shipped scenario."""
    return table(
        ("scenario", "shows"),
        ((f"`{path.stem}`", load(path).title.get("en")) for path in shipped()),
    )


BLOCKS: dict[str, Callable[[], str]] = {"commands": commands, "scenarios": scenarios, "ops": ops}


def rewritten(text: str) -> str:
    """The README with every block made anew."""
    for name, make in BLOCKS.items():
        block = f"<!-- {name} -->\n{make()}\n<!-- /{name} -->"
        text = re.sub(f"<!-- {name} -->.*?<!-- /{name} -->", lambda _, b=block: b, text,
                      flags=re.DOTALL)  # fmt: skip
    return text


if __name__ == "__main__":
    README.write_text(rewritten(README.read_text(encoding="utf-8")), encoding="utf-8")
