"""What a replay holds: its scenario, and line by line what is done, said and claimed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from tui_backprop.dataclass import dataclass
from tui_backprop.named_tuple import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Text: TypeAlias = Mapping[str, str]
    """By language; a text without one stands under the empty string."""


@dataclass(frozen=True, slots=True)
class Do:
    """A command of the debugger."""

    command: str


@dataclass(frozen=True, slots=True)
class Look:
    """A command of the screen, about how the walk looks; without a screen it means nothing."""

    command: str


@dataclass(frozen=True, slots=True)
class Say:
    """Narration."""

    text: Text


@dataclass(frozen=True, slots=True)
class Mark:
    """A chapter begins."""

    name: Text


@dataclass(frozen=True, slots=True)
class Claim:
    """An expression that must hold here."""

    expression: str


@dataclass(frozen=True, slots=True)
class Wait:
    """Some time in which nothing happens."""

    seconds: float


Act: TypeAlias = Do | Look | Say | Mark | Claim | Wait


class Line(NamedTuple):
    """One line that does something; a tuple, because there may be a hundred thousand.

    Attributes:
        number: in the file, from 1.
        act: what it does.
        at: seconds after the beginning, where the line says so.
    """

    number: int
    act: Act
    at: float | None = None


@dataclass(frozen=True, slots=True)
class Script:
    """A whole replay.

    Attributes:
        scenario: a shipped name, or a path relative to the replay.
        sha256: of the scenario's file when it was recorded; empty where the header does not say.
        lines: in order.
        dropped: the last line, where it was cut short and means nothing.
    """

    scenario: str
    sha256: str
    lines: tuple[Line, ...]
    dropped: str = ""


def text_in(text: Text, language: str) -> str:
    """A text in a language, else without one, else in English, else in any there is."""
    for wanted in (language, "", "en"):
        if wanted in text:
            return text[wanted]
    return next(iter(text.values()), "")


TITLE: Final = "# tui-backprop replay"
FORMAT: Final = "1"
_ESCAPES: Final = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n"})


def write(script: Script) -> Iterator[str]:
    """The lines of its file, without their ends. Line numbers are not kept, comments neither."""
    yield from header(script.scenario, script.sha256)
    for line in script.lines:
        yield written(line)


def header(scenario: str, sha256: str) -> Iterator[str]:
    """The lines above the first command."""
    yield TITLE
    yield f"replay: {FORMAT}"
    yield f"scenario: {quoted_name(scenario)}"
    if sha256:
        yield f"sha256: {sha256}"
    yield ""


def quoted_name(scenario: str) -> str:
    """A name as it is, or quoted as JSON does where a line could not hold it as it is."""
    if scenario.isprintable() and scenario == scenario.strip() and not scenario.startswith('"'):
        return scenario
    from json import dumps

    return dumps(scenario)


def written(line: Line) -> str:
    """One line."""
    return _act(line.act) if line.at is None else f"@{line.at:.3f} {_act(line.act)}"


def _act(act: Act) -> str:
    if isinstance(act, Do | Look):
        return act.command
    if isinstance(act, Claim):
        return f"assert {act.expression}"
    if isinstance(act, Wait):
        return f"wait {act.seconds!r}"
    if isinstance(act, Say):
        return f"say {_quoted(act.text)}"
    if isinstance(act, Mark):
        return f"mark {_quoted(act.name)}"
    raise AssertionError("there is no other kind of line")


def _quoted(text: Text) -> str:
    parts = (f'{language} "{said.translate(_ESCAPES)}"' for language, said in text.items())
    return " ".join(part.strip() for part in parts)
