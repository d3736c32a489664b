from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tui_backprop.limits import DEFAULT_LIMITS
from tui_backprop.scenario.compose import SCANNERS, compose
from tui_backprop.scenario.report import Report
from tui_backprop.scenario.yaml_tree import NUMBER, Mapping, Node, Scalar, Sequence, resolve

both_scanners = pytest.mark.parametrize("scanner", SCANNERS)
NEVER_PLAIN = "\ufeff\ufffe\uffff"
WORDS = st.text(
    st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters=NEVER_PLAIN),
    max_size=12,
).filter(lambda word: NUMBER.fullmatch(word) is None or yaml.safe_load(word) != word)
"""But ``1e3``: a number since YAML 1.2, and PyYAML, which follows 1.1, writes it without quotes."""
NUMBERS = st.integers(-(2**60), 2**60) | st.floats(-1e300, 1e300)
ANYTHING = st.recursive(
    st.none() | st.booleans() | NUMBERS | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)


def plain(node: Node | None) -> Any:
    """A tree as Python values."""
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    if isinstance(node, Mapping):
        return {e.key.text: plain(e.value) for e in node.entries}
    assert isinstance(node, Scalar)
    return resolve(node)


def complaints(text: str, scanner: type = SCANNERS[0]) -> list[str]:
    """Message by message, with places."""
    report = Report("t", text)
    compose(text, report, scanner)
    return [f"{p.line}:{p.column}: {p.message}" for p in report.error().problems]


@both_scanners
@given(value=ANYTHING)
def test_json_comes_back(scanner: type, value: Any) -> None:
    """JSON is YAML: whatever is written as JSON is read back as it was."""
    text = json.dumps(value, ensure_ascii=False)
    report = Report("t", text)
    tree = compose(text, report, scanner)
    assert report.is_clean
    assert plain(tree) == value


@given(value=ANYTHING)
def test_block_style_comes_back(value: Any) -> None:
    """What PyYAML writes in block style is read back, words that need quotes having them."""
    text = yaml.safe_dump({"key": value}, allow_unicode=True)
    quoted = json.loads(json.dumps({"key": value}))
    report = Report("t", text)
    assert plain(compose(text, report)) == quoted
    assert report.is_clean


@given(text=st.text(st.sampled_from("a1:-?[]{},&*!|>'\"%@#\n \t\u2028\ud800é"), max_size=40))
def test_any_text_gives_a_tree_or_a_complaint(text: str) -> None:
    """No text raises, and one that gives nothing is complained about, by either scanner."""
    for scanner in SCANNERS:
        report = Report("t", text)
        assert compose(text, report, scanner) is not None or not report.is_clean
        lines = text.splitlines() or [""]
        for problem in report.error().problems:
            assert 0 <= problem.line <= len(lines)


@both_scanners
def test_places(scanner: type) -> None:
    """Keys and values know line, column and end, counted from 1 in characters."""
    text = "# 中文\nα: 'x y'\nlist: [10,\n  20]\n"
    tree = compose(text, Report("t", text), scanner)
    assert isinstance(tree, Mapping)
    (alpha, quoted), (key, items) = tree.entries
    assert alpha.span == (2, 1, 2, 2)
    assert quoted.span == (2, 4, 2, 9)
    assert key.span == (3, 1, 3, 5)
    assert items.span == (3, 7, 4, 6)
    assert isinstance(items, Sequence)
    assert [item.span for item in items.items] == [(3, 8, 3, 10), (4, 3, 4, 5)]


@both_scanners
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\nb: 2\na: 3\n", ["3:1: duplicate key 'a'; it stands on line 1 too"]),
        ("a: *x\n", ["1:4: aliases are not allowed in a scenario"]),
        ("a: &x 1\n", ["1:4: anchors are not allowed in a scenario: '&x'"]),
        ("a: !!python/object:os.system x\n", [("1:4: tags are not allowed in a scenario: "
                                              "'!!python/object:os.system'")]),
        ("a: ! x\n", ["1:4: tags are not allowed in a scenario: '!'"]),
        ("%TAG ! x:\n---\na: 1\n", ["1:1: tags are not allowed in a scenario"]),
        ("<<: {a: 1}\n", ["1:1: merge keys are not allowed in a scenario"]),
        ("a: 1\n---\nb: 2\n", ["2:1: a scenario is one YAML document; a second one begins here"]),
        ("[1, 2]: 3\n", ["1:1: a key is a word, not a list or a mapping"]),
        ("", ["0:0: the file is empty"]),
        ("# only a comment\n", ["0:0: the file is empty"]),
        ("a: \x1b[31m\n", ["1:4: the control character U+001B is not allowed in YAML"]),
        ("a: 1\nb: \x00\n", ["2:4: the control character U+0000 is not allowed in YAML"]),
    ],
)  # fmt: skip
def test_refusals(scanner: type, text: str, expected: list[str]) -> None:
    """What YAML allows and a scenario does not is refused at its place, by either scanner."""
    assert complaints(text, scanner) == expected


@both_scanners
def test_all_refusals_at_once(scanner: type) -> None:
    """Reading goes on behind a refusal."""
    text = "a: *x\nb: !t 1\nb: 2\n? [k]\n: 3\n<<: 4\n"
    assert [c.split(":")[0] for c in complaints(text, scanner)] == ["1", "2", "3", "4", "6"]


@both_scanners
@pytest.mark.parametrize("text", ["a: [1, 2\n", "a: 'x\n", "a: b: c\n", "{a: 1]", "a: @b\n"])
def test_syntax_errors_have_a_place_in_the_text(scanner: type, text: str) -> None:
    """Broken YAML gives one complaint, on a line that exists."""
    (complaint,) = complaints(text, scanner)
    assert "not valid YAML" in complaint
    assert 1 <= int(complaint.split(":")[0]) <= len(text.splitlines())


@both_scanners
@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? ", "[\n", "[? "])
def test_nesting_is_refused_at_the_first_level_too_many(scanner: type, opening: str) -> None:
    """Before a parser sees it, so the message does not depend on the parser."""
    (complaint,) = complaints(opening * (DEFAULT_LIMITS.nesting + 1), scanner)
    assert "lists in lists: 65 nesting exceed the limit of 64" in complaint


def test_nesting_within_the_limit() -> None:
    """As many levels as the limit says are read."""
    depth = DEFAULT_LIMITS.nesting
    text = "[" * depth + "1" + "]" * depth
    report = Report("t", text)
    assert compose(text, report) is not None
    assert report.is_clean


def test_brackets_in_texts_are_no_nesting() -> None:
    """Only lists and mappings nest, not what quotes and comments hold."""
    text = f"a: '{'[' * 70}' # {'{' * 70}\nb: |\n  {'[' * 70}\nc: x {'{' * 70}\n"
    report = Report("t", text)
    assert compose(text, report) is not None
    assert report.is_clean


@both_scanners
@pytest.mark.parametrize("number", ["9" * 401, "-" + "9" * 401, "0x" + "f" * 399])
def test_digits_are_capped_before_they_are_read(scanner: type, number: str) -> None:
    """A long integer is refused by its length; no number is made of it."""
    (complaint,) = complaints(f"a: {number}\n", scanner)
    assert "401 digits exceed the limit of 400" in complaint


def test_escapes_are_data() -> None:
    """A title may hold an escape sequence, written as YAML wants it."""
    tree = compose('title: "\\e[31mred\\x07"\n', Report("t"))
    assert plain(tree) == {"title": "\x1b[31mred\x07"}


def test_half_a_surrogate_pair_is_refused() -> None:
    """A character that no file can hold is refused, whichever scanner let it pass."""
    for scanner in SCANNERS:
        assert complaints('a: "\\ud800"\n', scanner)


def test_an_impossible_escape_is_refused() -> None:
    """PyYAML's own scanner raises something else than its errors for this one."""
    for scanner in SCANNERS:
        assert complaints('a: "\\Uffffffff"\n', scanner)


_INDENTED = """\
format: 1
inputs:
  X: [1, 2]
  W:
    value: 3
backward:
  - of: Y
    v: [1, 2]
notes:
  - at: Y
    text: {en: a, zh: b}
"""


@both_scanners
@given(data=st.data())
def test_a_tab_is_called_a_tab(scanner: type, data: st.DataObject) -> None:
    """Wherever it indents, and behind a dash: never "a character", and spaces are advised."""
    lines = _INDENTED.splitlines()
    n = data.draw(st.integers(0, len(lines) - 1))
    body = lines[n].lstrip(" ")
    indent = data.draw(st.text(" \t", max_size=4).filter(lambda text: "\t" in text))
    lines[n] = indent + (body.replace("- ", "-\t", 1) if data.draw(st.booleans()) else body)
    text = "\n".join(lines)
    report = Report("t", text)
    compose(text, report, scanner)
    for problem in [] if report.is_clean else report.error().problems:
        assert "tab" in problem.message
        assert "spaces" in problem.hint
        assert "\t" in text.splitlines()[problem.line - 1]


@both_scanners
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\ta: 1", "1:1: a tab indents this line"),
        ("a:\n\tb: 1\n", "2:1: a tab indents this line"),
        ("a:\n  b: 1\n  \tc: 1\n", "3:3: a tab indents this line"),
        ("a:\n  -\t- 1\n", "2:4: a tab stands where YAML wants spaces"),
    ],
)
def test_where_a_tab_is(scanner: type, text: str, expected: str) -> None:
    """Its own place, by either scanner."""
    assert complaints(text, scanner) == [expected]
