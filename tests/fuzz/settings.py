"""Configurations: tables of keys that fit, do not, or are no TOML."""

from __future__ import annotations

from typing import Any, Final

from hypothesis import strategies as st

from tests.fuzz.changed import WILD, changed
from tui_backprop.tui.commands import ALL_COMMANDS

NAMES: Final = (*(command.name for command in ALL_COMMANDS), "stpe", "", "a b", '"', "keys")
KEYS: Final = ("s", "x", "right", "ctrl+x", "shift+f5", "f12", "space", "colon", "slash", "escape",
               "enter", "tab", "ctrl+c", "ctrl+q", "question_mark", "q", "é", "ё", "", ",", "+",
               "a,b",
               "x, right", "ctrl+", "hello world", "\\u001b", "A", "1", "left_square_bracket",
               "ctrl+shift+alt+x", "comma", "nothing", "x" * 300)  # fmt: skip
VALUES: Final = ('"{}"', "'{}'", '["{}"]', "{{a = '{}'}}", "3", "true", "1979-05-27", '"""\n{}"""')
PIECES: Final = (*WILD, *KEYS, "[keys]\n", "[[keys]]\n", "keys = 1\n", "keys.step = 'x'\n",
                 "step = ",
                 "[", "]", "'''", '"""', "\\U00110000", "\\ud800", "0x", "inf", "{",
                 "}")  # fmt: skip


@st.composite
def tables(draw: st.DrawFn) -> str:
    """A table of keys."""
    rows = ["[keys]"]
    for _ in range(draw(st.integers(0, 8))):
        value = draw(st.sampled_from(VALUES)).format(draw(st.sampled_from(KEYS)))
        name = draw(st.sampled_from(NAMES))
        rows.append(f"{name if name.replace('-', '').isalnum() else repr(name)} = {value}")
    return "\n".join(rows) + "\n"


def configurations() -> st.SearchStrategy[bytes]:
    """What stands in a configuration file."""
    edited: Any = tables().flatmap(lambda text: changed(text, PIECES))
    texts = st.one_of(tables(), edited).map(lambda text: text.encode("utf-8", "surrogatepass"))
    return st.one_of(texts, texts, st.binary(max_size=40).map(lambda raw: b"[keys]\n" + raw))
