"""Commands that change how the walk looks: what each does, and how the look of now is typed.

A command that is typed alone goes to the next look, which is another one on another screen. So what
is recorded, and what a replay goes back to, is the argument that gives the look that there is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from tui_backprop.debug.place_names import node_for_total, words_for_node
from tui_backprop.errors import CommandError
from tui_backprop.graph.naming import label
from tui_backprop.language.catalogue import language_after, language_of, languages
from tui_backprop.language.message import joined, said
from tui_backprop.named_tuple import NamedTuple
from tui_backprop.render.text.charset import shown_languages
from tui_backprop.spelling import nearest
from tui_backprop.timeline.step_facts import whole_input

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tui_backprop.tui.desk import Desk
    from tui_backprop.tui.view_model import ViewModel


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
    word, view_model = argument.strip(), desk.view_model
    graph = view_model.session.trace.graph
    head, _, rest = word.partition(" ")
    if word in {"on", "off"} and word not in graph.names:
        view_model.total, view_model.product, view_model.by = word == "on", False, None
    elif head == "product" and head not in graph.names:
        by = node_for_total(graph, rest) if rest.strip() else None
        view_model.total, view_model.product, view_model.by = False, True, by
    elif word:
        by = node_for_total(graph, word, meant=("on", "off", "product"))
        view_model.total, view_model.product, view_model.by = True, False, by
    else:
        _next_total(view_model)
    if view_model.product:
        return said("J as the product of local ones along a path")
    if not view_model.total:
        return said("J of this edge")
    if view_model.by is None:
        return said("J of the whole graph")
    return said("J of the whole graph by {name}", name=label(graph, view_model.by))


def _next_total(view_model: ViewModel) -> None:
    """From J of the edge over J by each of the inputs, that of the edge first.

    Then comes the product along the path, and J of the edge again.
    """
    session = view_model.session
    edge, inputs = session.frame.edge, [*session.trace.graph.inputs.values()]
    first = None if edge is None else whole_input(session.frame, edge)
    order: list[int | None] = [None, *(n for n in inputs if n != first)] if edge else [None]
    at = order.index(view_model.by) if view_model.by in order else len(order)
    if view_model.product:
        view_model.product, view_model.by = False, None
    elif not view_model.total:
        view_model.total, view_model.by = True, None
    elif at + 1 < len(order):
        view_model.by = order[at + 1]
    else:
        view_model.total, view_model.product, view_model.by = False, True, None


def _total_now(desk: Desk) -> str:
    view_model = desk.view_model
    graph, by = view_model.session.trace.graph, view_model.by
    if view_model.product:
        return "product" if by is None else f"product {words_for_node(graph, by)}"
    if view_model.total and by is not None:
        return words_for_node(graph, by)
    return "on" if view_model.total else "off"


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


def _choose_presenter(desk: Desk, argument: str) -> str:
    word = chosen(argument, ("on", "off"))
    desk.present(is_presenting=word == "on" or (not word and not desk.is_presenting))
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
PRESENTER: Final = Look(_choose_presenter, lambda desk: "on" if desk.is_presenting else "off")
