"""Places as they are typed, ``X.grad[2]``, tied to what the panes call them, ``X.grad₃``.

Commands count from 0, subscripts from 1 unless the scenario says otherwise. Where an answer names
an entry it names it both ways, once; in an answer about entries all others are then called as in
the panes, beside which it is read, and what stands in quotes can be typed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.dataclass import replace
from tui_backprop.debug.place_names import parse_place
from tui_backprop.errors import CommandError
from tui_backprop.pattern import pattern

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.language.message import Answer
    from tui_backprop.render.text.names import Namer

_BARE: Final = r"(?:#\d+(?:\.grad)?|[^\W\d][\w@.]*)\[\d+(?:, ?\d+)*\]"
_PLACE: Final = pattern(rf"(?<![\w.#∂'\"]){_BARE}")
_ANY: Final = pattern(rf"(?<!\w)'[^']*'|“[^”]*”|\"[^\"]*\"|(?<![\w.#])({_BARE})")
"""Any place; what is quoted is matched first, and passed by."""


def tied_answer(answer: Answer, namer: Namer) -> Answer:
    """An answer whose first line names its first place both ways; see the module.

    Where both count from 0 they say the same, and nothing is added.
    """
    if not answer.lines or not namer.subscripts:
        return answer
    first, *others = answer.lines
    shown = _shown if answer.is_about_entries else _as_it_is
    head = tied(first.text, namer, shown)
    lines = (line if line.is_code else replace(line, text=shown(line.text, namer))
             for line in others)  # fmt: skip
    return replace(answer, lines=(replace(first, text=head), *lines))


def _as_it_is(text: str, _namer: Namer) -> str:
    return text


def _shown(text: str, namer: Namer) -> str:
    """A text with every place as the panes call it."""
    return _ANY.sub(lambda found: (found[1] and _name(found[1], namer)) or found[0], text)


def tied(text: str, namer: Namer, rest: Callable[[str, Namer], str] = _as_it_is) -> str:
    """A text whose first place is named both ways: ``X.grad₃ (X.grad[2]) = 4``.

    Args:
        text: of a line.
        namer: calls places as the panes do.
        rest: what is done with the text before it and behind it.
    """
    for found in _PLACE.finditer(text):
        name = _name(found[0], namer)
        if name:
            before, behind = text[: found.start()], text[found.end() :]
            return f"{rest(before, namer)}{name} ({found[0]}){rest(behind, namer)}"
    return rest(text, namer)


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
