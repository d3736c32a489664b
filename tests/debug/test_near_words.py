"""What was probably meant, whatever its capitals: commands, their words, names, ops, functions."""

from __future__ import annotations

import pytest

from tests.marks import together
from tui_backprop.api import Scenario
from tui_backprop.debug.commands import COMMANDS
from tui_backprop.errors import CommandError, ScenarioError
from tui_backprop.language.catalogue import language_of
from tui_backprop.rules import RULES
from tui_backprop.scenario.fields import DOCUMENT
from tui_backprop.scenario.load import loads

TEXT = """\
format: 1
inputs: {X: [1, 2, 3]}
program: |
  h = relu(X)
  Y = 2 * h
backward: {of: Y, v: [1, 2, 3]}
"""


def _complaint(line: str) -> str:
    session = Scenario(loads(TEXT)).session()
    with pytest.raises(CommandError) as caught:
        session.execute(line)
    return str(caught.value)


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        *((command.name.upper(), command.name) for command in COMMANDS if len(command.name) > 2),
        ("break OP relu", "op"), ("break Write X.grad[0]", "write"), ("break SEED", "seed"),
        ("break partil", "partial"), ("info OP relu", "op"), ("info Node Y", "node"),
        ("info brekpoints", "breakpoints"), ("info op ReLU", "relu"), ("set V = [1, 0, 0]", "v"),
        ("set x = [1, 2, 3]", "X"), ("goto y", "Y"), ("print x", "X"), ("print H", "h"),
        ("print ReLU(X)", "relu"), ("watch x.grad", "X"), ("display y", "Y"),
        ("why x.grad[0]", "X"), ("health Plot", "plot"), ("help Goto", "goto"),
    ],
)  # fmt: skip
def test_a_line_that_is_nearly_right(line: str, meant: str) -> None:
    """The message has the word, and so has the Chinese one."""
    complaint = _complaint(line)
    assert f"did you mean '{meant}'" in complaint
    assert f"“{meant}”" in language_of("zh").retold(complaint) or meant in line


def test_an_op_of_this_walk_is_named() -> None:
    """Alone, where its letters are right."""
    assert _complaint("break op ReLU") == "no node here is a 'ReLU'; there are: relu"


@together("name", [op for op in RULES if len(op) > 2])
def test_a_function_in_capitals_is_found(name: str) -> None:
    """Any of them; each is the only thing that is said of the file."""
    text = TEXT.replace("relu", name.upper())
    with pytest.raises(ScenarioError) as caught:
        loads(text)
    assert [p.hint for p in caught.value.problems] == [f"did you mean '{name}'?"]


@pytest.mark.parametrize("key", DOCUMENT.keys)
def test_a_key_in_capitals_is_found(key: str) -> None:
    """Whatever else is said of the file."""
    with pytest.raises(ScenarioError) as caught:
        loads(f"{TEXT}{key.title()}: 1\n")
    assert f"did you mean '{key}'?" in [p.hint for p in caught.value.problems]


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("e = 2 * X\nY = e + 1", []),
        ("range = X\nY = range + 1\nZ = Y * range", ["has a fixed meaning and cannot be bound"]),
        ("h = ReLU(X)\nY = h * 2\nZ = sum(Y)[0, 1]", ["unknown function 'ReLU'"]),
        ("h = X @ X @ X\nY = h.T @ h", ["cannot matmul"]),
        ("h = q\nY = h + h[5]", ["unknown name 'q'"]),
        ("for t in range(Q):\n  X = X * t\nY = X[9]", ["unknown name 'Q'"]),
    ],
)
def test_one_mistake_is_one_problem(program: str, said: list[str]) -> None:
    """What follows from it is not told as another."""
    body = "".join(f"  {line}\n" for line in program.split("\n"))
    text = f"format: 1\ninputs: {{X: [1, 2, 3]}}\nprogram: |\n{body}"
    try:
        loads(text)
        found = []
    except ScenarioError as error:
        found = [problem.message for problem in error.problems]
    assert len(found) == len(said), found
    assert all(want in one for want, one in zip(said, found, strict=True))


@pytest.mark.parametrize("line", ["set v[1] = 0", "set seed[1] = 0", "set v = [1, 0, 3]"])
@pytest.mark.parametrize("step", [0, 3, 5])
def test_v_can_be_set_at_any_step(line: str, step: int) -> None:
    """Before the seed too, entry by entry."""
    session = Scenario(loads(TEXT)).session()
    session.goto(step)
    session.execute(line)
    assert list(session.trace.grad["X"]) == [2, 0, 6]


@pytest.mark.parametrize("line", ["v = [1, 0, 0]", "v=[1,0,0]", "X[0] = 5", "seed = 1"])
def test_numbers_without_set_are_told_of(line: str) -> None:
    """With the line that sets them."""
    assert _complaint(line) == f"numbers are set by: set {line}"


@pytest.mark.parametrize(
    ("asked", "told"),
    [("h.shape", "[3]"), ("h.T.shape", "[3]"), ("h.ndim", "1"), ("h.size", "3"),
     ("X.grad.shape", "[3]"), ("sum(h).shape", "[]"), ("len(h)", "3"), ("h.shape[0]", "3")],
)  # fmt: skip
def test_what_an_array_is_like_can_be_printed(asked: str, told: str) -> None:
    """As a list, whatever a program may do with it."""
    session = Scenario(loads(TEXT)).session()
    session.execute("end")
    assert session.execute(f"print {asked}") == f"{asked} = {told}"
