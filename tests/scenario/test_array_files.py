from __future__ import annotations

import io
import os
import struct
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_backprop.errors import LimitError
from tui_backprop.limits import DEFAULT_LIMITS
from tui_backprop.scenario.array_files import StoredError, find

if TYPE_CHECKING:
    from pathlib import Path

W = np.arange(6.0).reshape(2, 3)


def stored(folder: Path | None, name: str, key: str | None = None) -> Any:
    """The array of a file."""
    found = find(folder, name, key, DEFAULT_LIMITS)
    array = found.read()
    assert array.shape == found.shape
    assert array.dtype == np.float64
    return array


def refusal(folder: Path | None, name: str, key: str | None = None) -> str:
    """Why a file is refused, and what would do."""
    with pytest.raises(StoredError) as caught:
        find(folder, name, key, DEFAULT_LIMITS).read()
    return f"{caught.value.message}; {caught.value.hint}"


def is_array_or_refusal(folder: Path, name: str) -> bool:
    """Whether a file gives an array of the shape it promised, or else is refused with a reason."""
    try:
        return bool(stored(folder, name).dtype == np.float64)
    except StoredError as error:
        return bool(error.message)
    except LimitError as error:
        return "limit" in str(error)


def header(shape: tuple[int, ...], descr: str = "<f8") -> bytes:
    """An .npy header that promises such an array, whatever follows."""
    file = io.BytesIO()
    promise = {"descr": descr, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, promise)
    return file.getvalue()


@pytest.mark.parametrize("dtype", ["f8", "f4", "f2", "i8", "u1", "?", ">f8", "<i2"])
def test_npy(tmp_path: Path, dtype: str) -> None:
    """Real numbers of every type are read as float64."""
    array = W.astype(dtype)
    np.save(tmp_path / "w.npy", array)
    np.testing.assert_array_equal(stored(tmp_path, "w.npy"), array.astype(np.float64))


def test_fortran_order(tmp_path: Path) -> None:
    """The order in memory is not the order of the array."""
    np.save(tmp_path / "w.npy", np.asfortranarray(W))
    np.testing.assert_array_equal(stored(tmp_path, "w.npy"), W)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_npz(tmp_path: Path, save: Any) -> None:
    """An archive holds arrays by name; a single one needs no name."""
    save(tmp_path / "w.npz", W=W, b=W[0])
    np.testing.assert_array_equal(stored(tmp_path, "w.npz", "b"), W[0])
    assert refusal(tmp_path, "w.npz", "V") == "there is no array 'V' in it; there are: W, b"
    assert refusal(tmp_path, "w.npz") == "say with 'key' which array is meant; there are: W, b"
    save(tmp_path / "one.npz", W=W)
    np.testing.assert_array_equal(stored(tmp_path, "one.npz"), W)


def test_subfolder(tmp_path: Path) -> None:
    """Folders below the scenario's are inside it."""
    (tmp_path / "data").mkdir()
    np.save(tmp_path / "data" / "w.npy", W)
    np.testing.assert_array_equal(stored(tmp_path, "data/w.npy"), W)
    np.testing.assert_array_equal(stored(tmp_path, "data/../data/w.npy"), W)


@pytest.mark.parametrize(
    "name", ["../w.npy", "/etc/hostname", "link.npy", "folder/w.npy", "/", ".."]
)
def test_outside(tmp_path: Path, name: str) -> None:
    """Nothing outside the scenario's folder is opened, whichever way it is named."""
    home = tmp_path / "home"
    home.mkdir()
    np.save(tmp_path / "w.npy", W)
    (home / "link.npy").symlink_to(tmp_path / "w.npy")
    (home / "folder").symlink_to(tmp_path)
    assert "outside the scenario's folder" in refusal(home, name)


def test_link_within(tmp_path: Path) -> None:
    """A link that stays inside is followed."""
    np.save(tmp_path / "w.npy", W)
    (tmp_path / "link.npy").symlink_to("w.npy")
    np.testing.assert_array_equal(stored(tmp_path, "link.npy"), W)


def test_without_a_folder() -> None:
    """A text that came from nowhere has no files beside it."""
    assert "without a folder" in refusal(None, "w.npy")


@pytest.mark.parametrize(
    "name", ["none.npy", "", "a\0b.npy", "x" * 5000, "loop.npy", "pipe.npy", "w.txt"]
)
def test_what_is_no_file(tmp_path: Path, name: str) -> None:
    """Missing files, folders, loops of links, pipes and other endings are refused."""
    (tmp_path / "loop.npy").symlink_to("loop.npy")
    os.mkfifo(tmp_path / "pipe.npy")
    (tmp_path / "w.txt").write_text("1 2 3")
    assert refusal(tmp_path, name)


def test_objects_are_not_unpickled(tmp_path: Path) -> None:
    """An array of objects is refused by its header."""
    np.save(tmp_path / "o.npy", np.array([{}], dtype=object), allow_pickle=True)
    assert refusal(tmp_path, "o.npy") == "the array holds object, not real numbers; "


@pytest.mark.parametrize("descr", ["<c16", "<U4", "|S2", "<M8[s]", "|V8"])
def test_what_is_not_real(tmp_path: Path, descr: str) -> None:
    """Complex numbers, texts, dates and raw bytes are refused by their header."""
    (tmp_path / "w.npy").write_bytes(header((2,), descr))
    assert "not real numbers" in refusal(tmp_path, "w.npy")


def test_size_is_weighed_before_data_is_read(tmp_path: Path) -> None:
    """A header that promises too much is refused, in an archive too, though no data follows."""
    (tmp_path / "w.npy").write_bytes(header((10**6, 10**6)))
    with zipfile.ZipFile(tmp_path / "w.npz", "w") as archive:
        archive.writestr("W.npy", header((10**9,)))
    for name in ("w.npy", "w.npz"):
        with pytest.raises(LimitError, match="--limit elements="):
            find(tmp_path, name, None, DEFAULT_LIMITS)


def test_an_archive_with_more_than_it_says(tmp_path: Path) -> None:
    """What unpacks to more than its header says is read no further."""
    with zipfile.ZipFile(tmp_path / "w.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("W.npy", header((2,)) + bytes(10_000))
    np.testing.assert_array_equal(stored(tmp_path, "w.npz"), [0, 0])


@pytest.mark.parametrize("shape", [(0,), (2, 0)])
def test_empty_arrays(tmp_path: Path, shape: tuple[int, ...]) -> None:
    """An array without entries is an array."""
    np.save(tmp_path / "w.npy", np.zeros(shape))
    assert stored(tmp_path, "w.npy").shape == shape


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"\x93NUMPY", b"\x93NUMPY\x03\x00" + bytes(20), b"\x93NUMPY\x09\x00" + bytes(20),
        b"\x93NUMPY\x01\x00" + struct.pack("<H", 20) + b"__import__('os')" + bytes(4),
        header((3,)), header((3,)) + bytes(8), header((-1,)), header((2,))[:-10], b"PK\x03\x04",
        header((2,)).replace(b"'<f8'", b"'<q8'"), header((2,)).replace(b"(2,)", b"(2L)"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("ending", ["npy", "npz"])
def test_broken_files(tmp_path: Path, raw: bytes, ending: str) -> None:
    """Truncated, lying and other files are refused with a reason."""
    path = tmp_path / f"w.{ending}"
    path.write_bytes(raw)
    assert refusal(tmp_path, path.name)
    with zipfile.ZipFile(tmp_path / "inside.npz", "w") as archive:
        archive.writestr("W.npy", raw)
    assert refusal(tmp_path, "inside.npz")


@given(data=st.data())
def test_tampering(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Bytes changed anywhere give an array or a refusal, nothing else."""
    folder = tmp_path_factory.mktemp("tampered")
    np.savez_compressed(folder / "w.npz", W=W)
    np.save(folder / "w.npy", W)
    for name in ("w.npz", "w.npy"):
        raw = bytearray((folder / name).read_bytes())
        for _ in range(data.draw(st.integers(1, 4))):
            raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
        (folder / name).write_bytes(raw)
        assert is_array_or_refusal(folder, name)


@pytest.mark.parametrize("packed", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
@pytest.mark.parametrize("at", [None, 60, 80, 120])
def test_other_packing_is_refused(tmp_path: Path, packed: int, at: int | None) -> None:
    """Whole or damaged: it unpacks without a bound, and NumPy writes none of it."""
    with zipfile.ZipFile(tmp_path / "w.npz", "w", packed) as archive:
        archive.writestr("W.npy", header((2,)) + bytes(16))
    raw = bytearray((tmp_path / "w.npz").read_bytes())
    if at is not None:
        raw[at] ^= 0xFF
    (tmp_path / "w.npz").write_bytes(raw)
    assert refusal(tmp_path, "w.npz")


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
@pytest.mark.parametrize("flip", [0x01, 0xFF])
def test_damage_at_every_byte(tmp_path: Path, save: Any, flip: int) -> None:
    """Any single byte of an archive: an array or a refusal, nothing else."""
    save(tmp_path / "w.npz", W=W)
    whole = (tmp_path / "w.npz").read_bytes()
    for at in range(len(whole)):
        raw = bytearray(whole)
        raw[at] ^= flip
        (tmp_path / "w.npz").write_bytes(raw)
        assert is_array_or_refusal(tmp_path, "w.npz")


@pytest.mark.parametrize("method", range(0, 100, 7))
def test_any_number_for_the_packing(tmp_path: Path, method: int) -> None:
    """Whatever zipfile makes of it."""
    np.savez(tmp_path / "w.npz", W=W)
    raw = bytearray((tmp_path / "w.npz").read_bytes())
    raw[8:10] = struct.pack("<H", method)
    listed = raw.index(b"PK\x01\x02")
    raw[listed + 10 : listed + 12] = struct.pack("<H", method)
    (tmp_path / "w.npz").write_bytes(raw)
    assert is_array_or_refusal(tmp_path, "w.npz")


@pytest.mark.parametrize("ending", ["npy", "npz"])
def test_a_long_header_is_not_read(tmp_path: Path, ending: str) -> None:
    """It is refused by the length that it states, though NumPy would read it first."""
    raw = b"\x93NUMPY\x02\x00" + struct.pack("<I", 10_001) + b" " * 10_001
    (tmp_path / "w.npy").write_bytes(raw)
    with zipfile.ZipFile(tmp_path / "w.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("W.npy", raw)
    assert "its header has more than" in refusal(tmp_path, f"w.{ending}")


def test_a_long_list_of_members_is_not_read(tmp_path: Path) -> None:
    """An archive whose end claims one is refused before."""
    np.savez(tmp_path / "w.npz", W=W)
    raw = bytearray((tmp_path / "w.npz").read_bytes())
    end = raw.index(b"PK\x05\x06")
    size = (1 << 24) + 1
    raw[end + 12 : end + 20] = struct.pack("<II", size, 0)
    (tmp_path / "w.npz").write_bytes(bytes(size) + raw)
    assert "list of members" in refusal(tmp_path, "w.npz")


def test_a_file_that_changes_between_looking_and_reading(tmp_path: Path) -> None:
    """Its header is weighed again with its data."""
    np.save(tmp_path / "w.npy", W)
    found = find(tmp_path, "w.npy", None, DEFAULT_LIMITS)
    np.save(tmp_path / "w.npy", np.zeros((3, 3)))
    with pytest.raises(StoredError, match="changed"):
        found.read()
