"""A screen that knows how each role looks.

It stands apart so that the roles are styled once per screen, not once per pane: a stylesheet that
is asked ten times instead of a hundred starts the program noticeably sooner.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from textual.screen import Screen

from tui_backprop.render.text.spans import ROLES

if TYPE_CHECKING:
    from collections.abc import Sequence

_COLUMNS: Final = ((0, "-slim"), (60, "-narrow"), (100, "-wide"), (150, "-vast"))
_LINES: Final = ((0, "-tiny"), (10, "-low"), (20, "-compact"), (30, "-full"), (44, "-tall"))


class RoleScreen(Screen[None]):
    """Has a component class for each role, to be coloured in ``app.tcss``."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"role--{role}" for role in ROLES if role}
    AUTO_FOCUS = ""
    # Textual declares these as instance variables.
    HORIZONTAL_BREAKPOINTS = [*_COLUMNS]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [*_LINES]  # noqa: RUF012

    @staticmethod
    def classes_of(width: int, height: int) -> str:
        """The classes that Textual would give it after its first layout, which is one too late."""
        return f"{_reached(width, _COLUMNS)} {_reached(height, _LINES)}"


def _reached(length: int, breakpoints: Sequence[tuple[int, str]]) -> str:
    """The class of the last breakpoint that is not above ``length``."""
    return [name for least, name in breakpoints if length >= least][-1]
