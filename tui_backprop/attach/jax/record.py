"""The equations of a function, run one by one: forward, then backward in the order of `jax.grad`.

JAX differentiates each equation alone. What it passes on is added up as `jax.grad` does: equations
from the last to the first, operands from the last to the first, and what is read within a call
first added up there.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager, suppress
from dataclasses import field
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import jax
import jax.numpy as jnp

from tui_backprop.attach.jax.flow import FAILURES, flow, is_real
from tui_backprop.attach.jax.lines import line_of, refused
from tui_backprop.dataclass import dataclass
from tui_backprop.language.message import said

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tui_backprop.attach.source import Line
    from tui_backprop.rules.types import Shape

MOST_EQUATIONS: Final = 10_000
"""Equations of one walk: JAX needs some milliseconds for each."""


@dataclass(slots=True, eq=False)
class Cell:
    """A value, and what has arrived at it.

    Attributes:
        value: of JAX's.
        is_active: whether it depends on what is differentiated.
        v: the sum so far; None before anything has arrived.
        source: the cell on the other side of a call's border that this one stands for.
    """

    value: Any
    is_active: bool = False
    v: Any = None
    source: Cell | None = None

    @property
    def root(self) -> Cell:
        """The cell that was made by an equation, or is a leaf: this one, or what it stands for."""
        found = self
        while found.source is not None:
            found = found.source
        return found

    def add(self, contribution: Any) -> None:
        """Something arrives."""
        self.v = contribution if self.v is None else self.v + contribution


@dataclass(slots=True, eq=False)
class Step:
    """One equation.

    Attributes:
        name: what it is called: as its primitive, or the function that has its own derivative.
        primitive: the primitive's name; with it that of such a function of JAX's.
        params: the primitive's parameters.
        run: its outputs, as a function of the operands that are differentiated.
        positions: which of all its operands those are.
        operands: those.
        outputs: all of its outputs.
        line: the user's.
        used: the outputs that depend on an operand; after the backward pass those that something
            arrived at.
        pull: what is passed on to the operands, as a function of what arrived at those outputs;
            None where JAX has none.
        passed_on: what was passed on to each operand.
    """

    name: str
    primitive: str
    params: dict[str, Any]
    run: Callable[..., Sequence[Any]]
    positions: tuple[int, ...]
    operands: tuple[Cell, ...]
    outputs: tuple[Cell, ...]
    line: Line | None
    used: tuple[int, ...]
    pull: Callable[[Sequence[Any]], Sequence[Any]] | None = None
    passed_on: tuple[Any, ...] = ()

    def used_outputs(self, *operands: Any) -> list[Any]:
        """The outputs that are used."""
        found = self.run(*operands)
        return [found[k] for k in self.used]

    def linearize(self) -> None:
        """Ask JAX for the value and the backward of the equation, as `jax.grad` does.

        Raises:
            Exception: one of `FAILURES`, where it has none.
        """
        values, self.pull = jax.vjp(self.used_outputs, *(o.value for o in self.operands))
        for k, value in zip(self.used, values, strict=True):
            self.outputs[k].value = value

    def pull_back(self) -> tuple[Any, ...]:
        """What the equation passes on to its operands, from what arrived at its outputs.

        Raises:
            Exception: one of `FAILURES`, where JAX cannot tell.
        """
        arrived = tuple(k for k in self.used if self.outputs[k].v is not None)
        if arrived != self.used or self.pull is None:
            self.used = arrived
            _, self.pull = jax.vjp(self.used_outputs, *(o.value for o in self.operands))
        return tuple(self.pull([self.outputs[k].v for k in arrived]))

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """Of the operands."""
        return tuple(o.value.shape for o in self.operands)


@dataclass(slots=True, eq=False)
class Call:
    """The border of a call whose equations stand in its place; the function itself is the first.

    JAX compiles the calls within a function as a whole, which may round otherwise than their
    equations one by one: what passes the border, forward and backward, is what the whole gives.

    Attributes:
        cells: its operands, as they are read within.
        results: what it returned, as it was made within.
        whole: all of it as one equation, of the function and of the calls that JAX makes for it.
    """

    cells: list[Cell]
    results: list[Cell] = field(default_factory=list)
    whole: Step | None = None

    def enter_backward(self) -> None:
        """What has arrived at the outputs goes in."""
        if self.whole is not None:
            for output, made in zip(self.whole.outputs, self.results, strict=True):
                if output.v is not None:
                    made.add(output.v)

    def leave_backward(self) -> None:
        """What has arrived at the operands goes out."""
        borders = [(c, c.source) for c in self.cells if c.source is not None]
        passed_on = [own.v for own, _ in borders]
        if self.whole is not None and any(v is not None for v in passed_on):
            with suppress(*FAILURES):
                passed_on = list(self.whole.pull_back())
        for (own, source), contribution in zip(reversed(borders), reversed(passed_on), strict=True):
            if own.v is not None:
                source.add(contribution)
        self.whole = None  # what it keeps for its backward is large


@dataclass(slots=True, eq=False)
class Record:
    """The steps of a function in order, and the borders of its calls, each met twice.

    Attributes:
        tape: both.
        is_wide: whether numbers of 64 bits were allowed.
        count: of the steps.
        depth: how many calls are being run.
    """

    tape: list[Step | Call] = field(default_factory=list)
    is_wide: bool = field(default_factory=lambda: bool(jax.config.jax_enable_x64))
    count: int = 0
    depth: int = 0
    _lines: dict[int, Line | None] = field(default_factory=dict)

    @property
    def steps(self) -> list[Step]:
        """Without the borders."""
        return [s for s in self.tape if isinstance(s, Step)]

    def line(self, equation: Any) -> Line | None:
        """The user's line of an equation, looked up once."""
        key = id(equation)
        if key not in self._lines:
            self._lines[key] = line_of(equation)
        return self._lines[key]

    def enter(self, operands: Sequence[Cell]) -> Call:
        """Begin a call. What arrives at an operand within is added up before it is passed out."""
        call = Call([Cell(o.value, is_active=True, source=o) if o.is_active else o
                     for o in operands])  # fmt: skip
        self.tape.append(call)
        self.depth += 1
        return call

    def leave(
        self,
        call: Call,
        results: list[Cell],
        run: Callable[..., Sequence[Any]] | None,
        operands: Sequence[Cell],
    ) -> list[Cell]:
        """End a call.

        Args:
            call: begun by `enter`.
            results: what it returns.
            run: all of it, as a function of all operands; None where it must not run once more.
            operands: of the call.

        Returns:
            The results as they are read outside.
        """
        self.depth -= 1
        self.tape.append(call)
        inner = {id(own): own.source for own in call.cells if own.source is not None}
        active = tuple(a for a, o in enumerate(operands) if o.is_active)
        used = tuple(k for k, y in enumerate(results) if y.is_active)
        if self.depth > 1 or run is None or not used:
            # What is only passed through is not read within.
            return [inner.get(id(cell)) or cell for cell in results]
        outputs = tuple(Cell(y.value, y.is_active, source=y if y.is_active else None)
                        for y in results)  # fmt: skip
        values = [o.value for o in operands]
        whole = Step("call", "call", {}, _with_rest(run, values, active), active,
                     tuple(operands[a] for a in active), outputs, None, used)  # fmt: skip
        try:
            whole.linearize()
        except FAILURES:
            whole.pull = None
        if whole.pull is None or not all(map(_is_near, outputs, results)):
            return [inner.get(id(cell)) or cell for cell in results]
        for output, made in zip(outputs, results, strict=True):
            made.value = output.value
        call.results, call.whole = results, whole
        return list(outputs)

    def apply(
        self,
        primitive: str,
        run: Callable[..., Sequence[Any]],
        operands: Sequence[Cell],
        line: Line | None,
        name: str = "",
        params: dict[str, Any] | None = None,
        pull: Callable[[Sequence[int], Sequence[Any]], Sequence[Any]] | None = None,
    ) -> list[Cell]:
        """Run an equation, and note it where something that is differentiated flows through it.

        Args:
            primitive: which.
            run: its outputs, as a function of all operands.
            operands: all of them.
            line: the user's.
            name: what it is called; the primitive's name where it is left out.
            params: of the primitive.
            pull: what is passed on to some operands, where JAX is not to be asked.
        """
        values = [o.value for o in operands]
        found = list(run(*values))
        active = [a for a, o in enumerate(operands) if o.is_active and is_real(o.value, line)]
        if not active or not any(is_real(y, line) for y in found):
            return [Cell(y) for y in found]
        of_active = _with_rest(run, values, active)
        read, reached = flow(primitive, of_active, [values[a] for a in active], found)
        outputs = tuple(Cell(y, k in reached) for k, y in enumerate(found))
        if reached:
            if self.count >= MOST_EQUATIONS:
                raise too_many(line)
            self.count += 1
            positions = tuple(active[a] for a in read)
            step = Step(
                name=name or primitive,
                primitive=primitive,
                params=params or {},
                run=_with_rest(run, values, positions),
                positions=positions,
                operands=tuple(operands[a] for a in positions),
                outputs=outputs,
                line=line,
                used=reached,
            )
            if pull is not None:
                step.pull = partial(pull, positions)
            else:
                with suppress(*FAILURES):  # it is no error unless something arrives there
                    step.linearize()
            self.tape.append(step)
        return list(outputs)

    def backward(self, result: Cell, seed: Any) -> None:
        """Pass a cotangent back from a result.

        Raises:
            TraceError: JAX cannot differentiate an equation.
        """
        result.add(seed)
        begun: set[int] = set()
        for entry in reversed(self.tape):
            if isinstance(entry, Step):
                _pass_on(entry)
            elif id(entry) in begun:
                entry.leave_backward()
            else:
                begun.add(id(entry))
                entry.enter_backward()


def _is_near(output: Cell, made: Cell) -> bool:
    """Whether two ways to compute a value agree but for rounding; a function may be random."""
    if not made.is_active:
        return True
    return bool(jnp.allclose(output.value, made.value, rtol=1e-2, atol=1e-5, equal_nan=True))


def _pass_on(step: Step) -> None:
    if all(step.outputs[k].v is None for k in step.used):
        step.used = ()
        return
    try:
        step.passed_on = step.pull_back()
    except FAILURES as error:
        raise _no_backward(step, error) from error
    for operand, passed_on in zip(reversed(step.operands), reversed(step.passed_on), strict=True):
        operand.add(passed_on)


def _with_rest(
    run: Callable[..., Sequence[Any]], values: Sequence[Any], places: Sequence[int]
) -> Callable[..., Sequence[Any]]:
    """A function of some of its operands; the others keep their values."""

    def run_some(*given: Any) -> Sequence[Any]:
        every = list(values)
        for place, x in zip(places, given, strict=True):
            every[place] = x
        return run(*every)

    return run_some


@contextmanager
def as_then(*, is_wide: bool) -> Iterator[None]:
    """Compute as when the function was run, and let NaN be data whatever JAX is told of them."""
    with ExitStack() as stack:
        if bool(jax.config.jax_enable_x64) is not is_wide:
            stack.enter_context(wide_numbers(is_wide))
        if jax.config.jax_debug_nans:
            stack.enter_context(jax.debug_nans(False))
        if jax.config.jax_debug_infs:
            stack.enter_context(jax.debug_infs(False))
        yield


def wide_numbers(is_wide: bool) -> Any:
    """A context in which numbers of 64 bits are allowed, or are not."""
    if hasattr(jax, "enable_x64"):
        return jax.enable_x64(is_wide)
    from jax.experimental import enable_x64

    return enable_x64(is_wide)


def too_many(line: Line | None) -> Exception:
    """That a walk would have more equations than are walked."""
    return refused(
        said("the walk would have more than {most} equations", most=f"{MOST_EQUATIONS:,}"),
        said("trace fewer steps of the loop, or one step of it"),
        line,
    )


def _no_backward(step: Step, error: Exception) -> Exception:
    first = str(error).strip().partition("\n")[0]
    if step.primitive == "while":
        hint = said("write lax.scan, or fori_loop with bounds that are plain numbers")
    else:
        hint = said("give it a derivative with jax.custom_jvp or jax.custom_vjp")
    told = said("JAX cannot differentiate {op}; it says: {message}", op=step.name, message=first)
    return refused(told, hint, step.line)
