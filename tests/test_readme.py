"""What the pages say is what the program does."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Final

import pytest

from tests.picture import PICTURES, path_of, picture
from tests.readme import (
    APART,
    BLOCKS,
    FAMILIES,
    PAGES,
    README,
    ROOT,
    SCENARIO_FOLDERS,
    ops_in,
    rewritten,
)
from tui_backprop.cli import main
from tui_backprop.program.library.definitions import definitions
from tui_backprop.program.vocabulary.aliases import ALIASES
from tui_backprop.program.vocabulary.makers import NAMES
from tui_backprop.rules import RULES
from tui_backprop.scenario.load import loads

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DOCUMENTS: Final = (*PAGES, ROOT / "CONTRIBUTING.md")
"""Everything that is written for readers, but for the changelog."""


def _name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def blocks(language: str) -> list[str]:
    """The fenced blocks of one language, of all documents."""
    pattern = re.compile(rf"```{language}\n(.*?)```", flags=re.DOTALL)
    return [block for page in DOCUMENTS for block in pattern.findall(page.read_text("utf-8"))]


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_tables_are_those_of_the_code(page: Path) -> None:
    """Commands, keys, scenarios and ops are written by ``python -m tests.readme``."""
    text = page.read_text("utf-8")
    assert rewritten(text) == text


def test_every_table_stands_on_one_page() -> None:
    """And every page has one."""
    found = {
        page: [name for name in BLOCKS if f"<!-- {name} -->\n" in page.read_text("utf-8")]
        for page in PAGES
    }
    assert all(found.values())
    assert sorted(name for names in found.values() for name in names) == sorted(BLOCKS)


@pytest.mark.parametrize("name", PICTURES)
async def test_the_pictures_are_of_todays_screen(name: str) -> None:
    """They are made by ``python -m tests.picture``, and stand in the README."""
    assert await picture(name) == path_of(name).read_text("utf-8")
    assert f".github/{name}.svg" in README.read_text("utf-8")


def test_the_first_page_is_short() -> None:
    """What fills more belongs to a page of its own."""
    assert len(README.read_bytes()) <= 12 * 1024


def test_every_op_is_in_one_family() -> None:
    """A new file of rows finds its place in `tests.readme.FAMILIES`."""
    told = [op for files in FAMILIES.values() for op in ops_in(files)]
    assert sorted(told) == sorted(RULES)


def test_what_is_left_out_is_no_function() -> None:
    """Neither an op nor another name of one, but for what the list excepts."""
    text = (ROOT / "tui_backprop" / "rules" / "README.md").read_text("utf-8")
    listed = re.search(r"^What is left out.*?\n\n", text, flags=re.MULTILINE | re.DOTALL)
    assert listed
    names = re.findall(r"`(\w+)`", listed[0])
    assert len(names) > 10
    known = {*RULES, *definitions(), *ALIASES, *NAMES}
    assert known.intersection(names) == {"dropout"}  # whose mask is given


def test_every_folder_of_scenarios_has_a_title() -> None:
    """Those that hold a scenario."""
    folders = {path.parent.relative_to(ROOT / "scenarios").as_posix() for path in _scenarios()}
    assert folders == {*SCENARIO_FOLDERS, *APART}


def _scenarios() -> Iterator[Path]:
    return (ROOT / "scenarios").rglob("*.yaml")


def _links(page: Path) -> list[tuple[str, str]]:
    """Files and headings that a page leads to."""
    return re.findall(r"\]\(([^)#\s]*)(?:#([^)\s]+))?\)", page.read_text("utf-8"))


def _places(page: Path) -> list[str]:
    """Files and folders that a page names."""
    pattern = r"`((?:tui_backprop|tests|scenarios|findings|\.ci|\.github)/[\w./-]*)`"
    return re.findall(pattern, page.read_text("utf-8"))


@pytest.mark.parametrize("page", [p for p in DOCUMENTS if _links(p)], ids=_name)
def test_every_link_leads_somewhere(page: Path) -> None:
    """To a file, and to a heading of it where one is named."""
    for file, heading in _links(page):
        target = (page.parent / file).resolve() if file else page
        assert target.is_file(), file
        headings = re.findall(r"^#+ (.*)$", target.read_text("utf-8"), flags=re.MULTILINE)
        assert not heading or heading in {_anchor(title) for title in headings}, heading


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("page", [p for p in DOCUMENTS if _places(p)], ids=_name)
def test_every_place_that_is_named_is_there(page: Path) -> None:
    """``tui_backprop/rules/``, ``tests/readme.py``: a room that moves takes its name along."""
    for place in _places(page):
        assert (ROOT / place).exists(), place


def shell_lines() -> list[str]:
    """Every command after a ``$``."""
    return [line[2:] for b in blocks("console") for line in b.splitlines() if line[:2] == "$ "]


@pytest.mark.parametrize("line", sorted(set(shell_lines())))
def test_every_shell_command_works(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each prints something and ends well."""
    words = shlex.split(line)
    assert words[0] == "tui-backprop"
    assert main(words[1:]) == 0
    assert capsys.readouterr().out.strip()


def test_there_are_shell_commands_and_examples() -> None:
    """So that the tests here have something to look at."""
    assert len(set(shell_lines())) > 10
    assert len(blocks("python")) > 2
    assert len(blocks("yaml")) > 2


def examples() -> list[str]:
    """Those in Python, but for the files that a session runs."""
    return [code for code in blocks("python") if not code.startswith("# ")]


@pytest.mark.parametrize("code", examples())
def test_python_examples_hold(code: str) -> None:
    """The examples run, and their assertions hold."""
    assert "assert " in code
    exec(compile(code, "README.md", "exec"), {})  # noqa: S102 - our own pages


def test_yaml_examples_load() -> None:
    """The scenarios in the pages are some."""
    for text in blocks("yaml"):
        assert loads(text).graph.nodes
