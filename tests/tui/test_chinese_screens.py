"""In Chinese no screen holds English: panes, pages, lists and answers, at three sizes.

Beside names, code, commands and keys there are no Latin letters. What a pane may hold is less than
what a page about commands may.
"""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING, Final

import pytest

import tui_backprop as tb
from tests.chinese import LATIN
from tests.marks import few, few_of
from tests.tui.conftest import LARGE, SMALL
from tui_backprop.debug.commands import COMMANDS, perform
from tui_backprop.debug.glossary.words import WORDS as GLOSSARY
from tui_backprop.language.catalogue import language_of
from tui_backprop.language.message import Said
from tui_backprop.progress import run_to_end
from tui_backprop.render.text.charset import UNICODE
from tui_backprop.replays import load_replay
from tui_backprop.rules import RULES
from tui_backprop.rules.planted.kinds import BUGS
from tui_backprop.tui.colours import THEMES
from tui_backprop.tui.commands import ALL_COMMANDS
from tui_backprop.tui.exporting.formats import EXPORTS
from tui_backprop.tui.keymap import DEFAULTS
from tui_backprop.tui.options import Options
from tui_backprop.tui.pages.entries import entries
from tui_backprop.tui.pages.legend import legend
from tui_backprop.tui.panes import PANES
from tui_backprop.tui.screen import DebugScreen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from contextlib import AbstractAsyncContextManager

    from tests.tui.conftest import Driver

    Run = Callable[..., AbstractAsyncContextManager[Driver]]

ZH: Final = language_of("zh")
CHINESE: Final = Options(algebra=False, language="zh")
SIZES: Final = (SMALL, LARGE, (60, 20))

ON_PANES: Final = ("grad", "backward", "space", "yaml", "NODE", "WHAT", "celu", *RULES)
"""``X.grad``, ``y.backward(v)``, the key, the file of a scenario, what is typed, and ops."""
IN_COMMANDS: Final = (
    # what they are given, as it is typed in every language
    "breakpoints displays node op build seed partial zero_grad update iteration write line layer",
    "claim page plot",
    "before show skip zero nan inf ignoring ones onehot word hits disabled direction without",
    "inside if axis locals on off auto large force local product Now look en zh tangent",
    *EXPORTS,
    *BUGS,
    # pieces of programs, and names in examples
    "net phase relu softmax and or not value norm any all abs isnan isinf isfinite min max",
    "count_nonzero encoder train py fin mask other yaml",
    # what is called so everywhere
    "NaN SVG JAX PyTorch SymPy UTF shell fg VJP",
)
KEYS: Final = (
    *chain.from_iterable(DEFAULTS.values()),
    *("tab", "shift", "ctrl", "Escape", "escape", "enter", "Enter", "Tab", "page", "Page Up Down"),
)
NAMES: Final = [name for c in ALL_COMMANDS for name in (c.name, *c.aliases)]


def of_scenario(name: str) -> Iterator[str]:
    """What a scenario itself says: its name, names in it, its program, its own Chinese."""
    model = tb.load(name).model
    yield from (name, model.title.get("zh"), model.graph.program)
    yield from (node.label for node in model.graph.nodes)
    yield from (note.text.get("zh") for note in model.notes)


def english(text: str, *allowed: Iterable[str]) -> set[str]:
    """Words in Latin letters that are not allowed; one that is cut may be the start of one."""
    known = {word for part in chain(*allowed) for word in LATIN.findall(part)}
    left = set()
    for found in LATIN.finditer(text):
        word, is_cut = found.group(), text[found.end() :].startswith(("…", "\n"))
        if word not in known and not (is_cut and any(k.startswith(word) for k in known)):
            left.add(word)
    return left


def test_english_is_found() -> None:
    """The law can fail, on a word that is cut too."""
    text = "第 3 步 there is vector-dou…"
    assert english(text, ["vector-double"]) == {"there", "is"}
    assert english("grap…", ["gradient"]) == {"grap"}


@pytest.mark.few(0, 4)
@pytest.mark.parametrize(
    ("name", "size"),
    few_of(
        [("mlp-2-3-1", SMALL), ("vector-double-slip", (60, 20))],
        ["vector-double-slip", "mlp-2-3-1"],
        SIZES,
    ),
)
async def test_panes(run: Run, name: str, size: tuple[int, int]) -> None:
    """While building, at the seed and at partials, whatever is shown and however."""
    y, x = ("Y", "X") if name.startswith("vector") else ("y", "x")
    lines = [f"break {y}", f"tbreak {x} if v[0] > 1", "watch v[0]", "disable 1"]
    allowed = (ON_PANES, list(of_scenario(name)), lines[1:2])
    async with run(name, size, CHINESE) as driver:
        seen = [("", driver.text())]
        last = driver.session.last
        keys = [*["s"] * 4, "t", "j", "t", "j", "n", "f", "z", "z", "S", "end", "U", "*", "m", "m"]
        for key in keys:
            await driver.press(key)
            seen.append((key, driver.text()))
        for line in lines:
            driver.session.execute(line)
        for k in range(0, last, max(last // 8, 1)):
            await driver.press("g")
            await driver.write(f"{k}")
            await driver.press("enter")
            seen.append((f"goto {k}", driver.text()))
    assert {key: words for key, text in seen if (words := english(text, *allowed))} == {}


async def scrolled(driver: Driver, key: str, most: int = 40) -> str:
    """A page or a list from where it is to its end."""
    texts = [driver.text()]
    for _ in range(most):
        await driver.press(key)
        if driver.text() == texts[-1]:
            break
        texts.append(driver.text())
    return "\n".join(texts)


@pytest.mark.exhaustive
@pytest.mark.parametrize("size", few(SIZES, 1))
async def test_pages_and_lists(run: Run, size: tuple[int, int]) -> None:
    """Help, with and without a pane; palette, themes, log, what cannot be opened, the prompt."""
    name = "vector-double"
    own = (ON_PANES, IN_COMMANDS, KEYS, NAMES, list(of_scenario(name)))
    found = {}
    async with run(name, size, CHINESE) as driver:
        await driver.press("question_mark")
        found["help"] = await scrolled(driver, "space")
        await driver.press("escape", "end")
        for pane in PANES:
            if pane.word and driver.app.screen.query_one(f"#{pane.id}").display:
                driver.app.screen.query_one(f"#{pane.id}").focus()
                await driver.press("question_mark")
                found[pane.id] = driver.text()
                await driver.press("escape")
        await driver.press("ctrl+p")
        found["palette"] = await scrolled(driver, "pagedown")
        await driver.write("qqq")
        found["no match"] = driver.text()
        await driver.press("escape")
        await driver.press("T")
        found["themes"] = await scrolled(driver, "pagedown")
        await driver.press("escape", "colon")
        found["prompt"] = driver.text()
        await driver.write("open qqq")
        await driver.press("enter")
        found["problem"] = driver.text()
        await driver.press("escape", "L")
        found["log"] = driver.text()
    words = [word.name for word in GLOSSARY]
    more = {
        **{pane.id: words for pane in PANES},
        "themes": THEMES, "no match": ["qq qqq"], "problem": ["qqq", "tui-backprop"],
        "log": ["qqq"], "palette": words,
    }  # fmt: skip
    left = {
        place: wrong
        for place, text in found.items()
        if (wrong := english(text, *own, more.get(place, ())))
    }
    assert left == {}


@pytest.mark.exhaustive
@pytest.mark.parametrize("size", few(SIZES, 1))
async def test_what_can_be_picked(run: Run, size: tuple[int, int]) -> None:
    """The list, its help, and its palette."""
    names = [entry.name for entry in entries()]
    titles = [entry.title("zh") for entry in entries()]
    async with run(None, size, CHINESE) as driver:
        await driver.pilot.pause(1.0)
        found = [await scrolled(driver, "pagedown")]
        await driver.press("question_mark")
        found.append(driver.text())
        await driver.press("escape", "ctrl+p")
        assert "theme" in driver.text()
        found.append(await scrolled(driver, "pagedown"))
    allowed = (
        KEYS,
        names,
        titles,
        ["help", "theme", "language", "quit", "v"],
        ["tui-backprop", "learn"],
    )
    assert [english(text, *allowed) for text in found] == [set()] * 3


GIVEN: Final = {
    "until": "step > 5", "goto": "claim", "break": "Y", "tbreak": "5", "watch": "X.grad[0]",
    "ignore": "1 2", "condition": "1 step > 3", "print": "X.grad", "display": "norm(v)",
    "info": "node Y", "J": "", "why": "X.grad[0]", "origin": "nan", "health": "plot",
    "compare": "chain", "set": "X = [-1, 2, 3]", "restore": "display: v", "fold": "",
    "replay-to": "3", "search": "Y", "theme": "nosuch", "language": "xx",
    "save": "/nowhere/at/all", "source": "/nowhere/at/all",
}  # fmt: skip
"""To commands that can do nothing alone, or more than alone."""
ELSEWHERE: Final = {"help", "command", "open", "quit", "log", "screenshot", "play"}
"""Commands that open another screen or a file, or go on by themselves."""


async def answered(driver: Driver, line: str) -> str:
    """All that is to be read after a line."""
    await driver.press("colon")
    await driver.write(line)
    await driver.press("enter")
    texts = [driver.text()]
    while not isinstance(driver.app.screen, DebugScreen):
        await driver.press("escape")
    if driver.app.screen.query("#complaint"):
        await driver.press("escape")
    return "\n".join([*texts, driver.text()])


@pytest.mark.exhaustive  # the quick tests ask what each answers without a screen
async def test_what_every_command_answers(run: Run) -> None:
    """Each of the table once, in its order, and what is refused."""
    name = "vector-double-slip"
    lines = [f"{c.name} {GIVEN.get(c.name, '')}".strip() for c in ALL_COMMANDS
             if c.name not in ELSEWHERE]  # fmt: skip
    own = (
        (*ON_PANES, *IN_COMMANDS, *NAMES, *RULES, *THEMES, *of_scenario(name)),
        ("escape enter tab", "tui-backprop tb.recording --record FILE", "en zh xx"),
        tuple(of_scenario("chain")),
    )
    async with run(name, SMALL, CHINESE) as driver:
        driver.session.goto(8)
        found = {line: await answered(driver, line) for line in lines}
    left = {
        line: words for line, text in found.items() if (words := english(text, *own, [line, name]))
    }
    assert left == {}


async def test_no_name_is_divided_in_a_refusal(run: Run) -> None:
    """Between wide characters a line may end, but not within what stands between them."""
    async with run("vector-double", SMALL, CHINESE) as driver:
        text = await answered(driver, "theme nosuch")
    assert all(theme in text for theme in list(THEMES)[:8])


@pytest.mark.exhaustive
@pytest.mark.exhaustive
async def test_a_replay(run: Run) -> None:
    """Its bar, what is said, and what cannot be done."""
    replay = load_replay("seed")
    own = [str(replay.script), *of_scenario(replay.scenario.model.name)]
    options = Options(algebra=False, language="zh", replay=replay.script)
    async with run(replay.scenario, SMALL, options) as driver:
        seen = [driver.text()]
        for key in ["greater_than_sign"] * 12 + ["space", "space", "left_square_bracket"] * 2:
            await driver.press(key)
            seen.append(driver.text())
    assert [words for text in seen if (words := english(text, ON_PANES, own))] == []


SAME: Final = {"[local|total|product [NODE]]", "[on|off|product|NODE]", "[show | skip]", "[on|off]",
               "[on|off|auto]", "[on|large|off]"}  # fmt: skip
"""Words that are typed, and so are the same."""


def texts_of_tables() -> Iterator[tuple[str, str]]:
    """Every text that a person reads, and where it stands."""
    for command in ALL_COMMANDS:
        for field in ("help", "argument", "short", "group", "details"):
            yield f"{command.name}.{field}", getattr(command, field, "")
    yield from (
        (f"pane {pane.id}", pane.title) for pane in PANES if pane.title not in {"vᵀJ", "J", "v"}
    )
    yield from ((f"mark {mark.text}", mark.meaning) for mark in legend(UNICODE))


@pytest.mark.parametrize(("place", "text"), [row for row in texts_of_tables() if row[1]])
def test_what_stands_in_tables_is_a_message(place: str, text: str) -> None:
    """It remembers what it was made of, and has a translation."""
    assert isinstance(text, Said), place
    told = ZH.retold(text)
    assert text in SAME or re.search("[一-鿿]", told), (place, told)


def test_help_of_a_command() -> None:
    """Its usage, its sentence and all its details."""
    session = tb.load("vector-double").session()
    own = (ON_PANES, IN_COMMANDS, NAMES, [word.name for word in GLOSSARY], ["shape"])
    for command in COMMANDS:
        answer = ZH.answered(run_to_end(perform(session, f"help {command.name}")))
        assert english(answer.text, *own, list(of_scenario("vector-double"))) == set(), command.name
