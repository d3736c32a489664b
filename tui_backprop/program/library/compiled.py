"""Compiling the definitions that come with the program, each when a program first calls it.

They are read as those of a program are, and may do two things more. An argument may be left out
where it has a default, and be given by name only behind ``*``; its kind stands where Python has a
type, as ``reduction: reduction = 'mean'``, and makes it static. And one of two expressions is taken
by what is static: ``x if weight is None else x * weight``. What ``refused`` quotes is told where it
is reached.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from itertools import accumulate
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from tui_backprop.dataclass import replace
from tui_backprop.language.message import Said
from tui_backprop.program.code.instructions import TRUTH, Branch, Function, Refuse
from tui_backprop.program.compiling.expressions import VISITORS, visit_call
from tui_backprop.program.compiling.statements import Compiler
from tui_backprop.program.library.definitions import REFUSED, definitions
from tui_backprop.program.text.problems import ProgramProblems
from tui_backprop.program.text.source import Source
from tui_backprop.program.text.syntax import Parsed
from tui_backprop.rules.parts import PARTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.limits import Limits
    from tui_backprop.program.compiling.walk import Visit, Visitor, Walk


class Library(Mapping[str, Function]):
    """The definitions by name; see `compiled` for those that a program has called.

    Attributes:
        compiled: by name, each after those that it calls.
    """

    def __init__(self, limits: Limits) -> None:
        self.compiled: dict[str, Function] = {}
        self._limits = limits

    def __getitem__(self, name: str) -> Function:
        """The compiled definition."""
        if name not in self.compiled:
            text = definitions()[name].text
            starts = (0, *accumulate(len(line) for line in text.splitlines(keepends=True)))
            source, problems = Source(text, text, starts[:-1]), ProgramProblems()
            compiler = Compiler(
                source, PARTS, (), self._limits, problems, _VISITORS, self, _parameters
            )
            (head,) = ast.parse(text).body
            compiler.compile([Parsed([head], 0)])
            if problems.found or not isinstance(head, ast.FunctionDef):
                raise AssertionError(f"{name}: {problems.found}")
            self.compiled[name] = _told(compiler.functions[name], head.args)
        return self.compiled[name]

    def __iter__(self) -> Iterator[str]:
        return iter(definitions())

    def __len__(self) -> int:
        return len(definitions())

    def __contains__(self, name: object) -> bool:
        return name in definitions()


def _parameters(_walk: Walk, node: ast.FunctionDef) -> tuple[str, ...]:
    return tuple(a.arg for a in (*node.args.args, *node.args.kwonlyargs))


_LIST: Final = "arrays"
"""The kind of an argument that is a list of arrays."""


def _told(function: Function, head: ast.arguments) -> Function:
    """The function with what its head says of its arguments."""
    every = [*head.args, *head.kwonlyargs]
    kinds = {a.arg: ast.unparse(a.annotation) for a in every if a.annotation is not None}
    last = head.args[len(head.args) - len(head.defaults) :]
    given = [*zip(last, head.defaults, strict=True)]
    given += [(a, d) for a, d in zip(head.kwonlyargs, head.kw_defaults, strict=True) if d]
    return replace(
        function,
        defaults=MappingProxyType({a.arg: ast.literal_eval(default) for a, default in given}),
        named=frozenset(a.arg for a in head.kwonlyargs),
        kinds=MappingProxyType({name: kind for name, kind in kinds.items() if kind != _LIST}),
        lists=frozenset(name for name, kind in kinds.items() if kind == _LIST),
        is_composed=True,
    )


def _choice(walk: Walk, node: ast.IfExp, visit: Visit) -> int:
    """One of two expressions; each is compiled apart, and only one of them runs."""
    emitter, span = walk.emitter, walk.span(node)
    question, wanted, is_equal = node.test, TRUTH, True
    if isinstance(question, ast.Compare) and isinstance(question.comparators[0], ast.Constant):
        (sign,) = question.ops
        if isinstance(sign, ast.Is | ast.IsNot | ast.Eq | ast.NotEq):
            wanted, is_equal = question.comparators[0].value, isinstance(sign, ast.Is | ast.Eq)
            question = question.left
    test, dest = emitter.scope.new(), emitter.scope.new()
    emitter.code.instructions += walk.apart(question, test).instructions
    codes = walk.apart(node.body, dest), walk.apart(node.orelse, dest)
    emitter.code.instructions.append(Branch(test, wanted, is_equal, codes, dest, span))
    return emitter.read(dest, visit.use, span)


def _call(walk: Walk, node: ast.Call, visit: Visit) -> int | None:
    """Any call, or ``refused('why')``."""
    if not (isinstance(node.func, ast.Name) and node.func.id == REFUSED):
        return visit_call(walk, node, visit)
    message, dest = Said.made(ast.literal_eval(node.args[0]), {}), walk.emitter.scope.new()
    walk.emitter.code.instructions.append(Refuse(message, dest, walk.span(node)))
    return dest


_VISITORS: Final[Mapping[type[ast.AST], Visitor]] = MappingProxyType(
    {**VISITORS, ast.IfExp: _choice, ast.Call: _call}
)
