"""Names with points and digits, as parts of somebody's model have them: ``encoder.0.weight``.

Each means its node wherever a name may stand, and so do the names that the program prints.
"""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.marks import together
from tests.strategies import GraphMaker
from tui_backprop import Session
from tui_backprop.debug.commands.completing import complete
from tui_backprop.debug.conditions.expression import Expression
from tui_backprop.debug.conditions.references import GradOf, ValueOf
from tui_backprop.debug.place_names import Place, parse_place
from tui_backprop.errors import CommandError
from tui_backprop.graph.naming import adjoint, label

LONG = (
    "base_model.model.model.layers.10.self_attn.rotary.q_proj.lora_A.default.inner.0.more.addmm_12"
)
NAMES = (
    "a", "a.b", "a.grad", "a.0", "a.0.T", "a.value", "a.grad.grad", "a.00", "0.addmm_1",
    "0.0.relu_1", "0.addmm_1.grad", "1e5.relu_1", "net.encoder.0.weight", "net.encoder.0",
    "net.if.weight", "net.T", "net.shape", "net.sum", "net.not", "in.0", "v.0", "J.weight",
    "step.1", "op.0", "np.0.w", "e.0", "inf.1", "pi.grad", "node.x", "write.0", "layer.1",
    "line.3", "zero.0", "if.1", LONG,
)  # fmt: skip
SEGMENTS = ("a", "b", "0", "10", "1e5", "grad", "value", "T", "size", "if", "not", "v", "J", "step",
            "op", "np", "e", "inf", "sum", "_")  # fmt: skip


def is_number(text: str) -> bool:
    """What reads as a number is one, whoever is called so."""
    with suppress(ValueError):
        float(text)
        return True
    return False


names = (
    st.lists(st.sampled_from(SEGMENTS), min_size=2, max_size=4)
    .map(".".join)
    .filter(lambda name: not is_number(name))
)


def session(called: tuple[str, ...]) -> Session:
    """A chain of nodes so called, each of shape (2,), that the others' names are prefixes of."""
    maker = GraphMaker()
    node = maker.input([1.0, 2.0], called[0])
    for name in called[1:]:
        node = maker.op("tanh", node, name=name)
    return Session(maker.trace())


SESSION = session(NAMES)
GRAPH = SESSION.trace.graph


@given(st.lists(names, min_size=1, max_size=6, unique=True).map(tuple))
def test_every_name_means_its_node_in_places_and_expressions(called: tuple[str, ...]) -> None:
    """Names are prefixes of one another, keywords, numbers in parts: the longest name is meant."""
    graph = session(called).trace.graph
    for name, n in graph.names.items():
        assert parse_place(name, graph) == Place(n, is_gradient=False, flat=None)
        assert parse_place(f" {name} [-1]", graph) == Place(n, is_gradient=False, flat=1)
        (value,) = Expression(name, graph).references
        assert isinstance(value, ValueOf)
        assert value.node == n
        asked = adjoint(graph, n)
        assert parse_place(f"{asked}[1]", graph) == Place(n, is_gradient=True, flat=1)
        (gradient,) = Expression(f"norm({asked}) > 1", graph).references
        assert isinstance(gradient, GradOf)
        assert gradient.node == n


@together("name", NAMES, most=40)
@pytest.mark.parametrize(
    "line",
    [
        "print NAME", "print NAME[0] + 2 * NAME[1]", "print NAME.T.sum()", "print NAME.sum(axis=0)",
        "print norm(ADJ)", "print ADJ.max() / ADJ[0]", "print NAME.size * 0.5 + 1e5 + len(NAME)",
        'print node == "NAME"', "watch NAME[0]", "watch ADJ[1] if NAME[0] > 0", "display ADJ",
        "until ADJ[0] > 0", "goto NAME", "goto ADJ", "break node NAME", "break write ADJ[1]",
        "tbreak if any(ADJ > 0) and NAME[0] > 0", "why ADJ[1]", "why zero ADJ[1]", "info node NAME",
        "health node NAME", "origin nan ignoring NAME",
    ],
)  # fmt: skip
def test_every_command_takes_every_name(name: str, line: str) -> None:
    """Nothing is refused, whatever stands around the name."""
    walk = Session(SESSION.trace)
    n = GRAPH.names[name]
    answer = walk.execute(line.replace("NAME", name).replace("ADJ", adjoint(GRAPH, n)))
    assert "there is no" not in answer
    if line == "goto NAME":
        assert walk.frame.node.id == n
        walk.execute("break")
        assert walk.breakpoints[0].place is not None
        assert walk.breakpoints[0].place.nodes == frozenset({n})


@pytest.mark.parametrize(
    ("text", "value"),
    [("0.5", "0.5"), ("1e5 + 0.", "100000"), ("2 * 1.5e1", "30"), (".5 * 2", "1"),
     ("[0.5, 1][0]", "0.5"), ("a.b @ [1, 0]", "0.761594156"), ("a@[1, 0]", "1")],
)  # fmt: skip
def test_numbers_stay_numbers(text: str, value: str) -> None:
    """Beside names that begin with digits."""
    walk = Session(SESSION.trace)
    walk.end()
    assert str(walk.execute(f"print {text}")).endswith(f" = {value}")


def test_a_name_comes_before_the_gradient_of_a_shorter_one() -> None:
    """Both can be said."""
    assert adjoint(GRAPH, 0) == "#0.grad"
    assert label(GRAPH, GRAPH.names["a.grad"]) == "a.grad"
    assert adjoint(GRAPH, GRAPH.names["a.grad"]) == f"#{GRAPH.names['a.grad']}.grad"
    assert adjoint(GRAPH, GRAPH.names["a.b"]) == "a.b.grad"


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("norm(net.encoder.0.weight) + net.encoder.0.wieght", 29,
         "no 'net.encoder.0.wieght'; did you mean 'net.encoder.0.weight'"),
        (f"{LONG} + zzz", len(LONG) + 3, "no 'zzz'"),
        ("a.0.T + 0.adddmm_1", 8, "did you mean '0.addmm_1'"),
        ("in.0.foo", 4, "'in.0' has no '.foo'; it has .grad"),
        ("net.encoder.0.weight + [1, 2, 3]", 0, r"net.encoder.0.weight|\(2,\)"),
        (f"{LONG}[0] + a.b[5]", len(LONG) + 6, "5"),
    ],
)  # fmt: skip
def test_messages_stay_under_what_is_wrong(text: str, column: int, message: str) -> None:
    """The column is that of what was typed, and no stand-in is seen."""
    with pytest.raises(CommandError, match=message) as told:
        SESSION.execute(f"print {text}")
    assert told.value.column == column + len("print ")
    assert "r0" not in str(told.value)


def test_many_numbered_nodes_may_be_read_at_once() -> None:
    """One name stands for a node however often it is read: two letters hold 36."""
    text = " + ".join(["#0[0]"] * 50 + ["#1[0]"] * 50)
    assert len(Expression(text, GRAPH).references) == 2


@pytest.mark.parametrize("name", [n for n in NAMES if len(n) > 2])
def test_names_are_completed(name: str) -> None:
    """By letters and digits that they begin with, and their gradients too."""
    for before in ("print ", "print 2 * ", "goto ", "break ", "break write ", "why ", "watch a + "):
        unfinished = f"{before}{name[:-1]}"
        found = complete(SESSION, unfinished)
        assert found.start == len(before)
        wanted = f"{name}.grad" if before in {"break write ", "why "} else name
        assert wanted in found.words or wanted in NAMES
