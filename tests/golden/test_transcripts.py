"""What every shipped scenario says, word for word.

The transcripts beside this file are the meaning of the debugger, written down. A change that means
it writes them anew with ``pytest tests/golden --snapshot-update``, and the difference is read.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from tui_backprop.cli import main
from tui_backprop.scenario.shipped import shipped

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion
    from syrupy.location import PyTestLocation
    from syrupy.types import SnapshotIndex

NAMES = tuple(path.stem for path in shipped())


class Transcript(SingleFileSnapshotExtension):
    """One text file per transcript, beside the test, called as the snapshot is."""

    file_extension = "txt"
    write_mode = WriteMode.TEXT

    @classmethod
    def dirname(cls, *, test_location: PyTestLocation) -> str:
        """This folder."""
        return str(Path(test_location.filepath).parent)

    @classmethod
    def get_snapshot_name(cls, *, test_location: PyTestLocation, index: SnapshotIndex = 0) -> str:
        """The name alone."""
        del test_location
        return str(index)


def _transcript(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["trace", *words]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    return said.out


@pytest.mark.parametrize("name", NAMES)
def test_transcript(
    name: str, capsys: pytest.CaptureFixture[str], snapshot: SnapshotAssertion
) -> None:
    """Every step of a scenario, every partial with its formula, every note at its place."""
    found = _transcript(capsys, name)
    assert found == snapshot(name=name, extension_class=Transcript)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("vector-double.zh", ("vector-double", "--lang", "zh")),
        ("vector-double.ascii", ("vector-double", "--ascii")),
        ("vector-double.node", ("vector-double", "--level", "node")),
        ("vector-double-slip.skip", ("vector-double-slip", "--zeros", "skip", "--no-formulas")),
        ("vector-double.json", ("vector-double", "--format", "json")),
        ("vector-double.node.json", ("vector-double", "--format", "json", "--level", "node")),
    ],
)
def test_other_ways_of_telling(
    name: str,
    words: tuple[str, ...],
    capsys: pytest.CaptureFixture[str],
    snapshot: SnapshotAssertion,
) -> None:
    """In Chinese, in ASCII, edge by edge, without the zeros, and for programs."""
    assert _transcript(capsys, *words) == snapshot(name=name, extension_class=Transcript)
