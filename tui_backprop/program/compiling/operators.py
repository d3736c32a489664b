"""Signs between operands and before them: sums, products, comparisons, what joins conditions."""

from __future__ import annotations

import ast
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from tui_backprop.language.message import said
from tui_backprop.program.code.uses import INDEX
from tui_backprop.program.compiling.walk import Then, Visit, is_leaf
from tui_backprop.program.text.problems import ProblemError
from tui_backprop.program.text.syntax import chains, signs_between

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tui_backprop.program.compiling.emitter import Target
    from tui_backprop.program.compiling.walk import Walk
    from tui_backprop.program.text.syntax import Chain, Sign


BINARY: Final[Mapping[type[ast.AST], tuple[str, str]]] = MappingProxyType(
    {
        ast.Add: ("add", "+"),
        ast.Sub: ("subtract", "-"),
        ast.Mult: ("multiply", "*"),
        ast.Div: ("divide", "/"),
        ast.FloorDiv: ("floor_divide", "//"),
        ast.Mod: ("remainder", "%"),
        ast.Pow: ("power", "**"),
        ast.MatMult: ("matmul", "@"),
    }
)
"""The op and the sign of each operator between two operands."""

_SUM: Final[Mapping[str, str]] = MappingProxyType({"+": "add", "-": "subtract"})
_COMPARISON: Final[Mapping[str, str]] = MappingProxyType(
    {
        "<": "less",
        "<=": "less_equal",
        ">": "greater",
        ">=": "greater_equal",
        "==": "equal",
        "!=": "not_equal",
    }
)


def visit_binary(walk: Walk, node: ast.BinOp, visit: Visit) -> int | None:
    """A sign between two operands.

    Raises:
        ProblemError: the sign is not part of a program.
    """
    found = BINARY.get(type(node.op))
    if found is None and (joined := _JOINS.get(type(node.op))) is not None:
        return _join(walk, node, *joined, [node.left, node.right], visit)
    if found is None:
        return walk.refuse(node, node.op)
    name, _ = found
    if visit.use == INDEX and any(isinstance(part, ast.Compare) for part in ast.walk(node)):
        _read_mask(walk, node)
        return None
    parts = (Visit(node.left, visit.use), Visit(node.right, visit.use))
    return walk.after(parts, walk.op(name, walk.place(node), visit.target))


def visit_unary(walk: Walk, node: ast.UnaryOp, visit: Visit) -> int | None:
    """A sign before an operand."""
    if isinstance(node.op, ast.UAdd):
        walk.then(Visit(node.operand, visit.use, visit.target))
        return None
    if isinstance(node.op, ast.Invert):
        return _join(walk, node, "equal", "~", [node.operand], visit)
    if not isinstance(node.op, ast.USub):
        return walk.refuse(node, node.op)
    make = walk.op("negative", walk.place(node), visit.target)
    return walk.after((Visit(node.operand, visit.use),), make)


_JOINS: Final[Mapping[type[ast.AST], tuple[str, str]]] = MappingProxyType(
    {ast.BitAnd: ("multiply", "&"), ast.BitOr: ("maximum", "|")}
)
"""The op that joins two conditions, and the sign."""


def _join(
    walk: Walk, node: ast.expr, op: str, sign: str, operands: list[ast.expr], visit: Visit
) -> int | None:
    """``~a``, ``a & b`` or ``a | b`` of conditions; what is none is refused where it is known."""
    if visit.use:
        _read_mask(walk, node, visit.use)
        return None
    span, emitter = walk.span(node), walk.emitter

    def make(slots: tuple[int, ...]) -> int:
        found = tuple(
            emitter.condition(
                slot, sign, emitter.source.snippet(*walk.place(part)), walk.span(part)
            )
            for slot, part in zip(slots, operands, strict=True)
        )
        given = found if len(found) > 1 else (*found, emitter.literal(0, span, "0"))
        return emitter.apply(walk.rules[op], given, (), walk.place(node), visit.target)

    return walk.after([Visit(operand) for operand in operands], make)


def visit_compare(walk: Walk, node: ast.Compare, visit: Visit) -> int | None:
    """A comparison; in a flattened statement also a sum, or both: see `syntax.flattened`."""
    source = walk.emitter.source
    operands = [node.left, *node.comparators]
    signs = signs_between(source, [walk.place(operand) for operand in operands])
    compared = [sign for sign in signs if not sign.is_of_sum]
    _check_comparison(walk, compared)
    if compared and visit.use == INDEX:
        _read_mask(walk, node)
        return None
    if not compared and all(map(is_leaf, operands)):
        (chain,) = chains(source, signs, walk.place(node))
        return _sum_of_leaves(walk, chain, operands, visit)
    target = None if compared else visit.target
    items: list[Visit | Then] = []
    for links in chains(source, signs, walk.place(node)):
        items += _sum(walk, links, operands, visit.use, target)
    if compared:
        name = _COMPARISON[compared[0].text]
        items.append(Then(2, walk.op(name, walk.place(node), visit.target)))
    walk.then(*items)
    return None


def _read_mask(walk: Walk, node: ast.expr, use: str = INDEX) -> None:
    """A condition that picks entries: an array first, and then an index."""
    span = walk.span(node)
    walk.then(Visit(node), Then(1, lambda slots: walk.emitter.read(slots[0], use, span)))


def _sum(
    walk: Walk, chain: Chain, operands: Sequence[ast.expr], use: str, target: Target
) -> Iterator[Visit | Then]:
    """Each operand, and after it the sum so far: in the order of evaluation."""
    yield Visit(operands[chain.first], use)
    for number, (sign, stop) in enumerate(zip(chain.signs, chain.stops, strict=True), 1):
        yield Visit(operands[chain.first + number], use)
        goal = target if number == len(chain.signs) else None
        yield Then(2, walk.op(_SUM[sign.text], (chain.start, stop), goal))


def _sum_of_leaves(walk: Walk, chain: Chain, operands: Sequence[ast.expr], visit: Visit) -> int:
    """A sum of names and numbers at once, without the stack: it may fill a file."""
    emitter, source = walk.emitter, walk.emitter.source
    adds = {sign: walk.rules[name] for sign, name in _SUM.items()}
    head = source.head(chain.start)
    slots = (walk.leaf(operand, visit.use) for operand in operands)
    total, last = next(slots), len(chain.signs) - 1
    for number, (sign, stop, slot) in enumerate(zip(chain.signs, chain.stops, slots, strict=True)):
        goal = visit.target if number == last else None
        place, text = (chain.start, stop), source.snippet(chain.start, stop, head)
        total = emitter.apply(adds[sign.text], (total, slot), (), place, goal, text)
    return total


def _check_comparison(walk: Walk, compared: Sequence[Sign]) -> None:
    span = walk.emitter.source.span
    for sign in compared:
        if sign.text not in _COMPARISON:
            code = " ".join(sign.text.split())
            message = said("'{code}' is not part of a program", code=code)
            raise ProblemError(span(sign.start, sign.stop), message)
    if len(compared) > 1:
        hint = said("write the product of two comparisons: (a < b) * (b < c)")
        raise ProblemError(
            span(compared[1].start, compared[1].stop), said("a comparison has two sides"), hint
        )
