"""Laws of folding: every node is in one row, whatever module it is seen from."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.modules import INSIDES, in_modules, modular_traces
from tests.strategies import seed_example, traces
from tui_backprop.graph.model import Role
from tui_backprop.graph.modules import Modules, common_module, is_within

if TYPE_CHECKING:
    from tui_backprop.timeline.trace import Trace


def folded_name(module: str, inside: str) -> str:
    """The outermost module around a module that somebody is not in; empty where there is none."""
    parts = module.split(".")
    around = (".".join(parts[: k + 1]) for k in range(len(parts)))
    return next((outer for outer in around if not is_within(inside, outer)), "")


def naive_rows(trace: Trace, inside: str) -> list[list[int]]:
    """Runs of nodes with one name, parameters apart from what is computed."""
    nodes = trace.graph.nodes
    last = max((n.id for n in nodes if n.role is Role.INPUT), default=-1)
    keys = [(folded_name(n.module, inside) or n.id, n.id > last) for n in nodes]
    return [list(run) for _, run in groupby(range(len(nodes)), keys.__getitem__)]


@given(modular_traces(), st.sampled_from(INSIDES))
def test_every_node_is_in_one_row_and_rows_are_runs(trace: Trace, inside: str) -> None:
    """In order, as long as they can be; a row of one node is that node."""
    folding = Modules(trace.graph).seen_from(inside)
    rows = [list(folding.row(row)) for row in range(len(folding))]
    assert rows == naive_rows(trace, inside)
    assert [n for row in rows for n in row] == list(range(len(trace.graph.nodes)))
    for k, row in enumerate(rows):
        assert {folding.row_of(n) for n in row} == {k}
        assert folding.is_group(k) is (len(row) > 1)
        if folding.is_group(k):
            assert all(is_within(trace.graph.nodes[n].module, folding.module(k)) for n in row)
            assert not is_within(inside, folding.module(k))
    assert folding.is_folded is (len(rows) < len(trace.graph.nodes))


@given(traces(), st.sampled_from(INSIDES))
def test_without_modules_nothing_is_folded(trace: Trace, inside: str) -> None:
    """From wherever one looks."""
    modules = Modules(trace.graph)
    assert modules.is_plain
    assert not modules.seen_from(inside).is_folded
    assert modules.named("enc") is None
    assert {modules.of(n.id) for n in trace.graph.nodes} == {""}


@given(modular_traces(), st.sampled_from(INSIDES))
def test_further_out_there_are_fewer_rows(trace: Trace, inside: str) -> None:
    """Each of them made of whole rows. From no module between there and here one sees others."""
    modules = Modules(trace.graph)
    outer = modules.outer(inside)
    assert is_within(inside, outer)
    near, far = (modules.seen_from(module) for module in (inside, outer))
    assert set(far.starts) <= set(near.starts)
    if outer:
        assert len(far) < len(near)
        assert len(modules.seen_from(outer.rpartition(".")[0])) < len(far)


@given(modular_traces(), st.sampled_from(INSIDES))
def test_going_into_a_row_unfolds_it(trace: Trace, inside: str) -> None:
    """At least one of its nodes is a row then, or it is several modules."""
    modules = Modules(trace.graph)
    folding = modules.seen_from(inside)
    for row in range(len(folding)):
        if folding.is_group(row):
            inner = modules.inner(folding.row(row))
            assert is_within(inner, folding.module(row))
            assert len(modules.seen_from(inner)) > len(modules.seen_from(modules.outer(inner)))
            within = modules.seen_from(inner)
            assert len({within.row_of(n) for n in folding.row(row)}) > 1


@pytest.mark.parametrize(
    ("modules", "common"),
    [
        ([], ""),
        (["a.b"], "a.b"),
        (["a.b", "a.bc"], "a"),
        (["a.b.c", "a.b", "a.b.d"], "a.b"),
        (["a", "b"], ""),
        (["a", ""], ""),
    ],
)
def test_the_innermost_module_around_some(modules: list[str], common: str) -> None:
    """By whole names, not by letters."""
    assert common_module(modules) == common


@pytest.mark.parametrize("odd", [".", "..", "a..b", ".a", "a."])
def test_odd_paths_are_paths(odd: str) -> None:
    """A file may hold any; each is a row like others."""
    trace = seed_example()
    modules = Modules(in_modules(trace, [odd] * 3).graph)
    for inside in ("", "a", odd):
        folding = modules.seen_from(inside)
        assert sum(len(folding.row(row)) for row in range(len(folding))) == 3
    assert len(modules.seen_from(odd)) == 3
