"""Operands without axes: a number is computed with as an array without axes is.

Between the ops of a tape such values are NumPy numbers, which are no arrays.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pytest

from tests.rules.cases import Case, each_case_if
from tui_backprop.errors import ArgumentError, ShapeError
from tui_backprop.rules import RULES, find
from tui_backprop.rules.rule import Example

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.rules.rule import Rule


def _with_numbers(case: Case) -> Iterator[Case]:
    """The same row and parameters with some operands numbers, wherever the row takes that."""
    for chosen in product((False, True), repeat=len(case.example.shapes)):
        pairs = zip(case.example.shapes, chosen, strict=True)
        found = Case(case.rule, Example(tuple(() if is_one else s for s, is_one in pairs),
                                        case.example.params))  # fmt: skip
        if () not in found.example.shapes:
            continue
        try:
            found.out  # noqa: B018 - it raises where the row does not take it
        except (ArgumentError, ShapeError, ValueError):
            continue
        yield found


def _takes_a_number(case: Case) -> bool:
    return next(_with_numbers(case), None) is not None


@pytest.mark.few(6)
@each_case_if(_takes_a_number)
def test_a_number_is_an_array_without_axes(case: Case) -> None:
    """Value, gradient and partials of NumPy numbers are those of arrays without axes."""
    for found in _with_numbers(case):
        arrays = found.operands()
        numbers = tuple(x[()] for x in arrays)
        expected = found.forward(arrays)
        assert expected.shape == found.out
        np.testing.assert_array_equal(found.forward(numbers), expected)
        v = np.linspace(1, 2, expected.size).reshape(expected.shape)
        at = tuple(range(len(arrays) + 1))
        for edge in found.edges:
            pull = edge.derivative.bound(found.params, at)
            with np.errstate(all="ignore"):
                pulled = pull(v[()], (expected[()], *numbers))
                wanted = edge.derivative.vjp(v, expected, arrays, found.params)
            np.testing.assert_array_equal(pulled, wanted)


def _of_numpy(rule: Rule, operands: tuple[Any, ...], params: Any) -> Any:
    """What NumPy gives, or its refusal."""
    if rule.name == "einsum":
        return np.einsum(params["subscripts"], *operands)
    if rule.name == "average":
        return np.average(operands[0], weights=operands[1] if operands[1:] else None, **params)
    if rule.name == "clip":
        bounds = {**params, **dict(zip(rule.operands[1:], operands[1:], strict=True))}
        return np.clip(operands[0], bounds["min"], bounds["max"])
    return getattr(np, rule.name)(*operands, **params)


def _is_of_numpy(case: Case) -> bool:
    """Whether NumPy has the function, and it takes a number."""
    rule = case.rule
    is_there = (hasattr(np, rule.name) and rule.family is None) or rule.name == "einsum"
    # Of a number PyTorch sorts, NumPy does not; and NumPy takes whole numbers as places only.
    if rule.name in {"sort", "argsort", "take", "take_along_axis"}:
        return False
    return is_there and _takes_a_number(case)


@each_case_if(_is_of_numpy)
def test_what_numpy_makes_of_a_number_is_what_comes_out(case: Case) -> None:
    """Its value and its shape."""
    for found in _with_numbers(case):
        params = dict(found.params)
        if found.rule.name == "pad":
            params["mode"] = "constant"
        numbers = tuple(x[()] for x in found.operands())
        with np.errstate(all="ignore"):
            expected = np.asarray(_of_numpy(found.rule, numbers, params))
        assert expected.shape == found.out, found
        np.testing.assert_allclose(found.forward(numbers), expected, rtol=1e-15, err_msg=str(found))


_TAKES: Final = [
    *("sum", "prod", "max", "min", "cumsum", "cumprod", "logsumexp"),
    *("softmax", "log_softmax", "squeeze"),
]
_REFUSES: Final = ["mean", "var", "std", "norm", "flip"]


@pytest.mark.parametrize("axis", [0, -1])
@pytest.mark.parametrize("name", _TAKES)
def test_the_first_axis_of_a_number(name: str, axis: int) -> None:
    """NumPy's ufuncs, and PyTorch, take axis 0 or -1 of what has no axes."""
    rule = find(name)
    expected = rule.shape(())
    assert rule.shape((), axis=axis) == expected
    assert np.shape(rule.forward(np, np.float64(3.0), axis=axis)) == expected
    if hasattr(np, name):
        assert np.shape(getattr(np, name)(np.float64(3.0), axis=axis)) == expected


@pytest.mark.parametrize("axis", [1, -2, (0,), True])
@pytest.mark.parametrize("name", [*_TAKES, *_REFUSES])
def test_other_axes_of_a_number_are_refused(name: str, axis: Any) -> None:
    """As NumPy refuses them."""
    with pytest.raises(ArgumentError):
        find(name).shape((), axis=axis)


@pytest.mark.parametrize("axis", [0, -1])
@pytest.mark.parametrize("name", [*_REFUSES, "layer_norm", "batch_norm", "rms_norm"])
def test_functions_that_need_an_axis(name: str, axis: int) -> None:
    """NumPy's own functions that are no ufuncs find no axis of a number, nor does PyTorch."""
    with pytest.raises(ArgumentError, match="shape \\(\\) has no axes"):
        RULES[name].shape((), axis=axis, **({"eps": 1e-5} if name.endswith("_norm") else {}))


def test_remainder_counts_the_multiples_that_it_took() -> None:
    """0.25 / 0.001 rounds to 250; 249 are taken off, and the slope says 249."""
    rule = find("remainder")
    x, y = np.float64(0.25), np.float64(0.001)
    z = rule.forward(np, x, y)
    assert rule.derivative(1).vjp(np.ones(()), z, (x, y), {}) == -249
    assert rule.kink is not None
    assert rule.kink(np, x, y) != 0


def test_remainder_and_its_slope_agree_at_random() -> None:
    """X = q·y + z with the q of the slope, over many magnitudes."""
    random = np.random.default_rng(3)
    x = random.normal(size=2000) * 10.0 ** random.integers(-3, 4, 2000)
    y = random.choice([0.1, -0.1, 0.001, 0.3, -0.7, 1e-3, 3.0], 2000)
    rule = find("remainder")
    z = rule.forward(np, x, y)
    taken = -rule.derivative(1).vjp(np.ones_like(x), z, (x, y), {})
    np.testing.assert_allclose(z + taken * y, x, rtol=1e-9, atol=1e-15)
    assert np.all(taken == np.floor_divide(x, y))
