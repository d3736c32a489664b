"""Which keys mean which command: the defaults, a person's own file, and the footer's keys.

A broken file must never keep the debugger from starting: everything wrong with it becomes a
sentence, and the default holds.
"""

from __future__ import annotations

from dataclasses import field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from textual.binding import Binding
from textual.message import Message

from tui_backprop.dataclass import dataclass
from tui_backprop.errors import MOST_PROBLEMS, on_one_line
from tui_backprop.files import FileError, read_regular
from tui_backprop.language.catalogue import ENGLISH
from tui_backprop.language.message import changed, joined, said
from tui_backprop.pattern import pattern
from tui_backprop.render.text.charset import told
from tui_backprop.render.text.spans import Span, lines_of, width
from tui_backprop.tui.commands import ALL_COMMANDS
from tui_backprop.tui.line_pane import LinePane

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from textual import events

    from tui_backprop.language.catalogue import Language
    from tui_backprop.render.text.charset import Charset
    from tui_backprop.render.text.spans import Content
    from tui_backprop.tui.commands import AnyCommand


_MOST_BYTES: Final = 1 << 20
"""Of a configuration file."""
_LONGEST: Final = 200
"""Characters of what is said of it, and of the keys of one command."""
_KEY: Final = pattern(r"[A-Za-z0-9_+]+")
_RESERVED: Final = frozenset(
    {"tab", "shift+tab", "escape", "enter", "ctrl+p", "ctrl+q", "ctrl+c", "ctrl+z"}
)
DEFAULTS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {command.name: command.keys for command in ALL_COMMANDS}
)


@dataclass(frozen=True, slots=True)
class Keymap:
    """The keys in force.

    Attributes:
        keys: command name → its keys, as a person writes them.
        changed: the same for those that differ from the default, as Textual wants it.
        problems: what is wrong with the file, one sentence each.
    """

    keys: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: DEFAULTS)
    changed: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


def bindings() -> list[Binding]:
    """A binding for each command that has a key; its id is the command's name."""
    return [
        Binding(",".join(_normalized(key) for key in command.keys), f"run('{command.name}')",
                command.help, show=False, id=command.name)
        for command in ALL_COMMANDS
        if command.keys
    ]  # fmt: skip


def load_keymap(path: Path) -> Keymap:
    """Read the ``keys`` table of a configuration file; no file gives the defaults."""
    try:
        text = read_regular(path, _MOST_BYTES).decode("utf-8-sig")
    except FileError as error:
        missing = isinstance(error.cause, FileNotFoundError)
        return Keymap() if missing else _ignored(str(error))
    except UnicodeDecodeError as error:
        return _ignored(joined(": ", [
            str(path), said("not UTF-8: byte {byte}", byte=f"0x{error.object[error.start]:02x}")
        ]))  # fmt: skip
    import tomllib

    try:
        table = tomllib.loads(text).get("keys", {})
    except Exception as error:  # noqa: BLE001 - beside its own error the parser raises others
        reason = str(error) or type(error).__name__
        return _ignored(f"{path}: {reason.splitlines()[0][:_LONGEST]}")
    if not isinstance(table, dict):
        return _ignored(joined(": ", [str(path), said("'keys' must be a table")]))
    return merged(table)


def _ignored(reason: str) -> Keymap:
    """The defaults, and why."""
    what = changed(reason, on_one_line)
    return Keymap(problems=(said("{what}; nothing of this file is used", what=what),))


def merged(table: Mapping[str, Any]) -> Keymap:
    """The defaults with a table's keys put over them, as far as they fit together."""
    chosen: dict[str, tuple[str, ...]] = {}
    problems: list[str] = []
    for name, value in table.items():
        problem = _problem(name, value)
        if problem:
            problems.append(changed(problem, on_one_line))
        else:
            chosen[name] = tuple(key.strip() for key in value.split(","))
    while clash := _clash(chosen):
        name, other, key = clash
        text = said("{name}: '{key}' already means '{other}'", name=f"keys.{name}", key=key,
                    other=other)  # fmt: skip
        problems.append(text)
        del chosen[name]
    set_anew = {name: ",".join(map(_normalized, keys)) for name, keys in chosen.items()}
    left = len(problems) - MOST_PROBLEMS
    shown = (
        *problems[:MOST_PROBLEMS],
        *[said("and {count} more problems", count=f"{left:,}")] * (left > 0),
    )
    return Keymap(MappingProxyType({**DEFAULTS, **chosen}), set_anew, shown)


def _problem(name: str, value: object) -> str:
    """The problem of one line of the table by itself; empty where there is none."""
    if not DEFAULTS.get(name):
        return said("{name}: there is no such command with a key", name=f"keys.{name[:_LONGEST]}")
    if not isinstance(value, str) or len(value) > _LONGEST:
        return said('{name}: expected text such as "s,right"', name=f"keys.{name}")
    for key in (part.strip() for part in value.split(",")):
        if not (len(key) == 1 and key.isprintable()) and not _KEY.fullmatch(key):
            return said("{name}: {key} is not a key", name=f"keys.{name}", key=repr(key))
        if key in _RESERVED:
            return said("{name}: '{key}' is reserved", name=f"keys.{name}", key=key)
    return ""


def _clash(chosen: Mapping[str, tuple[str, ...]]) -> tuple[str, str, str] | None:
    """A chosen key that two commands would have: (chosen for, other command, key)."""
    owners: dict[str, str] = {}
    for name, keys in {**DEFAULTS, **chosen}.items():
        for key in map(_normalized, keys):
            other = owners.setdefault(key, name)
            if other != name:
                return (name, other, key) if name in chosen else (other, name, key)
    return None


def _normalized(key: str) -> str:
    """Textual's own name of a key: ``question_mark`` for ``?``."""
    return next(iter(Binding.make_bindings([Binding(key, "")]))).key


_GAP = 2
_ALWAYS: Final = frozenset({"help", "quit", "command"})
"""Keys that a person who is lost needs."""


class Footer(LinePane, can_focus=False):
    """Keys with a word each; a click does what the key does."""

    class Chosen(Message):
        """A person clicked on a command."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(
        self, charset: Charset, keys: Mapping[str, tuple[str, ...]], spoken: Language = ENGLISH
    ) -> None:
        super().__init__(charset, id="footer")
        self._keys = keys
        self._spoken = spoken
        self._buttons: list[tuple[AnyCommand, int]] = []

    def speak(self, spoken: Language) -> bool:
        """Say the words in a language from now on; whether it is another one than before."""
        before, self._spoken = self._spoken, spoken
        return spoken is not before

    def make(self, width: int, height: int) -> Content:
        """The keys of as many commands as fit; some always, others are left out from the right."""
        del height
        named = [c for c in ALL_COMMANDS if c.short and self._keys.get(c.name)]
        others = [c for c in named if c.name not in _ALWAYS]
        while others and self._width(named) > width:
            named.remove(others.pop())
        spans = [Span(" ")]
        self._buttons = []
        for command in named:
            key = self._keys[command.name][0]
            self._buttons.append((command, self._item_width(command)))
            spans += [Span(key, "title"), Span(f" {self._word(command)}" + " " * _GAP, "dim")]
        return lines_of((tuple(spans),))

    def on_click(self, event: events.Click) -> None:
        """The command under the mouse."""
        event.stop()
        x = 1
        for command, cells in self._buttons:
            if x <= event.x < x + cells:
                self.post_message(self.Chosen(command.name))
            x += cells + _GAP

    def _width(self, commands: list[AnyCommand]) -> int:
        return 1 + sum(self._item_width(c) + _GAP for c in commands) - _GAP

    def _item_width(self, command: AnyCommand) -> int:
        return width(f"{self._keys[command.name][0]} {self._word(command)}")

    def _word(self, command: AnyCommand) -> str:
        return told(command.short, self._spoken, self._charset)
