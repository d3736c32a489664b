"""Equations that hold others: calls are inlined, a scan is unrolled, of a cond one branch is run.

What has a derivative of its own, by `custom_jvp` or `custom_vjp`, stays one equation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import jax
import jax.numpy as jnp
from jax.extend.core import Literal

from tui_backprop.attach.jax.lines import function_name, is_users
from tui_backprop.attach.jax.record import MOST_EQUATIONS, Cell, too_many

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tui_backprop.attach.jax.record import Record
    from tui_backprop.attach.source import Line

_CALLS: Final = frozenset(
    ("jit pjit closed_call core_call core_closed_call remat remat2 checkpoint").split()
)


def run_closed(
    record: Record, closed: Any, operands: Sequence[Cell], line: Line | None = None
) -> list[Cell]:
    """Run the equations of a jaxpr, with its constants.

    Args:
        record: receives them.
        closed: a jaxpr, closed or without constants.
        operands: one for each of its variables.
        line: of the call, where the function is not of the user's: what is within it stands there.
    """
    jaxpr, consts = getattr(closed, "jaxpr", closed), getattr(closed, "consts", ())
    known: dict[Any, Cell] = dict(zip(jaxpr.invars, operands, strict=True))
    known |= zip(jaxpr.constvars, map(Cell, map(jnp.asarray, consts)), strict=True)

    def read(atom: Any) -> Cell:
        is_literal = isinstance(atom, Literal)
        return Cell(jnp.asarray(atom.val, atom.aval.dtype)) if is_literal else known[atom]

    for equation in jaxpr.eqns:
        at = line or record.line(equation)
        found = _run(record, equation, [read(x) for x in equation.invars], at)
        known |= zip(equation.outvars, found, strict=True)
    return [read(y) for y in jaxpr.outvars]


def _run(
    record: Record, equation: Any, operands: Sequence[Cell], line: Line | None
) -> Sequence[Cell]:
    name, params = equation.primitive.name, equation.params
    if any(o.is_active for o in operands):
        if name in _CALLS:
            called = params["jaxpr"] if "jaxpr" in params else params["call_jaxpr"]
            return _inlined(record, called, operands, line)
        if name == "cond":
            branches = params["branches"]
            taken = min(max(int(operands[0].value), 0), len(branches) - 1)
            return _inlined(record, branches[taken], operands[1:], line)
        if name == "scan" and params["length"]:
            return _unrolled(record, params, operands, line)
    return record.apply(_shown(name, params), _bound(equation), operands, line, params)


def _shown(name: str, params: dict[str, Any]) -> str:
    """The function's name, where it has a derivative of its own."""
    if not name.startswith(("custom_jvp_call", "custom_vjp_call")):
        return str(name)
    called = params.get("call_jaxpr") or params.get("fun_jaxpr")
    found = function_name(getattr(called, "jaxpr", called))
    kind = name.partition("_call")[0]
    return f"{kind}_{found}" if found else kind


def _bound(equation: Any) -> Callable[..., Sequence[Any]]:
    """An equation as a function of its operands."""

    def run(*operands: Any) -> Sequence[Any]:
        found = equation.primitive.get_bind_params(equation.params)
        functions, params = found if isinstance(found, tuple) else ((), found)
        with equation.ctx.manager:
            made = equation.primitive.bind(*functions, *operands, **params)
        return tuple(made) if equation.primitive.multiple_results else (made,)

    return run


def _inlined(
    record: Record, called: Any, operands: Sequence[Cell], line: Line | None
) -> list[Cell]:
    """The equations of a call in its place."""
    inner = [record.within(o) for o in operands]
    at = None if is_users(getattr(called, "jaxpr", called)) else line
    found = run_closed(record, called, inner, at)
    # What is only passed through is not read within.
    outside = {id(own): cell for own, cell in zip(inner, operands, strict=True)}
    return [outside.get(id(cell), cell) for cell in found]


def _unrolled(
    record: Record, params: dict[str, Any], operands: Sequence[Cell], line: Line | None
) -> list[Cell]:
    """The steps of a scan, one after the other.

    Raises:
        TraceError: they are too many.
    """
    body, length = params["jaxpr"], params["length"]
    if record.count + length * len(body.jaxpr.eqns) > MOST_EQUATIONS:
        raise too_many(line)
    inside = [record.within(o) for o in operands]
    consts, rest = inside[: params["num_consts"]], inside[params["num_consts"] :]
    carry, xs = rest[: params["num_carry"]], rest[params["num_carry"] :]
    rows: list[list[Cell]] = [[] for _ in range(length)]
    at = None if is_users(body.jaxpr) else line
    for t in reversed(range(length)) if params["reverse"] else range(length):
        taken = [record.apply("index", _row(t), [x], line)[0] for x in xs]
        found = run_closed(record, body, [record.within(c) for c in (*consts, *carry, *taken)], at)
        carry, rows[t] = found[: len(carry)], found[len(carry) :]
    columns = [record.apply("stack", _stacked, column, line)[0]
               for column in zip(*rows, strict=True)]  # fmt: skip
    return [*carry, *columns]


def _row(t: int) -> Callable[[Any], Sequence[Any]]:
    return lambda x: (jax.lax.index_in_dim(x, t, keepdims=False),)


def _stacked(*parts: Any) -> Sequence[Any]:
    return (jnp.stack(parts),)
