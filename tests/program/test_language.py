"""What Python's own forms mean in a program: what NumPy gives for the same text."""

from __future__ import annotations

import inspect
import operator
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import assume, given, reject
from hypothesis import strategies as st

from tests.fuzz.effort import effort
from tests.marks import together
from tests.program.support import FLOAT64, graph_of, problem_of, structure, tape
from tui_backprop.graph.evaluation import Evaluation
from tui_backprop.program import build
from tui_backprop.program.compiling.methods import METHODS, VARIADIC
from tui_backprop.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Callable

LEAVES = {
    "x": np.array([0.5, -1.5, 2.0]),
    "y": np.array([3.0, 1.0, -2.0]),
    "X": np.arange(1.0, 10.0).reshape(3, 3) / 3,
    "s": np.array(0.75),
}


IN_PLACE = ("add", "sub", "mul", "truediv", "pow", "matmul", "floordiv", "mod")


def _anew(name: str) -> Callable[[Any, Any], Any]:
    made = getattr(operator, name)

    def method(one: Any, other: Any) -> Any:
        return made(one, other)

    return method


Fixed: Any = type("Fixed", (np.ndarray,), {f"__i{name}__": _anew(name) for name in IN_PLACE})
"""An array that never changes: in place, NumPy would write through every name of it."""


def _fixed(function: Callable[..., Any]) -> Callable[..., Any]:
    """NumPy's function with such an array for a result: stack forgets the kind of its operands."""
    return lambda *given, **named: np.asarray(function(*given, **named)).view(Fixed)


FUNCTIONS = ("sin", "exp", "tanh", "abs", "maximum", "where", "dot", "stack", "sum", "mean")
NAMESPACE = {
    **{name: _fixed(getattr(np, name)) for name in FUNCTIONS},
    "pi": np.pi,
    "e": np.e,
    "inf": np.inf,
    "nan": np.nan,
}


def by_numpy(program: str) -> dict[str, Any]:
    """The names of a trusted program after Python ran it on NumPy's arrays."""
    names: dict[str, Any] = {**NAMESPACE, **{k: v.view(Fixed) for k, v in LEAVES.items()}}
    with np.errstate(all="ignore"):
        exec(program, names)  # noqa: S102 - generated here, from the words above
    return names


def evaluated(program: str) -> Evaluation:
    """The program on the leaves."""
    return Evaluation(build(program, LEAVES, {}, FLOAT64), LEAVES, [])


def assert_as_numpy(program: str) -> None:
    """Every name that the program leaves has NumPy's value and shape."""
    found, expected = evaluated(program).values, by_numpy(program)
    for name in found:
        if "@" in name or "." in name:
            continue
        np.testing.assert_allclose(found[name], np.asarray(expected[name], float), rtol=1e-12)


PROGRAMS = [
    "e = x * y\nd = e + s\ninf = d * 2\nz = inf * e",
    "z = e * x\ne = 2\nu = e * z",
    "for t in range(3):\n  z = e * x\n  e = t + 1",
    "for t in range(0):\n  e = t\nz = e * x",
    "def f(a):\n  return a * pi\nu = f(x)\npi = 3\nw = f(x)",
    "def f(e):\n  pi = e * 2\n  return pi\nz = f(x) + pi",
    "e += 1\nz = e * x",
    "for e in range(3):\n  z = x * e\nu = e * z",
    "nan = 2\nz = nan * x",
    "z = nan * x + inf",
    "a, b, c = x\nz = a * b + c",
    "a, b = y, x\nz = a - b",
    "x, y = y, x\nz = x - y",
    "(a, b), c = [s, 2], 3\nz = a * b * c * x",
    "[a, b, c] = X\nz = a * b - c",
    "a, = X[1:2]\nz = a",
    "n, m = X.shape\nz = sum(x) / n + m",
    "a = b = x * 2\nb *= s\nz = a - b",
    "a = b, c = y[:2]\nz = b * x - c",
    "h = x * s\nh += y\nh -= 2\nh *= h + 1\nh /= 3\nh **= 2\nh @= X\nh //= 2\nh %= 3",
    "h = x\nfor t in range(4):\n  h += t * y\n  h *= 0.5",
    "a, b = 1, 2\nfor t in range(5):\n  a, b = b, a + b\nz = x * a",
    "z = [1, 0, 2] @ x",
    "z = x + [1, 2, 3] - (0.5, 1, 2)",
    "z = [[1, 2, 3], [4, 5, 6]] @ X",
    "w = [1, 2, 3]\nz = w * x + w[0]",
    "z = where([True, False, True], x, [7, 8, 9])",
    "z = dot([x, y], [1, 2, 3])",
    "w = stack([x * 2, y])\nz = w @ x",
    "z = [s, 1, 2] @ X",
    "z = [[s, 1], [0, s]] @ x[:2]",
    "z = maximum(x, [0, 0, 1])",
    "def f(a):\n  return a, a * 2\nu, v = f(x)\nz = u * v",
    "def f(a, n):\n  a += n\n  return a\nz = f(x, 2) + f(y, s)",
    "z = len(x) * x + X.size - X.ndim + len(X[:2]) + len([1, 2])",
    "z = x % 2 + y % -3 + 7 % 3 + -7 % 3 + 7.5 % 2",
    "z = x // 0.7 + y // -3 + 7 // 2 + -7 // 2 + 7.5 // 2",
    "z = x.sum() + x.mean(axis=0) + x.max() - x.min() + x.prod() + x.std() + x.var(ddof=1)",
    "z = X.sum(axis=1, keepdims=True).T.reshape(3).cumsum(axis=0) + X.trace() + X.diagonal()",
    "z = X.reshape(1, 9).ravel()[2:5] + X.reshape((9,))[:3] + X.flatten()[-3:]",
    "z = X.transpose(1, 0).dot(x).clip(0, 2).round(1) + X.swapaxes(0, 1)[0]",
    "z = (x + y).max() * (x * 2).repeat(2)[1:4] + x[None].squeeze()",
]  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_is_what_numpy_makes_of_it(program: str) -> None:
    """The same text, run by Python on arrays, leaves the same numbers under the same names."""
    assert_as_numpy(program)


terms: st.SearchStrategy[str] = st.deferred(lambda: st.one_of(leaves, methods, binary, calls))
leaves: st.SearchStrategy[str] = st.sampled_from(
    ["x", "y", "e", "pi", "s", "2", "0.5", "len(x)", "x.size", "X.ndim"]
)
arrays: st.SearchStrategy[str] = st.sampled_from(
    ["x", "y", "h", "(x + y)", "X[0]", "X.T[1]", "stack([x, y])[1]"]
)
reductions: st.SearchStrategy[str] = st.sampled_from(
    ["sum()", "mean(axis=0)", "max()", "min(axis=-1)", "prod()", "std()"]
)
whole: st.SearchStrategy[str] = st.sampled_from(["sum()", "max()", "std()"])
methods: st.SearchStrategy[str] = st.builds(
    "{}.{}".format, arrays.filter(lambda text: text != "h"), reductions
)
methods |= st.builds("h.{}".format, whole)
signs: st.SearchStrategy[str] = st.sampled_from(["+", "-", "*", "%", "//"])
lists: st.SearchStrategy[str] = st.sampled_from(["[1, 2, 4]", "(0.5, 1, 2)", "[e, pi, 2]"])
binary: st.SearchStrategy[str] = st.builds("({} {} {})".format, terms, signs, arrays) | st.builds(
    "({} {} {})".format, arrays, signs, lists
)
calls: st.SearchStrategy[str] = st.builds(
    "{}({})".format, st.sampled_from(["sin", "tanh", "abs"]), terms
)
statements: st.SearchStrategy[str] = st.one_of(
    st.builds("{} = {}".format, st.sampled_from(["z", "e", "h", "pi"]), terms),
    st.builds("h {}= {}".format, signs, terms),
    st.builds("{}, {} = {}, {}".format, st.sampled_from("zeh"), st.sampled_from("abc"),
              terms, terms),
    st.builds("{} = {} = {}".format, st.sampled_from("zeh"), st.sampled_from("abc"), terms),
    st.builds("{}, {}, {} = {}".format, *[st.sampled_from("abc")] * 3, st.sampled_from("xyX")),
)  # fmt: skip


@effort(5)
@given(st.lists(statements, min_size=1, max_size=5), st.integers(0, 3))
def test_random_programs(lines: list[str], turns: int) -> None:
    """Statements in any order, some of them in a loop."""
    inside = "".join(f"\n  {text}" for text in lines[1:]) if turns and lines[1:] else ""
    loop = f"\nfor t in range({turns}):{inside}" if inside else ""
    program = f"h = x + y\n{lines[0]}{loop}"
    try:
        by_numpy(program)
    except (ValueError, TypeError, AttributeError, IndexError):
        # An h that has become a number and cannot be broadcast or reduced; a Python number or list
        # that has no such method or sign.
        reject()
    assert_as_numpy(program)


@given(
    sign=st.sampled_from(["+", "-", "*", "/", "**", "@", "//", "%"]),
    value=st.sampled_from(
        ["y", "2", "-y", "y + 1", "y * X", "X[0]", "sin(y)", "[1, 2, 3]",
         "(y, x)[0]", "2 ** y", "y @ X"]
    ),
)  # fmt: skip
def test_in_place_is_written_out(sign: str, value: str) -> None:
    """``h += x`` is ``h = h + (x)``: the same nodes."""
    assume(sign != "@" or value != "2")  # a product of matrices has no number for an operand
    short = graph_of(f"h {sign}= {value}", {"h": (3,), "x": (3,), "y": (3,), "X": (3, 3)})
    long = graph_of(f"h = h {sign} ({value})", {"h": (3,), "x": (3,), "y": (3,), "X": (3, 3)})
    assert structure(short) == structure(long)
    assert list(short.names) == list(long.names)


METHODS_HERE = sorted(METHODS & set(RULES))


def _call_arguments(name: str) -> str:
    """Arguments for the operands and parameters that have to be given."""
    rule = RULES[name]
    fillers = {"shape": "(1, 2, 2)" if name == "broadcast_to" else "(4, 1)", "shift": "1"}
    fillers |= {"repeats": "2", "reps": "2", "source": "0", "destination": "1", "k": "0"}
    fillers |= {"axis1": "0", "axis2": "1", "axis": "0", "q": "0.5", "size": "1"}
    fillers |= {"step": "1"} | ({"k": "1"} if name == "kthvalue" else {})
    needed = [p.name for p in rule.parameters if not isinstance(p.default, (int, type(None)))]
    if rule.call_order:
        operands = dict.fromkeys(rule.operands, "Y") | {"source": "X"}
        given = (operands.get(n) or fillers[n] for n in rule.call_order[1:])
        return ", ".join(given)
    wanted = [fillers[p] for p in needed if p in fillers]
    others = ["Y"] * (len(rule.operands) - 1)
    return ", ".join([*others, *wanted])


@together("name", METHODS_HERE, most=40)
def test_a_method_is_the_function(name: str) -> None:
    """``x.f(…)`` makes the node of ``f(x, …)``, with any arguments that the function takes."""
    inputs = {"X": (2, 2), "Y": (2,) if name in {"index_add", "index_select"} else (2, 2)}
    given = _call_arguments(name)
    method = graph_of(f"z = X.{name}({given})", inputs)
    function = graph_of(f"z = {name}({', '.join(filter(None, ['X', given]))})", inputs)
    assert structure(method) == structure(function)
    # Its own text says it again.
    again = graph_of(f"z = {method.find('z').text}", inputs)
    assert structure(again) == structure(method)


def _is_described(name: str) -> bool:
    """Whether NumPy tells the function's arguments; an older one does not of some builtins."""
    theirs = getattr(np, name, None)
    if theirs is None or isinstance(theirs, np.ufunc):
        return False
    try:
        return bool(inspect.signature(theirs).parameters)
    except ValueError:
        return False


@pytest.mark.parametrize("name", [name for name in METHODS_HERE if _is_described(name)])
def test_the_array_in_front_is_the_first_argument(name: str) -> None:
    """NumPy's methods and ours agree about which operand they are called of."""
    first = next(iter(inspect.signature(getattr(np, name)).parameters))
    assert first in {"a", "x", "v", "m", "A", "array", "ary", "arr", "x1", "dividend"}


@pytest.mark.parametrize("name", sorted(VARIADIC))
def test_a_tuple_written_as_several_arguments(name: str) -> None:
    """``x.reshape(2, 3)`` is ``x.reshape((2, 3))``."""
    given = {"reshape": "1, 6", "view": "1, 6", "transpose": "1, 0", "permute": "1, 0",
             "broadcast_to": "2, 3", "expand": "2, 3", "tile": "2, 2",
             "flip": "0, 1"}[name]  # fmt: skip
    spread, packed = (
        graph_of(f"z = X.{name}({text})", {"X": (2, 3)}) for text in (given, f"({given})")
    )
    assert structure(spread) == structure(packed)


def test_the_text_of_each_node_says_it_again() -> None:
    """Read as a program over the names that stood before it, it gives the same values."""
    for program in PROGRAMS:
        before = evaluated(program)
        for node in before.graph.nodes[len(LEAVES) :]:
            if node.rule is None or "\n  " in program or program.startswith(("x, y", "a = b =")):
                continue  # where names are a function's, another turn's or changed places
            again = build(f"u = {node.text}", {**_bound(before, node.id)}, {}, FLOAT64)
            leaves = _bound(before, node.id)
            found = Evaluation(again, leaves, []).values["u"]
            np.testing.assert_allclose(found, before.value(node.id), rtol=1e-12)


def _bound(evaluation: Evaluation, node_id: int) -> dict[str, Any]:
    """What each name holds before a node is made."""
    made = {node.name.partition("@")[0] for node in evaluation.graph.nodes}
    held = {k: x for k, x in evaluation.values.items() if k.isidentifier() and k not in made}
    for node in evaluation.graph.nodes[:node_id]:
        base = node.name.partition("@")[0]
        if base:
            held[base] = evaluation.value(node.id)
    return held


@pytest.mark.parametrize(
    ("program", "message"),
    [
        ("a, b = x", "'x' has 3 entries along axis 0, and 2 names stand on the left"),
        ("a, = X.T", "'X.T' has 4 entries along axis 0, and 1 name stands on the left"),
        ("a, b = 1, 2, 3", "'(1, 2, 3)' has 3 entries along axis 0, and 2 names stand on the left"),
        ("a, b = 2", "'2' is a single number and has no length"),
        ("a, *b = x", "'*' in front of a name is not part of a program"),
        ("a, b[0] = x", "an entry cannot be assigned: arrays never change"),
        ("x[0] += 1", "an entry cannot be assigned: arrays never change"),
        ("h |= x", "'|=' is not part of a program"),
        ("() = x", "nothing stands between these brackets"),
        ("z = len(sum(x))", "'sum(x)' is a single number and has no length"),
        ("z = [1, 2] + [3, 4]",
         "'add' takes numbers, and [1, 2] is a list: stack([1, 2]) would be an array"),
        ("z = x + [1, [2]]", "the rows of [1, [2]] are not equally long"),
        ("z = x + [None]", "None in [None] is no number: no array holds it"),
        ("z = x + [10 ** 350]", "a number here is too large for a float64"),
        ("z = [x, b] @ x", ("cannot stack 'x' of shape (3,) and 'b' of shape (2,): stack needs "
                            "equal shapes, found (3,) and (2,)")),
        ("z = x[[y, 0]]", "the input 'y' cannot be an index: no gradient flows through it"),
        ("z = sum(X, axis=[x, 0])",
         "the input 'x' cannot be the argument 'axis': no gradient flows through it"),
        ("q = [sum(x), 0]\nz = X[q]",
         "'sum(x)' is a computed array and cannot be an index"),
        ("def pi(a):\n  return a", "'pi' is a number, and no function can be called so"),
    ],
)  # fmt: skip
def test_refused(program: str, message: str) -> None:
    """Each says what it is, and raises no second problem."""
    assert problem_of(program).message == message


def test_a_lost_name_raises_no_second_problem() -> None:
    """What a broken statement would have bound is unknown afterwards, whatever its form."""
    for broken in ("e = tahn(x)", "e += tahn(x)", "e, f = tahn(x)", "e = f = tahn(x)", "e = x +",
                   "f, e = x +", "e *= x +", "f = e = x +"):  # fmt: skip
        problem_of(f"{broken}\nz = e + W")


def test_names_of_unpacked_entries() -> None:
    """Each is an entry, and reads as one."""
    assert tape("a, c, d = x * y") == [
        "x * y",
        "a = (x * y)[0]",
        "c = (x * y)[1]",
        "d = (x * y)[2]",
    ]
