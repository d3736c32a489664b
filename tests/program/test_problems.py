"""How problems read: the block that a person sees, and what is told beside the message."""

from __future__ import annotations

from tests.program.support import error_of, problem_of


def block(program: str) -> str:
    """The whole message for a program on the usual inputs."""
    return str(error_of(program))


def test_an_unknown_function() -> None:
    """The caret stands under the name; the nearest known one is offered."""
    assert block("# 中文\nz = tahn(x)\n") == (
        "<program>:2:5: unknown function 'tahn'\n"
        "    2 | z = tahn(x)\n"
        "      |     ^^^^ did you mean 'tanh'?"
    )


def test_shapes_that_do_not_fit() -> None:
    """The operands are shown as they are written, with their shapes."""
    assert block("z = W @ x\nh = z + x\n") == (
        "<program>:2:5: cannot add 'z' of shape (2,) and 'x' of shape (3,): shapes (2,) and (3,) "
        "do not broadcast: aligned from the right, each axis must be equal or 1\n"
        "    2 | h = z + x\n"
        "      |     ^^^^^"
    )


def test_an_operand_without_a_name() -> None:
    """It is shown by its text."""
    assert problem_of("z = (W @ x) + h").message.startswith(
        "cannot add 'W @ x' of shape (2,) and 'h' of shape (3,): "
    )


def test_every_independent_problem() -> None:
    """One bad statement hides no other, and its name raises no second problem."""
    program = (
        "a = tahn(x)\n"
        "b = a + W\n"
        "c = W @ y @ zz\n"
        "for t in range(x):\n"
        "  d = x[5]\n"
        "range = 1\n"
        "f = x +\n"
        "g = f * nope(1, 0x1)\n"
        "while x:\n"
        "  i = 2\n"
        "j = i * d * c\n"
        "def k(a):\n"
        "  return a + X\n"
        "l = k(x)\n"
        "m = l + b\n"
    )
    found = [(p.line, p.message.partition(":")[0]) for p in error_of(program).problems]
    assert found == [
        (1, "unknown function 'tahn'"),
        (3, "unknown name 'zz'"),
        (4, "the input 'x' cannot be the bound of a loop"),
        (5, "cannot index 'x' of shape (3,)"),
        (6, "'range' has a fixed meaning and cannot be bound"),
        (7, "invalid syntax"),
        (8, "'0x1' is not a decimal number"),
        (9, "'while' is not part of a program"),
        (13, "cannot add 'x' of shape (3,) and 'X' of shape (3, 4)"),
    ]


def test_two_problems_in_one_expression() -> None:
    """Both are told."""
    assert len(error_of("z = tahn(x) + nope * sng(y)").problems) == 3


def test_a_name_before_its_assignment() -> None:
    """The line where it is assigned is told, counted within the program."""
    assert block("z = x * late\nlate = 2") == (
        "<program>:1:9: 'late' is used before it is assigned\n"
        "    1 | z = x * late\n"
        "      |         ^^^^ it is assigned on line 2 of the program"
    )
    skipped = problem_of("for t in range(0):\n  z = x\nu = z")
    assert skipped.hint == "it is assigned on line 2 of the program, in a loop without a turn"
    local = problem_of("def f(a):\n  z = u\n  u = a\n  return z\nv = f(x)")
    assert (local.line, local.column) == (2, 7)
    assert (
        local.hint == "it is assigned on line 3 of the program (f called on line 5 of the program)"
    )
    outer = problem_of("def f(a):\n  return a * k\nv = f(x)\nk = 2")
    assert (outer.line, outer.column, outer.message) == (2, 14, "'k' is used before it is assigned")


def test_unknown_names() -> None:
    """Each is told once, where it is first read, even in a function that is never called."""
    program = "def f(a):\n  return a * tahn\nz = wat + wat\nu = wat"
    found = [(p.line, p.message, p.hint) for p in error_of(program).problems]
    assert found == [
        (2, "unknown name 'tahn'", "did you mean 'tanh'?"),
        (3, "unknown name 'wat'", ""),
    ]
    assert problem_of("z = tanh").message == "'tanh' is a function"


def test_where_a_problem_was_reached() -> None:
    """The turn of the loop, and the call, are told."""
    turn = problem_of("for t in range(5):\n  z = x[t]")
    assert turn.hint == "(t = 3)"
    program = (
        "def f(a, n):\n  for i in range(n):\n    b = a[i]\n  return b\nu = f(x, 2)\nv = f(x, 4)"
    )
    assert problem_of(program).hint == "(f called on line 6 of the program) (i = 3)"


def test_only_so_many_problems() -> None:
    """A list that nobody could read is cut, and so is a message."""
    for program in ("z = tahn(x)\n" * 1000, "z = x[9]\n" * 1000):
        error = error_of(program)
        assert (len(error.kept), error.left_out) == (20, 80)
        assert error.problems[-1].message == "and 80 more problems"
    assert len(problem_of(f"z = sum(x, axis=({'0, ' * 5000}))").message) < 500


def test_long_lines() -> None:
    """The line is clipped around the caret."""
    shown = block(f"z = {'x + ' * 500}tahn(x)").splitlines()
    assert "tahn(x)" in shown[1]
    assert max(map(len, shown[1:])) < 140
