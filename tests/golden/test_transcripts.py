"""Every transcript is what the command prints today."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.golden.transcripts import TRANSCRIPTS, file_of, tell


@pytest.mark.parametrize("name", TRANSCRIPTS)
def test_transcript(name: str) -> None:
    """Every step, every partial with its formula, every note at its place."""
    assert tell(name) == file_of(name).read_text(encoding="utf-8")


def test_no_transcript_is_left_over() -> None:
    """A scenario that is gone takes its transcripts with it, and so does a format."""
    here = Path(__file__).parent.iterdir()
    kept = {path.name for path in here if path.is_file() and path.suffix != ".py"}
    assert kept == set(TRANSCRIPTS), "write them anew by: python -m tests.golden"
