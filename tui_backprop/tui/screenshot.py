"""The screen as a picture: an SVG that a browser shows as the terminal does, without asking a host.

Textual draws it. Its text is set anew here: each wide character, and each run of narrow ones, is
given the cells that it fills, so that Chinese is neither squeezed nor pushes aside what stands
behind it, and the fonts are those that systems have, none from elsewhere. No run begins or ends
with a space, and letters are as wide as cells: some renderers drop such spaces, and know no length
of a text.
"""

from __future__ import annotations

import re
from functools import partial
from html import escape, unescape
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tui_backprop.debug.commands.files import typed_path
from tui_backprop.errors import CommandError
from tui_backprop.files import FileError, open_regular, write_whole
from tui_backprop.language.message import answer_of, said
from tui_backprop.render.text.spans import width

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from textual.app import App

    from tui_backprop.tui.desk import Desk

_MARK: Final = "<!-- A picture by tui-backprop. -->"
_FONTS: Final = (
    "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, 'Liberation Mono', "
    "'Noto Sans Mono CJK SC', 'Sarasa Mono SC', 'Source Han Mono SC', 'PingFang SC', "
    "'Microsoft YaHei', monospace"
)
_FOREIGN: Final = re.compile(
    r" *<!-- Generated .*?-->\n| *@font-face \{.*?\n    \}\n| *font-variant-east-asian:.*?\n",
    re.DOTALL,
)
_TEXT: Final = re.compile(
    r'<text class="(?P<style>[^"]+)" x="(?P<x>[\d.]+)" y="(?P<y>[\d.]+)" '
    r'textLength="(?P<length>[\d.]+)" (?P<clip>clip-path="[^"]+")>(?P<text>[^<]*)</text>'
)
_SIZES: Final = ("font-size: 20px", "font-size: 20.26px")
"""Textual's, and the one at which DejaVu Sans Mono fills a cell."""
_TITLE: Final = ("font-family: arial", "font-family: Arial, 'DejaVu Sans', sans-serif")
_WORDS: Final = re.compile(r"[^ ]+(?: [^ ]+)*")
"""What stands together: words with one space between them."""
_UNFIT: Final = re.compile(r"[^\w.-]+")
"""What a name of ours has no room for."""
_MOST_NAMES: Final = 1000
"""Pictures of one step that get a number behind their name."""
_SOON: Final = 0.05
"""Seconds until a command line that was closed is gone from the screen."""


def save(desk: Desk, path: Path) -> None:
    """Write what is to be seen into a file, as soon as no command line lies over it."""
    desk.take_picture(partial(_save, desk, path))


def _save(desk: Desk, path: Path, drawn: str) -> None:
    view_model = desk.view_model
    try:
        answer = write(path, drawn)
    except CommandError as error:
        desk.warn(str(error))
        return
    view_model.message = view_model.spoken.retold(answer)
    view_model.log.said(f"screenshot {path}", answer_of(view_model.message))
    desk.mark()


def take(desk: Desk, app: App[None], keep: Callable[[str], None]) -> None:
    """Give what is to be seen to somebody, as soon as no command line lies over it."""

    def look() -> None:
        if app.screen.query("Prompt"):
            desk.set_timer(_SOON, look)
        else:
            keep(picture(app, desk.view_model.scenario.model.name))

    desk.set_timer(_SOON, look)


def picture(app: App[None], title: str) -> str:
    """The screen as SVG."""
    return settled(app.export_screenshot(title=title, simplify=True))


def write(path: Path, drawn: str) -> str:
    """Write a picture into a file; returns what to report.

    Raises:
        CommandError: it cannot be written.
    """
    was_there = path.exists()
    try:
        write_whole(path, drawn.encode("utf-8"))
    except FileError as error:
        raise CommandError(str(error)) from None
    if was_there:
        return said("the picture in {path} is a new one", path=path)
    return said("picture written to {path}", path=path)


def settled(drawn: str) -> str:
    """A drawing of Textual's with our fonts, and every run of characters over its own cells."""
    drawn = _FOREIGN.sub("", drawn).replace("Fira Code, monospace", _FONTS)
    drawn = drawn.replace(*_SIZES).replace(*_TITLE)
    drawn = _TEXT.sub(_runs, drawn)
    return f"{_MARK}\n{drawn}\n"


def _runs(found: re.Match[str]) -> str:
    """One text as several, each of characters of one kind."""
    text = unescape(found["text"]).replace("\xa0", " ")
    if not text.strip():
        return ""  # the end of a line
    cell = float(found["length"]) / len(text)  # Rich counts characters where it means cells
    left = float(found["x"])
    parts = []
    for at, run in _placed(text):
        shown = escape(run).replace(" ", "&#160;")
        parts.append(
            f'<text class="{found["style"]}" x="{left + at * cell:g}" y="{found["y"]}" '
            f'textLength="{width(run) * cell:g}" {found["clip"]}>{shown}</text>'
        )
    return "".join(parts)


def _placed(text: str) -> Iterator[tuple[int, str]]:
    """Runs of characters that are equally wide in any font, each with the cell where it begins."""
    at = 0
    for (_, is_wide), run in groupby(text, key=_kind):
        part = "".join(run)
        if is_wide:
            yield from ((at + 2 * k, character) for k, character in enumerate(part))
        else:
            yield from ((at + found.start(), found[0]) for found in _WORDS.finditer(part))
        at += width(part)


def _kind(character: str) -> tuple[bool, bool]:
    """Characters of one kind are equally wide in any font that has them."""
    return character.isascii(), width(character) > 1


def path_for(typed: str, scenario: str, step: int) -> Path:
    """The file that a picture goes to: the one that is named, else one named after the step.

    Raises:
        CommandError: it cannot go there: what there is is no picture of ours, or another format
            is asked for.
    """
    if not typed:
        return free_name(scenario, step, ".svg")
    if "\0" in typed:
        raise CommandError(said("a file name has no zero byte"))
    path = typed_path(typed)
    if not path.suffix:
        path = path.with_name(f"{path.name}.svg")
    if path.suffix.lower() != ".svg":
        raise CommandError(
            said("a picture is an SVG: name it {path}", path=str(path.with_suffix(".svg")))
        )
    if path.is_dir() or (path.exists() and not _is_ours(path)):
        raise CommandError(
            said("{path} is there and no picture of ours: it is not overwritten", path=str(path))
        )
    return path


def free_name(scenario: str, step: int, ending: str) -> Path:
    """A name after the step that no file here has.

    Raises:
        CommandError: a thousand files have it.
    """
    stem = f"{_UNFIT.sub('-', scenario)}-step-{step}"
    names = (f"{stem}{ending}", *(f"{stem}-{n}{ending}" for n in range(2, _MOST_NAMES)))
    found = next((path for path in map(Path, names) if not path.exists()), None)
    if found is None:
        raise CommandError(
            said(
                "there are {count} files called {stem}: name another one",
                count=_MOST_NAMES,
                stem=stem,
            )
        )
    return found


def _is_ours(path: Path) -> bool:
    try:
        with open_regular(path) as file:
            return file.readline(len(_MARK) + 2).strip() == _MARK.encode()
    except FileError as error:
        raise CommandError(str(error)) from None
