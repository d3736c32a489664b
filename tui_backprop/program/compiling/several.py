"""Calls that give numbers or several arrays, as they are compiled; see `makers` for which."""

from __future__ import annotations

import ast
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from tui_backprop.language.message import said
from tui_backprop.program.compiling.arguments import bind
from tui_backprop.program.compiling.walk import Visit
from tui_backprop.program.text.problems import ProblemError
from tui_backprop.program.vocabulary.makers import MAKERS, SEVERAL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui_backprop.program.compiling.walk import Walk

_SAME: Final[Mapping[str, tuple[str, object]]] = MappingProxyType(
    {"svd": ("full_matrices", False), "qr": ("mode", "reduced")}
)
"""What a call may say that is so here in any case; of ``svd`` it has to, as NumPy gives more."""


def visit_several(walk: Walk, node: ast.Call, name: str) -> int | None:
    """All that the call gives."""
    if name in SEVERAL:
        return _apply_each(walk, node, name, list(SEVERAL[name].values()))
    place, span = walk.place(node), walk.span(node)
    text = walk.emitter.source.snippet(*place)
    if name == "meshgrid":
        arrays, others = node.args, {str(k.arg): k.value for k in node.keywords}
        if unknown := set(others) - {"indexing"}:
            message = said("'{name}' has no argument '{arg}'", name=name, arg=min(unknown))
            raise ProblemError(span, message, said("write {code}", code="meshgrid(x, y)"))
        found = {str(k): given for k, given in enumerate(arrays)} | others
        named: frozenset[str] = frozenset(map(str, range(len(arrays))))
    else:
        maker = MAKERS[name]
        found = bind(name, maker.wanted, node, walk.span, spellings={"dim": "axis", "x": "a"}
                     if "x" not in maker.wanted else {"dim": "axis"})  # fmt: skip
        named = maker.arrays

    def step(slots: tuple[int, ...]) -> int:
        operands = dict(zip(found, slots, strict=True))
        return walk.emitter.made(name, operands, span, text)

    uses = [Visit(given, "" if n in named else said("the argument '{name}'", name=n))
            for n, given in found.items()]  # fmt: skip
    return walk.after(uses, step)


def part_of(walk: Walk, call: ast.expr, which: str | int) -> str:
    """The op that gives one result of such a call, by its name or its number; empty if none."""
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
        return ""
    name = call.func.id
    if name not in SEVERAL or name in walk.functions:
        return ""
    parts = SEVERAL[name]
    if isinstance(which, str):
        return parts.get(which, "")
    ops = list(parts.values())
    return ops[which] if -len(ops) <= which < len(ops) else ""


def visit_part(walk: Walk, call: ast.Call, op: str, whole: ast.expr) -> int | None:
    """One result of such a call, without the others."""
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    return _apply_each(walk, call, name, [op], whole)


def _apply_each(
    walk: Walk, node: ast.Call, name: str, ops: list[str], whole: ast.expr | None = None
) -> int | None:
    """One node for each op, all of the same operand."""
    key, wanted = _SAME.get(name, ("", None))
    arguments = {"a": True} | ({key: False} if key else {})
    found = bind(name, arguments, node, walk.span, spellings={"x": "a", "A": "a"})
    said_so = found.get(key)
    is_same = isinstance(said_so, ast.Constant) and said_so.value == wanted
    if (said_so is not None or name == "svd") and key and not is_same:
        code = f"{name}({ast.unparse(found['a'])}, {key}={wanted!r})"
        message = said("'{name}' gives as many vectors as there are values", name=name)
        raise ProblemError(walk.span(said_so or node), message, said("write {code}", code=code))
    place, span = walk.place(whole or node), walk.span(node)
    array = walk.emitter.source.snippet(*walk.place(found["a"]))

    def step(slots: tuple[int, ...]) -> int:
        rules = [walk.rules[op] for op in ops]
        made = tuple(
            walk.emitter.apply(rule, slots, (), place, text=f"{rule.name}({array})")
            for rule in rules
        )
        if whole is not None:
            return made[0]
        text = walk.emitter.source.snippet(*place)
        return walk.emitter.pack("tuple", made, span, text=text, is_several=True)

    return walk.after([Visit(found["a"])], step)
