"""The socket between the app that presents and the terminals that follow it.

It lies in a folder that is the user's alone. One that was left behind is replaced; whatever else
stands there, or is somebody else's, is left as it is and not used.
"""

from __future__ import annotations

import os
import socket
import stat
from contextlib import suppress
from typing import TYPE_CHECKING, Final
from warnings import catch_warnings, simplefilter

from tui_backprop.errors import TuiBackpropError
from tui_backprop.files import reason_of
from tui_backprop.language.message import said

if TYPE_CHECKING:
    from pathlib import Path

_NAME: Final = "notes.socket"
_PATIENCE: Final = 0.5
"""Seconds that a socket has to say whether somebody listens."""


class ChannelError(TuiBackpropError):
    """There can be no channel, and why."""


def is_possible() -> bool:
    """Whether this system has Unix sockets, and users whose folders others cannot enter."""
    return hasattr(socket, "AF_UNIX") and hasattr(os, "geteuid")


def runtime_folder() -> Path:
    """Where the user's sockets are."""
    from platformdirs import user_runtime_path

    with catch_warnings():
        # Where no session made such a folder it takes one in /tmp, and warns; that is looked at.
        simplefilter("ignore")
        return user_runtime_path("tui-backprop", appauthor=False)


def listening(folder: Path) -> tuple[socket.socket, Path]:
    """A socket that listens, which is now the user's only one, and its path.

    Raises:
        ChannelError: another app presents already, or the place is not the user's alone.
    """
    _require()
    try:
        folder.parent.mkdir(0o700, parents=True, exist_ok=True)
        with suppress(FileExistsError):
            folder.mkdir(0o700)
    except OSError as error:
        raise _failed(folder, error) from None
    _check_folder(folder)
    path = folder / _NAME
    if _is_ours(path):
        if _answers(path):
            raise ChannelError(said("another debugger presents already: its notes are followed"))
        path.unlink(missing_ok=True)
    found = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        found.bind(str(path))
        path.chmod(0o600)
        found.listen()
        found.setblocking(False)
    except (OSError, ValueError) as error:
        found.close()
        raise _failed(path, error) from None
    return found, path


def presented(folder: Path) -> Path | None:
    """The path of the socket of the app that presents; None where none does.

    Raises:
        ChannelError: what stands there is not the user's alone.
    """
    _require()
    if not os.path.lexists(folder):
        return None
    _check_folder(folder)
    path = folder / _NAME
    return path if _is_ours(path) else None


def _require() -> None:
    if not is_possible():
        raise ChannelError(said("speaker notes need Unix sockets, which this system lacks"))


def _check_folder(folder: Path) -> None:
    """Whoever may write into it could stand in for the app.

    Raises:
        ChannelError: it is no folder, or not the user's alone.
    """
    try:
        above, own = folder.parent.stat(), folder.lstat()
        if stat.S_ISDIR(own.st_mode) and own.st_uid == os.geteuid() and own.st_mode & 0o077:
            folder.chmod(0o700)
            own = folder.lstat()
    except OSError as error:
        raise _failed(folder, error) from None
    is_kept = above.st_mode & stat.S_ISVTX or not above.st_mode & 0o022
    is_own = stat.S_ISDIR(own.st_mode) and own.st_uid == os.geteuid() and not own.st_mode & 0o077
    if not (is_own and is_kept and above.st_uid in {os.geteuid(), 0}):
        raise ChannelError(said("{path} is not yours alone: no notes go through it", path=folder))


def _is_ours(path: Path) -> bool:
    """Whether a socket of the user's stands there; False where nothing does.

    Raises:
        ChannelError: something else does.
    """
    try:
        status = path.lstat()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise _failed(path, error) from None
    if not stat.S_ISSOCK(status.st_mode) or status.st_uid != os.geteuid():
        raise ChannelError(
            said("{path} is there and no socket of yours: it is left as it is", path=path)
        )
    return True


def _answers(path: Path) -> bool:
    """Whether somebody listens."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asked:
        asked.settimeout(_PATIENCE)
        try:
            asked.connect(str(path))
        except TimeoutError:
            return True
        except OSError:
            return False
    return True


def _failed(path: Path, error: Exception) -> ChannelError:
    return ChannelError(said("{path}: {reason}", path=path, reason=reason_of(error)))
