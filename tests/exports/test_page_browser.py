"""The page in a real browser: what it shows at every step is what the walk has there."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import tui_backprop as tb
from tests import devtools
from tests.attach.tapes import recorded
from tests.exports import chromium
from tests.exports.support import exported
from tests.marks import few_of
from tui_backprop.api import Scenario, scenario_of
from tui_backprop.language.catalogue import language_of
from tui_backprop.render.panes.equation import equations
from tui_backprop.render.panes.note import notes_at
from tui_backprop.render.panes.step_sentences import sentences
from tui_backprop.render.panes.vectors import summand_texts
from tui_backprop.render.speech.sentences import Sentences
from tui_backprop.render.text.charset import UNICODE
from tui_backprop.render.text.numbers import DEFAULT, number
from tui_backprop.render.view import printed_view
from tui_backprop.scenario.files import shipped
from tui_backprop.scenario.load import loads
from tui_backprop.timeline.frame import Phase
from tui_backprop.timeline.timeline import Timeline

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.exports.chromium import Page
    from tui_backprop.graph.model import Node
    from tui_backprop.render.view import View

pytestmark = pytest.mark.skipif(devtools.found() is None, reason="no Chromium is installed")

NAMES = [path.stem for path in shipped()]
FEW = [
    ("vector-double", "zh"), ("vector-double-ones", "en"), ("mazur-network", "zh"),
    ("softmax-cross-entropy", "en"), ("where-sqrt", "en"), ("karpathy-neuron", "zh"),
    ("forward-mode", "en"),
]  # fmt: skip
MOST = 180
"""Steps of a walk that are compared; of more at once the browser would complain."""

AT_ONCE = "window.setTimeout = (f) => { f(); return 0; };"
"""What the page says late, it says at once."""

STEPS = """
(() => {
  const texts = (at) => [...document.querySelectorAll(at)].map((e) => e.textContent);
  const rows = (at, cells = "th, td") => [...document.querySelectorAll(`${at} tr`)].map(
    (row) => [...row.querySelectorAll(cells)].map((cell) => cell.textContent));
  const found = [];
  for (let k = 0; k < COUNT; k++) {
    found.push({
      count: texts("#count")[0],
      equations: [...document.querySelectorAll("#equations p")].map(
        (p) => [...p.children].map((piece) => piece.textContent)),
      sentences: texts("#sentences p"), heard: texts("#live")[0],
      notes: texts("#note-text p:not(.aside)"),
      jacobian: rows("#jacobian-cells"), here: texts("#jacobian-cells td[aria-current]"),
      vector: rows("#vector-cells"), gradient: rows("#gradient-cells", "th, span"),
    });
    document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "s", bubbles: true }));
  }
  return found;
})()
"""


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    """A browser with a page that waits for nothing."""
    with chromium.browser() as found:
        found.call("Page.addScriptToEvaluateOnNewDocument", source=AT_ONCE)
        found.look(1920, 1080)
        yield found


def opened(page: Page, scenario: Scenario, folder: Path, language: str = "en") -> None:
    """A scenario in the browser, at its first step."""
    path = folder / "walk.html"
    path.write_text(exported(scenario, "html", language), encoding="utf-8")
    page.problems.clear()
    page.open(path)


@pytest.mark.few(2, 20)
@pytest.mark.parametrize(("name", "language"), few_of(FEW, NAMES, ["en", "zh"]))
def test_every_step_shows_what_the_panes_show(
    page: Page, tmp_path: Path, name: str, language: str
) -> None:
    """Formulas, sentences in both languages, what is spoken, J, v and the sums."""
    assert_shown(page, tb.load(name), tmp_path, language)


FORWARD = {
    "two inputs that move and one that does not": """
inputs: {x: [1.0, -2.0], w: [[0.5, 1.0], [2.0, 0.0], [1.0, 1.0]], b: 3.0}
tangent: {x: [1.0, 0.5], w: [[0, 1], [0, 0], [1, 0]]}
program: |
  h = tanh(w @ x) + b
  y = sum(h * h)
""",
    "zeros are visited": """
inputs: {x: [1.0, -2.0, 0.0], y: 2.0}
view: {zeros: show}
tangent: {x: [1.0, 0.5, 2.0], y: 1.0}
program: |
  z = relu(x) * y + x
  s = cumsum(z)
  q = s[1:] * y
""",
    "the program has a t, entries count from 0": """
inputs: {t: [1.0, 2.0]}
view: {subscripts: 0}
program: |
  h = softmax(t)
  y = h @ t
""",
    "infinities and what nothing depends on": """
inputs: {x: [0.0, 1.0], y: 1.0}
tangent: {x: [1.0, 1.0], y: 2.0}
program: |
  h = log(x)
  z = h * x
""",
}


@pytest.mark.few(1, 4)
@pytest.mark.parametrize("name", FORWARD)
def test_a_forward_walk_shows_what_the_panes_show(page: Page, tmp_path: Path, name: str) -> None:
    """Rows of J one after the other, tangents in place of gradients, several seeds."""
    scenario = Scenario(loads(f"format: 1\nmode: forward\n{FORWARD[name]}"))
    assert_shown(page, scenario, tmp_path, "en")


def assert_shown(page: Page, scenario: Scenario, tmp_path: Path, language: str) -> None:
    """Open a page and compare every step."""
    opened(page, scenario, tmp_path, language)
    timeline = scenario.trace().walked(zeros=scenario.model.view.zeros == "show")
    count = min(len(timeline), MOST)
    shown = page.value(STEPS.replace("COUNT", str(count)))
    assert page.problems == []
    namer = printed_view(scenario.model, timeline[0], language, UNICODE, symbolic=True).namer
    heard = Sentences(namer, language_of(language))
    for frame, found in zip(timeline[:count], shown, strict=True):
        view = printed_view(scenario.model, frame, language, UNICODE, symbolic=True)
        assert str(frame.k) in found["count"]
        assert_formulas(view, found["equations"])
        assert found["sentences"] == list(sentences(view))
        assert heard.event(frame) in found["heard"]
        assert len(found["notes"]) == len(notes_at(frame, scenario.model.notes))
        if frame.edge is not None:
            assert_jacobian(view, found)
            assert_vector(view, found["vector"])
        if frame.phase is not Phase.BUILD:
            assert_gradient(view, found["gradient"])


def assert_formulas(view: View, lines: list[list[str]]) -> None:
    """The lines of the step pane; the first has its numbers put in, as one more piece."""
    expected = list(equations(view))
    joined = [" ".join(pieces) for pieces in lines]
    if lines and joined[0] != expected[0]:
        first = lines[0]
        joined[0] = " ".join(first[:-2] + first[-1:])
    assert joined == expected


def assert_jacobian(view: View, found: Any) -> None:
    """Every cell that is shown, by the names of its row and column."""
    frame, namer = view.frame, view.namer
    assert frame.edge is not None
    assert frame.J is not None
    m, n = frame.J.shape
    head, *rows = found["jacobian"]
    columns = {namer.entry(frame.edge.parent, i): i for i in range(n)}
    names = {namer.entry(frame.edge.node, j): j for j in range(m)}
    compared = 0
    for name, *cells in rows:
        if name == "⋮":
            continue
        for column, cell in zip(head[1:], cells, strict=True):
            if column == "…":
                continue
            j, i = names[name], columns[column]
            is_known = bool(frame.is_visited(np.asarray(j), np.asarray(i)))
            block = frame.J.block(np.array([j]), np.array([i]))
            assert cell == (number(block.item()) if is_known else "·"), (frame.k, name, column)
            compared += 1
    assert compared
    assert frame.partial is not None
    assert found["here"] == [number(frame.partial.value)]


def assert_vector(view: View, rows: list[list[str]]) -> None:
    """Every entry of v that is shown."""
    frame = view.frame
    assert frame.v is not None
    values = {view.namer.cotangent(frame.source, at): number(x)
              for at, x in enumerate(frame.v.ravel().tolist())}  # fmt: skip
    shown = {name: text for name, *rest in rows if name != "⋮" for text in rest[-1:]}
    assert shown.items() <= values.items()
    assert view.namer.cotangent(frame.source, frame.taken) in shown


def assert_gradient(view: View, rows: list[list[str]]) -> None:
    """Every entry of the adjoint that is shown, with its sum."""
    frame = view.frame
    inputs = frame.timeline.trace.graph.inputs.values()
    is_own = frame.phase in {Phase.SEED, Phase.UPDATE}
    node = frame.node.id if is_own else next(iter(inputs))
    node = frame.target if frame.edge else node
    adjoint = frame.adjoint(node)
    names = {view.namer.gradient(node, i): i for i in range(adjoint.size)}
    for name, *cells in rows:
        if name == "⋮":
            continue
        written, _, total, _ = cells
        value = adjoint.entry(names[name])
        assert total == ("·" if value is None else number(value)), (frame.k, name)
        terms = frame.terms(node, names[name], 100)
        texts = summand_texts(terms, DEFAULT) if value is not None else []
        if len(texts) <= 8:
            assert " ".join(written.split()).replace("− ", "+ −") == " + ".join(texts), (
                frame.k,
                name,
            )


def test_keys_walk(page: Page, tmp_path: Path) -> None:
    """Real keys: steps, edges, ends, both languages, both looks, help."""
    opened(page, tb.load("fan-out"), tmp_path)
    timeline = Timeline(tb.load("fan-out").trace())

    def now() -> int:
        return int(page.value("Number(document.getElementById('scrub').value)"))

    page.press("ArrowRight", "s", "ArrowLeft")
    assert now() == 1
    page.press("End")
    assert now() == len(timeline) - 1
    page.press("Home", "S")
    assert now() == 0
    seen = []
    for _ in range(30):
        page.press("n")
        seen.append(now())
    assert sorted(set(seen)) == boundaries(timeline)
    back = []
    for _ in range(30):
        page.press("N")
        back.append(now())
    assert sorted(set(back) | {len(timeline) - 1}) == [0, *boundaries(timeline)]
    page.press("l")
    assert page.value("document.documentElement.lang") == "zh"
    assert page.text("step-name") == language_of("zh").say_in("a pane", "step")
    page.press("l", "d")
    assert page.value("document.documentElement.dataset.look") == "dark"
    page.press("?")
    assert page.value("document.getElementById('keys').open") is True
    page.press("Escape")
    assert page.value("document.getElementById('keys').open") is False
    assert page.problems == []


def test_keys_walk_forward(page: Page, tmp_path: Path) -> None:
    """Edges end where the debugger has them, and paper tells the tangents."""
    scenario = Scenario(loads(f"format: 1\nmode: forward\n{FORWARD[next(iter(FORWARD))]}"))
    opened(page, scenario, tmp_path)
    timeline = scenario.trace().walked(zeros=False)
    wanted, seen = boundaries(timeline), []
    for _ in wanted:
        page.press("n")
        seen.append(int(page.value("Number(document.getElementById('scrub').value)")))
    assert seen == wanted
    assert page.text("phase") == "forward"
    page.value("dispatchEvent(new Event('beforeprint')); null")
    found = page.text("printed")
    assert "tangents" in found
    assert "y.tangent = " in found
    assert page.problems == []


def test_a_training_walks_through_its_iterations(page: Page, tmp_path: Path) -> None:
    """Which one it is, what is updated so far, the losses; a row of the tape stays in it."""
    scenario = tb.load("adam-valley")
    opened(page, scenario, tmp_path)
    timeline = scenario.trace().walked(zeros=False)
    assert timeline.iterations is not None
    page.press("End", "ArrowLeft")
    frame = timeline[timeline.length - 2]
    assert page.text("phase") == "update · iteration 8 of 8"
    cells = "[...document.querySelectorAll('#jacobian-cells td')].map((e) => e.textContent)"
    losses = page.value(cells)
    assert losses[-1] == number(timeline.iterations.loss(7))
    value = frame.value(0)
    assert value is not None
    first = page.value("document.querySelector('#tape-rows tr').textContent")
    assert " ".join(map(number, value)) in " ".join(first.split())
    assert "grad" in first
    page.value("document.querySelectorAll('#tape-rows tr')[1].click()")
    assert page.value("Number(document.getElementById('scrub').value)") == frame.timeline.built(1)
    assert page.text("phase") == "build · iteration 8 of 8"
    assert page.problems == []


def boundaries(timeline: Timeline) -> list[int]:
    """Where `next` stops, from the first step on."""
    from tui_backprop.timeline.landmarks import next_boundary

    found = []
    k = 0
    while k < len(timeline) - 1:
        k = next_boundary(timeline, k)
        found.append(k)
    return found


def test_a_finger_and_the_slider_walk(page: Page, tmp_path: Path) -> None:
    """A swipe to the left is a step forward; the range input goes anywhere."""
    opened(page, tb.load("chain"), tmp_path)
    page.look(390, 844, touch=True)

    def swipe(start: int, end: int) -> None:
        moves = {"touchStart": [start], "touchMove": [end], "touchEnd": []}
        for move, places in moves.items():
            points = [{"x": x, "y": 120} for x in places]
            page.call("Input.dispatchTouchEvent", type=move, touchPoints=points)

    for start, end, step in ((300, 100, 1), (300, 100, 2), (100, 300, 1)):
        swipe(start, end)
        until = time.monotonic() + devtools.PATIENCE
        while not page.text("count").startswith(f"step {step} "):  # fingers are heard of later
            assert time.monotonic() < until
    set_to = "const s = document.getElementById('scrub'); s.value = 5;"
    page.value(f"{set_to} s.dispatchEvent(new Event('input')); null")
    assert page.text("count").startswith("step 5")
    page.look(1920, 1080)


HOSTILE = """
format: 1
title: '</script><img src=x onerror="window.bad = 1"> {y} $title <!-- <script>'
source: '</title></style><script>window.bad = 1</script>'
inputs: {x: [1.0, -2.0]}
program: |
  y = where(x > 1, x, -x)  # </script><svg onload=window.bad=1>
notes:
  - at: y
    text: '<b onclick=1>&amp; </script>'
"""


def test_what_an_author_wrote_stays_text(page: Page, tmp_path: Path) -> None:
    """Nothing of a scenario becomes an element, a field or a script."""
    scenario = Scenario(loads(HOSTILE))
    opened(page, scenario, tmp_path)
    assert page.text("title") == scenario.model.title.get("en")
    assert page.value("document.title") == scenario.model.title.get("en")
    page.press("s", "s", "s", "s", "s")
    assert page.value("typeof window.bad") == "undefined"
    assert page.value("document.querySelectorAll('img, svg, b:not(#printed b)').length") == 0
    assert page.value("document.scripts.length") == 2
    assert page.problems == []


@pytest.mark.parametrize("name", ["fan-out", "matvec"])
def test_what_nobody_recorded_is_said_and_never_made_up(
    page: Page, tmp_path: Path, name: str
) -> None:
    """A recorded walk without values: the step says why, and the sums are known where they are."""
    trace = recorded(tb.load(name).trace(), _never, refuses=True)
    scenario = scenario_of(trace, name)
    opened(page, scenario, tmp_path)
    timeline = trace.timeline
    shown = page.value(STEPS.replace("COUNT", str(len(timeline))))
    assert page.problems == []
    unknown = 0
    for frame, found in zip(timeline, shown, strict=True):
        view = printed_view(scenario.model, frame, "en", UNICODE, symbolic=True)
        assert found["sentences"] == list(sentences(view))
        assert_formulas(view, found["equations"])
        unknown += found["here"] == ["?"]
        if frame.edge is not None:
            adjoint = frame.adjoint(frame.edge.parent)
            totals = [cells[3] for cells in found["gradient"] if len(cells) > 3]
            expected = [adjoint.entry(i) for i in range(adjoint.size)]
            assert totals == ["·" if x is None else number(x) for x in expected]
    assert unknown


def _never(_node: Node) -> bool:
    return False
