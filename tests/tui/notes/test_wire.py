"""What is told comes back as it was, and whatever else arrives is refused in a sentence."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_backprop.dataclass import replace
from tui_backprop.render.speaker import Facts, SpeakerState, speaker_content
from tui_backprop.render.text.charset import ASCII, UNICODE
from tui_backprop.render.text.spans import plain, printable_lines, width
from tui_backprop.tui.notes.wire import (
    LONGEST_LINE,
    LONGEST_TEXT,
    WireError,
    from_line,
    to_line,
)

FACTS = Facts(
    scenario="fan-out",
    title={"en": "fan-out", "zh": "分叉"},
    step=3,
    last=12,
    note={"en": "look at y", "zh": "看 y"},
    upcoming={"en": "then x"},
    upcoming_step=7,
    words={"en": "y depends on x"},
    elapsed=61.5,
)
HELD: dict[str, Any] = json.loads(to_line(FACTS))
TEXTS = st.dictionaries(
    st.sampled_from(("en", "zh", "fr", "pt_BR")),
    st.text(st.characters(codec="utf-8"), max_size=300),
    max_size=4,
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


def drawn(facts: Facts) -> list[str]:
    """What a terminal shows of them."""
    state = SpeakerState(None, "", 0.0, "en", UNICODE).heard(facts)
    content = speaker_content(state, 60, 20)
    return [plain(content.line(y, 0, 60)) for y in range(content.size[1])]


@given(TEXTS, TEXTS, st.integers(0, 10**18), st.floats(0, 1e8))
def test_there_and_back(note: dict[str, str], words: dict[str, str], step: int, s: float) -> None:
    """As it was, but for what no terminal could show; on one line, whatever the texts hold."""
    facts = replace(FACTS, note=note, words=words, step=step, last=step, upcoming_step=None,
                    elapsed=s)  # fmt: skip
    line = to_line(facts)
    assert line.count(b"\n") == 1
    assert len(line) <= LONGEST_LINE
    back = from_line(line)
    assert (back.step, back.last, back.scenario) == (step, step, "fan-out")
    assert back.note == {code: printable_lines(text) for code, text in note.items()}
    assert back.elapsed == pytest.approx(s, abs=1e-3)
    assert back == from_line(to_line(back))
    drawn(back)


@given(st.binary(max_size=400))
def test_any_bytes_are_facts_or_refused(line: bytes) -> None:
    """Nothing else happens."""
    with suppress(WireError):
        drawn(from_line(line))


@given(st.sampled_from(sorted(HELD)), JSON)
def test_any_value_in_any_place(key: str, value: object) -> None:
    """Facts that can be shown, or a sentence."""
    line = json.dumps({**HELD, key: value}).encode()
    with suppress(WireError):
        shown = drawn(from_line(line))
        assert all(width(row) == 60 and row.isprintable() for row in shown)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\n",
        b"null",
        b"[]",
        b"{}",
        b"\xff\xfe",
        b"[" * 200_000,
        b'{"notes":' * 5000,
        b"9" * 10_000,
        json.dumps({**HELD, "notes": 2}).encode(),
        json.dumps({**HELD, "more": 1}).encode(),
        json.dumps({k: v for k, v in HELD.items() if k != "step"}).encode(),
        json.dumps({**HELD, "step": -1}).encode(),
        json.dumps({**HELD, "step": True}).encode(),
        json.dumps({**HELD, "step": 13}).encode(),
        json.dumps({**HELD, "last": 10**19}).encode(),
        json.dumps({**HELD, "next": 1.5}).encode(),
        json.dumps({**HELD, "elapsed": 10**400}).encode(),
        json.dumps({**HELD, "elapsed": float("nan")}).encode(),
        json.dumps({**HELD, "note": "text"}).encode(),
        json.dumps({**HELD, "note": {"en": 3}}).encode(),
        json.dumps({**HELD, "note": {"../..": "x"}}).encode(),
        json.dumps({**HELD, "note": {"en": "x" * (LONGEST_TEXT + 1)}}).encode(),
        json.dumps({**HELD, "note": {f"l{chr(97 + k)}": "" for k in range(9)}}).encode(),
        json.dumps({**HELD, "scenario": "s" * 301}).encode(),
        b'"' + b"x" * LONGEST_LINE + b'"',
    ],
    ids=range(26),
)
def test_what_is_wrong_is_refused(line: bytes) -> None:
    """In one sentence, and without much work."""
    with pytest.raises(WireError):
        from_line(line)


def test_what_could_move_a_cursor_is_shown_as_its_picture() -> None:
    """An escape sequence in a note is text."""
    line = json.dumps({**HELD, "note": {"en": "\x1b[2Jgone\u202e \ud800"}}).encode()
    shown = "".join(drawn(from_line(line)))
    assert "␛[2Jgone" in shown
    assert shown.isprintable()


def test_long_texts_are_cut_before_they_are_sent() -> None:
    """A note of any length is told as far as there is room, which it says."""
    told = from_line(to_line(replace(FACTS, note={"en": "x" * 50_000, "zh": "中" * 50_000})))
    assert told.note["en"].endswith("x…")
    assert {len(text) for text in told.note.values()} == {LONGEST_TEXT}


def test_the_page_has_all_of_it() -> None:
    """Now, next, the step in words, where we are, and the time; in the language asked for."""
    said = "\n".join(drawn(FACTS))
    there = ("look at y", "then x", "next, at step 7", "y depends on x", "step 3 of 12", "0:01:01")
    assert [part for part in there if part not in said] == []
    state = SpeakerState(FACTS, "", 3700.0, "zh", UNICODE)
    content = speaker_content(state, 60, 20)
    chinese = "\n".join(plain(content.line(y, 0, 60)) for y in range(content.size[1]))
    assert "看 y" in chinese
    assert "then x" in chinese  # nobody translated it
    assert "1:01:40" in chinese


@pytest.mark.parametrize("cells", [1, 2, 7, 30, 200])
@pytest.mark.parametrize("charset", [ASCII, UNICODE])
def test_any_width(cells: int, charset: Any) -> None:
    """No line is wider, where there is room for a word."""
    content = speaker_content(SpeakerState(FACTS, "old", 1.0, "en", charset), cells, 3)
    assert content.size[1] > 3
    if cells >= 30:
        assert content.size[0] <= cells
