"""A walk over given numbers on the screen: what is not known is a sentence in its pane."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.attach.saved.test_laws import with_rows
from tests.attach.tapes import recorded
from tests.debug.test_folding import encoder
from tests.render.views import opened
from tests.tui.conftest import LARGE, running
from tui_backprop.api import load, scenario_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.exhaustive
@pytest.mark.few(1)
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


async def test_a_saved_walk_opens_on_the_screen(tmp_path: Path) -> None:
    """Under the name of its file, with all its panes; a file of another walk can be compared."""
    recorded(opened("matvec")[1], lambda node: node.id % 2 == 0).save(tmp_path / "a.walk")
    async with running(load(tmp_path / "a.walk"), size=LARGE) as driver:
        assert "a.walk" in driver.text()
        for _ in range(6):
            await driver.press("s")
        await driver.press("S", "colon")
        await driver.write(f"compare {tmp_path / 'a.walk'}")
        await driver.press("enter")
        assert "no event differs" in driver.text()


async def test_modules_are_gone_over_and_into_on_the_screen() -> None:
    """By keys and by a click; the pane says where one is."""
    walked = with_rows(encoder())
    async with running(scenario_of(walked, "loss.backward()"), size=LARGE) as driver:
        await driver.press("n")
        assert "modules are folded: step goes in, next goes over" in driver.text()
        assert "over enc: 2 parameters" in driver.text()
        await driver.press("n", "n", "n")
        assert "over enc: 4 ops" in driver.text()
        await driver.press("left_parenthesis")
        assert "in enc.layers: fold goes out" in driver.text()
        assert "enc.layers.1.*" in driver.text()
        await driver.press("right_parenthesis")
        assert "enc.layers.1.*" not in driver.text()
        rows = driver.pane("graph").splitlines()
        y = next(y for y, row in enumerate(rows) if "4 ops" in row)
        await driver.pilot.click("#graph", offset=(8, y))
        await driver.settle()
        assert driver.session.inside == "enc.layers.0"
        await driver.press("S", "s")
        assert "in enc.layers.0: fold goes out" in driver.text()
