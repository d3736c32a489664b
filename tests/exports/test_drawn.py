"""Graphs for Graphviz and Mermaid: every node and operand, and nothing that a name can break."""

from __future__ import annotations

import re
import shutil
import subprocess
from html import unescape

import pytest
import yaml

import tui_backprop as tb
from tests.exports.support import exported
from tui_backprop.api import Scenario
from tui_backprop.scenario.files import shipped
from tui_backprop.scenario.load import loads

ARROW = {
    "dot": r"^  n(\d+) -> n(\d+)( \[label=\"\d+×\"\])?$",
    "mermaid": r"^  n(\d+) .*--> n(\d+)$",
}
BOX = {"dot": r"^  n(\d+) \[label=", "mermaid": r"^  n(\d+)[(\[]\""}


@pytest.mark.parametrize("form", ARROW)
@pytest.mark.parametrize("name", [path.stem for path in shipped()])
def test_each_node_is_a_box_and_each_operand_an_arrow(form: str, name: str) -> None:
    """An operand that is read twice is one arrow that says so."""
    scenario = tb.load(name)
    nodes = scenario.model.graph.nodes
    text = exported(scenario, form)
    boxes = [int(n) for n in re.findall(BOX[form], text, re.MULTILINE)]
    arrows = re.findall(ARROW[form], text, re.MULTILINE)
    assert boxes == [node.id for node in nodes]
    assert [(int(a[0]), int(a[1])) for a in arrows] == [
        (parent, node.id) for node in nodes for parent in dict.fromkeys(node.parents)
    ]


HOSTILE = """
format: 1
title: 'a "title" \\ ]]> </script> %% {end} '
inputs: {x: [1.0, 2.0]}
program: |
  y = where(x > 1, x, -x)
"""


@pytest.mark.parametrize("form", ARROW)
def test_what_an_author_wrote_ends_no_text(form: str) -> None:
    """Quotes and backslashes are escaped, so that every line has an even number of quotes."""
    text = exported(Scenario(loads(HOSTILE)), form)
    for line in text.splitlines():
        assert len(re.findall(r'(?<!\\)(?:\\\\)*"', line)) % 2 == 0, line


@pytest.mark.parametrize(
    "title", [r'a "title" \\ ', "%%{init: x}%% --- end", "x < y > z </script>", "#35; &amp; `a`: b"]
)
def test_mermaid_reads_the_title_as_it_was_written(title: str) -> None:
    """From the head of the text, which is YAML; it would take what looks like a tag out of it."""
    text = HOSTILE.replace(HOSTILE.splitlines()[2], f"title: {title!r}")
    written = exported(Scenario(loads(text)), "mermaid")
    head = written.split("---\n")[1]
    assert written.startswith("---\n")
    shown = Scenario(loads(text)).model.title.get("en").replace("<", "‹").replace(">", "›")
    assert yaml.safe_load(head) == {"title": shown}


@pytest.mark.few(6)
@pytest.mark.skipif(shutil.which("dot") is None, reason="needs Graphviz")
@pytest.mark.parametrize("name", [*(path.stem for path in shipped()), "hostile"])
def test_graphviz_draws_it(name: str) -> None:
    """With a box for each node and an arrow for each operand, and nothing to complain of."""
    scenario = Scenario(loads(HOSTILE)) if name == "hostile" else tb.load(name)
    nodes = scenario.model.graph.nodes
    for language in ("en", "zh"):
        text = exported(scenario, "dot", language)
        drawn = subprocess.run(
            ["dot", "-Tsvg"], input=text.encode(), capture_output=True, check=True, timeout=60
        )
        assert not drawn.stderr
        assert drawn.stdout.count(b'class="node"') == len(nodes)
        edges = sum(len({*node.parents}) for node in nodes)
        assert drawn.stdout.count(b'class="edge"') == edges


@pytest.mark.skipif(shutil.which("dot") is None, reason="needs Graphviz")
def test_graphviz_shows_the_title_as_it_was_written() -> None:
    """Entities of HTML and its own escapes are no more than letters there."""
    title = r"a &lt; b & c \n \N \G &#35;"
    text = HOSTILE.replace(HOSTILE.splitlines()[2], f"title: '{title}'")
    written = exported(Scenario(loads(text)), "dot")
    drawn = subprocess.run(
        ["dot", "-Tsvg"], input=written, capture_output=True, check=True, text=True, timeout=60
    )
    shown = [unescape(found) for found in re.findall(r"<text[^>]*>(.*?)</text>", drawn.stdout)]
    assert title in [line.replace("\N{NO-BREAK SPACE}", " ") for line in shown]


@pytest.mark.parametrize("form", ARROW)
def test_a_graph_of_a_training_says_which_iteration_it_is(form: str) -> None:
    """In its title: the numbers are those of one of several."""
    assert "trained, iteration 3 of 3" in exported(tb.load("mazur-training"), form)
    assert "iteration" not in exported(tb.load("chain"), form)


@pytest.mark.parametrize("form", ARROW)
def test_a_node_without_a_name_says_what_it_computes(form: str) -> None:
    """A box with a number alone is a riddle; a number of the program is one by itself."""
    text = "format: 1\ninputs: {x: 0.5}\nprogram: y = 2 * log(x) + 1\n"
    shown = unescape(re.sub(r"#(\d+);", r"&#\1;", exported(Scenario(loads(text)), form)))
    assert '"#1 = log(x)' in shown
    assert '"#3 = 2 * #1' in shown
    assert '"2' in shown


def test_boxes_have_the_numbers_of_the_step() -> None:
    """The value of each node and what it received; of a number in the program itself alone."""
    text = exported(tb.load("chain"), "dot")
    assert 'n0 [label="x\\l1.5\\lx.grad = −4.10312\\l"' in text
    assert 'n1 [label="2\\l"' in text
    assert 'n3 [label="s = sin(u)\\l0.778073\\ls.grad = 2.17727\\l"]' in text
