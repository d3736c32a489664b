"""What a person means who knows NumPy and other debuggers: rows, arithmetic, names bound again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tui_backprop as tb
from tui_backprop.debug.commands.completing import complete
from tui_backprop.errors import CommandError
from tui_backprop.scenario.load import loads

if TYPE_CHECKING:
    from tui_backprop import Session

TEXT = """\
format: 1
inputs:
  w: 2
  X: [1, 2, 3]
  E: [[1, 2], [3, 4]]
constants: {ids: [0, 1]}
program: |
  g = 2 * w
  for i in range(3):
      g = g * w
  h = X * 2
  h = h * 3
  k = exp(h)
  L = g + sum(h) + sum(E @ ids)
backward: {of: L, v: 1}
"""


def session(text: str = TEXT) -> Session:
    """At the first step."""
    return tb.Scenario(loads(text, "t.yaml")).session()


@st.composite
def computed(draw: st.DrawFn) -> tuple[str, float]:
    """An expression of numbers as a person types it, and its value."""
    text, value = draw(st.sampled_from([("2", 2.0), ("1.5", 1.5), ("1e-3", 1e-3), ("pi", np.pi)]))
    for _ in range(draw(st.integers(0, 3))):
        gap = draw(st.sampled_from(["", " "]))
        match draw(st.sampled_from([*"+-*/~("])):
            case "+":
                text, value = f"{text}{gap}+{gap}3", value + 3
            case "-":
                text, value = f"{text}{gap}-{gap}.5" if not gap else f"{text} - .5", value - 0.5
            case "*":
                text, value = f"({text}){gap}*{gap}2", value * 2
            case "/":
                text, value = f"({text}){gap}/{gap}7", value / 7
            case "~":
                text, value = f"-({text})", -value
            case _:
                text = f"({text})"
    return text, value


@given(st.lists(computed(), min_size=3, max_size=3))
def test_numbers_may_be_computed(numbers: list[tuple[str, float]]) -> None:
    """In a list and alone they are what the program language says."""
    made = session()
    made.execute(f"set X = [{', '.join(text for text, _ in numbers)}]")
    made.execute(f"set w = {numbers[0][0]}")
    assert made.trace.leaves["X"] == pytest.approx([value for _, value in numbers])
    assert made.trace.leaves["w"] == pytest.approx(numbers[0][1])


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        ("set w = 1/3", "w", 1 / 3), ("set w = -2**3", "w", -8), ("set w = 1-3", "w", -2),
        ("set w = (5)", "w", 5), ("set w = sqrt(2)", "w", 2**0.5), ("set w = - 3", "w", -3),
        ("set X = [1/3, 2/3, 2*pi]", "X", [1 / 3, 2 / 3, 2 * np.pi]),
        ("set X = [1 -2 3]", "X", [1, -2, 3]), ("set X = (1, 2, 3)", "X", [1, 2, 3]),
        ("set E[0] = [7, 8]", "E", [[7, 8], [3, 4]]),
        ("set E[-1] = [1/2, 2]", "E", [[1, 2], [0.5, 2]]),
        ("set E[1, 0] = 6", "E", [[1, 2], [6, 4]]), ("set E[0] = X[:2]", "E", [[1, 2], [3, 4]]),
    ],
)  # fmt: skip
def test_what_is_set(line: str, name: str, value: object) -> None:
    """Entries, rows and whole leaves; saved and restored they are the same."""
    made = session()
    made.execute("goto 9")
    made.execute(line)
    np.testing.assert_array_equal(made.trace.leaves[name], value)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("set X = 1/3", "'X' has shape (3,), not ()"),
        ("set E[0] = 5", "'E[0]' has the shape (2,); found ()"),
        ("set E[0] = [1, 2, 3]", "'E[0]' has the shape (2,); found (3,)"),
        ("set E[0, 1] = [1, 2]", "'E[0, 1]' is one number; found 2"),
        ("set E[2] = [1, 2]", "'E' has shape (2, 2); it has no entry [2]"),
        ("set E[0] = [1/2, z]", "there is no 'z'"),
        ("set w = [1", "a '[' is not closed"),
        (
            "why E.grad[0]",
            "'E.grad' has shape (2, 2); of [0] there are the entries E.grad[0,0] to E.grad[0,1]",
        ),
        ("goto E.grad[1]", "the entries E.grad[1,0] to E.grad[1,1]"),
        ("break write E.grad[0]", "the entries E.grad[0,0] to E.grad[0,1]"),
        ("break E[0]", "of [0] there are the entries E[0,0] to E[0,1]"),
    ],
)  # fmt: skip
def test_a_row_is_no_entry(line: str, message: str) -> None:
    """Who asks for the gradient of a row is told how its entries are typed."""
    with pytest.raises(CommandError, match=re.escape(message)):
        session().execute(line)


def test_a_row_of_v_is_set() -> None:
    """As one of a leaf is."""
    made = session(
        TEXT.replace("{of: L, v: 1}", "{of: E2}").replace("  L =", "  E2 = E * 2\n  L =")
    )
    made.execute("set v[1] = [5, 1/4]")
    run = made.trace.runs[0]
    assert run is not None
    np.testing.assert_array_equal(run.seed, [[1, 1], [5, 0.25]])


NO_GRADIENT = "ids is a constant: no gradient is kept for it"


@pytest.mark.parametrize("asked", ["ids.grad", "ids.grad[0]"])
@pytest.mark.parametrize(
    "line",
    ["print {}", "display {}", "watch {}", "watch w if {} > 1", "break if norm({}) > 1",
     "until norm({}) > 1", "condition 1 norm({}) > 1", "goto {}", "break write {}",
     "set X[0] = norm({})"],
)  # fmt: skip
def test_what_has_no_gradient_is_not_waited_for(line: str, asked: str) -> None:
    """Whichever command names it says why, and `why` says it in its answer."""
    made = session()
    made.execute("break 3")
    with pytest.raises(CommandError, match=NO_GRADIENT):
        made.execute(line.format(asked))
    assert NO_GRADIENT in made.execute("why ids.grad[0]")
    assert len(made.breakpoints) == 1


@pytest.mark.parametrize(
    "line", ["watch k.grad", "watch k.grad[0] if k.grad[1] > 1", "break if norm(k.grad) > 1",
             "condition 1 norm(k.grad) > 1"],
)  # fmt: skip
def test_what_no_step_writes_is_not_waited_for(line: str) -> None:
    """No pass comes to it: it would never stop."""
    made = session()
    made.execute("break 3")
    with pytest.raises(CommandError, match=re.escape("no step of this walk writes 'k.grad")):
        made.execute(line)


def test_what_has_no_gradient_is_not_offered() -> None:
    """By Tab, of expressions and of places."""
    made = session()
    for line in ("watch ", "goto ", "break write ", "break if ", "print "):
        words = complete(made, line).words
        assert "ids.grad" not in words
        assert "X.grad" in words


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("break g", "g is bound 4 times: this is g@4, the others are g@1 to g@3"),
        ("break h partial", "h is bound twice: this is h@2, the other is h@1"),
    ],
)
def test_which_binding_a_name_means_is_said(line: str, message: str) -> None:
    """Where it is one of several, with how the others are typed; not where it was said."""
    made = session()
    assert made.execute(line).endswith(message)
    for other in ("break g@4 build", "break X", "break op exp"):
        assert "bound" not in made.execute(other)
    for name in re.findall(r"\w@\d", message):
        made.execute(f"break {name} seed partial")


def test_the_path_tells_bindings_apart() -> None:
    """The first of a name is not called as the last is; arguments only where they differ."""
    made = session()
    made.execute("goto g@1.grad")
    told = made.execute("where")
    assert "g@1  from g@2 = g * w" in told
    assert "g@3  from g@4 = g * w" in told
    assert "argument" not in told
    again = session(TEXT.replace("k = exp(h)", "k = h * h").replace("sum(h)", "sum(k)"))
    again.execute("goto h.grad")
    assert again.execute("where").endswith("h@2  from k = h * h, first argument")
