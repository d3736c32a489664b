"""Rewrite the formula of a partial so that a person can read it, without changing its value.

What a row writes is right for all operands at once: it tests what a constant has decided already,
repeats a test within its own branches, and holds numbers as binary fractions.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import sympy
from sympy.core.relational import Relational

from tui_backprop.render.text.numbers import number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Facts = Mapping[Any, bool]
    """Conditions that are known to hold, or not to."""

_LARGEST_DENOMINATOR: Final = 1000
"""Of fractions and roots that a number is recognised as. Some 300,000 fractions lie between 0 and 1
and 2⁵² doubles: none is met by chance."""

_SAME: Final = 4 * 2.0**-53
"""How far, relatively, rounding takes a root and its square."""


def simplified(formula: Any, constants: Mapping[Any, Any]) -> Any:
    """The formula with exact numbers, conditions decided where they can be, the main case first.

    Args:
        formula: of SymPy; entries are symbols.
        constants: numbers of those symbols that never change; only conditions look at them.
    """
    numbers = {x: exact_number(float(x)) for x in formula.atoms(sympy.Float)}
    decided = _under(formula.xreplace(numbers), {}, constants)
    return _main_case_first(decided)


def exact_number(value: float) -> Any:
    """The fraction or square root that a number was rounded from; itself where six digits give it.

    ``1.3333333333333333`` is 4/3 and ``0.7071067811865476`` is √2/2.
    """
    if value.is_integer():
        return sympy.Integer(int(value))
    if not math.isfinite(value) or float(number(value).replace("−", "-")) == value:
        return sympy.Float(value)
    fraction = Fraction(value).limit_denominator(_LARGEST_DENOMINATOR)
    if float(fraction) == value:
        return sympy.Rational(fraction.numerator, fraction.denominator)
    square = Fraction(value * value).limit_denominator(_LARGEST_DENOMINATOR)
    if square and math.isclose(math.sqrt(square), abs(value), rel_tol=_SAME):
        root = sympy.sqrt(sympy.Rational(square.numerator, square.denominator))
        return root if value > 0 else -root
    return sympy.Float(value)


def _under(e: Any, facts: Facts, constants: Mapping[Any, Any]) -> Any:
    """A formula where some conditions are known."""
    if not e.has(sympy.Piecewise):
        return e
    if isinstance(e, sympy.Piecewise):
        return _cases(e, facts, constants)
    made = e.func(*(_under(a, facts, constants) for a in e.args))
    return _one_choice(made) if made.is_Mul else made


def _cases(e: Any, facts: Facts, constants: Mapping[Any, Any]) -> Any:
    """A choice without the cases that cannot be."""
    cases = []
    left = dict(facts)
    for value, condition in e.args:
        holds = _condition(condition, left, constants)
        if holds is sympy.false:
            continue
        cases.append((_under(value, left | _facts(holds, truth=True), constants), holds))
        if holds is sympy.true:
            break
        left |= _facts(holds, truth=False)
    return sympy.Piecewise(*cases) if cases else sympy.nan


def _condition(condition: Any, facts: Facts, constants: Mapping[Any, Any]) -> Any:
    if condition in facts:
        return sympy.true if facts[condition] else sympy.false
    if isinstance(condition, Relational):
        if condition.free_symbols <= constants.keys():
            return condition.xreplace(dict(constants)).doit()
        return condition
    if isinstance(condition, sympy.And | sympy.Or):
        return condition.func(*(_condition(a, facts, constants) for a in condition.args))
    return condition


def _facts(condition: Any, *, truth: bool) -> dict[Any, bool]:
    """What follows from a condition that holds, or does not."""
    follow = {
        form: is_true == truth_of
        for relation, truth_of in _settled(condition, truth)
        for form, is_true in _forms(relation)
    }
    return {condition: truth, **follow}


def _settled(condition: Any, truth: bool) -> Iterator[tuple[Any, bool]]:
    if isinstance(condition, Relational):
        yield condition, truth
    elif isinstance(condition, sympy.And if truth else sympy.Or):
        for part in condition.args:
            yield from _settled(part, truth)


def _forms(relation: Any) -> tuple[tuple[Any, bool], ...]:
    """The ways to write a relation and its opposite, each with whether it says the same."""
    opposite = relation.negated
    return (
        (relation, True), (relation.reversed, True),
        (opposite, False), (opposite.reversed, False),
    )  # fmt: skip


def _one_choice(product: Any) -> Any:
    """Factors that choose by the same conditions as one choice between products."""
    choices: dict[tuple[Any, ...], list[Any]] = {}
    others = []
    for factor in product.args:
        if isinstance(factor, sympy.Piecewise):
            choices.setdefault(tuple(c for _, c in factor.args), []).append(factor)
        else:
            others.append(factor)
    if all(len(alike) == 1 for alike in choices.values()):
        return product
    joined = [
        sympy.Piecewise(*(
            (sympy.Mul(*(f.args[k][0] for f in alike)), c) for k, c in enumerate(conditions)
        ))
        for conditions, alike in choices.items()
    ]  # fmt: skip
    return sympy.Mul(*others, *joined)


def _main_case_first(e: Any) -> Any:
    """``{1 if x > 0, else 0}`` for ``{0 if x ≤ 0, else 1}``: the exception comes last."""
    if not e.has(sympy.Piecewise):
        return e
    e = e.func(*(_main_case_first(a) for a in e.args))
    if not isinstance(e, sympy.Piecewise) or e.args[0][0] != 0 or e.args[-1][1] is not sympy.true:
        return e
    if len(e.args) == 2:
        (zero, exception), (main, _) = e.args
        return sympy.Piecewise((main, _opposite(exception)), (zero, True))
    if len(e.args) == 3 and (greater := _third(e.args[0][1], e.args[1][1])) is not None:
        return sympy.Piecewise((e.args[2][0], greater), e.args[1], (e.args[0][0], True))
    return e


def _opposite(condition: Any) -> Any:
    """What holds where a condition does not, without a "not"."""
    if isinstance(condition, sympy.And):
        return sympy.Or(*map(_opposite, condition.args))
    if isinstance(condition, sympy.Or):
        return sympy.And(*map(_opposite, condition.args))
    return sympy.Not(condition)


def _third(first: Any, second: Any) -> Any:
    """What is left where one relation is an order and the next equality of the same two."""
    is_order = isinstance(first, sympy.StrictLessThan | sympy.StrictGreaterThan)
    if is_order and isinstance(second, sympy.Eq) and set(first.args) == set(second.args):
        turned = sympy.Gt if isinstance(first, sympy.StrictLessThan) else sympy.Lt
        return turned(*first.args)
    return None
