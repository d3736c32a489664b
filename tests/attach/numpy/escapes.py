"""Functions that do what cannot be traced; the line that is to be named says ``# here``."""

from __future__ import annotations

import math
from typing import Any

import numpy as np


def item_assignment(x: Any) -> Any:
    """On a traced array."""
    x[0] = 1.0  # here
    return x


def plain_assignment(x: Any) -> Any:
    """Into an array of NumPy."""
    found = np.zeros(3)
    for k in range(3):
        found[k] = x[k] ** 2  # here
    return np.sum(found)


def row_assignment(x: Any) -> Any:
    """A whole row of it."""
    found = np.zeros((2, 3))
    found[1] = x  # here
    return np.sum(found)


def to_float(x: Any) -> Any:
    """A plain number."""
    return float(x[0]) * 2.0  # here


def to_int(x: Any) -> Any:
    """A whole one."""
    return np.sum(x) * int(x[0])  # here


def of_math(x: Any) -> Any:
    """A function of Python's."""
    return math.exp(x[0])  # here


def to_dtype(x: Any) -> Any:
    """A plain array."""
    return np.sum(np.asarray(x, dtype=float))  # here


def item(x: Any) -> Any:
    """A method that gives a plain number."""
    return x.sum().item() * 2  # here


def sorted_in_place(x: Any) -> Any:
    """A method that changes the array."""
    x.sort()  # here
    return x


def complex_numbers(x: Any) -> Any:
    """By a factor."""
    return np.abs(np.sum(x * 1j))  # here


def fourier(x: Any) -> Any:
    """A transform."""
    return np.sum(np.abs(np.fft.fft(x)))  # here


def full_like(x: Any) -> Any:
    """What cuts the path silently elsewhere."""
    return np.sum(np.full_like(np.ones(3), x[0]))  # here


def copied(x: Any) -> Any:
    """The same by its own name."""
    found = np.zeros(3)
    np.copyto(found, x)  # here
    return np.sum(found)


def written_out(x: Any) -> Any:
    """An array to write into."""
    found = np.zeros(3)
    np.add(found, x, out=found)  # here
    return np.sum(found)


def stale(x: Any) -> Any:
    """Another name of an array that was changed in place."""
    y = x * 1.0
    z = y
    y += 1
    return np.sum(z * y)  # here


def stale_view(x: Any) -> Any:
    """A part of an array that was changed in place."""
    y = x * 1.0
    part = y[:2]
    y *= 2
    return np.sum(y) + np.sum(part)  # here


def stale_plain(x: Any) -> Any:
    """An array of NumPy's that traced numbers were added to, under its other name."""
    total = first = np.zeros(3)
    total += x
    return np.sum(total * first)  # here


def another_name(x: Any) -> Any:
    """A traced array under the name of a plain one, changed in place."""
    y = np.asarray(x)
    y *= x  # here
    return np.sum(x)


def another_name_read(x: Any) -> Any:
    """The same the other way round."""
    y = np.asarray(x)
    x *= 2.0
    return np.sum(x * y)  # here


def copied_late(x: Any) -> Any:
    """A view, copied after its array was changed."""
    y = np.outer(x, x)
    d = np.diag(y)
    y -= 2.0
    return np.sum(d.copy() * x)  # here


def same_dtype(x: Any) -> Any:
    """What is no copy when it need not be one."""
    y = x.astype(float, copy=False)
    y += 1.0
    return np.sum(x * y)  # here


def without_nan(x: Any) -> Any:
    """A function that can change its argument."""
    return np.sum(np.nan_to_num(x, copy=False) * x)  # here


def unknown(x: Any) -> Any:
    """A function without an op."""
    return np.sum(np.linalg.eigvals(np.outer(x, x)))  # here


def with_where(x: Any) -> Any:
    """An argument that the op has not."""
    return np.sum(x, where=np.array([True, False, True]))  # here


def traced_axis(x: Any) -> Any:
    """A traced number where the op needs a plain one."""
    return np.sum(np.roll(x, x[0]))  # here


def fractional_index(x: Any) -> Any:
    """An index that is no whole number."""
    return x[np.array([0.5, 1.0])]  # here


def within_another(x: Any) -> Any:
    """In a function that the function calls."""

    def inner(y: Any) -> Any:
        return float(y)  # here

    return np.sum(x) * inner(x[0])


def a_tuple(x: Any) -> Any:  # here
    """Two results."""
    return x, np.sum(x)


def a_list(x: Any) -> Any:  # here
    """A list of them."""
    return [x[0], x[1]]


def nothing_traced(x: Any) -> Any:  # here
    """A result that no input reaches."""
    return np.ones(np.shape(x))


def a_condition(x: Any) -> Any:  # here
    """A result without a slope."""
    return x > 0


def a_count(x: Any) -> Any:  # here
    """Whole numbers."""
    return np.sum(x > 0)


ESCAPES = [
    item_assignment, plain_assignment, row_assignment, to_float, to_int, of_math, to_dtype,
    item, sorted_in_place, complex_numbers, fourier, full_like, copied, written_out, stale,
    stale_view, stale_plain, another_name, another_name_read, copied_late, same_dtype,
    without_nan, unknown, with_where,
    traced_axis, fractional_index, within_another, a_tuple, a_list, nothing_traced, a_condition,
    a_count,
]  # fmt: skip
