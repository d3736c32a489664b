"""Expressions that a program has not: each is refused by name, with what to write instead."""

from __future__ import annotations

import pytest

from tests.program.support import error_of

EXPRESSIONS = {
    "lambda a: a": ("'lambda' is not part of a program", "write def f(a, b): on lines before"),
    "x if y else h": ("'if' is not part of a program", "write where(condition, a, b)"),
    "[a for a in x]": ("a comprehension is not part of a program", "write for t in range(N):"),
    "sum(a for a in x)": ("a generator is not part of a program", "write for t in range(N):"),
    "(a := x)": ("':=' is not part of a program", "assign on a line before"),
    "{}": ("a dictionary is not part of a program", ""),
    "{x}": ("a set is not part of a program", ""),
    "maximum(*x)": ("'*' in a call is not part of a program", "write each argument"),
    "maximum(**x)": ("'**' in a call is not part of a program", ""),
    "(*x, 1)": ("'*' in front of a value is not part of a program", "write each value"),
    "x and y": ("'and' is not part of a program", "write a * b of two comparisons"),
    "x or y": ("'or' is not part of a program", "write maximum(a, b) of two comparisons"),
    "not x": ("'not' is not part of a program", "write logical_not(a)"),
    "~x": ("'~' is of conditions, and 'x' is none", "write x != 0"),
    "(x > 0) & (y + 1)": ("'&' is of conditions, and 'y + 1' is none", "write y + 1 != 0"),
    "x > 0 | y > 1": (
        "a comparison has two sides",
        "write the product of two comparisons: (a < b) * (b < c)",
    ),
    "sum(X, axis=~0)": ("'~' is of conditions, and '0' is none", "write 0 != 0"),
    "x ^ 2": ("'^' is not part of a program", "a power is written **"),
    "x < y < h": (
        "a comparison has two sides",
        "write the product of two comparisons: (a < b) * (b < c)",
    ),
    "x is y": ("'is' is not part of a program", ""),
    "x not in y": ("'not in' is not part of a program", ""),
    "np.tanh(x)": ("'np.' is not part of a program", "write tanh(…)"),
    "np.pi": ("'np.' is not part of a program", "write pi"),
    "x.real": (
        "'.real' is not part of a program",
        "an array has .T, .shape, .size and .ndim",
    ),
    "x.sum": ("'.sum' is not part of a program", "write sum(x)"),
    "x(1)": ("unknown function 'x'", ""),
    "x.T(1)": ("'.T' is not a method here", "write x.T"),
    "tanh(x)(y)": ("only a function can be called, by its name", ""),
    "range(3)": ("'range' stands only in the head of a loop", "write for t in range(N):"),
    "tanh()": ("'tanh' is missing 'x'", "write tanh(x)"),
    "tanh(x, y)": ("'tanh' takes 1 argument, and 2 are given", "write tanh(x)"),
    "tanh(x, x=y)": ("'tanh' is given 'x' twice", ""),
    "sum(x, axes=0)": ("'sum' has no argument 'axes'", "did you mean 'axis'?"),
    "maximum([x, y])": ("'maximum' is missing 'y'", "write maximum(x, y)"),
    "'text'": ("quoted text is not part of a program", "a comment begins with #"),
    '"""text"""': ("quoted text is not part of a program", "a comment begins with #"),
    "f'{x}'": ("an f-string is not part of a program", ""),
    "0x10": ("'0x10' is not a decimal number", "write it in decimal"),
    "1_000": ("'1_000': a number is written without '_'", "write 1000"),
    "007": ("'007': a number does not begin with 0", "write 7"),
    "2j": ("'2j' is a complex number; values are real", ""),
    "2x": ("'2x' is not a number", "a product needs its sign: 2 * x"),
    "1.2.3": ("'1.2.3' is not a number", ""),
    "1e999": ("this number is too large for a float64", ""),
    "x.__class__": ("'__class__': names that begin with '__' are Python's own", ""),
    "2·x": ("'·' is not part of a program", "write *"),
    "x − 1": ("'−' is not part of a program", "write -"),
    "π * x": ("'π': names are written with ASCII letters, digits and '_'", "did you mean 'pi'?"),
    "ﬁ": ("'ﬁ': names are written with ASCII letters, digits and '_'", "did you mean 'fi'?"),
    "x²": ("'x²': names are written with ASCII letters, digits and '_'", "did you mean 'x2'?"),
    "x $ 2": ("'$' is not part of a program", ""),
    "x + \\\n  y": ("'\\' is not part of a program", "write brackets around both lines"),
    "x \x1b[31m": ("U+001B is not a character of a program", ""),
    "x # \u2028": ("U+2028 is not a character of a program", ""),
    "(x": ("'(' was never closed", ""),
    "x)": ("unmatched ')'", ""),
}


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_expressions(text: str) -> None:
    """What is no expression of a program says what to write instead."""
    found = error_of(f"z = {text}").problems[0]
    assert (found.message, found.hint) == EXPRESSIONS[text]
