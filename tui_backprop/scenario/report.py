"""Collecting the problems of one scenario file, each with its place.

Every part of the reader reports here and goes on, so that all independent errors of a file come at
once.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from tui_backprop.dataclass import replace
from tui_backprop.errors import LimitError, Problem, Problems, ScenarioError, place_of
from tui_backprop.language.message import about, joined, said
from tui_backprop.limits import DEFAULT_LIMITS
from tui_backprop.pattern import pattern
from tui_backprop.program.vocabulary.names import nearest as nearest_name
from tui_backprop.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tui_backprop.limits import Limits
    from tui_backprop.scenario.yaml_tree import Node, Span

WHOLE_FILE: Final = 0
"""The line of a problem that has no place in the text: a missing file, a directory."""

LINE_BREAK: Final = pattern("\r\n|[\n\r\x85\u2028\u2029]")
"""What ends a line for PyYAML, as in YAML 1.1; not the last three in YAML 1.2 and in editors."""
_ENDS_OF_YAML: Final = "\x85\u2028\u2029"
_MOST_SHOWN = 40
_MOST_LISTED = 12
_MOST_COMPARED = 10**4

UNKNOWN_KEY: Final = said("unknown key {word}", word="")
UNKNOWN_NAME: Final = said("unknown name {word}", word="")
UNKNOWN_INPUT: Final = said("unknown input {word}", word="")

KNOWN: Final = said("known: {names}", names="")
ONE_OF: Final = said("one of: {names}", names="")
THERE_ARE: Final = said("there are: {names}", names="")
"""Hints that list what is valid."""


class Report:
    """The problems found so far.

    Attributes:
        source_name: how messages call the file.
        source: its text.
        limits: what is refused, and how large.
    """

    def __init__(self, source_name: str, source: str = "", limits: Limits = DEFAULT_LIMITS) -> None:
        self.source_name = source_name
        self.source = source
        self.limits = limits
        self._problems = Problems()

    @property
    def is_clean(self) -> bool:
        """Whether nothing was found."""
        return not self._problems.found

    def is_flooded(self) -> bool:
        """Whether one more problem would only be counted; it is counted then.

        For callers whose message is costly: comparing words, describing half a million numbers.
        """
        is_full = self._problems.is_full
        self._problems.left_out += is_full
        return is_full

    def leave_out(self, count: int) -> None:
        """Count problems that were found elsewhere and not kept."""
        self._problems.left_out += count

    def at(self, node: Node, message: str, hint: str = "") -> None:
        """Report something about a key or a value; it is underlined where it fits in one line."""
        self.span(node.span, message, hint)

    def span(self, span: Span, message: str, hint: str = "") -> None:
        """Report something about a stretch of the text."""
        self.add(Problem(message, span.line, span.column, span.width, hint))

    def whole(self, message: str, hint: str = "") -> None:
        """Report a problem of the file as a whole."""
        self.add(Problem(message, WHOLE_FILE, WHOLE_FILE, hint=hint))

    def add(self, problem: Problem) -> None:
        """Report a problem that has its place; a flood is counted, not kept."""
        self._problems.keep(problem)

    def unknown(self, what: str, word: str, span: Span, known: Iterable[str]) -> None:
        """Report a word that means nothing here, with the nearest that does.

        Args:
            what: the sentence, with ``{word}``, such as `UNKNOWN_KEY`.
            word: as it stands there.
            span: where.
            known: the words that mean something.
        """
        if not self.is_flooded():
            self.span(span, about(what, word=shown(word)), nearest(word, known))

    def exceeds(self, span: Span, limit: str, found: int, what: str) -> bool:
        """Whether a limit is exceeded; if so, it is reported.

        Args:
            span: where it happens.
            limit: a field of `Limits`.
            found: the number met.
            what: the thing counted, such as ``"this number"``.
        """
        try:
            self.limits.check(limit, found, what)
        except LimitError as error:
            self.span(span, str(error))
            return True
        return False

    def error(self) -> ScenarioError:
        """Everything found, as one error."""
        found = self._problems.found
        if any(mark in self.source for mark in _ENDS_OF_YAML):
            found = [self._as_editors_count(problem) for problem in found]
        return ScenarioError(found, self.source_name, self.source, self._problems.left_out)

    def _as_editors_count(self, problem: Problem) -> Problem:
        """The problem with the line number of an editor: PyYAML sees more ends of lines."""
        if problem.line == WHOLE_FILE:
            return problem
        starts = [0, *(found.end() for found in LINE_BREAK.finditer(self.source))]
        if problem.line > len(starts):
            return problem
        index = starts[problem.line - 1] + problem.column - 1
        line, column = place_of(self.source, index)
        return replace(problem, line=line, column=column)

    def stop_if_any(self) -> None:
        """Raise what was found.

        Raises:
            ScenarioError: there is at least one problem.
        """
        if not self.is_clean:
            raise self.error()


def shown(text: str) -> str:
    """A word of the file for a message: quoted, printable, not too long."""
    short = text if len(text) <= _MOST_SHOWN else text[:_MOST_SHOWN] + "…"
    clean = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in short)
    return said("'{text}'", text=clean)


def nearest(word: str, words: Iterable[str], otherwise: str = KNOWN) -> str:
    """A hint: the valid word that is most like ``word``, or which there are.

    Args:
        word: as it stands there; empty where none does.
        words: that are valid.
        otherwise: the sentence that lists ``{names}``, where none is like it.
    """
    valid = [_clean(w) for w in islice(words, _MOST_COMPARED)]
    if hint := nearest_name(_clean(word), valid):
        return hint
    same = [w for w in valid if w.casefold() == word.casefold()]
    if same:
        return did_you_mean(same[0])
    rest = ["…"] * (len(valid) > _MOST_LISTED)
    return about(otherwise, names=joined(", ", [*valid[:_MOST_LISTED], *rest])) if valid else ""


def _clean(text: str) -> str:
    return shown(text)[1:-1]
