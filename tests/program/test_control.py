"""Loops and definitions leave no trace on the tape but the nodes of their statements."""

from __future__ import annotations

import pytest

from tests.program.support import graph_of, tape


class TestLoops:
    """Loops are unrolled."""

    @pytest.mark.parametrize(
        ("head", "turns"),
        [
            ("range(3)", [0, 1, 2]),
            ("range(1, 3)", [1, 2]),
            ("range(5, 0, -2)", [5, 3, 1]),
            ("range(0)", []),
            ("range(3, 1)", []),
            ("range(x.shape[0])", [0, 1, 2]),
            ("range(2 * 2 - 1)", [0, 1, 2]),
            ("range(N)", [0, 1]),
            ("range(N, 2 * N)", [2, 3]),
            ("range(I[1])", [0, 1, 2, 3, 4]),
        ],
    )
    def test_ranges(self, head: str, turns: list[int]) -> None:
        """Bounds are numbers, shapes and constants, and arithmetic on these."""
        program = f"for t in {head}:\n  z = t * x"
        rows = tape(program, constants={"N": 2, "I": [4, 5]})
        assert [row.split(" = ")[1] for row in rows[::2]] == [str(turn) for turn in turns]

    def test_nested(self) -> None:
        """The inner bound may be the outer variable."""
        program = "for a in range(3):\n  for b in range(a):\n    h = h + x[a - b]"
        assert tape(program)[::2] == ["x[a - b]"] * 3
        assert len(tape(program)) == 6

    def test_the_counter_outlives_the_loop(self) -> None:
        """As in Python; nothing is made of it by itself."""
        assert tape("for t in range(3):\n  h = sin(h)\nz = x[t]")[-1] == "z = x[t]"
        assert "t" not in graph_of("for t in range(3):\n  h = sin(h)").names

    def test_numbers_assigned_in_a_loop(self) -> None:
        """The last one is left, and has a node."""
        assert tape("for t in range(3):\n  n = 2 * t") == ["n@3 = 4"]


class TestFunctions:
    """Definitions are inlined."""

    def test_locals_are_qualified(self) -> None:
        """``f.z`` is the z of f; the value that is returned takes the caller's name."""
        program = "def f(a, b):\n  z = a * b\n  return z + a\nu = f(x, y)\nv = f(u, 2)"
        assert tape(program) == [
            *("f.z = a * b", "u = z + a"),
            *("2", "f.z@2 = a * b", "v = z + a"),
        ]

    def test_keywords(self) -> None:
        """Arguments are given by position or by name."""
        program = "def f(a, b):\n  return a - b\nu = f(x, y)\nv = f(b=x, a=y)\nw = f(x, b=h)"
        graph = graph_of(program, {"x": (), "y": (), "h": ()})
        assert [node.parents for node in graph.nodes[3:]] == [(0, 1), (1, 0), (0, 2)]

    def test_the_program_s_names_are_read(self) -> None:
        """As in Python a function reads what is assigned when it is called, and owns its own."""
        program = (
            "def f(a):\n  b = a * k\n  for t in range(2):\n    b = b + a\n  return b\n"
            "k = 2\nu = f(x)\nk = 3\nv = f(x)"
        )
        assert tape(program)[:4] == ["k = 2", "f.b = a * k", "f.b@2 = b + a", "f.b@3 = b + a"]
        assert "b" not in graph_of(program, {"x": ()}).names

    def test_calling_one_another(self) -> None:
        """A definition calls those before it, to any depth."""
        deep = "def f0(a):\n  return sin(a)\n"
        deep += "".join(f"def f{n}(a):\n  return f{n - 1}(a)\n" for n in range(1, 2000))
        assert tape(f"{deep}z = f1999(x)") == ["z = sin(a)"]

    def test_numbers_pass_through(self) -> None:
        """A definition may compute a number, and take one where only a number will do."""
        program = "def half(n):\n  return n / 2\ndef at(a, i):\n  return a[i]\n"
        assert tape(f"{program}z = at(x, 3 - 1) * half(3)") == [
            "a[i]",
            "1.5",
            "z = at(x, 3 - 1) * half(3)",
        ]

    def test_an_own_softmax(self) -> None:
        """A definition goes before an op of its name."""
        assert tape("def tanh(a):\n  return sin(a)\nz = tanh(x)") == ["z = sin(a)"]
