"""Places as they are typed, ``X.grad[2]``, tied to what the panes call them, ``X.grad₃``.

Commands count from 0, subscripts from 1 unless the scenario says otherwise: where an answer names
an entry it names it both ways, once.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tui_backprop.dataclass import replace
from tui_backprop.debug.place_names import parse_place
from tui_backprop.errors import CommandError
from tui_backprop.language.message import Answer

if TYPE_CHECKING:
    from tui_backprop.render.text.names import Namer

_PLACE: Final = re.compile(r"(?<![\w.#∂'\"])(?:#\d+(?:\.grad)?|[^\W\d][\w@.]*)\[\d+(?:, ?\d+)*\]")


def tied_answer(answer: Answer, namer: Namer) -> Answer:
    """An answer whose first line names its first place both ways."""
    if not answer.lines:
        return answer
    first, *others = answer.lines
    return Answer((replace(first, text=tied(first.text, namer)), *others))


def tied(text: str, namer: Namer) -> str:
    """A text whose first place is named both ways: ``X.grad₃ (X.grad[2]) = 4``.

    Where both count from 0 they say the same, and nothing is added.
    """
    if not namer.subscripts:
        return text
    for found in _PLACE.finditer(text):
        name = _name(found[0], namer)
        if name:
            return f"{text[: found.start()]}{name} ({found[0]}){text[found.end() :]}"
    return text


def _name(place: str, namer: Namer) -> str:
    """What the panes call a place; empty where it is none of this graph."""
    try:
        found = parse_place(place, namer.graph)
    except CommandError:
        return ""
    if found.flat is None:
        return ""
    name = namer.gradient if found.is_gradient else namer.entry
    return name(found.node, found.flat)
