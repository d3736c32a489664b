"""Which walks a format can be written of, and what it says of the rest."""

from __future__ import annotations

import pytest

from tests.cli.support import run
from tui_backprop.cli import main

SHOWN = ("dot", "mermaid", "pytorch", "jax", "numpy")


@pytest.mark.parametrize("form", ["html", "csv", "worksheet"])
def test_a_format_of_backward_walks_says_so_of_a_forward_one(
    form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is written, and with what writes it."""
    said = run(capsys, "export", "forward-mode", "--to", form, "-o", "-")
    assert said.status == 2
    assert said.out == ""
    assert "this format shows backward walks, and this is a forward one" in said.err


@pytest.mark.parametrize("form", SHOWN)
def test_the_others_are_written(form: str, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """What they show is the graph, or the passes that a forward scenario has all the same."""
    assert main(["export", "forward-mode", "--to", form, "-o", "-"]) == 0
    assert capfdbinary.readouterr().out
