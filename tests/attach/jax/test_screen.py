"""The walk of a JAX function on the screen, whose threads ask JAX."""

from __future__ import annotations

import pytest

pytest.importorskip("jax")

import tui_backprop as tb
from tests.attach.jax.functions import FUNCTIONS
from tests.tui.conftest import LARGE, running
from tui_backprop.api import scenario_of


async def test_every_pane_can_be_looked_at() -> None:
    """Forward through the walk and back, with the user's line beside it."""
    function, arrays = FUNCTIONS["mlp"]
    trace = tb.trace(function, *arrays)
    async with running(scenario_of(trace, "mlp"), size=LARGE) as driver:
        seen = [driver.text()]
        for _ in range(len(trace.graph.nodes) + 6):
            await driver.press("s")
            seen.append(driver.text())
        await driver.press("S", "S")
        assert any("jnp.tanh(x @ w1 + b1)" in text for text in seen)
        assert any("∂" in text for text in seen)
        assert not [text for text in seen if "error of the program" in text]
