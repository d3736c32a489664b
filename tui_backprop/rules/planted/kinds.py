"""The bugs that can be planted, by name, each with a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias, get_args

from tui_backprop.language.message import said

if TYPE_CHECKING:
    from collections.abc import Mapping

Bug: TypeAlias = Literal[
    "missing-square",
    "transposed",
    "overwrite",
    "forgotten-sum",
    "stale",
    "at-output",
    "wrong-index",
    "sign",
    "forgotten-v",
    "wrong-kink",
]

BUGS: Final[tuple[Bug, ...]] = get_args(Bug)
"""Every name."""

OF_SUMS: Final[frozenset[Bug]] = frozenset({"overwrite", "stale"})
"""Those of how contributions are added up, and not of a local derivative."""

TOLD: Final[Mapping[Bug, str]] = {
    "missing-square": said("a square in the slope is missing, as in 1 - y for 1 - y²"),
    "transposed": said("J is multiplied from the wrong side: J·v where vᵀJ belongs"),
    "overwrite": said("= for +=: the last contribution overwrites those before it"),
    "forgotten-sum": said("the sum over a repeated axis is forgotten: only the last one counts"),
    "stale": said("zero_grad passes it over: the gradient of earlier passes stays"),
    "at-output": said("the slope is taken at the output instead of the input"),
    "wrong-index": said("a wrong index: each entry takes the slope of the next one"),
    "sign": said("the sign of the derivative is turned"),
    "forgotten-v": said("v is forgotten: the partials are added up as if it were ones"),
    "wrong-kink": said("another slope at the kink than the convention"),
}
"""What each does."""

WHERE: Final[Mapping[Bug, str]] = {
    "missing-square": said("only at an op with a square in its slope, such as tanh"),
    "transposed": said("only at an op that mixes entries, by an operand of the result's shape"),
    "overwrite": said("only at a value that is read more than once"),
    "forgotten-sum": said("only at an op that repeats an operand, as X + b repeats a row b"),
    "stale": said("only at an input"),
    "at-output": said("only at an op of one operand whose slope changes with it"),
    "wrong-index": said("only at an op that takes each entry by itself, with slopes that change"),
    "sign": said("only at an op, and not at a leaf"),
    "forgotten-v": said("only at an op, and not at a leaf"),
    "wrong-kink": said("only at an op with a kink"),
}
"""At which nodes each can be."""
