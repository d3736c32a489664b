"""Arrays in files: they are what NumPy saved, or are refused with a place in the scenario."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tui_backprop as tb
from tests.fuzz.effort import LIMITS, effort
from tests.fuzz.stored import NAMES, arrays, files, saved
from tests.fuzz.test_scenarios import assert_placed

if TYPE_CHECKING:
    from tui_backprop.rules.types import Array

SCENARIO = "format: 1\ndtype: {}\ninputs: {{X: {{file: {}{}}}}}\nprogram: Y = 2 * X\n"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """The files stand there."""
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))


def read(raw: bytes, ending: str, key: str, dtype: str) -> Array | None:
    """What X is; None where the scenario was refused, in words with places."""
    Path(f"w.{ending}").write_bytes(raw)
    text = SCENARIO.format(dtype, f"w.{ending}", key)
    Path("drawn.yaml").write_text(text, encoding="utf-8")
    try:
        trace = tb.load("drawn.yaml", LIMITS).trace()
    except tb.ScenarioError as error:
        assert_placed(error)
        return None
    found: Array = trace.values["X"]
    return found


@effort(1)
@given(files(), st.sampled_from(["npy", "npz"]), st.sampled_from(NAMES) | st.none(),
       st.sampled_from(["float64", "float32"]))  # fmt: skip
def test_any_file_is_an_array_or_refused(
    raw: bytes, ending: str, name: str | None, dtype: str
) -> None:
    """Whatever is damaged in it; what is read has the scenario's type."""
    key = "" if name is None else f", key: {name!r}".replace("\\x00", "")
    found = read(raw, ending, key, dtype)
    assert found is None or found.dtype == dtype


@effort(0.3)
@given(arrays(), st.sampled_from([None, (1, 0), (2, 0)]))
def test_real_numbers_are_read_as_numpy_reads_them(
    array: Array, version: tuple[int, int] | None
) -> None:
    """Every real type, every order of bytes and axes; nothing else is taken for one."""
    found = read(saved(array, version), "npy", "", "float64")
    if array.dtype.kind in "fiu" and array.size <= LIMITS.elements:
        assert found is not None
        np.testing.assert_array_equal(found, array.astype(np.float64))
    elif array.dtype.kind != "b":
        assert found is None
