"""What is written of an update: on the screen, in ASCII, in LaTeX, in JSON and in words."""

from __future__ import annotations

import json

import pytest

import tui_backprop as tb
from tui_backprop.cli.trace import FORMATS
from tui_backprop.render.export.json import trace_json
from tui_backprop.render.export.text import trace_text
from tui_backprop.render.formulas.latex_names import LatexNamer
from tui_backprop.render.formulas.updates import latex_update
from tui_backprop.render.panes.equation import equation_content
from tui_backprop.render.panes.loss import loss_content
from tui_backprop.render.panes.step_sentences import sentences
from tui_backprop.render.speech.transcript import plain_transcript
from tui_backprop.render.text.charset import ASCII, UNICODE, Charset
from tui_backprop.render.text.spans import plain, width
from tui_backprop.render.text.updates import update_formulas
from tui_backprop.render.view import View, printed_view
from tui_backprop.scenario.load import loads
from tui_backprop.timeline.frame import Phase

ONE = """\
format: 1
inputs: {w: [[3, 4]]}
program: |
  y = sum(w ** 2)
update: {OPTIONS}
"""


def view(options: str, k: int = -1, charset: Charset = UNICODE, text: str = ONE) -> View:
    """A step of a walk with nothing but one input to train."""
    model = loads(text.replace("OPTIONS", options))
    timeline = tb.Scenario(model).trace().timeline
    return printed_view(model, timeline[k], "en", charset, symbolic=False)


def test_gradient_descent() -> None:
    """What is subtracted, and what the entry is then."""
    assert update_formulas(view("rule: sgd, lr: 0.25")) == (
        "Δ = lr·w.grad₁₂ = 0.25·8 = 2",
        "w₁₂ ← w₁₂ − Δ = 4 − 2 = 2",
    )
    assert update_formulas(view("rule: sgd, lr: 0.25, weight_decay: 0.5", -2, ASCII)) == (
        "g = w.grad(1,1) + weight_decay*w(1,1) = 6 + 0.5*3 = 7.5",
        "D = lr*g = 0.25*7.5 = 1.875",
        "w(1,1) <- w(1,1) - D = 3 - 1.875 = 1.125",
    )
    assert sentences(view("rule: sgd, lr: 0.25")) == (
        "w₁₂ was 4; 2 is subtracted, and it is 2 from here on.",
    )


def test_momentum() -> None:
    """The first buffer is the gradient; later ones read what the buffer was."""
    options = "rule: sgd, lr: 0.25, momentum: 0.5, dampening: 0.5, steps: 2"
    first = view(options).frame.timeline.at(0).steps.stop - 1
    assert update_formulas(view(options, first)) == (
        "b ← w.grad₁₂ = 8",
        "Δ = lr·b = 0.25·8 = 2",
        "w₁₂ ← w₁₂ − Δ = 4 − 2 = 2",
    )
    assert update_formulas(view(options)) == (
        "b ← momentum·b + (1 − dampening)·w.grad₁₂ = 0.5·8 + (1 − 0.5)·4 = 6",
        "Δ = lr·b = 0.25·6 = 1.5",
        "w₁₂ ← w₁₂ − Δ = 2 − 1.5 = 0.5",
    )
    nesterov = "rule: momentum, lr: 0.5, momentum: 0.5, nesterov: true"
    assert update_formulas(view(nesterov))[1] == (
        "Δ = lr·(w.grad₁₂ + momentum·b) = 0.5·(8 + 0.5·8) = 6"
    )


def test_adam() -> None:
    """Each of its lines, and what the letters mean; rounded digits are said to be such."""
    found = update_formulas(view("rule: adam, lr: 0.5, betas: [0.5, 0.75], eps: 0"))
    assert found == (
        "m ← β₁·m + (1 − β₁)·w.grad₁₂ = 0.5·0 + (1 − 0.5)·8 = 4",
        "s ← β₂·s + (1 − β₂)·w.grad₁₂² = 0.75·0 + (1 − 0.75)·8² = 16",
        "m′ = m / (1 − β₁^t) = 4 / (1 − 0.5^1) = 8",
        "s′ = s / (1 − β₂^t) = 16 / (1 − 0.75^1) = 64",
        "Δ = lr·m′ / (√s′ + ε) = 0.5·8 / (√64 + 0) = 0.5",
        "w₁₂ ← w₁₂ − Δ = 4 − 0.5 = 3.5",
    )
    assert "running means" in sentences(view("rule: adam"))[1]
    assert "≈" in update_formulas(view("rule: adam, lr: 0.3"))[-2]


def test_a_letter_of_the_program_is_not_another_thing() -> None:
    """Where it has a b of its own, the buffer goes by PyTorch's word."""
    text = ONE.replace("w", "b")
    text = text.replace("inputs: {b", "inputs: {b")
    found = update_formulas(view("rule: momentum, lr: 0.5", text=text))
    assert found[0] == "momentum_buffer ← b.grad₁₂ = 8"
    assert found[1] == "Δ = lr·momentum_buffer = 0.5·8 = 4"


@pytest.mark.parametrize("options", ["rule: sgd, momentum: 0.9, steps: 2", "rule: adam, steps: 2"])
def test_latex(options: str) -> None:
    """The same lines; braces match, and no sign of a terminal is left."""
    seen = view(options)
    found = [*latex_update(seen.frame, LatexNamer(seen.namer))]
    assert len(found) == len(update_formulas(seen))
    for line in found:
        assert line.isascii(), line
        assert line.count("{") == line.count("}")
    assert found[-1].startswith(r"w_{12} \gets w_{12} - \Delta = ")


def test_json() -> None:
    """A step for each update, the iteration of each step, and what came of it all."""
    seen = view("rule: momentum, lr: 0.25, momentum: 0.5, steps: 2", 0)
    told = json.loads("".join(trace_json(seen)))
    assert [s["k"] for s in told["steps"]] == list(range(seen.frame.length))
    assert {s["iteration"] for s in told["steps"]} == {0, 1}
    updates = [s for s in told["steps"] if s["phase"] == "update"]
    assert updates[1] == {
        "iteration": 0, "k": updates[1]["k"], "phase": "update", "node": 0, "i": [0, 1],
        "before": 4.0, "grad": 8.0, "subtracted": 2.0, "after": 2.0, "kept": {"b": 8.0},
    }  # fmt: skip
    assert told["training"]["rule"] == "momentum"
    assert told["training"]["loss"] == [25.0, 6.25]
    assert told["training"]["updated"] == {"w": [[updates[2]["after"], updates[3]["after"]]]}
    edges = json.loads("".join(trace_json(seen, "", "node")))
    whole = next(s for s in edges["steps"] if s["phase"] == "update")
    assert (whole["before"], whole["after"]) == ([[3.0, 4.0]], [[1.5, 2.0]])
    assert (whole["k"] - whole["from"], whole["kept"]) == (1, {"b": [[6.0, 8.0]]})


@pytest.mark.parametrize("level", ["partial", "node"])
@pytest.mark.parametrize("name", FORMATS)
def test_every_format_tells_all_iterations(name: str, level: str) -> None:
    """Each says the last numbers."""
    seen = view("rule: sgd, lr: 0.25, steps: 3", 0)
    text = "".join(FORMATS[name].writer()(seen, "", level))  # type: ignore[arg-type]  # one of two
    assert "0.375" in text
    assert "0.5" in text


def test_words_and_text_have_headings() -> None:
    """Which iteration begins, and the loss of each."""
    seen = view("rule: sgd, lr: 0.25, steps: 2", 0)
    lines = [*trace_text(seen)]
    assert [line for line in lines if line.startswith("iteration")] == [
        "iteration 1 of 2", "iteration 2 of 2",
    ]  # fmt: skip
    assert lines.count("update") == lines.count("build") == 2
    assert lines[-2:] == ["  1  25", "  2  6.25"]
    spoken = [*plain_transcript(seen)]
    assert sum(line.startswith("Iteration") for line in spoken) == 2
    assert "w row 1 column 2 was 4, its gradient is 8: 2 is subtracted, and it is now 2." in spoken
    assert spoken[-1] == "The loss of iteration 2 is 6.25."


@pytest.mark.parametrize("charset", [UNICODE, ASCII])
@pytest.mark.parametrize(("cells", "height"), [(76, 8), (30, 3), (10, 2)])
@pytest.mark.parametrize("lr", ["0.25", "0.0001", "1.0", "3.0", "1e300"])
def test_the_curve_fits_its_pane(lr: str, charset: Charset, cells: int, height: int) -> None:
    """Whatever the losses are: falling by decades, alike, growing, not finite."""
    seen = view(f"rule: sgd, lr: {lr}, steps: 30", charset=charset)
    content = loss_content(seen, cells, height)
    lines = [plain(content.line(y, 0, cells)) for y in range(content.size[1])]
    assert len(lines) == height
    assert all(width(line) <= cells for line in lines)
    assert "iteration 30" in lines[-1] or cells < 20
    if charset.is_ascii:
        assert "".join(lines).isascii()


def test_the_curve_is_as_long_as_the_walk_has_come() -> None:
    """While an iteration is built its loss is not known; a click goes to an iteration."""
    seen = view("rule: sgd, lr: 0.1, steps: 9", 0)
    timeline = seen.frame.timeline
    assert "comes with" in plain(loss_content(seen, 70, 8).line(0, 0, 70))
    assert timeline.iterations is not None
    for number in (1, 5, 8):
        k = timeline.iterations.start(number)
        built, updated = (
            loss_content(view("rule: sgd, lr: 0.1, steps: 9", at), 70, 8)
            for at in (k, timeline.at(k).steps.stop - 1)
        )
        assert f"iteration {number}:" in plain(built.line(7, 0, 70))
        assert f"iteration {number + 1}:" in plain(updated.line(7, 0, 70))
        steps = [updated.step_at(x, 0) for x in range(70)]
        starts = [timeline.iterations.start(n) for n in range(number + 1)]
        assert [k for k in dict.fromkeys(steps) if k is not None] == starts


def test_what_an_update_comes_to_is_in_sight() -> None:
    """Where its lines are more than the pane has rows, the last one comes first."""
    seen = view("rule: adam, lr: 0.3, weight_decay: 0.1")
    assert seen.frame.phase is Phase.UPDATE
    first = plain(equation_content(seen, 70, 4).line(0, 0, 70))
    assert first.startswith("w₁₂ ← w₁₂ − Δ")
    assert plain(equation_content(seen, 70, 12).line(0, 0, 70)).startswith("g = ")


def test_a_loss_that_is_alone_is_written_once() -> None:
    """At the end of the first iteration the highest loss is the lowest."""
    first = view("rule: sgd, lr: 0.1, steps: 9", 0).frame.timeline.steps.stop - 1
    content = loss_content(view("rule: sgd, lr: 0.1, steps: 9", first), 70, 8)
    numbers = [plain(content.line(y, 0, 70)).split()[:1] for y in range(7)]
    assert numbers.count(["25"]) == 1
