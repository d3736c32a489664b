"""Indexing a traced array: whole numbers, slices and lists are fixed, a condition may pick anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.attach.numpy.arrays import Traced, holds_traced, plain, traced
from tui_backprop.attach.numpy.binding import operand as operand_of
from tui_backprop.attach.numpy.frames import refused
from tui_backprop.language.message import said
from tui_backprop.rules import RULES

if TYPE_CHECKING:
    from tui_backprop.attach.numpy.record import Entry, Record


def index(record: Record, x: Traced, key: Any) -> Any:
    """``x[key]``; a traced condition picks entries, and may be told by other numbers later."""
    operand, rule = operand_of(record, x), RULES["index"]
    if isinstance(key, Traced) and key.dtype == bool and key.ndim and _is_condition(key.entry):
        value, condition = plain(x)[plain(key)], key.entry
        params = {"key": (plain(key).tolist(),)}
        return traced(record, record.op(rule, (operand,), params, value, (condition,)))
    parts = key if isinstance(key, tuple) else (key,)
    static = tuple(_part(record, part) for part in parts)
    if isinstance(plain(x), np.generic):
        value = np.asarray(plain(x))[static]
    else:
        value = plain(x)[tuple(np.array(p, np.intp) if p == [] else p for p in static)]
    names = tuple(_named(record, part) for part in parts)
    return traced(record, record.op(rule, (operand,), {"key": static}, value, names))


def _named(record: Record, part: Any) -> Entry | None:
    """A long list of whole numbers as a constant; None where a part is written out."""
    if isinstance(part, np.ndarray) and part.dtype.kind in "iu" and _FEW < part.size < _MOST:
        found = record.operand(part)
        return None if isinstance(found, float | int) else found
    return None


_FEW: Final = 8
"""Entries of an index that are written out."""
_MOST: Final = 10**6
"""Entries of a constant that the program language takes as an index."""


def _is_condition(entry: Entry) -> bool:
    """Whether the program language sees a condition in it: comparisons, joined."""
    if entry.rule is None:
        return False
    if entry.rule.name in ("multiply", "maximum", "minimum"):
        return all(not isinstance(o, float | int) and _is_condition(o) for o in entry.operands)
    return entry.rule.name in _COMPARISONS


_COMPARISONS: Final = frozenset(
    {"less", "less_equal", "greater", "greater_equal", "equal", "not_equal"}
)


def _part(record: Record, part: Any) -> Any:
    """A part of an index as the program language writes it."""
    if isinstance(part, slice):
        return slice(*(_part(record, bound) for bound in (part.start, part.stop, part.step)))
    if holds_traced(part):
        record.decided()
        part = np.asarray(plain(part))
    if part is None or part is Ellipsis:
        return part
    array = np.asarray(part, dtype=np.intp if isinstance(part, list) and not part else None)
    if array.dtype.kind not in "iub":
        raise refused(
            said("an index is made of whole numbers, or of True and False"),
            said("write x[[0, 2]] or x[x > 0]"),
        )
    return array.tolist()
