"""What is kept of the numbers of a pass."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from tui_backprop.errors import ArgumentError
from tui_backprop.language.message import one_of, said

Keep: TypeAlias = Literal["all", "norms"]
"""Every number, or of large arrays the norms."""

KEEPS: Final[tuple[Keep, ...]] = "all", "norms"


def check_keep(keep: object) -> None:
    """Refuse what is no way to keep; None leaves it to the walk."""
    if keep is not None and keep not in KEEPS:
        raise ArgumentError(
            said(
                "keep must be {choices}, not {found}", choices=one_of(KEEPS), found=f"{keep!r:.60}"
            )
        )
