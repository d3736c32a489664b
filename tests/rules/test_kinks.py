"""Corners: a row that has one says so, found by looking where numbers are equal or 0."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.rules.cases import CASES, each_case_if

if TYPE_CHECKING:
    from tests.rules.cases import Case
    from tui_backprop.rules.types import Array

STEP = 1e-7


def _bend(case: Case, at: tuple[Array, ...], along: tuple[Array, ...]) -> Array:
    """How much the slope along a direction changes at a place."""
    low, mid, high = (
        case.forward(tuple(x + s * STEP * t for x, t in zip(at, along, strict=True)))
        for s in (-1, 0, 1)
    )
    with np.errstate(all="ignore"):
        return np.asarray((high - 2 * mid + low) / STEP)


def _is_smooth(case: Case) -> bool:
    return case.rule.kink is None and case.rule.is_differentiable


@each_case_if(_is_smooth)
def test_row_without_a_kink_has_no_corner(case: Case) -> None:
    """Where all entries are 0, or tie, the slope is the same on both sides."""
    random = np.random.default_rng(0)
    for value in (0.0, 0.5, 1.0):
        operands, along = [], []
        rule = case.rule
        for shape, domain, d in zip(
            case.example.shapes, rule.domains, rule.derivatives, strict=True
        ):
            is_fixed = d is None or bool(domain.values)  # classes and conditions do not move
            operands.append(domain.sample(random, shape) if is_fixed else np.full(shape, value))
            along.append(np.zeros(shape) if is_fixed else random.normal(size=shape))
        bend = _bend(case, tuple(operands), tuple(along))
        assert np.all(np.abs(bend[np.isfinite(bend)]) < 1e-2), value


def _is_seen(case: Case) -> bool:
    """Whether there are entries, and for a maximum several to choose from."""
    count = prod(case.example.shapes[0])
    return count > 0 and (case.rule.name != "max" or count > prod(case.out))


@pytest.mark.parametrize(
    "case",
    [c for c in CASES if c.rule.name in {"relu", "abs", "max", "mae"} and _is_seen(c)],
    ids=str,
)
def test_a_corner_would_be_seen(case: Case) -> None:
    """The same measure finds the kink of rows that state one."""
    at = tuple(np.zeros(shape) for shape in case.example.shapes)
    along = (np.ones(case.example.shapes[0]), *at[1:])
    if case.rule.name == "max":
        along = (np.random.default_rng(0).normal(size=case.example.shapes[0]),)
    bend = _bend(case, at, along)
    assert np.any(np.abs(bend) > 1e-2)
