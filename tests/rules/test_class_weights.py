"""Losses over classes that have a weight each, and samples that are ignored."""

from __future__ import annotations

from math import inf, nan
from typing import Any

import numpy as np
import pytest

from tui_backprop.errors import ArgumentError, ShapeError
from tui_backprop.rules import find


def _weighted(name: str, x: Any, t: Any, weight: Any, **params: Any) -> tuple[Any, Any]:
    """The value and the slopes by the scores."""
    extras = find(name).extras
    assert extras is not None
    rule = extras.of(("weight",))
    arrays = tuple(np.asarray(part, dtype=np.float64) for part in (x, t, weight))
    with np.errstate(all="ignore"):
        y = np.asarray(rule.forward(np, *arrays, **params))
        return y, rule.derivative(0).vjp(np.ones_like(y), y, arrays, params)


X = np.array([[1.0, 2.0, 0.0], [0.5, -1.0, 2.0], [0.0, 0.0, 1.0]])
W = np.array([1.0, 2.0, 0.5])


def test_weighted_mean_divides_by_the_weights_of_the_classes() -> None:
    """As PyTorch has it: a class that counts twice counts twice in the divisor too."""
    total = np.log(np.exp(X).sum(axis=1))
    each = total - X[np.arange(3), [1, 2, 0]]
    expected = (2 * each[0] + 0.5 * each[1] + 1 * each[2]) / 3.5
    for name, scores in (("cross_entropy", X), ("nll", np.log(np.exp(X)))):
        found, _ = _weighted(name, scores, [1, 2, 0], W)
        if name == "cross_entropy":
            assert float(found) == pytest.approx(float(expected))
        else:
            assert float(found) == pytest.approx(-(2 * 2 + 0.5 * 2 + 0) / 3.5)


@pytest.mark.parametrize(
    ("t", "params", "expected"),
    [
        ([0, 1, -100], {}, None),
        ([0, 1, 2], {"ignore_index": 2}, None),
        ([0, 1, 2], {"ignore_index": 2, "label_smoothing": 0.1}, None),
        ([2, 2, 2], {"ignore_index": 2}, nan),
        ([2, 2, 2], {"ignore_index": 2, "reduction": "sum"}, 0.0),
    ],
)
def test_ignored_samples_count_for_nothing(
    t: list[int], params: dict[str, Any], expected: float | None
) -> None:
    """They have no loss, no slope and no part in the mean, not even where scores are −inf.

    Only scores without a softmax give NaN for a slope, as they do in PyTorch.
    """
    spoiled = X.copy()
    spoiled[2] = [-np.inf, 5.0, -np.inf]
    static = {key: value for key, value in params.items() if key != "ignore_index"}
    found, slopes = _weighted("cross_entropy", spoiled, t, W, **params)
    if expected is None:
        kept, others = _weighted("cross_entropy", X[:2], t[:2], W, **static)
        np.testing.assert_allclose(found, kept)
        np.testing.assert_allclose(slopes, [*others, [0.0, 0.0, 0.0]])
        spoiled[2] = [-np.inf, np.inf, 0.0]
        found, slopes = _weighted("cross_entropy", spoiled, t, W, **params)
        np.testing.assert_allclose(found, kept)
        np.testing.assert_allclose(slopes, [*others, [np.nan] * 3])
    else:
        np.testing.assert_equal(float(found), expected)


@pytest.mark.parametrize(
    ("t", "params", "expected"),
    [
        ([1, 2], {"label_smoothing": 0.1}, 0.49386179998298063),
        ([1, -100], {"label_smoothing": 0.1}, 0.42395571592586456),
        ([[0.2, 0.3, 0.5], [0.6, 0.4, 0.0]], {}, 2.38291103899331),
        ([[0.2, 0.3, 0.5], [0.6, 0.4, 0.0]], {"label_smoothing": 0.1}, 2.340806775324902),
    ],
)
def test_numbers_of_pytorch(t: Any, params: dict[str, Any], expected: float) -> None:
    """What torch.nn.functional.cross_entropy gives with the same weight."""
    found, _ = _weighted("cross_entropy", X[:2], t, W, **params)
    assert float(found) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("name", ["cross_entropy", "nll"])
@pytest.mark.parametrize("wild", [inf, nan])
def test_the_weight_of_a_class_that_none_names_does_not_matter(name: str, wild: float) -> None:
    """Not even an infinite one: it is left out, not multiplied by 0."""
    kept = _weighted(name, X[:2], [1, 2], W)
    for found, expected in zip(_weighted(name, X[:2], [1, 2], [wild, *W[1:]]), kept, strict=True):
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("name", ["cross_entropy", "nll"])
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("weight", [(1, 2, 3), (1, 0, 3), (1, inf, 3), (1, nan, 3), (-1, 1, 3)])
def test_an_ignored_sample_passes_nothing_whatever_the_mean_divides_by(
    name: str, reduction: str, weight: tuple[float, ...]
) -> None:
    """By VJP, by J times a tangent, and entry by entry, even where the mean divides by 0."""
    extras = find(name).extras
    assert extras is not None
    rule = extras.of(("weight",))
    of = np.array(weight, dtype=np.float64)
    some, all_ = ((X, np.array(t), of) for t in ([1.0, 2.0, 1.0], [2.0, 2.0, 2.0]))
    params: dict[str, Any] = {"reduction": reduction, "ignore_index": 2}
    derivative = rule.derivative(0)
    with np.errstate(all="ignore"):
        y = np.asarray(rule.forward(np, *some, **params))
        pulled = derivative.vjp(np.ones_like(y), y, some, params)
        place = (np.array([1]),) * y.ndim
        partials = [
            derivative.entries(np, place, (np.array([1]), np.array([c])), y, some, params)
            for c in range(3)
        ]
        pushed = derivative.jvp(X, np.asarray(rule.forward(np, *all_, **params)), all_, params)
    np.testing.assert_array_equal(pulled[1], 0)
    np.testing.assert_array_equal(np.ravel(partials), 0)
    np.testing.assert_array_equal(pushed, 0)


def test_what_does_not_fit_a_weight_is_refused() -> None:
    """The message shows both shapes, and what an index is for."""
    extras = find("nll").extras
    assert extras is not None
    with pytest.raises(ShapeError, match=r"weight \(2,\) does not fit scores \(2, 3\)"):
        extras.of(("weight",)).shape((2, 3), (2,), (2,))
    with pytest.raises(ArgumentError, match=r"ignore_index=1 is for class indices \(2,\)"):
        find("cross_entropy").shape((2, 3), (2, 3), ignore_index=1)
