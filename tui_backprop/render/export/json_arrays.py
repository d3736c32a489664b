"""Arrays in the JSON object: nested lists, in pieces of a bounded size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.render.text.json import json_text, spelled

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tui_backprop.rules.types import Array

_BLOCK: Final = 4096
"""Entries of an array that become text at once."""


def array_json(array: Array) -> Iterator[str]:
    """The pieces of one array."""
    if array.size <= _BLOCK:
        values = array.tolist()
        yield json_text(values if np.isfinite(array).all() else spelled(values))
    elif array.ndim == 1:
        for start in range(0, array.size, _BLOCK):
            block = "".join(array_json(array[start : start + _BLOCK]))
            yield f"{', ' if start else '['}{block[1:-1]}"
        yield "]"
    else:
        for number, row in enumerate(array):
            yield ", " if number else "["
            yield from array_json(row)
        yield "]"


def members_json(arrays: Mapping[str, Array]) -> Iterator[str]:
    """The members of an object, without its braces."""
    for number, (name, array) in enumerate(arrays.items()):
        yield f"{', ' if number else ''}{json_text(name)}: "
        yield from array_json(array)


def more_members_json(arrays: Mapping[str, Array]) -> Iterator[str]:
    """Likewise after other members."""
    yield ", "
    yield from members_json(arrays)
