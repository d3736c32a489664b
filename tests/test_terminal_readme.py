"""The sessions of the pages, key by key, in a real terminal: the screen shows what they promise.

Each step of a session ends with a comment that a reader does not see: ``keys:`` are pressed (quoted
ones are typed), ``see:`` is waited for, ``open:`` starts the program, ``end:`` is its exit status.
"""

from __future__ import annotations

import re
import shlex
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from tests.readme import PAGES
from tests.test_terminal import Terminal

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX")

COMMENT = re.compile(r"<!-- (.*?) -->", re.DOTALL)
NAMED = {"Enter": "\r", "Escape": "\x1b", "Home": "\x1b[H", "End": "\x1b[F"}


def sessions() -> list[list[tuple[str, list[tuple[str, str]]]]]:
    """Each session: its steps, each with its text and what is done and seen."""
    return [session for page in PAGES for session in sessions_of(page.read_text("utf-8"))]


def sessions_of(page: str) -> list[list[tuple[str, list[tuple[str, str]]]]]:
    """Those of one page."""
    found: list[list[tuple[str, list[tuple[str, str]]]]] = []
    at = 0
    for comment in COMMENT.finditer(page):
        text, at = page[at : comment.start()], comment.end()
        if not comment[1].startswith(("open: ", "keys: ")):
            continue
        parts = re.split(r"\s+\|\s+", re.sub(r"\n\s*", " ", comment[1]))
        acts = [(kind, rest) for kind, _, rest in (part.partition(": ") for part in parts)]
        if acts[0][0] == "open":
            found.append([])
        found[-1].append((text, acts))
    return found


def tokens(keys: str) -> list[str]:
    """Keys and typed texts; a typed one keeps its quotes."""
    return re.findall(r'"[^"]*"|\S+', keys)


def test_there_are_sessions() -> None:
    """The first minutes, the NaN, one's own model, the replay; each is opened and left."""
    assert [len(session) for session in sessions()] == [6, 5, 4, 2, 1]
    for session in sessions():
        assert session[-1][1][-1][0] == "end"


@pytest.mark.parametrize("session", sessions(), ids=lambda session: session[0][1][0][1])
def test_every_key_is_one_that_the_text_names(
    session: list[tuple[str, list[tuple[str, str]]]],
) -> None:
    """In its step, or in what stands before the first of them."""
    before = re.sub(r"```.*?```", "", session[0][0].rpartition("\n## ")[2], flags=re.DOTALL)
    for text, acts in session:
        named = set(re.findall(r"`([^`]+)`", before + text))
        for kind, rest in acts:
            for token in tokens(rest) if kind == "keys" else ():
                is_named = token.strip('"') in named or (token in NAMED and token in before + text)
                is_the_end = text is session[-1][0] and acts[-1][0] == "end"
                assert is_named or (is_the_end and rest.split()[-1] == token), token


def opened(words: list[str], before: str, folder: Path) -> Terminal:
    """The program with these words; one that it runs stands before the session as a file."""
    if words[0] != "run":
        return Terminal(*words, "--no-history", columns=120, lines=36)
    if find_spec("torch") is None:
        pytest.skip("PyTorch is not installed")
    (code,) = re.findall(rf"```python\n(# {words[-1]}\n.*?)```", before, re.DOTALL)
    (folder / words[-1]).write_text(code, encoding="utf-8")
    return Terminal(*words, columns=120, lines=36, folder=folder)


@pytest.mark.exhaustive
@pytest.mark.few(1)
@pytest.mark.parametrize("session", sessions(), ids=lambda session: session[0][1][0][1])
def test_a_session_of_the_pages(
    session: list[tuple[str, list[tuple[str, str]]]], tmp_path: Path
) -> None:
    """As written, step by step."""
    terminal: Terminal | None = None
    for text, acts in session:
        for kind, rest in acts:
            if kind == "open":
                terminal = opened(shlex.split(rest), text, tmp_path)
                continue
            assert terminal is not None
            if kind == "keys":
                for token in tokens(rest):
                    typed = token[1:-1] if token[0] == '"' else NAMED.get(token, token)
                    terminal.child.send(typed)
                    terminal.rest(0.4 if typed == "\x1b" else 0.0)  # it may begin a longer key
            elif kind == "see":
                terminal.wait_for(rest)
            else:
                assert kind == "end"
                terminal.wait_for_end()
                assert terminal.child.exitstatus == int(rest)
