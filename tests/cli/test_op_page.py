"""The list of the ops and the page of each: that they can be read, and show something."""

from __future__ import annotations

import ast
import json
from typing import TYPE_CHECKING, Final

import numpy as np
import pytest

import tui_backprop as tb
from tests.cli.support import run
from tests.marks import together
from tui_backprop.cli.pages.op_page import op_page, shown_partials, worked
from tui_backprop.language.catalogue import language_of
from tui_backprop.program.library.definitions import definitions
from tui_backprop.program.vocabulary.aliases import ALIASES
from tui_backprop.program.vocabulary.explained import EXPLAINED
from tui_backprop.program.vocabulary.makers import MAKERS, NAMES, SEVERAL
from tui_backprop.render.text.charset import UNICODE
from tui_backprop.render.text.spans import width
from tui_backprop.rules import RULES
from tui_backprop.timeline.frame import Phase
from tui_backprop.timeline.step_facts import pulled

if TYPE_CHECKING:
    from tui_backprop.timeline.trace import Trace

FLAT: Final = {"floor", "ceil", "trunc", "round", "sign", "floor_divide"}
"""Steps: their slope is 0 wherever they have one."""

CHOICES: Final = {("cross_entropy", "t"), ("copysign", "y")}
"""An operand of which only something is read that jumps: which class, or which sign."""

SAME: Final = {"nan_to_num"}
"""Ops that leave the numbers of an example as they are."""


def _partials(trace: Trace) -> list[tuple[int, int, int, float]]:
    """Argument, row, column and number of every partial that is walked."""
    steps = (pulled(frame) for frame in trace.timeline if frame.phase is Phase.PARTIAL)
    return [(edge.argument, p.j, p.i, p.value) for edge, p in steps]


@together("name", RULES)
def test_an_example_shows_something(name: str) -> None:
    """A new value; a gradient and partials that are not all 0, unless every slope is."""
    rule, trace = RULES[name], worked(RULES[name])
    result = trace.values["y"]
    is_same = any(np.array_equal(trace.values[x], result) for x in trace.graph.inputs)
    assert is_same == (name in SAME)
    shown = [(edge.argument, p.value) for edge, p in map(pulled, shown_partials(trace))]
    for argument, (operand, derivative) in enumerate(
        zip(rule.operands, rule.derivatives, strict=True)
    ):
        if derivative is None or name in FLAT or (name, operand) in CHOICES:
            continue
        leaf = trace.graph.nodes[trace.graph.nodes[trace.graph.names["y"]].parents[argument]]
        gradient = trace.grad[leaf.name]
        assert np.isfinite(gradient).all()
        assert gradient.any(), operand
        assert any(value for a, value in shown if a == argument), operand


@together("name", RULES)
def test_what_an_entry_reads_beside_its_own_is_shown(name: str) -> None:
    """On the diagonal of J and off it, where y has the shape of x."""
    trace = worked(RULES[name])
    nodes = trace.graph.nodes
    result = nodes[trace.graph.names["y"]]
    square = {a for a, parent in enumerate(result.parents) if nodes[parent].shape == result.shape}
    steps = [(edge, p) for edge, p in map(pulled, shown_partials(trace))]
    shown = {(edge.argument, p.j == p.i, p.value != 0) for edge, p in steps}
    for argument, j, i, value in _partials(trace):
        if argument in square and value:
            assert (argument, j == i, True) in shown


def test_the_page_of_softmax(capsys: pytest.CaptureFixture[str]) -> None:
    """One partial on the diagonal, one off it, and a v that is not lost in the sum."""
    page = run(capsys, "ops", "softmax").out
    assert "∂y₁/∂x₁ = y₁·(1 − y₁) = 0.0453591" in page
    assert "∂y₂/∂x₁ = −y₁·y₂ = −0.00413326" in page
    assert "\n  v = [1 2 3]\n  x.grad = [−0.0865850 −0.0709852 0.157570]" in page


def test_v_is_not_taken_for_an_operand(capsys: pytest.CaptureFixture[str]) -> None:
    """Of attention, which has a v of its own."""
    page = run(capsys, "ops", "scaled_dot_product_attention").out
    assert "\n  v = [[−0.4 0.1]" in page
    assert "\n  y.v = [[1 2] [3 4]]" in page


@pytest.mark.few(2)
@pytest.mark.parametrize("code", ["en", "zh"])
@together("name", RULES)
def test_a_page_is_no_wider_than_the_terminal(name: str, code: str) -> None:
    """But for LaTeX, which is there to be copied, and a name without a blank."""
    language = language_of(code)
    lines = op_page(RULES[name], UNICODE, 80, language)
    wide = [line for line in lines if "LaTeX: " not in line and width(line) > 80]
    assert not wide
    text = "".join(line.strip() for line in lines).replace(" ", "")
    assert language.translated(RULES[name].summary).replace(" ", "") in text


@pytest.mark.parametrize("code", ["en", "zh"])
def test_the_list_has_a_line_for_each(
    code: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name and what it does, at 80 columns; all of it where nobody says how wide it is."""
    translated = language_of(code).translated
    whole = run(capsys, "ops", "--lang", code).out.splitlines()
    monkeypatch.setattr("tui_backprop.cli.pages.about.terminal_width", lambda: 80)
    lines = run(capsys, "ops", "--lang", code).out.splitlines()
    ops = {rule.name: rule.summary for rule in RULES.values()}
    ops |= {op.name: op.summary for op in definitions().values()}
    ops |= {name: str(made.summary) for name, made in EXPLAINED.items()}
    assert len(lines) == len(whole) == len(ops) + len(ALIASES) + 3
    assert lines[len(ops) + 1].split()[0] == next(iter(ALIASES))
    for (name, summary), line, full in zip(ops.items(), lines, whole, strict=False):
        assert line.split()[0] == full.split()[0] == name
        assert full.endswith(f"  {translated(summary)}")
        assert width(line) <= 80
        assert line.rstrip("…") == full[: len(line.rstrip("…"))]
    assert "tui-backprop ops" in lines[-1]


def test_another_name_of_an_op(capsys: pytest.CaptureFixture[str]) -> None:
    """It answers with the op's page and says so; the op's page knows its other names."""
    page = run(capsys, "ops", "amax").out
    assert page.startswith("amax is another name of max\n\nmax(x, axis=None")
    assert page.endswith(run(capsys, "ops", "max").out)
    assert "also called amax" in page
    (found,) = json.loads(run(capsys, "ops", "amax", "--json").out)["ops"]
    assert (found["name"], found["aliases"]) == ("max", ["amax", "reduce_max"])


@pytest.mark.parametrize("name", definitions())
def test_the_page_of_a_composed_op(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """How it is called and written, and its example with numbers; no line is too wide for it."""
    op = definitions()[name]
    page = run(capsys, "ops", name).out
    assert page.startswith(f"{name}(")
    assert op.text.replace("\n", "\n  ").rstrip() in page
    assert f"\n  y = {op.example[4:]} = " in page
    assert all(f"\n  {leaf}.grad = " in page for leaf in op.inputs)
    (found,) = json.loads(run(capsys, "ops", name, "--json").out)["ops"]
    assert (found["name"], found["definition"]) == (name, op.text)
    assert found["differentiable"] or name in {
        "isnan", "isinf", "isfinite", "any", "all", "count_nonzero", "logical_and", "logical_or",
        "logical_xor", "logical_not", "positive", "one_hot", "argtopk", "argkthvalue", "argcummax",
        "argcummin",
    }  # fmt: skip


@pytest.mark.parametrize("name", sorted(NAMES))
def test_the_page_of_a_function_that_is_no_op(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What it gives, by which ops if it gives several results, and its example with numbers."""
    made = EXPLAINED[name]
    page = run(capsys, "ops", name).out
    assert page.startswith(f"{made.signature}\n  ")
    assert "\n".join(f"  {line}" for line in made.example.splitlines()) in page
    assert all(f"\n  {leaf}.grad = " in page for leaf in made.inputs)
    told = " ".join(page.split())
    for part, op in SEVERAL.get(name, {}).items():
        assert f"{part} by {op}" in told
    assert ("through which no gradient goes" in told) == (", " not in made.example.split(" = ")[0])
    (found,) = json.loads(run(capsys, "ops", name, "--json").out)["ops"]
    assert (found["name"], found["results"]) == (name, dict(SEVERAL.get(name, {})))


@pytest.mark.parametrize("name", sorted(NAMES - {"meshgrid"} - SEVERAL.keys()))
def test_its_signature_is_that_of_its_calls(name: str) -> None:
    """The names of the arguments, and which of them may be left out."""
    call = ast.parse(EXPLAINED[name].signature).body[0]
    assert isinstance(call, ast.Expr)
    assert isinstance(call.value, ast.Call)
    given = [ast.unparse(argument) for argument in call.value.args]
    given += [str(keyword.arg) for keyword in call.value.keywords]
    assert given == list(MAKERS[name].wanted)


def test_the_page_of_eigh_says_what_frameworks_give(capsys: pytest.CaptureFixture[str]) -> None:
    """Where eigenvalues tie."""
    assert "eigvalsh(a)[0] at a = [[1, 0], [0, 1]]" in run(capsys, "ops", "eigh").out


def test_info_op_knows_them() -> None:
    """In the debugger as well."""
    told = tb.load("chain").session().execute("info op svd").splitlines()
    assert told[0] == "svd(a, full_matrices=False)"
    assert told[2].endswith("U by svd_u, S by svdvals, Vh by svd_vh")
    assert told[3] == "U, S, Vh = svd(a, full_matrices=False)"


@pytest.mark.parametrize(("name", "guess"), [("Tanh", "'tanh'"), ("sofmax", "'softmax'")])
def test_an_unknown_op(name: str, guess: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What may have been meant and where to look, in words for whoever uses the program."""
    said = run(capsys, "ops", name)
    assert said.status == 2
    assert f"there is no op '{name}'; did you mean {guess}" in said.err
    assert "'tui-backprop ops' lists all there are" in said.err
    assert "rules/" not in said.err
