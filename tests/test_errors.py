"""How errors read: place, line, caret, hint; and what never reaches the terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wcwidth import wcswidth

from tui_backprop.errors import (
    ArgumentError,
    CommandError,
    LimitError,
    LocatedError,
    Problem,
    ProgramError,
    RuleError,
    ScenarioError,
    ShapeError,
    TuiBackpropError,
)


def test_problem_reads_as_a_compilers() -> None:
    """Place, message, the line, a caret under the culprit, what to type instead."""
    problem = Problem("unknown function 'tahn'", 7, 9, width=4, hint="did you mean 'tanh'?")
    assert problem.render("vector.yaml", "  Y   = tahn(X)") == (
        "vector.yaml:7:9: unknown function 'tahn'\n"
        "    7 |   Y   = tahn(X)\n"
        "      |         ^^^^ did you mean 'tanh'?"
    )


def test_problem_without_its_line() -> None:
    """A file that has no such line still gives place and hint."""
    assert Problem("empty file", 1, 1).render("a.yaml", None) == "a.yaml:1:1: empty file"
    shown = Problem("empty file", 1, 1, hint="begin with 'format: 1'").render("a.yaml", None)
    assert shown == "a.yaml:1:1: empty file\n    begin with 'format: 1'"


def test_wide_line_numbers_keep_the_bars_aligned() -> None:
    """The caret stands under its column from line 1 to line 10⁶."""
    for number in (1, 99_999, 1_000_000):
        _, line, carets = Problem("x", number, 3, width=2).render("p", "ab##").splitlines()
        assert line.index("|") == carets.index("|")
        assert line.index("##") == carets.index("^^")


def test_caret_stands_under_its_cell_after_wide_characters() -> None:
    """中文 takes two cells a character: the caret is placed by cells."""
    _, line, carets = Problem("x", 1, 5).render("p", "标题: ?").splitlines()
    assert wcswidth(line[: line.index("?")]) == carets.index("^")


def test_caret_past_the_end_of_the_line_is_still_there() -> None:
    """Where something is missing, after the last character."""
    _, line, carets = Problem("expected ')'", 1, 4, width=9).render("p", "f(x").splitlines()
    assert carets.index("^") == len(line)
    assert carets.count("^") == 1


@given(st.integers(1, 5000), st.integers(1, 50))
def test_long_line_is_clipped_around_the_culprit(column: int, width: int) -> None:
    """However long the line, one screen shows the caret and what it points at."""
    text = "".join(chr(ord("a") + k % 26) for k in range(5000))
    _, line, carets = Problem("x", 1, column, width=width).render("p", text).splitlines()
    assert len(line) < 110
    assert len(carets) < 160
    assert line[carets.index("^")] == text[column - 1]


@given(st.text(max_size=200), st.integers(1, 220), st.integers(1, 9))
def test_control_characters_of_the_line_never_reach_the_terminal(
    line: str, column: int, width: int
) -> None:
    """Whatever a file holds, three printable lines come out."""
    shown = Problem("m", 1, column, width=width).render("p", line)
    assert all(part.isprintable() for part in shown.split("\n"))
    assert shown.count("\n") == 2


@pytest.mark.parametrize("evil", ["\x1b[2J", "\x07", "\u202e", "\x9b31m", "a\rb", "\x00"])
def test_control_characters_of_the_message_never_reach_the_terminal(evil: str) -> None:
    """Names of files, keys and words of a scenario are quoted in messages and hints."""
    shown = Problem(f"unknown key '{evil}'", 1, 1, hint=f"not '{evil}'").render(evil, "key: 1")
    assert all(part.isprintable() for part in shown.split("\n"))


def test_errors_are_sorted_and_shown_together() -> None:
    """All the problems of a file at once, in the order of the file."""
    first, second = Problem("one", 1, 2), Problem("two", 2, 1)
    error = ScenarioError([second, first], "s.yaml", "ab\ncd\n")
    assert error.problems == (first, second)
    assert str(error) == (
        "s.yaml:1:2: one\n    1 | ab\n      |  ^\ns.yaml:2:1: two\n    2 | cd\n      | ^"
    )


def test_problem_beyond_the_text_has_no_line() -> None:
    """At the end of a file there is nothing to show."""
    assert str(ProgramError([Problem("expected more", 9, 1)], source="x")) == (
        "<program>:9:1: expected more"
    )


@pytest.mark.parametrize("separator", ["\x0b", "\x0c", "\x1c", "\x85", "\u2028"])
def test_lines_are_counted_as_the_parsers_count_them(separator: str) -> None:
    """Only line ends end a line: Python's tokenizer does not break at a form feed."""
    error = ProgramError([Problem("m", 2, 1)], source=f"a{separator}b\nsecond")
    assert "    2 | second" in str(error)


def test_problem_moves_into_the_enclosing_text() -> None:
    """A program's line 1 is somewhere in its file."""
    moved = Problem("m", 1, 2, width=3, hint="h").moved(6, 2)
    assert moved == Problem("m", 7, 4, width=3, hint="h")


@pytest.mark.parametrize(
    "kind",
    [
        ArgumentError,
        CommandError,
        LimitError,
        LocatedError,
        ProgramError,
        RuleError,
        ScenarioError,
        ShapeError,
    ],
)
def test_every_error_is_one_of_ours(kind: type[Exception]) -> None:
    """One `except` at the command line catches them all."""
    assert issubclass(kind, TuiBackpropError)
