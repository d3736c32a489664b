"""The command line: whatever its words, an exit status that is documented and no traceback."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cli.support import run
from tests.fuzz.arguments import arguments, assert_json, assert_leaves_well, is_json
from tests.fuzz.changed import changed
from tests.fuzz.effort import LIMIT_WORDS, effort
from tests.fuzz.scenarios import near_documents, valid_documents
from tui_backprop.errors import TuiBackpropError

FORMATS = ("text", "json", "markdown", "latex")


@pytest.fixture(autouse=True)
def elsewhere(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a command writes, it writes it there, and no screen is opened."""
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("COLUMNS", "80")
    Path("lines").write_text("step\nnext\nwhy\n", encoding="utf-8")
    Path("broken.yaml").write_text("format: 1\ninputs: {X: 1\n", encoding="utf-8")
    replay = "# tui-backprop replay\nreplay: 1\nscenario: drawn.yaml\n\nstep\nend\nhealth\n"
    Path("a.replay").write_text(replay, encoding="utf-8")


def file(name: str, text: str) -> None:
    """A file of this text, whatever is in it."""
    Path(name).write_bytes(text.encode("utf-8", "surrogatepass"))


@effort(0.15)
@given(words=arguments(), text=valid_documents(most=3), other=valid_documents(most=3))
def test_every_command_line_ends_well(
    words: list[str], text: str, other: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """On scenarios that are read; where JSON was asked for and there is an answer, it is JSON."""
    file("drawn.yaml", text)
    file("other.yaml", other)
    said = run(capsys, *words)
    assert_leaves_well(said, words)
    is_about_itself = {"--help", "--version"} & set(words)
    if said.status != 2 and is_json(words) and not is_about_itself and "--batch" not in words:
        assert_json(said.out)


@effort(0.4)
@given(
    text=near_documents(),
    words=st.sampled_from(
        [
            *(["trace", "drawn.yaml", "--format", form, "--no-formulas"] for form in FORMATS),
            ["trace", "drawn.yaml", "--plain"],
            ["health", "drawn.yaml", "--json"],
            ["health", "drawn.yaml", "--plot"],
            ["compare", "drawn.yaml", "drawn.yaml"],
            ["drawn.yaml", "--batch", "-e", "end", "-e", "why", "-e", "origin nan"],
        ]
    ),
)
def test_every_file_ends_well(
    text: str, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever stands in it; two walks of one file are equal."""
    file("drawn.yaml", text)
    said = run(capsys, *words, *LIMIT_WORDS)
    assert_leaves_well(said)
    assert said.status != 1
    if said.status == 0 and is_json(words):
        assert_json(said.out)


@effort(0.05)
@given(
    text=valid_documents(most=3),
    form=st.sampled_from(FORMATS),
    level=st.sampled_from(["node", "partial"]),
    language=st.sampled_from(["en", "zh"]),
)
def test_every_format_tells_every_walk(
    text: str, form: str, level: str, language: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With formulas, in both languages."""
    file("drawn.yaml", text)
    said = run(capsys, "trace", "drawn.yaml", "--format", form, "--level", level,
               "--lang", language, *LIMIT_WORDS)  # fmt: skip
    assert_leaves_well(said)
    assert said.status == 0
    assert said.err == ""
    if form == "json":
        assert_json(said.out)


@effort(0.5)
@given(st.data(), valid_documents(most=3))
def test_every_word_edited_ends_well(data: st.DataObject, text: str) -> None:
    """A command line with an edit in one of its words is understood or refused."""
    from tui_backprop.cli.shared.arguments import parse

    words = data.draw(arguments())
    at = data.draw(st.integers(0, max(len(words) - 1, 0)))
    words[at : at + 1] = [data.draw(changed(words[at] if words else "", most=2))]
    status: object = 0
    try:
        parse(words)
    except SystemExit as leaving:
        status = leaving.code
    except TuiBackpropError:  # a word that names no command and no scenario
        status = 2
    assert status in {0, 2}
