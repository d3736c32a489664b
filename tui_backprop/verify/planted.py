"""What the witnesses say of a walk with a planted bug, without where it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.dataclass import replace
from tui_backprop.language.message import said
from tui_backprop.verify.report import Testimony

if TYPE_CHECKING:
    from collections.abc import Iterator


def unseen() -> Testimony:
    """What is said where a plant does not do what it must: make the walk wrong there alone."""
    remark = said("on these numbers no witness sees the planted bug, or it is not alone")
    return Testimony("plant", 1, 1, disagreed=1, remark=remark)


def without_places(testimonies: tuple[Testimony, ...]) -> tuple[Testimony, ...]:
    """The testimonies, each without the entries that differ but for gradients of inputs.

    A local partial that differs would name the node; what a gradient is by differences does not.
    """
    return tuple(_without(testimonies))


def _without(testimonies: tuple[Testimony, ...]) -> Iterator[Testimony]:
    for one in testimonies:
        if not one.disagreed or one.witness in {"differences", "expect"}:
            yield one
            continue
        remark = said("a bug is planted: where it differs is for you to find")
        yield replace(one, worst=None, disagreements=(), disagreed=one.disagreed, remark=remark)
