"""The container of a saved walk: a zip of a few known members, none of them packed.

The head is JSON, the numbers are flat ``.npy`` arrays whose sizes the head tells. Nothing is read
before its size is known to be the expected one, nothing is unpacked, and nothing is unpickled.
"""

from __future__ import annotations

import json
import re
import struct
import zipfile
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final, NoReturn

import numpy as np

from tui_backprop.errors import ArgumentError, LimitError, on_one_line, shortened
from tui_backprop.files import FileError, open_regular
from tui_backprop.language.message import changed, joined, said

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from types import TracebackType
    from typing import BinaryIO, Self

    from tui_backprop.limits import Limits
    from tui_backprop.rules.types import Array

HEAD: Final = "walk.json"
ARRAYS: Final = ("seed", "values", "cotangents", "contributions", "sizes", "partials", "patterns")
"""Every array, in the order in which they lie in the file."""
MOST_HEAD: Final = 1 << 25
"""Bytes of the head: some hundred thousand nodes."""
MOST_TEXT: Final = 10_000
"""Characters of a name or of a sentence."""
_MOST_NUMBERS: Final = 4_000_000_000
"""Bytes of all arrays: a zip archive without extensions holds no more."""
_WHOLE: Final = said("the archive")
_MEMBERS: Final = (HEAD, *(f"{name}.npy" for name in ARRAYS))
_TIME: Final = (1980, 1, 1, 0, 0, 0)
_TYPES: Final[Mapping[str, str]] = {"sizes": "<f8", "partials": "<f8", "patterns": "<i8"}
"""Of the arrays that are not of the graph's own type."""
_END: Final = struct.Struct("<4s4H2LH")
_LOCATOR: Final = 20
_DIRECTORY: Final = 1 << 12
"""Bytes of the list of members."""


def packed(
    head: Mapping[str, Any], arrays: Mapping[str, Sequence[Array]], dtype: np.dtype[Any]
) -> bytes:
    """The bytes of the file; the same for the same walk.

    Args:
        head: what JSON can say.
        arrays: the pieces of each array, by its name in `ARRAYS`.
        dtype: of those that hold values.

    Raises:
        ArgumentError: it would be too large to be read.
    """
    text = json.dumps(head, ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode()
    if len(text) > MOST_HEAD:
        raise ArgumentError(
            said(
                "the walk has too many nodes to be saved: what is told of them takes {size} bytes, "
                "and at most {most} are read",
                size=f"{len(text):,}",
                most=f"{MOST_HEAD:,}",
            )
        )
    if sum(x.nbytes for name in ARRAYS for x in arrays[name]) > _MOST_NUMBERS:
        raise ArgumentError(
            said("the walk has too many numbers to be saved: its file would exceed 4 GB")
        )
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED, allowZip64=False) as archive:
        archive.writestr(_member(HEAD), text)
        for name in ARRAYS:
            kind = _type(name, dtype)
            with archive.open(_member(f"{name}.npy"), "w") as member:
                member.write(_header(sum(x.size for x in arrays[name]), kind))
                for x in arrays[name]:
                    flat = np.asarray(x, kind).ravel(order="C")
                    member.write(flat.view(np.uint8).data)  # without a copy
    return out.getvalue()


def _member(name: str) -> zipfile.ZipInfo:
    found = zipfile.ZipInfo(name, _TIME)
    found.create_system, found.external_attr = 3, 0o644 << 16
    return found


def _type(name: str, dtype: np.dtype[Any]) -> str:
    return _TYPES.get(name, dtype.newbyteorder("<").str)


def _header(count: int, kind: str) -> bytes:
    """The header of a flat ``.npy`` of version 1; NumPy's own differs from release to release."""
    text = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': ({count},), }}".encode()
    room = -(10 + len(text) + 1) % 64
    return (
        b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text) + room + 1) + text + b" " * room + b"\n"
    )


class Archive:
    """A file that looks like a saved walk, open for reading.

    Attributes:
        path: of the file.
    """

    def __init__(self, path: Path, limits: Limits) -> None:
        """Look at the list of members.

        Raises:
            FileError: it is no saved walk.
            LimitError: it is too large.
        """
        self.path = path
        self._limits = limits
        self._file: BinaryIO = open_regular(path)
        try:
            self._zip = self._opened()
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._zip.close()
        self._file.close()

    def refuse(self, member: str, what: str) -> NoReturn:
        """Say what is wrong in a member."""
        why = changed(joined(": ", [member, what]), on_one_line)
        raise FileError(self.path, said("no saved walk: {why}", why=shortened(why)))

    def _opened(self) -> zipfile.ZipFile:
        size = self._file.seek(0, 2)
        self._limits.check("walk_bytes", size, f"the file {self.path}")
        self._check_end(size)
        try:
            found = zipfile.ZipFile(self._file)
        except Exception as error:  # noqa: BLE001 - what a damaged file raises is the library's to choose
            self.refuse(_WHOLE, str(error) or type(error).__name__)
        names = tuple(found.namelist())
        if names != _MEMBERS:
            odd = next((n for n in names if n not in _MEMBERS or names.count(n) > 1), None)
            members = ", ".join(_MEMBERS)
            self.refuse(
                _WHOLE,
                said(
                    "it has a member too many or a wrong order; expected {members}",
                    members=members,
                )
                if odd is None
                else said("it holds '{name}'; expected {members}", name=odd[:60], members=members),
            )
        for info in found.infolist():
            is_plain = info.compress_type == zipfile.ZIP_STORED and not info.flag_bits & 0x41
            if not is_plain or info.file_size != info.compress_size or info.file_size > size:
                self.refuse(info.filename, said("it is packed, and a saved walk is not"))
        return found

    def _check_end(self, size: int) -> None:
        """The list of members is read in one piece: first see that it is short."""
        tail = b""
        if size >= _END.size:
            at = max(size - _END.size - _LOCATOR, 0)
            self._file.seek(at)
            tail = self._file.read(_END.size + _LOCATOR)
        if len(tail) < _END.size or not tail.endswith(b"\0\0"):
            self.refuse(_WHOLE, said("it is cut short, or no zip archive"))
        mark, _, _, _, count, length, _, comment = _END.unpack(tail[-_END.size :])
        is_large = tail[:4] == b"PK\x06\x07"
        if mark != b"PK\x05\x06" or comment or is_large:
            self.refuse(_WHOLE, said("it is cut short, or no zip archive as we write them"))
        if count != len(_MEMBERS) or length > _DIRECTORY:
            wanted = len(_MEMBERS)
            told = said("it has {count} members; expected {wanted}", count=count, wanted=wanted)
            self.refuse(_WHOLE, told)

    def head(self) -> Any:
        """What the head says, as JSON has it: numbers are whole, keys are given once."""
        size = self._zip.getinfo(HEAD).file_size
        if size > MOST_HEAD:
            told = said(
                "it has {size} bytes; at most {most} are read",
                size=f"{size:,}",
                most=f"{MOST_HEAD:,}",
            )
            self.refuse(HEAD, told)
        raw = self._read(HEAD, size)
        depth = _depth(raw)
        if depth > self._limits.nesting:
            raise LimitError(
                said(
                    "{path}: {member}: brackets {depth} deep exceed the limit of {most} (raise it "
                    "with --limit nesting={wanted})",
                    path=self.path,
                    member=HEAD,
                    depth=f"{depth:,}",
                    most=self._limits.nesting,
                    wanted=depth,
                )
            )
        try:
            return json.loads(
                raw.decode("utf-8"),
                object_pairs_hook=_object,
                parse_float=_no_number,
                parse_constant=_no_number,
            )
        except (ValueError, RecursionError) as error:
            self.refuse(HEAD, said("not readable: {reason}", reason=error))

    def array(self, name: str, count: int, dtype: np.dtype[Any]) -> Array:
        """A flat array of so many numbers, read-only."""
        member = f"{name}.npy"
        kind = np.dtype(_type(name, dtype))
        header = _header(count, kind.str)
        size, wanted = self._zip.getinfo(member).file_size, len(header) + count * kind.itemsize
        expected = said(
            "expected {count} numbers of type {kind} in {size} bytes",
            count=f"{count:,}",
            kind=kind.name,
            size=f"{wanted:,}",
        )
        if size != wanted:
            told = said("it has {size} bytes; {expected}", size=f"{size:,}", expected=expected)
            self.refuse(member, told)
        data = self._read(member, size)
        if not data.startswith(header):
            told = said(
                "its header is another one than this program writes; {expected}", expected=expected
            )
            self.refuse(member, told)
        flat = np.frombuffer(data, kind, count, len(header))
        return flat.astype(kind.newbyteorder("="), copy=False)

    def _read(self, member: str, size: int) -> bytes:
        try:
            with self._zip.open(member) as file:
                data = file.read(size)
        except Exception as error:  # noqa: BLE001 - as above
            self.refuse(member, str(error) or type(error).__name__)
        if len(data) != size:
            told = said(
                "it ends after {found} of {size} bytes", found=f"{len(data):,}", size=f"{size:,}"
            )
            self.refuse(member, told)
        return data


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError(said("a key is given twice"))
    return found


def _no_number(text: str) -> NoReturn:
    raise ValueError(said("'{text}' is no whole number", text=text[:40]))


def _depth(raw: bytes) -> int:
    """How deep brackets nest; what stands in quotes does not count."""
    deepest = depth = 0
    for outside in re.sub(rb"\\.", b"", raw, flags=re.DOTALL).split(b'"')[::2]:
        for bracket in re.findall(rb"[\[\]{}]", outside):
            depth += 1 if bracket in b"[{" else -1
            deepest = max(deepest, depth)
    return deepest
