"""Equations that hold others: calls are inlined, a scan is unrolled, of a cond one branch is run.

What has a derivative of its own, by `custom_jvp` or `custom_vjp`, stays one equation.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import Literal

from tui_backprop.attach.jax.lines import function_name, is_users
from tui_backprop.attach.jax.record import MOST_EQUATIONS, Cell, too_many

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tui_backprop.attach.jax.record import Record
    from tui_backprop.attach.source import Line

_CALLS: Final = "jit pjit closed_call core_call core_closed_call remat remat2 checkpoint"


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


def can_run_again(closed: Any) -> bool:
    """Whether a function may be called once more: it neither prints nor gives its arrays away."""
    given_away = (e.params.get("donated_invars", ()) for e in closed.jaxpr.eqns)
    return not closed.effects and not any(map(any, given_away))


def _run(
    record: Record, equation: Any, operands: Sequence[Cell], line: Line | None
) -> Sequence[Cell]:
    name, params = equation.primitive.name, equation.params
    if any(o.is_active for o in operands):
        within: Callable[[Sequence[Cell]], list[Cell]] | None = None
        if name in _CALLS.split():
            called = params["jaxpr"] if "jaxpr" in params else params["call_jaxpr"]
            within = partial(_inlined, record, called, line)
        elif name == "cond":
            branches = params["branches"]
            taken = min(max(int(operands[0].value), 0), len(branches) - 1)
            within = partial(_branch, record, branches[taken], line)
        elif name == "scan" and params["length"]:
            within = partial(_unrolled, record, params, line)
        if within is not None:
            call = record.enter(operands)
            # What prints, or calls back, does so once.
            run = None if equation.effects else _bound(equation)
            return record.leave(call, within(call.cells), run, operands)
    shown, primitive = _named(name, params)
    return record.apply(primitive, _bound(equation), operands, line, shown, params)


def _named(name: str, params: dict[str, Any]) -> tuple[str, str]:
    """What an equation is called, and what is known of it: of JAX's own functions which it is."""
    if not name.startswith(("custom_jvp_call", "custom_vjp_call")):
        return name, name
    called = params.get("call_jaxpr") or params.get("fun_jaxpr")
    jaxpr = getattr(called, "jaxpr", called)
    function, kind = function_name(jaxpr), name.partition("_call")[0]
    return function or kind, kind if is_users(jaxpr) else f"{kind}_{function}"


def _bound(equation: Any) -> Callable[..., Sequence[Any]]:
    """An equation as a function of its operands."""

    def run(*operands: Any) -> Sequence[Any]:
        found = equation.primitive.get_bind_params(equation.params)
        functions, params = found if isinstance(found, tuple) else ((), found)
        if "donated_invars" in params:  # the arrays stay the user's
            params = {**params, "donated_invars": (False,) * len(operands)}
        with equation.ctx.manager:
            made = equation.primitive.bind(*functions, *operands, **params)
        return tuple(made) if equation.primitive.multiple_results else (made,)

    return run


def _inlined(
    record: Record, called: Any, line: Line | None, operands: Sequence[Cell]
) -> list[Cell]:
    """The equations of a call."""
    at = None if is_users(getattr(called, "jaxpr", called)) else line
    return run_closed(record, called, operands, at)


def _branch(record: Record, called: Any, line: Line | None, operands: Sequence[Cell]) -> list[Cell]:
    """The equations of the branch that was taken; the first operand chose it."""
    return _inlined(record, called, line, operands[1:])


def _unrolled(
    record: Record, params: dict[str, Any], line: Line | None, operands: Sequence[Cell]
) -> list[Cell]:
    """The steps of a scan, one after the other.

    Raises:
        TraceError: they are too many.
    """
    body, length = params["jaxpr"], params["length"]
    consts, rest = operands[: params["num_consts"]], operands[params["num_consts"] :]
    carry, xs = rest[: params["num_carry"]], rest[params["num_carry"] :]
    if record.count + length * (len(body.jaxpr.eqns) + len(xs)) >= MOST_EQUATIONS:
        raise too_many(line)
    rows: list[list[Cell]] = [[] for _ in range(length)]
    for t in reversed(range(length)) if params["reverse"] else range(length):
        taken = [record.apply("index", _row(t), [x], line)[0] for x in xs]
        read = [*consts, *carry, *taken]
        call = record.enter(read)
        found = record.leave(call, _inlined(record, body, line, call.cells), None, read)
        carry, rows[t] = found[: len(carry)], found[len(carry) :]
    columns = [record.apply("stack", _stacked, column, line, pull=_unstacked)[0]
               for column in zip(*rows, strict=True)]  # fmt: skip
    return [*carry, *columns]


def _row(t: int) -> Callable[[Any], Sequence[Any]]:
    """Row t, as a function of the whole; compiled once for all of them."""
    return lambda x: (_at(x, t),)


def _at(x: Any, t: int) -> Any:
    return jax.lax.dynamic_index_in_dim(x, np.int32(t), keepdims=False)


def _stacked(*parts: Any) -> Sequence[Any]:
    return (jnp.stack(parts),)


def _unstacked(positions: Sequence[int], arrived: Sequence[Any]) -> Sequence[Any]:
    """What a stack passes on to some of its parts; JAX would compile a slice for each."""
    return [_at(arrived[0], t) for t in positions]
