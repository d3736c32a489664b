"""Handouts of a walk in which a bug is planted: the walk without it, and what is said of it.

What a class computes or runs by itself is to be right, so sheets and scripts are of the walk
without the bug; held beside the walk they help to find it. Pages and graphs show the walk itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.dataclass import replace
from tui_backprop.graph.naming import label
from tui_backprop.language.catalogue import language_of
from tui_backprop.language.message import joined, said
from tui_backprop.render.view import printed_view, shown_title
from tui_backprop.rules.planted.kinds import TOLD

if TYPE_CHECKING:
    from tui_backprop.exports.subject import Subject


def righted(subject: Subject) -> Subject:
    """The same with the right derivatives; the subject itself where nothing is planted."""
    planted = subject.model.planted
    if planted is None:
        return subject
    view, timeline = subject.view, subject.timeline
    walk = subject.traced(planted.truth).walked_with(timeline.tangents, zeros=timeline.zeros)
    model = replace(subject.model, graph=planted.truth, planted=None)
    # A transposed row may have another number of steps.
    frame = walk[min(view.frame.k, len(walk) - 1)]
    shown = printed_view(model, frame, view.language, view.charset, symbolic=view.symbolic)
    return replace(subject, view=shown, model=model)


def script_warning(subject: Subject) -> str:
    """What a script of the walk without the bug says of it; empty where nothing is planted."""
    if subject.model.planted is None:
        return ""
    return said("A bug is planted in the walk: the gradients here are the right ones, and differ "
                "from the walk's.")  # fmt: skip


def sheet_warning(subject: Subject, *, is_answered: bool) -> str:
    """What a sheet says of it: on the one to fill in nothing of where; empty without a plant."""
    planted = subject.model.planted
    if planted is None:
        return ""
    if not is_answered:
        return said("A bug is planted in the walk: compute here what is right, and find where the "
                    "walk departs from it.")  # fmt: skip
    plant = planted.plant
    names = joined(", ", [label(planted.truth, n) for n in sorted(plant.nodes)])
    return said("Planted in the walk: {bug} at {node} ({told}). The answers here are the right "
                "ones.", bug=plant.bug, node=names, told=TOLD[plant.bug])  # fmt: skip


def told_title(subject: Subject, language: str) -> str:
    """The title of what shows the walk itself, which says where that has a bug."""
    title = shown_title(subject.model, language)
    if subject.model.planted is None:
        return title
    say = language_of(language).say
    return say("{title} (a hunt: a bug is planted in the backward pass)", title=title)
