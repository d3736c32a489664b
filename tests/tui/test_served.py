"""In a browser no command touches a file, whatever is typed behind it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.tui.conftest import SMALL, running
from tui_backprop.errors import CommandError
from tui_backprop.tui.commands import ALL_COMMANDS
from tui_backprop.tui.options import Options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.tui.conftest import Driver

SERVED: Final = Options(algebra=False, is_served=True)
_EVENTS: Final = frozenset(
    {"open", "os.rename", "os.remove", "os.mkdir", "os.link", "os.listdir", "os.truncate"}
)
_TOUCHED: list[str] = []
_WATCHED: list[str] = []


def _hear(event: str, args: tuple[Any, ...]) -> None:
    """What Python does with files below the watched folder; a hook stays as long as the process."""
    if not _WATCHED or event not in _EVENTS:
        return
    for name in args[: 2 if event in {"os.rename", "os.link"} else 1]:
        if isinstance(name, str | bytes | os.PathLike):
            path = os.path.abspath(os.fsdecode(name))  # noqa: PTH100 - Path would cause events
            if path.startswith(_WATCHED[0]):
                _TOUCHED.append(f"{event} {path}")


sys.addaudithook(_hear)

SCENARIO: Final = "format: 1\ninputs: {x: 2.0}\nprogram: y = x * x\n"


@pytest.fixture
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder that we are in, with a scenario and a file of commands: what is done to it."""
    monkeypatch.chdir(tmp_path)
    Path("theirs.yaml").write_text(SCENARIO)
    Path("theirs.replay").write_text("# tui-backprop replay\nreplay: 1\nscenario: chain\n\nstep\n")
    Path("lines").write_text("# tui-backprop commands\nstep\n")
    _TOUCHED.clear()
    _WATCHED.append(str(tmp_path))
    yield tmp_path
    _WATCHED.clear()


ARGUMENTS: Final = {
    "": ("", "theirs.yaml", "./theirs", "theirs.replay", "lines", "new-file", "dot new-file"),
    "export": ("dot", "svg", "svg x", "dot theirs.yaml --force"),
    "search": ("theirs",),
}


async def attempt(driver: Driver, line: str) -> str:
    """Carry out a line, as far as it goes; why it does not."""
    try:
        driver.screen.console.carry_out(line, is_typed=True)
    except CommandError as error:
        return str(error)
    finally:
        await driver.pilot.pause(0.02)
        while len(driver.app.screen_stack) > 1:  # whatever was opened above the walk
            driver.app.pop_screen()
            await driver.pilot.pause()
    return ""


@pytest.mark.few(2)
@pytest.mark.parametrize("name", [c.name for c in ALL_COMMANDS if c.name != "quit"])
async def test_no_command_touches_a_file(name: str, watched: Path) -> None:
    """Each is refused where it would, with a sentence; nothing is there that was not."""
    command = next(c for c in ALL_COMMANDS if c.name == name)
    before = sorted(os.listdir(watched))  # noqa: PTH208 - as the hook sees it
    async with running("chain", SMALL, SERVED) as driver:
        for argument in (*ARGUMENTS[""], *ARGUMENTS.get(name, ())):
            _TOUCHED.clear()
            told = await attempt(driver, f"{name} {argument}")
            assert _TOUCHED == [], argument
            if command.touches_files(argument):
                assert "which a walk in a browser does not" in told
    _WATCHED.clear()
    assert sorted(os.listdir(watched)) == before  # noqa: PTH208 - as above


@pytest.mark.few(2)
@pytest.mark.parametrize(
    ("line", "is_told"),
    [
        ("save x", "x"), ("source lines", "lines"), ("compare theirs.yaml", "theirs.yaml"),
        ("new mine", "mine.yaml"), ("screenshot pic", "pic.svg"), ("export dot out", "out.dot"),
        ("open theirs.yaml", "theirs.yaml"),
    ],
)  # fmt: skip
async def test_on_a_screen_of_ones_own_they_do(line: str, is_told: str, watched: Path) -> None:
    """Else the law above would not notice it."""
    async with running("chain") as driver:
        await attempt(driver, line)
        for _ in range(100):
            if any(is_told in touched for touched in _TOUCHED):
                break
            await driver.pilot.pause(0.05)
    assert any(is_told in touched for touched in _TOUCHED)


async def test_what_is_shipped_can_be_opened(watched: Path) -> None:
    """By its name; a file of the host's cannot, whatever it is called."""
    async with running("chain", SMALL, SERVED) as driver:
        driver.screen.carry_out("open fan-out")
        await driver.shows("fan-out")
        assert driver.screen.view_model.scenario.model.name == "fan-out"
        for name in ("theirs.yaml", str(watched / "theirs.yaml"), "theirs", "../x", "/etc/passwd"):
            with pytest.raises(CommandError, match="does not"):
                driver.screen.carry_out(f"open {name}")


async def test_a_key_is_refused_as_a_line_is() -> None:
    """With the name of what it would have done."""
    async with running("chain", SMALL, SERVED) as driver:
        await driver.press("r")
        assert "'reload' reads or writes" in driver.text()
