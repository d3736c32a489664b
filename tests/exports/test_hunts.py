"""Handouts of a walk in which a bug is planted: they teach what is right, and say what they are."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

import tui_backprop as tb
from tests.exports.support import exported
from tests.exports.test_scripts import TARGETS, run
from tests.exports.test_worksheet import answers_of
from tui_backprop.api import Scenario
from tui_backprop.scenario.files import hunts
from tui_backprop.scenario.load import loads

if TYPE_CHECKING:
    from pathlib import Path

BODY = """
format: 1
title: {en: "Find the slip", zh: "找出错误"}
inputs: {w: [0.5, -1], b: 0.3}
constants: {x: [1, 2]}
program: |
  z = w @ x + b
  h = tanh(z)
  loss = (h - 1) ** 2
backward: {of: loss}
"""
PLANTED = f"{BODY}plant: {{at: h, bug: missing-square}}\n"
TRAINED = f"{PLANTED}update: {{rule: sgd, lr: 0.5, steps: 3}}\n"
EACH = pytest.mark.parametrize("name", [path.stem for path in hunts()])


@pytest.mark.parametrize("target", TARGETS)
@EACH
def test_a_script_asserts_the_right_gradients(tmp_path: Path, target: str, name: str) -> None:
    """And says in its head that the walk has others."""
    text = exported(tb.load(name), target)
    assert "A bug is planted in the walk" in text.partition("import")[0]
    run(text, tmp_path)


@pytest.mark.parametrize("target", TARGETS)
def test_a_training_with_a_bug_is_repeated_without_it(tmp_path: Path, target: str) -> None:
    """Its last iteration too: the weights are those of the right gradients."""
    text = exported(Scenario(loads(TRAINED)), target)
    run(text, tmp_path)
    right = exported(Scenario(loads(TRAINED.replace(PLANTED, BODY))), target)
    asserted = [re.findall(r"^close.*", found, re.MULTILINE) for found in (text, right)]
    assert asserted[0] == asserted[1]


@EACH
def test_a_sheet_of_a_hunt_says_so_and_not_where(name: str) -> None:
    """Its blanks are those of the right walk; the key names the plant."""
    scenario = tb.load(name)
    planted = scenario.model.planted
    assert planted is not None
    told = f"Planted in the walk: {planted.plant.bug} at "
    sheet, key = exported(scenario, "worksheet"), answers_of(scenario)
    assert "A bug is planted in the walk" in sheet.partition("## ")[0]
    assert told in key.partition("## ")[0]
    assert told not in sheet
    assert planted.plant.bug not in sheet


def test_the_key_of_a_hunt_is_that_of_the_right_walk() -> None:
    """Number by number: whoever computes what is right is right."""
    hunt, right = (answers_of(Scenario(loads(text))) for text in (PLANTED, BODY))
    parts = [text.partition("## ")[2] for text in (hunt, right)]
    assert parts[0] == parts[1]
    assert exported(Scenario(loads(BODY)), "worksheet").count("planted") == 0


def test_a_page_of_a_hunt_says_so_in_its_title() -> None:
    """In both languages; the walk on it is the one with the bug, as in the terminal."""
    text = exported(Scenario(loads(PLANTED)), "html")
    found = re.search(r'id="walk">(.*?)</script>', text)
    assert found is not None
    english, chinese = json.loads(found[1])["title"]
    assert english == "Find the slip (a hunt: a bug is planted in the backward pass)"
    assert chinese.startswith("找出错误")
    assert chinese != "找出错误"
    assert "<title>Find the slip (a hunt" in text


@pytest.mark.parametrize("form", ["dot", "mermaid"])
def test_a_graph_of_a_hunt_says_so_in_its_title(form: str) -> None:
    """Beside gradients that are wrong."""
    assert "(a hunt: a bug is planted" in exported(Scenario(loads(PLANTED)), form)
    assert "a hunt" not in exported(Scenario(loads(BODY)), form)
