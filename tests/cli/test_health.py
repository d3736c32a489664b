"""``health``: a table, a picture, JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.cli.support import run, start

if TYPE_CHECKING:
    from pathlib import Path


def test_a_table_and_what_it_means(capsys: pytest.CaptureFixture[str]) -> None:
    """A row for each node, how many are flagged, and the thresholds."""
    said = run(capsys, "health", "vanishing-sigmoids")
    assert (said.status, said.err) == (0, "")
    lines = said.out.splitlines()
    assert lines[0].startswith("the gradient passes the limit at h@7 = sigmoid(h@6), by and by: ")
    assert lines[3].split()[-1] == "vanishing"
    assert lines[15] == "6 of 11 nodes flagged; |v| = 1 at h@11, backward pass 1"
    assert "below 0.001" in lines[16]


def test_a_picture_below(capsys: pytest.CaptureFixture[str]) -> None:
    """Only where it is asked for, and in ASCII where that is."""
    plain = run(capsys, "health", "vanishing-sigmoids", "--ascii").out
    drawn = run(capsys, "health", "vanishing-sigmoids", "--ascii", "--plot").out
    assert drawn.startswith(plain)
    assert drawn.isascii()
    assert "-> (depth)" in drawn[len(plain) :]


def test_json_says_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    """NaN as a word."""
    found = json.loads(run(capsys, "health", "where-sqrt", "--json").out)
    by_name = {node["name"]: node for node in found["nodes"]}
    assert (by_name["x"]["grad"], by_name["x"]["flags"]) == ("nan", ["nan adjoint"])
    assert found["thresholds"]["vanishing"] == 0.001


@pytest.mark.parametrize(
    "words", [(), ("nothing-like-it",), ("chain", "--json", "--plot"), ("chain", "chain")]
)
def test_bad_usage_is_status_2(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    """Without a traceback, and with nothing printed."""
    said = run(capsys, "health", *words)
    assert (said.status, said.out) == (2, "")
    assert "Traceback" not in said.err


def test_a_plain_pipe_is_enough(tmp_path: Path) -> None:
    """What cannot be encoded is spelled; colours of the environment are not asked for."""
    found = start("health", "chain", "--plot", PYTHONIOENCODING="ascii", FORCE_COLOR="1")
    assert found.returncode == 0
    assert found.stdout.isascii()
    assert b"\x1b" not in found.stdout
