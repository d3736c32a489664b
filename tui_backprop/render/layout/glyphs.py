"""The characters that a drawing is made of, in Unicode and in ASCII."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from tui_backprop.dataclass import dataclass
from tui_backprop.render.text.spans import width

if TYPE_CHECKING:
    from collections.abc import Callable

UP: Final = 1
DOWN: Final = 2
LEFT: Final = 4
RIGHT: Final = 8

Charset: TypeAlias = Literal["unicode", "ascii"]


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The characters of one set.

    Attributes:
        joints: per mask of light arms, times 16, plus mask of heavy arms, the character.
        upper, lower: left and right corners of a box that was pulled back through.
        up, down: arrow heads; ``heavy_up``, ``heavy_down`` on the current edge.
        ellipsis: what stands for text that was cut off.
    """

    joints: str
    upper: tuple[str, str]
    lower: tuple[str, str]
    up: str
    down: str
    heavy_up: str
    heavy_down: str
    ellipsis: str

    @property
    def light(self) -> str:
        """Per mask of light arms alone, the character."""
        return self.joints[::16]

    def text(self, text: str) -> str:
        """A label in this character set; what it does not have becomes ``?``, cell by cell."""
        if self.ellipsis != "~" or text.isascii():
            return text
        return "".join(c if c.isascii() else "?" * width(c) for c in text)

    def joint(self, light: int, heavy: int = 0) -> str:
        """The character whose arms these are; an arm in both is heavy."""
        return self.joints[light * 16 + heavy]


# by arms, each 0 none, 1 light, 2 heavy: up + 3·down + 9·left + 27·right
_BOX_DRAWING: Final = (
    " ╵╹╷│╿╻╽┃╴┘┚┐┤┦┒┧┨╸┙┛┑┥┩┓┪┫╶└┖┌├┞┎┟┠─┴┸┬┼╀┰╁╂╾┵┹┭┽╃┱╅╉╺┕┗┍┝┡┏┢┣╼┶┺┮┾╄┲╆╊━┷┻┯┿╇┳╈╋"
)


def _unicode_joint(light: int, heavy: int) -> str:
    arms = [2 if heavy >> k & 1 else light >> k & 1 for k in range(4)]
    return _BOX_DRAWING[sum(arm * 3**k for k, arm in enumerate(arms))]


def _ascii_joint(light: int, heavy: int) -> str:
    """``=`` and ``#`` are heavy; a heavy wire hides a light one that it crosses."""
    sideways, upright = LEFT | RIGHT, UP | DOWN
    if heavy:
        return "=" if not heavy & upright else "#"
    if not light:
        return " "
    if not light & upright:
        return "-"
    return "|" if not light & sideways else "+"


def _table(joint: Callable[[int, int], str]) -> str:
    return "".join(joint(light, heavy) for light in range(16) for heavy in range(16))


@cache
def glyphs_of(charset: Charset) -> Glyphs:
    """The characters of one set; its table is made when the first drawing needs it."""
    if charset == "ascii":
        return Glyphs(_table(_ascii_joint), (".", "."), ("'", "'"), "^", "v", "^", "v", "~")
    return Glyphs(_table(_unicode_joint), ("╭", "╮"), ("╰", "╯"), "▴", "▾", "▲", "▼", "…")
