"""Reports of the command line in Chinese."""

from __future__ import annotations

import pytest

from tests.chinese import english, names
from tui_backprop.cli import main


@pytest.mark.parametrize(
    "words",
    [
        ["health", "dead-relu"], ["health", "where-sqrt"], ["health", "dead-relu", "--plot"],
        ["compare", "chain", "dead-relu"], ["compare", "chain", "chain"],
    ],
)  # fmt: skip
def test_no_report_holds_english(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Beside names, ops and numbers."""
    main([*words, "--lang", "zh"])
    text = capsys.readouterr().out
    known = [*words, *(name for s in words if not s.startswith("-") for name in _names(s))]
    assert english(text, known) == [], text
    assert any("一" <= character <= "鿿" for character in text)


def _names(word: str) -> list[str]:
    return [] if word in {"health", "compare"} else list(names(word))


def test_a_command_that_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """With the line and a caret under it, as in English."""
    assert main(["chain", "--batch", "--lang", "zh", "-e", "goto foo"]) != 0
    assert "没有 “foo”" in capsys.readouterr().err
