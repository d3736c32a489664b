"""What a peer of one op is: NumPy's own call for the value, and the VJP that a person would write.

Nothing here may call the rows that it is compared with.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tui_backprop.rules.types import Array, Shape

    Value: TypeAlias = Callable[..., Any]
    Vjp: TypeAlias = Callable[..., Any]

SIZE: Final = 10_000
LINE: Final = (SIZE,)
SQUARE: Final = (100, 100)
"""The shapes of most operands: about 10⁴ entries."""


@dataclass(frozen=True, slots=True, eq=False)
class Peer:
    """One op on certain shapes, by hand.

    Attributes:
        op: the row's name.
        value: operands → y.
        vjp: ``(v, y, *operands)`` → the cotangent of each operand that has a derivative; of one
            alone, not in a tuple.
        shapes: of the operands.
        params: static arguments of the row that differ from their defaults; the functions have
            them written out.
        drawn: operands, by their place, that the row's domains would not draw well.
        note: what tells it from another peer of the same op.
        is_view: whether NumPy touches no entry at all, so that only calls are compared.
    """

    op: str
    value: Value
    vjp: Vjp
    shapes: tuple[Shape, ...]
    params: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    drawn: Mapping[int, Callable[[np.random.Generator], Array]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    note: str = ""
    is_view: bool = False

    @property
    def name(self) -> str:
        """The op, and which of its peers."""
        return f"{self.op} {self.note}".strip()

    def __str__(self) -> str:
        return self.name

    def cotangents(self, v: Any, y: Any, *operands: Any) -> tuple[Any, ...]:
        """The VJP's, as a tuple."""
        found = self.vjp(v, y, *operands)
        return found if isinstance(found, tuple) else (found,)


def sigmoid(x: Array) -> Array:
    """1 / (1 + exp(−x))."""
    return np.asarray(1 / (1 + np.exp(-x)))


def by_math(function: Callable[[float], float]) -> Value:
    """A function that NumPy lacks, entry by entry."""
    return lambda x: np.array([function(number) for number in x.tolist()])


def nothing(v: Array, *_: Any) -> Array:
    """The VJP of what is constant between jumps."""
    return np.zeros_like(v)


def no_vjp(*_: Any) -> tuple[()]:
    """Of what has no derivative at all."""
    return ()
