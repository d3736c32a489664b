"""The words: every one says something, everywhere, with the numbers of the walk at hand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pytest

import tui_backprop as tb
from tests.strategies import GraphMaker, seed_example
from tui_backprop import Session
from tui_backprop.debug.glossary.example import Example, few
from tui_backprop.debug.glossary.lookup import explained, meant
from tui_backprop.debug.glossary.words import WORDS, Word
from tui_backprop.errors import CommandError
from tui_backprop.graph.model import ZeroGrad
from tui_backprop.language.catalogue import language_of, languages
from tui_backprop.program.library.definitions import definitions
from tui_backprop.program.vocabulary.aliases import ALIASES
from tui_backprop.program.vocabulary.explained import EXPLAINED
from tui_backprop.rules import RULES
from tui_backprop.scenario.files import shipped
from tui_backprop.tui.commands import ALL_COMMANDS

if TYPE_CHECKING:
    from pathlib import Path

each_word = pytest.mark.parametrize("word", WORDS, ids=lambda word: word.name)
MOST = 24
"""Steps of a walk that are asked: its first, its last, one of each kind, and some between."""


def steps(session: Session) -> list[int]:
    """Some steps, among them the ends of every section."""
    ends = {k for s in session.timeline.sections for k in (s.start, s.stop - 1)}
    return sorted({*ends, *np.linspace(0, session.last, MOST).astype(int).tolist()})


@pytest.mark.few(3)
@pytest.mark.parametrize("path", shipped(), ids=lambda path: path.stem)
def test_every_word_says_something_at_every_step(path: Path) -> None:
    """In every language, and never half in another; what it claims here has a number in it."""
    session = tb.load(path).session()
    for k in steps(session):
        session.goto(k)
        for word in WORDS:
            answer = explained(session, word)
            *_, see = (line.text for line in answer.lines)
            here = [line.text for line in answer.lines[2:-1]]
            assert here
            has_number = any(re.search(r"\d|nan|inf", text) for text in here)
            # Words are about reverse mode: of a forward walk there is nothing to count.
            assert has_number is not session.timeline.is_forward, (k, word.name, here)
            assert see.startswith("see also: ")
            for code in languages():
                spoken = language_of(code).answered(answer)
                assert all(line.text.strip() for line in spoken.lines)
                is_other = [
                    a.text != b.text for a, b in zip(answer.lines, spoken.lines, strict=True)
                ]
                assert all(is_other) or code == "en"


@pytest.mark.parametrize("path", shipped(), ids=lambda path: path.stem)
def test_the_numbers_are_those_of_the_walk(path: Path) -> None:
    """The sum that the chain rule writes out, the partial, and what the edge adds, asked again."""
    session = tb.load(path).session()
    session.push_forward(None)  # a forward walk has no v
    for k in steps(session):
        session.goto(k)
        it = Example(session)
        frame = it.at
        assert frame.J is not None
        assert frame.v is not None
        partial = frame.J.toarray() if frame.J.shape[0] * frame.J.shape[1] < 10**5 else None
        if partial is None:
            continue
        with np.errstate(all="ignore"):
            product = frame.v.ravel() @ partial
        total = float(it.sum.split()[-1])
        assert np.isclose(total, product[frame.column], rtol=1e-4, equal_nan=True) or not (
            np.isfinite(partial).all()
        )
        text = _said(session, "partial")
        assert f"= {_last_number(text[2])}" in text[2]
        assert np.isclose(
            float(_last_number(text[2])), partial[frame.row, frame.column], rtol=1e-4,
            equal_nan=True,
        )  # fmt: skip


def _said(session: Session, word: str) -> list[str]:
    found = meant(word)
    assert found is not None
    return [line.text for line in explained(session, found).lines]


def _last_number(text: str) -> str:
    return text.rstrip(".").rpartition(" = ")[2]


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ("help v", "Y.backward(v) has v = [1, 2, 3]"), ("help J", "∂Y/∂X is 3 × 3"),
        ("help J", "J [local|total|product [NODE]]"),
        ("help grad", "X.grad is [2, 4, ·] at step 9, and [2, 4, 6]"),
        ("help gradient", "X.grad is"), ("help X.grad", "X.grad is"), ("help X.grad[1]", "X.grad"),
        ("help seed", "[1, 2, 3] is put on Y at step 3"), ("help VJP", "is [2, 4, 6]"),
        ("help vjp", "is [2, 4, 6]"), ("help JVP", "changes by [0, 2, 0] times"),
        ("help chain rule", "1·0 + 2·2 + 3·0 = 4"), ("help chain", "= 4"),
        ("help structural zero", "6 of the 9"), ("help spars", "6 of the 9"),
        ("help word J", "∂Y/∂X is 3 × 3"), ("help word", "chain rule"), ("help v?", "[1, 2, 3]"),
        ("help reverse mode", "3 entries"), ("help break", "break [WHERE] [if EXPR]"),
        ("help sum", "a gradient is the sum over all ops that read a value"),
        ("help sum", "sum(x)"), ("help zero", "which entries of J are 0"),
        ("help accumulation", "Here X is read 1 time"), ("help cond", "condition N"),
        ("help leaf", "1 leaf has a gradient: X"),
    ],
)  # fmt: skip
def test_the_seed_is_explained(asked: str, part: str) -> None:
    """With its own numbers, by whatever name a word is asked for."""
    session = Session(seed_example())
    session.goto(9)
    assert part in session.execute(asked)


@pytest.mark.parametrize("name", [*RULES, *ALIASES, *definitions(), *EXPLAINED])
def test_help_knows_every_op_by_each_of_its_names(name: str) -> None:
    """As notes promise: ``help relu`` tells which slope is taken at the kink."""
    session = Session(seed_example())
    told = session.execute(f"help {name}")
    assert session.execute(f"info op {name}") in told


def test_help_of_relu_tells_its_convention() -> None:
    """The command that a hunt advises."""
    assert "relu'(0) = 0" in Session(seed_example()).execute("help relu")


@pytest.mark.parametrize(
    ("asked", "help_"), [("why v", "help v"), ("why J[1,0]", "help J"), ("why zero v", "help v")]
)
def test_what_v_and_J_are_is_asked_elsewhere(asked: str, help_: str) -> None:
    """``why`` is about gradients, and tells where these two are explained."""
    with pytest.raises(CommandError, match=f"'{help_}' tells what"):
        Session(seed_example()).execute(asked)


def test_a_word_alone_leaves_the_command_out() -> None:
    """Where both have a name, the command comes first and ``word`` gives the word."""
    session = Session(seed_example())
    assert session.execute("help J").startswith("J [local|total|product [NODE]]\n")
    assert session.execute("help word J").startswith("J: the matrix")


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("help zzz", "there are: v, J, VJP"), ("help gradd", "did you mean 'grad'"),
        ("help word zzz", "there is no word 'zzz'; there are: v"), ("help re", "may mean"),
        ("help braek", "did you mean 'break'"), ("help " + "z" * 500, "zzz…'; there are"),
    ],
)  # fmt: skip
def test_what_is_no_word_is_told_what_there_is(asked: str, message: str) -> None:
    """The nearest, or all of them; a part of several commands' names means none of them."""
    with pytest.raises(CommandError) as caught:
        Session(seed_example()).execute(asked)
    assert message in str(caught.value)


@each_word
def test_a_word_leads_to_words(word: Word) -> None:
    """Each name and alias means it and no other; what it refers to there is."""
    for name in (word.name, *word.aliases):
        assert meant(name) is word
    assert all(meant(name) is not None and name != word.name for name in word.see)
    assert set(word.see) <= {other.name for other in WORDS}


def test_aliases_are_no_commands() -> None:
    """A name may be a command's, where both are told; an alias would hide behind it."""
    known = {w for c in ALL_COMMANDS for w in (c.name, *c.aliases)}
    assert not known & {alias for word in WORDS for alias in word.aliases}


def test_without_a_pass_the_word_still_means_something() -> None:
    """A walk may end before anything is pulled back; then it says so."""
    maker = GraphMaker()
    maker.op("multiply", maker.number(2.0), maker.input([1, 2, 3], "X"), name="Y")
    session = Session(maker.trace(ZeroGrad()))
    assert "This walk has no backward pass." in session.execute("help v")
    for word in WORDS:
        assert len(explained(session, word).lines) > 3


def test_a_large_array_is_quoted_by_its_beginning() -> None:
    """And its shape; an entry that is not known is ``·``."""
    assert few(np.arange(12.0).reshape(3, 4)) == "[0, 1, 2, 3, …] (3×4)"
    assert few(np.array([[1.0, -2.5]])) == "[[1, -2.5]]"
    assert few(np.array([1.0, 2.0]), np.array([True, False])) == "[1, ·]"
    assert few(np.zeros(4), size=9) == "[0, 0, 0, 0, …] (9)"
