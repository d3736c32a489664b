"""The equations of a function, run one by one: forward, then backward in the order of `jax.grad`.

JAX differentiates each equation alone. What it passes on is added up as `jax.grad` does: equations
from the last to the first, operands from the last to the first, and what is read within a call
first added up there.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import field
from typing import TYPE_CHECKING, Any, Final

import jax
import jax.numpy as jnp

from tui_backprop.attach.jax.lines import line_of
from tui_backprop.attach.numpy.frames import Place, refused
from tui_backprop.dataclass import dataclass
from tui_backprop.language.message import said

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tui_backprop.attach.source import Line
    from tui_backprop.rules.types import Shape

MOST_EQUATIONS: Final = 10_000
"""Equations of one walk: JAX needs some milliseconds for each."""
FAILURES: Final = (ArithmeticError, NotImplementedError, RuntimeError, TypeError, ValueError)
"""What JAX raises where it cannot differentiate."""
_SMOOTH: Final = frozenset(
    ("add add_any broadcast_in_dim concatenate cos cumsum div dot_general dynamic_slice exp exp2 "
     "expand_dims integer_pow log log1p logistic mul neg pow reduce_sum reshape rsqrt sin slice "
     "sqrt square squeeze sub tan tanh transpose").split()
)  # fmt: skip
"""Primitives that pass something on to each operand; of others JAX is asked."""


@dataclass(slots=True, eq=False)
class Cell:
    """A value, and what has arrived at it.

    Attributes:
        value: of JAX's.
        is_active: whether it depends on what is differentiated.
        v: the sum so far; None before anything has arrived.
        outer: the cell that this one stands for within a call.
    """

    value: Any
    is_active: bool = False
    v: Any = None
    outer: Cell | None = None

    @property
    def root(self) -> Cell:
        """The cell that this one stands for, through all calls; itself outside of any."""
        found = self
        while found.outer is not None:
            found = found.outer
        return found

    def add(self, contribution: Any) -> None:
        """Something arrives."""
        self.v = contribution if self.v is None else self.v + contribution


@dataclass(slots=True, eq=False)
class Step:
    """One equation.

    Attributes:
        name: its primitive's.
        params: the primitive's parameters.
        run: its outputs, as a function of the operands that are differentiated.
        positions: which of all its operands those are.
        operands: those.
        outputs: all of its outputs.
        line: the user's.
        used: which outputs something arrived at.
        passed_on: what was passed on to each operand.
    """

    name: str
    params: dict[str, Any]
    run: Callable[..., Sequence[Any]]
    positions: tuple[int, ...]
    operands: tuple[Cell, ...]
    outputs: tuple[Cell, ...]
    line: Line | None
    used: tuple[int, ...] = ()
    passed_on: tuple[Any, ...] = ()
    pull: Callable[[Sequence[Any]], Sequence[Any]] | None = None

    def used_outputs(self, *operands: Any) -> list[Any]:
        """The outputs that something arrived at."""
        found = self.run(*operands)
        return [found[k] for k in self.used]

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """Of the operands."""
        return tuple(o.value.shape for o in self.operands)


@dataclass(slots=True, eq=False)
class Record:
    """The steps of a function in order, and between them the cells in which calls read others.

    Attributes:
        tape: both.
        is_wide: whether numbers of 64 bits were allowed.
        count: of the steps.
    """

    tape: list[Step | Cell] = field(default_factory=list)
    is_wide: bool = field(default_factory=lambda: bool(jax.config.jax_enable_x64))
    count: int = 0
    _lines: dict[int, Line | None] = field(default_factory=dict)

    @property
    def steps(self) -> list[Step]:
        """Without the cells."""
        return [s for s in self.tape if isinstance(s, Step)]

    def within(self, cell: Cell) -> Cell:
        """A cell as a call reads it: what arrives there is added up before it is passed out."""
        if not cell.is_active:
            return cell
        inner = Cell(cell.value, is_active=True, outer=cell)
        self.tape.append(inner)
        return inner

    def line(self, equation: Any) -> Line | None:
        """The user's line of an equation, looked up once."""
        key = id(equation)
        if key not in self._lines:
            self._lines[key] = line_of(equation)
        return self._lines[key]

    def apply(
        self,
        name: str,
        run: Callable[..., Sequence[Any]],
        operands: Sequence[Cell],
        line: Line | None,
        params: dict[str, Any] | None = None,
    ) -> list[Cell]:
        """Run an equation, and note it where something that is differentiated flows through it.

        Args:
            name: of its primitive.
            run: its outputs, as a function of all operands.
            operands: all of them.
            line: the user's.
            params: of the primitive.
        """
        values = [o.value for o in operands]
        found = list(run(*values))
        active = [a for a, o in enumerate(operands) if o.is_active and _is_real(o.value, line)]
        if not active or not any(_is_real(y, line) for y in found):
            return [Cell(y) for y in found]

        def of_active(*given: Any) -> Sequence[Any]:
            every = list(values)
            for a, x in zip(active, given, strict=True):
                every[a] = x
            return run(*every)

        read, reached = _flow(name, of_active, [values[a] for a in active], found)
        outputs = tuple(Cell(y, is_active=is_reached) for y, is_reached in
                        zip(found, reached, strict=True))  # fmt: skip
        if any(reached):
            self._check_count(line)
            positions = tuple(a for a, is_read in zip(active, read, strict=True) if is_read)

            def of_read(*given: Any) -> Sequence[Any]:
                every = list(values)
                for a, x in zip(positions, given, strict=True):
                    every[a] = x
                return run(*every)

            cells = tuple(operands[a] for a in positions)
            step = Step(name, params or {}, of_read, positions, cells, outputs, line)
            self.tape.append(step)
            self.count += 1
        return list(outputs)

    def _check_count(self, line: Line | None) -> None:
        if self.count >= MOST_EQUATIONS:
            raise too_many(line)

    def backward(self, result: Cell, seed: Any) -> None:
        """Pass a cotangent back from a result.

        Raises:
            TraceError: JAX cannot differentiate an equation.
        """
        result.add(seed)
        for entry in reversed(self.tape):
            if isinstance(entry, Cell):
                if entry.v is not None and entry.outer is not None:
                    entry.outer.add(entry.v)
            elif used := tuple(k for k, y in enumerate(entry.outputs) if y.v is not None):
                self._pull(entry, used)

    def _pull(self, step: Step, used: tuple[int, ...]) -> None:
        step.used = used
        try:
            _, step.pull = jax.vjp(step.used_outputs, *(o.value for o in step.operands))
            passed_on = tuple(step.pull([step.outputs[k].v for k in used]))
        except FAILURES as error:
            raise _no_backward(step, error) from error
        step.passed_on = passed_on
        for operand, contribution in zip(reversed(step.operands), reversed(passed_on), strict=True):
            operand.add(contribution)


@contextmanager
def as_then(*, is_wide: bool) -> Iterator[None]:
    """Compute as when the function was run, and let NaN be data whatever JAX is told of them."""
    with ExitStack() as stack:
        if bool(jax.config.jax_enable_x64) is not is_wide:
            stack.enter_context(_wide(is_wide))
        if jax.config.jax_debug_nans:
            stack.enter_context(jax.debug_nans(False))  # noqa: FBT003 - JAX's own
        if jax.config.jax_debug_infs:
            stack.enter_context(jax.debug_infs(False))  # noqa: FBT003 - JAX's own
        yield


def _wide(is_wide: bool) -> Any:
    if hasattr(jax, "enable_x64"):
        return jax.enable_x64(is_wide)
    from jax.experimental import enable_x64

    return enable_x64(is_wide)


def too_many(line: Line | None) -> Exception:
    """That a walk would have more equations than are walked."""
    return refused(
        said("the walk would have more than {most} equations", most=f"{MOST_EQUATIONS:,}"),
        said("trace fewer steps of the loop, or one step of it"),
        place(line),
    )


def place(line: Line | None) -> Place:
    """A line as an error names it."""
    return Place("<function>", 0) if line is None else Place(line.file, line.number)


def _no_backward(step: Step, error: Exception) -> Exception:
    first = str(error).strip().partition("\n")[0]
    if step.name == "while":
        hint = said("write lax.scan, or fori_loop with bounds that are plain numbers")
    elif "callback" in step.name:
        hint = said("give it a derivative with jax.custom_jvp or jax.custom_vjp")
    else:
        hint = said("jax.grad refuses it as well")
    told = said("JAX cannot differentiate {op}; it says: {message}", op=step.name, message=first)
    return refused(told, hint, place(step.line))


def _is_real(value: Any, line: Line | None) -> bool:
    """Whether a value can be differentiated.

    Raises:
        TraceError: it is complex.
    """
    if jnp.issubdtype(value.dtype, jnp.complexfloating):
        raise refused(
            said("complex numbers cannot be traced: a program here is made of real ones"),
            said("write the real and the imaginary part as two arrays"),
            place(line),
        )
    return bool(jnp.issubdtype(value.dtype, jnp.floating))


def _flow(
    name: str, run: Callable[..., Sequence[Any]], operands: Sequence[Any], found: Sequence[Any]
) -> tuple[list[bool], list[bool]]:
    """Which operands pass something on, and which outputs depend on one of them.

    A floor, say, or `stop_gradient` gives what counts as constant from there on: a slope of 0 that
    was passed on instead would become NaN where it meets an infinity.
    """
    real = [k for k, y in enumerate(found) if jnp.issubdtype(y.dtype, jnp.floating)]
    is_known = name in _SMOOTH or name.startswith("custom_vjp")
    reached = None if is_known else _reached(run, operands, real)
    if reached is None:
        return [True] * len(operands), [k in real for k in range(len(found))]
    outputs = dict(zip(real, reached, strict=True))
    read = [any(a in by for by in reached) for a in range(len(operands))]
    return read, [bool(outputs.get(k)) for k in range(len(found))]


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
