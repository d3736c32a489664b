"""What is said of faulty replays: all of it sentences, and each of them in Chinese."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import pytest

from tests.scenario.faulty import stray
from tui_backprop.debug.replay.reader import ReplayError, read
from tui_backprop.language.catalogue import language_of
from tui_backprop.language.message import Said
from tui_backprop.replays import load_replay

if TYPE_CHECKING:
    from pathlib import Path

CHINESE: Final = language_of("zh")
HEADER: Final = "# tui-backprop replay\nreplay: 1\nscenario: chain\n"

TEXTS: Final = (
    "", "step\n", "replay: 2\nscenario: chain\n", "replay: 1\n", f"{HEADER}scenario: x\n",
    f"{HEADER}Scenario: x\n", f"{HEADER}qqqq: x\n", f"{HEADER}sha256: 12\n",
    *(f"{HEADER}\n{line}\nstep\n" for line in (
        "foo", "stpe", "Step", "@ step", "@1", "x" * 20_000, "save", "source a", "wait", "wait 1e9",
        "wait x", "assert", "say", "say x", 'say "a" "b"', 'say fr "a"', 'say en "a" en "b"',
        "mark", "s" * 50, "reverse",
    )),
)  # fmt: skip


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_what_is_wrong_is_told_in_chinese(text: str) -> None:
    """No English is in it but what is quoted, and names."""
    with pytest.raises(ReplayError) as caught:
        read(text)
    for problem in caught.value.problems:
        for sentence in filter(None, (problem.message, problem.hint)):
            assert isinstance(sentence, Said), sentence
            told = re.sub(r'say .*"', "", CHINESE.retold(sentence))
            assert stray(told, f"{text} replay scenario sha256 SHA") == [], told


@pytest.mark.parametrize("name", ["chian", "nosuch", "../chain.yaml", "a/b.yaml", "a\0b"])
def test_a_scenario_that_is_not_there_is_told_of(name: str, tmp_path: Path) -> None:
    """By the replay that names it."""
    path = tmp_path / "t.replay"
    path.write_text(HEADER.replace("chain", name))
    with pytest.raises(Exception, match=r"scenario|file") as caught:
        load_replay(path)
    told = CHINESE.retold(str(caught.value.args[0]))
    assert stray(told, f"{tmp_path} {name} replay scenario yaml") == [], told
