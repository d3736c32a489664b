"""What is remembered of rounds from one time to the next, in one small file.

A file that is broken, or that somebody else wrote, is set aside and not lost; nothing about it
keeps a round from being asked.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from tui_backprop.dataclass import dataclass
from tui_backprop.files import FileError, read_regular, set_aside, write_whole
from tui_backprop.language.message import said

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tui_backprop.debug.quiz.question import Question
    from tui_backprop.debug.quiz.quiz import Quiz

_FORMAT: Final = 1
_MOST_BYTES: Final = 1 << 20
_MOST_KEPT: Final = 500
"""Scenarios that are remembered; the one not asked for longest gives way."""
_LONGEST: Final = 200
"""Characters of the name of a scenario."""


@dataclass(frozen=True, slots=True)
class Past:
    """The rounds of one scenario.

    Attributes:
        rounds: how many there were.
        right: how many answers were right in the last one.
        count: of how many.
        best: the most that were right in one.
        left: how many questions of the last one were done with when it was left; 0 where it was
            not, or before the first.
    """

    rounds: int
    right: int
    count: int
    best: int
    left: int = 0

    @property
    def text(self) -> str:
        """How it went the last time."""
        return said("the last time: {right} of {count} right; the best: {best}",
                    right=self.right, count=self.count, best=self.best)  # fmt: skip


class Progress:
    """The file, read when it is first asked and written whole after each round.

    Attributes:
        notice: what a person should know of the file; empty where there is nothing.
    """

    def __init__(self, path: Path | None) -> None:
        """Remember in a file; nowhere where none is named."""
        self.notice = ""
        self._path = path
        self._known: dict[str, Past] | None = None

    def past(self, scenario: str) -> Past | None:
        """How it went before; None for the first time."""
        return self._read().get(scenario[:_LONGEST])

    def going_on(self, scenario: str, questions: tuple[Question, ...]) -> Quiz:
        """A round of questions: the one that was left, where it was left, or a new one."""
        from tui_backprop.debug.quiz.quiz import Quiz

        past = self.past(scenario)
        if past is None or past.count != len(questions) or past.left >= past.count:
            return Quiz(questions)
        return Quiz(questions, earlier=past.left, earlier_right=past.right if past.left else 0)

    def remember(self, scenario: str, quiz: Quiz) -> None:
        """Add a round, or what was done of it; that it cannot be written is noticed and no more.

        Where no question was done with, nothing is added.
        """
        if self._path is None or not quiz.results:
            return
        known, name = self._read(), scenario[:_LONGEST]
        before = known.pop(name, None)
        rounds, best = (0, 0) if before is None else (before.rounds, before.best)
        count = len(quiz.questions)
        left = quiz.done % count
        known[name] = Past(
            rounds + (not quiz.earlier), quiz.right, count, max(best, quiz.right), left
        )
        kept = list(known.items())[-_MOST_KEPT:]
        body = {
            "format": _FORMAT,
            "scenarios": {
                n: {
                    "rounds": p.rounds,
                    "right": p.right,
                    "count": p.count,
                    "best": p.best,
                    "left": p.left,
                }
                for n, p in kept
            },
        }
        text = json.dumps(body, ensure_ascii=False, indent=1) + "\n"
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(self._path, text.encode("utf-8", "replace"))
        except (OSError, FileError) as error:
            self.notice = said("what was right is not remembered: {error}", error=str(error))

    def _read(self) -> dict[str, Past]:
        if self._known is None:
            self._known = {} if self._path is None else self._from(self._path)
        return self._known

    def _from(self, path: Path) -> dict[str, Past]:
        if not path.exists():
            return {}
        try:
            found = _understood(json.loads(read_regular(path, _MOST_BYTES)))
        except (FileError, ValueError, RecursionError):
            found = None
        if found is None:
            self._put_aside(path)
        return found or {}

    def _put_aside(self, path: Path) -> None:
        try:
            kept = set_aside(path)
        except FileError:
            self.notice = said("{file} is not ours to read, and stays as it is", file=path)
            self._path = None
        else:
            self.notice = said("{file} could not be read; it is kept as {kept}", file=path,
                               kept=kept.name)  # fmt: skip


def _understood(body: Any) -> dict[str, Past] | None:
    """What the file holds; None where it is not one of ours."""
    if not isinstance(body, dict) or body.get("format") != _FORMAT:
        return None
    scenarios = body.get("scenarios")
    if not isinstance(scenarios, dict):
        return None
    found = {name: _past(one) for name, one in scenarios.items()}
    known = {name: past for name, past in found.items() if past is not None}
    return known if len(known) == len(found) else None


def _past(one: Mapping[str, Any] | Any) -> Past | None:
    if not isinstance(one, dict):
        return None
    numbers = [one.get(key) for key in ("rounds", "right", "count", "best")]
    numbers.append(one.get("left", 0))  # a file of an earlier version has none
    if any(type(n) is not int or not 0 <= n < 10**9 for n in numbers):
        return None
    return Past(*numbers)  # type: ignore[arg-type]  # they are whole numbers, by the line above
