"""Graphs for Graphviz and Mermaid: every node and operand, and nothing that a name can break."""

from __future__ import annotations

import re

import pytest

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


def test_boxes_have_the_numbers_of_the_step() -> None:
    """The value of each node and what it received; of a number in the program itself alone."""
    text = exported(tb.load("chain"), "dot")
    assert 'n0 [label="x\\l1.5\\lx.grad = −4.10312\\l"' in text
    assert 'n1 [label="2\\l"' in text
    assert 'n3 [label="s = sin(u)\\l0.778073\\ls.grad = 2.17727\\l"]' in text
