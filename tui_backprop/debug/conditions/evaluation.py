"""The value of an expression at one step, and which of its entries are known.

Unlike in a forward pass, an entry may not be computed yet; then nothing that reads it is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.debug.conditions.references import Known
from tui_backprop.rules import RULES
from tui_backprop.rules.reduction_slopes import AXIS, KEEPDIMS
from tui_backprop.rules.rows import elementwise, structural
from tui_backprop.rules.rule import Example, Traits
from tui_backprop.rules.shapes import reduced_shape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tui_backprop.graph.model import Graph
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import IntArray, Params, Shape


def evaluate(graph: Graph, leaves: Sequence[Known], result: int) -> Known:
    """The value of a formula.

    Args:
        graph: of a formula, see `build_formula`.
        leaves: what it reads, in the order of its constants.
        result: the node asked for.
    """
    found: list[Known] = list(leaves)
    with np.errstate(all="ignore"):
        for node in graph.nodes[len(leaves) :]:
            if node.rule is None:
                found.append(Known(np.asarray(node.literal, dtype=graph.dtype)))
            else:
                operands = [found[p] for p in node.parents]
                found.append(applied(node.shape, node.rule, operands, node.params))
    return found[result]


def applied(shape: Shape, rule: Rule, operands: Sequence[Known], params: Params) -> Known:
    """An op of some operands: its value, of a shape, and which entries of that are known.

    The caller silences warnings about NaN and infinities.
    """
    value: Any = rule.forward(np, *(x.values for x in operands), **params)
    if all(x.mask is None for x in operands):
        return Known(np.asarray(value))
    return Known(np.asarray(value), _mask(shape, rule, operands, params))


def _mask(shape: Shape, rule: Rule, operands: Sequence[Known], params: Params) -> IntArray:
    """Which entries of a result rest on known ones only."""
    masks = [x.known for x in operands]
    if (decide := _DECIDED.get(rule.name)) is not None:
        return decide(operands, masks, params)
    if rule.elementwise:
        return np.asarray(np.broadcast_to(np.logical_and.reduce(np.broadcast_arrays(*masks)),
                                          shape))  # fmt: skip
    if rule.traits.moves:
        numbers = [mask.astype(np.float64) for mask in masks]
        return np.asarray(rule.forward(np, *numbers, **params) > 0)
    if rule.traits.reduces:
        along = {k: x for k, x in params.items() if k in {"axis", "keepdims"}}
        return np.asarray(np.all(masks[0], **along))
    return np.full(shape, all(bool(mask.all()) for mask in masks))


def _of_both(
    operands: Sequence[Known], masks: Sequence[IntArray], _params: Any, *, decides: bool
) -> IntArray:
    """Known where both are, or where one is known to decide: to be false, or to be true."""
    one, other = (
        mask & ((x.values != 0) == decides) for x, mask in zip(operands, masks, strict=True)
    )
    return np.asarray((masks[0] & masks[1]) | one | other)


def _of_many(
    operands: Sequence[Known], masks: Sequence[IntArray], params: Any, *, decides: bool
) -> IntArray:
    """Known where all are, or where one is known to decide."""
    decided = np.any(masks[0] & ((operands[0].values != 0) == decides), **params)
    return np.asarray(np.all(masks[0], **params) | decided)


_DECIDED: Final[Mapping[str, Callable[..., IntArray]]] = MappingProxyType(
    {
        "logical_and": partial(_of_both, decides=False),
        "logical_or": partial(_of_both, decides=True),
        "any": partial(_of_many, decides=True),
        "all": partial(_of_many, decides=False),
    }
)
"""The ops that may be sure of their answer before all of it is computed."""


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
        traits=Traits(reduces=True),
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
