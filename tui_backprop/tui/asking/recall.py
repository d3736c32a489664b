"""Lines that come back and words that are offered, in a line that is being typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.dataclass import dataclass, replace
from tui_backprop.render.text.spans import clip

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Recall:
    """A way through earlier lines; what was typed itself is the last of them."""

    def __init__(self, history: Sequence[str]) -> None:
        """Begin behind the last of some lines."""
        self._history = history
        self._typed = ""
        self._at = len(history)
        self._shown: str | None = None
        self._wanted: Callable[[str], bool] = bool

    def add(self, line: str) -> None:
        """A line that failed can be had again here, as long as the prompt is open."""
        self._history = [*self._history, line]

    def step(self, by: int, line: str, wanted: Callable[[str], bool]) -> str:
        """The next line that is wanted, or the same where there is none.

        Args:
            by: -1 for an earlier one, 1 for a later one.
            line: what stands in the prompt.
            wanted: whether a line is looked for; asked anew only where somebody has typed since.
        """
        if line != self._shown:
            self._typed, self._at, self._wanted = line, len(self._history), wanted
        at = self._at + by
        while 0 <= at < len(self._history):
            found = self._history[at]
            if found != line and self._wanted(found):
                return self._show(at, found)
            at += by
        if by > 0:
            return self._show(len(self._history), self._typed)
        return self._show(self._at, line)

    def _show(self, at: int, line: str) -> str:
        self._at, self._shown = at, line
        return line


@dataclass(frozen=True, slots=True)
class Offer:
    """Words that one may mean, offered one after the other.

    Attributes:
        line: as it stands with the word that is offered now.
        head: what stands before the word.
        words: what it may be.
        tail: what stands behind it.
        kept: where in the line that which was not typed begins.
        at: which of them is offered; None before the first.
    """

    line: str = ""
    head: str = ""
    words: tuple[str, ...] = ()
    tail: str = ""
    kept: int = 0
    at: int | None = None

    def next(self, by: int) -> Offer:
        """The next word, or the one before."""
        before = self.at if self.at is not None else -1 if by > 0 else 0
        at = (before + by) % len(self.words)
        return replace(self, at=at, line=self.head + self.words[at] + self.tail)

    @property
    def added(self) -> tuple[int, int]:
        """From where to where the line is an offer, and no typed text."""
        return self.kept, len(self.line) - len(self.tail)

    def shown(self, cells: int) -> str:
        """The words in a row, from the one that is offered on."""
        at = self.at or 0
        return clip("  ".join((*self.words[at:], *self.words[:at])), cells)


def common_start(words: Sequence[str]) -> str:
    """The longest text that all the words begin with."""
    first, last = min(words), max(words)
    same = next((k for k, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), None)
    return first[: min(len(first), len(last))] if same is None else first[:same]
