"""What stands on the tape: which nodes, in which order, under which names."""

from __future__ import annotations

import numpy as np
import pytest

from tests.program.support import graph_of, tape
from tui_backprop.graph.model import NO_PARAMS, Role, Span
from tui_backprop.program import build


def test_the_seed() -> None:
    """``Y = 2 * X`` is X, 2, Y: a number stands just before the op that reads it."""
    graph = graph_of("Y = 2 * X\n", {"X": (3,)})
    x, two, y = graph.nodes
    assert (x.role, x.name, x.shape, x.span) == (Role.INPUT, "X", (3,), None)
    assert (two.role, two.name, two.text, two.literal) == (Role.CONSTANT, "", "2", 2.0)
    assert two.span == Span(1, 4, 1, 5)
    assert (y.op, y.name, y.text, y.parents, y.shape) == ("multiply", "Y", "2 * X", (1, 0), (3,))
    assert y.span == Span(1, 4, 1, 9)
    assert y.params is NO_PARAMS
    assert dict(graph.names) == {"X": 0, "Y": 2}
    assert graph.program == "Y = 2 * X\n"


def test_leaves_come_first() -> None:
    """Inputs in order, then constants in order, whether they are read or not."""
    graph = graph_of("y = a", {"b": (), "a": (2,)}, {"c": [1, 2], "A": 3})
    assert [node.name for node in graph.nodes] == ["b", "a", "c", "A"]
    assert [node.op for node in graph.nodes] == ["input", "input", "const", "const"]
    assert dict(graph.inputs) == {"b": 0, "a": 1}
    assert dict(graph.constants) == {"c": 2, "A": 3}
    assert graph.static_leaves == frozenset()


def test_the_dtype_is_kept() -> None:
    """Building computes nothing, so float32 is only remembered."""
    float32 = np.dtype(np.float32)
    graph = build("y = 2 * x", {"x": np.zeros(2, float32)}, {}, float32)
    assert graph.dtype == float32
    assert graph.nodes[1].literal == 2.0


@pytest.mark.parametrize("program", ["", "\n\n", "# nothing\n", "   \n\t\n# 中文"])
def test_an_empty_program(program: str) -> None:
    """It gives a graph of leaves."""
    assert tape(program) == []


def test_evaluation_order() -> None:
    """Operands from the left, each before the op that reads it, as Python evaluates."""
    assert tape("z = sin(x) * 2 + y * (x - 1) - abs(h)") == [
        "sin(x)",
        "2",
        "sin(x) * 2",
        "1",
        "x - 1",
        "y * (x - 1)",
        "sin(x) * 2 + y * (x - 1)",
        "abs(h)",
        "z = sin(x) * 2 + y * (x - 1) - abs(h)",
    ]


def test_precedence_is_python_s() -> None:
    """Powers bind from the right and tighter than a sign; sums from the left."""
    assert tape("z = -x ** 2 ** y") == ["2", "2 ** y", "x ** 2 ** y", "z = -x ** 2 ** y"]
    assert tape("z = x - y - h") == ["x - y", "z = x - y - h"]
    assert tape("z = x / y / h") == ["x / y", "z = x / y / h"]
    assert tape("z = x < y + h") == ["y + h", "z = x < y + h"]


def test_a_repeated_operand_has_two_edges() -> None:
    """``x * x`` reads x twice."""
    graph = graph_of("y = x * x", {"x": (3,)})
    assert graph.nodes[1].parents == (0, 0)
    assert [edge.argument for edge in graph.nodes[1].edges] == [0, 1]


def test_texts_are_the_source() -> None:
    """Whitespace collapses, comments go, brackets around operands stay."""
    program = "z = (x)   +  (   # first\n  h *  # 二\n  x\n)\n"
    assert tape(program) == ["h * x", "z = (x) + (h * x)"]


def test_a_long_text_leaves_its_middle_out() -> None:
    """A tape of partial sums stays small."""
    last = tape("z = " + " + ".join(["x"] * 1000))[-1]
    assert last.startswith("z = x + x")
    assert last.endswith("+ x")
    assert " … " in last
    assert len(last) < 130


class TestNames:
    """Each binding is a version; the plain name means the last."""

    def test_versions(self) -> None:
        """``h`` is the first, then ``h@2``; an input counts as its first binding."""
        program = "a = x\nh = tanh(h)\nh = h * x\nz = sin(x)\nz = sin(z)"
        assert tape(program) == ["h@2 = tanh(h)", "h@3 = h * x", "z = sin(x)", "z@2 = sin(z)"]
        names = graph_of(program, {"x": (3,), "h": (3,)}).names
        assert names == {
            "x": 0,
            "a": 0,
            "h": 3,
            "h@1": 1,
            "h@2": 2,
            "h@3": 3,
            "z": 5,
            "z@1": 4,
            "z@2": 5,
        }

    def test_an_alias_is_no_node(self) -> None:
        """``b = a`` is another name of the same node."""
        graph = graph_of("a = sin(x)\nb = a\na = cos(x)\nb = b", {"x": (3,)})
        assert [node.name for node in graph.nodes] == ["x", "a", "a@2"]
        assert graph.names["b"] == graph.names["b@1"] == graph.names["b@2"] == graph.names["a@1"]

    def test_find(self) -> None:
        """The graph finds a node by either kind of name."""
        graph = graph_of("h = sin(h)\nh = cos(h)", {"h": ()})
        assert graph.find("h").op == "cos"
        assert graph.find("h@2").op == "sin"
        assert graph.find("h@1").role is Role.INPUT

    def test_numbers_that_are_left(self) -> None:
        """A number that a name is left with has a node at its place, read or not."""
        assert tape("n = 3\nz = sin(x)") == ["n = 3", "z = sin(x)"]
        assert tape("n = 3\nu = n * x\nv = n + u") == ["n = 3", "u = n * x", "v = n + u"]
        assert tape("n = 2 * 3 - 1") == ["n = 5"]

    def test_numbers_on_the_way(self) -> None:
        """One that is bound again has a node only where it is read."""
        assert tape("n = 3\nn = 4") == ["n@2 = 4"]
        assert tape("n = 3\nz = n * x\nn = 4") == ["n = 3", "z = n * x", "n@2 = 4"]
        names = graph_of("n = 3\nz = n * x\nn = 4").names
        assert names["n"] == names["n@2"] != names["n@1"]

    def test_functions_and_values_do_not_meet(self) -> None:
        """A value may be called like an op: an op added later breaks no program."""
        assert tape("sum = sum(x)\ntanh = tanh(sum)") == ["sum = sum(x)", "tanh = tanh(sum)"]


class TestNumbers:
    """Numbers are worked out while building."""

    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("2", "2"),
            ("1e-3", "1e-3"),
            (".5", ".5"),
            ("-2", "-2"),
            ("+3", "3"),
            ("2 ** 10", "1024"),
            ("2 ** -1", "0.5"),
            ("7 / 2", "3.5"),
            ("1 / 0", "inf"),
            ("-1 / 0", "-inf"),
            ("0 / 0", "nan"),
            ("(-8) ** 0.5", "nan"),
            ("10.0 ** 400", "inf"),
            ("3 < 4", "1.0"),
            ("3 == 4", "0.0"),
            ("pi", "pi"),
            ("inf", "inf"),
            ("2 * pi", "6.283185307179586"),
            ("x.shape[0] * 2", "6"),
            ("X.shape[-1]", "4"),
            ("(3, 4)[1]", "4"),
        ],
    )
    def test_folding(self, text: str, shown: str) -> None:
        """Arithmetic between numbers gives one node; 1/0 is inf, as NumPy has it."""
        assert tape(f"z = {text}") == [f"z = {shown}"]

    def test_a_literal_is_new_each_time(self) -> None:
        """No turn of a loop reads a number of another turn."""
        assert tape("for t in range(2):\n  h = 2 * h") == ["2", "h@2 = 2 * h", "2", "h@3 = 2 * h"]

    def test_a_counter_that_is_read(self) -> None:
        """The loop's variable is a number; it has a node where it is an operand."""
        assert tape("for t in range(3):\n  h = t * h") == [
            *("t = 0", "h@2 = t * h", "t@2 = 1", "h@3 = t * h", "t@3 = 2", "h@4 = t * h")
        ]
