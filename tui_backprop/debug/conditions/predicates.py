"""Questions that NumPy answers with true or false, as rows like any other op.

They stand apart from the op table because nothing flows back through an answer: they are for
conditions, not for programs.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.rules import RULES
from tui_backprop.rules.reduction_slopes import AXIS, KEEPDIMS
from tui_backprop.rules.rows import elementwise, structural
from tui_backprop.rules.rule import Example
from tui_backprop.rules.shapes import reduced_shape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tui_backprop.rules.rule import Rule


def _each(name: str, operands: str, summary: str) -> Rule:
    """NumPy's answer for each entry, as 1 or 0."""
    answer: Callable[..., Any] = getattr(np, name)
    names = operands.split()
    return elementwise(
        name,
        operands,
        text=f"{name}({', '.join(f'{{{n}}}' for n in names)})",
        forward=lambda _m, *given: answer(*given) * 1.0,
        partials=(None,) * len(names),
        summary=summary,
    )


def _of_all(name: str, summary: str) -> Rule:
    """NumPy's answer for all entries along some axes."""
    answer: Callable[..., Any] = getattr(np, name)
    return structural(
        name,
        "x",
        text=f"{name}({{x}}, axis={{axis}}, keepdims={{keepdims}})",
        parameters=(AXIS, KEEPDIMS),
        forward=lambda _m, x, **params: answer(x, **params) * 1.0,
        shape=reduced_shape,
        parts=(None,),
        summary=summary,
        examples=(Example(((3,),)),),
    )


PREDICATES: Final[tuple[Rule, ...]] = (
    _each("isnan", "x", "1 where x is NaN, else 0"),
    _each("isinf", "x", "1 where x is infinite, else 0"),
    _each("isfinite", "x", "1 where x is neither NaN nor infinite, else 0"),
    _each("logical_and", "x y", "1 where neither is 0, else 0"),
    _each("logical_or", "x y", "1 where one is not 0, else 0"),
    _each("logical_not", "x", "1 where x is 0, else 0"),
    _of_all("any", "1 where some entry is not 0, else 0"),
    _of_all("all", "1 where no entry is 0, else 0"),
    _of_all("count_nonzero", "how many entries are not 0"),
)
"""The ops that only conditions have."""


class _Vocabulary(Mapping[str, "Rule"]):
    """The op table and the predicates; read-only, and as lazy as the table is."""

    def __init__(self) -> None:
        self._more = {rule.name: rule for rule in PREDICATES}

    def __getitem__(self, name: str) -> Rule:
        return self._more[name] if name in self._more else RULES[name]

    def __iter__(self) -> Iterator[str]:
        return chain(self._more, RULES)

    def __len__(self) -> int:
        return len(self._more) + len(RULES)


VOCABULARY: Final[Mapping[str, Rule]] = _Vocabulary()
"""Every op that an expression may use."""
