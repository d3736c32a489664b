"""Every way to differentiate at a special point is one derivative, whoever asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pytest

from tui_backprop.rules import RULES
from tui_backprop.rules.conventions.following import rules_of
from tui_backprop.rules.conventions.points import POINTS, points_of
from tui_backprop.rules.shapes import unbroadcast

if TYPE_CHECKING:
    from tui_backprop.rules.derivative import Derivative
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array, Params

CHANGED: Final = [
    (op, framework)
    for op in POINTS
    for framework in (
        "jax",
        "tensorflow",
        "autograd",
        "mlx",
        "mygrad",
        "pytensor",
        "mxnet",
        "torch",
    )
    if rules_of(framework)[op] is not RULES[op]
]

_NUMBERS: Final = (0.0, 0.0, 1.0, -1.0, 2.0, 2.0, -3.0, 0.5)


def draws(rule: Rule, seed: int) -> tuple[tuple[Array, ...], Params] | None:
    """An example of the row, its operands full of ties and zeros."""
    random = np.random.default_rng(seed)
    examples = [e for e in rule.examples if all(0 not in shape for shape in e.shapes)]
    example = examples[seed % len(examples)]
    operands = tuple(
        np.asarray(random.choice(_NUMBERS, size=shape), dtype=np.float64)
        for shape in example.shapes
    )
    return operands, {**{p.name: p.default for p in rule.parameters}, **example.params}


def jacobian(
    derivative: Derivative, y: Array, operands: tuple[Array, ...], params: Params
) -> Array:
    """By one backward pass for each row."""
    shape = operands[derivative.argument].shape
    rows = []
    for j in range(y.size):
        unit = np.zeros(y.size)
        unit[j] = 1
        with np.errstate(all="ignore"):
            pulled = derivative.vjp(unit.reshape(y.shape), y, operands, params)
        rows.append(unbroadcast(pulled, shape).ravel())
    return np.array(rows).reshape(y.size, -1)


@pytest.mark.parametrize(("op", "framework"), CHANGED)
def test_partials_are_what_a_unit_pulls_back(op: str, framework: str) -> None:
    """Entry by entry, where they are finite: 0 times an infinite slope is a matter of its own."""
    rule = rules_of(framework)[op]
    compared = 0
    for seed in range(6):
        drawn = draws(rule, seed)
        assert drawn is not None
        operands, params = drawn
        with np.errstate(all="ignore"):
            y = np.asarray(rule.forward(np, *operands, **params))
        for derivative in rule.derivatives:
            if derivative is None:
                continue
            whole = jacobian(derivative, y, operands, params)
            pattern = derivative.picked(y.shape, operands, params)
            own = operands[derivative.argument].shape
            for j in range(y.size):
                for i in pattern.columns(j).tolist():
                    at = np.unravel_index(j, y.shape), np.unravel_index(i, own)
                    with np.errstate(all="ignore"):
                        entry = derivative.entries(np, *at, y, operands, params)
                    if np.isfinite(whole[j, i]) and np.isfinite(entry):
                        np.testing.assert_allclose(entry, whole[j, i], atol=1e-12)
                        compared += 1
    assert compared


@pytest.mark.parametrize(("op", "framework"), CHANGED)
def test_forward_and_backward_are_dual(op: str, framework: str) -> None:
    """⟨v, J·t⟩ = ⟨Jᵀv, t⟩ where all of it is finite."""
    rule = rules_of(framework)[op]
    random = np.random.default_rng(0)
    compared = 0
    for seed in range(8):
        drawn = draws(rule, seed)
        assert drawn is not None
        operands, params = drawn
        with np.errstate(all="ignore"):
            y = np.asarray(rule.forward(np, *operands, **params))
            v = random.normal(size=y.shape)
            for derivative in rule.derivatives:
                if derivative is None:
                    continue
                t = random.normal(size=operands[derivative.argument].shape)
                pushed = np.sum(v * derivative.jvp(t, y, operands, params))
                pulled = unbroadcast(derivative.vjp(v, y, operands, params), t.shape)
                back = np.sum(pulled * t)
                if np.isfinite(pushed) and np.isfinite(back):
                    np.testing.assert_allclose(pushed, back, rtol=1e-9, atol=1e-12)
                    compared += 1
    assert compared


@pytest.mark.parametrize(("op", "framework"), CHANGED)
def test_away_from_the_points_nothing_changes(op: str, framework: str) -> None:
    """With numbers that are no ties and no zeros the row is the op table's."""
    rule, own = rules_of(framework)[op], RULES[op]
    random = np.random.default_rng(1)
    for example in rule.examples:
        operands = tuple(
            domain.sample(random, shape)
            for domain, shape in zip(rule.domains, example.shapes, strict=True)
        )
        params = {**{p.name: p.default for p in rule.parameters}, **example.params}
        with np.errstate(all="ignore"):
            y = np.asarray(own.forward(np, *operands, **params))
        met = [s.met(y, *operands, **params) for s in points_of(rule)]
        if any(np.any(found) for found in met):
            continue  # of one entry the standard deviation is always 0
        v = random.normal(size=y.shape)
        for ours, theirs in zip(own.derivatives, rule.derivatives, strict=True):
            if ours is None or theirs is None:
                assert ours is theirs
                continue
            with np.errstate(all="ignore"):
                expected = ours.vjp(v, y, operands, params)
                found = theirs.vjp(v, y, operands, params)
            np.testing.assert_array_equal(found, expected)


def test_float32_stays_float32() -> None:
    """A changed slope takes the precision of the row."""
    for op, framework in CHANGED:
        rule = rules_of(framework)[op]
        drawn = draws(rule, 0)
        assert drawn is not None
        operands, params = tuple(x.astype(np.float32) for x in drawn[0]), drawn[1]
        with np.errstate(all="ignore"):
            y = np.asarray(rule.forward(np, *operands, **params))
            for derivative in rule.derivatives:
                if derivative is not None:
                    pulled = derivative.vjp(np.ones_like(y), y, operands, params)
                    assert pulled.dtype == np.float32, (op, framework)
