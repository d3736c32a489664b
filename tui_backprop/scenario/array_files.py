"""Arrays kept in ``.npy`` and ``.npz`` files beside a scenario.

A file is the one thing that a scenario reaches outside itself: it must lie in the scenario's
folder, nothing in it is unpickled, and its header is checked before its data.
"""

from __future__ import annotations

import io
import stat
import struct
import warnings
from contextlib import contextmanager
from math import prod
from typing import IO, TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.errors import LimitError
from tui_backprop.files import FileError, open_regular, reason_of
from tui_backprop.language.message import Said, said
from tui_backprop.scenario.report import THERE_ARE, nearest, shown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tui_backprop.limits import Limits
    from tui_backprop.rules.types import Array, Shape

_AT_ONCE: Final = 1 << 20
"""Bytes of data that are unpacked in one piece."""
_DIRECTORY: Final = 1 << 24
"""Bytes that an archive may ask to be read in one piece: its list of members."""
_REAL: Final = "fiub"
"""NumPy's letters for kinds of real numbers."""
_HEADER: Final = 10_000
"""Bytes of a header, as NumPy has it; it weighs them only when it has read them."""


def _zip() -> Any:
    """`zipfile`, which few scenarios need before the first screen."""
    import zipfile

    return zipfile


class StoredError(Exception):
    """Why an array cannot be taken from a file.

    Attributes:
        message: what is wrong.
        hint: what would do.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Stored:
    """An array in a file whose header was read and accepted.

    Attributes:
        path: the file.
        member: its name in an ``.npz``; empty for an ``.npy``.
        shape: of the array.
    """

    path: Path
    member: str
    shape: Shape

    def read(self) -> Array:
        """The array as float64.

        Raises:
            StoredError: the data cannot be read after all.
        """
        with _understood(self.path), _opened(self.path, self.member) as file:
            shape, is_by_column, dtype = _header(file)
            if shape != self.shape or dtype.kind not in _REAL:
                raise StoredError(said("the file was changed while it was read"))
            flat = np.frombuffer(_data(file, prod(shape) * dtype.itemsize), dtype)
            array = flat.reshape(shape, order="F" if is_by_column else "C")
            with np.errstate(over="ignore"):
                return array.astype(np.float64, order="C")


def find(folder: Path | None, name: str, key: str | None, limits: Limits) -> Stored:
    """Look at an array in a file without reading its data.

    Args:
        folder: the scenario's; None where a scenario has none.
        name: the file, relative to it.
        key: the array's name in an ``.npz``.
        limits: the number of elements is checked by the header's word.

    Raises:
        StoredError: it lies elsewhere, is missing, is no such file, or holds something else.
        LimitError: it is too large.
    """
    path = _inside(folder, name)
    with _understood(path):
        member = _member(path, key)
        with _opened(path, member) as file:
            shape, _, dtype = _header(file)
    if dtype.kind not in _REAL:
        raise StoredError(said("the array holds {dtype}, not real numbers", dtype=dtype))
    limits.check("elements", prod(shape), said("the array in {file}", file=shown(name)))
    return Stored(path, member, shape)


def _inside(folder: Path | None, name: str) -> Path:
    """The file's real path, which lies in the scenario's folder whatever links stand between."""
    if folder is None:
        raise StoredError(said("a scenario without a folder cannot name a file"))
    try:
        home = folder.resolve()
        path = (home / name).resolve()
        if not path.is_relative_to(home):
            raise StoredError(said("the file lies outside the scenario's folder"))
        mode = path.stat().st_mode
    except FileNotFoundError:
        raise StoredError(
            said("there is no such file"), said("it is looked for in {folder}", folder=folder)
        ) from None
    except (OSError, ValueError, RuntimeError) as error:
        raise StoredError(
            said("the file cannot be found: {reason}", reason=_reason(error))
        ) from None
    if not stat.S_ISREG(mode):
        raise StoredError(said("not a regular file"))
    if path.suffix not in (".npy", ".npz"):
        raise StoredError(said("expected a file that ends in .npy or .npz"))
    return path


def _member(path: Path, key: str | None) -> str:
    if path.suffix == ".npy":
        if key is not None:
            raise StoredError(said("an .npy file holds one array"), said("leave 'key' out"))
        return ""
    with _archive(path) as archive:
        names: list[str] = [
            n.removesuffix(".npy") for n in archive.namelist() if n.endswith(".npy")
        ]
    if key is None and len(names) == 1:
        return names[0] + ".npy"
    if key is None:
        hint = nearest("", names, THERE_ARE)
        raise StoredError(said("say with 'key' which array is meant"), hint)
    if key not in names:
        message = said("there is no array {key} in it", key=shown(key))
        raise StoredError(message, nearest(key, names, THERE_ARE))
    return key + ".npy"


class _Bounded:
    """A view of an archive's file that reads no piece larger than a list of members."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1) -> bytes:
        """As any file, unless too much is asked for."""
        wanted = _DIRECTORY + 1 if size < 0 else size
        if wanted > _DIRECTORY + 1 or len(data := self._file.read(wanted)) > _DIRECTORY:
            raise StoredError(said("the archive has a longer list of members than anybody needs"))
        return data


@contextmanager
def _archive(path: Path) -> Iterator[Any]:
    with open_regular(path) as file, _zip().ZipFile(_Bounded(file)) as archive:
        yield archive


@contextmanager
def _opened(path: Path, member: str) -> Iterator[IO[bytes]]:
    if not member:
        with open_regular(path) as file:
            yield file
        return
    with _archive(path) as archive:
        # The others unpack without a bound, and NumPy writes none of them.
        if archive.getinfo(member).compress_type not in {_zip().ZIP_STORED, _zip().ZIP_DEFLATED}:
            raise StoredError(
                said("it is packed as NumPy packs none"), said("np.savez_compressed does")
            )
        with archive.open(member) as file:
            yield file


_LENGTHS: Final = {(1, 0): "<H", (2, 0): "<I"}
"""How each version of the format writes the length of its header."""


def _header(file: IO[bytes]) -> tuple[Shape, bool, np.dtype[Any]]:
    """Shape, whether columns lie together, and type; the data comes next."""
    version = np.lib.format.read_magic(file)
    form = _LENGTHS.get(version)
    if form is None:
        raise StoredError(
            said("version {version} of the .npy format is not for plain numbers", version=version)
        )
    length = file.read(struct.calcsize(form))
    if struct.unpack(form, length)[0] > _HEADER:
        raise StoredError(said("its header has more than {most} bytes", most=f"{_HEADER:,}"))
    whole = io.BytesIO(length + file.read(struct.unpack(form, length)[0]))
    is_first = version == (1, 0)
    read = (np.lib.format.read_array_header_1_0 if is_first
            else np.lib.format.read_array_header_2_0)  # fmt: skip
    shape, is_by_column, dtype = read(whole)
    if any(n < 0 for n in shape):
        raise StoredError(said("its header says that it has the shape {shape}", shape=shape))
    return shape, is_by_column, dtype


def _data(file: IO[bytes], size: int) -> bytearray:
    """So many bytes, unpacked piece by piece."""
    data = bytearray()
    while len(data) < size:
        piece = file.read(min(size - len(data), _AT_ONCE))
        if not piece:
            raise StoredError(
                said(
                    "it ends after {found} of {size} bytes of numbers",
                    found=f"{len(data):,}",
                    size=f"{size:,}",
                )
            )
        data += piece
    return data


@contextmanager
def _understood(path: Path) -> Iterator[None]:
    """Turn any error that a broken file makes the libraries raise into one clear error."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # headers written by Python 2 are read with a warning
            yield
    except (StoredError, LimitError):
        raise
    except FileError as error:
        raise StoredError(said("the file cannot be read: {reason}", reason=error.reason)) from None
    except Exception as error:  # noqa: BLE001 - what a damaged file raises is the libraries' to choose
        raise StoredError(
            said(
                "not a readable {ending} file: {reason}", ending=path.suffix, reason=_reason(error)
            )
        ) from None


def _reason(error: Exception) -> str:
    """Why, where it is a common reason; else the words of whichever library it was, quoted."""
    reason = reason_of(error)
    if isinstance(reason, Said):
        return reason
    return shown((reason or type(error).__name__).splitlines()[0])
