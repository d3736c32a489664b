"""``new`` and its other word ``init``: the first file of a newcomer."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cli.support import run
from tui_backprop.errors import TuiBackpropError
from tui_backprop.language.catalogue import language_of, languages
from tui_backprop.scenario.fields import Document
from tui_backprop.scenario.new import path_of, text_in


@pytest.mark.parametrize("word", ["new", "init"])
@pytest.mark.parametrize("language", languages())
def test_what_is_written_opens_and_agrees(
    word: str,
    language: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without a name too, in each language; the lines that are advised work."""
    monkeypatch.chdir(tmp_path)
    found = run(capsys, word, "--lang", language)
    assert (found.status, found.err) == (0, "")
    assert "tui-backprop check scenario.yaml" in found.out
    report = run(capsys, "check", "scenario.yaml", "--json")
    assert report.status == 0
    assert json.loads(report.out)
    assert "SymPy" in report.out
    assert run(capsys, "open", "scenario.yaml", "--batch", "-e", "end").status == 0


def test_every_part_has_a_comment(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The parts are words of the format, and each but the title stands behind one."""
    path = tmp_path / "first.yml"
    run(capsys, "new", path)
    before, parts = "", []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and line[0].isalpha():
            word = line.partition(":")[0]
            parts.append(word)
            assert word in Document.__dataclass_fields__
            assert before.startswith("#") or word == "title"
        before = line
    assert {"format", "inputs", "constants", "program", "backward", "expect", "notes"} < {*parts}


def test_nothing_is_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that holds something stays as it is, and the exit status says so."""
    path = tmp_path / "mine.yaml"
    path.write_text("mine", encoding="utf-8")
    found = run(capsys, "new", path)
    assert found.status == 2
    assert "holds something: name another one" in found.err
    assert path.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    "name",
    [
        "notes.txt",
        "folder.yaml",
        "none/a.yaml",
        "a?.yaml",
        ".yaml",
        "-e",
        "a\x07",
        " ",
        "x" * 200,
        "net.v2",
    ],
)
def test_what_cannot_be_a_scenario_is_refused(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another ending, a folder, a folder that is not there, no name for a file."""
    (tmp_path / "folder.yaml").mkdir()
    found = run(capsys, "new", tmp_path / name)
    assert found.status == 2
    assert found.err.count("\n") == 1
    assert [p.name for p in tmp_path.iterdir()] == ["folder.yaml"]


def test_a_name_gets_its_ending(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """``net`` is ``net.yaml``; what is there already stays as it is, by either word."""
    found = run(capsys, "new", tmp_path / "net")
    assert f"tui-backprop {tmp_path / 'net.yaml'}" in found.out
    before = (tmp_path / "net.yaml").read_bytes()
    assert run(capsys, "new", tmp_path / "net").status == 2
    assert run(capsys, "new", tmp_path / "net.yaml").status == 2
    assert (tmp_path / "net.yaml").read_bytes() == before


@given(st.text(max_size=12))
def test_any_name_is_a_file_of_that_name_or_is_refused(name: str) -> None:
    """Nothing else comes of it, and nothing is written."""
    path = None
    with suppress(TuiBackpropError):
        path = path_of(name)
    assert path is None or path.suffix in {".yaml", ".yml"}
    assert path is None or path.name.startswith(Path(name).name)


def test_it_speaks_chinese() -> None:
    """Every comment, title and note; not the code in them."""
    told = text_in(language_of("zh"))
    comments = re.findall(r"^# (.*)|text: (.*)|title: (.*)", told, re.MULTILINE)
    texts = [text for found in comments for text in found if text and text[0] != "{"]
    assert len(texts) > 9
    for text in texts:
        assert re.search("[一-鿿]", text), text
        code = re.sub(
            r"`[^`]*`|\{.*\}|for k .*:|def .*:|W.grad|NumPy|build, .*end|\br\b|\bx\b", "", text
        )
        assert not re.search("[a-z]{2}", code), text
