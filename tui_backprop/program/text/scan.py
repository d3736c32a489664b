"""The scan of a raw text under all caps, before `ast` sees any of it."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from tui_backprop.language.message import said
from tui_backprop.pattern import pattern
from tui_backprop.program.text.nesting import DEEPEST, Chains
from tui_backprop.program.text.source import Source
from tui_backprop.program.vocabulary.names import LONGEST_NAME, ascii_reading
from tui_backprop.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui_backprop.limits import Limits
    from tui_backprop.program.text.problems import ProgramProblems


# Text, compiled when a program has something that is not printable: nearly none has.
_UNPRINTABLE: Final = "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]"
_COMMENT_OR_STRING: Final = pattern(
    r"""\#[^\n]*
      | (?P<string> (?:\b(?P<prefix>[A-Za-z]{1,2}))?(?=["'])
          (?: \"\"\".*?(?:\"\"\"|\Z) | '''.*?(?:'''|\Z)
            | \"(?:\\.|[^"\\\n])*\"? | '(?:\\.|[^'\\\n])*'? ) )""",
    re.VERBOSE | re.DOTALL,
)
_WORDING: Final = pattern(r"""(["'])[A-Za-z_ ,.>-]{0,100}\1""")
"""What an argument such as einsum's may be; where it is none, the syntax says so."""
_GOOD_NUMBER: Final = (
    r"(?:(?:[0-9]+\.[0-9]*|\.?[0-9]+)[eE][+-]?[0-9]+|[0-9]+\.[0-9]*|\.[0-9]+|0+|[1-9][0-9]*)"
)
_BAD_NUMBER: Final = pattern(
    rf"(?<![\w.])(?<![0-9.][eE][+-])(?!{_GOOD_NUMBER}(?![\w.]))\.?[0-9](?:[eE][+-](?=[0-9])|[\w.])*"
)
_BAD_WORD: Final = pattern(
    rf"(?<!\w)(?=[^\W0-9])(?:__\w*|\w{{{LONGEST_NAME + 1},}}|\w*[^\W\x00-\x7f]\w*)"
)
_BAD_CHARACTER: Final = pattern(r"[$?`\\]|!(?!=)|[^\w\x00-\x7f]")
_BRACKET: Final = pattern(r"[(\[{]|[)\]}]")
_NESTING: Final = pattern(r"[-+*/%@~&|^.(\[]|\b(?:if|elif|lambda|not|await|yield)\b|<<|>>")
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
