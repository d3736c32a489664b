"""Arrays in files, as NumPy writes them and as nobody does."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from hypothesis import strategies as st

from tests.fuzz.changed import damaged

if TYPE_CHECKING:
    from tui_backprop.rules.types import Array

KINDS: Final = ("<f8", ">f8", "<f4", ">f4", "<f2", "<i8", ">i4", "<u8", "|i1", "|u1", "|b1", "<c16",
                "<U3", "|S2", "<M8[s]", "|V4", "<f8,<i4")  # fmt: skip
SHAPES: Final = ((3,), (2, 3), (), (0,), (2, 0), (1, 1, 1), (3, 2), (50, 50))
NAMES: Final = ("W", "W.npy", "w", "", "../W", "/W", "W/W", "中文", "W\x00", "a" * 300, "arr_0")


@st.composite
def arrays(draw: st.DrawFn) -> Array:
    """Of any type and order, with what is not finite."""
    kind, shape = draw(st.sampled_from(KINDS)), draw(st.sampled_from(SHAPES))
    random = np.random.default_rng(draw(st.integers(0, 2**16)))
    with np.errstate(all="ignore"):
        if kind[1] in "fiubc" and "," not in kind:
            numbers: Any = random.integers(0, 100, shape) / (4 if kind[1] in "fc" else 1)
            made = np.asarray(numbers).astype(kind)
            if kind[1] == "f" and made.size and not draw(st.integers(0, 2)):
                made.flat[0] = draw(st.sampled_from([np.nan, np.inf, -np.inf, -0.0]))
        else:
            made = np.zeros(shape, kind)
    return np.asfortranarray(made) if draw(st.booleans()) else made


def saved(array: Array, version: Any = None) -> bytes:
    """As one file."""
    raw = io.BytesIO()
    np.lib.format.write_array(raw, array, version=version, allow_pickle=False)
    return raw.getvalue()


@st.composite
def archives(draw: st.DrawFn) -> bytes:
    """An archive of some arrays under some names, stored or packed, with damage inside."""
    raw = io.BytesIO()
    packed = draw(st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]))
    with zipfile.ZipFile(raw, "w", packed) as archive:
        for _ in range(draw(st.integers(0, 3))):
            member = saved(draw(arrays()))
            if not draw(st.integers(0, 3)):
                member = draw(damaged(member))
            info = zipfile.ZipInfo(draw(st.sampled_from(("W.npy", *NAMES))) or "x")
            if info.filename not in archive.namelist():
                archive.writestr(info, member, packed)
    return raw.getvalue()


def files() -> st.SearchStrategy[bytes]:
    """What stands in a file that a scenario names."""
    versions = st.sampled_from([None, (1, 0), (2, 0), (3, 0)])
    whole = st.one_of(st.builds(saved, arrays(), versions), archives())
    return st.one_of(whole, whole.flatmap(damaged), whole.flatmap(damaged), st.binary(max_size=60))
