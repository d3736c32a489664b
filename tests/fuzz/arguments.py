"""The words of a command line: each command with its options, right, wrong and repeated."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from hypothesis import strategies as st

from tests.fuzz.changed import WILD
from tests.fuzz.effort import LIMIT_WORDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.cli.support import Said

SCENARIOS: Final = ("drawn.yaml", "drawn.yaml", "drawn.yaml", "other.yaml", "broken.yaml", "chain",
                    "./drawn.yaml", "missing.yaml", "chian", ".", "check", "",
                    "-", "中文")  # fmt: skip
OPTIONS: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "open": (("-e", "step"), ("-e", "why"), ("-e", "nonsense"), ("-x", "lines"), ("-x", "missing"),
             ("--execute", "end"), ("--source", "."), ("--record", "made"), ("--config", "missing"),
             ("--no-history",), ("-e", "health"), ("-e", "set v = nan"), ("-e", "origin nan")),
    "trace": (("--format", "text"), ("--format", "json"), ("--format", "markdown"),
              ("--format", "latex"), ("--plain",), ("--level", "node"), ("--level", "partial"),
              ("--zeros", "show"), ("--zeros", "skip"), ("--no-formulas",)),
    "replay": (("--headless", "--fast"), ("--headless", "--fast", "--plain")),
    "check": (("--json",), ("drawn.yaml",), ("broken.yaml",), ("--verbose",)),
    "compare": (("--rtol", "1e-9"), ("--rtol", "nan"), ("--rtol", "-1"), ("--json",)),
    "health": (("--json",), ("--plot",)),
    "list": (("--json",),), "ops": (("--json",), ("softmax",), ("nothing",)), "schema": (),
    "completion": (("bash",), ("zsh",), ("fish",), ("dash",)),
}  # fmt: skip
COMMON: Final = (("--no-color",), ("--traceback",), ("--ascii",), ("--lang", "en"),
                 ("--lang", "zh"),
                 ("--lang", "fr"), ("--help",), ("--limit", "nodes=3"), ("--limit", "nodes=x"),
                 ("--limit", "noes=3"), ("--limit", "axes=33"), ("--limit",), ("--", "x"), ("--x",),
                 ("--version",), ("--json",))  # fmt: skip


@st.composite
def arguments(draw: st.DrawFn) -> list[str]:
    """A command line that opens no screen: the tests have no terminal."""
    command = draw(st.sampled_from(sorted(OPTIONS)))
    words = [] if command == "open" else [command]
    if command not in {"list", "ops", "schema", "completion"} or not draw(st.integers(0, 4)):
        words.append("a.replay" if command == "replay" else draw(st.sampled_from(SCENARIOS)))
    if command == "compare":
        words.append(draw(st.sampled_from(SCENARIOS)))
    if command == "open" and draw(st.integers(0, 4)):
        words.append("--batch")
    if command == "replay":
        words += ["--headless", "--fast"]
    own = st.sampled_from(OPTIONS[command] or COMMON)
    for _ in range(draw(st.integers(0, 3))):
        words += draw(st.one_of(own, own, own, st.sampled_from(COMMON)))
    if not draw(st.integers(0, 9)):
        words.insert(draw(st.integers(0, len(words))), draw(st.sampled_from(WILD)))
    if words and not draw(st.integers(0, 9)):
        words.pop(draw(st.integers(0, len(words) - 1)))
    takes_limits = command in {"open", "trace", "replay", "check", "compare", "health"}
    return [*words, *LIMIT_WORDS] if takes_limits else words


def assert_leaves_well(said: Said, words: Sequence[str] = ()) -> None:
    """A documented exit status; an error is one block to be read, with no traceback unasked."""
    assert said.status in {0, 1, 2}, said
    assert "Traceback" not in said.out
    assert "Traceback" not in said.err or "--traceback" in words
    assert "Warning" not in said.err, said.err
    assert len(said.err) < 50_000
    assert all(c.isprintable() for c in said.err.replace("\n", "")), said.err
    assert (said.status != 2) or said.err.strip()


def is_json(words: list[str]) -> bool:
    """Whether a command line asks for JSON."""
    return "--json" in words or "json" in words


def assert_json(text: str) -> None:
    """One object or list, read by a parser that takes no NaN."""

    def refuse(word: str) -> None:
        raise AssertionError(word)

    assert json.loads(text, parse_constant=refuse) is not None
