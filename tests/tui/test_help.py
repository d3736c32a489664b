"""The help page."""

from __future__ import annotations

import pytest

from tui_backprop.render.text.charset import ASCII, UNICODE
from tui_backprop.render.text.spans import line_width, plain
from tui_backprop.tui.commands import ALL_COMMANDS
from tui_backprop.tui.keymap import DEFAULTS, merged
from tui_backprop.tui.sheets import help_lines


def test_lists_every_command_with_its_keys() -> None:
    """None can be forgotten."""
    lines = [plain(line) for line in help_lines(DEFAULTS, UNICODE, 120)]
    for command in ALL_COMMANDS:
        begins = f"  {' '.join(command.keys):<9} {command.usage}  "
        row = next(line for line in lines if line.startswith(begins))
        assert command.help.split()[0] in row


def test_shows_the_keys_in_force() -> None:
    """A changed key, not the default."""
    text = "\n".join(plain(x) for x in help_lines(merged({"step": "x"}).keys, UNICODE, 120))
    assert "  x         step [COUNT]" in text


@pytest.mark.parametrize("cells", [20, 40, 80, 160])
def test_is_broken_for_the_width(cells: int) -> None:
    """No line is longer than the page is wide, and none is cut in a page of usual width."""
    for line in help_lines(DEFAULTS, UNICODE, max(cells, 30)):
        assert line_width(line) <= max(cells, 30)


def test_is_ascii_where_it_must_be() -> None:
    """The legend explains the glyphs that are on the screen."""
    assert all(plain(line).isascii() for line in help_lines(DEFAULTS, ASCII, 80))
