"""The README's tables, written from the code: ``python -m tests.readme`` puts them in place."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tui_backprop.rules import RULES
from tui_backprop.scenario.files import shipped
from tui_backprop.scenario.load import load
from tui_backprop.tui.commands import ALL_COMMANDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tui_backprop.rules.rule import Rule

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
        ((f"`{c.usage}`", " ".join(f"`{k}`" for k in c.keys), c.help) for c in ALL_COMMANDS),
    )


def ops() -> str:
    """Every function of the program language."""
    return table(
        ("op", "written", "is"),
        ((f"`{r.name}`", f"`{_written(r)}`", r.summary) for r in RULES.values()),
    )


def _written(rule: Rule) -> str:
    """An application with its operands' own names."""
    return rule.text.replace("{", "").replace("}", "")


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
        start, stop = f"<!-- {name} -->\n", f"<!-- /{name} -->"
        before, _, rest = text.partition(start)
        text = f"{before}{start}{make()}\n{stop}{rest.partition(stop)[2]}"
    return text


if __name__ == "__main__":
    README.write_text(rewritten(README.read_text(encoding="utf-8")), encoding="utf-8")
