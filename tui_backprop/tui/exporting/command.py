"""``export`` in the app: the walk at hand, or the screen itself, as another kind of file."""

from __future__ import annotations

import os
from functools import partial
from shlex import quote
from typing import TYPE_CHECKING, Final

from tui_backprop.dataclass import replace
from tui_backprop.debug.background import run_in_thread
from tui_backprop.debug.commands.files import typed_path
from tui_backprop.errors import CommandError, TuiBackpropError
from tui_backprop.exports.subject import Subject
from tui_backprop.files import write_pieces
from tui_backprop.language.message import answer_of, joined, said
from tui_backprop.progress import Progress
from tui_backprop.render.view import printed_view
from tui_backprop.spelling import nearest
from tui_backprop.tui.exporting.formats import EXPORTS
from tui_backprop.tui.exporting.pixels import check_pixels, pixels
from tui_backprop.tui.screenshot import free_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from tui_backprop.exports.formats import Format
    from tui_backprop.language.message import Answer
    from tui_backprop.progress import Resumable
    from tui_backprop.tui.desk import Desk
    from tui_backprop.tui.view_model import ViewModel

_OVER: Final = "--force"
_DRAWN: Final = ("svg", "png")
"""Formats that are a picture of the screen, as it is."""


def export(desk: Desk, argument: str) -> None:
    """Write the walk at the step at hand; what takes long can be given up.

    Args:
        desk: whose walk.
        argument: ``FORMAT [FILE] [--force]``; without a file, one named after the step.

    Raises:
        CommandError: there is no such format, it is not made of a step, or there is a file.
    """
    name, _, rest = argument.partition(" ")
    form = _form(name)
    path, is_forced = _path(desk.view_model, form, rest.strip())
    if name == "png":
        try:
            check_pixels()
        except TuiBackpropError as error:
            raise CommandError(str(error)) from None

    def write(made: Callable[[], Iterable[bytes]]) -> None:
        work = _written(desk.view_model, path, made, over=is_forced)
        desk.work(work, f"export {name}", lambda: None)

    if name not in _DRAWN:
        write(partial(form.write, _subject(desk.view_model)))
        return

    def keep(drawn: str) -> None:
        try:
            write(lambda: [pixels(drawn) if name == "png" else drawn.encode()])
        except CommandError as error:
            desk.warn(str(error))

    desk.take_picture(keep)


def _form(name: str) -> Format:
    """The format of that name.

    Raises:
        CommandError: there is none, or it is made of a replay.
    """
    known = [name for name, form in EXPORTS.items() if not form.needs_replay]
    if name in known:
        return EXPORTS[name]
    if name in EXPORTS:
        raise CommandError(
            said(
                "{name} is made of a whole replay: {command}",
                name=name,
                command=said(
                    "tui-backprop export {replay} --to {name}", replay=said("REPLAY"), name=name
                ),
            ),
        )  # fmt: skip
    hint = nearest(name, known) or said("there are: {names}", names=joined(", ", known))
    raise CommandError(said("there is no format '{name}'; {hint}", name=name, hint=hint))


def _path(view_model: ViewModel, form: Format, typed: str) -> tuple[Path, bool]:
    """Where it goes, and whether it may take the place of what is there.

    Raises:
        CommandError: there is a file, and nobody said that it may be written over.
    """
    text = typed.removesuffix(_OVER)
    is_forced = text != typed and (not text or text.endswith(" "))
    text = (text if is_forced else typed).strip()
    if "\0" in text:
        raise CommandError(said("a file name has no zero byte"))
    if not text:
        name, step = view_model.scenario.model.name, view_model.session.cursor
        return free_name(name, step, form.ending), is_forced
    path = typed_path(text)
    if not path.suffix:
        path = path.with_name(f"{path.name}{form.ending}")
    if not is_forced and os.path.lexists(path):
        raise CommandError(
            said("{path} is there: {word} at the end of the line writes over it",
                 path=path, word=_OVER)
        )  # fmt: skip
    return path, is_forced


def _subject(view_model: ViewModel) -> Subject:
    """The walk as it stands, with the numbers that were set."""
    session, model = view_model.session, view_model.scenario.model
    trace = session.timeline.trace
    model = replace(model, leaves=trace.leaves, passes=trace.passes)
    view = printed_view(
        model, session.frame, view_model.language, view_model.charset, symbolic=True
    )
    return Subject(view, model, model.name)


def _written(
    view_model: ViewModel, path: Path, made: Callable[[], Iterable[bytes]], *, over: bool
) -> Resumable[Answer]:
    """Write it in a thread; what is given up leaves no file."""
    progress = Progress()

    def pieces() -> Iterator[bytes]:
        for piece in made():
            progress.check()
            yield piece

    try:
        yield from run_in_thread(
            lambda: write_pieces(path, pieces(), over=over), progress, view_model.session.cursor
        )
    except TuiBackpropError as error:
        raise CommandError(str(error)) from None
    return answer_of(said("written: {file}", file=quote(str(path))))
