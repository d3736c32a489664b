"""What a derivative flows through: which operands of an equation pass something on, and whither."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import jax
import jax.numpy as jnp

from tui_backprop.attach.jax.lines import refused
from tui_backprop.language.message import said

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tui_backprop.attach.source import Line

FAILURES: Final = (ArithmeticError, NotImplementedError, RuntimeError, TypeError, ValueError)
"""What JAX raises where it cannot differentiate."""
_SMOOTH: Final = (
    "add add_any broadcast_in_dim concatenate cos cumsum div dot_general dynamic_slice exp exp2 "
    "expand_dims integer_pow log log1p logistic mul neg pow reduce_sum reshape rsqrt sin slice "
    "sqrt square squeeze sub tan tanh transpose"
)
"""Primitives that pass something on to each operand; of others JAX is asked."""
_NAMES_SMOOTH: Final = frozenset(_SMOOTH.split())


def is_real(value: Any, line: Line | None) -> bool:
    """Whether a value can be differentiated.

    Raises:
        TraceError: it is complex.
    """
    if jnp.issubdtype(value.dtype, jnp.complexfloating):
        raise refused(
            said("complex numbers cannot be traced: a program here is made of real ones"),
            said("write the real and the imaginary part as two arrays"),
            line,
        )
    return bool(jnp.issubdtype(value.dtype, jnp.floating))


def flow(
    primitive: str, run: Callable[..., Sequence[Any]], operands: Sequence[Any], found: Sequence[Any]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Which operands pass something on, and which outputs depend on one of them.

    A floor, say, or `stop_gradient` gives what counts as constant from there on: a slope of 0 that
    was passed on instead would become NaN where it meets an infinity.
    """
    real = tuple(k for k, y in enumerate(found) if jnp.issubdtype(y.dtype, jnp.floating))
    is_known = primitive in _NAMES_SMOOTH or primitive.startswith("custom_vjp")
    reached = None if is_known else _reached(run, operands, real)
    if reached is None:
        return tuple(range(len(operands))), real
    read = tuple(a for a in range(len(operands)) if any(a in by for by in reached))
    return read, tuple(k for k, by in zip(real, reached, strict=True) if by)


def _reached(
    run: Callable[..., Sequence[Any]], operands: Sequence[Any], real: Sequence[int]
) -> list[set[int]] | None:
    """Of each output the operands whose tangents it reads; None where JAX has no tangents."""

    def tangents(*given: Any) -> Any:
        def chosen(*xs: Any) -> list[Any]:
            outputs = run(*xs)
            return [outputs[k] for k in real]

        return jax.jvp(chosen, tuple(operands), given)[1]

    try:
        jaxpr = jax.make_jaxpr(tangents)(*operands).jaxpr
    except FAILURES:
        return None
    known: dict[int, set[int]] = {id(x): {a} for a, x in enumerate(jaxpr.invars)}
    for equation in jaxpr.eqns:
        reads = set().union(*(known.get(id(x), set()) for x in equation.invars))
        known.update((id(y), reads) for y in equation.outvars)
    return [known.get(id(y), set()) for y in jaxpr.outvars]
