"""What `help` says on a screen beside what the debugger knows: its own commands, and the keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.language.message import Answer, AnswerLine, said
from tui_backprop.tui.commands import ALL_COMMANDS, VIEW_COMMANDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def about_view_command(word: str) -> Answer | None:
    """All about a command of the screen by its name or alias; None where there is none."""
    found = next((c for c in VIEW_COMMANDS if word in {c.name, *c.aliases}), None)
    if found is None:
        return None
    return Answer((AnswerLine(found.usage), AnswerLine(found.help)))


def about_key(keys: Mapping[str, Sequence[str]], key: str) -> Answer | None:
    """What a key does: its command, as that is typed, and its help; None where it does nothing.

    Args:
        keys: those in force, by command name.
        key: as a person writes it.
    """
    found = next((c for c in ALL_COMMANDS if key in keys.get(c.name, ())), None)
    if found is None:
        return None
    text = said("the key {key} is the command {usage}", key=key, usage=found.usage)
    return Answer((AnswerLine(text), AnswerLine(found.help)))
