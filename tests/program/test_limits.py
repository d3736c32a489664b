"""Hostile programs: each is refused by a limit that is named, before it is attempted."""

from __future__ import annotations

import ast
import builtins
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.program.support import FLOAT64, error_of, graph_of, problem_of, tape
from tui_backprop.limits import DEFAULT_LIMITS
from tui_backprop.program import build
from tui_backprop.program.running.machine import Machine
from tui_backprop.program.text.nesting import DEEPEST
from tui_backprop.rules import RULES

if TYPE_CHECKING:
    from tests.program.support import Constants
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Shape

HUGE: Constants = {"N": 10**6}
SMALL = DEFAULT_LIMITS.raised(instructions=10**5, nodes=10**4)


def doubling(times: int, first: str) -> str:
    """Definitions that each call the one before twice."""
    defined = f"def f0(a):\n  return {first}\n"
    for n in range(1, times):
        defined += f"def f{n}(a):\n  return f{n - 1}(f{n - 1}(a))\n"
    return f"{defined}z = f{times - 1}(x)"


UNROLLED = {
    "a long loop": "for t in range(10**12):\n  h = sin(h)",
    "a long way down": "for t in range(0, -10**18, -1):\n  h = x",
    "nested loops": "for a in range(5000):\n  for b in range(5000):\n    h = x",
    "bounds by name": "n = 1000\nfor a in range(n):\n  for b in range(n * n):\n    c = a + b",
    "bounds by shape": "n = x.shape[0] * 10**9\nfor t in range(n):\n  h = x",
    "bounds by constant": "for t in range(N):\n  for u in range(N - 1):\n    h = x",
    "loops in a definition": (
        "def f(a):\n  for t in range(N):\n    for u in range(N):\n      b = a\n  return b\nz = f(x)"
    ),
    "doubling definitions": doubling(60, "sin(a)"),
    "doubling without a node": doubling(60, "a"),
    "doubling numbers": doubling(60, "a + 1").replace("(x)", "(2)"),
    "nodes": "for t in range(10**6 + 1):\n  h = h * h",
    "calls with long frames": (
        f"def f(a):\n  return {'+'.join(['a', *['1'] * 2000])}\nfor t in range(9999):\n  h = f(h)"
    ),
}


@pytest.mark.parametrize("name", UNROLLED)
def test_refused_before_the_first_turn(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Costs are worked out by arithmetic: nothing has run."""
    monkeypatch.setattr(Machine, "run", _never)
    error = error_of(UNROLLED[name], constants=HUGE, limits=DEFAULT_LIMITS.raised(nodes=10**6))
    (found,) = error.problems
    assert "unrolled, the program" in found.message
    assert "--limit instructions=" in found.message or "--limit nodes=" in found.message


def _never(*_anything: Any) -> None:
    pytest.fail("it ran")


@pytest.mark.parametrize(
    "program",
    [
        "for a in range(10**4):\n  for b in range(a):\n    for c in range(b):\n      d = c",
        "for a in range(10**4):\n  for b in range(a):\n    h = sin(h)",
        "def f(a, n):\n  for t in range(n):\n    b = a\n  return b\nz = f(x, 10**9)",
        "u = [" + "1, " * 5000 + "]\nfor t in range(1000):\n  v = u[t:]",
        "u = [" + "0, " * 5000 + "]\nfor t in range(1000):\n  v = x[u[t:]]",
        "n = 2\nfor t in range(9000):\n  n = n * 3 * x\n  z = n - n",
    ],
)
def test_refused_on_the_way(program: str) -> None:
    """What depends on turns is counted while it turns, and stops in time."""
    message = problem_of(program, limits=SMALL).message
    assert "--limit instructions=" in message or "--limit nodes=" in message


@pytest.mark.parametrize(
    ("program", "limit"),
    [
        ("z = 9**10001", "exponent"),
        ("z = 2**9999", "digits"),
        ("n = 9\nfor t in range(99):\n  n = n * n", "digits"),
        ("z = 1" + "0" * 400, "digits"),
        ("z = 0." + "1" * 400, "digits"),
        ("z = " + "(" * 65 + "x" + ")" * 65, "nesting"),
        ("z = " + "[" * 65, "nesting"),
        ("z = " + "-" * 66 + "x", "nesting"),
        ("z = " + "- + ~ " * 22 + "x", "nesting"),
        ("z = " + "not " * 66 + "x", "nesting"),
        ("z = A[:, None] * A[None, :]", "elements"),
        ("z = A[:, None, None] + A[:, None] + A", "elements"),
        ("z = A[:, None][:, [" + "0, " * 500 + "]]", "elements"),
        ("z = A\nfor t in range(99):\n  z = z * z", "total_elements"),
        ("z = einsum('a,b->', A, A)", "multiplications"),
        ("B = reshape(A, (1500, 2000))\nz = B @ B.T\nz = B @ B.T @ z", "multiplications"),
        ("z = conv1d(A[None, :], A[None, None, : 10**6])", "multiplications"),
    ],
)
def test_the_limit_is_named(program: str, limit: str) -> None:
    """With the number that would raise it, or N where that is not counted to the end."""
    (found,) = error_of(program, {"x": (3,), "A": (3 * 10**6,)}).problems
    assert f"--limit {limit}=" in found.message + found.hint


def test_a_limit_can_be_raised() -> None:
    """What the message says to write is enough."""
    program = "z = A[:, None] * A[None, :]"
    tight = DEFAULT_LIMITS.raised(elements=99)
    assert "--limit elements=100)" in problem_of(program, {"A": (10,)}, limits=tight).message
    assert graph_of(program, {"A": (10,)}, limits=tight.raised(elements=100)).names["z"] == 3


@pytest.mark.parametrize(
    "program",
    [
        "z = 2" + "**2" * (DEEPEST + 1),
        "z = x" + " * x" * (DEEPEST + 1),
        "z = y + (x" + " * x" * DEEPEST + ")",
        "z = x" + ".T" * (DEEPEST + 1),
        "z = x" + "[None]" * (DEEPEST + 1),
        "z = f" + "()" * (DEEPEST + 1),
        "z = " + "lambda: " * (DEEPEST + 1) + "x",
        "z = x" + " if x else x" * (DEEPEST + 1),
        "z = x" + " | x" * (DEEPEST + 1),
        "if x:\n  z = 1\n" + "elif x:\n  z = 1\n" * (DEEPEST + 1),
    ],
)
def test_what_nests_without_brackets_is_counted(
    program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One level too many is refused before `ast` sees the statement."""
    monkeypatch.setattr(ast, "parse", _only_short)
    messages = [found.message for found in error_of(program).problems]
    assert f"more than {DEEPEST} parts nested in one another" in messages


def _only_short(text: str) -> ast.AST:
    assert text.count("x") <= 2
    return compile(text, "", "exec", ast.PyCF_ONLY_AST)


@pytest.mark.parametrize(
    "program",
    [
        "z = 1" + "**1" * DEEPEST,
        "z = x" + " * x" * DEEPEST,
        "z = x" + ".T" * DEEPEST,
        "z = " + " + ".join(["x * h"] * (DEEPEST + 1)),
        "z = " + "(" * 60 + "x" + ") * 2" * 60,
    ],
)
def test_what_is_not_too_deep_is_read(program: str) -> None:
    """As many levels as may be, and any number of terms with factors of their own."""
    assert graph_of(program, {"x": (), "h": ()}).names["z"] > 0


def test_indents_have_a_limit_of_pythons() -> None:
    """A hundred; it is said in words."""
    program = "\n".join(" " * n + "for t in range(2):" for n in range(101))
    assert problem_of(program).message == "too many levels of indentation"


def test_sums_of_thousands_of_terms() -> None:
    """They are flat, however `ast` would nest them, and read from the left."""
    rows = graph_of("z = x" + " + y - h" * 1000).nodes[len("xyhXWb") :]
    assert [node.op for node in rows] == ["add", "subtract"] * 1000
    assert all(node.parents[0] == node.id - 1 for node in rows[1:])
    assert tape("z = 1" + " + 1" * 1000) == ["z = 1001"]
    assert tape("z = (x" + " + 1" * 1000 + ") < (2" + " - 1" * 1000 + ")")[-1].startswith("z = (x")


def test_chains_of_statements() -> None:
    """Depth is no matter: 10⁴ ops one upon the other."""
    graph = graph_of("h = sin(h)\n" * 10_000, {"h": ()})
    assert [node.parents for node in graph.nodes[1:]] == [(n,) for n in range(10_000)]


def test_loops_are_measured_once() -> None:
    """A turn asks no row for a shape that it has asked before, so loops are cheap and linear."""
    asked: list[str] = []

    def counted(rule: Rule) -> Rule:
        def shape(*shapes: Shape, **params: Any) -> Shape:
            asked.append(rule.name)
            return rule.shape(*shapes, **params)

        return replace(rule, shape=shape)

    program = "for t in range(500):\n  h = tanh(W @ h + b) * X[t - 500] * 2"
    inputs = {"W": (3, 3), "h": (3,), "b": (3,), "X": (500, 3)}
    arrays = {name: np.zeros(shape) for name, shape in inputs.items()}
    build(program, arrays, {}, FLOAT64, rules={n: counted(r) for n, r in RULES.items()})
    assert sorted(asked) == ["add", "index", "matmul", "multiply", "multiply", "tanh"]


def test_nothing_is_executed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program is parsed, and only parsed, whatever it says."""
    parse = builtins.compile

    def only_parse(source: str, filename: str, mode: str, flags: int, **others: Any) -> Any:
        assert flags & ast.PyCF_ONLY_AST
        return parse(source, filename, mode, flags, **others)

    for name in ("eval", "exec"):
        monkeypatch.setattr(builtins, name, _never)
    monkeypatch.setattr(builtins, "compile", only_parse)
    for program in (
        "z = __import__('os').system('touch /tmp/z')",
        "import os\nz = os.getcwd()",
        "z = x.__class__.__mro__[1].__subclasses__()",
        "z = eval(x)",
        "z = exec(x)",
        "z = open(x)",
        "z = (lambda: x)()",
        "class A:\n  z = print(1)",
        "@print\ndef f(a):\n  return a",
        "def f(a=print(1)):\n  return a",
    ):
        assert error_of(program).problems
    assert tape("z = 2 * x") == ["2", "z = 2 * x"]


def test_a_text_beyond_the_file_limit() -> None:
    """A program given from Python is held to the same size."""
    assert "--limit file_bytes=" in str(error_of("#" * (1 << 20) + "#"))


@pytest.mark.parametrize("name", ["range", "two words", "__x__", "σ", "a" * 101, "if"])
def test_leaves_with_names_that_no_program_can_read(name: str) -> None:
    """They are refused here too, since not every graph comes from a scenario."""
    assert error_of("z = 1", {name: ()}).problems[0].line == 1


def test_a_leaf_twice() -> None:
    """A name means one leaf."""
    assert problem_of("z = a", {"a": ()}, {"a": 1}).message == "'a' is both an input and a constant"


@pytest.mark.few(1)
@pytest.mark.parametrize(
    "program",
    ["for t in range(200000):\n  h = h * h\nz = q", f"z = {'+'.join(['x'] * 150_000)}+q"],
    ids=["a loop", "a sum"],
)
def test_much_is_not_run_only_to_find_more_problems(
    program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A text with a problem is refused whatever its steps would find."""
    monkeypatch.setattr(Machine, "run", _never)
    assert [p.message for p in error_of(program).problems] == ["unknown name 'q'"]


def test_a_little_is_run_to_find_more_problems() -> None:
    """All the errors of a file at once, where they are independent."""
    program = "for t in range(9):\n  h = h * h\nz = q\nw = x + b"
    first, second = (p.message for p in error_of(program).problems)
    assert first == "unknown name 'q'"
    assert second.startswith("cannot add 'x' of shape (3,) and 'b' of shape (2,)")
