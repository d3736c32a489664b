"""An op of the table as a saved walk names it: its row and its static arguments, checked."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tui_backprop.errors import TuiBackpropError
from tui_backprop.language.message import joined, said
from tui_backprop.program.code.kinds import checked
from tui_backprop.rules import RULES
from tui_backprop.rules.rule import MOST_MEMBERS, REQUIRED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tui_backprop.attach.saved.item import Item
    from tui_backprop.graph.model import Node
    from tui_backprop.limits import Limits
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Params, Shape


def row(item: Item, out: Shape, shapes: tuple[Shape, ...]) -> tuple[Rule, Params]:
    """The row that a node names, and its arguments; they fit the shapes."""
    fields = item.keys(("name", "operands", "params"))
    operands = tuple(x.text() for x in fields["operands"].items(MOST_MEMBERS))
    name = fields["name"].text()
    if len(operands) != len(shapes):
        told = said(
            "'{name}' has {operands} operands and {parents} parents",
            name=name,
            operands=len(operands),
            parents=len(shapes),
        )
        item.refuse(told)
    found = next((r for r in _rows(name, operands) if r.operands == operands), None)
    if found is None:
        names = joined(", ", operands)
        item.refuse(said("there is no op '{name}' of the operands {names}", name=name, names=names))
    params = _params(fields["params"], found)
    try:
        shape = found.shape(*shapes, **params)
    except Exception as error:  # noqa: BLE001 - arguments of the right kind may still fit no shape
        reason = str(error) or type(error).__name__
        item.refuse(said("'{name}' does not fit: {reason}", name=name, reason=reason))
    if shape != out:
        told = said("'{name}' gives the shape {shape}, not {out}", name=name, shape=shape, out=out)
        item.refuse(told)
    return found, params


def _rows(name: str, operands: tuple[str, ...]) -> Iterator[Rule]:
    """The rows that bear a name and may have these operands."""
    found = RULES.get(name)
    if found is None:
        return
    yield found
    if found.family is not None and operands:
        yield found.family.of(len(operands))
        if found.family.of_rows is not None:
            yield found.family.of_rows
    if found.extras is not None:
        yield found.extras.of(tuple(n for n in found.extras.names if n in operands))


def _params(item: Item, rule: Rule) -> Params:
    known = {p.name: p for p in rule.parameters}
    given = item.keys([p.name for p in rule.parameters if p.default is REQUIRED], list(known))
    found = {p.name: p.default for p in rule.parameters if p.default is not REQUIRED}
    for name, value in given.items():
        try:
            found[name] = checked(known[name], _param(value))
        except TuiBackpropError as error:
            value.refuse(str(error))
    return MappingProxyType({name: found[name] for name in known})


def _param(item: Item) -> Any:
    """What `writer` wrote."""
    value = item.value
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return item.text()
    if isinstance(value, list):
        return tuple(_param(part) for part in item.items())
    fields = item.keys((), ("float", "list", "slice", "ellipsis"))
    if len(fields) != 1:
        item.refuse(said("expected one kind of argument"))
    ((kind, held),) = fields.items()
    if kind == "float":
        return number(held)
    if kind == "list":
        return [_param(part) for part in held.items()]
    if kind == "slice":
        bounds = [_param(part) for part in held.items(3)]
        if len(bounds) != 3:
            held.refuse(said("a slice has three numbers"))
        return slice(*bounds)
    held.flag()
    return Ellipsis


def number(item: Item) -> float:
    """A number by its digits in base 16."""
    text = item.text()
    try:
        return float.fromhex(text)
    except (ValueError, OverflowError):
        item.refuse(said("'{text}' is no number in base 16", text=text[:60]))


def check_cost(nodes: Sequence[Node], limits: Limits, item: Item) -> None:
    """Refuse ops of the table that would take too long; any numbers they can take.

    Raises:
        LimitError: they would.
    """
    shapes = [node.shape for node in nodes]
    spent = 0
    for node in nodes:
        if node.rule is None or node.rule.computed_by:
            continue
        operands = tuple(shapes[p] for p in node.parents)
        try:
            spent += node.rule.multiplications(node.shape, operands, node.params)
        except Exception as error:  # noqa: BLE001 - as above
            item.refuse(joined(": ", [node.label, str(error) or type(error).__name__]))
        limits.check("multiplications", spent, f"{item.path}")
