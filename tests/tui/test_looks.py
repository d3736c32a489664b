"""What it looks like: three pictures. Everything else is tested as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.tui.conftest import LARGE, SMALL
from tui_backprop.tui.options import Options

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from syrupy.assertion import SnapshotAssertion

    from tests.tui.conftest import Driver

    Run = Callable[..., AbstractAsyncContextManager[Driver]]


async def test_the_seed_at_80_by_24(run: Run, svg: SnapshotAssertion) -> None:
    """In the middle of the second column."""
    async with run("vector-double", SMALL) as driver:
        driver.session.goto(7)
        await driver.press("s")
        assert driver.picture() == svg


async def test_a_network_at_160_by_48(run: Run, svg: SnapshotAssertion) -> None:
    """In the middle of a matrix, walking back, in a light theme."""
    async with run("mlp-2-3-1", LARGE) as driver:
        driver.app.theme = "textual-light"
        driver.session.end()
        await driver.press("S", "S")
        assert driver.picture() == svg


async def test_ascii_at_80_by_24(run: Run, svg: SnapshotAssertion) -> None:
    """The same as the first without Unicode."""
    async with run("vector-double", SMALL, Options(ascii=True, algebra=False)) as driver:
        driver.session.goto(7)
        await driver.press("s")
        assert driver.picture() == svg
