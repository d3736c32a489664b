"""The languages and their messages."""

from __future__ import annotations

import subprocess
import sys

from tui_backprop.language.catalogue import ENGLISH, language_of
from tui_backprop.language.message import said


def test_english_is_what_the_code_says() -> None:
    """Messages, counts, texts of the op table."""
    english = language_of("en")
    assert english is ENGLISH
    assert english.say("node {number}", number=7) == "node 7"
    assert english.translated("x · y, entry by entry") == "x · y, entry by entry"


def test_chinese_comes_from_its_catalogue() -> None:
    """Fields are filled in; what it lacks stays English."""
    chinese = language_of("zh")
    assert chinese.say("node {number}", number=7) == "节点 7"
    assert chinese.translated("x · y, entry by entry") == "x · y，逐个元素"
    assert chinese.translated("") == ""
    assert chinese.say("no such message {a}", a=1) == "no such message 1"


def test_no_blank_stands_between_chinese_and_what_is_filled_in() -> None:
    """Where that is Chinese; beside a name or a number it stands."""
    chinese, message = language_of("zh"), "{outputs} holds no {what}"
    named = chinese.say(message, outputs="y", what="NaN")
    assert named == "y 里没有 NaN"
    assert chinese.say(message, outputs="y", what=chinese.say("infinity")) == "y 里没有无穷大"
    assert chinese.say(message, outputs="输出", what="NaN") == "输出里没有 NaN"
    assert chinese.retold(said(message, outputs="y", what=said("infinity"))) == "y 里没有无穷大"


def test_numbers_of_things_follow_the_language() -> None:
    """English has two forms, Chinese one."""
    messages = "{number} of them is not finite", "{number} of them are not finite"
    said = [ENGLISH.count(*messages, n, number=n) for n in (1, 2)]
    assert said == ["1 of them is not finite", "2 of them are not finite"]
    assert language_of("zh").count(*messages, 1, number=1) == "其中 1 个不是有限数"


def test_an_unknown_language_is_english() -> None:
    """A catalogue that is not there is no error."""
    assert language_of("tlh") is ENGLISH


def test_english_loads_no_catalogue_reader() -> None:
    """Babel is for those who asked for another language."""
    code = (
        "import sys\nfrom tui_backprop.cli import main\n"
        "main(['trace', 'chain', '--plain'])\n"
        "assert not {'babel', 'sympy', 'textual', 'rich'} & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True)
    assert done.returncode == 0, done.stderr
