"""Calls that give numbers or several arrays, as they are compiled; see `makers` for which."""

from __future__ import annotations

import ast
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from tui_backprop.language.message import said
from tui_backprop.program.compiling.arguments import bind
from tui_backprop.program.compiling.methods import module_of
from tui_backprop.program.compiling.pairs import plan
from tui_backprop.program.compiling.walk import Visit
from tui_backprop.program.text.problems import ProblemError
from tui_backprop.program.vocabulary.makers import MAKERS, METHODS_OF_SEVERAL, SEVERAL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui_backprop.program.compiling.walk import Walk

_STATISTICS: Final[Mapping[str, str]] = MappingProxyType(
    {"var_mean": "var", "std_mean": "std", "aminmax": "min"}
)
"""Of those that take an axis the op that has all arguments."""

_SAME: Final[Mapping[str, tuple[str, object]]] = MappingProxyType(
    {"svd": ("full_matrices", False), "qr": ("mode", "reduced")}
)
"""What a call may say that is so here in any case; of ``svd`` it has to, as NumPy gives more."""


def visit_several(walk: Walk, node: ast.Call, name: str) -> int | None:
    """All that the call gives."""
    if name == "split" and any(k.arg in {"dim", "split_size_or_sections"} for k in node.keywords):
        return visit_several(walk, node, "split_with_sizes")  # it can only be PyTorch's
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
        found = bind(name, maker.wanted, node, walk.span, spellings=_spellings(maker.wanted))
        named = maker.arrays

    def step(slots: tuple[int, ...]) -> int:
        operands = dict(zip(found, slots, strict=True))
        return walk.emitter.made(name, operands, span, text)

    uses = [Visit(given, "" if n in named else said("the argument '{name}'", name=n))
            for n, given in found.items()]  # fmt: skip
    return walk.after(uses, step)


def _spellings(wanted: Mapping[str, bool]) -> dict[str, str]:
    """What the arguments of such a function are called elsewhere, with what they are here."""
    first = next(iter(wanted))
    found = dict.fromkeys(("x", "a", "input", "tensor"), first) | {"dim": "axis"}
    found |= {"split_size_or_sections": "split_sizes", "split_size": "split_sizes"}
    return {name: meant for name, meant in found.items() if name not in wanted}


def method_of_several(walk: Walk, node: ast.Call, method: ast.Attribute) -> ast.Call | None:
    """``x.chunk(2)`` as ``chunk(x, 2)``; None of any other method. Only PyTorch has them."""
    name = method.attr
    if name not in METHODS_OF_SEVERAL or module_of(walk, method.value):
        return None
    function = ast.Name("split_with_sizes" if name == "split" else name, ast.Load())
    call = ast.Call(ast.copy_location(function, method), [method.value, *node.args], node.keywords)
    return ast.copy_location(call, node)


def part_of(walk: Walk, call: ast.expr, which: str | int) -> str:
    """The op that gives one result of such a call, by its name or its number; empty if none."""
    name = _name_of(walk, call)
    if name not in SEVERAL:
        return ""
    parts = SEVERAL[name]
    if isinstance(which, str):
        return parts.get(which, "")
    ops = list(parts.values())
    return ops[which] if -len(ops) <= which < len(ops) else ""


def _name_of(walk: Walk, call: ast.expr) -> str:
    """The function of such a call, or the method; empty of what the program defines itself."""
    if not isinstance(call, ast.Call):
        return ""
    if isinstance(call.func, ast.Name):
        return "" if call.func.id in walk.functions else call.func.id
    is_method = isinstance(call.func, ast.Attribute) and method_of_several(walk, call, call.func)
    return call.func.attr if is_method and isinstance(call.func, ast.Attribute) else ""


def visit_part(walk: Walk, call: ast.Call, op: str, whole: ast.expr) -> int | None:
    """One result of such a call, without the others."""
    name = _name_of(walk, call)
    if isinstance(call.func, ast.Attribute):
        call = method_of_several(walk, call, call.func) or call
    return _apply_each(walk, call, name, [op], whole)


def _apply_each(
    walk: Walk, node: ast.Call, name: str, ops: list[str], whole: ast.expr | None = None
) -> int | None:
    """One node for each op, all of the same operand."""
    if name in _STATISTICS:
        return _apply_statistics(walk, node, name, ops, whole)
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


def _apply_statistics(
    walk: Walk, node: ast.Call, name: str, ops: list[str], whole: ast.expr | None
) -> int | None:
    """As PyTorch has them: the variance divides by n − 1 where nobody says otherwise."""
    call, given = node, {keyword.arg for keyword in node.keywords}
    if name != "aminmax" and not given & {"ddof", "correction", "unbiased"}:
        one = ast.copy_location(ast.Constant(1), node)
        ddof = ast.copy_location(ast.keyword("ddof", one), node)
        call = ast.copy_location(ast.Call(node.func, node.args, [*node.keywords, ddof]), node)
    visits, step = plan(walk, call, ops, _STATISTICS[name], whole or node)

    def made(slots: tuple[int, ...]) -> int:
        found = step(slots)
        if whole is not None:
            return found[0]
        text = walk.emitter.source.snippet(*walk.place(node))
        return walk.emitter.pack("tuple", found, walk.span(node), text=text, is_several=True)

    return walk.after(visits, made)
