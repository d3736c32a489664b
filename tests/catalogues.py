"""The catalogues, brought to what the code says: ``python -m tests.catalogues``.

It draws the messages into the template, carries what is new into the catalogue of each language,
and lists what is not translated yet. ``python -m tests.catalogues fr`` begins French before.
A file in which nothing but its date would change stays as it is.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from shutil import copy
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from babel.messages.pofile import read_po

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from babel.messages.catalog import Catalog, Message

ROOT: Final = Path(__file__).resolve().parents[1]
LOCALE: Final = ROOT / "tui_backprop" / "locale"
DOMAIN: Final = "tui_backprop"
TEMPLATE: Final = LOCALE / f"{DOMAIN}.pot"

_MADE: Final = re.compile(rb'^"(POT-Creation-Date|Generated-By): .*\n', flags=re.MULTILINE)
"""When a file was made, and by which Babel."""

_NO_MESSAGE: Final = "Skipping f-string with substitutions"
"""What Babel remarks about each f-string that `say` and the like are given; none is a message."""


def codes(locale: Path = LOCALE) -> list[str]:
    """Of the languages that have a catalogue here, in order."""
    return sorted(path.name for path in locale.iterdir() if path.is_dir())


def text_of(code: str, locale: Path = LOCALE) -> Path:
    """The catalogue of a language, as people write it."""
    return locale / code / "LC_MESSAGES" / f"{DOMAIN}.po"


def read(path: Path) -> Catalog:
    """A catalogue or the template."""
    with path.open("rb") as file:
        return read_po(file, abort_invalid=True)


def forms(text: str | Iterable[str] | None) -> tuple[str, ...]:
    """What is said of one, and of many where that differs."""
    return (text,) if isinstance(text, str) else tuple(text or ())


def messages(catalog: Catalog) -> dict[tuple[str, ...], Message]:
    """By context, where there is one, and by the forms in the code; without the header."""
    return {
        (message.context or "", *forms(message.id)): message for message in catalog if message.id
    }


def untranslated(catalog: Catalog) -> list[str]:
    """The messages that lack a translation or a form of it, or whose translation is a guess."""
    return [
        forms(message.id)[0]
        for message in messages(catalog).values()
        if message.fuzzy or not forms(message.string) or not all(forms(message.string))
    ]


def draw(template: Path) -> None:
    """Write what the code says into a template."""
    _babel("extract", "-F", "pyproject.toml", "--no-location", "--sort-output", "-o", template, ".")


def renew(locale: Path = LOCALE) -> Iterator[str]:
    """Bring a folder of catalogues to what the code says; yield what is left to do, line by line.

    A translation whose message is said no longer leaves its catalogue and is told, since it may
    serve the words that came instead.
    """
    template = locale / TEMPLATE.name
    with TemporaryDirectory() as folder:
        drawn, carried = Path(folder, "drawn.pot"), Path(folder, "carried.po")
        draw(drawn)
        _put(drawn, template)
        for code in codes(locale):
            path = text_of(code, locale)
            before = messages(read(path))
            copy(path, carried)
            _babel("update", "-i", template, "-o", carried, "-l", code, "-w", "100",
                   "--no-fuzzy-matching", "--ignore-obsolete")  # fmt: skip
            _put(carried, path)
            catalog = read(path)
            now = messages(catalog)
            for key, message in before.items():
                if key not in now and message.string:
                    yield f"{code}: no longer said: {message.id!r}, which was {message.string!r}"
            lacking = untranslated(catalog)
            if lacking:
                yield f"{code}: {len(lacking)} of {len(now)} messages are missing:"
                yield from (f"  {text!r}" for text in lacking)


def begin(code: str) -> None:
    """An empty catalogue for a language; the one that there is already stays."""
    if not text_of(code).exists():
        _babel("init", "-i", TEMPLATE, "-o", text_of(code), "-l", code, "-w", "100")


def _babel(command: str, *words: str | Path) -> None:
    """One command of pybabel, without its remarks about what are no messages."""
    done = subprocess.run(
        [sys.executable, "-m", "babel.messages.frontend", "-q", command, *map(str, words)],
        cwd=ROOT, check=False, stderr=subprocess.PIPE, encoding="utf-8",
    )  # fmt: skip
    remarks = [line for line in done.stderr.splitlines() if _NO_MESSAGE not in line]
    if done.returncode:
        raise SystemExit("\n".join(remarks))
    if remarks:
        print(*remarks, sep="\n", file=sys.stderr)  # noqa: T201 - this is a command


def _put(made: Path, path: Path) -> None:
    """Take over a file in which more is new than when it was made."""
    new, old = made.read_bytes(), path.read_bytes()
    if _MADE.sub(b"", new) != _MADE.sub(b"", old):
        path.write_bytes(new)


if __name__ == "__main__":
    for code in sys.argv[1:]:
        begin(code)
    for line in renew():
        print(line)  # noqa: T201 - this is a command
