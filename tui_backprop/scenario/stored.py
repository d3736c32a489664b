"""Arrays kept in ``.npy`` and ``.npz`` files beside a scenario.

They stand apart because a file is the one thing a scenario reaches outside itself: it must lie in
the scenario's folder, nothing in it is unpickled, and its header is weighed before its data.
"""

from __future__ import annotations

import stat
import struct
import warnings
import zlib
from contextlib import contextmanager
from math import prod
from tokenize import TokenError
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.scenario.report import nearest, shown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tui_backprop.limits import Limits
    from tui_backprop.rules.types import Array, Shape


def _broken() -> tuple[type[Exception], ...]:
    """What zipfile and NumPy raise for a file that somebody tampered with."""
    return (
        OSError, ValueError, EOFError, KeyError, TypeError, IndexError, OverflowError, SyntaxError,
        NotImplementedError, RuntimeError, MemoryError, UnicodeError, TokenError,
        struct.error, zlib.error, _zip().BadZipFile,
    )  # fmt: skip


def _zip() -> Any:
    """`zipfile`, which few scenarios need before the first screen."""
    import zipfile  # noqa: PLC0415 - see above

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
    """An array in a file, its header read and found acceptable.

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
            array = np.lib.format.read_array(file, allow_pickle=False)
            with np.errstate(over="ignore"):
                return array.astype(np.float64, copy=False)


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
            shape, dtype = _header(file)
    if dtype.kind not in "fiub":
        raise StoredError(f"the array holds {dtype}, not real numbers")
    limits.check("elements", prod(shape), f"the array in {shown(name)}")
    return Stored(path, member, shape)


def _inside(folder: Path | None, name: str) -> Path:
    """The file's real path, which lies in the scenario's folder whatever links stand between."""
    if folder is None:
        raise StoredError("a scenario without a folder cannot name a file")
    try:
        home = folder.resolve()
        path = (home / name).resolve()
        if not path.is_relative_to(home):
            raise StoredError("the file lies outside the scenario's folder")
        mode = path.stat().st_mode
    except FileNotFoundError:
        raise StoredError("there is no such file", f"it is looked for in {folder}") from None
    except (OSError, ValueError, RuntimeError) as error:
        raise StoredError(f"the file cannot be found: {_reason(error)}") from None
    if not stat.S_ISREG(mode):
        raise StoredError("not a regular file")
    if path.suffix not in (".npy", ".npz"):
        raise StoredError("expected a file that ends in .npy or .npz")
    return path


def _member(path: Path, key: str | None) -> str:
    if path.suffix == ".npy":
        if key is not None:
            raise StoredError("an .npy file holds one array", "leave 'key' out")
        return ""
    with _zip().ZipFile(path) as archive:
        names: list[str] = [
            n.removesuffix(".npy") for n in archive.namelist() if n.endswith(".npy")
        ]
    if key is None and len(names) == 1:
        return names[0] + ".npy"
    if key is None:
        raise StoredError("say with 'key' which array is meant", nearest("", names, "there are"))
    if key not in names:
        raise StoredError(f"there is no array {shown(key)} in it", nearest(key, names, "there are"))
    return key + ".npy"


@contextmanager
def _opened(path: Path, member: str) -> Iterator[IO[bytes]]:
    if not member:
        with path.open("rb") as file:
            yield file
        return
    with _zip().ZipFile(path) as archive, archive.open(member) as file:
        yield file


def _header(file: IO[bytes]) -> tuple[Shape, np.dtype[Any]]:
    version = np.lib.format.read_magic(file)
    if version == (1, 0):
        shape, _, dtype = np.lib.format.read_array_header_1_0(file)
    elif version == (2, 0):
        shape, _, dtype = np.lib.format.read_array_header_2_0(file)
    else:
        raise StoredError(f"version {version} of the .npy format is not for plain numbers")
    return shape, dtype


@contextmanager
def _understood(path: Path) -> Iterator[None]:
    """Whatever a broken file makes the libraries raise becomes one clear error."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # headers written by Python 2 are read with a warning
            yield
    except _broken() as error:
        raise StoredError(f"not a readable {path.suffix} file: {_reason(error)}") from None


def _reason(error: BaseException) -> str:
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return shown(str(text).splitlines()[0])[1:-1]
