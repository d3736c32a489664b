"""The benchmarks run; what they measure is for people to read, never for a test to judge."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmarks.__main__ import BENCHMARKS, main
from tests.benchmarks.programs import ours
from tests.benchmarks.report import Sample, compared_lines
from tests.benchmarks.rerun import disagreement
from tests.benchmarks.works import Work, batch_network, chain, demo_network, vector_network


@pytest.mark.exhaustive
@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
@pytest.mark.parametrize("name", BENCHMARKS)
def test_a_benchmark_runs_at_small_size(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It says what it found and what the target was."""
    main(["--quick", name])
    said = capsys.readouterr().out
    assert "could not be measured" not in said
    assert "CPUs" in said
    assert "met" in said.lower()


@pytest.mark.parametrize(
    ("ours", "said"),
    [(1.1, "1.10, target at most 1.2: met"), (1.3, "1.30, target at most 1.2: NOT MET")],
)
def test_a_comparison_ends_with_its_verdict(ours: float, said: str) -> None:
    """The ratio of medians, and whether it is within the target."""
    samples = Sample("ours", (0.0, ours, 9.0)), Sample("bare", (0.9, 1.0, 1.1))
    assert compared_lines("title", *samples, target=1.2)[-1].endswith(said)


def test_an_unknown_benchmark_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """With the ones that there are in the help."""
    with pytest.raises(SystemExit):
        main(["strat"])
    assert "strat" in capsys.readouterr().err


def test_another_version_is_the_one_that_runs(tmp_path: Path) -> None:
    """Not that of the folder in which the benchmark was started."""
    package = tmp_path / "tui_backprop"
    package.mkdir()
    (package / "__main__.py").write_text("print('the other version')\n", encoding="utf-8")
    (package / "__init__.py").touch()
    contestant = ours("vector-double", "Y", tmp_path, tree=tmp_path)
    done = subprocess.run(
        contestant.command, env=contestant.environment, cwd=Path(__file__).parents[2],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert done.stdout == "the other version\n"


@pytest.mark.parametrize(
    "work", [vector_network(), chain(20), demo_network(2), batch_network(16, 4)], ids=str
)
def test_all_contestants_compute_the_same(work: Work) -> None:
    """Those that are installed; NumPy by hand always is."""
    assert disagreement(work) < 1e-9
