"""Statements that a program has not: each is refused by name, with what to write instead."""

from __future__ import annotations

import pytest

from tests.program.support import problem_of

STATEMENTS = {
    "while x:\n  z = 1": ("'while' is not part of a program", "write for t in range(N):"),
    "if x:\n  z = 1": ("'if' is not part of a program", "write where(condition, a, b)"),
    "class A:\n  z = 1": (
        "'class' is not part of a program",
        "write def f(a, b): for what repeats",
    ),
    "import os": ("'import' is not part of a program", "functions are there by their names"),
    "from os import path": (
        "'import' is not part of a program",
        "functions are there by their names",
    ),
    "pass": ("'pass' is not part of a program", "leave the line out"),
    "del x": ("'del' is not part of a program", "leave the line out"),
    "global x": ("'global' is not part of a program", "return the value and assign it"),
    "assert x": ("'assert' is not part of a program", "write what holds under 'expect:'"),
    "raise x": ("'raise' is not part of a program", ""),
    "try:\n  z = 1\nexcept x:\n  z = 2": ("'try' is not part of a program", ""),
    "with x:\n  z = 1": ("'with' is not part of a program", ""),
    "async def f():\n  return x": ("'async def' is not part of a program", "write def"),
    "match x:\n  case 1:\n    z = 1": (
        "'match' is not part of a program",
        "write where(condition, a, b)",
    ),
    "x": ("an expression alone has no effect", "give it a name: name = expression"),
    "tanh(x)": ("an expression alone has no effect", "give it a name: name = expression"),
    "return x": ("'return' stands only at the end of a function", ""),
    "z: int = 1": ("types are not declared in a program", "write name = expression"),
    "x[0] = 1": ("an entry cannot be assigned: arrays never change", "build a new array"),
    "x.T = 1": ("only a name can be assigned", "write name = expression"),
    "_ = 1; z = 0 * x; range = 2": ("'range' has a fixed meaning and cannot be bound", ""),
    "for t in x:\n  z = t": (
        "a loop runs over a range of whole numbers",
        "write for t in range(x.shape[0]): and x[t]",
    ),
    "for t in zip(x):\n  z = t": (
        "a loop runs over a range of whole numbers",
        "write for t in range(N):",
    ),
    "for a, b in range(3):\n  z = a": ("a loop has one variable", "write for t in range(N):"),
    "True = 3": ("cannot assign to True", ""),
    "for range in range(3):\n  z = 1": ("'range' has a fixed meaning and cannot be bound", ""),
    "for t in range():\n  z = t": (
        "range takes one to three whole numbers",
        "write range(start, stop, step)",
    ),
    "for t in range(0.5):\n  z = t": ("range takes whole numbers, not 0.5", ""),
    "for t in range(0, 5, 0):\n  z = t": ("the step of a range must not be 0", ""),
    "for t in range(3):\n  z = t\nelse:\n  z = 1": ("a loop has no 'else'", ""),
    "for t in range(3):\n  break": (
        "'break' is not part of a program",
        "a loop runs through its whole range",
    ),
}

DEFINITIONS = {
    "def f(a=1):\n  return a": ("a parameter has no default", "give every argument in the call"),
    "def f(*a):\n  return x": (
        "'*' in a definition is not part of a program",
        "give every argument in the call",
    ),
    "def f(**a):\n  return x": (
        "'*' in a definition is not part of a program",
        "give every argument in the call",
    ),
    "def f(a, *, b):\n  return a": (
        "'*' in a definition is not part of a program",
        "give every argument in the call",
    ),
    "def f(a, a):\n  return a": ("the parameter 'a' stands here twice", ""),
    "def f(a: int):\n  return a": ("types are not declared in a program", ""),
    "@f\ndef g(a):\n  return a": ("'@' in front of a definition has no meaning", ""),
    "def f(a):\n  z = a": ("a function ends with a return", "write return expression"),
    "def f(a):\n  return": ("a function ends with a return", "write return expression"),
    "def f(a):\n  return a\n  z = a\n  return z": (
        "'return' stands only at the end of a function",
        "",
    ),
    "def f(a):\n  for t in range(2):\n    return a\n  return a": (
        "'return' stands only at the end of a function",
        "",
    ),
    "def f(a):\n  return f(a)": ("a function cannot call itself: the graph must be finite", ""),
    "def f(a):\n  return g(a)\ndef g(a):\n  return a": (
        "'g' is called before it is defined",
        "it is defined on line 3 of the program",
    ),
    "def f(a):\n  return a\ndef f(b):\n  return b": (
        "'f' is defined twice",
        "it is defined on line 1 of the program",
    ),
    "def f(a):\n  def g(b):\n    return b\n  return a": (
        "a function is defined outside of loops and functions",
        "",
    ),
    "def f(a):\n  return a\nz = f()": ("'f' is missing 'a'", "write f(a)"),
    "def f(a):\n  return a\nz = f(x, y)": ("'f' takes 1 argument, and 2 are given", "write f(a)"),
    "def f(abc):\n  return abc\nz = f(abd=x)": ("'f' has no argument 'abd'", "did you mean 'abc'?"),
}


@pytest.mark.parametrize("program", [*STATEMENTS, *DEFINITIONS])
def test_statements(program: str) -> None:
    """What is no statement of a program says what to write instead."""
    found = problem_of(program)
    assert (found.message, found.hint) == {**STATEMENTS, **DEFINITIONS}[program]
