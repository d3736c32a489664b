"""Saved walks where scenarios are named: every command reads them, or says why it does not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.attach.tapes import recorded
from tests.cli.support import run, write
from tests.render.views import opened
from tui_backprop.attach.recorded import RecordedTrace
from tui_backprop.dataclass import replace

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(params=["a.walk", "plain"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A saved walk, with its ending and without: how it begins tells what it is."""
    found: Path = tmp_path / request.param
    recorded(opened("chain")[1]).save(found)
    return found


def test_it_is_told_as_a_scenario_is(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The whole walk, and its health."""
    trace = opened("chain")[1]
    last = trace.graph.nodes[-1].name
    for words in (["trace"], ["trace", "--plain"], ["trace", "--format", "markdown"], ["health"]):
        said = run(capsys, *words, path)
        assert (said.status, said.err) == (0, "")
        assert last in said.out
    said = run(capsys, "trace", path, "--format", "json")
    assert json.loads(said.out)["grad"].keys() == trace.grad.keys()


def test_commands_are_carried_out_in_it(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As in a scenario; what must be changed in the program is said to be."""
    said = run(capsys, path, "--batch", "-e", "end", "-e", "origin nan", "-e", f"compare {path}")
    assert (said.status, said.err) == (0, "")
    assert "no NaN" in said.out
    assert "no event differs" in said.out
    leaf = next(iter(opened("chain")[1].graph.inputs))
    said = run(capsys, path, "--batch", "-e", f"set {leaf} = 1")
    assert said.status == 2
    assert "change them there" in said.err


def test_two_of_them_are_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Status 1 where they differ, and the releases that computed them."""
    trace = opened("chain")[1]
    leaf = next(iter(trace.graph.inputs))
    ours = recorded(trace)
    theirs = recorded(trace.rerun({leaf: trace.leaves[leaf] + 1}))
    ours.save(tmp_path / "rank0.walk")
    RecordedTrace(replace(theirs.tape, made_by="PyTorch 2.14.1")).save(tmp_path / "rank1.walk")
    paths = tmp_path / "rank0.walk", tmp_path / "rank1.walk"
    assert run(capsys, "compare", paths[0], paths[0]).status == 0
    said = run(capsys, "compare", *paths)
    assert said.status == 1
    assert f"first difference at step {trace.graph.inputs[leaf]}: value {leaf}" in said.out
    assert "by PyTorch 2.14.1: releases may differ" in said.out
    found = json.loads(run(capsys, "compare", *paths, "--json").out)
    assert found["made_by"] == ["", "PyTorch 2.14.1"]


def test_it_holds_no_program_to_check(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """That is said, and what helps."""
    said = run(capsys, "check", path)
    assert said.status == 2
    assert "no program to check it by" in said.err


def test_a_damaged_one_is_bad_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One block, and status 2; a limit can be raised."""
    said = run(capsys, "trace", write(tmp_path, "format: 1", "a.walk"))
    assert (said.status, said.out) == (2, "")
    assert "a.walk: no saved walk: the archive: it is cut short" in said.err
    assert "there is no such file" in run(capsys, "trace", tmp_path / "nowhere.yaml").err
    assert run(capsys, "trace", tmp_path / "nowhere.walk").status == 2
    path = tmp_path / "b.walk"
    recorded(opened("chain")[1]).save(path)
    said = run(capsys, "health", path, "--limit", "walk_bytes=100")
    assert "raise it with --limit walk_bytes=" in said.err


def test_what_a_file_says_reaches_the_terminal_as_text(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither its program nor its names can give the terminal orders."""
    walked = recorded(opened("chain")[1])
    graph = replace(walked.graph, program="\x1b[31mred\x1b[0m\n\x07bell")
    path = tmp_path / "a.walk"
    RecordedTrace(replace(walked.tape, graph=graph)).save(path)
    given: list[list[str | Path]] = [
        ["trace", path], ["trace", "--plain", path], [path, "--batch", "-e", "list"]
    ]  # fmt: skip
    for words in given:
        said = run(capsys, *words)
        assert said.status == 0
        assert "\x1b" not in said.out
        assert "\x07" not in said.out
