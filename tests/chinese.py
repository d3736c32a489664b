"""What holds no English in another language: lines to type, and the words that may be there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import tui_backprop as tb
from tui_backprop.debug.commands import COMMANDS
from tui_backprop.debug.glossary.words import WORDS as GLOSSARY
from tui_backprop.exports.formats import FORMATS
from tui_backprop.program.library.definitions import definitions
from tui_backprop.program.vocabulary.aliases import ALIASES
from tui_backprop.program.vocabulary.explained import EXPLAINED
from tui_backprop.program.vocabulary.makers import NAMES as NAMES_OF_MAKERS
from tui_backprop.rules import RULES
from tui_backprop.rules.conventions.measured import TITLES, measured
from tui_backprop.rules.planted.kinds import BUGS
from tui_backprop.tui.commands import VIEW_COMMANDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LATIN: Final = re.compile(r"[A-Za-z]{2,}")

WORDS: Final = frozenset(
    word
    for words in (
        # what commands are given
        "breakpoints displays last nan inf page zero ignoring seed ones onehot total product",
        "local before show skip restore disabled hits write word locals on off auto large",
        # how what is typed is described
        "NODE NAME MODULE COMMAND OP",
        "running_mean running_var weight bias pos",
        # numbers and pieces of code
        "NaN None else axis grad value shape size ndim any all with tb recording limit",
        "elements searched",
        "claims of",
        "expression",
        "tui_backprop rules ops",
        # what conditions ask for by these words
        "build partial zero_grad update iteration phase op node line step if input const",
        # names that are the same everywhere, and keys
        "PyTorch torch optim SymPy NumPy LAPACK UTF escape True False stable trigamma",
        "Esc asciicast base force local learn tui backprop bug argument",
        *BUGS,
        "Graphviz Mermaid Markdown LaTeX HTML CSV SVG PNG JSON asciinema Chromium",
        *FORMATS,
        *TITLES.values(),
        # words of the field, by which help asks
        *(word.name for word in GLOSSARY),
    )
    for word in re.findall("[A-Za-z]+", words)
)
"""That are no English: `set seed onehot K` is typed so in every language."""

ON_OP_PAGES: Final = (
    *ALIASES,
    *definitions(),
    *NAMES_OF_MAKERS,
    *(told.signature for told in EXPLAINED.values()),
    *(told.example for told in EXPLAINED.values()),
    # code that was measured, and the errors that it raises
    *(point.of for point in measured().points),
    *(call for point in measured().points for call in point.calls.values()),
    *(text for point in measured().points for text in map(str, point.grads.values())),
)
"""Names of functions, and code of other frameworks, where ops are explained."""

WRONG: Final = (
    "foo", "stp", "e", "X = 3", "step x", "step 0", "goto 99", "goto foo", "goto X.grad[7]",
    "goto claim 9", "until", "until foo", "J foo", "where x", "print foo", "print X.bar",
    "print", "print op ==", 'print phase == "x"', 'print op == "reluu"', 'print node == "W"',
    "break write", "break op relu", "break op mult", "break line 900", "break foo", "break 99",
    "break X.grad", "break if foo > 1", "watch", "watch 3", "info foo", "info op reluu",
    "delete 9", "enable 9", "ignore 1 x", "condition 9 X", "display foo", "undisplay 7",
    "why X", "why zero X.grad", "why X.grad[9]", "origin foo", "origin nan ignoring", "health foo",
    "health X.grad", "compare", "compare nosuch", "compare /tmp", "compare before",
    "set v", "set = 3", "set Y = 3", "set v = [1]",
    "set v = [1, 0, 0][1, 2, 3]", "set X = [1, 2", "set X = 1]", "set X = [1, [2, 3]]",
    "set X = [1, x]", "set X[9] = 5", "set X[0] = [1, 2]", "set X[a] = 1", "set seed onehot 77",
    "set X = [1, 2, 3, 4]", "undo", "redo", "zeros foo", "fold", "unfold", "unfold foo",
    "save /nonexistent/x/y", "source /nofile", "source /tmp", "source /dev/null", "source ~x/y",
    "restore foo", "restore break x", "help foo",
    "set X = X @ X",     "print X[", "print 1 +", "print sin(X", "print foo(X)",
    "print X +* 2", "print softmx(X)",
    "print X @ X @ X", "print X[9]", "print sum(X, axis=7)", "print reshape(X, (7,))",
    "print X if X", 'print "a"', "print relu(X, X)", "print relu()", "print sum(X, axs=1)",
    "print X @ [1, 2]", "print X + [1, 2, 3, 4, 5]", "print 1e999 * X", "print eval(X)",
    "print X ^ 2", "print X < 1 < 2",  "print sum(X, axis=1.5)",
    "print {X}", "print lambda x: x", "print X.item()", "print 0x1F", "print 2X", "print max(X, X)",
    "print concatenate(X)", "print f(X)", "print X := 2", "print X; X", "print X)",
    "set X = relu(X)[5]", "set X = X @ X", "break if X >", "watch X[", "print scan(X)",
)  # fmt: skip
"""Lines that are refused, on the first step of `vector-double`."""

RIGHT: Final = (
    "step", "next", "finish", "goto 9", "where", "print X", "print X.grad", "print norm(v)",
    "break Y", "break op multiply", "tbreak 12", "watch X.grad[0]", "info breakpoints",
    "display X.grad", "info displays", "info node", "info op multiply", "info op softmax", "why",
    "why X.grad[0]", "why zero X.grad[1]", "origin nan", "origin inf", "health", "health plot",
    "compare chain", "set X = [3, 4, 5]", "compare before", "undo", "redo", "zeros", "zeros show",
    "list", "list 1", "undisplay", "disable 1", "enable 1", "delete", "reverse-step",
    "reverse-next", "restart", "continue", "reverse-continue", "end", "goto claim",
    "until step > 7", "J", "J total",
)  # fmt: skip
"""Lines that are answered."""


def english(text: str, allowed: Iterable[str]) -> list[str]:
    """Words of a text that are neither Chinese nor allowed."""
    known = WORDS.union(*(LATIN.findall(part) for part in allowed))
    return [word for word in LATIN.findall(text) if word not in known]


def names(scenario: str) -> Iterator[str]:
    """What is called so in every language: commands, ops, nodes."""
    yield from (name for c in COMMANDS for name in (c.name, *c.aliases))
    yield from (name for c in VIEW_COMMANDS for name in (c.name, *c.aliases))
    yield from RULES
    yield from (node.label for node in tb.load(scenario).trace().graph.nodes)
    yield scenario
