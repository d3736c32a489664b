"""One equation of a jaxpr as an op that is asked for VJPs and JVPs when J is looked at."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, Final

import jax
import jax.numpy as jnp
import numpy as np

from tui_backprop.attach.jax.flow import FAILURES
from tui_backprop.attach.jax.patterns import count_of, is_moving, moved_from, pattern_of
from tui_backprop.attach.jax.record import as_then
from tui_backprop.attach.outputs import OutputOp, side_by_side
from tui_backprop.errors import UnknownError
from tui_backprop.language.message import said

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.attach.jax.record import Step
    from tui_backprop.rules.sparsity import Sparsity
    from tui_backprop.rules.types import Array, IntArray, Shape

JAX: Final = "JAX"


def array(value: Any, dtype: Any = None) -> Array:
    """The numbers of an array of JAX's; those of 16 bits and fewer in single precision."""
    if jnp.finfo(value.dtype).bits < 32:
        value = value.astype(jnp.float32)
    return np.asarray(value, dtype)


class EquationOp:
    """An equation, with the outputs of it that are used side by side as one vector where several.

    Attributes:
        name: what its primitive is called.
        computed_by: JAX.
        shape: of its output; the number of all entries where several outputs are used.
        shapes: of the operands that are differentiated.
    """

    computed_by = JAX

    def __init__(self, step: Step, *, is_wide: bool) -> None:
        self.name = step.name
        self.shapes = step.shapes
        self._step = step
        self._is_wide = is_wide
        self._outputs = [step.outputs[k].value for k in step.used]
        sizes = [y.size for y in self._outputs]
        self.shape: Shape = self._outputs[0].shape if len(sizes) == 1 else (sum(sizes),)
        self.starts = np.cumsum([0, *sizes]).tolist()
        self._patterns: dict[int, Sparsity | None] = {}

    def vjp(self, v: Array) -> Sequence[Array]:
        """``vᵀJ`` as JAX passes it on."""
        flat = np.asarray(v).reshape(-1)
        pull = self._step.pull
        if pull is None:
            raise AssertionError("only what was passed back through is asked")
        with as_then(is_wide=self._is_wide):
            given = [
                jnp.asarray(flat[start : start + y.size].reshape(y.shape), y.dtype)
                for start, y in zip(self.starts, self._outputs, strict=False)
            ]
            return [array(x) for x in pull(given)]

    def jvp(self, argument: int, t: Array) -> Array:
        """``J·t`` as JAX pushes it on.

        Raises:
            UnknownError: the equation has a backward of its own, and no forward derivative.
        """
        step = self._step
        operands = [o.value for o in step.operands]

        def of_one(x: Any) -> list[Any]:
            return step.used_outputs(*operands[:argument], x, *operands[argument + 1 :])

        own = operands[argument]
        try:
            with as_then(is_wide=self._is_wide):
                tangent = jnp.asarray(np.asarray(t).reshape(own.shape), own.dtype)
                _, pushed = jax.jvp(of_one, (own,), (tangent,))
                return side_by_side([array(y) for y in pushed]).reshape(self.shape)
        except FAILURES as error:
            told = said(
                "columns of J cannot be had: JAX has no forward derivative of {op}", op=self.name
            )
            raise UnknownError(told) from error

    def refusal(self, rows: IntArray) -> str:
        """Every entry can be asked for."""
        del rows
        return ""

    def nonzeros(self, argument: int) -> int | None:
        """By arithmetic, where entries are only moved."""
        return count_of(self._step, self.shape, argument) if len(self._outputs) == 1 else None

    def pattern(self, argument: int) -> Sparsity | None:
        """By the primitive's name where that tells, else by moving the numbers 1 … n."""
        if argument not in self._patterns:
            self._patterns[argument] = self._pattern(argument)
        return self._patterns[argument]

    def _pattern(self, argument: int) -> Sparsity | None:
        own = self._step.operands[argument].value
        if len(self._outputs) == 1 and not is_moving(self._step):
            return pattern_of(self._step, self.shape, argument)
        if is_moving(self._step) and own.size < 2 ** (jnp.finfo(own.dtype).nmant + 1):
            numbers = np.arange(1.0, own.size + 1)
            return moved_from(self.jvp(argument, numbers), prod(own.shape))
        return None

    def output(self, place: int) -> OutputOp:
        """One of several outputs, as an op of its own."""
        return OutputOp(
            self.computed_by, self._outputs[place].shape, self.starts[place], self.shape
        )
