"""What a row says its op is like is what its own numbers do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from tui_backprop.api import Scenario
from tui_backprop.rules import RULES, find
from tui_backprop.scenario.load import loads

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.rules.rule import Rule, Traits
    from tui_backprop.rules.types import Array


def _named(has: Callable[[Traits], bool]) -> list[str]:
    return [name for name, rule in RULES.items() if has(rule.traits)]


def _value(rule: Rule, x: float) -> float:
    with np.errstate(all="ignore"):
        return float(rule.forward(np, np.asarray(x)))


def _slope(rule: Rule, x: float | Array) -> Array:
    at = np.asarray(x)
    params = {p.name: p.default for p in rule.parameters}
    with np.errstate(all="ignore"):
        y = np.asarray(rule.forward(np, at, **params))
        return rule.derivative(0).vjp(np.ones_like(y), y, (at,), params)


@pytest.mark.parametrize("name", _named(lambda t: t.defined != (-np.inf, np.inf)))
def test_an_op_is_nan_beyond_what_it_is_defined_for(name: str) -> None:
    """And a number within."""
    low, high = find(name).traits.defined
    within = np.clip(0.5, low + 0.5, high - 0.5)
    assert np.isfinite(_value(find(name), float(within)))
    assert np.isnan(_value(find(name), low - 0.5))
    assert high == np.inf or np.isnan(_value(find(name), high + 0.5))


@pytest.mark.parametrize("name", _named(lambda t: bool(t.slope or t.steep_at)))
def test_a_slope_is_infinite_where_it_is_said_to_be(name: str) -> None:
    """The formula is the slope's elsewhere, too."""
    rule = find(name)
    assert all(np.isinf(_slope(rule, float(at))) for at in rule.traits.steep_at)
    assert rule.traits.steep_at
    x = rule.domains[0].sample(np.random.default_rng(0), (5,))
    program = f"y = {rule.traits.slope.replace('·', '*')}"
    model = loads(f"format: 1\ninputs: {{x: {x.tolist()}}}\nprogram: {program}\n")
    written = Scenario(model).trace().value(model.graph.names["y"])
    np.testing.assert_allclose(written, _slope(rule, x), rtol=1e-12)


@pytest.mark.parametrize("name", _named(lambda t: t.overflows))
def test_an_exponential_overflows(name: str) -> None:
    """At a number that is not large."""
    assert _value(find(name), 2000.0) == np.inf


@pytest.mark.parametrize("name", _named(lambda t: t.saturates))
def test_the_slope_of_what_saturates_dwindles(name: str) -> None:
    """On one side at the least, where it is not small near 0."""
    far = np.abs(_slope(find(name), np.array([-1e6, 1e6])))
    assert far.min() < 1e-9
    assert _slope(find(name), 0.0) > 0.1


_BARE = {"square": 3.0, "sqrt": 3**-0.5, "log2": 1 / 3, "log10": 1 / 3, "exp2": 8.0}
"""What is left at 3 of the slopes of ops of one operand, where their constants are forgotten."""


def test_a_constant_that_may_be_forgotten_is_in_the_slope() -> None:
    """Without it the slope is that of the textbook but for one factor."""
    assert set(_named(lambda t: t.unscaled != 1)) == {*_BARE, "mse"}
    for name, bare in _BARE.items():
        rule = find(name)
        assert float(_slope(rule, 3.0)) * rule.traits.unscaled == pytest.approx(bare)
    mse = find("mse")
    x, t = np.array([3.0]), np.array([1.0])
    pulled = mse.derivative(0).vjp(np.ones(()), np.array(4.0), (x, t), {"reduction": "sum"})
    assert (pulled * mse.traits.unscaled).tolist() == [2.0]
