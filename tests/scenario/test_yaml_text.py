"""What a parser is given: never too deep, and nothing that two scanners read differently."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st
from yaml.reader import Reader
from yaml.scanner import Scanner

from tests.fuzz.effort import effort
from tui_backprop.limits import DEFAULT_LIMITS
from tui_backprop.scenario import yaml_text
from tui_backprop.scenario.compose import SCANNERS, compose
from tui_backprop.scenario.report import Report
from tui_backprop.scenario.yaml_text import checked
from tui_backprop.scenario.yaml_tree import Mapping, Node, Scalar, Sequence

PIECES = (
    *"ab1:-?[]{},'\"#%\n\n\n  \t|>\\@`~=é\x85\u2028\r", "  ", "&x", "*x", "!t", ": ", "- ", "? ",
    "\n  ", "\n ", "\n    ", "---", "...", "%YAML 1.2", "<<", "\r\n", "[[", "- - ", "|\n", "|2",
    "'a'", "a: ", "\n  - ", ", ", "|\n  ", " # x", "\xa0",
)  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)
"""Texts near YAML, few of them valid."""
SHALLOW = DEFAULT_LIMITS.raised(nesting=3)


class _Measured(Reader, Scanner):
    """PyYAML's own scanner, which tells how deep it was."""

    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        self.deepest = 0

    def add_indent(self, column: int) -> bool:
        """Of a block."""
        is_new: bool = super().add_indent(column)
        self.deepest = max(self.deepest, self.flow_level + len(self.indents))
        return is_new

    def fetch_flow_collection_start(self, token: Any) -> None:
        """Of a bracket."""
        super().fetch_flow_collection_start(token)
        self.deepest = max(self.deepest, self.flow_level + len(self.indents))


def test_what_python_calls_printable_is_allowed() -> None:
    """A text of nothing else needs no closer look, over all of Unicode."""
    allowed = (chr(code) for code in range(0x110000) if chr(code).isprintable())
    assert not yaml_text._UNPRINTABLE.search("".join(allowed) + "\t\r\n\x85\u2028\u2029")


def measured(text: str) -> tuple[int, bool]:
    """How deep PyYAML's scanner goes, and whether it comes to the end."""
    scanner = _Measured(text)
    try:
        while scanner.check_token():
            scanner.get_token()  # type: ignore[no-untyped-call]  # PyYAML's
    except (yaml.YAMLError, ValueError, OverflowError):
        return scanner.deepest, False
    return scanner.deepest, True


def outline(node: Node) -> Any:
    """A tree with the places where its keys and values begin; an empty one has none."""
    if isinstance(node, Sequence):
        return [outline(item) for item in node.items]
    if isinstance(node, Mapping):
        return {(e.key.text, e.key.span[:2]): outline(e.value) for e in node.entries}
    return isinstance(node, Scalar) and (node.text, node.is_plain, node.text and node.span[:2])


def outlines(text: str) -> list[Any]:
    """Of what each scanner makes of a text; None where it is refused."""
    found = []
    for scanner in SCANNERS:
        report = Report("t", text)
        tree = compose(text, report, scanner)
        found.append(None if tree is None or not report.is_clean else outline(tree))
    return found


def complaint(text: str) -> str:
    """The one thing that is wrong with a text, with its place."""
    report = Report("t", text)
    assert checked(text, report) is None
    (problem,) = report.error().problems
    return f"{problem.line}:{problem.column}: {problem.message}"


@given(TEXTS)
def test_a_text_reads_alike_with_and_without_libyaml(text: str) -> None:
    """The same tree, or a complaint by both."""
    first, *others = outlines(text)
    assert all(first == other for other in others)


@given(TEXTS)
def test_no_scanner_sees_more_than_the_limit(text: str) -> None:
    """Whatever the text is, and whether or not it is valid."""
    readable = checked(text, Report("t", text, SHALLOW))
    assume(readable is not None)
    assert readable is not None
    assert measured(readable)[0] <= SHALLOW.nesting


@effort(1)
@given(TEXTS)
def test_no_text_within_the_limit_is_called_deep(text: str) -> None:
    """What PyYAML's scanner reads to the end is refused by depth only where it is deep."""
    report = Report("t", text, SHALLOW)
    assume(checked(text, report) is None and "nesting" in report.error().problems[0].message)
    whole = checked(text, Report("t", text))
    assume(whole is not None)
    assert whole is not None
    deepest, is_whole = measured(whole)
    assert deepest > SHALLOW.nesting or not is_whole


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("%YAML 1.3\n---\na: 1\n", "1:1: directives are not allowed in a scenario"),
        ("%FOO\n---\na: 1\n", "1:1: directives are not allowed in a scenario"),
        ("a: b\tc\n", "1:5: a tab within a text without quotes"),
        ("a: |\n\tb\n", "2:1: a tab indents this line"),
        ("a: |\n  b\n\tc\n", "3:1: a tab indents this line"),
        ("a: |#x\n  b\n", "1:5: a comment right behind a mark"),
        ("a: [b?]\n", "1:6: a question mark within a text without quotes, in brackets"),
        ("a: {b:}\n", "1:6: nothing stands between this colon and what follows it"),
        ("a: [!b, c]\n", "1:5: tags are not allowed in a scenario"),
        ("a: \ufeffb\n", "1:4: the control character U+FEFF is not allowed in YAML"),
        ("a: ]\t\n", "1:4: not valid YAML: ']' closes nothing"),
    ],
)  # fmt: skip
def test_what_the_scanners_read_differently_is_refused(text: str, expected: str) -> None:
    """At its place, in words of our own."""
    assert complaint(text) == expected


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("a:\tb\n", "a: b\n"),
        ("a: b\t# c\n", "a: b # c\n"),
        ("a: [1,\t2]\t\n", "a: [1, 2] \n"),
        ("a: b\n  \tc\n", "a: b\n   c\n"),
        ("a: |\t# c\n  x\ty\n", "a: | # c\n  x\ty\n"),
        ("a: 'b\tc'\n\t\n", "a: 'b\tc'\n \n"),
        ("%YAML 1.2\n---\na: 1\n", "%YAML 1.2\n---\na: 1\n"),
    ],
)
def test_tabs_that_only_separate_are_spaces(text: str, plain: str) -> None:
    """As YAML 1.2 has it; those inside of texts stay."""
    assert checked(text, Report("t", text)) == plain
    first, *others = outlines(text)
    assert first is not None
    assert all(first == other for other in others)


def test_a_long_file_is_looked_at_in_one_pass() -> None:
    """Every bracket of a large array is counted, and none of them is too deep."""
    text = f"X: [{', '.join(['[1, 2, 3]'] * 5000)}]\n"
    assert checked(text, Report("t", text)) == text
