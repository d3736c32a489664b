"""Commands that go into and out of modules and composed ops without moving the cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.debug.commands.command import Command, nothing
from tui_backprop.debug.place_names import no_such_layer
from tui_backprop.errors import CommandError
from tui_backprop.language.message import said
from tui_backprop.timeline.landmarks import event_node

if TYPE_CHECKING:
    from tui_backprop.debug.session import Session


def _fold(session: Session, argument: str) -> str:
    nothing(argument)
    _check_modules(session)
    if not session.inside:
        outside = said("this is outside of all modules: 'unfold' goes into one")
        if session.trace.graph.composed:
            outside = said("this is outside of all composed ops: 'unfold' goes into one")
        raise CommandError(outside)
    session.inside = session.modules.outer(session.inside)
    return _where(session)


def _unfold(session: Session, argument: str) -> str:
    _check_modules(session)
    module = argument.strip().removesuffix(".*")
    found = session.modules.named(module) if module else _folded_here(session)
    if found is None and module:
        raise no_such_layer(session.trace.graph, module)
    if found is None:
        none = said("no module is folded here: 'unfold MODULE' goes into one")
        if session.trace.graph.composed:
            none = said("no composed op is folded here: 'unfold NAME' goes into one")
        raise CommandError(none)
    session.inside = found
    return _where(session)


def _check_modules(session: Session) -> None:
    if session.modules.is_plain:
        raise CommandError(
            said(
                "no node here belongs to a module: 'with tb.recording():' around the "
                "forward pass of a PyTorch model notes them"
            )
        )


def _folded_here(session: Session) -> str | None:
    """The module that the row of the cursor stands for, else that of the step to come."""
    folding = session.modules.seen_from(session.inside)
    for k in range(session.cursor, min(session.cursor + 2, session.timeline.length)):
        node = event_node(session.timeline, k)
        row = folding.row_of(node) if node >= 0 else -1
        if row >= 0 and folding.is_group(row):
            return session.modules.inner(folding.row(row))
    return None


def _where(session: Session) -> str:
    if not session.inside and session.trace.graph.composed:
        return said("outside of all composed ops")
    if not session.inside:
        return said("outside of all modules")
    return said("in {module}", module=session.inside)


_GROUP: Final = said("Moving")

FOLDING: Final[tuple[Command, ...]] = (
    Command("unfold", said("Into a module, or a composed op, that is one row; nothing moves."),
            _unfold, ("(",), said("[MODULE]"), "", (), _GROUP,
            said(
                "Without MODULE: the one at the cursor, else the one that comes next. The row of "
                "a\nfolded module is written encoder.*, that of a composed op as any op is, and "
                "the\nsecond call of celu is celu@2; step goes in, next goes over it."
            )),
    Command("fold",
            said("Out of what one is in; nothing moves, and next goes over the rest."),
            _fold, (")",), "", "", (), _GROUP),
)  # fmt: skip
