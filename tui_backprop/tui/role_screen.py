"""A screen that knows how each role looks.

It stands apart so that the roles are styled once per screen, not once per pane: a stylesheet that
is asked ten times instead of a hundred starts the program noticeably sooner.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.screen import Screen

from tui_backprop.render.spans import ROLES

if TYPE_CHECKING:
    from collections.abc import Sequence


class RoleScreen(Screen[None]):
    """Has a component class for each role, to be coloured in ``app.tcss``."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"role--{role}" for role in ROLES if role}
    AUTO_FOCUS = ""
    HORIZONTAL_BREAKPOINTS: ClassVar[list[tuple[int, str]]] = [
        (0, "-slim"), (60, "-narrow"), (100, "-wide"), (150, "-vast"),
    ]  # fmt: skip
    VERTICAL_BREAKPOINTS: ClassVar[list[tuple[int, str]]] = [
        (0, "-tiny"), (10, "-low"), (20, "-compact"), (30, "-full"), (44, "-tall"),
    ]  # fmt: skip

    @classmethod
    def classes_of(cls, width: int, height: int) -> str:
        """The classes that Textual would give it after its first layout, which is one too late."""
        columns = _reached(width, cls.HORIZONTAL_BREAKPOINTS)
        return f"{columns} {_reached(height, cls.VERTICAL_BREAKPOINTS)}"


def _reached(length: int, breakpoints: Sequence[tuple[int, str]]) -> str:
    """The class of the last breakpoint that is not above ``length``."""
    return [name for least, name in breakpoints if length >= least][-1]
