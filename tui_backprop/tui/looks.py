"""Commands that change how the walk looks: what each does, and how the look of now is typed.

A command that is typed alone goes to the next look, which is another one on another screen. So what
is recorded, and what a replay goes back to, is the argument that gives the look that there is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from tui_backprop.errors import CommandError
from tui_backprop.language.catalogue import language_after, language_of, languages
from tui_backprop.language.message import joined, said
from tui_backprop.render.text.charset import shown_languages
from tui_backprop.spelling import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tui_backprop.tui.desk import Desk


class Look(NamedTuple):
    """One side of how the walk looks.

    Attributes:
        choose: takes the rest of the line, which may be empty; returns what to report.
        now: the argument with which the command gives the look that there is now.
    """

    choose: Callable[[Desk, str], str | None]
    now: Callable[[Desk], str]


def chosen(argument: str, known: Iterable[str]) -> str:
    """An argument that is one of several words, or empty.

    Raises:
        CommandError: it is another one.
    """
    word, known = argument.strip(), tuple(known)
    if not word or word in known:
        return word
    hint = nearest(word, known) or said("there are: {names}", names=joined(", ", known))
    raise CommandError(said("unknown: '{word}'; {hint}", word=word[:_MOST], hint=hint))


_MOST: Final = 40
"""Characters of what was typed that a message repeats."""


_DRAWN: Final[dict[str, Literal["tape", "drawing", "auto"]]] = {
    "on": "tape", "off": "drawing", "auto": "auto",
}  # fmt: skip


def _choose_tape(desk: Desk, argument: str) -> str:
    word = chosen(argument, _DRAWN)
    if word:
        desk.view_model.graph_view = _DRAWN[word]
    else:
        desk.toggle_tape()
    return ""


def _tape_now(desk: Desk) -> str:
    return next(word for word, view in _DRAWN.items() if view == desk.view_model.graph_view)


def _choose_total(desk: Desk, argument: str) -> str:
    word = chosen(argument, ("on", "off"))
    view_model = desk.view_model
    view_model.total = word == "on" if word else not view_model.total
    return said("J of the whole graph") if view_model.total else said("J of this edge")


def _total_now(desk: Desk) -> str:
    return "on" if desk.view_model.total else "off"


def _language_now(desk: Desk) -> str:
    return desk.view_model.language


def _choose_language(desk: Desk, argument: str) -> str:
    shown, now = shown_languages(desk.view_model.charset), desk.view_model.language
    wanted = argument.strip() or language_after(now, shown)
    if wanted in languages() and wanted not in shown:
        raise CommandError(said("'{code}' needs characters that ASCII lacks", code=wanted))
    if wanted not in shown:
        there = joined(", ", shown)
        raise CommandError(
            said("there is no language '{code}'; there are: {there}", code=wanted, there=there)
        )
    desk.view_model.language = wanted
    name, after = desk.view_model.spoken.name, language_after(wanted, shown)
    if after == wanted:
        return name
    # Whoever came here by chance reads the other language, and its name at the least.
    key = next(iter(desk.keys.get("language", ())), f":language {after}")
    return said(
        "language: {name} · {key}: {other}", name=name, key=key, other=language_of(after).name
    )


def _choose_pane(desk: Desk, argument: str) -> str:
    word = argument.strip()
    if word:
        desk.maximize_pane("" if word == "off" else word)
    else:
        desk.toggle_maximized()
    return ""


def _choose_answer(desk: Desk, argument: str) -> str:
    word = chosen(argument, ("on", "large", "off"))
    if word == "off":
        desk.close_answer()
        return ""
    if not word or desk.answer_size == "off":
        desk.toggle_answer()
    if word and word != desk.answer_size:
        desk.toggle_answer()
    return ""


TAPE: Final = Look(_choose_tape, _tape_now)
TOTAL: Final = Look(_choose_total, _total_now)
LANGUAGE: Final = Look(_choose_language, _language_now)
PANE: Final = Look(_choose_pane, lambda desk: desk.maximized_pane or "off")
ANSWER: Final = Look(_choose_answer, lambda desk: desk.answer_size)
