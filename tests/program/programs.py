"""Programs drawn at random, each with what it computes, worked out beside the text and not from it.

All leaves have the shape (3,), so that every elementwise expression fits.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Values: TypeAlias = dict[str, Any]

ARRAYS = ("x", "y", "h")
BINARY = {"+": operator.add, "-": operator.sub, "*": operator.mul}
COMPARED = {"<": np.less, "<=": np.less_equal, "==": np.equal, "!=": np.not_equal}
UNARY = {"sin": np.sin, "tanh": np.tanh, "abs": np.abs, "square": np.square}


@dataclass(frozen=True)
class Expression:
    """A text, and a function from the names' values to its value."""

    text: str
    value: Callable[[Values], Any]


@dataclass(frozen=True)
class Program:
    """A text, and a function that runs it on the names' values."""

    text: str
    run: Callable[[Values], None]


def _number(text: str) -> Expression:
    number = float(text)
    return Expression(text, lambda _names: number)


def _name(name: str) -> Expression:
    return Expression(name, lambda names: names[name])


def _binary(sign: str, left: Expression, right: Expression, space: str) -> Expression:
    def value(names: Values) -> Any:
        return BINARY[sign](left.value(names), right.value(names))

    return Expression(f"({left.text}{space}{sign}{space}{right.text})", value)


def _chain(signs: list[str], terms: Sequence[Expression]) -> Expression:
    text = terms[0].text + "".join(f" {s} {t.text}" for s, t in zip(signs, terms[1:], strict=False))

    def value(names: Values) -> Any:
        total = terms[0].value(names)
        for sign, term in zip(signs, terms[1:], strict=False):
            total = BINARY[sign](total, term.value(names))
        return total

    return Expression(f"({text})", value)


def _compared(sign: str, left: Expression, right: Expression) -> Expression:
    def value(names: Values) -> Any:
        return np.asarray(COMPARED[sign](left.value(names), right.value(names)), float)

    return Expression(f"({left.text} {sign} {right.text})", value)


def _negative(inner: Expression) -> Expression:
    return Expression(f"-{inner.text}", lambda names: -inner.value(names))


def _called(name: str, inner: Expression) -> Expression:
    return Expression(f"{name}({inner.text})", lambda names: UNARY[name](inner.value(names)))


def _larger(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    signs = st.sampled_from("+-")
    return st.one_of(
        st.builds(_binary, st.sampled_from(list(BINARY)), inner, inner, st.sampled_from(["", " "])),
        st.builds(_chain, st.lists(signs, min_size=3, max_size=3), st.tuples(*[inner] * 4)),
        st.builds(_compared, st.sampled_from(list(COMPARED)), inner, inner),
        st.builds(_negative, inner),
        st.builds(_called, st.sampled_from(list(UNARY)), inner),
    )


def expressions(names: tuple[str, ...] = ARRAYS) -> st.SearchStrategy[Expression]:
    """Arithmetic on names and numbers."""
    numbers = st.sampled_from(["0", "1", "2", "3", "0.5", "1e-1", ".25", "2."])
    leaves = st.one_of(st.sampled_from(names).map(_name), numbers.map(_number))
    return st.recursive(leaves, _larger, max_leaves=5)


@st.composite
def programs(draw: st.DrawFn, depth: int = 1, names: tuple[str, ...] = ARRAYS) -> Program:
    """Assignments and loops."""
    lines: list[str] = []
    steps: list[Callable[[Values], None]] = []
    for _ in range(draw(st.integers(1, 3))):
        if depth and draw(st.booleans()):
            made = _loop(draw(st.integers(0, 3)), f"t{depth}", draw(programs(depth - 1, names)))
        else:
            made = _assignment(draw(st.sampled_from(ARRAYS)), draw(expressions(names)))
        lines.append(made.text)
        steps.append(made.run)

    def run(names: Values) -> None:
        for step in steps:
            step(names)

    return Program("\n".join(lines), run)


def _assignment(name: str, expression: Expression) -> Program:
    def run(names: Values) -> None:
        names[name] = expression.value(names)

    return Program(f"{name} = {expression.text}", run)


def _loop(turns: int, counter: str, body: Program) -> Program:
    def run(names: Values) -> None:
        for names[counter] in range(turns):
            body.run(names)

    inner = "".join(f"\n    {text}" for text in body.text.splitlines())
    return Program(f"for {counter} in range({turns}):{inner}", run)
