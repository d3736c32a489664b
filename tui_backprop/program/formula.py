"""One expression over existing arrays, in the program's language, as a debugger asks it.

A formula binds no name. It may join conditions by ``and``, ``or`` and ``not``, which a program may
not: there every node has a derivative or states that it has none.
"""

from __future__ import annotations

import ast
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from tui_backprop.errors import ArgumentError, ProgramError
from tui_backprop.graph.model import Graph, Role, Span
from tui_backprop.language.message import said
from tui_backprop.program.code.constants import Static
from tui_backprop.program.code.cost import measure, refuse_excess
from tui_backprop.program.compiling.expressions import VISITORS
from tui_backprop.program.compiling.statements import Compiler
from tui_backprop.program.compiling.walk import Then, Visit
from tui_backprop.program.library.compiled import Library
from tui_backprop.program.running.machine import Machine
from tui_backprop.program.running.resolve import Resolver
from tui_backprop.program.running.tape import Tape
from tui_backprop.program.text.problems import ProblemError, ProgramProblems
from tui_backprop.program.text.scan import scan
from tui_backprop.program.text.syntax import Broken, Parsed, parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    import numpy as np

    from tui_backprop.limits import Limits
    from tui_backprop.program.code.instructions import Code
    from tui_backprop.program.compiling.walk import Visitor, Walk
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Shape

_NAME: Final = "_"
_BEFORE: Final = f"{_NAME} = "


def build_formula(
    text: str,
    leaves: Mapping[str, Shape],
    dtype: np.dtype[Any],
    rules: Mapping[str, Rule],
    limits: Limits,
) -> Graph:
    """The graph of one expression over leaves of given shapes; its value is that of the last node.

    `any`, `logical_and` and what else a program lacks may be among the rules.

    Raises:
        ProgramError: it is no expression, or does not fit the shapes; columns count within it.
    """
    problems = ProgramProblems()
    tape = Tape(limits)
    library = Library(limits)
    compiler, code = _compiled(text, leaves, tape, library, rules, problems)
    measure(code, compiler.scope, library.compiled.values(), {}, limits)
    machine = Machine(compiler.source, compiler.scope, Resolver(tape, {}, limits), problems)
    if not refuse_excess(code, limits, problems):
        machine.run(code)
    _keep_result(tape, problems)
    _raise(problems)
    constants = {name: number for number, name in enumerate(leaves)}
    return Graph(tuple(tape.nodes), tape.names(), {}, constants, text, dtype)


def check_formula(
    text: str, names: Iterable[str], rules: Mapping[str, Rule], limits: Limits
) -> None:
    """Raise a `ProgramError` where a text is no expression at all, whatever the shapes."""
    library, leaves = Library(limits), dict.fromkeys(names, ())
    _compiled(text, leaves, Tape(limits), library, rules, ProgramProblems())


def _compiled(
    text: str,
    leaves: Mapping[str, Shape],
    tape: Tape,
    library: Library,
    rules: Mapping[str, Rule],
    problems: ProgramProblems,
) -> tuple[Compiler, Code]:
    scanned = scan(_BEFORE + " ".join(text.splitlines()), tape.limits, problems)
    for name, shape in leaves.items():
        tape.leaf(name, Role.CONSTANT, shape)
    compiler = Compiler(
        scanned.source, rules, tape.nodes, tape.limits, problems, _WITH_LOGIC, library
    )
    pieces = list(parse(scanned, problems))
    _refuse_statements(pieces, problems)
    code = compiler.compile(pieces)
    _raise(problems)
    return compiler, code


def _refuse_statements(pieces: list[Parsed | Broken], problems: ProgramProblems) -> None:
    """One expression is one statement, which binds what we bind it to and nothing else."""
    for piece in pieces:
        if not isinstance(piece, Parsed):
            continue
        first = piece.body[0] if piece.body else None
        more = piece.body[1:]
        if isinstance(first, ast.Assign) and len(first.targets) > 1:
            more = [first]
        for statement in more:
            start, end = statement.col_offset, statement.end_col_offset or 0
            span = Span(1, max(start, len(_BEFORE)), 1, end)
            problems.add(span, said("expected one expression; nothing is assigned here"))


def result_of(graph: Graph) -> int:
    """The node whose value is the formula's."""
    return graph.names[_NAME]


def _raise(problems: ProgramProblems) -> None:
    if problems.found:
        raise ProgramError([p.moved(0, -len(_BEFORE)) for p in problems.found])


def _keep_result(tape: Tape, problems: ProgramProblems) -> None:
    """A number that was worked out at once becomes a node like any other."""
    value = tape.last.get(_NAME)
    if isinstance(value, Static):
        try:
            tape.constant(value, value.span)
        except (ProblemError, ArgumentError) as error:
            problems.add(value.span, str(error))


def _logic(walk: Walk, node: ast.BoolOp, visit: Visit) -> int | None:
    name = "logical_and" if isinstance(node.op, ast.And) else "logical_or"
    items: list[Visit | Then] = [Visit(node.values[0], visit.use)]
    for number, value in enumerate(node.values[1:], 2):
        target = visit.target if number == len(node.values) else None
        items += [Visit(value, visit.use), Then(2, walk.op(name, walk.place(node), target))]
    walk.then(*items)
    return None


def _unary(walk: Walk, node: ast.UnaryOp, visit: Visit) -> int | None:
    if not isinstance(node.op, ast.Not):
        return VISITORS[ast.UnaryOp](walk, node, visit)
    make = walk.op("logical_not", walk.place(node), visit.target)
    return walk.after((Visit(node.operand, visit.use),), make)


_WITH_LOGIC: Final[Mapping[type[ast.AST], Visitor]] = MappingProxyType(
    {**VISITORS, ast.BoolOp: _logic, ast.UnaryOp: _unary}
)
