"""Laws that hold for every program, whatever it says."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.program.programs import ARRAYS, Expression, Program, expressions, programs
from tests.program.support import FLOAT64, error_of, graph_of, line, structure, values
from tui_backprop.errors import ProgramError
from tui_backprop.graph.model import Role
from tui_backprop.limits import DEFAULT_LIMITS
from tui_backprop.program import build
from tui_backprop.program.text import syntax as parse

if TYPE_CHECKING:
    from tests.program.support import Shapes
    from tui_backprop.graph.model import Graph

LEAVES = {"x": [1.0, -2.0, 0.5], "y": [0.0, 3.0, -1.0], "h": [2.0, 2.0, 2.0]}
SHAPES: Shapes = dict.fromkeys(ARRAYS, (3,))

PIECES = (
    "x y W n f g t pi e inf 0 1 2 3.5 1e3 0x1 1_0 1j 9**9**9 007 ( ) [ ] { } , : ; . = == != < <= "
    "+ - * / ** @ // % & | ^ ~ << := -> ... # ' \" ''' \\ ! $ ? ` @f x.T x.shape x.shape[0] x[0] "
    "x[:,None] [0,1] (2,3) tanh( sum( sum(x,axis=0) where( reshape(x,(1,3)) maximum(x,y) range( "
    "for in def return while if else elif class import from lambda not and or is del pass break "
    "with try yield await async global None True False __class__ \ufb01 \u03c3 \xb7 \u4e2d\u6587"
)
FRAGMENTS = st.sampled_from(
    [
        *PIECES.split(" "),
        *("\x00", "\x1b", "\u2028", "\ud800", "\t", "\r\n", "\n", "\n", "\n  ", "\n    ", " "),
        *("for t in range(3):\n  ", "y = ", "y = "),
    ]
)


@st.composite
def hostile_texts(draw: st.DrawFn) -> str:
    """Fragments of Python, and of what is not, in any order."""
    parts = draw(st.lists(FRAGMENTS, max_size=25))
    return draw(st.sampled_from(["", " "])).join(parts)


def assert_well_formed(graph: Graph) -> None:
    """Parents stand before children, ids are places, and every name has a node."""
    for place, node in enumerate(graph.nodes):
        assert node.id == place
        assert all(parent < place for parent in node.parents)
        assert (node.rule is not None) == (node.role is Role.OP)
    assert set(graph.names.values()) <= set(range(len(graph.nodes)))
    assert [graph.nodes[n].name for n in graph.inputs.values()] == list(graph.inputs)
    for name, number in graph.names.items():
        base, _, version = name.partition("@")
        assert version or number == graph.names[base]


def assert_placed(error: ProgramError) -> None:
    """Every problem says something, at a place of the text."""
    assert error.problems
    assert str(error)
    lines = error.source.split("\n")
    for problem in error.problems:
        assert problem.message
        assert 1 <= problem.line <= len(lines)
        assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1


@given(text=hostile_texts() | st.text(max_size=40))
@example(text="")
@example(text="\x00")
@example(text="y = x +\n")
@example(text="for t in range(3):")
@example(text="y = (\n")
@example(text="x:\n" * 3)
@example(text="@f\n@g\ny = x")
@example(text="  y = x")
@example(text="y = '''\n\n")
def test_any_text(text: str) -> None:
    """Any text gives a graph, or problems with places in it."""
    inputs = {"x": np.zeros((2, 3)), "y": np.zeros(3), "W": np.zeros((3, 3))}
    try:
        graph = build(text, inputs, {"n": np.asarray(2.0)}, FLOAT64, DEFAULT_LIMITS)
    except ProgramError as error:
        assert_placed(error)
    else:
        assert_well_formed(graph)


@given(program=programs())
def test_a_graph_computes_what_the_program_says(program: Program) -> None:
    """Loops unrolled, numbers folded: the last value of each name is that of plain NumPy."""
    graph = graph_of(program.text, SHAPES)
    assert_well_formed(graph)
    found = values(graph, LEAVES)
    expected = {name: np.array(value) for name, value in LEAVES.items()}
    with np.errstate(all="ignore"):
        program.run(expected)
    for name in ARRAYS:
        np.testing.assert_allclose(found[graph.names[name]], expected[name], rtol=1e-12)


@given(expression=expressions())
def test_a_flattened_sum_is_the_same_sum(expression: Expression) -> None:
    """The detour for sums of thousands of terms gives the same nodes, texts and places."""
    text = f"z = {expression.text}"
    straight = graph_of(text, SHAPES)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parse, "_parsed", _give_up)
        flat = graph_of(text, SHAPES)
    assert structure(flat) == structure(straight)
    assert [(line(n), n.span) for n in flat.nodes] == [(line(n), n.span) for n in straight.nodes]


def _give_up(*_anything: object) -> None:
    raise RecursionError


@given(body=programs(depth=0, names=(*ARRAYS, "t")), turns=st.integers(0, 4))
def test_a_loop_is_its_turns_written_out(body: Program, turns: int) -> None:
    """``for t in range(n)`` gives the graph of n copies with t = 0, 1, … in between."""
    indented = "".join(f"\n  {text}" for text in body.text.splitlines())
    loop = graph_of(f"for t in range({turns}):{indented}", SHAPES)
    written = "\n".join(f"t = {t}\n{body.text}" for t in range(turns))
    plain = graph_of(written, SHAPES)
    # Numbers that are left over get their nodes at the end of the loop's graph.
    assert [(n.op, n.text, n.shape) for n in loop.nodes if n.rule] == [
        (n.op, n.text, n.shape) for n in plain.nodes if n.rule
    ]


@given(expression=expressions(names=("x", "y")), uses=st.integers(1, 3))
def test_a_call_is_its_body(expression: Expression, uses: int) -> None:
    """A definition is inlined: a call gives the nodes of the body written in its place."""
    definition = f"def f(a, b):\n  x = a\n  y = b\n  return {expression.text}\n"
    called = graph_of(definition + "z = f(x, y)\n" * uses, SHAPES)
    plain = graph_of(f"z = {expression.text}\n" * uses, SHAPES)
    assert structure(called) == structure(plain)


@given(program=programs(), comment=st.text(st.characters(codec="utf-8", exclude_categories=["C"])))
def test_comments_and_blank_lines_mean_nothing(program: Program, comment: str) -> None:
    """They move places, and change nothing else, whatever script the comment is in."""
    comment = comment.replace("\u2028", "").replace("\u2029", "")
    commented = "\n".join(f"{text}  # {comment}\n\n" for text in program.text.splitlines())
    plain, noisy = graph_of(program.text, SHAPES), graph_of(commented, SHAPES)
    assert structure(noisy) == structure(plain)
    assert [line(node) for node in noisy.nodes] == [line(node) for node in plain.nodes]


@given(program=programs())
def test_the_least_number_of_nodes_is_one(program: Program) -> None:
    """A graph of n nodes builds under a limit of n and no less: nothing is refused too early."""
    count = len(graph_of(program.text, SHAPES).nodes)
    assert len(graph_of(program.text, SHAPES, limits=DEFAULT_LIMITS.raised(nodes=count)).nodes)
    if count > len(ARRAYS):
        error = error_of(program.text, SHAPES, limits=DEFAULT_LIMITS.raised(nodes=count - 1))
        assert "--limit nodes=" in str(error)


@given(program=programs())
def test_building_twice_gives_the_same(program: Program) -> None:
    """Names, texts and places: nothing depends on what was built before."""
    first, second = graph_of(program.text, SHAPES), graph_of(program.text, SHAPES)
    assert structure(first) == structure(second)
    assert first.names == second.names
    assert all(one.span == other.span for one, other in zip(first.nodes, second.nodes, strict=True))


@given(program=programs())
def test_every_version_has_its_name(program: Program) -> None:
    """``h@1``, ``h@2``, … follow each other on the tape, and ``h`` is the last of them."""
    graph = graph_of(program.text, SHAPES)
    for name in ARRAYS:
        versions = [n for n in graph.names if n.startswith(f"{name}@")]
        numbers = sorted(int(version.partition("@")[2]) for version in versions)
        assert len(numbers) != 1
        if versions:
            assert graph.names[name] == graph.names[f"{name}@{numbers[-1]}"]
        for before, after in pairwise(numbers):
            assert before < after
