"""What argparse says, in any language: its own sentences, and help in which wide letters align."""

from __future__ import annotations

import argparse
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from tui_backprop.language.message import said, said_many

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.language.catalogue import Language

_USAGE: Final = said("usage: ")
_ERROR: Final = said("%(prog)s: error: %(message)s\n")

SENTENCES: Final = (
    _USAGE,
    _ERROR,
    said("%(prog)s: warning: %(message)s\n"),
    said("positional arguments"),
    said("options"),
    said("subcommands"),
    said("%(heading)s:"),
    said("show this help message and exit"),
    said("show program's version number and exit"),
    said(" (default: %(default)s)"),
    said("argument %(argument_name)s: %(message)s"),
    said("the following arguments are required: %s"),
    said("one of the arguments %s is required"),
    said("unrecognized arguments: %s"),
    said("unexpected option string: %s"),
    said("ambiguous option: %(option)s could match %(matches)s"),
    said("not allowed with argument %s"),
    said("ignored explicit argument %r"),
    said("expected one argument"),
    said("expected at most one argument"),
    said("expected at least one argument"),
    said_many(2, "expected %s argument", "expected %s arguments"),
    said("invalid choice: %(value)r (choose from %(choices)s)"),
    said("invalid choice: %(value)r, maybe you meant %(closest)r? (choose from %(choices)s)"),
    said("invalid %(type)s value: %(value)r"),
    said("unknown parser %(parser_name)r (choices: %(choices)s)"),
    said("can't open '%(filename)s': %(error)s"),
)
"""All that argparse says to people, in whichever version; what it says to programmers is theirs."""


@contextmanager
def argparse_in(language: Language) -> Iterator[None]:
    """While inside, argparse speaks a language."""
    # It asks the catalogue of the whole process, which the environment chooses, and which belongs
    # to the program that `run` starts in here; so its two functions are lent to it.
    lent = {"_": language.translated, "ngettext": language.count}
    kept = {name: vars(argparse)[name] for name in lent if name in vars(argparse)}
    vars(argparse).update({name: lent[name] for name in kept})
    try:
        yield
    finally:
        vars(argparse).update(kept)


def told_error(language: Language, prog: str, message: str) -> str:
    """The line that says what is wrong with the arguments."""
    return language.translated(_ERROR) % {"prog": prog, "message": message}


def retell(parser: argparse.ArgumentParser, language: Language) -> None:
    """Put all that a parser says of its arguments into a language."""
    for name in ("usage", "description", "epilog"):
        setattr(parser, name, _told(getattr(parser, name), language))
    for action in parser._actions:  # noqa: SLF001 - argparse has no other list of them
        action.help = _told(action.help, language)
        if isinstance(action.metavar, str):
            action.metavar = _told(action.metavar, language)


def _told(text: str | None, language: Language) -> str | None:
    return None if text is None else language.retold(text)


_SECOND: Final = "\0"
"""Stands behind a letter of two cells until the help is laid out: argparse counts characters."""


class HelpFormatter(argparse.HelpFormatter):
    """Help whose columns count cells and whose lines may end in any language.

    Args:
        language: of argparse's own words.
        given: what argparse gives.
    """

    def __init__(self, *given: Any, language: Language, **named: Any) -> None:
        super().__init__(*given, **named)
        self._language = language
        self._titles: list[str] = []

    def format_help(self) -> str:
        """The whole text, each colon after a title as the language writes it."""
        text = super().format_help().replace(_SECOND, "")
        colon = self._language.say(": ").rstrip(" ")
        for title in self._titles:
            text = text.replace(f"\n{title}:\n", f"\n{title}{colon}\n")
        return text

    def start_section(self, heading: str | None) -> None:
        """As argparse does."""
        self._titles += [heading] if heading else []
        super().start_section(heading)

    def _format_usage(self, usage: str | None, actions: Any, groups: Any, prefix: Any) -> str:
        told = _spread(prefix or self._language.translated(_USAGE))
        return super()._format_usage(usage, actions, groups, told)

    def _metavar_formatter(self, action: argparse.Action, default_metavar: str) -> Any:
        plain = super()._metavar_formatter(action, default_metavar)
        return lambda size: tuple(map(_spread, plain(size)))

    def _split_lines(self, text: str, width: int) -> list[str]:
        from tui_backprop.render.text.spans import wrap

        return wrap(" ".join(text.split()), width)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "\n".join(indent + line for line in self._split_lines(text, width))


def _spread(text: str) -> str:
    """A text of as many characters as it has cells."""
    if text.isascii():  # what argparse asks of every argument that is added
        return text
    from tui_backprop.render.text.spans import cells_of

    return "".join(c + _SECOND if cells_of(c) == 2 else c for c in text)
