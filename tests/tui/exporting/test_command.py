"""``export`` in the app: the step at hand as a file, and no file that is there is lost."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.tui.cells import rows_of
from tests.tui.conftest import SMALL, running
from tests.tui.exporting.support import shown
from tui_backprop.errors import CommandError
from tui_backprop.tui.exporting import pixels
from tui_backprop.tui.exporting.formats import EXPORTS
from tui_backprop.tui.options import Options

if TYPE_CHECKING:
    from tests.tui.conftest import Driver


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own to write into."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


async def ask(driver: Driver, line: str, name: str) -> None:
    """Type a line, and wait until a file is there."""
    await driver.press("colon")
    await driver.write(line)
    await driver.press("enter")
    for _ in range(200):
        await driver.pilot.pause(0.02)
        if Path(name).exists():
            break
    await driver.settle()


@pytest.mark.few(2)
@pytest.mark.parametrize("form", [name for name, form in EXPORTS.items() if not form.needs_replay])
async def test_every_format_of_a_step_is_written(form: str) -> None:
    """Into a file named after the scenario and the step; where it went is said."""
    if form == "png" and find_spec("resvg_py") is None:
        pytest.skip("resvg-py draws PNG")
    async with running("chain") as driver:
        await driver.press("s", "s")
        name = f"chain-step-2{EXPORTS[form].ending}"
        await ask(driver, f"export {form}", name)
        assert Path(name).stat().st_size > 100
        assert f"written: {name}" in driver.text()


async def test_the_walk_is_exported_as_it_stands() -> None:
    """At its step, with the numbers that were set."""
    async with running("chain") as driver:
        driver.screen.carry_out("set x = 3")
        driver.screen.carry_out("end")
        await ask(driver, "export dot it", "it.dot")
        text = Path("it.dot").read_text("utf-8")
        assert "x\\l3\\lx.grad" in text
        assert "u = x ** 2\\l9\\l" in text


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_a_picture_is_the_screen_as_it_is(language: str) -> None:
    """Whatever was done to it, and without the command line."""
    async with running("chain", SMALL, Options(algebra=False, language=language)) as driver:
        await driver.press("s", "s", "s", "t", "m")
        before = shown(driver.app)
        await ask(driver, "export svg my picture", "my picture.svg")
        assert rows_of(Path("my picture.svg").read_text("utf-8"), SMALL) == before
        assert "'my picture.svg'" in driver.text()


async def test_no_file_is_written_over_unless_told_to() -> None:
    """Nor a folder ever; the refusal says the word."""
    Path("it.dot").write_text("mine")
    Path("folder.dot").mkdir()
    async with running("chain") as driver:
        for typed in ("it", "it.dot", "folder.dot"):
            with pytest.raises(CommandError, match="--force at the end of the line writes over it"):
                driver.screen.carry_out(f"export dot {typed}")
        assert Path("it.dot").read_text() == "mine"
        await ask(driver, "export dot it --force", "it.dot")
        assert Path("it.dot").read_text("utf-8").startswith("digraph")
        await ask(driver, "export dot folder.dot --force", "folder.dot")
        assert "directory" in driver.text()
        await ask(driver, "export dot", "chain-step-0.dot")
        await ask(driver, "export dot", "chain-step-0-2.dot")
        assert sorted(path.name for path in Path().iterdir()) == [
            "chain-step-0-2.dot", "chain-step-0.dot", "folder.dot", "it.dot",
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("export dott", "there is no format 'dott'; did you mean 'dot'?"),
        ("export", "there are: dot, mermaid, "),
        ("export cast", "cast is made of a whole replay: tui-backprop export REPLAY --to cast"),
        ("export dot ~nobody-at-all/x", "no such home"),
        ("export dot x\0y", "zero byte"),
    ],
)
async def test_what_cannot_be_exported_is_said(line: str, message: str) -> None:
    """With what there is."""
    async with running("chain") as driver:
        with pytest.raises(CommandError) as refused:
            driver.screen.carry_out(line)
        assert message in str(refused.value)


async def test_what_cannot_be_written_is_said() -> None:
    """Where the folder is missing; pictures too."""
    async with running("chain") as driver:
        for form in ("dot", "svg"):
            driver.screen.attempt(f"export {form} no/such/folder/x")
            await driver.shows(f"no/such/folder/x.{form}: there is")
            assert "make it first" in driver.text()


async def test_without_what_draws_pixels_its_extra_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Before a picture is taken."""
    monkeypatch.setattr(pixels, "find_spec", lambda _name: None)
    async with running("chain") as driver:
        with pytest.raises(CommandError, match=r"pip install 'tui-backprop\[png\]'"):
            driver.screen.carry_out("export png")
