"""All of what is done to a session, or nothing.

It stands apart from the session, each of whose own moves is whole: several commands that belong
together are not.
"""

from __future__ import annotations

from contextlib import contextmanager
from copy import copy
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.debug.session import Session


@contextmanager
def all_or_nothing(session: Session) -> Iterator[None]:
    """Put a session back to what it was where an error, or giving up, ends what is done inside."""
    kept, trials = copy(session), copy(session.trials)
    try:
        yield
    except BaseException:
        vars(session).update(vars(kept), trials=trials)
        raise
