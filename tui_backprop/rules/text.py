"""How the application of an op is written: one line that parses back to the same op.

Brackets depend on two texts, the row's and the operand's; tape, formulas and exports ask here.
"""

from __future__ import annotations

import re
from enum import IntEnum
from string import Formatter
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Params


class Binding(IntEnum):
    """How strongly the loosest operator of a text binds, weakest first, as in Python."""

    COMPARISON = 1
    SUM = 2
    PRODUCT = 3
    SIGN = 4
    POWER = 5
    ATOM = 6


_OPERATORS: Final = {
    **dict.fromkeys(("<", "<=", ">", ">=", "==", "!="), Binding.COMPARISON),
    **dict.fromkeys("+-−", Binding.SUM),  # − and · are how the screen writes - and *
    **dict.fromkeys("*/@·", Binding.PRODUCT),
    "**": Binding.POWER,
}

# Text, compiled when the first application is written: the first screen may have none.
_PIECE: Final = r"""(?xs)
        (?P<space>\s+)
      | (?P<number>(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][-+]?\d+)?)
      | (?P<name>[^\W\d][\w.]*(?:@\d+[₀-₉]*(?![\w.]))?)  # h@2 is a name, h@2₁ an entry
      | (?P<operator>\*\*|[<>=!]=|[-+*/@<>−·])
      | (?P<other>.)"""


def application(rule: Rule, operand_texts: Sequence[str], params: Params) -> str:
    """One application of an op, as it would be typed; arguments at their defaults are left out.

    An operand's text is put in brackets where the op binds tighter.
    """
    template = rule.text
    fields: dict[str, str] = {}
    for parameter in rule.parameters:
        value = params.get(parameter.name, parameter.default)
        if type(value) is type(parameter.default) and value == parameter.default:
            template = template.replace(f", {parameter.name}={{{parameter.name}}}", "")
        fields[parameter.name] = key_text(value) if parameter.kind == "index" else repr(value)
    needs = _needs(template)
    for name, text in zip(rule.operands, operand_texts, strict=True):
        fields[name] = f"({text})" if binding(text) < needs[name] else text
    return template.format_map(fields)


def key_text(key: Any) -> str:
    """The text between the brackets of ``x[key]``; a tuple of one part has no comma."""
    if not isinstance(key, tuple) or not key:
        return _item_text(key)
    is_ambiguous = len(key) == 1 and isinstance(key[0], tuple)
    return ", ".join(_item_text(item) for item in key) + ("," if is_ambiguous else "")


def binding(text: str) -> Binding:
    """How strongly the loosest operator outside brackets binds; names and calls are atoms."""
    return min((found for found, _, _ in _outside(text)), default=Binding.ATOM)


def _item_text(item: Any) -> str:
    if item is Ellipsis:
        return "..."
    if not isinstance(item, slice):
        return repr(item)
    start, stop, step = ("" if n is None else str(n) for n in (item.start, item.stop, item.step))
    return f"{start}:{stop}" + (f":{step}" if step else "")


def _outside(text: str) -> Iterator[tuple[Binding, int, bool]]:
    """Each operator outside brackets: its binding, where it stands, whether it is a sign."""
    depth = 0
    starts_operand = True
    for token in re.finditer(_PIECE, text):
        kind, found = token.lastgroup, token.group()
        if kind == "space":
            continue
        if kind == "operator" and depth == 0:
            sign = starts_operand and found in "+-−"
            yield Binding.SIGN if sign else _OPERATORS[found], token.start(), sign
        depth += (found in "([{") - (found in ")]}")
        starts_operand = kind == "operator"


def _needs(template: str) -> dict[str, Binding]:
    """The weakest binding each operand may have without brackets.

    Left of an operator as strong as itself, right of it stronger, for a power the other way round;
    under a sign stronger; before an index an atom; between brackets or commas anything.
    """
    bare, places = _without_fields(template)
    operators = list(_outside(bare))
    needs: dict[str, Binding] = {}
    for name, place in places.items():
        if _depth(bare, place):
            needs[name] = Binding.COMPARISON
        elif not operators:
            needs[name] = Binding.ATOM
        else:
            level, at, is_sign = operators[0]
            right = place > at
            if level is Binding.POWER:
                needs[name] = Binding.SIGN if right else Binding.ATOM
            else:
                tighter = is_sign or right or level is Binding.COMPARISON
                needs[name] = Binding(level + 1) if tighter else level
    return needs


def _without_fields(template: str) -> tuple[str, dict[str, int]]:
    """The template with each field a letter, and where the letters stand."""
    bare = ""
    places: dict[str, int] = {}
    for literal, name, _, _ in Formatter().parse(template):
        bare += literal
        if name is not None:
            places[name] = len(bare)
            bare += "x"
    return bare, places


def _depth(text: str, place: int) -> int:
    return sum((c in "([{") - (c in ")]}") for c in text[:place])
