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

NEEDS: Final[Mapping[Bug, str]] = {
    "missing-square": said("it needs a slope with a square in it, as that of tanh or 1/x"),
    "transposed": said("it needs a J that is square and joins entries, as that of softmax"),
    "overwrite": said("it needs a value that is read more than once"),
    "forgotten-sum": said("it needs an operand that is repeated to a larger shape"),
    "stale": said("it needs an input"),
    "at-output": said("it needs an op of one operand whose slope is another one elsewhere"),
    "wrong-index": said("it needs an array, entry by entry, with slopes that differ"),
    "sign": said("it needs an op with a derivative"),
    "forgotten-v": said("it needs an op with a derivative"),
    "wrong-kink": said("it needs an op with a kink, as relu has one"),
}
"""Where each can be."""
