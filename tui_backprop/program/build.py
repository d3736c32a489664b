"""Building a graph from a program's text: every stage in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.collector import collector_paused
from tui_backprop.errors import ArgumentError, LimitError, ProgramError
from tui_backprop.graph.model import Graph, Role, Span
from tui_backprop.language.message import said
from tui_backprop.limits import DEFAULT_LIMITS
from tui_backprop.program.code.constants import Static
from tui_backprop.program.code.cost import measure, refuse_excess
from tui_backprop.program.compiling.statements import Compiler
from tui_backprop.program.library.compiled import Library
from tui_backprop.program.running.machine import Machine
from tui_backprop.program.running.masks import Masks
from tui_backprop.program.running.resolve import Resolver
from tui_backprop.program.running.tape import Tape
from tui_backprop.program.text.problems import ProblemError, ProgramProblems
from tui_backprop.program.text.scan import scan
from tui_backprop.program.text.syntax import parse
from tui_backprop.program.vocabulary.names import name_problem
from tui_backprop.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    import numpy as np

    from tui_backprop.limits import Limits
    from tui_backprop.program.code.scope import Scope
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array

_START = Span(1, 0, 1, 0)


def build(
    program: str,
    inputs: Mapping[str, Array],
    constants: Mapping[str, Array],
    dtype: np.dtype[Any],
    limits: Limits = DEFAULT_LIMITS,
    rules: Mapping[str, Rule] = RULES,
) -> Graph:
    """The graph of a program. Shapes are followed; only a condition that picks entries is computed.

    Args:
        program: its text.
        inputs: differentiable leaves by name, in order.
        constants: leaves without a gradient, in order. One that is used as a loop bound, an index
            or an axis is read now, and named in the graph's ``static_leaves``.
        dtype: of all values.
        limits: what is refused before it is attempted.
        rules: the ops by name.

    Raises:
        ProgramError: every problem found, with its place in the text.
    """
    if excess := _excess(limits, "file_bytes", len(program), said("the program")):
        problems = ProgramProblems()
        problems.add(_START, excess)
        raise ProgramError(problems.found)
    with collector_paused():
        # Raised out here, where all that was built is gone: the collector would go through it.
        found = _built(program, inputs, constants, dtype, limits, rules)
    if isinstance(found, ProgramError):
        raise found
    return found


def read(
    program: str, leaves: Iterable[str] | None, limits: Limits, rules: Mapping[str, Rule]
) -> None:
    """Read a program whose leaves are not known, and run nothing.

    Args:
        program: its text.
        leaves: their names; None where not even those are known.
        limits: what is refused.
        rules: the ops by name.

    Raises:
        ProgramError: every problem that it has whatever the leaves are, with its place.
    """
    problems = ProgramProblems()
    scanned = scan(program, limits, problems)
    if leaves is None:
        for _ in parse(scanned, problems):
            pass
    else:
        tape, library = Tape(limits), Library(limits)
        for name in leaves:
            tape.leaf(name, Role.INPUT, ())
        compiler = Compiler(scanned.source, rules, tape.nodes, limits, problems, library=library)
        compiler.compile(parse(scanned, problems))
    if problems.found:
        raise ProgramError(problems.found, source=scanned.source.text)


_MOST_SEARCHED: Final = 100_000
"""Steps that are run to find more problems where the text has some: nothing else comes of them."""


def _built(
    program: str,
    inputs: Mapping[str, Array],
    constants: Mapping[str, Array],
    dtype: np.dtype[Any],
    limits: Limits,
    rules: Mapping[str, Rule],
) -> Graph | ProgramError:
    problems = ProgramProblems()
    scanned = scan(program, limits, problems)
    tape = Tape(limits)
    _add_leaves(tape, inputs, constants, problems)
    library = Library(limits)
    compiler = Compiler(scanned.source, rules, tape.nodes, limits, problems, library=library)
    code = compiler.compile(parse(scanned, problems))
    functions = (*library.compiled.values(), *compiler.functions.values())
    measure(code, compiler.scope, functions, constants, limits)
    masks = Masks(tape.nodes, {**inputs, **constants}, dtype)
    values = Resolver(tape, constants, limits, masks)
    is_hopeless = bool(problems.found) and code.cost > _MOST_SEARCHED
    if not refuse_excess(code, limits, problems) and not is_hopeless:
        Machine(scanned.source, compiler.scope, values, problems).run(code)
        _keep_last_values(values, compiler.scope, problems)
    if problems.found:
        return ProgramError(problems.found, source=scanned.source.text)
    return Graph(
        nodes=tuple(tape.nodes),
        names=tape.names(),
        inputs={name: number for number, name in enumerate(inputs)},
        constants={name: number for number, name in enumerate(constants, len(inputs))},
        program=program,
        dtype=dtype,
        static_leaves=frozenset(values.static_leaves),
        masks=tuple(masks.found.values()),
        composed=tape.calls.done,
        alone=tape.calls.alone,
        elements=tape.elements,
        multiplications=tape.multiplications,
    )


def _add_leaves(
    tape: Tape,
    inputs: Mapping[str, Array],
    constants: Mapping[str, Array],
    problems: ProgramProblems,
) -> None:
    """Put the leaves on the tape; they have no place in the text, so problems name its start."""
    for role, leaves in ((Role.INPUT, inputs), (Role.CONSTANT, constants)):
        for name, array in leaves.items():
            leaf = tape.leaf(name, role, array.shape)
            problem = name_problem(name)
            what = said("the leaf '{name}'", name=name)
            problem = problem or _excess(tape.limits, "axes", len(leaf.shape), what)
            problem = problem or _excess(tape.limits, "elements", leaf.size, what)
            if role is Role.CONSTANT and name in inputs:
                problem = said("'{name}' is both an input and a constant", name=name)
            if problem:
                problems.add(_START, problem)


def _excess(limits: Limits, name: str, found: int, what: str) -> str:
    try:
        limits.check(name, found, what)
    except LimitError as error:
        return str(error)
    return ""


def _keep_last_values(values: Resolver, scope: Scope, problems: ProgramProblems) -> None:
    """A node for each number, or list of arrays, that a name is left with, to be asked for."""
    for name, binding in scope.bindings.items():
        value = values.tape.last.get(name)
        if binding.is_counter or not isinstance(value, Static):
            continue
        if not value.is_number and not value.holds_arrays:
            continue
        try:
            values.operand(value, value.span)
        except (ProblemError, ArgumentError, LimitError) as error:
            problems.add(value.span, str(error))
