"""Checks a YAML text before a parser sees it: its characters, its nesting, its tabs and directives.

PyYAML has two scanners. The one in Python takes quadratic time in the nesting, libyaml's has a
limit of its own or none, and they read some texts differently. Both are given only what is not too
deep and what they read alike, so a file means the same wherever it is opened.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tui_backprop.errors import Problem
from tui_backprop.language.message import said
from tui_backprop.pattern import pattern
from tui_backprop.scenario.report import LINE_BREAK
from tui_backprop.scenario.yaml_tree import Span

if TYPE_CHECKING:
    from tui_backprop.scenario.report import Report

NO_TAGS: Final = said("tags are not allowed in a scenario")
NESTED: Final = said("lists in lists")
TAB_INDENTS: Final = said("a tab indents this line")
BY_SPACES: Final = said("YAML is indented by spaces")

_UNPRINTABLE: Final = pattern(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_BREAKS: Final = "\n\r\x85\u2028\u2029"
_BLANK: Final = f" \t{_BREAKS}"
_REST_OF_LINE: Final = pattern(f"[^{_BREAKS}]*")
_SPACES: Final = pattern(" *")
_WHITE: Final = pattern("[ \t]*")
_GAP: Final = pattern(f"[{_BLANK}]*")
_MARKER: Final = pattern(rf"(?:---|\.\.\.)(?=[{_BLANK}]|\Z)")
_DIRECTIVE: Final = pattern(rf"%YAML +1\.[12] *(?= #|[{_BREAKS}])")
_HEADER: Final = pattern("[|>][-+]?[0-9]?[-+]?")
_PROPERTY: Final = pattern(rf"[&*][0-9A-Za-z_-]*|!<[^{_BLANK}>]*>?|![^{_BLANK},\[\]{{}}]*")
_SINGLE: Final = pattern("'[^']*(?:''[^']*)*(?:'|\\Z)")
_DOUBLE: Final = pattern(r'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)', re.DOTALL)
_BLOCK_WORD: Final = rf"(?:[^{_BLANK}:]|:(?=[^{_BLANK}]))+"
_FLOW_WORD: Final = rf"(?:[^{_BLANK}:,?\[\]{{}}]|:(?=[^{_BLANK},\[\]{{}}]))+"
_BLOCK_WORDS: Final = pattern(rf"{_BLOCK_WORD}(?: +(?!#){_BLOCK_WORD})*")
_FLOW_WORDS: Final = pattern(rf"{_FLOW_WORD}(?: +(?!#){_FLOW_WORD})*")
_ODD: Final = pattern(r"[\t?!%]|[|>][-+0-9]*#|:[,\[\]{}]")
"""What the scanners may read differently; most files have none of it."""
_FLOW_ITEMS: Final = pattern(r"(?:[-+]?[0-9][0-9.eE+-]*, *)+")
"""A row of numbers: files of nothing else are the long ones."""


def checked(text: str, report: Report) -> str | None:
    """The text as a parser may have it; None where it may not, which is reported.

    Tabs between words are spaces then, as YAML 1.2 has it; every place is where it was.

    Args:
        text: decoded, without a byte order mark.
        report: receives what is refused; its limits hold.
    """
    # What Python calls printable is: the expression, which takes long to compile, is seldom asked.
    is_printable = all(map(str.isprintable, LINE_BREAK.split(text.replace("\t", " "))))
    if not is_printable and (unprintable := _UNPRINTABLE.search(text)):
        report.add(_unprintable(text, unprintable.start()))
        return None
    if not _ODD.search(text) and _most_nested(text) <= report.limits.nesting:
        return text
    scan = _Scan(text, report)
    return scan.result() if scan.run() else None


def _most_nested(text: str) -> int:
    """A depth that no reading of a text exceeds, by counting.

    What is open where a line begins is indented less than the line is, each by another number of
    spaces; whatever begins in the line needs a mark there.
    """
    block = (
        len(line) - len(line.lstrip(" ")) + line.count("-") + line.count(":") + 1
        for line in LINE_BREAK.split(text)
    )
    return text.count("[") + text.count("{") + max(block)


class _Scan:
    """Goes over a text once, token by token, and keeps what is open around each."""

    def __init__(self, text: str, report: Report) -> None:
        self.text = text
        self.report = report
        self.at = 0
        self.line_start = 0
        self.indents: list[int] = []
        self.flow = 0
        self.may_begin_key = True
        self.key_column = -1
        self.tabs: list[int] = []

    def result(self) -> str:
        """The text with spaces for the tabs that only separate."""
        if not self.tabs:
            return self.text
        letters = list(self.text)
        for place in self.tabs:
            letters[place] = " "
        return "".join(letters)

    def run(self) -> bool:
        """Look at every token; False where one is refused."""
        while self._skip_blank():
            column = self.at - self.line_start
            if not self.flow:
                self._leave(column)
            if not column and self._is_marker_or_directive():
                if self.text[self.at] == "%" and not _DIRECTIVE.match(self.text, self.at):
                    return self._refuse_directive()
                self._take(_REST_OF_LINE if self.text[self.at] == "%" else _MARKER)
                self.may_begin_key, self.key_column = False, -1
                if not self.flow:
                    self.indents.clear()
            elif not self._token(self.text[self.at], column):
                return False
        return True

    def _is_marker_or_directive(self) -> bool:
        return self.text[self.at] == "%" or _MARKER.match(self.text, self.at) is not None

    def _token(self, first: str, column: int) -> bool:
        if first in "-?:" and self._is_indicator(first):
            return self._indicator(first, column)
        if first in "[{":
            self._begin_key(column)
            self.flow += 1
            self.at += 1
            return self._is_shallow()
        if first in "]},":
            if not self.flow:
                return self._refuse(
                    self.at, said("not valid YAML: '{mark}' closes nothing", mark=first)
                )
            self.flow -= first != ","
            self.at += 1
        elif first in "&*!":
            self._begin_key(column)
            began = self._take(_PROPERTY)
            if first == "!" and self.text[self.at : self.at + 1] in [*",[]{}"]:
                return self._refuse(began, NO_TAGS)
        elif first in "|>" and not self.flow:
            return self._block_scalar()
        elif first in "'\"":
            self._begin_key(column)
            end = self._take(_SINGLE if first == "'" else _DOUBLE)
            self._pass_lines(end)
        else:
            self._begin_key(column)
            return self._plain()
        return True

    def _is_indicator(self, first: str) -> bool:
        if self.flow and first != "-":
            return True
        return self.text[self.at + 1 : self.at + 2] in _BLANK

    def _indicator(self, first: str, column: int) -> bool:
        """A dash, a question mark or a colon: an entry, a key or a value begins behind it."""
        is_value = first == ":" and self.key_column >= 0
        if not self.flow:
            self._enter(self.key_column if is_value else column)
            self.may_begin_key = not is_value
            self.key_column = -1
        self.at += 1
        return self._is_shallow()

    def _enter(self, column: int) -> None:
        if not self.indents or self.indents[-1] < column:
            self.indents.append(column)

    def _leave(self, column: int) -> None:
        while self.indents and self.indents[-1] > column:
            self.indents.pop()

    def _begin_key(self, column: int) -> None:
        if not self.flow:
            if self.may_begin_key:
                self.key_column = column
            self.may_begin_key = False

    def _end(self, expression: re.Pattern[str], at: int) -> int:
        """Where a match that begins at a place ends: there too, if there is none."""
        found = expression.match(self.text, at)
        return found.end() if found else at

    def _take(self, expression: re.Pattern[str]) -> int:
        """Go behind a match that is there, if only of one character; gives where it began."""
        began = self.at
        self.at = max(self._end(expression, began), began + 1)
        return began

    def _pass_lines(self, began: int) -> None:
        """Know the line again behind a text that may have several."""
        for found in LINE_BREAK.finditer(self.text, began, self.at):
            self.line_start = found.end()

    def _skip_blank(self) -> bool:
        """Go to the next token; False at the end."""
        text = self.text
        while self.at < len(text):
            began, self.at = self.at, self._end(_WHITE, self.at)
            ends = self.at == len(text) or text[self.at] in f"#{_BREAKS}"
            is_indentation = self.may_begin_key and not self.flow and not ends
            if not is_indentation:
                self._separate(began, self.at)
            if not ends:
                return True
            if text[self.at : self.at + 1] == "#":
                self._take(_REST_OF_LINE)
            if line_break := LINE_BREAK.match(text, self.at):
                self.at = self.line_start = line_break.end()
                if not self.flow:
                    self.may_begin_key, self.key_column = True, -1
        return False

    def _separate(self, began: int, end: int) -> None:
        self.tabs.extend(k for k in range(began, end) if self.text[k] == "\t")

    def _plain(self) -> bool:
        """A plain scalar, which may go on over several lines."""
        if self.flow and (items := _FLOW_ITEMS.match(self.text, self.at)):
            self.at = items.end()
            return True
        words = _FLOW_WORDS if self.flow else _BLOCK_WORDS
        least = self.indents[-1] + 1 if self.indents else 0
        self._take(words)
        while True:
            behind = self._end(_GAP, self.at)
            end = self._end(words, behind)
            if behind in {self.at, end} or self.text[behind] == "#":
                break
            lines = LINE_BREAK.split(self.text[self.at : behind])
            if len(lines) == 1:
                if "\t" in lines[0]:
                    return self._refuse_tab(self.at + lines[0].index("\t"))
            elif not self._goes_on(lines[-1], behind, least):
                break
            else:
                self._separate(self.at, behind)
                self.line_start = behind - len(lines[-1])
            self.at = end
        return not self.flow or self._ends_well(behind)

    def _ends_well(self, at: int) -> bool:
        """Whether both scanners see the end of a plain scalar in brackets here."""
        if self.text[at : at + 1] == "?":
            return self._refuse_question(at)
        if self.text[at : at + 1] == ":" and self.text[at + 1 : at + 2] in [*",[]{}"]:
            return self._refuse(
                at,
                said("nothing stands between this colon and what follows it"),
                said("put a space behind it"),
            )
        return True

    def _goes_on(self, indent: str, at: int, least: int) -> bool:
        """Whether a line behind a plain scalar belongs to it."""
        if not indent and _MARKER.match(self.text, at):
            return False
        spaces = len(indent) - len(indent.lstrip(" "))
        return self.flow > 0 or spaces >= least

    def _block_scalar(self) -> bool:
        """A text that is kept or folded: all the lines below that are indented enough."""
        least = max(self.indents[-1] + 1 if self.indents else 0, 1)
        header = self.text[self._take(_HEADER) : self.at].strip("|>+-")
        if self.text[self.at : self.at + 1] == "#":
            return self._refuse(
                self.at,
                said("a comment right behind a mark"),
                said("put a space before the '#'"),
            )
        self._end_line()
        indent, first = self._detected()
        indent = least + int(header) - 1 if header else max(least, indent)
        if not header and self.text[first : first + 1] == "\t":
            return self._refuse_indent(first)
        while self.at < len(self.text):
            begins = self._end(_SPACES, self.at)
            is_blank = self.text[begins : begins + 1] in _BREAKS
            if begins - self.at < indent and not is_blank:
                if self.text[begins] == "\t":
                    return self._refuse_indent(begins)
                break
            self._take_line()
        self.may_begin_key, self.key_column = True, -1
        return True

    def _end_line(self) -> None:
        behind = self._end(_WHITE, self.at)
        if self.text[behind : behind + 1] in f"#{_BREAKS}":
            self._separate(self.at, behind)
        self._take_line()

    def _take_line(self) -> None:
        self.at = self._end(LINE_BREAK, self._end(_REST_OF_LINE, self.at))
        self.line_start = self.at

    def _detected(self) -> tuple[int, int]:
        """The indentation of a block scalar, by its first line or a longer blank one before it.

        Returns:
            The number of spaces, and where the first line's text begins.
        """
        at, most = self.at, 0
        while True:
            begins = self._end(_SPACES, at)
            most = max(most, begins - at)
            at = self._end(LINE_BREAK, begins)
            if at == begins:
                return most, begins

    def _span(self, at: int) -> Span:
        line = len(LINE_BREAK.findall(self.text, 0, at)) + 1
        column = at - max([m.end() for m in LINE_BREAK.finditer(self.text, 0, at)], default=0) + 1
        return Span(line, column, line, column + 1)

    def _is_shallow(self) -> bool:
        depth = len(self.indents) + self.flow
        if depth <= self.report.limits.nesting:
            return True
        return not self.report.exceeds(self._span(self.at - 1), "nesting", depth, NESTED)

    def _refuse(self, at: int, message: str, hint: str = "") -> bool:
        self.report.span(self._span(at), message, hint)
        return False

    def _refuse_directive(self) -> bool:
        if self.text.startswith("%TAG", self.at):
            return self._refuse(self.at, NO_TAGS)
        message = said("directives are not allowed in a scenario")
        return self._refuse(self.at, message, said("'%YAML 1.2' may stand before '---'"))

    def _refuse_tab(self, at: int) -> bool:
        message = said("a tab within a text without quotes")
        return self._refuse(at, message, said('write a space, or "\\t" in double quotes'))

    def _refuse_indent(self, at: int) -> bool:
        return self._refuse(at, TAB_INDENTS, BY_SPACES)

    def _refuse_question(self, at: int) -> bool:
        message = said("a question mark within a text without quotes, in brackets")
        return self._refuse(at, message, said("write the text in quotes"))


def _unprintable(text: str, index: int) -> Problem:
    line = len((text[:index] + "|").splitlines())
    column = len((text[:index] + "|").splitlines()[-1])
    code = f"U+{ord(text[index]):04X}"
    message = said("the control character {code} is not allowed in YAML", code=code)
    hint = said('in double quotes it can be written as an escape, such as "\\e"')
    return Problem(message, line, column, 1, hint)
