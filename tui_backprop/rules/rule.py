"""What a row of the op table is.

It stands apart from the tables so that they hold mathematics only. ``m`` in a row is the
interpretation: NumPy, or a namespace of SymPy functions under NumPy's names, so one row gives
numbers and formulas.
"""

from __future__ import annotations

from dataclasses import field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.errors import RuleError
from tui_backprop.rules.derivative import Derivative, Operands, Scalar, Structural

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.rules.types import Array, Params, Shape

__all__ = [
    "REQUIRED",
    "Derivative",
    "Domain",
    "Example",
    "Operands",
    "Parameter",
    "Rule",
    "Scalar",
    "Structural",
]

REQUIRED: Final = object()
"""Marks a parameter without a default."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A static argument of an op, such as ``axis``.

    Attributes:
        name: its keyword, NumPy's where NumPy has the function.
        kind: what it may be: ``axis`` (int, tuple of ints or None), ``axes`` (tuple or None),
            ``bool``, ``int``, ``number``, ``shape`` (int or tuple), ``index`` (a NumPy index).
        default: NumPy's default, or `REQUIRED`.
    """

    name: str
    kind: str
    default: Any = REQUIRED


@dataclass(frozen=True, slots=True)
class Domain:
    """Where the witnesses draw an operand's samples from.

    Attributes:
        low: lower end of an open interval.
        high: its upper end.
        values: drawn from these instead, where there are any: a condition is 0 or 1.
    """

    low: float = -2.0
    high: float = 2.0
    values: tuple[float, ...] = ()

    def sample(self, random: np.random.Generator, shape: Shape) -> Array:
        """Numbers of this domain, float64, in ``shape``."""
        if self.values:
            return random.choice(np.asarray(self.values, dtype=np.float64), size=shape)
        return random.uniform(self.low, self.high, size=shape)


@dataclass(frozen=True, slots=True)
class Example:
    """Operand shapes and static arguments that an op accepts: for witnesses and for help.

    Attributes:
        shapes: one per operand.
        params: the static arguments that differ from their defaults.
    """

    shapes: tuple[Shape, ...]
    params: Params = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """One op: a row of the table.

    Attributes:
        name: the function's name in programs and on screen.
        operands: names of the array arguments, in order.
        text: how an application is written, with ``{operand}`` and ``{parameter}`` fields; it
            parses back to the same op.
        forward: ``(m, *operands, **params)`` → value.
        shape: ``(*shapes, **params)`` → the result's shape; raises `ShapeError`, `ArgumentError`.
        derivatives: one per operand; None states that there is none (a condition, an index).
        parameters: the static arguments, in order, after the operands.
        elementwise: whether operands broadcast entry by entry.
        summary: what the op does, one line.
        kink: ``(m, *operands, **params)`` → a signed quantity that is zero at a kink; None for
            smooth ops.
        convention: which value is taken at the kink, in words; empty for smooth ops.
        domains: where the witnesses sample each operand.
        examples: operand shapes and parameters to try it on.
    """

    name: str
    operands: tuple[str, ...]
    text: str
    forward: Callable[..., Any]
    shape: Callable[..., Shape]
    derivatives: tuple[Derivative | None, ...]
    parameters: tuple[Parameter, ...] = ()
    elementwise: bool = False
    summary: str = ""
    kink: Callable[..., Any] | None = None
    convention: str = ""
    domains: tuple[Domain, ...] = ()
    examples: tuple[Example, ...] = ()

    def derivative(self, argument: int) -> Derivative:
        """The derivative with respect to one operand.

        Raises:
            RuleError: the row states that there is none; the message names op and operand.
        """
        found = self.derivatives[argument]
        if found is None:
            raise RuleError(
                f"'{self.name}' has no derivative with respect to '{self.operands[argument]}' "
                f"(argument {argument})"
            )
        return found

    @property
    def is_differentiable(self) -> bool:
        """Whether any operand has a derivative."""
        return any(d is not None for d in self.derivatives)
