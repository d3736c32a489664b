"""What is taken, picked and pooled by places at once is what it is place by place.

Where all numbers name a place, windows stand side by side or no two entries tie, a quick way goes.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pytest

from tests.rules.quick import assert_near, drawn_v
from tui_backprop.rules import find
from tui_backprop.rules.ops.network.uneven_windows import Shared
from tui_backprop.rules.windows import Slide


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("odd", [None, -100.0, 1.0, 7.0, 2.3, 2.6, -0.4, np.nan, np.inf, -1.0])
@pytest.mark.parametrize("weighted", [False, True])
def test_samples_of_a_matrix_are_those_of_a_picture(
    odd: float | None, reduction: str, *, weighted: bool
) -> None:
    """Targets that are plain class numbers are looked up at once, but not along further axes."""
    chance = np.random.default_rng(4)
    logs, t = chance.normal(size=(6, 4)), chance.integers(0, 4, 6).astype(float)
    if odd is not None:
        t[3] = odd
    given = (chance.uniform(0.5, 2, 4),) if weighted else ()
    rule = find("nll")
    rule = rule.extras.of(("weight",)) if weighted and rule.extras else rule
    for ignored in (-100, 1):
        params = {"reduction": reduction, "ignore_index": ignored}
        y = np.asarray(rule.forward(np, logs, t, *given, **params))
        deep = logs[..., None], t[..., None], *given
        expected = np.asarray(rule.forward(np, *deep, **params))
        assert_near(y, expected.reshape(y.shape), digits=4)
        v = drawn_v(y, chance)
        found = rule.derivative(0).vjp(v, y, (logs, t, *given), params)
        pulled = rule.derivative(0).vjp(v.reshape(expected.shape), expected, deep, params)
        assert_near(found, pulled[..., 0], digits=4)


@pytest.mark.parametrize("odd", [-1.0, -5.0, -6.0, 4.4, 5.0, 4.6, 1e300, np.nan, -np.inf])
@pytest.mark.parametrize(
    ("name", "params"),
    [("take", {"axis": None}), ("take", {"axis": 1}), ("take_along_axis", {"axis": 0}),
     ("gather", {"axis": 1}), ("index_select", {"axis": 0})],
)  # fmt: skip
def test_places_are_read_the_same_beside_an_odd_one(
    name: str, params: dict[str, object], odd: float
) -> None:
    """Whole numbers that all name a place are read at once; one that does not changes no other."""
    chance = np.random.default_rng(6)
    x = chance.normal(size=(5, 4))
    plain = chance.integers(0, 4, (4,) if name == "index_select" else (4, 4)).astype(float)
    mixed = plain.copy()
    mixed[-1] = odd
    rule = find(name)
    y, beside = (np.asarray(rule.forward(np, x, at, **params)) for at in (plain, mixed))
    last = rule.forward(np, x, np.full_like(plain, odd), **params)
    axis = 0 if name != "take" or params["axis"] is None else 1
    parts = np.delete(y, -1, axis), np.take(last, [-1], axis)
    np.testing.assert_array_equal(beside, np.concatenate(parts, axis))
    v = drawn_v(y, chance)
    v[(..., -1, slice(None)) if axis and y.ndim > 2 else (-1,)] = 0
    pulled, other = (
        rule.derivative(0).vjp(v, value, (x, at), params)
        for value, at in ((y, plain), (beside, mixed))
    )
    np.testing.assert_array_equal(other, pulled)


@pytest.mark.parametrize(("windows", "kernel"), [(1, 1), (1, 4), (4, 1), (4, 3), (5, 2)])
def test_windows_side_by_side_are_as_windows_that_share_an_axis(windows: int, kernel: int) -> None:
    """Sums of windows, and what their places receive; a window more in the padding is another."""
    chance = np.random.default_rng(9)
    length = windows * kernel
    even, shared = Slide(length, kernel, kernel), Shared(length, windows)
    x, v = chance.normal(size=(3, length)), chance.normal(size=(3, windows))
    np.testing.assert_allclose(even.collect(x), shared.collect(x), rtol=1e-14)
    np.testing.assert_array_equal(even.spread(v), shared.spread(v))
    for slide in (Slide(length + 1, kernel, kernel), Slide(length, kernel, kernel, kernel // 2)):
        whole = np.eye(slide.length)
        made = slide.collect(whole)
        assert made.shape[-1] == slide.windows
        for window, column in enumerate(made.T):
            assert np.flatnonzero(column).tolist() == slide.places().of(window).tolist()
        np.testing.assert_array_equal(slide.spread(np.eye(slide.windows)), made.T)
        assert set(made.ravel()) <= {0.0, 1.0}


def test_what_was_shuffled_goes_back_to_where_it_was() -> None:
    """Of every entry, as its pattern says."""
    rule, params = find("pixel_shuffle"), {"upscale_factor": 3}
    x = np.arange(2 * 18 * 2 * 3, dtype=float).reshape(2, 18, 2, 3)
    y = rule.forward(np, x, **params)
    np.testing.assert_array_equal(rule.derivative(0).vjp(y, y, (x,), params), x)


@pytest.mark.parametrize("name", ["argmax", "argmin"])
def test_the_place_among_all_is_that_in_their_row(name: str) -> None:
    """Ties, NaN and infinities too."""
    chance = np.random.default_rng(8)
    for odd in (0.0, np.inf, -np.inf, np.nan):
        x = np.where(chance.random((4, 5)) < 0.3, odd, chance.integers(0, 3, (4, 5)))
        whole, row = (
            find(name).forward(np, a, axis=axis, keepdims=False)
            for a, axis in ((x, None), (x.ravel(), 0))
        )
        assert np.asarray(whole).dtype == x.dtype
        assert whole == row


_PICKING: Final[dict[str, dict[str, Any]]] = {
    "sort": {}, "topk": {"k": 3}, "cummax": {}, "cummin": {},
    "median": {}, "quantile": {"q": (0.0, 0.3, 0.5, 1.0)},
}  # fmt: skip


@pytest.mark.parametrize("odd", [1.5, 0.0, np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("name", _PICKING)
def test_what_is_picked_sends_back_what_was_pushed(name: str, axis: int, odd: float) -> None:
    """v·(J·t) = (v·J)·t along each axis: the first goes by flat positions, the second by lines.

    Beside an odd number that stands there several times, so that places have to be counted.
    """
    chance = np.random.default_rng(12)
    x = np.where(chance.random((4, 5, 6)) < 0.2, odd, chance.normal(size=(4, 5, 6)))
    rule = find(name)
    params = {p.name: p.default for p in rule.parameters} | _PICKING[name] | {"axis": axis}
    with np.errstate(all="ignore"):
        y = np.asarray(rule.forward(np, x, **params))
    v, t = drawn_v(y, chance), chance.normal(size=x.shape)
    pushed = rule.derivative(0).jvp(t, y, (x,), params)
    pulled = rule.derivative(0).vjp(v, y, (x,), params)
    assert pulled.shape == x.shape
    np.testing.assert_allclose(np.sum(pulled * t), np.sum(v * pushed), rtol=1e-12)


@pytest.mark.parametrize("shape", [(9,), (3, 9), (9, 3), (3, 9, 2)])
@pytest.mark.parametrize(("size", "step"), [(3, 1), (2, 2), (2, 3), (4, 2), (9, 1), (8, 1), (1, 4)])
def test_windows_send_back_to_the_places_that_they_read(
    shape: tuple[int, ...], size: int, step: int
) -> None:
    """v·(J·t) = (v·J)·t of few long windows, which go place by place, and of many short ones."""
    chance = np.random.default_rng(20)
    rule, params = find("unfold"), {"axis": shape.index(9), "size": size, "step": step}
    x, t = chance.normal(size=(2, *shape))
    y = rule.forward(np, x, **params)
    v = drawn_v(y, chance)
    pulled = rule.derivative(0).vjp(v, y, (x,), params)
    np.testing.assert_allclose(np.sum(pulled * t), np.sum(v * rule.forward(np, t, **params)))
    read = rule.derivative(0).vjp(np.ones_like(y), y, (x,), params)
    assert read.sum() == y.size


@pytest.mark.parametrize("odd", [None, 2.4, 1.6, -1.0, 9.0, np.nan])
@pytest.mark.parametrize("score", [0.5, np.inf, -np.inf, np.nan])
@pytest.mark.parametrize("p", [1, 2])
@pytest.mark.parametrize("weighted", [False, True])
def test_margins_of_samples_together_are_those_of_each(
    odd: float | None, score: float, p: int, *, weighted: bool
) -> None:
    """Of plain labels and finite scores at once, and of one sample alone never."""
    chance = np.random.default_rng(21)
    x, t = chance.normal(size=(6, 4)), chance.integers(0, 4, 6).astype(float)
    x[2, 1], t[4] = score, t[4] if odd is None else odd
    given = (chance.uniform(0.5, 2, 4),) if weighted else ()
    rule = find("multi_margin")
    rule = rule.extras.of(("weight",)) if weighted and rule.extras else rule
    params = {"p": p, "margin": 0.7, "reduction": "none"}
    with np.errstate(all="ignore"):
        y = np.asarray(rule.forward(np, x, t, *given, **params))
        v = drawn_v(y, chance)
        found = rule.derivative(0).vjp(v, y, (x, t, *given), params)
        for k in range(6):
            alone = x[k], t[k], *given
            value = np.asarray(rule.forward(np, *alone, **params))
            assert_near(y[k], value, digits=8)
            assert_near(found[k], rule.derivative(0).vjp(v[k], value, alone, params), digits=8)


@pytest.mark.parametrize(("name", "sign"), [("cummax", 1), ("cummin", -1)])
def test_a_running_extreme_goes_to_the_last_that_has_it(name: str, sign: int) -> None:
    """From a NaN on to the last NaN, and in a line without one beside it as usual."""
    x = sign * np.array([[1.0, np.nan, 0.0, np.nan, 5.0], [1.0, 3.0, 3.0, 2.0, 0.0]])
    rule, v = find(name), np.array([[1.0, 2.0, 4.0, 8.0, 16.0]] * 2)
    y = rule.forward(np, x, axis=1)
    found = rule.derivative(0).vjp(v, y, (x,), {"axis": 1})
    np.testing.assert_array_equal(found, [[1, 6, 0, 24, 0], [1, 2, 28, 0, 0]])


def test_a_label_that_is_not_whole_names_the_nearest_class() -> None:
    """One among plain ones is rounded, and not cut off."""
    logs, plain = np.log(np.arange(1, 13).reshape(3, 4) / 12), np.array([1.0, 3.0, 0.0])
    rule, params = find("nll"), {"reduction": "none", "ignore_index": -100}
    for odd in (2.6, 3.4):
        t = np.where(plain == 3, odd, plain)
        y = rule.forward(np, logs, plain, **params)
        np.testing.assert_array_equal(rule.forward(np, logs, t, **params), y)
        by_t, by_plain = (rule.derivative(0).vjp(y, y, (logs, each), params) for each in (t, plain))
        np.testing.assert_array_equal(by_t, by_plain)
