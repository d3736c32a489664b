"""What a row says its op is like is what its own numbers do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.rules.cases import CASES, EXTENDED, FAMILIES, each_case_if, each_edge_if
from tui_backprop.api import Scenario
from tui_backprop.rules import RULES, find
from tui_backprop.rules.derivative import Constant, Scalar
from tui_backprop.scenario.load import loads

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.rules.cases import Case, Edge
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
    assert abs(_slope(find(name), 0.0)) > 0.1


def _never_falls(rule: Rule) -> bool:
    numbers = np.concatenate([np.linspace(-3, 3, 60001), 10.0 ** np.arange(-8, 300, 4)])
    x = np.sort(np.clip(np.concatenate([numbers, -numbers]), *rule.traits.defined))
    with np.errstate(all="ignore"):
        found = rule.forward(np, x)
    # By a last digit: NumPy's cbrt is the C library's, or the processor's, and one of them falls.
    is_rounding = np.isclose(found[1:], found[:-1], rtol=1e-15, atol=0)
    return bool(np.all((found[1:] >= found[:-1]) | is_rounding))


def test_what_rises_never_falls() -> None:
    """Between two numbers that it is defined for, but for rounding; and every other op does."""
    plain = [r for r in RULES.values() if r.elementwise and len(r.operands) == 1]
    rising = {rule.name for rule in plain if not rule.parameters and _never_falls(rule)}
    assert rising == set(_named(lambda t: t.rises))


def _marked(case: Case) -> tuple[Array, ...]:
    """Operands no two entries of which are the same, some negative and none whole."""
    shapes = case.example.shapes
    sizes = [int(np.prod(shape)) for shape in shapes]
    numbers = np.random.default_rng(0).permutation(sum(sizes)) - sum(sizes) / 2 + 0.3
    parts = np.split(numbers, np.cumsum(sizes)[:-1])
    return tuple(x.reshape(shape) for x, shape in zip(parts, shapes, strict=True))


def _hold(law: Callable[[Case], bool]) -> set[str]:
    """The ops whose entries meet and for which a law holds on all examples of the row."""
    cases = [case for case in CASES if not case.rule.elementwise and case.rule not in EXTENDED]
    cases = [case for case in cases if all(d is not None for d in case.rule.derivatives)]
    return {c.rule.name for c in cases} - {c.rule.name for c in cases if not law(c)}


def _moves(case: Case) -> bool:
    operands = _marked(case)
    return bool(
        np.isin(case.forward(operands), np.concatenate([x.ravel() for x in operands])).all()
    )


def test_what_moves_or_chooses_gives_entries_as_they_are() -> None:
    """Each entry is one of an operand's, of what chooses one that its size decides."""
    assert _hold(_moves) == set(_named(lambda t: t.moves or t.chooses))
    assert not _named(lambda t: t.moves and t.chooses)
    assert all(rule.traits.moves for rule in FAMILIES if rule.name in {"stack", "concatenate"})


def _doubles(case: Case) -> bool:
    operands = _marked(case)
    twice = (
        tuple(x * 2 if a == b else x for b, x in enumerate(operands)) for a in range(len(operands))
    )
    y = case.forward(operands)
    return len(operands) > 1 and all(np.allclose(case.forward(two), 2 * y) for two in twice)


def test_sums_of_products_double_with_each_operand() -> None:
    """And no other op of several arrays does."""
    several = [name for name in _named(lambda t: t.sums_products) if name != "einsum"]
    assert _hold(_doubles) == set(several)  # of one array einsum only sums
    assert find("einsum").traits.sums_products


@each_case_if(lambda case: case.rule.traits.adds)
def test_what_adds_is_a_sum(case: Case) -> None:
    """The value of sums is the sum of the values, and no larger than the largest sum of sizes."""
    one = _marked(case)
    other = tuple(np.cos(x) for x in one)
    both = case.forward(tuple(a + b for a, b in zip(one, other, strict=True)))
    np.testing.assert_allclose(both, case.forward(one) + case.forward(other), atol=1e-9)
    sizes = sum(float(np.abs(x).sum()) for x in one)
    assert not both.size or np.abs(case.forward(one)).max() <= sizes + 1e-9 or np.isnan(both).all()


def test_reductions_say_that_they_are() -> None:
    """Every row of one array with an axis that may be kept; a place is no number of the array."""
    found = {
        name for name, rule in RULES.items()
        if len(rule.operands) == 1 and {"axis", "keepdims"} <= {p.name for p in rule.parameters}
        and rule.is_differentiable
    }  # fmt: skip
    found -= {"quantile", "percentile", "nanquantile"}  # several have an axis of their own
    found -= {"kthvalue", "nanmedian"}  # a NaN among the entries need not be seen
    assert found == set(_named(lambda t: t.reduces))


@each_case_if(lambda case: case.rule.traits.reduces and case.params.get("ord") != 0)
def test_what_reduces_reads_the_entries_along_its_axes(case: Case) -> None:
    """All of them, and no others: a NaN spreads over just these."""
    (x,) = _marked(case)
    params = {key: p for key, p in case.params.items() if key in {"axis", "keepdims"}}
    already = np.isnan(case.forward((x,)))
    for flat in range(x.size):
        spoiled = np.array(x)
        spoiled.flat[flat] = np.nan
        expected = already | np.any(np.isnan(spoiled), **params)
        np.testing.assert_array_equal(np.isnan(case.forward((spoiled,))), expected)


@each_edge_if(lambda edge: edge.derivative.masked)
def test_what_chooses_says_what_it_chose(edge: Edge) -> None:
    """Where a partial is 0, the row has a reason of its own or data pass the entry over."""
    traits = edge.case.rule.traits
    is_flat = isinstance(edge.derivative, Scalar) and edge.derivative.partial == Constant(0)
    assert is_flat or traits.zero or traits.passed_over


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
