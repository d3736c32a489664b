"""Pictures of a step: what the app shows there, at any size, in any theme and language."""

from __future__ import annotations

import asyncio
import struct
import zlib
from importlib.util import find_spec
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

import tui_backprop as tb
from tests.marks import few
from tests.tui.cells import rows_of
from tests.tui.conftest import running
from tests.tui.exporting.support import at_step, shown, written
from tui_backprop.api import Scenario
from tui_backprop.cli import main
from tui_backprop.dataclass import replace
from tui_backprop.errors import TuiBackpropError
from tui_backprop.scenario.files import shipped
from tui_backprop.scenario.load import loads
from tui_backprop.tui.exporting import pixels
from tui_backprop.tui.options import Options

if TYPE_CHECKING:
    from pathlib import Path

SIZE = (90, 28)


async def as_seen(name: str, step: int, language: str) -> list[str]:
    """What a person sees who goes there."""
    async with running(name, SIZE, Options(language=language)) as driver:
        driver.screen.carry_out(f"goto {step}")
        for _ in range(400):  # formulas come when the algebra is loaded
            await driver.pilot.pause(0.05)
            if driver.screen.view_model.symbolic:
                break
        await driver.settle()
        return shown(driver.app)


@pytest.mark.few(2, 28)
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", few((path.stem for path in shipped()), 4))
def test_a_picture_shows_what_the_app_does(name: str, language: str) -> None:
    """The same cells, formulas and all; no address of anything."""
    scenario = tb.load(name)
    step = 2 * len(scenario.trace().timeline) // 3
    subject = at_step(scenario, step, language, size="90x28")
    drawn = written("svg", subject).decode()
    ET.fromstring(drawn)  # noqa: S314 - it is our own
    assert "url(http" not in drawn
    assert rows_of(drawn, SIZE) == asyncio.run(as_seen(name, step, language))


def test_a_theme_gives_its_colours_and_no_colours_none() -> None:
    """A light page for a projector; grey where colours may not be used."""
    subject = at_step(tb.load("chain"), 6)
    light = replace(subject, options={"theme": "projector"})
    assert 'fill="#ffffff"' in written("svg", light).decode()
    assert "#e69f00" in written("svg", subject).decode()
    assert "#e69f00" not in written("svg", replace(subject, color=False)).decode()


@pytest.mark.parametrize("size", ["3x3", "100", "x", "100x30x2", "1e2x30", "9999x30", "٣٠x٣٠", ""])
def test_a_size_is_columns_and_lines(size: str) -> None:
    """What is none is refused with what was found."""
    with pytest.raises(TuiBackpropError, match=f"found '{size}'"):
        written("svg", at_step(tb.load("chain"), 1, size=size))


def test_a_theme_is_one_that_there_is() -> None:
    """The nearest is named."""
    with pytest.raises(TuiBackpropError, match="did you mean 'projector'"):
        written("svg", at_step(tb.load("chain"), 1, theme="projektor"))


HOSTILE = """
format: 1
title: '</svg><script>alert(1)</script> [bold]&amp; ]]>'
inputs: {x: [1.0, 2.0]}
program: |
  y = x * x
notes:
  - {at: y, text: '<a href="http://x">&lt; [link=http://x]"</a>'}
"""


def test_what_an_author_wrote_stays_text() -> None:
    """Neither a tag nor an address comes of it."""
    drawn = written("svg", at_step(Scenario(loads(HOSTILE)), 1)).decode()
    root = ET.fromstring(drawn)  # noqa: S314 - it is our own
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert tags == {"svg", "style", "defs", "clipPath", "rect", "text", "g", "circle"}
    assert "[bold]&amp;amp;" in drawn.replace("&#160;", " ")


needs_resvg = pytest.mark.skipif(find_spec("resvg_py") is None, reason="resvg-py draws PNG")


@needs_resvg
@pytest.mark.parametrize("language", ["en", "zh"])
def test_pixels_are_of_the_picture(language: str) -> None:
    """As many as the SVG is large, and not all of one colour."""
    subject = at_step(tb.load("chain"), 6, language, size="60x20")
    data = written("png", subject)
    viewed = ET.fromstring(written("svg", subject)).get("viewBox", "")  # noqa: S314 - our own
    width, height = (int(float(n)) for n in viewed.split()[2:])
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", data[16:24]) == (width, height)
    found, at = b"", 8
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        found += data[at + 8 : at + 8 + length] if kind == b"IDAT" else b""
        at += length + 12
    assert len(set(zlib.decompress(found))) > 100


@needs_resvg
def test_a_font_is_a_file(tmp_path: Path) -> None:
    """One that is missing is said."""
    with pytest.raises(TuiBackpropError, match="No such file"):
        written("png", at_step(tb.load("chain"), 1, font=str(tmp_path / "none.ttf")))


def test_without_what_draws_pixels_its_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And nothing is left behind."""
    monkeypatch.setattr(pixels, "find_spec", lambda _name: None)
    path = tmp_path / "x.png"
    assert main(["export", "chain", "--to", "png", "-o", str(path)]) == 2
    assert "pip install 'tui-backprop[png]'" in capsys.readouterr().err
    assert [*tmp_path.iterdir()] == []
