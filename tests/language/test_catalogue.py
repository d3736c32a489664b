"""The languages and their messages."""

from __future__ import annotations

import subprocess
import sys

from tui_backprop.language.catalogue import ENGLISH, language_of


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
