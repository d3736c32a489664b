"""Assignments: a value for one name or for several, whole or entry by entry."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from tui_backprop.program.code.instructions import Apply, Argument, Call, CheckCount, Move
from tui_backprop.program.compiling.operators import BINARY
from tui_backprop.program.compiling.pairs import given_both, is_pair, values_alone
from tui_backprop.program.compiling.refusals import refused_sign, refused_target
from tui_backprop.program.text.syntax import names_stored

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.program.code.scope import Binding
    from tui_backprop.program.compiling.emitter import Target
    from tui_backprop.program.compiling.walk import Walk

    Bind = Callable[[Walk, ast.Name], tuple[int, Binding]]


_BINDING: Final = (Apply, Call)
_PAIR: Final = 2
_ATOMS: Final = (ast.Name, ast.Constant, ast.Call, ast.Subscript, ast.Attribute, ast.List)


def assign(walk: Walk, node: ast.Assign, bind: Bind) -> None:
    """Bind one name or several, from the left to the right as Python does.

    ``bind`` gives a name its slot and its new binding. What stands left of ``=`` and is no name,
    nor several, is refused.
    """
    for target in node.targets:
        _check_target(walk, target)
    first, *others = node.targets
    is_values = not isinstance(first, ast.Tuple | ast.List) and is_pair(walk, node.value)
    if is_values and any(isinstance(target, ast.Tuple | ast.List) for target in others):
        raise values_alone(walk, node.value)
    if isinstance(first, ast.Name):
        goal = bind(walk, first)  # the instruction that computes the value writes to the name
        _finish(walk, walk.compile(node.value, target=goal), goal, node.value)
        slot = goal[0]
    elif not others and _is_written_out(first, node.value):
        _bind_each(walk, first, node.value, bind)
        others = []
    else:
        slot, others = _kept(walk, node.value, first), node.targets
    for target in others:
        _bind_to(walk, target, slot, _bracketed(walk, node.value), bind)
    if walk.pairs:
        walk.pairs -= names_stored(node)
    if is_values:
        walk.pairs |= {t.id for t in node.targets if isinstance(t, ast.Name)}


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
    walk.pairs.discard(target.id)


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


def _kept(walk: Walk, value: ast.expr, target: ast.expr) -> int:
    """An expression's value in a slot that no later assignment writes to."""
    if isinstance(target, ast.Tuple | ast.List) and len(target.elts) == _PAIR:
        both = given_both(walk, value)
        if both is not None:
            return both
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
            found.append((left, _kept(walk, right, left), right))
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
