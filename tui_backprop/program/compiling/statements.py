"""Compiling a program, by the allow-list of statements: assignments, loops, definitions.

What a problem leaves unknown, and which assignment of a name is the last, is decided here.
"""

from __future__ import annotations

import ast
from itertools import chain
from typing import TYPE_CHECKING

from tui_backprop.graph.model import Node, Span
from tui_backprop.language.message import said
from tui_backprop.program.code.constants import Hole
from tui_backprop.program.code.instructions import Code, Function, Loop, Move
from tui_backprop.program.code.scope import Binding, Scope
from tui_backprop.program.compiling.assignments import assign, assign_augmented
from tui_backprop.program.compiling.blocks import checked_body, checked_parameters, range_bounds
from tui_backprop.program.compiling.emitter import Emitter
from tui_backprop.program.compiling.expressions import VISITORS
from tui_backprop.program.compiling.pairs import is_pair
from tui_backprop.program.compiling.refusals import refused_statement, refused_target
from tui_backprop.program.compiling.walk import NO_LIBRARY, Walk
from tui_backprop.program.text.problems import ProblemError
from tui_backprop.program.text.syntax import (
    Broken,
    functions_defined,
    names_stored,
    statements_within,
)
from tui_backprop.program.vocabulary.foreign import LOOP
from tui_backprop.program.vocabulary.names import NUMBERS, name_problem, nearest, rebound_numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from tui_backprop.limits import Limits
    from tui_backprop.program.compiling.walk import Visitor
    from tui_backprop.program.text.problems import ProgramProblems
    from tui_backprop.program.text.source import Source
    from tui_backprop.program.text.syntax import Parsed
    from tui_backprop.rules.rule import Rule

    Parameters = Callable[[Walk, ast.FunctionDef], tuple[str, ...]]


class Compiler:
    """Compiles one program.

    Attributes:
        source: the text.
        scope: the program's slots, its leaves' nodes among them.
        code: of the program.
        functions: its definitions by name, in order.
    """

    def __init__(
        self,
        source: Source,
        rules: Mapping[str, Rule],
        leaves: Iterable[Node],
        limits: Limits,
        problems: ProgramProblems,
        visitors: Mapping[type[ast.AST], Visitor] = VISITORS,
        library: Mapping[str, Function] = NO_LIBRARY,
        parameters: Parameters | None = None,
    ) -> None:
        self.source = source
        self.scope = Scope()
        self.code = Code()
        for leaf in leaves:
            self.scope.template[self.scope.slot(leaf.name)] = leaf
        self.functions: dict[str, Function] = {}
        self._refused: set[str] = set()
        emitter = Emitter(source, self.scope, self.code, limits, problems)
        self._visitors = visitors
        self._parameters = parameters or checked_parameters
        # What comes with the program assigns none of them.
        rebound = frozenset[str]() if parameters else rebound_numbers(source.plain)
        self._walk = Walk(emitter, rules, self.functions, visitors, rebound, "", library)
        self._loops = 0

    def compile(self, pieces: Iterable[Parsed | Broken]) -> Code:
        """The code of a whole program."""
        for piece in pieces:
            if self._walk.emitter.problems.is_full:
                break
            if isinstance(piece, Broken):
                self._lose(self._walk, piece.names, piece.functions, piece.line)
                continue
            self._walk.lines_before = piece.lines_before
            for statement in piece.body:
                self._statement(self._walk, statement)
        self._refuse_unknown_names()
        return self.code

    def _statement(self, walk: Walk, node: ast.stmt) -> None:
        """One statement; a problem leaves what it would have bound unknown."""
        try:
            if isinstance(node, ast.Assign):
                assign(walk, node, self._bind)
            elif isinstance(node, ast.AugAssign):
                assign_augmented(walk, node, self._bind)
            elif isinstance(node, ast.For):
                self._for(walk, node)
            elif isinstance(node, ast.FunctionDef):
                self._define(walk, node)
            else:
                raise walk.problem(node, *refused_statement(node))
        except ProblemError as fault:
            walk.emitter.refuse(fault.span, str(fault), fault.hint)
            self._lose(walk, names_stored(node), functions_defined(node), walk.span(node).line)

    def _bind(self, walk: Walk, target: ast.Name) -> tuple[int, Binding]:
        """The slot of an assigned name, if it can be one, and a new binding of it."""
        scope = walk.emitter.scope
        if target.id not in scope.assigned and (problem := name_problem(target.id)):
            raise walk.problem(target, problem)
        binding = self._binding(walk, target.id)
        return scope.assign(target.id, walk.span(target).line), binding

    def _binding(self, walk: Walk, name: str) -> Binding:
        """A new binding of a name; it is the last until another comes, unless a loop repeats it."""
        scope = walk.emitter.scope
        binding = Binding(f"{scope.prefix}{name}", scope is self.scope and not self._loops, False)
        if name in scope.bindings:
            scope.bindings[name].is_last = False
        scope.bindings[name] = binding
        return binding

    def _for(self, walk: Walk, node: ast.For) -> None:
        target, emitter = node.target, walk.emitter
        if isinstance(target, ast.Tuple | ast.List):
            raise walk.problem(target, said("a loop has one variable"), LOOP)
        if not isinstance(target, ast.Name):
            raise walk.problem(target, *refused_target(target))
        if problem := name_problem(target.id):
            raise walk.problem(target, problem)
        try:
            bounds = range_bounds(walk, node)
        except ProblemError as fault:
            nothing = emitter.refuse(fault.span, str(fault), fault.hint)
            bounds = (nothing, nothing, nothing)
        slot = emitter.scope.assign(target.id, walk.span(target).line)
        binding = self._binding(walk, target.id)
        binding.is_last, binding.is_counter = False, True
        walk.pairs.discard(target.id)
        body = self._body(walk, node.body)
        loop = Loop(bounds, slot, binding, body, walk.span(node.iter))
        emitter.code.instructions.append(loop)

    def _body(self, walk: Walk, statements: Sequence[ast.stmt]) -> Code:
        outer, walk.emitter.code = walk.emitter.code, Code()
        self._loops += 1
        for statement in statements:
            self._statement(walk, statement)
        self._loops -= 1
        body, walk.emitter.code = walk.emitter.code, outer
        return body

    def _define(self, walk: Walk, node: ast.FunctionDef) -> None:
        """Keep a definition; its calls run its code again."""
        if walk is not self._walk or self._loops:
            raise walk.problem(node, said("a function is defined outside of loops and functions"))
        if problem := name_problem(node.name):
            raise walk.problem(node, problem)
        if node.name in NUMBERS:
            message = said("'{name}' is a number, and no function can be called so", name=node.name)
            raise walk.problem(node, message)
        if node.name in self.functions:
            hint = said(
                "it is defined on line {line} of the program", line=self.functions[node.name].line
            )
            raise walk.problem(node, said("'{name}' is defined twice", name=node.name), hint)
        self.functions[node.name] = self._function(walk, node)

    def _function(self, walk: Walk, node: ast.FunctionDef) -> Function:
        """A definition with its own slots; a call copies in what it reads of the program's."""
        parameters = self._parameters(walk, node)
        statements, returned = checked_body(walk, node)
        bound = chain.from_iterable(map(names_stored, statements_within(statements)))
        local = frozenset({*parameters, *bound})
        scope, code = Scope(f"{node.name}.", self.scope, local), Code()
        for name in parameters:
            scope.slot(name)
        outer = walk.emitter
        emitter = Emitter(outer.source, scope, code, outer.limits, outer.problems)
        inner = Walk(
            emitter, walk.rules, self.functions, self._visitors, walk.rebound, node.name,
            walk.library,
        )  # fmt: skip
        inner.lines_before = walk.lines_before
        for statement in statements:
            self._statement(inner, statement)
        result = scope.new()
        value = inner.compile(returned)
        code.instructions.append(Move(value, result, None, inner.span(returned)))
        line = walk.span(node).line
        returns_pair = is_pair(inner, returned)
        return Function(node.name, parameters, scope, code, line, result, is_pair=returns_pair)

    def _lose(self, walk: Walk, names: Iterable[str], functions: Iterable[str], line: int) -> None:
        """Take names as bound to something unknown, so that no problem is reported twice."""
        emitter = walk.emitter
        for name in sorted(names):
            if name_problem(name):
                self._refused.add(name)
            else:
                slot = emitter.scope.assign(name, line)
                nowhere = Span(line, 0, line, 0)
                emitter.code.instructions.append(Move(emitter.unknown(), slot, None, nowhere))
        for name in functions:
            broken = Function(name, (), Scope(), Code(), line)
            self.functions.setdefault(name, broken)

    def _refuse_unknown_names(self) -> None:
        """Report each name that is read and never assigned, where it is first read."""
        scope, emitter = self.scope, self._walk.emitter
        known = [n for n in scope.slots if self._is_bound(n)]
        for name, span in scope.first_use.items():
            if self._is_bound(name) or name in NUMBERS:
                continue
            scope.template[scope.slots[name]] = Hole.UNKNOWN
            if emitter.problems.is_full or name in self._refused:
                continue
            if name in self.functions or self._walk.has(name):
                emitter.refuse(
                    span,
                    said("'{name}' is a function", name=name),
                    said("write {code}", code=f"{name}(x)"),
                )
            else:
                hint = nearest(name, chain(known, NUMBERS, self.functions, self._walk.rules))
                emitter.refuse(span, said("unknown name '{name}'", name=name), hint)

    def _is_bound(self, name: str) -> bool:
        scope = self.scope
        return name in scope.assigned or isinstance(scope.template[scope.slots[name]], Node)
