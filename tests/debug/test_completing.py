"""What an unfinished line may become."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import seed_example
from tui_backprop import Session
from tui_backprop.debug.commands import COMMANDS
from tui_backprop.debug.commands.completing import complete


def session() -> Session:
    """The seed, with two breakpoints and a display."""
    made = Session(seed_example())
    for line in ("break Y", "break seed", "delete 1", "watch v", "display norm(v)"):
        made.execute(line)
    return made


SESSION = session()


@pytest.mark.parametrize(
    ("line", "start", "words"),
    [
        ("undi", 0, {"undisplay"}), ("  undi", 2, {"undisplay"}), ("ta", 0, {"tape"}),
        ("help cond", 5, {"condition"}), ("break Y", 6, set()), ("break o", 6, {"op"}),
        ("b op m", 5, {"multiply"}), ("break op multiply s", 18, {"seed", "step"}),
        ("break write X.", 12, {"X.grad"}), ("break p", 6, {"partial"}),
        ("break Y i", 8, {"if"}), ("break if X.g", 9, {"X.grad"}),
        ('break seed if phase == "pa', 24, {"partial"}), ("until op != 'mul", 13, {"multiply"}),
        ("until node == 'Y", 15, set()), ("print norm(X.gr", 11, {"X.grad"}),
        ("watch isn", 6, {"isnan("}), ("condition 2 isn", 12, {"isnan("}),
        ("delete ", 7, {"2", "3"}), ("delete 2 ", 9, {"2", "3"}), ("enable 3", 7, set()),
        ("ignore ", 7, {"2", "3"}), ("ignore 2 ", 9, set()), ("undisplay ", 10, {"1"}),
        ("goto X.", 5, {"X.grad"}), ("info n", 5, {"node"}), ("info op in", 8, {"input"}),
        ("info node ", 10, {"X", "Y"}), ("set s", 4, {"seed"}), ("set ", 4, {"v", "seed", "X"}),
        ("set seed on", 9, {"ones", "onehot"}), ("set X = Y.g", 8, {"Y.grad"}),
        ("J t", 2, {"total"}), ("J product ", 10, {"X", "Y"}), ("J total ", 8, {"X", "Y"}),
        ("nonsense Y", 10, set()), ("", 0, None), ("print ", 6, None),
    ],
)  # fmt: skip
def test_the_place_in_the_line_decides(line: str, start: int, words: set[str] | None) -> None:
    """Commands first, then what each of them takes."""
    found = complete(SESSION, line, ["tape"])
    assert found.start == start
    if words is None:
        assert len(found.words) > 12
    else:
        assert set(found.words) == words


@given(st.sampled_from([c.name for c in COMMANDS]), st.text("XY. gradv=if[]'\"@0 ", max_size=14))
def test_what_is_offered_begins_as_what_is_typed(name: str, rest: str) -> None:
    """Any line; nothing raises, nothing is offered twice, the word is never the same."""
    line = f"{name} {rest}"
    found = complete(SESSION, line)
    word = line[found.start :]
    assert all(w.startswith(word) and w != word for w in found.words)
    assert len(set(found.words)) == len(found.words)


@pytest.mark.parametrize("name", [c.name for c in COMMANDS if len(c.name) > 1])
def test_every_command_is_completed(name: str) -> None:
    """From all but its last letter."""
    assert name in complete(SESSION, name[:-1]).words


def test_a_large_graph_is_not_listed_whole() -> None:
    """More words than a person can read are no help."""
    assert len(complete(SESSION, "print ").words) <= 1000
