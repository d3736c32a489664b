"""A walk over given numbers on the screen: what is not known is a sentence in its pane."""

from __future__ import annotations

import pytest

from tests.attach.tapes import recorded
from tests.render.views import opened
from tests.tui.conftest import LARGE, running
from tui_backprop.api import scenario_of


@pytest.mark.parametrize("refuses", [True, False])
async def test_every_pane_can_be_looked_at(refuses: bool) -> None:
    """Forward through the whole walk and back, and no error of the program itself."""
    walked = recorded(opened("matvec")[1], lambda _node: False, refuses=refuses)
    async with running(scenario_of(walked, "loss.backward()"), size=LARGE) as driver:
        seen = [driver.text()]
        for _ in range(len(walked.timeline) - 1):
            await driver.press("s")
            seen.append(driver.text())
        await driver.press("S", "S")
        assert "loss.backward()" in seen[0]
        assert any("not saved" in text for text in seen)
        assert ("J is not known here" in seen[-1]) is refuses
        wrong = [text for text in seen if "error of the program" in text]
        assert not wrong, wrong[0]


async def test_numbers_of_another_program_are_not_set() -> None:
    """The command says where they are changed, and the walk stands."""
    walked = recorded(opened("matvec")[1])
    async with running(scenario_of(walked, "loss.backward()"), size=LARGE) as driver:
        await driver.press("colon")
        await driver.write("set x = [1, 1, 1]")
        await driver.press("enter")
        assert "change them there" in driver.text()
