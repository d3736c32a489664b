"""How applications are written: what is written is read back as the same application."""

from __future__ import annotations

import ast
from math import inf
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rules.cases import ROWS, each_case
from tui_backprop.rules import RULES, find
from tui_backprop.rules.rule import REQUIRED
from tui_backprop.rules.text import Binding, application, binding, key_text

if TYPE_CHECKING:
    from tests.rules.cases import Case

Tree: TypeAlias = "str | tuple[str, tuple[Tree, ...], dict[str, Any]]"
"""A leaf's text; or an op, its operands, and its static arguments with defaults filled in."""

_OPERATORS = {
    ast.Add: "add",
    ast.Sub: "subtract",
    ast.Mult: "multiply",
    ast.Div: "divide",
    ast.Pow: "power",
    ast.MatMult: "matmul",
    ast.Lt: "less",
    ast.LtE: "less_equal",
    ast.Gt: "greater",
    ast.GtE: "greater_equal",
    ast.Eq: "equal",
    ast.NotEq: "not_equal",
}


def read(node: ast.expr) -> Tree:
    """The application that a text means, by Python's own grammar."""
    match node:
        case ast.Name(name):
            return name
        case ast.Constant(value):
            return str(value)
        case ast.BinOp(left, op, right):
            return _OPERATORS[type(op)], (read(left), read(right)), {}
        case ast.Compare(left, [op], [right]):
            return _OPERATORS[type(op)], (read(left), read(right)), {}
        case ast.UnaryOp(ast.USub(), operand):
            return "negative", (read(operand),), {}
        case ast.Subscript(operand, key):
            found = _key(key)
            return "index", (read(operand),), {"key": found if type(found) is tuple else (found,)}
        case ast.Call(ast.Name(name), arguments, keywords):
            return _call(name, arguments, keywords)
    raise AssertionError(ast.dump(node))


def _call(name: str, arguments: list[ast.expr], keywords: list[ast.keyword]) -> Tree:
    rule = next(row for row in ROWS if row.name == name)
    if rule.family is not None and not rule.family.listed:  # what is static comes first
        first = len(rule.parameters)
        arguments = [*arguments[first:], *arguments[:first]]
        rule = rule.family.of(len(arguments) - first)
    if isinstance(arguments[0], ast.List):  # of arrays
        given = arguments[0].elts
        rule = rule if rule.family is None else rule.family.of(len(given))
        arguments = [*given, *arguments[1:]]
    elif rule.family is not None and rule.family.of_rows is not None:
        rule = rule.family.of_rows
    if rule.extras is not None:
        numbers = {p.name for p in rule.parameters}  # that may be operands too, if they have a name
        names = {
            str(k.arg) for k in keywords if isinstance(k.value, ast.Name) or k.arg not in numbers
        }
        rule = rule.extras.of(tuple(n for n in rule.extras.names if n in names))
        named = {str(k.arg): k.value for k in keywords}
        arguments += [named[n] for n in rule.operands if n in named]
        keywords = [k for k in keywords if k.arg not in rule.operands]
    if rule.call_order:
        by_name = dict(zip(rule.call_order, arguments, strict=False))
        names_in_order = (*rule.operands, *(p.name for p in rule.parameters))
        arguments = [by_name[n] for n in names_in_order if n in by_name]
    count = len(rule.operands)
    given_names = [p.name for p in rule.parameters][: len(arguments) - count]
    params = {p.name: p.default for p in rule.parameters}
    params |= dict(zip(given_names, map(ast.literal_eval, arguments[count:]), strict=True))
    params |= {str(k.arg): _static(k.value) for k in keywords}
    return name, tuple(read(a) for a in arguments[:count]), params


def _static(node: ast.expr) -> Any:
    if isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Name):
        return -_static(node.operand)
    return inf if isinstance(node, ast.Name) and node.id == "inf" else ast.literal_eval(node)


def _key(node: ast.expr) -> Any:
    if isinstance(node, ast.Tuple):
        return tuple(_key(part) for part in node.elts)
    if isinstance(node, ast.Slice):
        bounds = (node.lower, node.upper, node.step)
        return slice(*(b if b is None else ast.literal_eval(b) for b in bounds))
    return ast.literal_eval(node)


def read_text(text: str) -> Tree:
    """The same, from the text."""
    return read(ast.parse(text, mode="eval").body)


@each_case
def test_text_parses_back(case: Case) -> None:
    """To the same op, on the same operands, with the same static arguments."""
    names = ("x", "y", "z", "w", "u")[: len(case.rule.operands)]
    text = application(case.rule, names, case.params)
    params = {k: (v,) if k == "key" and type(v) is not tuple else v for k, v in case.params.items()}
    assert read_text(text) == (case.rule.name, names, params)


def _applied(op: str, operands: tuple[Tree, ...]) -> Tree:
    params = {p.name: p.default for p in find(op).parameters}
    if op == "index":
        params["key"] = (slice(1, None), -1)
    return op, operands, params


def _grown(trees: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    names = [n for n, r in RULES.items() if n == "index" or all_have_defaults(n)]
    return st.sampled_from(names).flatmap(
        lambda op: st.tuples(*(trees for _ in find(op).operands)).map(
            lambda operands: _applied(op, operands)
        )
    )


def all_have_defaults(op: str) -> bool:
    """Whether an op can be called with its operands alone."""
    return all(p.default is not REQUIRED for p in find(op).parameters)


def write(tree: Tree) -> str:
    """The text of a whole tree."""
    if isinstance(tree, str):
        return tree
    op, operands, params = tree
    return application(find(op), [write(t) for t in operands], params)


@given(st.recursive(st.sampled_from(["x", "W", "x1", "2", "0.5"]), _grown, max_leaves=8))
def test_brackets_keep_the_tree(tree: Tree) -> None:
    """However deep ops are put into each other, the text means the same tree."""
    assert read_text(write(tree)) == tree


@pytest.mark.parametrize(
    ("op", "operands", "params", "text"),
    [
        ("subtract", ("a - b", "c - d"), {}, "a - b - (c - d)"),
        ("multiply", ("a + b", "-c"), {}, "(a + b) * -c"),
        ("power", ("-x", "-y"), {}, "(-x) ** -y"),
        ("power", ("x ** y", "y ** z"), {}, "(x ** y) ** y ** z"),
        ("negative", ("a * b",), {}, "-(a * b)"),
        ("negative", ("-x",), {}, "-(-x)"),
        ("negative", ("x ** 2",), {}, "-x ** 2"),
        ("divide", ("a", "b * c"), {}, "a / (b * c)"),
        ("less", ("a + 1", "b < c"), {}, "a + 1 < (b < c)"),
        ("matmul", ("W", "h@2"), {}, "W @ h@2"),
        ("matmul", ("W", "h @ x"), {}, "W @ (h @ x)"),
        ("multiply", ("1e-3", "f.z@2"), {}, "1e-3 * f.z@2"),
        ("tanh", ("a + b",), {}, "tanh(a + b)"),
        ("sum", ("x",), {"axis": None, "keepdims": False}, "sum(x)"),
        ("sum", ("x",), {"axis": 0, "keepdims": False}, "sum(x, axis=0)"),
        ("sum", ("x",), {"axis": (0, 1), "keepdims": True}, "sum(x, axis=(0, 1), keepdims=True)"),
        ("transpose", ("W",), {}, "transpose(W)"),
        ("reshape", ("a + b",), {"shape": (2, -1)}, "reshape(a + b, (2, -1))"),
        ("index", ("a + b",), {"key": 0}, "(a + b)[0]"),
        ("index", ("x[0]",), {"key": (slice(None, None, -1), ...)}, "x[0][::-1, ...]"),
        ("index", ("f(x)",), {"key": (slice(1, None), None, [0, 2])}, "f(x)[1:, None, [0, 2]]"),
    ],
)
def test_application_reads_as_one_would_type_it(
    op: str, operands: tuple[str, ...], params: dict[str, Any], text: str
) -> None:
    """Brackets only where they are needed, defaults left out."""
    assert application(find(op), operands, params) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x", Binding.ATOM),
        ("(a + b)", Binding.ATOM),
        ("f(a + b, c)[i - 1]", Binding.ATOM),
        ("1e-3", Binding.ATOM),
        ("h@12", Binding.ATOM),
        ("h@x", Binding.PRODUCT),
        ("-2", Binding.SIGN),
        ("−2", Binding.SIGN),
        ("x₁·y₂", Binding.PRODUCT),
        ("h@2₁", Binding.ATOM),
        ("h@2₁₀,₂ * x", Binding.PRODUCT),
        ("h@2₁′ ** 2", Binding.POWER),
        ("x ** 2", Binding.POWER),
        ("a * -b", Binding.PRODUCT),
        ("a * b + c", Binding.SUM),
        ("a + b <= c", Binding.COMPARISON),
    ],
)
def test_binding_is_that_of_the_loosest_operator(text: str, expected: Binding) -> None:
    """Outside brackets, with versions and exponents of numbers read as one word."""
    assert binding(text) is expected


@pytest.mark.parametrize(
    ("key", "text"),
    [
        (0, "0"),
        ((), "()"),
        ((1,), "1"),
        (((0, 1),), "(0, 1),"),
        ([0, 1], "[0, 1]"),
        (slice(None), ":"),
        (slice(1, -1, 2), "1:-1:2"),
    ],
)
def test_key_reads_as_one_would_type_it(key: Any, text: str) -> None:
    """What stands between the brackets."""
    assert key_text(key) == text
