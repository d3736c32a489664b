"""The key ``plant``: read in plain words or encoded, refused where it means nothing."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import pytest

from tui_backprop.errors import ScenarioError
from tui_backprop.graph.planted import Plant
from tui_backprop.rules.planted.kinds import BUGS, TOLD
from tui_backprop.scenario.load import loads
from tui_backprop.scenario.plant import encoded

if TYPE_CHECKING:
    from tui_backprop.scenario.model import Model

TEXT = """\
format: 1
inputs: {x: [0.5, -1]}
program: |
  z = 2 * x
  h = tanh(z)
  y = sum(tanh(h))
"""


def model(plant: str) -> Model:
    """The scenario with a plant."""
    return loads(f"{TEXT}plant: {plant}\n")


def node(name: str) -> int:
    """The id of a value."""
    return loads(TEXT).graph.names[name]


def test_every_use_of_an_op_or_a_value_alone() -> None:
    """Of two tanh both, or the one that is named."""
    both = model("{op: tanh, bug: missing-square}").planted
    one = model("{at: h, bug: missing-square}").planted
    assert both is not None
    assert one is not None
    assert len(both.plant.nodes) == 2
    assert one.plant == Plant("missing-square", frozenset({node("h")}))


def test_encoded_is_the_same() -> None:
    """Base64 of the keys as JSON; blanks in it are nothing."""
    text = encoded(op="tanh", bug="missing-square", at="h")
    for written in (text, f'"{text[:9]} {text[9:]}"'):
        found = model(written).planted
        assert found is not None
        assert found.plant == Plant("missing-square", frozenset({node("h")}))


def test_the_walk_is_planted_and_the_truth_stays() -> None:
    """The graph is wrong; the right one stands beside it, with the same nodes."""
    found = model("{at: h, bug: sign}")
    assert found.planted is not None
    assert found.graph.nodes[node("h")].rule is not found.planted.truth.nodes[node("h")].rule
    assert loads(TEXT).planted is None


@pytest.mark.parametrize(
    ("plant", "message"),
    [
        ("{bug: sign}", "where is it?"),
        ("{op: tanh}", "missing key 'bug'"),
        ("{op: tanh, bug: sing}", "sign"),
        ("{op: tahn, bug: sign}", "cannot be there"),
        ("{at: g, bug: sign}", "unknown name 'g'"),
        ("{at: z, bug: missing-square}", "it can be at h"),
        (
            "{at: h, bug: overwrite}",
            "cannot be there: only at a value that is read more than once",
        ),
        ("{at: h, bug: sign, why: fun}", "unknown key 'why'"),
        ("[sign]", "a mapping"),
        ("no", "this is no plant"),
        ("c2lnbg==", "this is no plant"),
    ],
)
def test_what_is_no_plant_is_a_problem_of_the_file(plant: str, message: str) -> None:
    """With its place, and what there could be."""
    with pytest.raises(ScenarioError) as error:
        model(plant)
    assert message in str(error.value)
    assert ":7:" in str(error.value)


@pytest.mark.parametrize(
    "body",
    [
        {"bug": "sign", "at": 3}, {"bug": ["sign"], "at": "h"}, {"bug": {}}, [], 3, "sign",
        {"bug": "sign", "at": "h", "code": "print()"}, {"bug": "sign", "at": "h", "argument": -1},
        {"bug": "sign", "at": "h", "argument": True}, {"at": "h"},
    ],
)  # fmt: skip
def test_what_is_encoded_is_checked_like_the_rest(body: object) -> None:
    """Whatever JSON it is, and however deep."""
    text = base64.b64encode(json.dumps(body).encode()).decode()
    with pytest.raises(ScenarioError, match="this is no plant"):
        model(text)
    deep = base64.b64encode(b"[" * 700).decode()
    with pytest.raises(ScenarioError, match="this is no plant"):
        model(deep)


def test_every_bug_is_told() -> None:
    """A sentence each, none twice."""
    assert {*TOLD} == {*BUGS}
    assert len({*TOLD.values()}) == len(BUGS) == 10
