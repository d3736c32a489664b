"""What is written from the code: ``python -m tests.readme`` puts it in place.

A page says ``<!-- NAME -->`` where a table begins and ``<!-- /NAME -->`` where it ends; what stands
between is made anew, all else is written by people. ``python -m tests.picture`` makes the
picture of the screen. The list of the ops' names, by which a program loads only the files that it
uses, is written from their rows.
"""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import fields
from importlib import import_module
from inspect import cleandoc
from pathlib import Path
from textwrap import fill, wrap
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import tests.benchmarks
from tui_backprop.cli.commands import NAMES
from tui_backprop.cli.commands import find as find_subcommand
from tui_backprop.cli.trace import FORMATS
from tui_backprop.debug.commands import COMMANDS
from tui_backprop.limits import Limits
from tui_backprop.program.library.definitions import definitions
from tui_backprop.program.vocabulary.aliases import ALIASES, aliases_of
from tui_backprop.program.vocabulary.explained import EXPLAINED
from tui_backprop.program.vocabulary.makers import SEVERAL
from tui_backprop.rules import RULES, TABLES
from tui_backprop.rules.conventions.measured import full_title
from tui_backprop.rules.conventions.measured import measured as convention_table
from tui_backprop.scenario.files import folder, shipped, shipped_replays
from tui_backprop.scenario.load import load
from tui_backprop.tui.commands import ALL_COMMANDS, VIEW_COMMANDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from tui_backprop.rules.rule import Rule
    from tui_backprop.tui.commands import AnyCommand

ROOT: Final = Path(__file__).resolve().parents[1]
README: Final = ROOT / "README.md"
PAGES: Final = tuple(
    ROOT / name
    for name in (
        "README.md",
        "SECURITY.md",
        "scenarios/README.md",
        "scenarios/replays/README.md",
        "tui_backprop/cli/README.md",
        "tui_backprop/debug/commands/README.md",
        "tui_backprop/rules/README.md",
        "tui_backprop/tui/README.md",
        "tests/benchmarks/README.md",
    )
)

FAMILIES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "arithmetic": "arithmetic",
        "exponentials, logarithms, trigonometry": "functions special",
        "choosing and comparing": "choice piecewise",
        "reductions and statistics": "reductions running statistics norms",
        "order": "order ranks places",
        "products and matrices": "matmul products matrices",
        "linear algebra": "linear_algebra pseudo factors triangular eigen singular",
        "indexing, rearranging, joining": (
            "indexing taking index_add rearrange unfolding joining embedding"
        ),
        "activations": "activation softmax",
        "normalization, similarity, attention": "normalization similarity attention",
        "losses": "losses binary_losses cross_entropy nll margins",
        "convolution": "convolution conv_transpose",
        "pooling, resizing": "pooling adaptive_pooling resizing",
    }
)
"""What a reader calls a family of ops, and the files in folders of ``rules/ops`` that hold it."""

SCENARIO_FOLDERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        ".": "first steps",
        "families": "one thing each",
        "nonfinite": "NaN and infinity",
        "published": "published worked examples",
    }
)
"""The folders of shipped scenarios, and what each holds."""

APART: Final = frozenset({"lessons", "hunts"})
"""Folders that `learn` and `list` tell of, which no table has to."""


def table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = [header, tuple("---" for _ in header), *rows]
    return "\n".join(
        "| " + " | ".join(c.replace("|", "\\|") for c in line) + " |" for line in lines
    )


def _code(words: Iterable[str]) -> str:
    """Each word as code."""
    return " ".join(f"`{word}`" for word in words)


def _command_table(listed: Sequence[AnyCommand]) -> str:
    return table(
        ("command", "keys", "does"), ((f"`{c.usage}`", _code(c.keys), c.help) for c in listed)
    )


def commands() -> str:
    """Every command of the debugger, with its other words and its default keys."""
    return table(
        ("command", "also", "keys", "does"),
        ((f"`{c.usage}`", _code(c.aliases), _code(c.keys), c.help) for c in COMMANDS),
    )


def view_commands() -> str:
    """Every command of the screen, with its default keys."""
    return _command_table(VIEW_COMMANDS)


def keys() -> str:
    """Every key that means a command."""
    return table(
        ("key", "command", "does"),
        ((f"`{key}`", f"`{c.name}`", c.help) for c in ALL_COMMANDS for key in c.keys),
    )


def subcommands() -> str:
    """Every command of the command line."""
    return table(
        ("command", "does"), ((f"`{name}`", find_subcommand(name).summary) for name in NAMES)
    )


def formats() -> str:
    """Every format of a walk that is written down."""
    return table(
        ("`--format`", "is", "file"),
        ((f"`{name}`", f"{f.title}, {f.use}", f"`{f.ending}`") for name, f in FORMATS.items()),
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


def composed_ops() -> str:
    """Every op that is written in the program language."""
    return table(
        ("op", "called", "is"),
        ((f"`{op.name}`", f"`{op.signature}`", op.summary) for op in definitions().values()),
    )


def makers() -> str:
    """Every function of programs that is no op."""
    return table(
        ("function", "called", "gives", "by"),
        (
            (f"`{n}`", f"`{m.signature}`", str(m.summary), _code(SEVERAL.get(n, {}).values()))
            for n, m in EXPLAINED.items()
        ),
    )


def aliases() -> str:
    """The other names of ops, those of an op together."""
    ops = dict.fromkeys(ALIASES.values())
    return table(("op", "also called"), ((f"`{op}`", _code(aliases_of(op))) for op in ops))


def op_families() -> str:
    """What families of ops there are, and how many ops each has."""
    told = (f"{name} ({len(ops_in(files))})" for name, files in FAMILIES.items())
    return fill("; ".join(told) + ".", 100)


def ops_in(files: str) -> list[str]:
    """The ops whose rows stand in these files."""
    own = {
        file: file.rpartition(".")[2] for file, _ in TABLES
    }  # no two folders have files of one name
    return [op for file, names in TABLES if own[file] in files.split() for op in names.split()]


def scenarios() -> str:
    """Every shipped scenario."""
    return table(
        ("scenario", "shows"),
        ((f"`{path.stem}`", load(path).title.get("en")) for path in shipped()),
    )


def scenario_families() -> str:
    """The folders of scenarios, each with the names that open them."""
    rows: dict[str, list[str]] = {name: [] for name in SCENARIO_FOLDERS}
    for path in shipped():
        at = path.parent.relative_to(folder()).as_posix()
        if at not in APART:
            rows[at].append(path.stem)
    return table(("family", "scenarios"), ((SCENARIO_FOLDERS[at], _code(rows[at])) for at in rows))


def replays() -> str:
    """Every shipped replay, with the scenario that it walks."""
    return table(("replay", "scenario", "chapters"), map(_replay, shipped_replays()))


def _replay(path: Path) -> tuple[str, str, str]:
    text = path.read_text(encoding="utf-8")
    chapters = re.findall(r'^mark en "([^"]*)"', text, flags=re.MULTILINE)
    walked = re.findall(r"^scenario: *(\S+)", text, flags=re.MULTILINE)
    return f"`{path.stem}`", f"`{walked[0]}`", " · ".join(chapters)


def measured() -> str:
    """What was measured last, as it stands beside the benchmarks."""
    text = (tests.benchmarks.__doc__ or "").replace("``", "")
    return f"```text\n{text[text.index('Last measured') :].strip()}\n```"


def frameworks() -> str:
    """What was measured of conventions, and where."""
    table = convention_table()
    names = {name.partition("-")[0] for name in table.versions}
    titles = ", ".join(map(full_title, table.versions))
    told = (
        f"`tui-backprop conventions` lists what {len(names)} frameworks give at "
        f"{len(table.points)} special points of {len({point.op for point in table.points})} ops, "
        f"each number measured: {titles}."
    )
    return "\n".join(wrap(told, 100))


def limits() -> str:
    """Every limit with its default, in the words of its class."""
    # Python 3.13 takes the indentation off by itself.
    text = re.sub(r"\n {8}", " ", cleandoc(Limits.__doc__ or "")).replace("``", "`")
    told = dict(re.findall(r"^ {4}(\w+): (.*)$", text, flags=re.MULTILINE))
    return table(
        ("limit", "unless raised", "of"),
        ((f"`{f.name}`", f"{f.default:,}", told[f.name]) for f in fields(Limits)),
    )


BLOCKS: Final[Mapping[str, Callable[[], str]]] = MappingProxyType(
    {
        "commands": commands,
        "view-commands": view_commands,
        "keys": keys,
        "subcommands": subcommands,
        "formats": formats,
        "ops": ops,
        "composed-ops": composed_ops,
        "makers": makers,
        "aliases": aliases,
        "frameworks": frameworks,
        "op-families": op_families,
        "scenarios": scenarios,
        "scenario-families": scenario_families,
        "replays": replays,
        "measured": measured,
        "limits": limits,
    }
)


def rewritten(text: str) -> str:
    """A page with every block that it has made anew."""
    for name, make in BLOCKS.items():
        start, stop = f"<!-- {name} -->\n", f"<!-- /{name} -->"
        if start in text:
            before, _, rest = text.partition(start)
            text = f"{before}{start}{make()}\n{stop}{rest.partition(stop)[2]}"
    return text


NAMES_OF_OPS: Final = ROOT / "tui_backprop" / "rules" / "__init__.py"
_LISTED: Final = re.compile(
    r'(?<=^_LISTED: Final = """\n).*?(?=^""")', flags=re.DOTALL | re.MULTILINE
)


def rows() -> dict[str, list[str]]:
    """The ops in each file of rows, in its order; files without rows are none."""
    paths = sorted((NAMES_OF_OPS.parent / "ops").glob("*/[!_]*.py"))
    files = [f"{path.parent.name}.{path.stem}" for path in paths]
    tables = {file: import_module(f"tui_backprop.rules.ops.{file}") for file in files}
    return {
        file: [rule.name for rule in table.RULES]
        for file, table in tables.items()
        if hasattr(table, "RULES")
    }


def relisted(text: str, found: Mapping[str, Sequence[str]]) -> str:
    """The source of the list with the names that the files have now.

    A new name stands behind the one before it in its file, a new file at the end.
    """
    groups: list[tuple[str, list[str]]] = [(file, []) for file, _ in TABLES]
    places = {(file, op): k for k, (file, ops) in enumerate(TABLES) for op in ops.split()}
    for file, names in found.items():
        at = next((k for k, group in enumerate(groups) if group[0] == file), len(groups))
        if at == len(groups):
            groups.append((file, []))
        for name in names:
            at = places.get((file, name), at)
            groups[at][1].append(name)
    lines = (
        wrap(" ".join(names), 100, initial_indent=f"{file:<26} ", subsequent_indent=" " * 27)
        for file, names in groups
        if names
    )
    listed = "".join(f"{line}\n" for group in lines for line in group)
    return _LISTED.sub(lambda _: listed, text)


if __name__ == "__main__":
    text = NAMES_OF_OPS.read_text(encoding="utf-8")
    if relisted(text, rows()) != text:
        NAMES_OF_OPS.write_text(relisted(text, rows()), encoding="utf-8", newline="\n")
        sys.exit(subprocess.call([sys.executable, "-m", "tests.readme"]))  # the pages, from these
    for page in PAGES:
        text = rewritten(page.read_text(encoding="utf-8"))
        page.write_text(text, encoding="utf-8", newline="\n")
