"""A quiz on the screen: asked in the command line, answered in the drawer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from textual.widgets import Input

import tui_backprop as tb
from tests.marks import few
from tests.tui.conftest import SMALL
from tui_backprop.debug.quiz.choosing import chosen
from tui_backprop.debug.quiz.marking import shown
from tui_backprop.debug.quiz.question import NumberAnswer
from tui_backprop.debug.quiz.quiz import questions
from tui_backprop.graph.naming import adjoint_entry
from tui_backprop.scenario.files import shipped
from tui_backprop.timeline.frame import Phase
from tui_backprop.tui.asking.prompt import Prompt
from tui_backprop.tui.options import Options

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from tests.tui.conftest import Driver

    Run = Callable[..., AbstractAsyncContextManager[Driver]]


async def answer(driver: Driver, text: str) -> None:
    """Type a line in the prompt that is open."""
    await driver.write(text)
    await driver.press("enter")


async def begin(driver: Driver, line: str = "quiz") -> None:
    """Type the command."""
    await driver.press("colon")
    await answer(driver, line)


@pytest.mark.exhaustive
@pytest.mark.exhaustive
async def test_a_round_from_the_first_to_the_last(run: Run) -> None:
    """Each is asked before its step and told at it; the last one closes the line."""
    async with run("chain") as driver:
        asked = chosen(driver.session.timeline)
        await begin(driver)
        for question in asked:
            assert driver.session.cursor == question.step - 1
            assert "What is" in driver.text()
            assert "u = 2.25" not in driver.text() or question.step > 2
            await answer(driver, shown(question))
            assert driver.session.cursor == question.step
            if question is not asked[-1]:
                assert "right" in driver.text()
                await driver.press("enter")
        assert "8 of 8 right" in driver.text()
        assert not driver.screen.query(Prompt)


async def test_hints_wrong_answers_and_escape(run: Run) -> None:
    """A slip is named; escape ends it with what was right."""
    async with run("chain") as driver:
        await begin(driver)
        await answer(driver, "?")
        assert "hint 1: u = x ** 2" in driver.text()
        await answer(driver, "1")
        assert "once more" in driver.text()
        assert driver.session.cursor == 1
        await answer(driver, "2")
        assert "the right answer: 2.25" in driver.text()
        assert driver.session.cursor == 2
        await driver.press("enter")
        assert "question 2 of 8" in str(driver.find(Prompt).border_title)
        await driver.press("escape")
        assert "0 of 8 right" in driver.text()
        assert not driver.screen.query(Prompt)
        await driver.press("s")
        assert driver.session.cursor == 3


async def test_an_empty_line_skips_and_no_command_is_carried_out(run: Run) -> None:
    """What is typed is an answer, and no line of before comes back in it."""
    async with run("chain") as driver:
        await begin(driver)
        await answer(driver, "goto 7")
        assert driver.session.cursor == 1
        assert "expected a number" in driver.text()
        await driver.press("up")
        assert driver.find(Input).value == ""
        await driver.press("tab")
        assert driver.find(Input).value == ""
        await driver.press("enter")
        assert "the right answer" in driver.text()
        await driver.press("escape")
        await driver.press("colon", "up")
        assert driver.find(Input).value == "quiz"


async def test_a_small_screen_and_another_language(run: Run) -> None:
    """All of the question is in sight."""
    async with run("chain", size=SMALL, options=Options(algebra=False, language="zh")) as driver:
        await begin(driver)
        assert "u = x ** 2" in driver.text()
        await driver.press("escape")


async def test_the_whole_j_is_put_away(run: Run) -> None:
    """It knows more than the walk."""
    async with run("vector-double") as driver:
        await driver.press("colon")
        await answer(driver, "total on")
        assert driver.screen.view_model.total
        await begin(driver)
        assert not driver.screen.view_model.total


async def test_notes_and_formulas_are_put_away_while_something_is_asked(run: Run) -> None:
    """They come back when the round is over."""
    async with run("mlp-2-3-1") as driver:
        asked = questions(driver.session)
        last = next(k for k, q in enumerate(asked) if q.kind == "expression")
        await begin(driver)
        for question in asked[:last]:
            assert driver.screen.view_model.hidden == "all"
            assert "tanh²" not in driver.text()
            await answer(driver, shown(question))
            assert driver.screen.view_model.hidden == "all"  # a formula is still to be asked
            assert "tanh²" not in driver.text()
            await driver.press("enter")
        assert "Put away while a question is open." in driver.text()
        await driver.press("escape")
        assert driver.screen.view_model.hidden == ""
        assert "Put away" not in driver.text()


async def test_it_is_remembered(run: Run, tmp_path: Path) -> None:
    """The next time says how it went."""
    path = tmp_path / "data" / "quiz.json"
    options = Options(algebra=False, progress=path)
    async with run("chain", options=options) as driver:
        await begin(driver)
        await answer(driver, "2.25")
        await driver.press("escape")
        assert json.loads(path.read_text())["scenarios"]["chain"]["right"] == 1
        await begin(driver)
        assert "the last time: 1 of 8 right" in driver.text()


async def test_a_count_that_is_none(run: Run) -> None:
    """The line stays to be mended."""
    async with run("chain") as driver:
        await begin(driver, "quiz many")
        assert driver.find(Input).value == "quiz many"


@pytest.mark.parametrize("name", few([p.stem for p in shipped()], 8))
def test_before_its_step_nothing_of_an_answer_is_computed(name: str) -> None:
    """So that no pane can show it: value, partial and sum are not there in the frame."""
    session = tb.load(name).session()
    if session.timeline.is_forward:
        session.execute("backward")
    trace, timeline = session.trace, session.timeline
    for question in chosen(timeline):
        before, at = (timeline[k] for k in (question.step - 1, question.step))
        if at.phase is Phase.BUILD:
            assert before.value(at.node.id) is None
        elif question.kind != "sum":
            same = before.edge == at.edge and before.pass_number == at.pass_number
            row, column = np.array(at.row), np.array(at.column)
            assert not same or not before.is_visited(row, column).all()
        elif isinstance(question.answer, NumberAnswer) and at.edge is not None:
            assert question.about == adjoint_entry(trace.graph, at.edge.parent, at.column)
            assert at.partial is not None
            was = before.adjoint(at.edge.parent).entry(at.column)
            assert repr(was) == repr(at.partial.before)  # NaN is itself there
