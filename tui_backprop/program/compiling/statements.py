"""The allow-list of statements: assignments, loops over ranges, definitions.

What a problem leaves unknown, and which assignment of a name is the last, is decided here.
"""

from __future__ import annotations

import ast
from itertools import chain
from typing import TYPE_CHECKING, Final

from tui_backprop.graph.model import Node, Span
from tui_backprop.language.message import said
from tui_backprop.program.code.constants import Hole
from tui_backprop.program.code.instructions import (
    Apply,
    Argument,
    Call,
    CheckCount,
    Code,
    Function,
    Loop,
    Move,
)
from tui_backprop.program.code.scope import Binding, Scope
from tui_backprop.program.compiling.emitter import NO_LIBRARY, Emitter, Walk
from tui_backprop.program.compiling.expressions import BINARY, VISITORS
from tui_backprop.program.compiling.refusals import refused_sign, refused_statement, refused_target
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
    from tui_backprop.program.compiling.emitter import Target, Visitor
    from tui_backprop.program.text.problems import ProgramProblems
    from tui_backprop.program.text.source import Source
    from tui_backprop.program.text.syntax import Parsed
    from tui_backprop.rules.rule import Rule

    Bind = Callable[[Walk, ast.Name], tuple[int, Binding]]
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
        return Function(node.name, parameters, scope, code, line, result)

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


def range_bounds(walk: Walk, node: ast.For) -> tuple[int, int, int]:
    """The slots of a loop's start, stop and step; what is no range is refused."""
    call = node.iter
    if node.orelse:
        raise walk.problem(node.orelse[0], said("a loop has no 'else'"))
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name)):
        hint = said("write for t in range(x.shape[0]): and x[t]")
        raise walk.problem(call, said("a loop runs over a range of whole numbers"), hint)
    if call.func.id != "range":
        raise walk.problem(call, said("a loop runs over a range of whole numbers"), LOOP)
    if call.keywords or not 1 <= len(call.args) <= 3:
        hint = said("write range(start, stop, step)")
        raise walk.problem(call, said("range takes one to three whole numbers"), hint)
    given = [walk.compile(argument, said("the bound of a loop")) for argument in call.args]
    span = walk.span(call)
    start = given[0] if len(given) > 1 else walk.emitter.literal(0, span)
    step = given[2] if len(given) > 2 else walk.emitter.literal(1, span)
    return start, given[min(1, len(given) - 1)], step


_GIVE_ALL: Final = said("give every argument in the call")


def checked_parameters(walk: Walk, node: ast.FunctionDef) -> tuple[str, ...]:
    """The names of a definition's parameters, which are plain and can be bound."""
    if node.decorator_list:
        raise walk.problem(
            node.decorator_list[0], said("'@' in front of a definition has no meaning")
        )
    arguments = node.args
    for default in (*arguments.defaults, *(d for d in arguments.kw_defaults if d is not None)):
        raise walk.problem(default, said("a parameter has no default"), _GIVE_ALL)
    for starred in (arguments.vararg, arguments.kwarg, *arguments.kwonlyargs):
        if starred is not None:
            raise walk.problem(
                starred, said("'*' in a definition is not part of a program"), _GIVE_ALL
            )
    found: dict[str, None] = {}
    for argument in (*arguments.posonlyargs, *arguments.args):
        problem = name_problem(argument.arg)
        if argument.annotation is not None:
            problem = said("types are not declared in a program")
        elif argument.arg in found:
            problem = said("the parameter '{arg}' stands here twice", arg=argument.arg)
        if problem:
            raise walk.problem(argument, problem)
        found[argument.arg] = None
    return tuple(found)


def checked_body(walk: Walk, node: ast.FunctionDef) -> tuple[Sequence[ast.stmt], ast.expr]:
    """The statements of a definition and what it returns at its end, once and one value."""
    *body, last = node.body
    for statement in statements_within(body):
        if isinstance(statement, ast.Return):
            raise walk.problem(statement, *refused_statement(statement))
    if not isinstance(last, ast.Return) or last.value is None:
        raise walk.problem(
            last, said("a function ends with a return"), said("write return expression")
        )
    return body, last.value


_BINDING: Final = (Apply, Call)
_ATOMS: Final = (ast.Name, ast.Constant, ast.Call, ast.Subscript, ast.Attribute, ast.List)


def assign(walk: Walk, node: ast.Assign, bind: Bind) -> None:
    """Bind one name or several, from the left to the right as Python does.

    ``bind`` gives a name its slot and its new binding. What stands left of ``=`` and is no name,
    nor several, is refused.
    """
    for target in node.targets:
        _check_target(walk, target)
    first, *others = node.targets
    if isinstance(first, ast.Name):
        goal = bind(walk, first)  # the instruction that computes the value writes to the name
        _finish(walk, walk.compile(node.value, target=goal), goal, node.value)
        slot = goal[0]
    elif not others and _is_written_out(first, node.value):
        _bind_each(walk, first, node.value, bind)
        return
    else:
        slot, others = _kept(walk, node.value), node.targets
    for target in others:
        _bind_to(walk, target, slot, _bracketed(walk, node.value), bind)


def assign_augmented(walk: Walk, node: ast.AugAssign, bind: Bind) -> None:
    """``h += x``, which is ``h = h + x`` and reads so."""
    target = node.target
    if not isinstance(target, ast.Name):
        raise walk.problem(target, *refused_target(target))
    found = BINARY.get(type(node.op))
    if found is None:
        raise walk.problem(node, *refused_sign(node.op))
    name, sign = found
    goal = bind(walk, target)
    before = walk.compile(ast.copy_location(ast.Name(target.id, ast.Load()), target))
    operands = before, walk.compile(node.value)
    text = f"{target.id} {sign} {_bracketed(walk, node.value)}"
    made = walk.emitter.apply(walk.rules[name], operands, (), walk.place(node), goal, text)
    _finish(walk, made, goal, node)


def _check_target(walk: Walk, target: ast.expr) -> None:
    """Check that a target is names only, alone or in brackets, nested or not."""
    todo = [target]
    while todo:
        part = todo.pop()
        if isinstance(part, ast.Tuple | ast.List) and part.elts:
            todo += part.elts
        elif not isinstance(part, ast.Name):
            raise walk.problem(part, *refused_target(part))


def _finish(walk: Walk, found: int, goal: tuple[int, Binding], node: ast.expr | ast.stmt) -> None:
    slot, binding = goal
    code = walk.emitter.code.instructions
    last = code[-1] if code else None
    if not (isinstance(last, _BINDING) and last.binding is binding):
        code.append(Move(found, slot, binding, walk.span(node)))


def _kept(walk: Walk, value: ast.expr) -> int:
    """An expression's value in a slot that no later assignment writes to."""
    found = walk.compile(value)
    if found not in walk.emitter.scope.names:
        return found
    copied = walk.emitter.scope.new()
    walk.emitter.code.instructions.append(Move(found, copied, None, walk.span(value)))
    return copied


def _is_written_out(target: ast.expr, value: ast.expr) -> bool:
    """Whether both sides have the same number of parts: ``a, b = b, a``."""
    pair = ast.Tuple | ast.List
    if not isinstance(target, pair) or not isinstance(value, pair):
        return False
    is_starred = any(isinstance(part, ast.Starred) for part in value.elts)
    return not is_starred and len(target.elts) == len(value.elts)


def _bind_each(walk: Walk, target: ast.expr, value: ast.expr, bind: Bind) -> None:
    """All values first, then all names."""
    pairs = [(target, value)]
    found: list[tuple[ast.expr, int, ast.expr]] = []
    while pairs:
        left, right = pairs.pop()
        if (
            isinstance(left, ast.Tuple | ast.List)
            and isinstance(right, ast.Tuple | ast.List)
            and _is_written_out(left, right)
        ):
            pairs += reversed(list(zip(left.elts, right.elts, strict=True)))
        else:
            found.append((left, _kept(walk, right), right))
    for name, slot, right in found:
        _bind_to(walk, name, slot, _bracketed(walk, right), bind)


def _bind_to(walk: Walk, target: ast.expr, slot: int, text: str, bind: Bind) -> None:
    """A name for a value, or names for its entries along axis 0.

    Brackets of targets nest to a stated depth only, so this recursion has one too.
    """
    span, emitter = walk.span(target), walk.emitter
    if isinstance(target, ast.Name):
        new, binding = bind(walk, target)
        emitter.code.instructions.append(Move(slot, new, binding, span))
    elif isinstance(target, ast.Tuple | ast.List):
        checked = emitter.scope.new()
        count = len(target.elts)
        emitter.code.instructions.append(CheckCount(slot, checked, count, text, span))
        for number, part in enumerate(target.elts):
            goal = bind(walk, part) if isinstance(part, ast.Name) else None
            entry, written = _entry(walk, checked, number, text, target, goal)
            if goal is None:
                _bind_to(walk, part, entry, written, bind)


def _entry(
    walk: Walk, slot: int, number: int, text: str, target: ast.expr, goal: Target
) -> tuple[int, str]:
    """The step that reads ``x[number]``, and how it is written."""
    rule, span, emitter = walk.rules["index"], walk.span(target), walk.emitter
    key = Argument(rule.parameters[0], emitter.literal((number,), span), span)
    written = f"{text}[{number}]"
    return emitter.apply(rule, (slot,), (key,), walk.place(target), goal, written), written


def _bracketed(walk: Walk, value: ast.expr) -> str:
    """The text of an expression as an operand of any sign."""
    text = walk.emitter.source.snippet(*walk.place(value))
    is_open = isinstance(value, ast.Tuple) and not text.startswith("(")
    return text if isinstance(value, _ATOMS) and not is_open else f"({text})"
