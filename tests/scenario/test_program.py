"""Problems of a program are shown where the file has them."""

from __future__ import annotations

from textwrap import indent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.scenario.support import message, problem, problems
from tui_backprop.errors import Problem
from tui_backprop.scenario.compose import compose
from tui_backprop.scenario.kinds import Word
from tui_backprop.scenario.load import moved
from tui_backprop.scenario.report import Report
from tui_backprop.scenario.yaml_tree import Mapping, Scalar

HEAD = "format: 1\ninputs: {X: [1, 2, 3]}\n"


def test_the_block_that_a_person_sees() -> None:
    """File, line, column, the line itself, a caret under the culprit, what to type instead."""
    assert message(f"{HEAD}program: |\n  # a comment\n  Y = tahn(X)\n") == (
        "t.yaml:5:7: unknown function 'tahn'\n"
        "    5 |   Y = tahn(X)\n"
        "      |       ^^^^ did you mean 'tanh'?"
    )


@pytest.mark.parametrize(
    ("program", "line", "column"),
    [
        ("|\n  Y = tahn(X)\n", 4, 7),
        ("|\n        Y = tahn(X)\n", 4, 13),
        ("|\n\n\n  Y = tahn(X)\n", 6, 7),
        ("|-\n  A = 2 * X\n\n  Y = tahn(X)", 6, 7),
        ("|+\n  Y = tahn(X)\n\n\n", 4, 7),
        ("|2\n  Y = tahn(X)\n", 4, 7),
        ("|2-   # the program\n  Y = tahn(X)\n", 4, 7),
        ("|\r\n  A = X\r\n  Y = tahn(X)\r\n", 5, 7),
        ("|\n  for t in range(2):\n    Y = tahn(X)\n", 5, 9),
        ("|\n  # 中文\n  Y = X + tahn(X)\n", 5, 11),
        ("\n  Y = tahn(X)\n", 4, 7),
        ("Y = tahn(X)\n", 3, 14),
        ("   Y = tahn(X) # comment\n", 3, 17),
        ("'Y = tahn(X)'\n", 3, 15),
        ('"Y = tahn(X)"\n', 3, 15),
        (">\n  Y = tahn(X)\n", 4, 7),
    ],
)  # fmt: skip
def test_exact_places(program: str, line: int, column: int) -> None:
    """Blocks, with indentation signs and blank lines, and values of one line are exact."""
    found = problem(f"{HEAD}program: {program}")
    assert found.message == "unknown function 'tahn'"
    assert (found.line, found.column, found.width) == (line, column, 4)


@pytest.mark.parametrize(
    ("program", "line", "column"),
    [
        ('"A = X\\nY = tahn(X)"\n', 3, 10),
        ("'Y = X +\n  tahn(X)'\n", 3, 10),
        (">\n  Y =\n  tahn(X)\n", 3, 10),
        ('"\\x59 = tahn(X)"\n', 3, 10),
    ],
)
def test_other_places(program: str, line: int, column: int) -> None:
    """Where YAML changed the text, the value is blamed, and the place within it told in words."""
    found = problem(f"{HEAD}program: {program}")
    assert found.message.startswith("unknown function 'tahn' (line ")
    assert found.message.endswith(" of the program)")
    assert (found.line, found.column) == (line, column)


LINE = st.text(st.sampled_from("abX=+() #中"), min_size=1, max_size=8).filter(
    lambda line: line.strip() == line
)


@given(
    lines=st.lists(LINE | st.just(""), min_size=1, max_size=6).filter(any),
    spaces=st.integers(1, 9),
    data=st.data(),
)
def test_places_in_blocks(lines: list[str], spaces: int, data: st.DataObject) -> None:
    """Any character of any line of a block is found again in the file."""
    text = "\n".join(lines)
    file = f"key: 1\nprogram: |\n{indent(text, ' ' * spaces)}\nlast: 1\n"
    tree = compose(file, Report("t", file))
    assert isinstance(tree, Mapping)
    node = tree.find("program")
    assert isinstance(node, Scalar)
    number = data.draw(st.sampled_from([k for k, line in enumerate(lines) if line]))
    column = data.draw(st.integers(0, len(lines[number]) - 1))
    place = moved(Problem("m", number + 1, column + 1), Word(node.text, node.span), file)
    assert file.splitlines()[place.line - 1][place.column - 1 :] == lines[number][column:]


def test_all_problems_of_a_program() -> None:
    """Independent problems come together, in the order of the file."""
    found = problems(f"{HEAD}program: |\n  A = tahn(X)\n  B = X + Q\n  C = import\nview: 1\n")
    assert [p.line for p in found] == [4, 5, 6, 7]


def test_a_broken_leaf_does_not_hide_a_broken_program() -> None:
    """What is wrong with the program's grammar is said although a leaf is not known."""
    found = problems("format: 1\ninputs: {X: [1, two]}\nprogram: |\n  Y = (X\n")
    assert [p.line for p in found] == [2, 4]


@pytest.mark.parametrize("program", ["''", "|\n", "'# nothing'"])
def test_nothing_to_compute(program: str) -> None:
    """A program that binds no name needs a backward that says where to start."""
    assert problem(f"{HEAD}program: {program}\n").message == "the program binds no name"
