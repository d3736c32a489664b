"""Places: where the largest entry stands, and in which order all of them do.

A place is a number that jumps, so nothing comes back through it; given to `take_along_axis` and
its kin it says which entries are taken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.rules.ops.reducing.ordering import (
    DESCENDING,
    LAST,
    SORT_EXAMPLES,
    SORTED,
    order_of,
    share,
    sorted_shape,
)
from tui_backprop.rules.reduction_slopes import AXIS, KEEPDIMS, as_lines, nonempty_shape
from tui_backprop.rules.rows import structural
from tui_backprop.rules.rule import Example
from tui_backprop.rules.shapes import normal_axes, reduced_shape

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array, IntArray


def _places(name: str, compute: Callable[[Array], IntArray], *, descending: bool) -> Rule:
    """Where the largest or the smallest entry stands; of those that tie, the first."""

    def forward(m: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        if m is np and axis is None and not keepdims:
            return x.dtype.type(compute(x.reshape(-1)))
        axes = normal_axes(axis, x.shape)
        lines = as_lines(np.asarray(x, dtype=object if m is not np else None), axes)
        out = reduced_shape(x.shape, axis, keepdims)
        if m is np:
            return np.asarray(compute(lines), dtype=np.asarray(x).dtype).reshape(out)
        found = np.empty(lines.shape[:-1], dtype=object)
        for at in np.ndindex(found.shape):
            line = list(lines[at])
            found[at] = sum(k * share(m, line, k, 0, descending) for k in range(len(line)))
        return found.reshape(out)

    which = "largest" if descending else "smallest"
    return structural(
        name,
        "x",
        parameters=(AXIS, KEEPDIMS),
        forward=forward,
        shape=lambda x, axis=None, keepdims=False: nonempty_shape(name, x, axis, keepdims),
        parts=(None,),
        summary=f"the place of the {which} entry along an axis, or among all in C order; the "
        "first of those that tie",
        examples=(Example(((3,),)), Example(((),)), Example(((2, 2),)),
                  Example(((2, 3),), {"axis": 0}),
                  Example(((2, 3),), {"axis": -1, "keepdims": True})),
    )  # fmt: skip


def _argsort(m: Any, x: Any, axis: Any = -1, descending: bool = False) -> Any:
    axes = normal_axes(axis, x.shape)
    if m is np:
        found = order_of(as_lines(np.asarray(x), axes), descending)
        return SORTED.put(np.asarray(found, dtype=np.asarray(x).dtype), x.shape, axis, None)
    lines = as_lines(np.asarray(x, dtype=object), axes)
    written = np.empty(lines.shape, dtype=object)
    for *at, place in np.ndindex(lines.shape):
        line = list(lines[tuple(at)])
        shares = (k * share(m, line, k, place, descending) for k in range(len(line)))
        written[(*at, place)] = sum(shares)
    return SORTED.put(written, x.shape, axis, None)


RULES: Final[tuple[Rule, ...]] = (
    structural(
        "argsort",
        "x",
        parameters=(LAST, DESCENDING),
        forward=_argsort,
        shape=sorted_shape,
        parts=(None,),
        summary="the places of the entries from the least to the largest; those that tie in order",
        examples=SORT_EXAMPLES,
    ),
    _places("argmax", lambda lines: lines.argmax(axis=-1), descending=True),
    _places("argmin", lambda lines: lines.argmin(axis=-1), descending=False),
)  # fmt: skip
