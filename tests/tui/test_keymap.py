"""Keys: the defaults, and what a person's file changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tui_backprop.tui.commands import ALL_COMMANDS
from tui_backprop.tui.keymap import DEFAULTS, bindings, load_keymap, merged

if TYPE_CHECKING:
    from pathlib import Path


def test_no_two_commands_share_a_default_key() -> None:
    """Every key means one command."""
    keys = [key for command in ALL_COMMANDS for key in command.keys]
    assert len(keys) == len(set(keys))


def test_every_command_with_a_key_has_a_binding_of_its_name() -> None:
    """The id is what the file and the palette use."""
    assert {b.id for b in bindings()} == {c.name for c in ALL_COMMANDS if c.keys}


def test_no_file_gives_the_defaults(tmp_path: Path) -> None:
    """And no complaint."""
    keymap = load_keymap(tmp_path / "config.toml")
    assert keymap.keys == DEFAULTS
    assert keymap.problems == ()


def test_a_key_is_changed(tmp_path: Path) -> None:
    """One line of the file replaces all keys of a command and of no other."""
    path = tmp_path / "config.toml"
    path.write_text('[keys]\nstep = "x, right"\n', encoding="utf-8")
    keymap = load_keymap(path)
    assert keymap.keys == {**DEFAULTS, "step": ("x", "right")}
    assert keymap.problems == ()


def test_two_commands_may_exchange_their_keys() -> None:
    """What both leave is free."""
    keymap = merged({"step": "n", "next": "s"})
    assert (keymap.keys["step"], keymap.keys["next"]) == (("n",), ("s",))
    assert keymap.problems == ()


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ({"stpe": "x"}, "no such command"),
        ({"delete": "x"}, "no such command with a key"),
        ({"step": 3}, "expected text"),
        ({"step": ""}, "is not a key"),
        ({"step": "hello world"}, "is not a key"),
        ({"step": "\x1b[A"}, "is not a key"),
        ({"step": "tab"}, "reserved"),
        ({"step": "q"}, "already means 'quit'"),
        ({"step": "question_mark"}, "already means 'help'"),
        ({"step": "k", "next": "k"}, "already means"),
    ],
)
def test_what_does_not_fit_is_said_and_the_default_holds(
    table: dict[str, object], says: str
) -> None:
    """A sentence, not a crash."""
    keymap = merged(table)
    assert len(keymap.problems) == 1
    assert says in keymap.problems[0]
    assert keymap.keys["step"] in {("s", "right"), ("k",)}


@pytest.mark.parametrize(
    "content", [b"[keys", b"\xff\xfe", b"keys = 3", b"[keys]\nstep = 'x'\nstep = 'y'"]
)
def test_a_broken_file_is_said(tmp_path: Path, content: bytes) -> None:
    """Whatever is in it."""
    path = tmp_path / "config.toml"
    path.write_bytes(content)
    keymap = load_keymap(path)
    assert keymap.keys == DEFAULTS
    assert len(keymap.problems) == 1


def test_a_folder_in_place_of_the_file_is_said(tmp_path: Path) -> None:
    """The system's own words."""
    assert len(load_keymap(tmp_path).problems) == 1
