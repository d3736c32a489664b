"""Walking the tree of an expression on an explicit stack, so that no depth meets Python's limit.

What is done at each kind of node is a table's, of visitors; `expressions` has the program's.
"""

from __future__ import annotations

import ast
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from tui_backprop.graph.model import Span
from tui_backprop.named_tuple import NamedTuple
from tui_backprop.program.code.instructions import Code, Move
from tui_backprop.program.compiling.refusals import refused_expression
from tui_backprop.program.text.problems import ProblemError
from tui_backprop.program.vocabulary.aliases import ALIASES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tui_backprop.program.code.instructions import Function
    from tui_backprop.program.compiling.emitter import Emitter, Target
    from tui_backprop.rules.rule import Rule

    Make: TypeAlias = Callable[[tuple[int, ...]], int]
    Visitor: TypeAlias = "Callable[[Walk, Any, Visit], int | None]"


_LEAVES: Final = frozenset({ast.Name, ast.Constant})


def is_leaf(node: ast.expr) -> bool:
    """Whether an expression is a name or a number, which is read at once."""
    return type(node) in _LEAVES


def whole_number(node: ast.expr | None) -> int | None:
    """The whole number that is written there, perhaps with a minus; None of anything else."""
    number, sign = node, 1
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        number, sign = node.operand, -1
    if isinstance(number, ast.Constant) and type(number.value) is int:
        return sign * number.value
    return None


class Visit(NamedTuple):
    """An expression still to be read.

    Attributes:
        node: its syntax.
        use: what for, such as ``an index``, where only a static value will do; empty where an
            array will do.
        target: where its value goes, if a step makes it.
    """

    node: ast.expr
    use: str = ""
    target: Target = None


class Then(NamedTuple):
    """A step to be made of the last ``operands`` results."""

    operands: int
    make: Make


NO_LIBRARY: Final[Mapping[str, Function]] = MappingProxyType({})


class Walk:
    """Compiles the expressions of one scope.

    Attributes:
        emitter: receives the instructions.
        rules: the ops by name.
        functions: the definitions so far.
        library: the definitions that come with the program, compiled when they are called.
        rebound: the names such as ``e`` that the program may give another meaning.
        defining: name of the function whose body is being read; empty outside of any.
        pairs: the names that hold the values alone of what has two results in PyTorch.
        lines_before: the piece of text that is being read; `ast` counts from its first line.
    """

    def __init__(
        self,
        emitter: Emitter,
        rules: Mapping[str, Rule],
        functions: Mapping[str, Function],
        visitors: Mapping[type[ast.AST], Visitor],
        rebound: frozenset[str] = frozenset(),
        defining: str = "",
        library: Mapping[str, Function] = NO_LIBRARY,
    ) -> None:
        self.emitter = emitter
        self.rules = rules
        self.functions = functions
        self.rebound = rebound
        self.library = library
        self.defining = defining
        self.pairs: set[str] = set()
        self.lines_before = 0
        self._visitors = visitors
        self._todo: list[Visit | Then] = []

    def compile(self, root: ast.expr, use: str = "", target: Target = None) -> int:
        """The slot of an expression's value; of ``target`` only if a step made the value."""
        done: list[int] = []
        self._todo = [Visit(root, use, target)]
        while self._todo:
            item = self._todo.pop()
            if isinstance(item, Then):
                first = len(done) - item.operands
                operands = tuple(done[first:])
                del done[first:]
                done.append(item.make(operands))
            elif (slot := self._visit(item)) is not None:
                done.append(slot)
        return done.pop()

    def apart(self, root: ast.expr, dest: int) -> Code:
        """A code of its own that writes an expression's value to a slot, to be run or not."""
        todo, outer = self._todo, self.emitter.code
        self.emitter.code = code = Code()
        found = self.compile(root)
        code.instructions.append(Move(found, dest, None, self.span(root)))
        self._todo, self.emitter.code = todo, outer
        return code

    def then(self, *items: Visit | Then) -> None:
        """Do these next, in order; the last result is the value of the expression at hand."""
        self._todo += reversed(items)

    def after(self, parts: Sequence[Visit], make: Make) -> int | None:
        """Read the parts in order, then make one step of their results.

        Names and numbers are read at once; the slot is None where the stack has to do it.
        """
        for part in parts:
            if type(part.node) not in _LEAVES:
                self._todo.append(Then(len(parts), make))
                self._todo += reversed(parts)
                return None
        slots = [self._visitors[type(part.node)](self, part.node, part) for part in parts]
        return make(tuple([slot for slot in slots if slot is not None]))

    def leaf(self, node: ast.expr, use: str) -> int:
        """The slot of a name or a number."""
        slot = self._visit(Visit(node, use))
        if slot is None:
            raise AssertionError("a leaf needs no stack")
        return slot

    def op(self, name: str, place: tuple[int, int], target: Target = None) -> Make:
        """The step that applies an op without static arguments."""
        rule = self.rules[name]
        return lambda operands: self.emitter.apply(rule, operands, (), place, target)

    def own_name(self, name: str) -> str:
        """What an op or a composed op is called here, which may be named by an alias."""
        alias = ALIASES.get(name, name)
        # The library is asked last: its texts are read then.
        return alias if name not in self.rules and alias in self.rules else self._composed(name)

    def _composed(self, name: str) -> str:
        is_own = name in self.rules or name in self.library
        return name if is_own else ALIASES.get(name, name)

    def has(self, name: str) -> bool:
        """Whether there is a function of a name that no program needs to define."""
        own = self.own_name(name)
        return own in self.rules or own in self.library

    def names(self) -> list[str]:
        """Every function that can be called here."""
        own = (*self.rules, *self.library)
        return [*self.functions, *own, *(name for name, op in ALIASES.items() if op in own)]

    def refuse(self, node: ast.expr, why: ast.AST | None = None) -> int:
        """Report what is not part of a program: the expression, or its operator ``why``."""
        return self.emitter.refuse(self.span(node), *refused_expression(why or node))

    def problem(
        self, node: ast.expr | ast.stmt | ast.arg, message: str, hint: str = ""
    ) -> ProblemError:
        """A problem at the place of a part of the syntax, to be raised."""
        return ProblemError(self.span(node), message, hint)

    def place(self, node: ast.expr | ast.keyword | ast.stmt) -> tuple[int, int]:
        """The offsets of a part of the syntax."""
        source, end_line = self.emitter.source, node.end_lineno or node.lineno
        start = source.offset(self.lines_before + node.lineno, node.col_offset)
        return start, source.offset(self.lines_before + end_line, node.end_col_offset or 0)

    def span(self, node: ast.expr | ast.keyword | ast.stmt | ast.arg) -> Span:
        """The lines and columns of a part of the syntax."""
        before, end_line = self.lines_before, node.end_lineno or node.lineno
        start, end = node.col_offset, node.end_col_offset or 0
        return Span(before + node.lineno, start, before + end_line, end)

    def _visit(self, visit: Visit) -> int | None:
        """A leaf of the syntax gives its slot; anything else puts its parts on the stack."""
        visitor = self._visitors.get(type(visit.node))
        if visitor is None:
            return self.refuse(visit.node)
        try:
            return visitor(self, visit.node, visit)
        except ProblemError as fault:
            return self.emitter.refuse(fault.span, str(fault), fault.hint)
