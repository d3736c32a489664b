"""Losses as numbers: reductions, far ends, classes that are none, and shapes that do not fit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tui_backprop.errors import ArgumentError, ShapeError
from tui_backprop.rules import find
from tui_backprop.rules.ops.losses.losses import RULES
from tui_backprop.rules.symbolic import Symbols, partial_expression

PAIRED = [rule.name for rule in RULES]


def _pull(name: str, *operands: Any, argument: int = 0, v: Any = 1.0, **params: Any) -> Any:
    rule = find(name)
    arrays = tuple(np.asarray(x, dtype=np.float64) for x in operands)
    with np.errstate(all="ignore"):
        y = np.asarray(rule.forward(np, *arrays, **params))
        return rule.derivative(argument).vjp(np.full(y.shape, v), y, arrays, params)


def _value(name: str, *operands: Any, **params: Any) -> Any:
    with np.errstate(all="ignore"):
        return find(name).forward(np, *(np.asarray(x, dtype=float) for x in operands), **params)


def test_reductions_are_pytorchs() -> None:
    """The mean over all entries, their sum, or every one."""
    x, t = [[1.0, 2.0], [3.0, 5.0]], [[0.0, 2.0], [1.0, 2.0]]
    assert _value("mse", x, t) == 14 / 4
    assert _value("mse", x, t, reduction="sum") == 14
    np.testing.assert_array_equal(_value("mse", x, t, reduction="none"), [[1, 0], [4, 9]])
    np.testing.assert_array_equal(_pull("mse", x, t), [[0.5, 0], [1, 1.5]])
    np.testing.assert_array_equal(_pull("mse", x, t, argument=1), [[-0.5, 0], [-1, -1.5]])


@pytest.mark.parametrize("name", [*PAIRED, "cross_entropy", "nll"])
def test_other_reductions_are_refused(name: str) -> None:
    """The message says which there are."""
    known = "'mean', 'sum', 'batchmean' or" if name == "kl_div" else "'mean', 'sum' or"
    with pytest.raises(ArgumentError, match=f"{known} 'none', found 'max'"):
        find(name).shape((3,), () if name == "nll" else (3,), reduction="max")


@pytest.mark.parametrize("name", PAIRED)
def test_shapes_that_differ_are_refused(name: str) -> None:
    """(3, 1) against (3,) would silently compare each with each."""
    with pytest.raises(ShapeError, match=rf"{name} .*\(3, 1\) and \(3,\); nothing is broadcast"):
        find(name).shape((3, 1), (3,))


@pytest.mark.parametrize(
    ("name", "operands", "expected"),
    [
        ("mae", (2.0, 2.0), 0.0),
        ("hinge", (1.0, 1.0), 0.0),
        ("hinge", (0.5, 1.0), -1.0),
        ("huber", (3.0, 1.0), 1.0),
        ("huber", (1.0, 3.0), -1.0),
        ("huber", (2.0, 1.0), 1.0),
        ("binary_cross_entropy", (0.0, 0.0), 0.0),
        ("binary_cross_entropy", (0.0, 1.0), -1e12),
        ("binary_cross_entropy", (1.0, 0.0), 1e12),
    ],
)
def test_slope_at_the_special_point(
    name: str, operands: tuple[float, ...], expected: float
) -> None:
    """The conventions, in numbers."""
    assert _pull(name, *operands) == expected


def test_kink_of_a_reduced_loss_is_the_nearest() -> None:
    """Zero where any entry stands on one; its sign turns when an entry crosses."""
    kink = find("mae").kink
    assert kink is not None
    t = np.zeros(3)
    assert kink(np, np.array([1.0, 0.0, -2.0]), t) == 0
    below, above = (kink(np, np.array([1.0, d, -2.0]), t) for d in (-1e-3, 1e-3))
    assert (below, above) == (1e-3, -1e-3)
    np.testing.assert_array_equal(
        kink(np, np.array([1.0, 0.0, 2.0]), t, reduction="none"), [1, 0, 2]
    )


def test_binary_cross_entropies_agree_and_keep_small_losses() -> None:
    """Of a logit and of its sigmoid; sure and right, the loss is exp(−|x|) and not 0."""
    x, t = np.array([-3.0, 0.0, 2.0]), np.array([0.0, 0.25, 1.0])
    p = 1 / (1 + np.exp(-x))
    by_logit = _value("binary_cross_entropy_with_logits", x, t, reduction="none")
    by_probability = _value("binary_cross_entropy", p, t, reduction="none")
    np.testing.assert_allclose(by_logit, by_probability, rtol=1e-13)
    sure = _value("binary_cross_entropy_with_logits", [-50.0, 50.0], [0.0, 1.0], reduction="none")
    np.testing.assert_allclose(sure, np.exp(-50.0), rtol=1e-13)
    wrong = _value("binary_cross_entropy_with_logits", [-1e4, 1e4], [1.0, 0.0], reduction="none")
    np.testing.assert_array_equal(wrong, 1e4)


def test_binary_cross_entropy_of_a_certain_mistake_is_100() -> None:
    """The logarithm is cut off there."""
    found = _value("binary_cross_entropy", [0.0, 1.0, 0.0], [1.0, 0.0, 0.0], reduction="none")
    np.testing.assert_array_equal(found, [100, 100, 0])


def test_kl_div_of_a_class_that_does_not_occur_is_0() -> None:
    """0·log 0 is 0."""
    np.testing.assert_allclose(
        _value("kl_div", np.log([0.5, 0.5]), [0.0, 1.0], reduction="none"), [0, np.log(2)]
    )


def test_cross_entropy_of_indices_is_that_of_their_probabilities() -> None:
    """Value and slope; and nll of log_softmax is the same again."""
    x = np.random.default_rng(1).normal(size=(4, 3))
    t = np.array([0.0, 2.0, 1.0, 2.0])
    one_hot = np.eye(3)[t.astype(int)]
    by_index, by_weight = _value("cross_entropy", x, t), _value("cross_entropy", x, one_hot)
    np.testing.assert_allclose(by_index, by_weight, rtol=1e-14)
    np.testing.assert_allclose(_value("nll", _value("log_softmax", x), t), by_index, rtol=1e-14)
    e = np.exp(x)
    expected = (e / e.sum(axis=1, keepdims=True) - one_hot) / 4
    for target in (t, one_hot):
        np.testing.assert_allclose(_pull("cross_entropy", x, target), expected, rtol=1e-13)


def test_smoothing_moves_towards_even_weights() -> None:
    """As PyTorch: (1 − s)·w + s/C, of indices and of probabilities."""
    x, s = np.array([1.0, -1.0, 0.5, 2.0]), 0.2
    weights = (1 - s) * np.eye(4)[3] + s / 4
    expected = -np.sum(weights * _value("log_softmax", x))
    for t in (3.0, np.eye(4)[3]):
        found = _value("cross_entropy", x, t, label_smoothing=s)
        np.testing.assert_allclose(found, expected, rtol=1e-14)
    with pytest.raises(ArgumentError, match=r"must be from 0 to 1, found 1\.5"):
        find("cross_entropy").shape((3,), (), label_smoothing=1.5)


@pytest.mark.parametrize("t", [-1.0, 3.0, 2.5, np.nan, np.inf])
def test_target_that_is_no_class_gives_nan(t: float) -> None:
    """Of its own sample only, in value and slope."""
    x, targets = np.zeros((2, 3)), [1.0, t]
    for name in ("cross_entropy", "nll"):
        value = _value(name, x, targets, reduction="none")
        slope = _pull(name, x, targets, reduction="none")
        assert np.isnan([value, slope[:, 0]]).tolist() == [[False, True], [False, True]]
        assert np.isnan(_value(name, x, targets))


def test_masked_scores_do_not_spoil_the_loss() -> None:
    """A score of −∞ rules a class out."""
    x = [1.0, -np.inf, 1.0]
    np.testing.assert_allclose(_value("cross_entropy", x, 0.0), np.log(2))
    np.testing.assert_allclose(_pull("cross_entropy", x, 0.0), [-0.5, 0, 0.5])


def test_class_index_receives_nothing() -> None:
    """Its pattern has no entry; probabilities have one for each."""
    by_t = find("cross_entropy").derivative(1)
    assert by_t.sparsity((), ((4, 3), (4,)), {}).nonzeros == 0
    assert by_t.sparsity((), ((4, 3), (4, 3)), {}).nonzeros == 12
    np.testing.assert_array_equal(_pull("cross_entropy", [1.0, 2.0], 1.0, argument=1), 0)


def test_targets_that_do_not_fit_are_refused() -> None:
    """With both shapes, and what was expected."""
    expected = r"targets \(4,\) .* scores \(2, 3\): .* indices \(2,\), or probabilities \(2, 3\)"
    with pytest.raises(ShapeError, match=expected):
        find("cross_entropy").shape((2, 3), (4,))
    with pytest.raises(ShapeError, match=r"targets \(2, 3\) .* indices \(2,\)"):
        find("nll").shape((2, 3), (2, 3))
    with pytest.raises(ShapeError, match=r"scores of shape \(N, C\), \(C,\) or .* found \(\)"):
        find("cross_entropy").shape((), ())


@pytest.mark.parametrize("t_shape", [(2,), (2, 1000)])
@pytest.mark.parametrize("argument", [0, 1])
def test_formula_over_many_classes_names_the_softmax(
    t_shape: tuple[int, ...], argument: int
) -> None:
    """A thousand terms would be read by nobody."""
    x, t, y = Symbols("x", (2, 1000)), Symbols("t", t_shape), Symbols("y", ())
    i = (1,) if argument and len(t_shape) == 1 else (1, 3)
    params = {"label_smoothing": 0.25, "reduction": "sum"}
    found = partial_expression(find("cross_entropy"), argument, (), i, y, (x, t), params)
    assert len(found.free_symbols) <= 3


def test_batchmean_divides_by_the_samples() -> None:
    """Not by the entries, as mean does."""
    p_log, t = np.log([[0.5, 0.5], [0.25, 0.75]]), [[0.5, 0.5], [0.5, 0.5]]
    summed = _value("kl_div", p_log, t, reduction="sum")
    assert _value("kl_div", p_log, t, reduction="batchmean") == pytest.approx(float(summed) / 2)
    np.testing.assert_allclose(_pull("kl_div", p_log, t, reduction="batchmean"), -np.asarray(t) / 2)


@pytest.mark.parametrize("name", ["cross_entropy", "nll"])
@pytest.mark.parametrize("shape", [(2, 3, 4), (2, 3, 2, 2), (1, 3, 0)])
@pytest.mark.parametrize("params", [{}, {"reduction": "sum"}, {"ignore_index": 1}])
def test_the_classes_of_images_stand_on_axis_1(
    name: str, shape: tuple[int, ...], params: dict[str, Any]
) -> None:
    """As in PyTorch each position is a sample: value and slope are those of the flat scores."""
    random = np.random.default_rng(3)
    z, t = random.normal(size=shape), random.integers(0, 3, size=(shape[0], *shape[2:]))
    flat = np.moveaxis(z, 1, -1).reshape(-1, 3)
    found, expected = _value(name, z, t, **params), _value(name, flat, t.ravel(), **params)
    np.testing.assert_allclose(found, expected, rtol=1e-13)
    moved = np.moveaxis(_pull(name, z, t, **params), 1, -1).reshape(-1, 3)
    np.testing.assert_allclose(moved, _pull(name, flat, t.ravel(), **params), rtol=1e-13)


@pytest.mark.parametrize("name", ["cross_entropy", "nll"])
def test_classes_that_stand_last_are_told_where_they_belong(name: str) -> None:
    """Other libraries have them there; what the message says to write fits."""
    with pytest.raises(ShapeError, match=r"axis 1, so write moveaxis\(…, -1, 1\) if axis 2 has"):
        find(name).shape((2, 4, 3), (2, 4))
    assert find(name).shape((2, 3, 4), (2, 4), reduction="none") == (2, 4)
