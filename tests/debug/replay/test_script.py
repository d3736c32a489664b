"""A replay as text: what is written is read, and whatever is read is understood or named."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_backprop.debug.commands import COMMANDS, Command
from tui_backprop.debug.replay.reader import LONGEST_WAIT, ReplayError, read
from tui_backprop.debug.replay.script import (
    Claim,
    Do,
    Line,
    Mark,
    Say,
    Script,
    Wait,
    text_in,
    write,
)
from tui_backprop.errors import TuiBackpropError

FLOODS = {
    "one word": "stpe\n" * 20_000,
    "many words": "".join(f"stpe{k}\n" for k in range(20_000)),
    "long words": ("s" * 9000 + "\n") * 100,
    "no texts": "".join(f"say {k}\n" for k in range(20_000)),
}

HEADER = "# tui-backprop replay\nreplay: 1\nscenario: seed\n"

SAID = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=20)
TEXTS = st.one_of(
    st.builds(lambda text: {"": text}, SAID),
    st.dictionaries(st.sampled_from(["en", "zh"]), SAID, min_size=1),
)
COMMAND_LINES = st.sampled_from(
    [
        "step",
        "s 3",
        "break if norm(X.grad) > 10",
        "goto X.grad[0, 1]",
        "compare before",
        "set v = 2",
    ]
)
ACTS = st.one_of(
    st.builds(Do, COMMAND_LINES),
    st.builds(Say, TEXTS),
    st.builds(Mark, TEXTS),
    st.builds(Claim, st.sampled_from(["X.grad[0] == 2", "isnan(y)", '"]"'])),
    st.builds(Wait, st.floats(0, LONGEST_WAIT).map(lambda x: round(x, 6))),
)
TIMES = st.none() | st.integers(0, 10**9).map(lambda ms: ms / 1000)


@st.composite
def scripts(draw: st.DrawFn) -> Script:
    """Any script, its lines numbered as they will stand in the file."""
    sha256 = draw(st.sampled_from(["", "0123456789abcdef" * 4]))
    first = 5 + bool(sha256)
    made = draw(st.lists(st.tuples(ACTS, TIMES), max_size=8))
    lines = tuple(Line(first + k, act, at) for k, (act, at) in enumerate(made))
    return Script(draw(st.sampled_from(["fan-out", "my walks/a.yaml"])), sha256, lines)


@given(scripts())
def test_what_is_written_is_read(script: Script) -> None:
    """Every kind of line, with and without a time, in one language and in two."""
    text = "\n".join(write(script)) + "\n"
    assert read(text) == script


@given(scripts(), st.data())
def test_a_file_cut_anywhere_is_accepted_or_its_header_is_named(
    script: Script, data: st.DataObject
) -> None:
    """A last line cut short is dropped; every line before it is there."""
    text = "\n".join(write(script)) + "\n"
    cut = text[: data.draw(st.integers(0, len(text)))]
    try:
        found = read(cut)
    except ReplayError:
        assert cut.count("\n") < 3 + bool(script.sha256)  # the header itself is cut
        return
    whole = len([line for line in script.lines if line.number <= cut.count("\n")])
    assert found.lines[:whole] == script.lines[:whole]
    assert len(found.lines) <= whole + 1


@given(st.text(max_size=200) | st.text(max_size=60).map(lambda text: HEADER + text))
def test_no_text_does_harm(text: str) -> None:
    """It is a replay, or an error that says why not."""
    with suppress(TuiBackpropError):
        read(text)


@pytest.mark.parametrize("command", [c for c in COMMANDS if c.files], ids=lambda c: c.name)
def test_what_touches_files_is_refused_before_anything_runs(command: Command) -> None:
    """With its place; a prefix of its name is no way around."""
    for word in (command.name, command.name[:-1]):
        with pytest.raises(ReplayError) as caught:
            read(f"{HEADER}\nstep\n  {word} x\n")
        problem = caught.value.problems[0]
        assert (problem.line, problem.column) == (6, 3)
        assert "files" in problem.message


@pytest.mark.parametrize(
    ("line", "column", "said"),
    [
        ("stepp 3", 1, "unknown command 'stepp'"),
        ("@ step", 1, "seconds after @"),
        ("@1.5", 5, "a command after the time"),
        ("say hello", 5, "a text in quotes"),
        ('say xx "bonjour"', 5, "unknown language 'xx'"),
        ('say en "a" en "b"', 12, "a second text"),
        ("wait long", 6, "expected seconds"),
        ("wait 1e9", 6, "expected seconds"),
        ("assert", 8, "expected an expression"),
        ("!ls", 1, "unknown command"),
    ],
)
def test_a_line_that_means_nothing_is_named(line: str, column: int, said: str) -> None:
    """Line and column, and what would do."""
    with pytest.raises(ReplayError) as caught:
        read(f"{HEADER}\n{line}\n")
    problem = caught.value.problems[0]
    assert (problem.line, problem.column) == (5, column)
    assert said in problem.message


def test_all_mistakes_are_told_at_once() -> None:
    """Each with its place, a header's before all."""
    with pytest.raises(ReplayError) as caught:
        read(f"{HEADER}\nstepp\nwait x\n")
    assert [p.line for p in caught.value.problems] == [5, 6]
    with pytest.raises(ReplayError) as caught:
        read("replay: 2\nscenari: x\nsha256: 12\n")
    assert len(caught.value.problems) == 4


def test_a_recorded_line_without_its_end_is_dropped() -> None:
    """'goto 12' may have been going to be 'goto 123'; by hand a last end may be missing."""
    assert read(f"{HEADER}\n@1.0 goto 12").dropped == "@1.0 goto 12"
    assert read(f"{HEADER}\ngoto 12").lines == (Line(5, Do("goto 12")),)
    assert read(f"{HEADER}\nsay 'half").dropped == "say 'half"


def test_a_text_in_the_language_that_is_there() -> None:
    """The one asked for, else the one without a language, else English, else any."""
    assert text_in({"en": "a", "zh": "b"}, "zh") == "b"
    assert text_in({"": "a"}, "zh") == "a"
    assert text_in({"zh": "b"}, "en") == "b"


def test_a_blank_of_any_kind_parts_a_command_from_its_argument() -> None:
    """What is read is what the debugger understands."""
    script = read(f"{HEADER}\nstep\t2\n")
    assert script.lines[0].act == Do("step 2")


def test_a_line_nobody_would_write_is_refused() -> None:
    """By its length, before anything looks at it."""
    long = "1 + " * 2_500 + "1"
    for line in (f"assert {long}", f'say "{long}"', f"print {long}"):
        with pytest.raises(ReplayError, match="characters"):
            read(f"{HEADER}\n{line}\nstep\n")


@pytest.mark.parametrize("flood", FLOODS)
def test_a_flood_of_mistakes_is_counted(flood: str) -> None:
    """The first of them are shown, and how many more there are."""
    with pytest.raises(ReplayError) as caught:
        read(HEADER + FLOODS[flood])
    assert len(str(caught.value)) < 10_000
    assert len(caught.value.problems) == 21
    assert caught.value.left_out == FLOODS[flood].count("\n") - 20
    assert caught.value.problems[-1].message.endswith("more problems")


def test_a_flood_of_fields_is_counted() -> None:
    """In the header too."""
    with pytest.raises(ReplayError, match="and 80 more problems"):
        read("replay: 1\nscenario: seed\n" + "".join(f"x{k}: 1\n" for k in range(100)))
