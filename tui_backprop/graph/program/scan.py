"""The caps that are checked on the raw text, before `ast` sees any of it.

They stand apart because `ast` is not made for hostile text: it runs out of stack on long chains of
prefixes, folds ``ﬁ`` to ``fi``, and accepts spellings that a reader of a formula does not expect.
"""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from tui_backprop.graph.program.names import LONGEST_NAME, ascii_reading
from tui_backprop.graph.program.source import Problems, Source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui_backprop.limits import Limits

_TOKEN: Final = re.compile(
    r"""
      [ \t]+
    | (?P<newline> \n )
    | (?P<comment> \#[^\n]* )
    | (?P<string>  (?:\b[A-Za-z]{1,2})?(?=["'])(?: \"\"\".*?(?:\"\"\"|\Z) | '''.*?(?:'''|\Z)
                                  | \"(?:\\.|[^"\\\n])*\"? | '(?:\\.|[^'\\\n])*'? ) )
    | (?P<number>  \.?[0-9](?: [eE][+-](?=[0-9]) | [\w.] )* )
    | (?P<word>    \w+ )
    | (?P<open>    [(\[{] )
    | (?P<close>   [)\]}] )
    | (?P<sign>    ->|[+-](?!=) )
    | (?P<other>   \.\.\.|. )
    """,
    re.VERBOSE | re.DOTALL,
)
_NUMBER: Final = re.compile(r"(?:0+|[1-9][0-9]*|[0-9]+\.[0-9]*|\.[0-9]+)|(?:[0-9.]+[eE][+-]?[0-9]+)")
_UNPRINTABLE: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_PUNCTUATION: Final = frozenset("*/@%&|^~<>=.,:;!")
_PREFIX_WORDS: Final = frozenset({"not", "await", "lambda", "yield"})
_OPERAND_WORDS: Final = frozenset({"None", "True", "False"})
_WRITTEN: Final[Mapping[str, str]] = MappingProxyType(
    {"·": "*", "×": "*", "⋅": "*", "∗": "*", "−": "-", "–": "-", "÷": "/", "∕": "/", "∞": "inf"}
    | {"≤": "<=", "≥": ">=", "≠": "!=", "√": "sqrt", "Σ": "sum", "∑": "sum", "，": ",", "：": ":"}
    | {"（": "(", "）": ")", "【": "[", "】": "]", "＝": "=", "\\": "parentheses around both lines"}
)


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a scan gives.

    Attributes:
        source: the text, in its three readings.
        refused: numbers of the lines that must not be parsed.
        continued: offsets of the lines that begin inside a bracket.
    """

    source: Source
    refused: frozenset[int]
    continued: frozenset[int]


def scan(text: str, limits: Limits, problems: Problems) -> Scanned:
    """Check a raw text, and blank what carries no meaning.

    Args:
        text: a program.
        limits: ``nesting`` of brackets and prefixes, ``digits`` of a number.
        problems: receives what is refused.
    """
    return _Scan(text.replace("\r\n", " \n"), limits, problems).run()


class _Scan:
    """One pass over the tokens."""

    def __init__(self, text: str, limits: Limits, problems: Problems) -> None:
        self.text = text
        clean = _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text)
        starts = (0, *(m.end() for m in re.finditer("\n", clean)))
        self.source = Source(clean, clean, clean, starts)
        self.limits = limits
        self.problems = problems
        self.refused: set[int] = set()
        self.continued: set[int] = set()
        self.depth = 0
        self.prefixes = 0
        self.follows_operand = False
        self.comments: list[tuple[int, int]] = []
        self.signs: list[int] = []
        self.plain_words: set[str] = set()

    def run(self) -> Scanned:
        """See `scan`."""
        for match in _UNPRINTABLE.finditer(self.text):
            self._refuse(match.span(), f"U+{ord(match[0]):04X} is not a character of a program")
        meet = {kind: getattr(self, f"_{kind}") for kind in _TOKEN.groupindex}
        text = self.source.text
        for token in _TOKEN.finditer(text):
            if token.lastgroup is not None:
                meet[token.lastgroup](token)
        characters = list(text)
        for start, stop in self.comments:
            characters[start:stop] = " " * (stop - start)
        plain = "".join(characters)
        for place in self.signs:
            characters[place] = "<"
        source = Source(text, plain, "".join(characters), self.source.starts)
        return Scanned(source, frozenset(self.refused), frozenset(self.continued))

    def _refuse(self, place: tuple[int, int], message: str, hint: str = "") -> None:
        span = self.source.span(*place)
        self.problems.add(span, message, hint)
        self.refused.update(range(span.line, span.end_line + 1))

    def _newline(self, token: re.Match[str]) -> None:
        if self.depth:
            self.continued.add(token.end())
        else:
            self._operator()

    def _comment(self, token: re.Match[str]) -> None:
        self.comments.append(token.span())

    def _string(self, token: re.Match[str]) -> None:
        prefix = token[0][:2].lower().split("'")[0].split('"')[0]
        kind = "an f-string" if "f" in prefix else "quoted text"
        self._refuse(token.span(), f"{kind} is not part of a program", "a comment begins with #")
        self._operand()

    def _number(self, token: re.Match[str]) -> None:
        self._operand()
        text = token[0]
        digits = sum(c.isdigit() for c in text)
        if digits > self.limits.digits:
            raise_it = f"raise it with --limit digits={digits}"
            message = f"a number of {digits:,} digits exceeds the limit of {self.limits.digits:,}"
            self._refuse(token.span(), f"{message} digits", raise_it)
        elif not _NUMBER.fullmatch(text) or text.count(".") > 1:
            self._refuse(token.span(), *_number_problem(text))

    def _word(self, token: re.Match[str]) -> None:
        word = token[0]
        if word in self.plain_words:
            self.follows_operand = True
            self.prefixes = 0
            return
        if not word.isascii():
            reading = ascii_reading(word)
            hint = f"did you mean '{reading}'?" if reading else ""
            message = f"'{word}': names are written with ASCII letters, digits and '_'"
            self._refuse(token.span(), message, hint)
        elif word.startswith("__"):
            self._refuse(token.span(), f"'{word}': names that begin with '__' are Python's own")
        elif len(word) > LONGEST_NAME:
            message = f"a name of {len(word):,} characters: the longest has {LONGEST_NAME}"
            self._refuse(token.span(), message)
        elif not keyword.iskeyword(word):
            self.plain_words.add(word)
        if word in _PREFIX_WORDS:
            self._prefix(token)
        elif keyword.iskeyword(word) and word not in _OPERAND_WORDS:
            self._operator()
        else:
            self._operand()

    def _open(self, token: re.Match[str]) -> None:
        self.depth += 1
        if self.depth == self.limits.nesting + 1:
            message = f"brackets nested deeper than the limit of {self.limits.nesting}"
            hint = "raise it with --limit nesting=N, or give parts of the expression a name"
            self._refuse(token.span(), message, hint)
        self._operator()

    def _close(self, _token: re.Match[str]) -> None:
        self.depth = max(0, self.depth - 1)
        self._operand()

    def _sign(self, token: re.Match[str]) -> None:
        if token[0] == "->":
            self._operator()
        elif self.follows_operand:
            self.signs.append(token.start())
            self._operator()
        else:
            self._prefix(token)

    def _other(self, token: re.Match[str]) -> None:
        mark = token[0]
        if mark == "...":
            self._operand()
        elif mark == "~":
            self._prefix(token)
        elif mark in _PUNCTUATION or mark in "+-":
            self._operator()
        else:
            shown = f"'{mark}'" if mark.isprintable() else f"U+{ord(mark):04X}"
            hint = f"write {_WRITTEN[mark]}" if mark in _WRITTEN else ""
            self._refuse(token.span(), f"{shown} is not part of a program", hint)
            self._operator()

    def _operand(self) -> None:
        self.follows_operand = True
        self.prefixes = 0

    def _operator(self) -> None:
        self.follows_operand = False
        self.prefixes = 0

    def _prefix(self, token: re.Match[str]) -> None:
        self.follows_operand = False
        self.prefixes += 1
        if self.prefixes == self.limits.nesting + 1:
            message = f"more than {self.limits.nesting} signs in front of one operand"
            self._refuse(token.span(), message, "raise it with --limit nesting=N")


def _number_problem(text: str) -> tuple[str, str]:
    """What is wrong with the spelling of a number, and what to write."""
    lowered = text.lower()
    if lowered[:2] in {"0x", "0b", "0o"}:
        return f"'{text}' is not a decimal number", "write it in decimal"
    if "_" in text:
        return f"'{text}': a number is written without '_'", f"write {text.replace('_', '')}"
    if re.fullmatch(r"[0-9.e+-]+j", lowered):
        return f"'{text}' is a complex number; values are real", ""
    if re.fullmatch(r"0[0-9]+", text):
        return f"'{text}': a number does not begin with 0", f"write {text.lstrip('0') or '0'}"
    if found := re.fullmatch(r"([0-9.]+)([a-z]\w*)", text, re.IGNORECASE | re.ASCII):
        return f"'{text}' is not a number", f"a product needs its sign: {found[1]} * {found[2]}"
    return f"'{text}' is not a number", ""
