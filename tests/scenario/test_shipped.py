"""Every scenario in ``scenarios/`` computes what it promises and speaks two languages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from tests.scenario.test_compose import plain
from tui_backprop.graph.evaluation import Evaluation
from tui_backprop.scenario.compose import SCANNERS, compose
from tui_backprop.scenario.fields import json_schema
from tui_backprop.scenario.files import folder, resolve, shipped
from tui_backprop.scenario.load import load
from tui_backprop.scenario.report import Report

NAMES = (
    "broadcast-bias", "chain", "fan-out", "matvec", "mlp-2-3-1",
    "vector-double", "vector-double-no-v", "vector-double-ones", "vector-double-slip",
)  # fmt: skip
each = pytest.mark.parametrize("path", shipped(), ids=lambda path: path.stem)


def test_all_are_there() -> None:
    """The nine of format 1, by their names."""
    assert {*NAMES} <= {path.stem for path in shipped()}


def test_names_lead_to_files() -> None:
    """A bare name is a shipped scenario; anything else is a path."""
    assert resolve("chain") == folder() / "chain.yaml"
    assert resolve("./chain") == Path("./chain")
    assert resolve("other.yaml") == Path("other.yaml")
    assert resolve("nothing-like-it") == Path("nothing-like-it")
    assert resolve("a" * 5000) == Path("a" * 5000)


@pytest.mark.parametrize("scenario", NAMES)
def test_expectations_hold(scenario: str) -> None:
    """Values and gradients are those that the file states, to nearly all digits."""
    model = load(resolve(scenario))
    found = Evaluation(model.graph, model.leaves, model.passes)
    assert model.expect.values
    assert {*model.expect.grad} == {*model.graph.inputs}
    for name, value in model.expect.values.items():
        np.testing.assert_allclose(found.values[name], value, rtol=1e-14, atol=1e-15)
    for name, value in model.expect.grad.items():
        np.testing.assert_allclose(found.grad[name], value, rtol=1e-14, atol=1e-15)


@each
def test_stated_numbers_are_met(path: Path) -> None:
    """Every file states a gradient; where others printed it, to the digits that they printed."""
    model = load(path)
    expect = model.expect
    found = Evaluation(model.graph, model.leaves, model.passes)
    assert expect.grad
    assert not model.source or expect.values
    for stated, computed in ((expect.values, found.values), (expect.grad, found.grad)):
        for name, value in stated.items():
            np.testing.assert_allclose(
                computed[name], value, rtol=expect.rtol, atol=expect.atol, err_msg=name
            )


def test_mazurs_weights() -> None:
    """A step of 0.5 along the gradients that we state gives every weight that he prints."""
    model = load(resolve("mazur-network"))
    printed = {
        "W1": ([["0.149780716", "0.19956143"], ["0.24975114", "0.29950229"]]),
        "W2": ([["0.35891648", "0.408666186"], ["0.511301270", "0.561370121"]]),
    }
    found = Evaluation(model.graph, model.leaves, model.passes)
    for name, weights in printed.items():
        for grad in (model.expect.grad[name], found.grad[name]):
            stepped = model.leaves[name] - 0.5 * grad
            for text, value in zip(np.ravel(weights).tolist(), stepped.flat, strict=True):
                assert f"{value:.{len(text) - 2}f}" == text


def test_names_are_unique_over_all_folders() -> None:
    """A name alone must say which one is meant."""
    names = [path.stem for path in shipped()]
    assert len(names) == len(set(names))


@each
def test_both_languages(path: Path) -> None:
    """Titles and notes exist in English and Chinese, and differ."""
    model = load(path)
    assert model.notes
    for text in (model.title, *(note.text for note in model.notes)):
        assert {*text.by_language} == {"en", "zh"}
        assert not any("\u4e00" <= c <= "\u9fff" for c in text.get("en"))
        assert any("\u4e00" <= c <= "\u9fff" for c in text.get("zh"))


@each
def test_schema_accepts(path: Path) -> None:
    """Editors see nothing wrong with them."""
    text = path.read_text(encoding="utf-8")
    document: Any = plain(compose(text, Report(path.name, text)))
    Draft202012Validator(json_schema()).validate(document)


@each
def test_scanners_agree(path: Path) -> None:
    """Both of PyYAML's scanners see the same file."""
    text = path.read_text(encoding="utf-8")
    trees = [plain(compose(text, Report(path.name, text), scanner)) for scanner in SCANNERS]
    assert len({repr(tree) for tree in trees}) == 1  # NaN is not equal to itself


def test_the_slip() -> None:
    """The numbers that the notes on the slip state: right 2 and 2, as printed 6 and 12."""
    J = np.diag([2, 2, 2])
    for v, right, printed in (([1, 1, 1], 2, 6), ([1, 2, 3], 2, 12)):
        assert sum(v[j] * J[j, 0] for j in range(3)) == right
        assert sum(v[j] * J[0, 0] for j in range(3)) == printed
    notes = load(resolve("vector-double-slip")).notes
    told = next(n.text for n in notes if n.at == "X.grad[0]")
    assert all(f"= {n}" in told.get(lang) for lang in ("en", "zh") for n in (6, 12))
