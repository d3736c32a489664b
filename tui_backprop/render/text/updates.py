"""The update of an entry in formulas with their numbers, and which iteration it belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.graph.jacobian import picked
from tui_backprop.named_tuple import NamedTuple
from tui_backprop.pattern import pattern
from tui_backprop.render.text.charset import spelled
from tui_backprop.render.text.numbers import factor, number, numerals_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tui_backprop.graph.update_rules import Computed
    from tui_backprop.render.view import View
    from tui_backprop.timeline.timeline import Frame


_READ: Final = pattern(r"\{([^{}]+)\}")
_GREEK: Final = {"beta1": "β₁", "beta2": "β₂", "eps": "ε"}
WORDS: Final = {"b": "momentum_buffer", "m": "exp_avg", "s": "exp_avg_sq", "g": "decayed"}
"""PyTorch's words, for letters that the program has for something else."""
_ASCII: Final = str.maketrans({"β": "beta", "₁": "1", "₂": "2", "ε": "eps", "Δ": "D", "′": "'"})
_DIGITS: Final = 12
"""Significant digits in which a result is that of the numbers which are shown."""


def iteration_text(view: View) -> str:
    """``iteration 2 of 3``; empty where nothing is trained."""
    updates = view.frame.timeline.updates
    if updates.update is None:
        return ""
    count = f"{updates.update.steps:,}"
    number_ = f"{updates.number + 1:,}"
    return view.spoken.say("iteration {number} of {count}", number=number_, count=count)


class Written(NamedTuple):
    """A line of the update of an entry.

    Attributes:
        symbol: what it computes.
        template: how that is written, with what it reads in braces.
        read: the numbers that it reads, by symbol.
        value: what comes out.
        is_kept: whether it takes the place of a number that was there before.
        is_exact: whether the digits that are shown give those of the result.
    """

    symbol: str
    template: str
    read: Mapping[str, float | np.floating]
    value: float | np.floating
    is_kept: bool
    is_exact: bool


def written_update(frame: Frame) -> Iterator[Written]:
    """The lines of the update of a frame's entry."""
    updates = frame.timeline.updates
    kept = ("w", *(() if updates.update is None else updates.update.keeps))
    for computed in updates.of(frame.node.id):
        line = computed.line
        read = {name: _entry(computed.read[name], frame.column) for name in _names(line.written)}
        value = _entry(computed.value, frame.column)
        is_exact = _is_exact(computed, read, value)
        yield Written(line.symbol, line.written, read, value, line.symbol in kept, is_exact)


def update_formulas(view: View) -> tuple[str, ...]:
    """The lines of the update of the frame's entry: ``Δ = lr·w.grad = 0.5·0.25 = 0.125``."""
    return tuple(_formula(view, line) for line in written_update(view.frame))


def symbol(view: View, name: str) -> str:
    """How what an update reads or computes is called: ``w₁₂``, ``w.grad₁₂``, ``β₁``, ``b``."""
    frame, namer = view.frame, view.namer
    if name in {"w", "grad"}:
        called = namer.entry if name == "w" else namer.gradient
        return called(frame.node.id, frame.column)
    base = name.removesuffix("′")
    if base in WORDS and namer.binds(base):
        name = name.replace(base, WORDS[base])
    text = _GREEK.get(name, name)
    return text.translate(_ASCII) if view.charset.is_ascii else text


def _formula(view: View, line: Written) -> str:
    numerals, charset = numerals_in(view.charset), view.charset
    shown = {name: factor(number(x, numerals), charset.minus) for name, x in line.read.items()}
    result = number(line.value, numerals)
    becomes = charset.reads if line.is_kept else "="
    named = _READ.sub(lambda found: symbol(view, found[1]), line.template)
    numbers = _READ.sub(lambda found: shown[found[1]], line.template)
    parts = [f"{symbol(view, line.symbol)} {becomes} {named}"]
    if numbers != result:
        parts.append(f"= {numbers}")
    parts.append(f"{'=' if line.is_exact else '≈'} {result}")
    return spelled(" ".join(parts), charset)


def _is_exact(
    computed: Computed,
    read: Mapping[str, float | np.floating],
    value: float | np.floating,
) -> bool:
    """Whether the numbers as they are shown give the result as it is shown."""
    shown = {name: _shown(x) for name, x in read.items()}
    others = {name: x for name, x in computed.read.items() if name not in read and np.ndim(x) == 0}
    with np.errstate(all="ignore"):
        found = float(computed.line.compute({**others, **shown}))
    is_same = f"{found:.{_DIGITS}g}" == f"{_shown(value):.{_DIGITS}g}"
    return is_same or not np.isfinite(found)


def _shown(value: float | np.floating) -> float:
    """A number with the digits that are shown of it."""
    return float(number(value).replace("−", "-"))


def _names(written: str) -> list[str]:
    return list(dict.fromkeys(_READ.findall(written)))


def _entry(value: object, flat: int) -> float | np.floating:
    """A setting as it is; of an array one entry."""
    if not isinstance(value, np.ndarray):
        return float(np.asarray(value))
    entry: np.floating = picked(value, flat).reshape(-1)[0]
    return entry
