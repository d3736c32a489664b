"""What reaches the screen: keys, text, the mouse, and another size of the terminal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hypothesis import strategies as st

from tests.fuzz.lines import is_outside, lines
from tui_backprop.tui.commands import ALL_COMMANDS

if TYPE_CHECKING:
    from tui_backprop.timeline.trace import Trace

KEYS: Final = tuple(key for command in ALL_COMMANDS for key in command.keys if key != "q")
"""All that mean something, but leaving."""
OTHERS: Final = (
    "up", "down", "left", "right", "tab", "shift+tab", "enter", "escape", "backspace", "delete",
    "pageup", "pagedown", "home", "end", "space", "f1", "f12", "insert", "é", "中", "0", "9",
    "ctrl+p", "ctrl+a", "ctrl+k", "ctrl+l", "ctrl+n", "ctrl+r", "ctrl+u", "ctrl+w", "ctrl+z",
    "shift+down", "alt+x", "alt+backspace",
    "question_mark", "colon", "slash", "plus", "minus", "tilde", "ctrl+right", "shift+left",
)  # fmt: skip
SEARCHED: Final = ("", "X", "+", "sum", "[", "\\", "(", "nothing", "中")
WIDTHS: Final = st.one_of(st.integers(1, 40), st.integers(40, 200))
HEIGHTS: Final = st.one_of(st.integers(1, 12), st.integers(12, 60))


@dataclass(frozen=True)
class Press:
    """Some keys, one after the other."""

    keys: tuple[str, ...]


@dataclass(frozen=True)
class Type:
    """A line at the prompt, sent or given up."""

    line: str
    opening: str
    end: str


@dataclass(frozen=True)
class Paste:
    """A text in brackets, into whatever has the focus."""

    text: str


@dataclass(frozen=True)
class Click:
    """The mouse, anywhere on the screen."""

    x: int
    y: int


@dataclass(frozen=True)
class Scroll:
    """The wheel, anywhere on the screen."""

    x: int
    y: int
    is_up: bool


@dataclass(frozen=True)
class Resize:
    """The terminal has another size."""

    width: int
    height: int


def events(trace: Trace) -> st.SearchStrategy[Press | Type | Paste | Click | Scroll | Resize]:
    """Anything that a terminal may send to a screen over this trace."""
    keys = st.sampled_from(KEYS) | st.sampled_from(OTHERS)
    typed = lines(trace).filter(lambda line: not is_outside(line) and line.isprintable())
    return st.one_of(
        st.builds(Press, st.lists(keys, min_size=1, max_size=6).map(tuple)),
        st.builds(Press, st.lists(keys, min_size=1, max_size=6).map(tuple)),
        st.builds(
            Type, typed, st.just("colon"), st.sampled_from(["enter", "enter", "escape", "tab"])
        ),
        st.builds(Type, st.sampled_from(SEARCHED), st.just("slash"), st.just("enter")),
        st.builds(Paste, st.text(max_size=20)),
        st.builds(Click, st.integers(0, 199), st.integers(0, 59)),
        st.builds(Scroll, st.integers(0, 199), st.integers(0, 59), st.booleans()),
        st.builds(Resize, WIDTHS, HEIGHTS),
    )
