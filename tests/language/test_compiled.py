"""Catalogues are read compiled, and never older than their text."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from tests.language.support import CATALOGUE, CODE, forget, written
from tui_backprop.language import catalogue
from tui_backprop.language.catalogue import ENGLISH, language_of, languages

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
NEWER = CATALOGUE.replace("KÖNSTR", "NÖVO")


@pytest.fixture
def locale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of languages, empty at first."""
    monkeypatch.setattr(catalogue, "LOCALE", tmp_path)
    forget()
    yield tmp_path
    forget()


@pytest.fixture
def without_babel(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where only the program itself is installed."""
    for name in ("babel.messages.mofile", "babel.messages.pofile"):
        monkeypatch.setitem(sys.modules, name, None)


def compiled(text: Path, seconds: float = 0) -> Path:
    """What the build makes of a catalogue, so many seconds after it was written."""
    made = text.with_suffix(".mo")
    with text.open("rb") as source, made.open("wb") as target:
        write_mo(target, read_po(source))
    os.utime(made, (text.stat().st_atime, text.stat().st_mtime + seconds))
    return made


@pytest.mark.usefixtures("without_babel")
@pytest.mark.parametrize("has_text", [False, True])
def test_what_is_compiled_needs_no_babel(locale: Path, has_text: bool) -> None:
    """In a wheel there is no text at all."""
    text = written(locale)
    compiled(text, 1)
    if not has_text:
        text.unlink()
    assert language_of(CODE).say("BUILD") == "KÖNSTR"


@pytest.mark.parametrize("was_compiled", [False, True])
def test_a_text_that_was_edited_is_what_is_said(locale: Path, was_compiled: bool) -> None:
    """Whoever writes in it sees it at once, and nothing is written down behind their back."""
    text = written(locale)
    if was_compiled:
        compiled(text, -60)
    written(locale, NEWER)
    assert language_of(CODE).say("BUILD") == "NÖVO"
    assert text.with_suffix(".mo").exists() is was_compiled


@pytest.mark.usefixtures("without_babel")
def test_old_texts_are_not_shown_silently(locale: Path) -> None:
    """Where nothing can compile the newer ones, it is said what does."""
    compiled(written(locale), -60)
    with pytest.warns(UserWarning, match=r"pip install -e \."):
        assert language_of(CODE).say("BUILD") == "KÖNSTR"


@pytest.mark.usefixtures("without_babel")
def test_a_text_that_nothing_can_compile_is_english(locale: Path) -> None:
    """With the same advice."""
    written(locale)
    with pytest.warns(UserWarning, match=r"pip install -e \."):
        assert language_of(CODE) is ENGLISH


@pytest.mark.exhaustive
def test_a_wheel_speaks_chinese_without_babel(tmp_path: Path) -> None:
    """Built from what is here; its catalogue is the one that people write, and only compiled."""
    pytest.importorskip("hatchling", reason="builds wheels; the test extra has it")
    source, wheels, place = (tmp_path / name for name in ("source", "wheels", "place"))
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    for name in ("tui_backprop", "scenarios", ".ci"):
        ignored = shutil.ignore_patterns("__pycache__", "*.mo")
        shutil.copytree(ROOT / name, source / name, ignore=ignored)
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(wheels)]
    subprocess.run(build, cwd=source, check=True, capture_output=True)
    [wheel] = wheels.iterdir()
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if "/locale/" in name]
        archive.extractall(place)
    codes = [code for code in languages() if code != ENGLISH.code]
    assert names == [f"tui_backprop/locale/{code}/LC_MESSAGES/tui_backprop.mo" for code in codes]
    code = (
        "import sys\nsys.modules['babel'] = None\n"
        "import tui_backprop\n"
        f"assert tui_backprop.__file__.startswith({str(place)!r})\n"
        "from tui_backprop.cli import main\n"
        "main(['trace', 'vector-double', '--plain', '--lang', 'zh'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(place), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "X 的梯度是 3 维向量：2、4、6。"
