"""Files as they lie on a disk: read with a bound, written whole or not at all.

Every file of a person goes through here. A path may name a pipe that nobody writes, a device
without an end or a folder; a disk may be full, and what was there must then still be there.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, TypeAlias

from tui_backprop.errors import TuiBackpropError
from tui_backprop.language.message import said

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# O_NONBLOCK: a pipe that takes a file's place after we looked is opened at once, and then refused.
_ALWAYS: Final = sum(getattr(os, name, 0) for name in ("O_CLOEXEC", "O_NOCTTY", "O_BINARY"))
_READ: Final = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | _ALWAYS
_WRITE: Final = os.O_WRONLY | getattr(os, "O_NONBLOCK", 0) | _ALWAYS
_NEW: Final = _WRITE | os.O_CREAT | os.O_EXCL
_MODE: Final = 0o666
_MOST_KEPT: Final = 999
_UNSYNCED: Final = frozenset({errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EROFS})
"""What file systems say that have no way to wait for the disk."""


_REASONS: Final = (
    said("No such file or directory"),
    said("Permission denied"),
    said("Not a directory"),
    said("Is a directory"),
    said("File name too long"),
    said("File exists"),
    said("No space left on device"),
    said("Read-only file system"),
    said("Too many levels of symbolic links"),
    said("Input/output error"),
    said("embedded null byte"),
)
"""What systems say most, in words that can be translated."""


_THERE: Final = said("the file is there already; --force replaces it")
"""Only what is exported takes that word."""

Stamp: TypeAlias = tuple[int, int, int]
"""When a file was last changed, its size, and which file it is."""


class FileError(TuiBackpropError):
    """A file that cannot be read or written; ``str`` has its name and the reason.

    Attributes:
        reason: without the name.
        cause: what the system said; None where it was not asked.
    """

    def __init__(self, path: Path, reason: str, cause: Exception | None = None) -> None:
        super().__init__(said("{path}: {reason}", path=path, reason=reason))
        self.reason = reason
        self.cause = cause


class TooLargeError(FileError):
    """A file that holds more than is read; its size is what is known of it."""

    def __init__(self, path: Path, size: int, most: int) -> None:
        super().__init__(
            path,
            said(
                "the file has {size} bytes; at most {most} are read",
                size=f"{size:,}",
                most=f"{most:,}",
            ),
        )
        self.size = size


def open_regular(path: Path) -> BinaryIO:
    """A regular file, open for reading.

    Raises:
        FileError: it is missing, unreadable, a directory, a pipe or a device.
    """
    with _as_file_error(path):
        _check_regular(path, path.stat())  # some devices do something when they are opened
        stream = os.fdopen(os.open(path, _READ), "rb")
        try:
            _check_regular(path, os.fstat(stream.fileno()))
        except BaseException:
            stream.close()
            raise
    return stream


def read_regular(path: Path, most: int) -> bytes:
    """The whole content of a regular file that has at most ``most`` bytes.

    Raises:
        TooLargeError: it has more.
        FileError: as `open_regular`.
    """
    with open_regular(path) as file, _as_file_error(path):
        size = os.fstat(file.fileno()).st_size
        raw = b"" if size > most else file.read(most + 1)
    if size > most or len(raw) > most:
        raise TooLargeError(path, max(size, len(raw)), most)
    return raw


def stamp(path: Path) -> Stamp | None:
    """What changes when a file does; None where there is none."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def write_whole(path: Path, data: bytes) -> None:
    """Put a file in place of another one, or where none was, in one moment.

    It is written beside and renamed: until all of it is on the disk the old one stays as it was.
    A link is followed, permissions are kept.

    Raises:
        FileError: it cannot be written; nothing has changed.
    """
    _write(path, (data,))


def write_pieces(path: Path, pieces: Iterable[bytes], *, over: bool) -> None:
    """As `write_whole`, of pieces that are made while it is written; no memory for the whole.

    Args:
        path: of the file.
        pieces: of what it holds; what making one raises leaves nothing behind.
        over: whether it may take the place of a file that is there.

    Raises:
        FileError: it cannot be written, or there is one; nothing has changed.
    """
    if not over:
        check_free(path)
    _write(path, pieces, over=over)


def check_free(path: Path) -> None:
    """Do nothing where no file is.

    Raises:
        FileError: there is one.
    """
    if os.path.lexists(path):
        raise FileError(path, _THERE)


def _write(path: Path, pieces: Iterable[bytes], *, over: bool = True) -> None:
    with _as_file_error(path, is_new=True):
        target = Path(os.path.realpath(path))  # unlike `resolve`, it ends where links do not
        mode = _mode_of(path, target)
        beside = target.with_name(f".tui-backprop-{os.urandom(8).hex()}~")
        try:
            _write_new(beside, pieces, mode)
            if not over and target.exists():  # meanwhile
                raise FileError(path, _THERE)
            beside.replace(target)
        except BaseException:
            with suppress(OSError):
                beside.unlink()
            raise
    _settle(target.parent)


def _mode_of(path: Path, target: Path) -> int | None:
    """The permissions of what is replaced; None where nothing is."""
    try:
        status = target.stat()
    except FileNotFoundError:
        return None
    _check_regular(path, status)
    if not os.access(target, os.W_OK):
        raise FileError(path, said("the file is there and may not be written"))
    return stat.S_IMODE(status.st_mode)


def _write_new(path: Path, pieces: Iterable[bytes], mode: int | None) -> None:
    descriptor = os.open(path, _NEW, _MODE)
    try:
        if mode is not None:
            path.chmod(mode)
        for piece in pieces:
            write_all(descriptor, piece)
        sync(descriptor)
    except BaseException:
        with suppress(OSError):
            os.close(descriptor)
        raise
    os.close(descriptor)  # some file systems say only here that the disk is full


def write_all(descriptor: int, data: bytes) -> None:
    """Every byte, however many writes that takes."""
    left = memoryview(data)
    while left:
        written = os.write(descriptor, left)
        if not written:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        left = left[written:]


def sync(descriptor: int) -> None:
    """Wait until a file is on the disk, where that can be waited for."""
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _UNSYNCED:
            raise


def _settle(folder: Path) -> None:
    """Let the new name survive a loss of power; whether it does, the file is whole."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def append_line(path: Path, line: bytes) -> None:
    """Add a line to a file that several programs may add to, with its end.

    Raises:
        FileError: it cannot be written, or is no regular file.
    """
    with _as_file_error(path, is_new=True):
        with suppress(FileNotFoundError):
            _check_regular(path, path.stat())
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_NONBLOCK", 0) | _ALWAYS
        descriptor = os.open(path, flags, _MODE)
        try:
            status = os.fstat(descriptor)
            _check_regular(path, status)
            # What a full disk cut short stays a line by itself.
            os.lseek(descriptor, max(status.st_size - 1, 0), os.SEEK_SET)
            is_cut = os.read(descriptor, 1) not in {b"", b"\n"}
            write_all(descriptor, (b"\n" if is_cut else b"") + line + b"\n")
        finally:
            os.close(descriptor)


def open_empty(path: Path) -> BinaryIO:
    """A file that holds nothing yet, for us alone to write into.

    Raises:
        FileError: it holds something, somebody else writes into it, or it cannot be written.
    """
    with _as_file_error(path, is_new=True):
        with suppress(FileNotFoundError):
            _check_regular(path, path.stat())
        stream = os.fdopen(os.open(path, _WRITE | os.O_CREAT | os.O_APPEND, _MODE), "wb")
        try:
            status = os.fstat(stream.fileno())
            _check_regular(path, status)
            _lock(path, stream.fileno())
            if os.fstat(stream.fileno()).st_size:
                raise FileError(
                    path, said("the file is there and holds something: name another one")
                )
        except BaseException:
            stream.close()
            raise
    return stream


def set_aside(path: Path) -> Path:
    """Give a file another name, ``F.1~`` or the next that is free, so that its own is free.

    Raises:
        FileError: it cannot be renamed, or somebody writes into it.
    """
    with _as_file_error(path):
        target = Path(os.path.realpath(path))
        with open_regular(target) as file:
            _lock(path, file.fileno())
            for number in range(1, _MOST_KEPT + 1):
                kept = target.with_name(f"{target.name}.{number}~")
                if not os.path.lexists(kept):
                    _rename(target, kept)
                    return kept
    raise FileError(
        path, said("{count} earlier ones are kept beside it: remove some", count=_MOST_KEPT)
    )


def _rename(old: Path, new: Path) -> None:
    """Rename, and replace nothing that came there meanwhile where the system can promise that."""
    try:
        os.link(old, new)
    except FileExistsError:
        raise
    except OSError:
        old.rename(new)  # a file system without a second name for a file
        return
    try:
        old.unlink()
    except BaseException:
        new.unlink()
        raise


def _lock(path: Path, descriptor: int) -> None:
    """Keep other programs of ours out until the file is closed, where the system has locks."""
    try:
        import fcntl
    except ImportError:
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise FileError(path, said("another recording writes into this file")) from None
    except OSError:
        return  # a file system without locks


def _check_regular(path: Path, status: os.stat_result) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise FileError(path, said("this is a directory, not a file"))
    if not stat.S_ISREG(status.st_mode):
        raise FileError(path, said("this is not a regular file"))


def reason_of(error: Exception) -> str:
    """What the system says of an error, as a sentence where it is a common one."""
    reason = str(getattr(error, "strerror", None) or error)
    return next((known for known in _REASONS if known == reason), reason)


@contextmanager
def _as_file_error(path: Path, *, is_new: bool = False) -> Iterator[None]:
    """An error of the system about a path, as one sentence.

    Of a file that is to be made the system says that it is missing, and means its folder.
    """
    try:
        yield
    except FileNotFoundError as error:
        folder = Path(os.path.realpath(path)).parent
        is_folder = is_new and not folder.exists()
        reason = said("there is no folder {folder}: make it first", folder=folder)
        raise FileError(path, reason if is_folder else reason_of(error), error) from None
    except (OSError, ValueError, RuntimeError) as error:
        raise FileError(path, reason_of(error), error) from None
