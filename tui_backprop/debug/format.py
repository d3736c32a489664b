"""Numbers as the debugger prints them: one line, cut where it would not end.

An entry that is not computed yet is ``·``, as in the panes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.debug.conditions.references import Known
from tui_backprop.graph.naming import decimal, label, quotient
from tui_backprop.graph.rounding import equality
from tui_backprop.language.message import joined, said
from tui_backprop.rules.text import application

if TYPE_CHECKING:
    from tui_backprop.debug.conditions.expression import Sample
    from tui_backprop.graph.model import Edge, Graph
    from tui_backprop.rules.types import Array, IntArray


UNKNOWN: Final = "·"
_MOST: Final = 24
"""Entries of one list that are written out."""


def in_full(value: float, digits: int = 9) -> str:
    """``2``, ``0.5``, ``1.5e-12``, ``nan``; a count, however large, has all its digits."""
    return decimal(value, digits, exact_below=1e15)


def sample(found: Sample) -> str:
    """The value of an expression as text."""
    if found is None:
        return UNKNOWN
    if isinstance(found, str):
        return found
    return array(found)


def is_now(text: str, found: Sample) -> str:
    """``norm(v) = 3.74``; what keeps an expression from having a value stays a sentence."""
    return joined(" = ", [text, sample(found)])


def array(known: Known | Array) -> str:
    """Nested lists; ``·`` for each entry that is not computed yet."""
    if not isinstance(known, Known):
        known = Known(known)
    mask = known.known
    if mask.size and not mask.any():
        return UNKNOWN
    return _nested(known.values, mask)


def _nested(values: Array, mask: IntArray) -> str:
    if values.ndim == 0:
        return in_full(float(values)) if mask else UNKNOWN
    most = _MOST if values.ndim == 1 else _MOST // 3
    parts = [_nested(x, m) for x, m in zip(values[:most], mask[:most], strict=True)]
    more = [f"… {len(values) - most} more"] if len(values) > most else []
    return f"[{', '.join([*parts, *more])}]"


def partial(graph: Graph, edge: Edge, j: int, i: int) -> str:
    """One entry of a local Jacobian: ``∂Y[0]/∂X[1]``."""
    return quotient(graph, (edge.node, j), (edge.parent, i), sign="∂")


def applied(graph: Graph, node_id: int) -> str:
    """What a node does to its operands, ``2 * X``; of a leaf its name."""
    node = graph.nodes[node_id]
    if node.rule is None:
        return label(graph, node_id)
    return application(node.rule, [label(graph, p) for p in node.parents], node.params)


def step_text(step: int, text: str) -> str:
    """``step 9: …``."""
    return said("step {k}: {text}", k=step, text=text)


def indented(text: str) -> str:
    """Text indented below the line that it belongs to."""
    return joined("", ["    ", text])


def number(value: float | np.floating) -> str:
    """Six digits, whole numbers exact up to seven: ``2``, ``0.1``, ``1.5e-07``, ``-inf``."""
    return decimal(float(value), 6)


def multiplied(v: float, slope: float, result: float) -> str:
    """``3 · 2 = 6``; ``≈`` where the digits that are shown give others."""
    factors, shown = (number(v), number(slope)), number(result)
    return f"{' · '.join(factors)} {equality(shown, factors)} {shown}"


def apart(one: float, other: float) -> tuple[str, str]:
    """Two numbers, with as many digits as it takes to tell them apart."""
    for digits in range(6, 18):
        texts = decimal(one, digits), decimal(other, digits)
        if texts[0] != texts[1]:
            break
    return texts


def closely(value: float | np.floating) -> str:
    """`number`, with more digits where fewer would show a whole number that it is not."""
    x = float(value)
    if not np.isfinite(x) or x.is_integer():
        return number(x)
    found = (decimal(x, digits) for digits in range(6, 18))
    return next((text for text in found if not float(text).is_integer()), number(x))
