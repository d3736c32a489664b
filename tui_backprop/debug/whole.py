"""All of what is done to a session, or nothing.

It stands apart from the session, each of whose own moves is whole: several commands that belong
together are not.
"""

from __future__ import annotations

from contextlib import contextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tui_backprop.debug.session import Session

    State: TypeAlias = Mapping[str, Any]
    """What a session was at some moment."""

_APART: Final = ("listener", "_shown")
"""Who listens is no part of the walk; what was looked at follows from it."""


def taken(session: Session) -> State:
    """Everything that commands can change in a session; what did not change is shared."""
    state = vars(session).copy()
    for name in _APART:
        del state[name]
    return MappingProxyType(state)


def put_back(session: Session, state: State) -> None:
    """Make a session what it was."""
    vars(session).update(state)


@contextmanager
def all_or_nothing(session: Session) -> Iterator[None]:
    """Put a session back to what it was where an error, or giving up, ends what is done inside."""
    state = taken(session)
    try:
        yield
    except BaseException:
        put_back(session, state)
        raise
