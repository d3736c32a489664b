"""Every error that a person can meet, and how it reads.

Each layer raises the same few kinds, and the command line prints any of them as one block without a
traceback.

    TuiBackpropError
    ├── ProgramError     problems in a program text, each with its place in that text
    ├── ScenarioError    problems in a scenario file, each with file, line and column
    ├── ShapeError       operands whose shapes do not fit an op; the graph adds the place
    ├── ArgumentError    a static argument (axis, shape, index) that does not fit an op
    ├── LimitError       something larger than a stated limit, and how to raise it
    ├── RuleError        an op without a rule, or an argument that has no derivative
    ├── CommandError     a debugger command that cannot be carried out
    ├── UnknownError     what a walk through somebody else's program does not tell
    └── TraceError       something in a user's function that cannot be traced, with file and line
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.dataclass import dataclass, replace
from tui_backprop.language.message import Said, changed, joined, said_many
from tui_backprop.pattern import pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class TuiBackpropError(Exception):
    """The root of all errors of this package."""


class ShapeError(TuiBackpropError):
    """Shapes that do not fit; the message shows each of them."""


class ArgumentError(TuiBackpropError):
    """A static argument such as ``axis`` that does not fit the op or the operand's shape."""


class RuleError(TuiBackpropError):
    """An op that has no rule, or no derivative with respect to the argument asked for."""


class CommandError(TuiBackpropError):
    """A debugger command that cannot be carried out; the message says what would be accepted.

    What was typed may be of any length, and a message repeats it: the middle of a long one is
    left out.

    Attributes:
        column: where in the line, from 0; None where the whole line is meant.
    """

    def __init__(self, message: str, column: int | None = None) -> None:
        super().__init__(shortened(message))
        self.column = column

    def moved(self, columns: int) -> CommandError:
        """The error with its place counted in an enclosing text."""
        return CommandError(str(self), None if self.column is None else self.column + columns)

    def told(self, retold: Callable[[str], str]) -> CommandError:
        """The error in another language, as `Language.retold` tells its sentence."""
        return CommandError(retold(str(self)), self.column)


class UnknownError(TuiBackpropError):
    """What a walk through somebody else's program does not tell: a value, a formula, a column.

    The message says what is not known, and how it could be.
    """


_LONGEST = 600
_KEPT_END = 200


def shortened(message: str) -> str:
    """A message that can be read, whatever it repeats; its end says what to do."""
    if len(message) <= _LONGEST:
        return message
    text = f"{message[: _LONGEST - _KEPT_END]} … {message[-_KEPT_END:]}"
    return message.abridged(text) if isinstance(message, Said) else text


class LimitError(TuiBackpropError):
    """Something exceeds a stated limit; the message names the limit and the way to raise it."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem at one place of a text.

    Attributes:
        message: what was found and what was expected, without the place.
        line: line number, from 1; 0 for a problem of the whole text.
        column: column of the first character, from 1, counted in characters.
        width: how many characters the caret underlines, at least 1.
        hint: what to type instead, such as ``did you mean 'tanh'?``; may be empty.
    """

    message: str
    line: int
    column: int
    width: int = 1
    hint: str = ""

    def moved(self, lines: int, columns: int) -> Problem:
        """The problem with its place counted in an enclosing text."""
        return replace(self, line=self.line + lines, column=self.column + columns)

    def render(self, source_name: str, source_line: str | None) -> str:
        """The message with its place, the offending line and a caret under the culprit."""
        place = f"{source_name}:{self.line}:{self.column}" if self.line else source_name
        head = joined(": ", [on_one_line(place), changed(self.message, on_one_line)])
        hint = changed(self.hint, on_one_line)
        if source_line is None:
            return joined("\n    ", [head, hint] if hint else [head])
        gutter = f"{self.line:>5} | "
        shown, start = _clip(source_line, self.column - 1)
        carets = "^" * max(1, min(self.width, len(shown) - start))
        under = " " * (len(gutter) - 2) + "| " + _blank(shown[:start]) + carets
        return joined(
            "\n", [head, f"{gutter}{shown}", joined(" ", [under, hint] if hint else [under])]
        )


class LocatedError(TuiBackpropError):
    """Problems with the text they were found in; ``str`` gives the whole block.

    Attributes:
        problems: every independent problem, in the order of the text; of a flood the first, and
            how many more there are.
        kept: the same without that number.
        left_out: how many more there are.
        source_name: the file, or ``<program>``.
        source: the text that lines and columns refer to.
    """

    def __init__(
        self,
        problems: Iterable[Problem],
        source_name: str = "<program>",
        source: str = "",
        left_out: int = 0,
    ) -> None:
        found = sorted(problems, key=lambda p: (p.line, p.column))
        shown = found[:MOST_PROBLEMS]
        self.kept = tuple(shown)
        self.left_out = left_out + len(found) - len(shown)
        if self.left_out:
            last = shown[-1]
            message = said_many(
                self.left_out, "and {count} more problem", "and {count} more problems"
            )
            shown.append(Problem(message, last.line, last.column))
        self.problems = tuple(shown)
        self.source_name = source_name
        self.source = source
        lines = _LINE_END.split(source)
        if not lines[-1]:
            lines.pop()
        super().__init__(
            joined(
                "\n",
                [
                    p.render(source_name, lines[p.line - 1] if 0 < p.line <= len(lines) else None)
                    for p in self.problems
                ],
            )
        )


class ProgramError(LocatedError):
    """Problems in a program text; lines and columns count within that text."""


class ScenarioError(LocatedError):
    """Problems in a scenario file; lines and columns count within the file."""


class TraceError(LocatedError):
    """What a user's function does that cannot be traced; the place is in the user's own code."""


class Problems:
    """The problems of one text found so far: of a flood the first are kept, the others counted.

    Attributes:
        found: those that are kept.
        left_out: how many there are beside them.
    """

    def __init__(self, most: int = 0) -> None:
        self.found: list[Problem] = []
        self.left_out = 0
        self._most = most or MOST_PROBLEMS

    @property
    def is_full(self) -> bool:
        """Whether one more would only be counted: nobody needs its message, nor a hint."""
        return len(self.found) >= self._most

    def keep(self, problem: Problem) -> None:
        """Keep one more, or count it."""
        if self.is_full:
            self.left_out += 1
        else:
            self.found.append(problem)


def place_of(source: str, index: int) -> tuple[int, int]:
    """Line and column of a character, both from 1, as `Problem` counts them."""
    ends = [found.end() for found in _LINE_END.finditer(source, 0, index)]
    return len(ends) + 1, index - (ends[-1] if ends else 0) + 1


MOST_PROBLEMS = 20
"""Of one text: who has read so many mends them first."""
# Not splitlines: a form feed or U+2028 ends no line of a program, nor of an editor.
_LINE_END = pattern(r"\r\n|\r|\n")
_CLIP_WIDTH = 96


def _clip(line: str, start: int) -> tuple[str, int]:
    """A window of a long line around ``start``, printable, and where ``start`` falls in it."""
    shown, at = window(line, start)
    return on_one_line(shown), at


def window(line: str, start: int) -> tuple[str, int]:
    """A piece of a long line around ``start``, and where ``start`` falls in it."""
    first = max(0, start - _CLIP_WIDTH // 2) if len(line) > _CLIP_WIDTH else 0
    return line[first : first + _CLIP_WIDTH], max(0, start - first)


def on_one_line(text: str) -> str:
    """One line without control or formatting characters, whatever a file or its name holds."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def _blank(text: str) -> str:
    """Spaces as wide as ``text`` on a terminal."""
    from wcwidth import wcswidth

    return " " * max(len(text) if (width := wcswidth(text)) < 0 else width, 0)
