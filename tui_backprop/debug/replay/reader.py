"""Reading a text as a replay: every line is understood before the first is carried out.

A replay may come from a stranger: what it may ask for is decided here, and no command that touches
a file is let in.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from tui_backprop.debug.commands import COMMANDS, ON_SCREEN, find_command, is_on_screen, look_named
from tui_backprop.debug.replay.script import FORMAT, Claim, Do, Line, Look, Mark, Say, Script, Wait
from tui_backprop.debug.replay.texts import TextError, quoted
from tui_backprop.errors import CommandError, LocatedError, Problem, Problems
from tui_backprop.language.message import joined, said
from tui_backprop.pattern import pattern
from tui_backprop.spelling import nearest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.debug.replay.script import Act, Text


class ReplayError(LocatedError):
    """Problems in a replay; lines and columns count within its file."""


LONGEST_WAIT: Final = 3600.0
"""Seconds: who waits longer has written something else than meant."""

_HEADER: Final = pattern(r"(\w+):(.*)")
_KEYS: Final = ("replay", "scenario", "sha256")
_SHA256: Final = pattern(r"[0-9a-f]{64}")
_TIME: Final = pattern(r"@(\d{1,9}(?:\.\d{1,9})?)(?:\s+|$)")
_SECONDS: Final = pattern(r"\d{1,6}(?:\.\d*)?(?:[eE][-+]?\d{1,2})?|\.\d+")
LINE_END: Final = pattern(r"\r\n|\r|\n")
_LONGEST_WORD: Final = 40
"""Characters of a word that may be a command mistyped."""
_LONGEST: Final = 10_000
"""Characters of a line: what is longer was not written for people, and takes long to read."""


class _LineError(Exception):
    """One problem of one line; the column counts from 0 in what the line says after its time."""

    def __init__(self, message: str, column: int = 0, hint: str = "") -> None:
        super().__init__(message)
        self.column = column
        self.hint = hint


def read(text: str, name: str = "<replay>") -> Script:
    """Parse a whole replay.

    Args:
        text: of its file.
        name: of the file, for messages.

    Raises:
        ReplayError: lines that mean nothing or are not allowed, all of them with their places. A
            last line that was cut short is dropped instead.
    """
    lines = LINE_END.split(text)
    reader = _Reader(name, text)
    first = reader.header(lines)
    found: list[Line] = []
    dropped = ""
    for number, line in enumerate(lines[first:], first + 1):
        # A file that ends with its last line's end has an empty last part here. What was recorded
        # ends so, and begins with its time: without an end it was cut short.
        is_last = number == len(lines)
        known = reader.acts.get(line)
        if known is not None and not is_last:
            found.append(Line(number, known, None))
            continue
        if is_last and line.startswith("@"):
            dropped = line
            continue
        try:
            understood = reader.line(number, line)
        except _LineError as wrong:
            if is_last:
                dropped = line
            else:
                reader.add(str(wrong), number, wrong.column, wrong.hint)
            continue
        if understood is not None:
            found.append(understood)
    reader.stop_if_any()
    return Script(
        _plain_name(reader.fields["scenario"]),
        reader.fields.get("sha256", ""),
        tuple(found),
        dropped,
    )


def _plain_name(value: str) -> str:
    """What `quoted_name` was given."""
    if len(value) > 1 and value[0] == value[-1] == '"':
        from json import loads

        with suppress(ValueError):
            return str(loads(value))
    return value


class _Reader:
    """Collects the header and the problems.

    Attributes:
        fields: of the header.
        acts: what lines ask for that were understood: a walk repeats itself.
    """

    def __init__(self, name: str, text: str) -> None:
        self.fields: dict[str, str] = {}
        self._name = name
        self._text = text
        self._problems = Problems()
        self.acts: dict[str, Act] = {}

    def add(self, message: str, number: int, column: int = 0, hint: str = "") -> None:
        """One more problem."""
        self._problems.keep(Problem(message, number, column + 1, 1, hint))

    def stop_if_any(self) -> None:
        """Raise what was found."""
        found = self._problems
        if found.found:
            raise ReplayError(found.found, self._name, self._text, found.left_out)

    def header(self, lines: list[str]) -> int:
        """Read the fields; how many lines they took."""
        taken = 0
        for number, line in enumerate(lines, 1):
            bare = line.strip()
            field = _HEADER.fullmatch(bare)
            if bare and not bare.startswith("#"):
                if field is None:
                    break
                self._field(number, field.group(1), field.group(2).strip())
            taken = number
        self._check()
        return taken

    def line(self, number: int, line: str) -> Line | None:
        """One line understood; None where it asks for nothing."""
        bare = line.strip()
        if not bare or bare.startswith("#"):
            return None
        start = len(line) - len(line.lstrip())
        at: float | None = None
        if bare.startswith("@"):
            time = _TIME.match(bare)
            if time is None:
                raise _LineError(said("expected seconds after @, as in '@2.5 step'"), start)
            at, bare, start = float(time.group(1)), bare[time.end() :], start + time.end()
            if not bare:
                raise _LineError(said("expected a command after the time"), start)
        # What was set is numbers, and a recording writes down as many as there were.
        if len(bare) > _LONGEST and not bare.startswith("set "):
            message = said(
                "a line of {count} characters; at most {most}",
                count=f"{len(bare):,}",
                most=f"{_LONGEST:,}",
            )
            raise _LineError(message, start)
        try:
            return Line(number, self._act(bare), at)
        except _LineError as wrong:
            raise _LineError(str(wrong), wrong.column + start, wrong.hint) from None

    def _act(self, text: str) -> Act:
        """The act that a text asks for; texts that repeat are parsed once."""
        known = self.acts.get(text)
        if known is None:
            known = self.acts[text] = _act(text, is_guessing=not self._problems.is_full)
        return known

    def _field(self, number: int, key: str, value: str) -> None:
        if key not in _KEYS:
            hint = nearest(key, _KEYS) or said("there are: {names}", names=joined(", ", _KEYS))
            self.add(said("unknown field '{key}' of a replay", key=key), number, 0, hint)
        elif key in self.fields:
            self.add(said("'{key}' stands here a second time", key=key), number)
        elif key == "replay" and value != FORMAT:
            message = said(
                "expected format {format}, found {value}", format=FORMAT, value=repr(value)
            )
            self.add(message, number)
        elif key == "sha256" and not _SHA256.fullmatch(value):
            self.add(said("expected 64 digits of SHA-256, 0 to 9 and a to f"), number)
        self.fields.setdefault(key, value)

    def _check(self) -> None:
        for key, example in (("replay", FORMAT), ("scenario", "fan-out")):
            if not self.fields.get(key):
                line = f"{key}: {example}"
                self.add(said("a replay begins with '{line}'", line=line), 0)
        self.stop_if_any()


def _act(text: str, *, is_guessing: bool) -> Act:
    word = text.split(maxsplit=1)[0]
    rest = text[len(word) :]
    own = _OWN.get(word)
    if own is None:
        return _command(word, rest, is_guessing=is_guessing)
    try:
        return own(rest)
    except _LineError as wrong:
        raise _LineError(str(wrong), wrong.column + len(word), wrong.hint) from None


def _command(word: str, rest: str, *, is_guessing: bool) -> Do | Look:
    look = look_named(word)
    if look:
        return Look(f"{look} {rest.strip()}".rstrip())
    if not is_guessing and not any(word in c.aliases or c.name.startswith(word) for c in COMMANDS):
        raise _LineError(said("unknown command"))
    try:
        command = find_command(word)
    except CommandError as error:
        if is_on_screen(word):
            held = joined(", ", [one.name for one in ON_SCREEN if one.is_look])
            raise _LineError(
                said(
                    "'{name}' is about the screen; of its commands a replay holds: {names}",
                    name=word,
                    names=held,
                )
            ) from None
        known = (*(c.name for c in COMMANDS), *(o.name for o in ON_SCREEN if o.is_look), *_OWN)
        hint = nearest(word, known) if len(word) < _LONGEST_WORD else ""
        raise _LineError(
            said("unknown command '{word}'", word=word) if hint else str(error), 0, hint
        ) from None
    if command.touches_files(rest):
        raise _LineError(
            said("'{name}' reads or writes files, and a replay does not", name=command.name)
        )
    return Do(f"{word} {rest[1:]}" if rest else word)  # whatever blank stands between them


def _wait(rest: str) -> Wait:
    text = rest.strip()
    if not _SECONDS.fullmatch(text) or float(text) > LONGEST_WAIT:
        message = said(
            "expected seconds, at most {most}: {text}", most=f"{LONGEST_WAIT:g}", text=repr(text)
        )
        raise _LineError(message, 1)
    return Wait(float(text))


def _claim(rest: str) -> Claim:
    if not rest.strip():
        raise _LineError(said("expected an expression, as in 'assert X.grad[0] == 2'"), 1)
    return Claim(rest.strip())


def _said(rest: str) -> Text:
    try:
        return quoted(rest)
    except TextError as wrong:
        raise _LineError(str(wrong), wrong.column) from None


_OWN: Final[dict[str, Callable[[str], Act]]] = {
    "say": lambda rest: Say(_said(rest)),
    "mark": lambda rest: Mark(_said(rest)),
    "assert": _claim,
    "wait": _wait,
}
"""The words of a replay that are no commands."""
