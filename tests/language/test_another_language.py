"""A further language is one file: nothing in the code names the languages."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import tui_backprop as tb
from tests.cli.support import DOUBLE, run, write
from tests.language.support import CODE, forget, written
from tests.tui.conftest import running
from tui_backprop.debug.replay.reader import read
from tui_backprop.errors import TuiBackpropError
from tui_backprop.language import catalogue
from tui_backprop.language.catalogue import ENGLISH, language_after, language_of, languages
from tui_backprop.language.message import said_many
from tui_backprop.scenario.fields import json_schema

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(tb.__file__).parent
TITLED = DOUBLE.replace('zh: "两倍"', 'zh: "两倍", xx: "dvà"')


@pytest.fixture
def another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The languages that the package has, and one more."""
    locale = tmp_path / "locale"
    written(locale)
    (locale / "zh").symlink_to(PACKAGE / "locale" / "zh")
    for stray in ("__pycache__", "zh-is-not-a-code", "empty"):
        (locale / stray).mkdir()
    monkeypatch.setattr(catalogue, "LOCALE", locale)
    forget()
    yield
    forget()


def test_one_file_more_is_a_language_more(tmp_path: Path) -> None:
    """In a process of its own, on the package as it is with one file beside what it has."""
    package = tmp_path / "tui_backprop"
    (package / "locale").mkdir(parents=True)
    for part in PACKAGE.iterdir():
        if part.name != "locale":
            (package / part.name).symlink_to(part)
    for part in (PACKAGE / "locale").iterdir():
        (package / "locale" / part.name).symlink_to(part)
    written(package / "locale")
    scenario = write(tmp_path, TITLED)
    words = ["trace", "--plain", "--lang", CODE, str(scenario)]
    done = subprocess.run(
        [sys.executable, "-m", "tui_backprop", *words],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0].startswith("dvà")
    assert lines[-1] == "Gràd X jè a vector of 3: 2, 4, 6."


@pytest.mark.usefixtures("another")
def test_it_is_known_by_its_folder_and_named_by_its_file() -> None:
    """Its own name is a message, what English calls it is in the header."""
    assert languages() == ("en", CODE, "zh")
    assert [language_of(code).name for code in languages()] == ["English", "Éxlà", "中文"]
    names = [language_of(code).english_name for code in languages()]
    assert names == ["English", "Exian", "Chinese"]


@pytest.mark.usefixtures("another")
def test_it_counts_by_its_own_rule() -> None:
    """The rule is the header's; what is not sure, not there or no translation stays English."""
    another = language_of(CODE)
    forms = "{count} contribution", "{count} contributions"
    told = [another.retold(said_many(n, *forms)) for n in (1, 2, 7)]
    assert told == ["1 vklàd", "2 vklàda", "7 vklàdov"]
    assert another.say("paused") == "paused"
    assert (another.say_in("a replay", "playing"), another.say("playing")) == ("ïgra", "playing")
    assert another.count("one {n}", "many {n}", 2, n=2) == "many 2"
    assert another.say("pass {number} of {count}", number=1, count=2) == "pass 1 of 2"


@pytest.mark.usefixtures("another")
def test_the_toggle_goes_through_all_of_them() -> None:
    """Round and round, from anywhere."""
    assert [language_after(code) for code in languages()] == [CODE, "zh", "en"]
    assert language_after("tlh") == "en"


@pytest.mark.usefixtures("another")
async def test_the_screen_speaks_it() -> None:
    """The key comes past it, and says its name."""
    async with running() as driver:
        await driver.press("l")
        assert driver.screen.view_model.language == CODE
        assert "KÖNSTR" in driver.text()
        assert "Éxlà" in driver.text()
        await driver.press("l")
        assert "建图" in driver.text()
        await driver.press("l")
        assert "BUILD" in driver.text()


@pytest.mark.usefixtures("another")
def test_scenarios_may_speak_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In a title, in the schema, and in what is said of a language that there is not."""
    scenario = write(tmp_path, TITLED)
    assert run(capsys, "trace", "--lang", CODE, scenario).out.startswith("dvà\n")
    definition = json_schema()["$defs"]["text"]
    described = json.dumps(definition)
    assert '"xx": {"type": "string", "description": "In Exian."}' in described
    unknown = write(tmp_path, TITLED.replace("xx:", "tlh:"))
    assert "known: en, xx, zh" in run(capsys, "trace", unknown).err


@pytest.mark.usefixtures("another")
def test_replays_may_speak_it() -> None:
    """And an error names those that there are."""
    head = "replay: 1\nscenario: chain\n\n"
    assert read(f'{head}say en "a" xx "à"\n').lines
    with pytest.raises(TuiBackpropError, match="unknown language 'tlh': 'en' or 'xx' or 'zh'"):
        read(f'{head}say tlh "a"\n')


@pytest.mark.usefixtures("another")
def test_ascii_keeps_its_letters(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """They are no glyphs; those of other scripts are."""
    scenario = write(tmp_path, TITLED.replace("dvà", "dvà ᵢ₂ 两 я"))
    said = run(capsys, "trace", "--ascii", "--no-formulas", "--lang", CODE, scenario).out
    assert said.startswith("dvà ")
    assert not {*"ᵢ₂两я∂"} & {*said}
    assert "gràdy" in said


def test_without_a_folder_there_is_english(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation that somebody thinned out still starts."""
    monkeypatch.setattr(catalogue, "LOCALE", tmp_path / "nothing")
    forget()
    assert languages() == ("en",)
    assert language_of("zh") is ENGLISH
    forget()
