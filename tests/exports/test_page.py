"""What a page holds: the walk's own numbers, formulas and places, in few bytes and as data only."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from itertools import chain
from typing import Any

import pytest

import tui_backprop as tb
from tests.exports.support import exported, subject_of
from tui_backprop.api import Scenario
from tui_backprop.errors import TuiBackpropError
from tui_backprop.exports.page import walk as page_walk
from tui_backprop.language.catalogue import language_of
from tui_backprop.render.formulas.symbolic import formula
from tui_backprop.render.text.charset import ASCII
from tui_backprop.render.text.numbers import number, numerals_in
from tui_backprop.scenario.files import shipped
from tui_backprop.scenario.load import loads
from tui_backprop.timeline.frame import Phase

MOST = 120
"""Steps of a pass that are compared."""


def data_of(page: str) -> Any:
    """The object that the scripts are given."""
    found = re.search(r'<script type="application/json" id="walk">(.*?)</script>', page, re.DOTALL)
    assert found
    return json.loads(found[1])


def ascii_number(value: float) -> str:
    """A number as the data has it."""
    return number(value, numerals_in(ASCII))


def texts(edge: Any, column: str) -> list[str]:
    """One quantity of all steps of an edge; what is not written is 0."""
    return edge[column].split() if column in edge else ["0"] * edge.get("l", 1)


@pytest.mark.few(3)
@pytest.mark.parametrize("name", [p.stem for p in shipped()])
def test_each_step_has_the_numbers_of_its_frame(name: str) -> None:
    """Rows, columns, partials, products and sums, and the formula with its entries' names."""
    subject = subject_of(tb.load(name))
    timeline, namer = subject.timeline, subject.view.namer
    data = page_walk.walk_of(subject)
    assert data["length"] == len(timeline)
    edges = chain.from_iterable(iteration["edges"] for iteration in data["iterations"])
    frames = iter(timeline)
    compared = 0
    for frame in frames:
        if frame.phase is not Phase.PARTIAL:
            continue
        edge = next(edges)
        while not edge.get("l", 1):
            edge = next(edges)
        names = formulas_of(data, edge, namer)
        for at in range(edge.get("l", 1)):
            frame = frame if at == 0 else next(frames)  # noqa: PLW2901 - an edge has many steps
            assert frame.partial is not None
            n, a = edge["n"], edge["a"]
            assert frame.edge == (namer.graph.nodes[n].parents[a], n, a)
            p = frame.partial
            found = [texts(edge, column)[at] for column in "jidcs"]
            assert found == [
                str(p.j), str(p.i), *map(ascii_number, (p.value, p.contribution, p.after))
            ]  # fmt: skip
            if compared < MOST:
                written = formula(frame, namer)
                expected = written and (written.function, written.variable, written.partial)
                assert names[at] == expected
            compared += 1
    assert next(edges, None) is None or compared == 0


def formulas_of(data: Any, edge: Any, namer: Any) -> list[Any]:
    """The formulas of an edge's steps, their names put in."""
    count = edge.get("l", 1)
    numbers = [edge["f"]] * count if isinstance(edge["f"], int) else [*map(int, edge["f"].split())]
    flats = iter(map(int, edge["e"].split()) if "e" in edge else iter(lambda: 0, 1))
    node = namer.graph.nodes[edge["n"]]
    found: list[Any] = []
    for at in numbers:
        if at < 0:
            found.append(None)
            continue
        *parts, slots = data["formulas"][at]
        names = []
        for slot in slots:
            flat = next(flats)
            of = node.id if slot == -1 else node.parents[slot] if slot >= 0 else None
            names.append(namer.index(node.shape, flat) if of is None else namer.entry(of, flat))
        put = [re.sub("\x02(\\d+)\x01", lambda x: names[int(x[1])], text) for text in parts]  # noqa: B023 - used at once
        found.append(tuple(put))
    return found


_ADDRESSES = frozenset({"src", "href", "action", "data"})


class _Elements(HTMLParser):
    """Every element that a browser would make, and every address in it."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in _ADDRESSES]


HOSTILE = """
format: 1
title: '</script><img src=x onerror="bad()"> $title ${style} <!-- <script>'
source: '</title></style><script>bad()</script>'
inputs: {x: [1.0, -2.0]}
program: |
  y = where(x > 1, x, -x)  # </script><svg onload=bad()>
notes:
  - at: y
    text: '<b onclick=1>&amp; </script>'
"""


def test_what_an_author_wrote_makes_no_element() -> None:
    """A page of a hostile scenario has the elements of any other, and the texts come back."""
    scenario = Scenario(loads(HOSTILE))
    page, other = exported(scenario, "html"), exported(tb.load("chain"), "html")
    seen, plain = _Elements(), _Elements()
    seen.feed(page)
    plain.feed(other)
    assert seen.tags == plain.tags
    assert seen.addresses == []
    data = data_of(page)
    assert data["title"][0] == scenario.model.title.get("en")
    assert data["notes"][0][0][0] == "<b onclick=1>&amp; </script>"


def test_nothing_is_loaded_and_only_our_script_may_run() -> None:
    """The policy names the script and the style by their digests, and allows nothing else."""
    page = exported(tb.load("fan-out"), "html")
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy
    assert "default-src 'none'" in policy[1]
    for tag in ("script", "style"):
        body = re.search(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        assert body
        digest = base64.b64encode(hashlib.sha256(body[1].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy[1]
    assert not re.search(r"https?://|@import|url\(", page)


def test_both_languages_are_in_one_page() -> None:
    """Titles, notes, labels and sentences; the language of the command is the one shown first."""
    data = data_of(exported(tb.load("vector-double"), "html", "zh"))
    assert [x["code"] for x in data["languages"]][:2] == ["en", "zh"]
    assert data["languages"][data["language"]]["code"] == "zh"
    english, chinese = data["labels"][:2]
    assert english.keys() == chinese.keys()
    assert chinese["program"] == language_of("zh").say("program")
    assert all(re.search("[\u4e00-\u9fff]", note[1][0]) for note in data["notes"])
    assert any("偏导数" in text for text in data["templates"][1])


LONG = """
format: 1
inputs:
  W: {shape: [COUNT, 12], random: normal, seed: 1}
  b: {shape: [COUNT], fill: 0.1}
constants:
  X: {shape: [8, 12], random: normal, seed: 3}
program: |
  h = tanh(X @ W.T + b)
  E = sum(h ** 2)
"""


MANY = """
format: 1
inputs: {a: 0.5, b: -0.3}
program: |
  h = a
  for t in range(COUNT):
    h = tanh(a * h + b * sin(h)) + 0.01 * h * t
"""


@pytest.mark.few(0)
@pytest.mark.parametrize(
    ("text", "count", "steps"),
    [
        (LONG, 8, 1_000),
        (MANY, 50, 1_000),
        pytest.param(LONG, 70, 10_000, marks=pytest.mark.exhaustive),
        pytest.param(MANY, 460, 10_000, marks=pytest.mark.exhaustive),
    ],
)
def test_a_long_walk_is_a_short_page(text: str, count: int, steps: int) -> None:
    """Below 220 bytes for a step, whether arrays are large or many: 10⁴ are far below 3 MB."""
    scenario = Scenario(loads(text.replace("COUNT", str(count))))
    page = exported(scenario, "html")
    assert data_of(page)["length"] > steps
    empty = exported(Scenario(loads("format: 1\ninputs: {x: 1}\nprogram: y = x\n")), "html")
    assert len(page.encode()) - len(empty.encode()) < 220 * data_of(page)["length"]


def test_a_walk_that_no_browser_could_hold_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before any step is looked at, with what to do."""
    monkeypatch.setattr(page_walk, "_MOST_STEPS", 10)
    with pytest.raises(TuiBackpropError, match="at most 10 steps"):
        exported(tb.load("fan-out"), "html")


def test_arrays_without_entries_and_walks_without_passes() -> None:
    """Nothing is assumed to be there."""
    text = "format: 1\ninputs: {x: {shape: [0, 3], fill: 0}}\nprogram: |\n  y = sum(x)\n"
    assert data_of(exported(Scenario(loads(text)), "html"))["length"] > 0
