"""What the picker offers, in groups: the shipped scenarios, and the replays that walk them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.api import load
from tui_backprop.dataclass import dataclass
from tui_backprop.errors import TuiBackpropError
from tui_backprop.language.catalogue import language_of
from tui_backprop.language.message import said
from tui_backprop.limits import DEFAULT_LIMITS
from tui_backprop.render.text.spans import printable
from tui_backprop.scenario.files import (
    decode,
    folder,
    is_replay,
    read_bytes,
    shipped_replays,
    with_hunts,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_FIRST: Final = ("vector-double.yaml", "seed.replay")
"""What somebody opens who has never seen the program: a walk to try, and one that is told."""
_START: Final = said("Start here")
_GROUPS: Final = {
    "": said("First examples"),
    "families": said("Parts of networks"),
    "lessons": said("Lessons, with 'tui-backprop learn'"),
    "hunts": said("Hunts: a bug is planted"),
    "nonfinite": said("NaN and infinities"),
    "published": said("From lectures and papers"),
    "replays": said("Replays: walks that are told"),
}
"""A heading for each folder; another folder is headed by its name."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the picker.

    Attributes:
        path: of a scenario or a replay.
        group: the heading that it stands under.
        is_first: whether it stands there for a second time, to be found at once.
    """

    path: Path
    group: str
    is_first: bool = False

    @property
    def name(self) -> str:
        """What it goes by."""
        return printable(self.path.stem)

    def title(self, language: str) -> str:
        """The title of a scenario; of a replay its chapters. Reading it takes a moment."""
        spoken = language_of(language)
        try:
            if is_replay(self.path):
                return printable(spoken.retold(said(
                    "replay: {chapters}", chapters=" · ".join(_chapters(self.path, language))
                )))  # fmt: skip
            return printable(load(self.path).model.title.get(language))
        except TuiBackpropError as error:
            problem = next(iter(spoken.retold(str(error)).splitlines()), "")
            return printable(spoken.retold(said("cannot be read: {problem}", problem=problem)))


def _chapters(path: Path, language: str) -> Iterator[str]:
    from tui_backprop.debug.replay.reader import read
    from tui_backprop.debug.replay.script import Mark, text_in

    text = decode(read_bytes(path, DEFAULT_LIMITS), str(path), DEFAULT_LIMITS)
    for line in read(text, str(path)).lines:
        if isinstance(line.act, Mark):
            yield text_in(line.act.name, language)


def entries() -> tuple[Entry, ...]:
    """All of them, group by group."""
    paths = (*with_hunts(), *shipped_replays())
    first = [path for name in _FIRST for path in paths if path.name == name]
    return (
        *(Entry(path, _START, is_first=True) for path in first),
        *(Entry(path, _group(path)) for path in paths),
    )


def _group(path: Path) -> str:
    name = "" if path.parent == folder() else path.parent.name
    return _GROUPS.get(name, name)
