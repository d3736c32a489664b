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


IMAGES = [[[1.0, 0.5], [2.0, -1.0], [0.0, 2.0]], [[0.0, 1.5], [0.0, -0.5], [1.0, 0.25]]]
PYTORCHS_IMAGES: list[tuple[Any, dict[str, Any], Any, Any]] = [
    (
        [[1, 2], [0, 1]],
        {},
        1.3074938215918173,
        [
            [
                [0.08899217129265369, 0.01593549019454879],
                [-0.12173056153642844, 0.0035556884791534044],
                [0.0327383902437747, -0.019491178673702193],
            ],
            [
                [-0.14328335316052992, 0.25575053673519055],
                [0.0385348286576519, -0.3290242923093909],
                [0.10474852450287803, 0.07327375557420034],
            ],
        ],
    ),
    (
        [[1, -100], [0, 1]],
        {"label_smoothing": 0.1},
        1.3674575926609371,
        [
            [[0.0871459139043391, 0.0], [-0.1183243002863183, 0.0], [0.031178386381979162, 0.0]],
            [
                [-0.14357188328452594, 0.26293702414167996],
                [0.02976145004880737, -0.33684644147614956],
                [0.11381043323571857, 0.07390941733446951],
            ],
        ],
    ),
    (
        [[1, 2], [0, 1]],
        {"reduction": "none", "label_smoothing": 0.1, "ignore_index": 1},
        [[0.0, 0.38674306810572234], [1.560635459164252, 0.0]],
        [
            [[0.0, 0.06599788887935412], [0.0, -0.04450287514661044], [0.0, -0.02149501373274369]],
            [[-0.7178594164226298, 0.0], [0.14880725024403685, 0.0], [0.5690521661785929, 0.0]],
        ],
    ),
    (
        [[[0.2, 0.5], [0.3, 0.5], [0.5, 0.0]], [[1.0, 0.0], [0.0, 0.25], [0.0, 0.75]]],
        {"label_smoothing": 0.1},
        2.1158079591753918,
        [
            [
                [0.011621681692460877, -0.05656018954865322],
                [0.02489937034523396, -0.22732538980074793],
                [-0.03652105203769486, 0.2838855793494011],
            ],
            [
                [-0.17946485410565746, 0.1506449299965885],
                [0.03720181256100921, -0.10765129837044692],
                [0.14226304154464822, -0.04299363162614161],
            ],
        ],
    ),
]


@pytest.mark.parametrize(
    ("t", "params", "value", "slopes"),
    PYTORCHS_IMAGES,
)
def test_numbers_of_pytorch_for_images(
    t: Any, params: dict[str, Any], value: Any, slopes: Any
) -> None:
    """What torch.nn.functional.cross_entropy gives of (N, C, d1), and its gradient."""
    found, pulled = _weighted("cross_entropy", IMAGES, t, W, **params)
    np.testing.assert_allclose(found, value, rtol=1e-12)
    np.testing.assert_allclose(pulled, slopes, rtol=1e-12, atol=1e-16)
