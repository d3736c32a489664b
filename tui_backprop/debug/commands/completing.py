"""Completions of the last word of an unfinished line.

They follow from how each command states its argument, so that a new command is completed without a
line here.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Final

from tui_backprop.dataclass import dataclass
from tui_backprop.debug.commands import COMMANDS, find_command
from tui_backprop.debug.commands.asked import IF
from tui_backprop.debug.commands.inspect import WHAT
from tui_backprop.debug.commands.jacobians import VIEWS
from tui_backprop.debug.place_names import layers, ops_of, seed_word
from tui_backprop.errors import CommandError
from tui_backprop.graph.file_names import shortest
from tui_backprop.graph.model import Role
from tui_backprop.timeline.frame import Phase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from tui_backprop.debug.commands.command import Command
    from tui_backprop.debug.session import Session

    Words = Iterable[str]

_WORD: Final = r"(?a)[\w.@-]*$"
_WHERE: Final = r"\S*$"
_NAME: Final = r"(?a)(?<![\w.@])\w[\w.@]*$|(?<![\w.@])$"
_QUOTED: Final = r"""\b(phase|op|node)\s*[!=]=\s*["']([^"']*)$"""
_MOST: Final = 1000
_PHASES: Final = tuple(phase.value for phase in Phase)


@dataclass(frozen=True, slots=True)
class Completion:
    """A text that may replace the last word.

    Attributes:
        start: where that word begins in the line.
        words: what it may become, in the order to be shown; none where nothing is known.
    """

    start: int
    words: tuple[str, ...] = ()


def complete(session: Session, line: str, more: Sequence[str] = ()) -> Completion:
    """The completions of a line that ends at the cursor.

    Args:
        session: whose nodes and breakpoints may be named.
        line: as far as it is typed.
        more: words that mean commands beside the debugger's own.
    """
    bare = line.lstrip()
    word, space, argument = bare.partition(" ")
    if not space:
        names = (*(command.name for command in COMMANDS), *more)
        return _matching(len(line) - len(word), word, sorted(names))
    try:
        command = find_command(word)
    except CommandError:
        return Completion(len(line))
    offset = len(line) - len(argument)
    found = _argument(session, command, argument)
    return Completion(found.start + offset, found.words)


def _matching(start: int, word: str, words: Words) -> Completion:
    found = (w for w in words if w.startswith(word) and w != word)
    return Completion(start, tuple(dict.fromkeys(islice(found, _MOST))))


def _last(text: str, words: Words, pattern: str = _WORD) -> Completion:
    """Complete the last match of a pattern at the end of a text."""
    found = re.search(pattern, text)
    return Completion(len(text)) if found is None else _matching(found.start(), found[0], words)


def _argument(session: Session, command: Command, text: str) -> Completion:
    if command.name in _OWN:
        return _OWN[command.name](session, text)
    usage = command.argument
    if "WHERE" in usage:
        return _where(session, text)
    if re.match(r"\[?N\b", usage):
        is_first = " " not in text.lstrip()
        if is_first or "EXPR" not in usage:
            return _last(text, _numbers(session) if is_first or "..." in usage else ())
    if "EXPR" in usage:
        return _expression(session, text)
    words: list[Words] = []
    if "MODULE" in usage:
        words.append(layers(session.trace.graph))
    if "NODE" in usage:
        words.append(_names(session))
    if ".grad" in usage:
        words.append(_gradients(session))
    return _last(text, (w for some in words for w in some))


def _expression(session: Session, text: str) -> Completion:
    quoted = re.search(_QUOTED, text)
    if quoted is not None:
        known = {"phase": _PHASES, "op": _ops(session), "node": _names(session)}[quoted[1]]
        return _matching(quoted.start(2), quoted[2], known)
    return _last(text, _readable(session), _NAME)


def _where(session: Session, text: str) -> Completion:
    condition = re.search(IF, text)
    if condition is not None:
        found = _expression(session, text[condition.end() :])
        return Completion(found.start + condition.end(), found.words)
    words = text.split(" ")
    before = words[-2] if len(words) > 1 else ""
    kinds: Mapping[str, Callable[[], Words]] = {
        "op": lambda: _ops(session),
        "write": lambda: _gradients(session),
        "step": lambda: (),
        "node": lambda: _names(session),
        "line": lambda: (),
        "layer": lambda: layers(session.trace.graph),
    }
    if before in kinds:
        return _last(text, kinds[before]())
    paths = session.trace.graph.files
    files = (f"{shortest(path, paths)}:" for path in paths)
    return _last(text, (*kinds, *_PHASES, "if", *_names(session), *files), _WHERE)


def _info(session: Session, text: str) -> Completion:
    word, space, rest = text.partition(" ")
    if not space:
        return _matching(0, word, (*WHAT, *_names(session)))
    words = {"node": _names, "op": _ops}.get(word)
    found = _last(rest, () if words is None else words(session))
    return Completion(found.start + len(word) + 1, found.words)


def _set(session: Session, text: str) -> Completion:
    target, equals, right = text.partition("=")
    if equals:
        found = _expression(session, right)
        return Completion(found.start + len(target) + 1, found.words)
    if text.startswith("seed "):
        return _last(text, ("ones", "onehot"))
    return _last(text, (seed_word(session.trace.graph), "seed", *session.trace.leaves))


def _help(_session: Session, text: str) -> Completion:
    """A name may have a space in it: all that is typed is completed."""
    from tui_backprop.debug.glossary.words import WORDS

    words = tuple(word.name for word in WORDS)
    if text.startswith("word "):
        return _matching(len("word "), text.removeprefix("word "), words)
    return _matching(0, text, (*(command.name for command in COMMANDS), *words, "word"))


_OWN: Final[Mapping[str, Callable[[Session, str], Completion]]] = {
    "help": _help,
    "info": _info,
    "set": _set,
    "J": lambda session, text: _last(
        text, _differentiated(session) if text.startswith(("total ", "product ")) else VIEWS
    ),
    "undisplay": lambda session, text: _last(
        text, (str(n) for n in range(1, len(session.displays) + 1))
    ),
}
"""The commands whose argument is a small language of its own."""


def _names(session: Session) -> Iterator[str]:
    return iter(session.trace.graph.names)


def _gradients(session: Session) -> Iterator[str]:
    names = session.trace.graph.names
    return (f"{name}.grad" for name in _differentiated(session) if f"{name}.grad" not in names)


def _differentiated(session: Session) -> Iterator[str]:
    """The names of what has a gradient."""
    graph = session.trace.graph
    return (name for name, n in graph.names.items() if graph.nodes[n].role is not Role.CONSTANT)


def _ops(session: Session) -> list[str]:
    return sorted(ops_of(session.trace.graph))


def _numbers(session: Session) -> Iterator[str]:
    return (str(b.number) for b in session.breakpoints)


def _readable(session: Session) -> Iterator[str]:
    """Everything that a word of an expression may begin with."""
    from tui_backprop.debug.conditions.evaluation import VOCABULARY
    from tui_backprop.program.library.definitions import definitions
    from tui_backprop.program.vocabulary.aliases import ALIASES

    yield from _names(session)
    yield from _gradients(session)
    yield from ("v", "J", "step", "phase", "op", "node", "and", "or", "not")
    yield from (f"{name}(" for name in sorted({*VOCABULARY, *definitions(), *ALIASES}))
