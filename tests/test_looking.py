"""No test passes without looking: none leaves before it has looked, or looks only if it likes.

What an example lacks is not drawn (`assume`), a row without it is not collected.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest

from tests.readme import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

Test = ast.FunctionDef | ast.AsyncFunctionDef
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


def own(node: ast.AST) -> Iterator[ast.AST]:
    """A node and what is in it, functions within it left out."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, _SCOPES):
            yield from own(child)


def looks(node: ast.AST) -> bool:
    """Whether something is compared in it, waited for or expected to be refused."""
    return any(
        isinstance(part, ast.Assert)
        or (isinstance(part, ast.Call) and ast.unparse(part.func).startswith(
            ("assert_", "_assert", "check", "np.testing.", "pytest.raises", "pytest.warns",
             "pytest.fail", "pytest.skip")))
        for part in own(node)
    )  # fmt: skip


def blocks(node: ast.AST) -> Iterator[list[ast.stmt]]:
    """Every list of statements of a function."""
    for part in own(node):
        for name in ("body", "orelse", "finalbody"):
            found = getattr(part, name, None)
            if isinstance(found, list):
                yield found


def faults(test: Test) -> Iterator[str]:
    """Where a test may end without having looked."""
    for block in blocks(test):
        for k, statement in enumerate(block):
            if isinstance(statement, ast.Return) and not any(map(looks, block[:k])):
                yield f"line {statement.lineno}: it returns, and nothing was looked at"
    looking = [statement for statement in test.body if looks(statement)]
    if looking and all(isinstance(s, ast.If) and not looks_otherwise(s) for s in looking):
        yield f"line {looking[0].lineno}: all that it looks at is in this 'if'"


def looks_otherwise(choice: ast.If) -> bool:
    """Whether both branches look."""
    return all(any(map(looks, branch)) for branch in (choice.body, choice.orelse))


def written(text: str) -> list[Test]:
    """The tests of a file."""
    functions = (node for node in ast.walk(ast.parse(text)) if isinstance(node, Test))
    return [node for node in functions if node.name.startswith("test_")]


def test_every_test_looks() -> None:
    """Those that only must not fail have nothing to look at, and say so by having no assertion."""
    found = {
        f"{path.relative_to(ROOT)}::{test.name}, {fault}"
        for path in (ROOT / "tests").rglob("test_*.py")
        for test in written(path.read_text("utf-8"))
        for fault in faults(test)
    }
    assert not found


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("assert x", 0), ("f(x)", 0), ("for y in x:\n  assert y", 0), ("if x:\n  assert x", 1),
        ("if x:\n  return\nassert x", 1), ("if x:\n  assert x\n  return\nassert y", 0),
        ("if x:\n  assert x\nelse:\n  assert y", 0),
        ("try:\n  f()\nexcept E:\n  return\ncheck()", 1),
        ("def f():\n  return\nassert f()", 0), ("if x:\n  assert x\nassert y", 0),
    ],
)  # fmt: skip
def test_what_is_found(body: str, count: int) -> None:
    """An early way out, and an assertion that is optional."""
    lines = "".join(f"  {line}\n" for line in body.splitlines())
    (test,) = written(f"def test_x():\n{lines}")
    assert len(list(faults(test))) == count
