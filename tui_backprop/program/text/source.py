"""A program's text: its places and snippets, the scan under all caps, the problems found so far.

Every stage speaks of places in one text, and the number of problems one text can raise is bounded
here for all of them.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from tui_backprop.dataclass import dataclass
from tui_backprop.errors import Problem, Problems
from tui_backprop.graph.model import Span
from tui_backprop.language.message import Said, said
from tui_backprop.program.vocabulary.names import LONGEST_NAME, ascii_reading
from tui_backprop.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tui_backprop.limits import Limits


_HEAD: Final = 80
_TAIL: Final = 30
_MOST_PROBLEMS: Final = 100
_LONGEST_MESSAGE: Final = 400

_DEFINED: Final = r"^[ \t]*def[ \t]+{name}\b"


@dataclass(frozen=True, slots=True)
class Source:
    """A text in two readings of equal length, so that an offset means the same place in both.

    Attributes:
        text: as given, unprintable characters replaced; problems quote it.
        plain: without comments. What is parsed of it is ASCII, so `ast`, which counts columns in
            bytes, counts them in characters too.
        starts: offset of each line.
    """

    text: str
    plain: str
    starts: tuple[int, ...]

    def offset(self, line: int, column: int) -> int:
        """The offset of a place; lines from 1, columns from 0."""
        return self.starts[line - 1] + column

    def span(self, start: int, stop: int) -> Span:
        """The place of a range of offsets."""
        line = bisect_right(self.starts, start)
        end_line = bisect_right(self.starts, stop)
        return Span(line, start - self.starts[line - 1], end_line, stop - self.starts[end_line - 1])

    def head(self, start: int) -> str:
        """How a long range begins that starts there."""
        return _collapsed(self.plain[start : start + _HEAD])

    def snippet(self, start: int, stop: int, head: str = "") -> str:
        """The code of a range, whitespace collapsed, the middle of a long one left out.

        Where many ranges begin alike, their `head` is given.
        """
        if stop - start <= _HEAD + _TAIL:
            return _collapsed(self.plain[start:stop])
        tail = self.plain[stop - _TAIL : stop]
        return f"{head or self.head(start)} … {_collapsed(tail)}"

    def find(self, name: str, span: Span) -> Span:
        """The first place of a name within a span; the span itself if it is not there."""
        start = self.offset(span.line, span.column)
        stop = self.offset(span.end_line, span.end_column)
        found = re.compile(rf"\b{re.escape(name)}\b").search(self.plain, start, stop)
        return self.span(*found.span()) if found else span

    def line_of_definition(self, name: str) -> int | None:
        """The line of ``def name``."""
        found = re.search(_DEFINED.format(name=re.escape(name)), self.plain, re.MULTILINE)
        return self.plain.count("\n", 0, found.start()) + 1 if found else None


def shortened(code: str) -> str:
    """Code on one line, the middle of a long one left out."""
    if len(code) <= _HEAD + _TAIL:
        return code
    return f"{code[:_HEAD]} … {code[-_TAIL:]}"


class ProblemError(Exception):
    """A problem at a place of the program, raised until it reaches the list of problems.

    Attributes:
        span: where.
        hint: what to type instead.
        is_final: whether nothing after it can be looked at: a limit of the whole graph.
    """

    def __init__(self, span: Span, message: str, hint: str = "", *, is_final: bool = False) -> None:
        super().__init__(message)
        self.span = span
        self.hint = hint
        self.is_final = is_final


def _collapsed(code: str) -> str:
    """Code on one line; where it stood on several, brackets close up again."""
    text = " ".join(code.split())
    return re.sub(r"(?<=[(\[]) | (?=[)\]])", "", text) if "\n" in code else text


def _clipped(message: str) -> str:
    """Shorten a message that quotes something huge, such as a list of 10⁵ axes."""
    if len(message) <= _LONGEST_MESSAGE:
        return message
    text = f"{message[:_LONGEST_MESSAGE]} …"
    return message.abridged(text) if isinstance(message, Said) else text


class ProgramProblems(Problems):
    """The problems of a program, one for each place."""

    def __init__(self) -> None:
        super().__init__(_MOST_PROBLEMS)
        self._places: set[tuple[int, int]] = set()

    def add(self, span: Span, message: str, hint: str = "") -> None:
        """Keep a problem, unless its place has one already; of several lines mark the first."""
        place = (span.line, span.column)
        if place in self._places or self.is_full:
            return
        self._places.add(place)
        width = span.end_column - span.column if span.line == span.end_line else _HEAD
        self.keep(Problem(_clipped(message), span.line, span.column + 1, max(1, width), hint))


# Text, compiled when a program has something that is not printable: nearly none has.
_UNPRINTABLE: Final = "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]"
_COMMENT_OR_STRING: Final = re.compile(
    r"""\#[^\n]*
      | (?P<string> (?:\b(?P<prefix>[A-Za-z]{1,2}))?(?=["'])
          (?: \"\"\".*?(?:\"\"\"|\Z) | '''.*?(?:'''|\Z)
            | \"(?:\\.|[^"\\\n])*\"? | '(?:\\.|[^'\\\n])*'? ) )""",
    re.VERBOSE | re.DOTALL,
)
_WORDING: Final = re.compile(r"""(["'])[A-Za-z_ ,.>-]{0,100}\1""")
"""What an argument such as einsum's may be; where it is none, the syntax says so."""
_GOOD_NUMBER: Final = (
    r"(?:(?:[0-9]+\.[0-9]*|\.?[0-9]+)[eE][+-]?[0-9]+|[0-9]+\.[0-9]*|\.[0-9]+|0+|[1-9][0-9]*)"
)
_BAD_NUMBER: Final = re.compile(
    rf"(?<![\w.])(?<![0-9.][eE][+-])(?!{_GOOD_NUMBER}(?![\w.]))\.?[0-9](?:[eE][+-](?=[0-9])|[\w.])*"
)
_BAD_WORD: Final = re.compile(
    rf"(?<!\w)(?=[^\W0-9])(?:__\w*|\w{{{LONGEST_NAME + 1},}}|\w*[^\W\x00-\x7f]\w*)"
)
_BAD_CHARACTER: Final = re.compile(r"[$?`\\]|!(?!=)|[^\w\x00-\x7f]")
_BRACKET: Final = re.compile(r"[(\[{]|[)\]}]")
_NESTING: Final = re.compile(r"[-+*/%@~&|^.(\[]|\b(?:if|elif|lambda|not|await|yield)\b|<<|>>")
"""What may nest one thing in another: where there is little of it, nothing is deep."""

_WRITTEN: Final[Mapping[str, str]] = MappingProxyType(
    {"·": "*", "×": "*", "⋅": "*", "∗": "*", "−": "-", "–": "-", "÷": "/", "∕": "/", "∞": "inf"}
    | {"≤": "<=", "≥": ">=", "≠": "!=", "√": "sqrt", "∑": "sum", "，": ",", "：": ":", "＝": "="}
    | {"（": "(", "）": ")", "【": "[", "】": "]", "\\": "brackets around both lines"}
)


def scan(text: str, limits: Limits, problems: ProgramProblems) -> Scanned:
    """Check a raw text, and blank what carries no meaning.

    The limits are ``nesting`` of brackets and prefixes, and ``digits`` of a number.
    """
    found = Scanned(text.replace("\r\n", " \n"), limits, problems)
    found.run()
    return found


class Scanned:
    """One text under all caps.

    Attributes:
        source: the text, and the text without comments.
        refused: numbers of the lines that must not be parsed.
        continued: offsets of the lines that begin inside a bracket.
        long_sums: numbers of the lines with a sum that `ast` would nest too deeply.
    """

    def __init__(self, text: str, limits: Limits, problems: ProgramProblems) -> None:
        self.limits = limits
        self.problems = problems
        self.refused: set[int] = set()
        self.continued: set[int] = set()
        self.long_sums: set[int] = set()
        is_clean = text.replace("\n", "").replace("\t", "").isprintable()
        clean = text if is_clean else re.sub(_UNPRINTABLE, "\N{REPLACEMENT CHARACTER}", text)
        starts = (0, *(match.end() for match in re.finditer("\n", clean)))
        self.source = Source(clean, clean, starts)
        for match in () if is_clean else re.finditer(_UNPRINTABLE, text):
            self._refuse(
                match.span(),
                said("U+{ord} is not a character of a program", ord=f"{ord(match[0]):04X}"),
            )

    def run(self) -> None:
        """Fill in all of these."""
        self._blank_comments_and_strings()
        plain = self.source.plain
        for match in _BAD_NUMBER.finditer(plain):
            self._refuse(match.span(), *_number_problem(match[0]))
        for match in _BAD_WORD.finditer(plain):
            self._refuse(match.span(), *_word_problem(match[0]))
        for match in _BAD_CHARACTER.finditer(plain):
            self._refuse(match.span(), *_character_problem(match[0]))
        self._check_digits(plain)
        self._check_prefixes(plain)
        self._check_brackets(plain)
        if self._may_nest(plain) and len(_NESTING.findall(plain)) > DEEPEST:
            self._check_chains(plain)

    def _refuse(self, place: tuple[int, int], message: str, hint: str = "") -> None:
        span = self.source.span(*place)
        self.problems.add(span, message, hint)
        self.refused.update(range(span.line, span.end_line + 1))

    def _blank_comments_and_strings(self) -> None:
        source, pieces, done = self.source, [], 0
        for match in _COMMENT_OR_STRING.finditer(source.text):
            pieces.append(source.text[done : match.start()])
            done = match.end()
            if match["string"] is not None and _WORDING.fullmatch(match[0]):
                pieces.append(match[0])
                continue
            if match["string"] is not None:
                self._refuse(match.span(), *string_problem(match["prefix"] or ""))
            pieces.append(re.sub(r"[^\n]", " ", match[0]))
        pieces.append(source.text[done:])
        self.source = Source(source.text, "".join(pieces), source.starts)

    def _check_digits(self, plain: str) -> None:
        most = self.limits.digits
        for match in re.finditer(rf"(?<![\w.])[0-9.]{{{most + 1},}}", plain):
            digits = sum(c.isdigit() for c in match[0])
            if digits > most:
                message = said(
                    "a number of {digits} digits exceeds the limit of {most} digits",
                    digits=f"{digits:,}",
                    most=f"{most:,}",
                )
                self._refuse(
                    match.span(),
                    message,
                    said("raise it with --limit digits={digits}", digits=digits),
                )

    def _check_prefixes(self, plain: str) -> None:
        most = self.limits.nesting
        chain = rf"(?:(?:[-+~]|\b(?:not|await|yield)\b)[ \t\n]*){{{most + 2},}}"
        for match in re.finditer(chain, plain):
            message = said("more than {most} signs in front of one operand", most=most)
            self._refuse(match.span(), message, said("raise it with --limit nesting=N"))

    def _check_brackets(self, plain: str) -> None:
        """Depth, and which lines go on inside a bracket."""
        depth = opened = 0
        for match in _BRACKET.finditer(plain):
            if match[0] in "([{":
                opened = opened if depth else match.start()
                depth += 1
                if depth == self.limits.nesting + 1:
                    message = said(
                        "brackets nested deeper than the limit of {nesting}",
                        nesting=self.limits.nesting,
                    )
                    hint = said("raise it with --limit nesting=N, or give parts of it names")
                    self._refuse(match.span(), message, hint)
            elif depth:
                depth -= 1
                if not depth:
                    self._continue(opened, match.end())
        if depth:
            self._continue(opened, len(plain))

    def _may_nest(self, plain: str) -> bool:
        """Whether some statement is long enough to nest too deeply: most programs have none."""
        longest = max(map(len, plain.split("\n")))
        return longest > DEEPEST or bool(self.continued) or "elif" in plain

    def _check_chains(self, plain: str) -> None:
        """What binds without brackets nests as well: ``x.T.T.T``, ``2**2**2``, ``x * x * x``."""
        chains = Chains(plain)
        for start, stop in chains.too_deep():
            message = said("more than {deepest} parts nested in one another", deepest=DEEPEST)
            self._refuse((start, stop), message, said("give parts of it names, on lines before"))
        self.long_sums = {self.source.span(at, at + 1).line for at in chains.long_sums}

    def _continue(self, start: int, stop: int) -> None:
        while (newline := self.source.plain.find("\n", start, stop)) >= 0:
            start = newline + 1
            self.continued.add(start)


def _number_problem(text: str) -> tuple[str, str]:
    """What is wrong with the spelling of a number, and what to write."""
    lowered = text.lower()
    if lowered[:2] in {"0x", "0b", "0o"}:
        return said("'{text}' is not a decimal number", text=text), said("write it in decimal")
    if "_" in text:
        return said("'{text}': a number is written without '_'", text=text), said(
            "write {code}", code=f"{text.replace('_', '')}"
        )
    if re.fullmatch(r"[0-9.e+-]+j", lowered):
        return said("'{text}' is a complex number; values are real", text=text), ""
    if re.fullmatch(r"0[0-9]+", text):
        return said("'{text}': a number does not begin with 0", text=text), said(
            "write {code}", code=f"{text.lstrip('0')}"
        )
    if found := re.fullmatch(r"([0-9.]+)([a-z]\w*)", text, re.IGNORECASE | re.ASCII):
        return said("'{text}' is not a number", text=text), said(
            "a product needs its sign: {number} * {name}", number=found[1], name=found[2]
        )
    return said("'{text}' is not a number", text=text), ""


def string_problem(prefix: str = "") -> tuple[str, str]:
    """What is wrong with quoted text where none belongs, and what to do."""
    if "f" in prefix.lower():
        return said("an f-string is not part of a program"), ""
    return said("quoted text is not part of a program"), said("a comment begins with #")


def _word_problem(word: str) -> tuple[str, str]:
    if not word.isascii():
        reading = ascii_reading(word)
        hint = did_you_mean(reading) if reading else ""
        return said(
            "'{word}': names are written with ASCII letters, digits and '_'", word=word
        ), hint
    if word.startswith("__"):
        return said("'{word}': names that begin with '__' are Python's own", word=word), ""
    return said(
        "a name of {count} characters: the longest has {longest_name}",
        count=f"{len(word):,}",
        longest_name=LONGEST_NAME,
    ), ""


def _character_problem(mark: str) -> tuple[str, str]:
    shown = f"'{mark}'" if mark.isprintable() else f"U+{ord(mark):04X}"
    hint = said("write {code}", code=_WRITTEN[mark]) if mark in _WRITTEN else ""
    return said("{mark} is not part of a program", mark=shown), hint


DEEPEST: Final = 300
"""Levels: as many again for the terms of a sum, and every version of Python still reads it."""

_TOKEN: Final = re.compile(r"\*\*|//|<<|>>|[-+*/%@~&|^.,;=<>!()\[\]{}\n]|\w+")
_OPENING: Final = frozenset("([{")
_CLOSING: Final = frozenset(")]}")
_SIGNS: Final = frozenset("+-~")
_TIGHT: Final = frozenset({"**", "*", "/", "//", "%", "@", "."})
_LOOSE: Final = frozenset({"<<", ">>", "&", "|", "^", "lambda", "if", "not", "await", "yield"})
_FLAT: Final = frozenset({"<", ">", "!", "and", "or", "in", "is", "else"})
_SEPARATORS: Final = frozenset({",", ";", "=", "\n"})
_KEYWORDS: Final = frozenset({"for", "return", "elif", *_LOOSE, *_FLAT})


class Chains:
    """How deeply a text nests without brackets, counted in one pass before `ast` sees it.

    `ast` nests one level per operator and per ``[…]`` or ``.name`` after an operand, and its own
    limit differs between versions of Python. Each bracket has counts of its own.

    A sum begins the count of what binds tighter anew. It nests itself too, but is flattened where
    it is long; where a comma stands or a line ends, nothing is open any more.

    Attributes:
        long_sums: offsets of signs in sums of more terms than may nest.
    """

    def __init__(self, plain: str) -> None:
        self.long_sums: list[int] = []
        self._plain = plain
        self._tight = self._loose = self._terms = 0
        self._outer: list[tuple[int, int, int]] = []
        self._around = self._terms_around = self._branches = 0

    def too_deep(self) -> Iterator[tuple[int, int]]:
        """The places where statements nest too deeply, one for each such chain."""
        follows_operand = False
        for match in _TOKEN.finditer(self._plain):
            mark = match[0]
            is_word = mark[0].isalnum() or mark[0] == "_"
            if is_word and mark not in _KEYWORDS:  # most of a text, and it opens nothing
                follows_operand = True
                continue
            if follows_operand and mark in _SIGNS:  # so are the others of a sum: it nests less
                self._begin_term(match.start())
                follows_operand = False
                continue
            before = self._depth()
            self._count(mark, follows_operand=follows_operand)
            if before <= DEEPEST < self._depth():
                yield match.span()
            follows_operand = mark in _CLOSING

    def _depth(self) -> int:
        return self._around + self._tight + self._loose + self._branches

    def _begin_term(self, at: int) -> None:
        self._tight = 0
        self._terms += 1
        if self._terms_around + self._terms == DEEPEST:
            self.long_sums.append(at)

    def _count(self, mark: str, *, follows_operand: bool) -> None:
        if mark in _OPENING:
            self._tight += follows_operand
            self._open()
        elif mark in _CLOSING:
            self._close()
        elif mark in _TIGHT or mark in _SIGNS:
            self._tight += 1
        elif mark in _LOOSE or mark in _FLAT:
            self._loose += mark in _LOOSE
            self._tight = 0
        elif mark in _SEPARATORS and (mark != "\n" or not self._outer):
            self._tight = self._loose = self._terms = 0
        self._branches += mark == "elif"

    def _open(self) -> None:
        self._outer.append((self._tight, self._loose, self._terms))
        self._around += self._tight + self._loose + 1
        self._terms_around += self._terms
        self._tight = self._loose = self._terms = 0

    def _close(self) -> None:
        if self._outer:
            self._tight, self._loose, self._terms = self._outer.pop()
            self._around -= self._tight + self._loose + 1
            self._terms_around -= self._terms
