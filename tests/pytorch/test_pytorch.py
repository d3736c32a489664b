"""The op table and whole programs against PyTorch, where it is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given

from tests.pytorch.compared import gradients_differ, mismatches
from tests.pytorch.differences import DIFFERENCES, EMPTY, SQUARED, WILD_V, WILD_X
from tests.pytorch.draws import LAWS, SIZES
from tests.pytorch.shapes import odd_cases
from tests.rules.cases import CASES, each_case
from tests.strategies import traces
from tui_backprop.api import load
from tui_backprop.rules import RULES
from tui_backprop.scenario.files import shipped
from tui_backprop.verify.pytorch import differences as stated
from tui_backprop.verify.pytorch.witness import pytorch

if TYPE_CHECKING:
    from pathlib import Path

    from tests.rules.cases import Case
    from tui_backprop.timeline.trace import Trace
    from tui_backprop.verify.report import Testimony

torch = pytest.importorskip(
    "torch", reason="PyTorch is an optional witness: pip install '.[torch]'"
)
VERSION = (int(torch.__version__.split(".")[0]), int(torch.__version__.split(".")[1]))
"""Of what is installed: conventions at a bound changed with 2.14."""


@each_case
def test_row_is_pytorchs(case: Case) -> None:
    """Value, and gradients for random v, to nine digits."""
    for draw in range(3):
        v = np.random.default_rng(draw).normal(size=case.out)
        for found in mismatches(torch, case, case.operands(draw), v):
            raise AssertionError(found.text)


@pytest.mark.parametrize("op", RULES)
def test_conventions_are_pytorchs(op: str) -> None:
    """At kinks, ties and bounds, beside NaN and infinities: alike, or stated with the reason."""
    differences = [d for d in DIFFERENCES if d.is_of(VERSION)]
    stated = {(d.op, w, law) for d in differences for w in d.what.split() for law in d.laws}
    seen: set[str] = set()
    for case in (c for c in CASES if c.rule.name == op):
        for law, numbers in LAWS.items():
            for operands, v in numbers.tries(case):
                for found in mismatches(torch, case, operands, v):
                    assert (op, found.what, law) in stated, f"{law}: {found.text}"
                    seen.add(found.what)
    sure = [d for d in differences if d.op == op and not d.is_rounding]
    unseen = {w for d in sure for w in d.what.split()} - seen
    assert not unseen, f"{op}: no longer differs in {unseen}; take it out of the differences"


@pytest.mark.parametrize("op", [d.op for d in SQUARED])
def test_numbers_whose_squares_do_not_fit_are_finite_here(op: str) -> None:
    """Where PyTorch overflows or gives 0, as stated; the value here is neither."""
    stated = {(w, law) for d in SQUARED if d.op == op for w in d.what.split() for law in d.laws}
    seen: set[tuple[str, str]] = set()
    # A variance that is kept is an operand, and none of these numbers is one.
    cases = [c for c in CASES if c.rule.name == op and "running_var" not in c.rule.operands]
    for case in cases:
        for law, numbers in SIZES.items():
            for operands, v in numbers.tries(case):
                assert np.isfinite(case.forward(operands)).all()
                seen |= {(m.what, law) for m in mismatches(torch, case, operands, v)}
    assert seen == stated


@pytest.mark.parametrize("op", RULES)
def test_empty_arrays_and_numbers_are_pytorchs(op: str) -> None:
    """Wherever a row takes an axis of length 0, or no axis at all."""
    stated = {w for d in EMPTY if d.op == op for w in d.what.split()}
    seen: set[str] = set()
    for case in (odd for c in CASES if c.rule.name == op for odd in odd_cases(c)):
        v = np.random.default_rng(7).normal(size=case.out)
        for found in mismatches(torch, case, case.operands(), v):
            assert found.what in stated, found.text
            seen.add(found.what)
    assert seen == stated, f"{op}: no longer differs in {stated - seen}"


@pytest.mark.parametrize("op", stated.DIFFERENCES)
def test_differences_that_a_report_excuses_are_there(op: str) -> None:
    """On finite numbers, and the statement knows on which."""
    known = stated.DIFFERENCES[op]
    cases = [c for c in CASES if c.rule.name == op]
    tries = [(c, x) for c in cases for x, _ in LAWS["bounds"].tries(c)]
    shown = [(c, x) for c, x in tries if known.at(c.forward(x), *x, **c.params)]
    assert 0 < len(shown) < len(tries)
    assert any(gradients_differ(torch, c, x) for c, x in shown), known.reason


def test_differences_beside_infinities_are_known_to_a_report() -> None:
    """Whatever row differs there by these tests is excused by the witness, with a reason."""
    beside_x = {d.op for d in DIFFERENCES if {*d.laws} & {*WILD_X}}
    beside_v = {d.op for d in DIFFERENCES if {*d.laws} & {*WILD_V} and d.what != "value"}
    assert beside_x | beside_v <= stated.BESIDE_INFINITIES.keys()


CHOSEN = {"conventions-at-a-tie": 2 if VERSION < (2, 14) else 0}
"""How many entries of a scenario are another choice of this release, and said to be one."""


@pytest.mark.parametrize("path", shipped(), ids=lambda path: path.stem)
def test_every_shipped_scenario_is_pytorchs(path: Path) -> None:
    """Every value and every gradient, those that are not finite too."""
    found = pytorch(load(path).trace())
    assert _told(found) == (found.total, 0, CHOSEN.get(path.stem, 0), "")


@given(traces(most_ops=8))
def test_random_graphs_are_pytorchs(trace: Trace) -> None:
    """Over the whole table, with several passes, fan-out, kinks and ties."""
    assert pytorch(trace).disagreements == ()


@given(traces(most_ops=8, dtype="float32"))
def test_random_graphs_in_float32_are_pytorchs(trace: Trace) -> None:
    """Run by PyTorch in float32 too."""
    assert pytorch(trace).disagreements == ()


def _told(t: Testimony) -> tuple[int, int, int, str]:
    return t.compared, t.disagreed, t.kinks, t.remark
