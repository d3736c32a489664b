"""What a scanner of YAML complains of, as a sentence that can be translated, with its place.

PyYAML has two scanners, libyaml's and its own, and each has words of its own for the same faults.
"""

from __future__ import annotations

import re
from string import Formatter
from typing import TYPE_CHECKING, Final

from tui_backprop.errors import Problem
from tui_backprop.language.message import Said, about, said
from tui_backprop.scenario.yaml_text import BY_SPACES, TAB_INDENTS

if TYPE_CHECKING:
    from collections.abc import Iterable

    import yaml

PROBLEMS: Final = (
    # of both
    said("could not find expected ':'"),
    said("found unexpected end of stream"),
    # libyaml's
    said("block sequence entries are not allowed in this context"),
    said("mapping keys are not allowed in this context"),
    said("mapping values are not allowed in this context"),
    said("found character that cannot start any token"),
    said("did not find expected key"),
    said("did not find expected node content"),
    said("did not find expected '-' indicator"),
    said("did not find expected ',' or ']'"),
    said("did not find expected ',' or '}}'"),
    said("did not find expected <document start>"),
    said("did not find expected <stream-start>"),
    said("did not find expected alphabetic or numeric character"),
    said("did not find expected comment or line break"),
    said("did not find expected whitespace"),
    said("did not find expected whitespace or line break"),
    said("did not find expected hexdecimal number"),
    said("did not find expected digit or '.' character"),
    said("did not find expected version number"),
    said("did not find expected '!'"),
    said("did not find expected tag URI"),
    said("did not find the expected '>'"),
    said("did not find URI escaped octet"),
    said("could not find expected directive name"),
    said("found a tab character that violates indentation"),
    said("found a tab character where an indentation space is expected"),
    said("found an incorrect leading UTF-8 octet"),
    said("found an incorrect trailing UTF-8 octet"),
    said("found an indentation indicator equal to 0"),
    said("found duplicate %TAG directive"),
    said("found duplicate %YAML directive"),
    said("found extremely long version number"),
    said("found incompatible YAML document"),
    said("found invalid Unicode character escape code"),
    said("found undefined tag handle"),
    said("found unexpected ':'"),
    said("found unexpected document indicator"),
    said("found unexpected non-alphabetical character"),
    said("found unknown directive name"),
    said("found unknown escape character"),
    said("exceeded maximum nesting depth"),
    # PyYAML's own
    said("sequence entries are not allowed here"),
    said("mapping keys are not allowed here"),
    said("mapping values are not allowed here"),
    said("found character {found} that cannot start any token", found=""),
    said("found unexpected document separator"),
    said("found undefined alias"),
    said("found duplicate YAML directive"),
    said("found incompatible YAML document (version 1.* is required)"),
    said("found undefined tag handle {found}", found=""),
    said("duplicate tag handle {found}", found=""),
    said("found unknown escape character {found}", found=""),
    said("expected <block end>, but found {found}", found=""),
    said("expected '<document start>', but found {found}", found=""),
    said("expected ',' or ']', but got {found}", found=""),
    said("expected ',' or '}}', but got {found}", found=""),
    said("expected the node content, but found {found}", found=""),
    said("expected alphabetic or numeric character, but found {found}", found=""),
    said("expected a digit or '.', but found {found}", found=""),
    said("expected a digit or ' ', but found {found}", found=""),
    said("expected a digit, but found {found}", found=""),
    said("expected ' ', but found {found}", found=""),
    said("expected '!', but found {found}", found=""),
    said("expected '>', but found {found}", found=""),
    said("expected a comment or a line break, but found {found}", found=""),
    said("expected chomping or indentation indicators, but found {found}", found=""),
    said("expected indentation indicator in the range 1-9, but found 0"),
    said("expected URI, but found {found}", found=""),
    said("expected URI escape sequence of 2 hexadecimal numbers, but found {found}", found=""),
    said("expected escape sequence of {count} hexadecimal numbers, but found {found}", count="",
         found=""),
)  # fmt: skip
"""What is wrong; a field stands for what a scanner quotes from the text."""

CONTEXTS: Final = (
    said("while scanning for the next token"),
    said("while scanning a simple key"),
    said("while scanning a directive"),
    said("while scanning a %YAML directive"),
    said("while scanning a %TAG directive"),
    said("while scanning a tag directive"),
    said("while scanning an alias"),
    said("while scanning an anchor"),
    said("while scanning a tag"),
    said("while scanning a block scalar"),
    said("while scanning a plain scalar"),
    said("while scanning a quoted scalar"),
    said("while scanning a double-quoted scalar"),
    said("while parsing a quoted scalar"),
    said("while parsing a tag"),
    said("while parsing a directive"),
    said("while parsing a %TAG directive"),
    said("while parsing a tag directive"),
    said("while parsing a node"),
    said("while parsing a block node"),
    said("while parsing a flow node"),
    said("while parsing a block collection"),
    said("while parsing a block mapping"),
    said("while parsing a flow mapping"),
    said("while parsing a flow sequence"),
    said("while increasing block level"),
    said("while increasing flow level"),
)
"""In the middle of what."""


def syntax_problem(error: yaml.MarkedYAMLError, text: str) -> Problem:
    """A scanner's complaint at its place; libyaml puts an unexpected end behind the last line."""
    mark = error.problem_mark or error.context_mark
    tab = _of_a_tab((error.problem_mark, error.context_mark), text)
    if tab is not None:
        return tab
    what = told(error.problem or "", PROBLEMS)
    message = said("not valid YAML: {problem}", problem=what)
    if mark is None:
        return Problem(message, 1, 1)
    if error.context and error.context_mark:
        message = said(
            "not valid YAML: {problem} {context} (begun on line {line})",
            problem=what,
            context=told(error.context, CONTEXTS),
            line=error.context_mark.line + 1,
        )
    lines = text.splitlines() or [""]
    if mark.line >= len(lines):
        return Problem(message, len(lines), len(lines[-1]) + 1)
    hint = _advice(lines[mark.line], mark.column, is_inside=_FLOW in (error.context or ""))
    return Problem(message, mark.line + 1, mark.column + 1, hint=hint)


_FLOW: Final = "flow"
"""In a scanner's words, of what stands in brackets or braces."""


def _advice(line: str, column: int, *, is_inside: bool) -> str:
    """What to do about a text that YAML reads as more than a text."""
    at = line[column : column + 1]
    if at == ":" and not is_inside and ":" in line[:column].partition("#")[0]:
        return said("put a text with a colon in it in quotes")
    if is_inside and at in {"[", "{"}:
        return said("put a text with brackets in it in quotes")
    return ""


def _of_a_tab(marks: Iterable[yaml.Mark | None], text: str) -> Problem | None:
    """The problem where a tab stands before the place that a scanner stumbles over.

    A scanner has many words for it, and may see it only in what comes of it.
    """
    lines = text.splitlines()
    for mark in marks:
        if mark is None or mark.line >= len(lines):
            continue
        found = re.match(r"([ \-]*)\t", lines[mark.line])
        if found is None or found.end(1) > mark.column:
            continue
        line, column = mark.line + 1, found.end()
        if "-" not in found[1]:
            return Problem(TAB_INDENTS, line, column, 1, BY_SPACES)
        message = said("a tab stands where YAML wants spaces")
        return Problem(message, line, column, 1, said("write spaces instead"))
    return None


def told(words: str, known: Iterable[str]) -> str:
    """A scanner's words as a sentence: one of the known ones, with what it quotes, or quoted."""
    for sentence in known:
        if found := re.fullmatch(_pattern(sentence), words, re.DOTALL):
            return about(sentence, **found.groupdict())
    return repr(words)


def _pattern(sentence: str) -> str:
    message = sentence.message if isinstance(sentence, Said) else sentence
    parts = Formatter().parse(message)
    return "".join(
        re.escape(text) + (f"(?P<{name}>.+)" if name else "") for text, name, *_ in parts
    )
