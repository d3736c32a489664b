"""Keys: the defaults, and what a person's file changes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tui_backprop.tui.commands import ALL_COMMANDS
from tui_backprop.tui.keymap import DEFAULTS, Keymap, bindings, load_keymap, merged


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


def check_is_sound(keymap: Keymap) -> None:
    """The defaults hold, and what is wrong can be shown: a few sentences on a line each."""
    assert keymap.keys == DEFAULTS
    assert 0 < len(keymap.problems) <= 21
    assert all(said.isprintable() and len(said) < 600 for said in keymap.problems)


@pytest.mark.skipif(os.name != "posix", reason="pipes and devices are Unix's")
@pytest.mark.parametrize("kind", ["pipe", "loop", "/dev/zero", "/dev/full", "below a file"])
def test_no_kind_of_file_keeps_the_debugger_from_starting(kind: str, tmp_path: Path) -> None:
    """Nothing is waited for, nothing is read without an end."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "file").write_text("")
    path = tmp_path / "file" / "x" if kind == "below a file" else tmp_path / kind
    check_is_sound(load_keymap(path))


@pytest.mark.parametrize(
    "content",
    [
        b"\0" * 10, b"\xef\xbb\xbf\xff", b"x" * (1 << 20), b"x = 1\n" * (1 << 19),
        b"x = " + b"[" * 500 + b"]" * 500, b"x = " + b"9" * 5000, b"x = 9999-99-99",
        b"[keys]\nstep = '" + b"x," * 300 + b"x'", b"[keys]\nstep = {a = 1}", b"[[keys]]\n",
        b'[keys]\n"a\\nb" = "x"', b'[keys]\nstep = "\\u0000"',
        b"[keys]\n" + b"".join(b"a%d = 'x'\n" % k for k in range(9000)),
        b"[keys]\n" + b"a" * 5000 + b" = 'x'\n",
    ],
)  # fmt: skip
def test_no_content_keeps_the_debugger_from_starting(content: bytes, tmp_path: Path) -> None:
    """Whatever the parser makes of it."""
    path = tmp_path / "config.toml"
    path.write_bytes(content)
    keymap = load_keymap(path)
    assert keymap.keys == DEFAULTS
    if keymap.problems or b"[keys]" in content:
        check_is_sound(keymap)


def test_a_parser_that_gives_up_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It raises more than its own error: for nesting, for digits, for want of memory."""
    path = tmp_path / "config.toml"
    path.write_text("[keys]\n")
    for error in (RecursionError("maximum"), MemoryError(), ValueError("digits"), KeyError("x")):

        def raised(_text: str, error: Exception = error) -> Any:
            raise error

        monkeypatch.setattr("tomllib.loads", raised)
        check_is_sound(load_keymap(path))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=3) | st.characters().map(lambda c: f"{c},{c}"))
def test_any_text_for_a_key(value: str) -> None:
    """Is one, or a sentence."""
    keymap = merged({"step": value})
    assert keymap.keys["step"] == DEFAULTS["step"] or not keymap.problems


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=60).map(lambda raw: b"[keys]\n" + raw))
def test_any_bytes(content: bytes) -> None:
    """A keymap comes of them, whatever else."""
    path = Path("config.toml")
    path.write_bytes(content)
    assert set(load_keymap(path).keys) == set(DEFAULTS)


@pytest.fixture(autouse=True)
def elsewhere(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a test writes, it writes it there."""
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
