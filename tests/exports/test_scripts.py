"""Scripts are run: each asserts its numbers itself, and what a target cannot say is refused."""

from __future__ import annotations

import re
import runpy
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, given, reject, settings

import tui_backprop as tb
from tests.exports.support import exported
from tests.marks import spread
from tests.strategies import GraphMaker, traces
from tui_backprop.api import Scenario
from tui_backprop.errors import TuiBackpropError
from tui_backprop.exports.formats import FORMATS
from tui_backprop.exports.scripts.pulls import PULLS
from tui_backprop.exports.scripts.words import WORDS
from tui_backprop.exports.subject import Subject
from tui_backprop.render.text.charset import UNICODE
from tui_backprop.render.text.names import Namer
from tui_backprop.render.view import View, printed_view
from tui_backprop.rules import RULES
from tui_backprop.scenario.files import shipped
from tui_backprop.scenario.load import loads
from tui_backprop.timeline.frame import Tangents
from tui_backprop.timeline.timeline import Timeline

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tui_backprop.timeline.trace import Trace

NEEDS = {"pytorch": "torch", "jax": "jax", "numpy": "numpy"}
TARGETS = [
    pytest.param(
        target, marks=pytest.mark.skipif(find_spec(needed) is None, reason=f"needs {needed}")
    )
    for target, needed in NEEDS.items()
]

REFUSED = {
    ("pytorch", "composed-ops"): "PyTorch has no plain words for huber",
    ("jax", "composed-ops"): "JAX has no plain words for huber",
    ("numpy", "composed-ops"): "NumPy has no plain words for",
    ("pytorch", "conventions-at-a-tie"): "PyTorch differentiates clip otherwise",
    ("jax", "conventions-at-a-tie"): "JAX differentiates abs otherwise",
    ("numpy", "forward-mode"): "the NumPy script writes reverse mode out by hand",
    ("numpy", "batch-norm"): "NumPy has no plain words for batch_norm",
    ("numpy", "conv2d-edges"): "NumPy has no plain words for conv2d",
    ("numpy", "layer-norm"): "NumPy has no plain words for layer_norm",
    ("numpy", "mlp-classifier"): "NumPy has no plain words for cross_entropy",
}
"""By target and scenario, how the refusal begins."""


def run(text: str, folder: Path) -> dict[str, object]:
    """Run a script as a person does; its asserts are its own."""
    path = folder / "script.py"
    path.write_text(text, encoding="utf-8")
    with np.errstate():  # a script may silence NumPy for itself
        return runpy.run_path(str(path))


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", [path.stem for path in shipped()])
def test_a_script_asserts_what_it_computes_or_is_refused(
    tmp_path: Path, target: str, name: str
) -> None:
    """Every shipped scenario, in each of the three."""
    expected = REFUSED.get((target, name))
    if expected is None:
        assert run(exported(tb.load(name), target), tmp_path)
    else:
        with pytest.raises(TuiBackpropError) as found:
            exported(tb.load(name), target)
        assert str(found.value).startswith(expected)


@pytest.mark.parametrize("target", TARGETS)
def test_a_script_says_how_many_numbers_agreed(
    tmp_path: Path, target: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """In one line, where all did: u, s and y, and the gradient; whatever an author calls things."""
    run(exported(tb.load("chain"), target), tmp_path)
    assert capsys.readouterr().out == "all 4 numbers agree\n"
    text = "format: 1\ninputs: {print: [1.0, 2.0]}\nprogram: y = 2 * print\n"
    run(exported(Scenario(loads(text)), target), tmp_path)
    assert capsys.readouterr().out == "all 4 numbers agree\n"
    run(exported(tb.load("chain"), target, "zh"), tmp_path)
    assert "4" in capsys.readouterr().out


@pytest.mark.parametrize("target", TARGETS)
def test_a_script_of_a_training_says_which_iteration_it_is(target: str) -> None:
    """Of how many, and that it does not train; one of no training says nothing."""
    scenario = tb.load("mazur-training")
    model, timeline = scenario.model, scenario.trace().walked(zeros=False)
    for k, number in ((0, 1), (len(timeline) - 1, 3)):
        view = printed_view(model, timeline[k], "en", UNICODE, symbolic=True)
        text = b"".join(FORMATS[target].write(Subject(view, model, "it"))).decode()
        assert f"# iteration {number} of 3, before its update\n" in text.partition("import")[0]
    assert "iteration" not in exported(tb.load("chain"), target)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", ["fan-out", "mazur-network", "gradient-accumulation"])
def test_a_number_that_is_off_fails(tmp_path: Path, target: str, name: str) -> None:
    """Any number that a script asserts, changed in its third digit, is noticed."""
    lines = exported(tb.load(name), target).splitlines(keepends=True)
    asserts = [k for k, line in enumerate(lines) if line.startswith("close(")]
    for k in (asserts[0], asserts[-1]):
        asserted = "".join(lines[k:])
        number = next(n for n in re.findall(r"\d+\.\d+(?:e-?\d+)?", asserted) if float(n))
        changed = asserted.replace(number, repr(1.001 * float(number)), 1)
        with pytest.raises(AssertionError):
            run("".join(lines[:k]) + changed, tmp_path)


def of_trace(trace: Trace, target: str, timeline: Timeline | None = None) -> str:
    """The script of a trace that comes from no file, or of another walk over it."""
    model = tb.load("vector-double").model  # of which only the convention is asked
    view = View((timeline or trace.timeline)[0], Namer(trace.graph, 1, UNICODE), "a trace")
    return b"".join(FORMATS[target].write(Subject(view, model, "it"))).decode()


def examples(op: str) -> Iterator[Trace]:
    """Traces of the op alone, on numbers of which some are whole, in the shapes of its examples."""
    random = np.random.default_rng(1)
    for example in spread(RULES[op].examples, 5):
        maker = GraphMaker()
        operands = []
        for k, shape in enumerate(example.shapes):
            drawn = random.uniform(-2, 2, shape)
            low, high = 0, 1
            whole = random.integers(low, high, shape) if RULES[op].domains[k].values else drawn
            operands.append(maker.input(np.where(random.random(shape) < 0.1, 1.0, whole)))
        y = maker.op(op, *operands, **example.params)
        if maker.nodes[y].size:
            yield maker.trace()


@pytest.mark.few(6)
@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("op", WORDS)
def test_every_op_that_has_words_computes_the_numbers(tmp_path: Path, target: str, op: str) -> None:
    """In the shapes of the op's own examples; what has no words in some of them is refused."""
    said = 0
    for trace in examples(op):
        try:
            text = of_trace(trace, target)
        except TuiBackpropError:
            continue
        run(text, tmp_path)
        said += 1
    is_without = target == "numpy" and op not in PULLS
    assert said or is_without or getattr(WORDS[op], NEEDS[target]) is None


@pytest.mark.few(6)
@pytest.mark.parametrize("target", [t for t in TARGETS if t.values != ("numpy",)])
@pytest.mark.parametrize("op", WORDS)
def test_every_op_that_has_words_pushes_its_tangents(tmp_path: Path, target: str, op: str) -> None:
    """In a forward walk from all of its operands that are inputs, and from the first alone."""
    for trace in examples(op):
        rng = np.random.default_rng(5)
        seeds = {
            n: rng.normal(size=trace.graph.nodes[n].shape) for n in trace.graph.inputs.values()
        }
        first = dict([*seeds.items()][:1])
        for moving in (seeds, first):
            timeline = Timeline(trace, tangents=Tangents(moving))
            try:
                text = of_trace(trace, target, timeline)
            except TuiBackpropError:
                continue
            run(text, tmp_path)


HELD = """
format: 1
title: a walk in forward mode
inputs: {w: [0.5, -1], b: 0.25, c: 3}
constants: {x: [1, 2]}
program: |
  z = w @ x + b
  y = tanh(z)
  q = 2 * c
mode: forward
tangent: {w: [1, 0.5]}
"""


@pytest.mark.parametrize("target", [t for t in TARGETS if t.values != ("numpy",)])
def test_a_forward_walk_is_repeated_in_forward_mode(tmp_path: Path, target: str) -> None:
    """The tangents of the walk are asserted, and a wrong one is noticed; nothing goes back."""
    text = exported(Scenario(loads(HELD)), target)
    assert "tangents in forward mode" in text
    assert "backward" not in text
    assert "gradient" not in text
    assert "vjp" not in text
    run(text, tmp_path)
    lines = text.splitlines(keepends=True)
    numbers = (2.0, 2 / np.cosh(-1.25) ** 2, 0.0)
    asserted = [line for line in lines if line.lstrip().startswith("close(")][-3:]
    for line, number in zip(asserted, numbers, strict=True):
        assert float(line.rpartition(", ")[2].rstrip(")\n")) == pytest.approx(number)
        changed = text.replace(line, line.replace(line.rpartition(", ")[2], f"{number + 0.01})\n"))
        with pytest.raises(AssertionError):
            run(changed, tmp_path)


@settings(suppress_health_check=[HealthCheck.filter_too_much])  # not every op has words
@given(trace=traces(most_ops=3))
def test_ops_that_follow_one_another_compute_the_numbers(
    tmp_path_factory: pytest.TempPathFactory, trace: Trace
) -> None:
    """Whatever the passes are: an operand that is read twice, one that stretches, a zero_grad."""
    try:
        text = of_trace(trace, "numpy")
    except TuiBackpropError:
        reject()
    run(text, tmp_path_factory.mktemp("script"))


HOSTILE = """
format: 1
title: "a title \\n import os \\u2028 ''' \\x1b[2J"
inputs: {np: [1.0, 2.0], torch: 2.0, jnp: 3.0, close: 0.5, dtype: [0.25, -0.75]}
program: |
  def f(z):
    h = z * torch
    return h
  x = np
  for t in range(2):
    x = f(x) + jnp * dtype
  n9 = where(x > 1, x, -x) ** 2 * close
"""
"""Names that a script has for itself, names with versions and of functions, and a title."""


@pytest.mark.parametrize("target", TARGETS)
def test_what_an_author_calls_things_breaks_no_script(tmp_path: Path, target: str) -> None:
    """A name that is taken gets another one; a title stays one comment."""
    text = exported(Scenario(loads(HOSTILE)), target)
    assert text.startswith("# a title")
    run(text, tmp_path)


PLACED = """
format: 1
title: two ops that nobody writes in a line
inputs: {x: [1.0, 2.0], A: [[2.0, 1.0], [1.0, 2.0]]}
program: |
  y = x * 2
  z = svdvals(A)
"""


@pytest.mark.parametrize("target", TARGETS)
def test_a_refusal_names_the_op_and_its_line(target: str) -> None:
    """And what stands there."""
    with pytest.raises(TuiBackpropError, match=r"for svdvals .*\(line 2: svdvals\(A\)\)"):
        exported(Scenario(loads(PLACED)), target)


CHOSEN = """
format: 1
title: a point that JAX differentiates otherwise
inputs: {x: [0.0, 1.0]}
program: y = sum(abs(x))
"""


def test_a_point_that_a_target_differentiates_otherwise_is_refused() -> None:
    """The numbers would not be those of the walk; where they are, a script is written."""
    with pytest.raises(TuiBackpropError, match="JAX differentiates abs otherwise"):
        exported(Scenario(loads(CHOSEN)), "jax")
    for target in ("pytorch", "numpy"):
        assert "abs(x)" in exported(Scenario(loads(CHOSEN)), target)


TIED = CHOSEN.replace("abs(x)", "max(x * (1 - x)) + max(maximum(x, 1 - x), axis=0)")


@pytest.mark.parametrize("target", TARGETS)
def test_a_tie_is_split_in_all_three(tmp_path: Path, target: str) -> None:
    """PyTorch's amax splits, unlike its max along an axis, which is not what is written."""
    run(exported(Scenario(loads(TIED)), target), tmp_path)


@pytest.mark.parametrize("target", NEEDS)
def test_a_scenario_that_follows_another_framework_is_refused(target: str) -> None:
    """A script of the framework that it follows is not."""
    scenario = Scenario(loads(CHOSEN + "conventions: tensorflow\n"))
    with pytest.raises(TuiBackpropError, match="differentiates as TensorFlow"):
        exported(scenario, target)


def test_a_script_of_very_many_numbers_is_refused() -> None:
    """And another format named."""
    text = "format: 1\ntitle: many\ninputs: {x: {shape: [400, 300], fill: 1}}\nprogram: y = 2 * x\n"
    with pytest.raises(TuiBackpropError, match="--to csv"):
        exported(Scenario(loads(text)), "numpy")
