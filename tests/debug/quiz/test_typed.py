"""Numbers, shapes, yes and no as people type them; what is none of these is refused calmly."""

from __future__ import annotations

import math
import re
from time import perf_counter

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.debug.quiz.rounds import number_forms, only, session
from tests.fuzz.effort import effort
from tui_backprop.debug.quiz.choosing import chosen
from tui_backprop.debug.quiz.marking import Verdict, mark
from tui_backprop.debug.quiz.question import NumberAnswer
from tui_backprop.debug.quiz.quiz import Quiz
from tui_backprop.debug.quiz.typed import (
    Exactness,
    Nearness,
    read_number,
    read_shape,
    read_truth,
)
from tui_backprop.errors import CommandError

EXACT = Exactness(1.5e-8)


@pytest.mark.parametrize(
    ("text", "value"),
    [("2", 2), ("-0", 0), ("1e-3", 0.001), ("1/3", 1 / 3), (".5", 0.5), ("5.", 5), ("−2", -2),
     (" + 3 ", 3), ("1.5/-3", -0.5), ("９", 9), ("１２／４", 3), ("－０．５", -0.5), ("4。", 4),
     ("０。５", 0.5), ("∞", math.inf), ("-∞", -math.inf), ("(6)", 6), ("[6]", 6), ("（６）", 6),
     ("3*3", 9), ("1+8", 9), ("3²", None), ("２×３", 6), ("1 ÷ 4", 0.25), ("--2", 2),
     ("-1/2.25**2", -1 / 2.25**2), ("cos(2.25)", math.cos(2.25)), ("1/2/3", 1 / 2 / 3),
     ("2e2/4e-1", 500), ("inf", math.inf), ("-Inf", -math.inf),
     ("-infinity", -math.inf)],
)  # fmt: skip
def test_numbers(text: str, value: float | None) -> None:
    """Blanks mean nothing; what numbers work out to is one, in full width too."""
    if value is None:
        with pytest.raises(CommandError, match="expected a number"):
            read_number(text)
    else:
        assert read_number(text).value == value


@pytest.mark.parametrize(
    "text",
    ["", "x", "1,5", "1/0", "0x10", "1_000", "①", "٣", "1e999", "1e-999", "ınf", "²", "9**9**9",
     "1e1000000000", "2 + x", "__import__('os')", "nan/2", "9" * 10**6, "1" + "0" * 10**6,
     "ones(3)", "sum(ones(99999))", "(" * 60 + ")" * 60, "2;3", "exec('2')", "2 if 1 else 3"],
)  # fmt: skip
def test_what_is_no_number(text: str) -> None:
    """Refused in a sentence, at once."""
    began = perf_counter()
    with pytest.raises(CommandError) as refused:
        read_number(text)
    assert perf_counter() - began < 1
    assert len(str(refused.value)) < 300


@effort(4)
@given(st.floats(width=64))
def test_a_number_is_read_as_it_is(value: float) -> None:
    """In every form that a person would write it in."""
    for text in number_forms(value):
        try:
            found = read_number(text)
        except CommandError:
            assert abs(value) < 1e-300 or abs(value) > 1e300, text
        else:
            assert found.nearness(value, EXACT) is Nearness.SAME, text


@effort(4)
@given(st.floats(1e-6, 1e6), st.integers(3, 8))
def test_a_rounded_number_is_right_and_its_neighbour_is_not(value: float, digits: int) -> None:
    """Whichever way it was rounded; a unit of the last digit more is another number."""
    rounded = f"{value:#.{digits}g}"
    assume("e" not in rounded and not rounded.endswith("."))
    assert read_number(rounded).nearness(value, EXACT) is Nearness.SAME
    unit = 10.0 ** -len(rounded.partition(".")[2])
    beside = f"{float(rounded) + 2 * unit:.{len(rounded.partition('.')[2])}f}"
    assert read_number(beside).nearness(value, EXACT) is Nearness.OTHER


@pytest.mark.parametrize(
    ("text", "right", "nearness"),
    [("0.33", 1 / 3, "rounded"), ("0.333", 1 / 3, "same"), ("0.3", 1 / 3, "rounded"),
     ("0.34", 1 / 3, "other"), ("0.334", 1 / 3, "other"), ("100", 99.6, "other"),
     ("100", 100.0, "same"), ("1.23e3", 1234.5, "same"), ("1.2e3", 1234.5, "rounded"),
     ("-1.777", -16 / 9, "cut"), ("-1.778", -16 / 9, "same"), ("-1.776", -16 / 9, "other"),
     ("1.777", -16 / 9, "other"), ("1.7", 16 / 9, "cut"), ("1.0", 16 / 9, "other"),
     ("0", 1e-12, "other"), ("0.0", 0.01, "other"), ("1", 2.0, "other"),
     ("nan", math.nan, "same"), ("0", math.nan, "other"), ("nan", 0.0, "other"),
     ("-inf", math.inf, "other"), ("1e308", math.inf, "other")],
)  # fmt: skip
def test_how_near_a_number_is(text: str, right: float, nearness: str) -> None:
    """Three digits are enough where they are rounded; NaN is NaN, infinities have signs."""
    assert read_number(text).nearness(right, EXACT).value == nearness


@pytest.mark.parametrize(
    ("text", "shape"),
    [("(3,)", (3,)), ("3", (3,)), ("3x2", (3, 2)), ("3 × 2", (3, 2)), ("[3, 2]", (3, 2)),
     ("（2，3）", (2, 3)), ("(2，3)", (2, 3)), ("2，3", (2, 3)), ("２、３", (2, 3)), ("scalar", ()),
     ("3 2", (3, 2)), ("()", ()), ("[ ]", ()), ("(3, 2,)", (3, 2)), ("3X2*4", (3, 2, 4))],
)  # fmt: skip
def test_shapes(text: str, shape: tuple[int, ...]) -> None:
    """With any brackets, or none."""
    assert read_shape(text) == shape


@pytest.mark.parametrize(
    "text", ["", "x", "(3", "3)", "-1", "٣", "3.0", "(3;2)", "1" * 50, "1 " * 10**6, "os.system"]
)
def test_what_is_no_shape(text: str) -> None:
    """Refused in a sentence."""
    with pytest.raises(CommandError):
        read_shape(text)


@pytest.mark.parametrize("text", ["0/0", "０／０", "1/0", "inf - inf", "0*inf", "log(0)"])
def test_a_division_by_0_is_not_told_what_it_gives(text: str) -> None:
    """That is the question, and the refusal is no try."""
    with pytest.raises(CommandError, match="write what comes out of it") as refused:
        read_number(text)
    assert not re.search("nan|inf ", str(refused.value))


@pytest.mark.parametrize("text", ["I don't know", "help", "不知道"])
def test_speech_points_to_the_hints(text: str) -> None:
    """Whoever types it wants one."""
    with pytest.raises(CommandError, match=r"\? gives a hint"):
        read_number(text)


def test_a_question_says_once_which_form_is_wanted() -> None:
    """Before anybody errs, and without a word on the answer."""
    asked = chosen(session("u = x * x\ny = exp(u)", "x: 0.5").timeline)
    quiz = Quiz(tuple(q for q in asked if isinstance(q.answer, NumberAnswer)))
    assert "answer with a number, such as 2, -0.5" in quiz.asked[-1]
    quiz.answer("")
    assert not any("answer with" in line for line in quiz.asked)


def test_yes_and_no() -> None:
    """In both languages; a number is neither."""
    assert read_truth(" Yes ")
    assert read_truth("是。")
    assert read_truth("ｙｅｓ")
    assert not read_truth("否")
    for text in ("0", "", "maybe", "y" * 10**6):
        with pytest.raises(CommandError):
            read_truth(text)


def test_too_few_digits_are_asked_for_again() -> None:
    """They are no wrong answer."""
    question = only("y = exp(x)", "x: 1.5", "value")
    assert mark(question, "4.5").verdict is Verdict.ROUGH
    assert mark(question, "4.48").verdict is Verdict.RIGHT
    assert mark(question, "4.49").verdict is Verdict.WRONG
    assert mark(question, "four").verdict is Verdict.UNREADABLE
