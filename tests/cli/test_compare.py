"""``compare``: two scenarios, what is printed, and the exit status."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.cli.support import DOUBLE, run, write

if TYPE_CHECKING:
    from pathlib import Path

OTHER_V = DOUBLE.replace("v: [1, 2, 3]", "v: [1, 2, 4]")


def test_equal_walks_are_status_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A scenario equals itself, whatever its titles and notes are."""
    path = write(tmp_path, DOUBLE.replace("twice", "two times"))
    said = run(capsys, "compare", "vector-double", path)
    assert (said.status, said.err) == (0, "")
    assert said.out == "no event differs: 13 steps\n"


def test_a_difference_is_status_1_and_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The step, what differs, and both numbers under the names that were typed."""
    a, b = write(tmp_path, DOUBLE, "a.yaml"), write(tmp_path, OTHER_V, "b.yaml")
    said = run(capsys, "compare", a, b)
    assert (said.status, said.err) == (1, "")
    assert said.out.splitlines() == [
        "3 steps alike",
        "first difference at step 3: seed v[2]",
        f"  {a}  3.0",
        f"  {b}  4.0",
    ]


def test_a_tolerance_makes_them_equal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Relative to the larger number; it may stand before the scenarios."""
    a, b = write(tmp_path, DOUBLE, "a.yaml"), write(tmp_path, OTHER_V, "b.yaml")
    assert run(capsys, "compare", "--rtol", "0.25", a, b).status == 0
    assert run(capsys, "compare", a, b, "--rtol", "0.2").status == 1


@pytest.mark.parametrize("rtol", ["-1", "nan", "inf", "much"])
def test_what_is_no_tolerance_is_status_2(rtol: str, capsys: pytest.CaptureFixture[str]) -> None:
    """With what was expected."""
    said = run(capsys, "compare", "chain", "chain", f"--rtol={rtol}")
    assert said.status == 2
    assert f"expected a number of at least 0, found '{rtol}'" in said.err


@pytest.mark.parametrize("words", [("chain",), ("chain", "nothing-like-it")])
def test_bad_input_is_status_2(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    """A scenario too few, or one that is none."""
    said = run(capsys, "compare", *words)
    assert (said.status, said.out) == (2, "")
    assert "Traceback" not in said.err


def test_json_says_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Numbers as numbers; NaN and infinities as words; a step that is not there as null."""
    a = write(tmp_path, DOUBLE.replace("v: [1, 2, 3]", "v: [1, 2, .nan]"), "a.yaml")
    said = run(capsys, "compare", "--json", a, "vector-double")
    found = json.loads(said.out)
    assert (said.status, found["verdict"], found["alike"]) == (1, "different", 3)
    assert found["difference"] == {
        "steps": [3, 3], "what": "seed", "place": "v[2]", "sides": ["nan", 3.0]
    }  # fmt: skip
    assert found["graphs"] is None
    equal = json.loads(run(capsys, "compare", "--json", "chain", "chain").out)
    assert (equal["verdict"], equal["difference"]) == ("equal", None)
