from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.scenario.support import document
from tui_backprop.limits import DEFAULT_LIMITS, Limits
from tui_backprop.scenario.leaves import Arrays

if TYPE_CHECKING:
    from pathlib import Path

    from tui_backprop.scenario.report import Report


def make(
    leaf: str,
    dtype: str = "float64",
    folder: Path | None = None,
    shape: tuple[int, ...] | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> tuple[Any, Report]:
    """The array of one leaf, as it stands in a file."""
    read, report = document(f"format: 1\ninputs:\n  X: {leaf}\nprogram: Y = X\n")
    assert read is not None
    assert read.inputs is not None
    report.limits = limits
    (only,) = read.inputs.values()
    assert only is not None, str(report.error())
    return Arrays(np.dtype(dtype), folder, report).make(only, shape, "'Y'"), report


def complaint(leaf: str, **options: Any) -> str:
    """Why a leaf gives no array."""
    array, report = make(leaf, **options)
    assert array is None
    (problem,) = report.error().problems
    assert problem.line == 3
    return problem.message


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(
    ("leaf", "expected"),
    [
        ("2", 2.0), ("[1, 2]", [1, 2]), ("{value: [[1], [2]]}", [[1], [2]]), ("{value: 3}", 3),
        ("{shape: [2, 3], fill: 0.5}", np.full((2, 3), 0.5)), ("{shape: [], fill: .nan}", np.nan),
        ("{fill: -.inf, shape: [1]}", [-np.inf]), ("[.inf, .nan]", [np.inf, np.nan]),
    ],
)  # fmt: skip
def test_forms(leaf: str, expected: Any, dtype: str) -> None:
    """Every form gives a read-only array of the scenario's dtype."""
    array, report = make(leaf, dtype)
    assert report.is_clean
    np.testing.assert_array_equal(array, expected)
    assert array.dtype == dtype
    assert not array.flags.writeable


def test_random_is_numpys() -> None:
    """The numbers are those of NumPy's generator: same seed, same numbers, seed 0 by default."""
    array, _ = make("{shape: [2, 3], random: normal, seed: 7, scale: 0.1}")
    np.testing.assert_array_equal(array, 0.1 * np.random.default_rng(7).standard_normal((2, 3)))
    array, _ = make("{shape: [4], random: uniform}")
    np.testing.assert_array_equal(array, np.random.default_rng(0).random(4))


def test_random_in_float32_is_rounded() -> None:
    """The dtype changes how numbers are rounded, not which are drawn."""
    wide, _ = make("{shape: [50], random: normal, seed: 3}")
    narrow, _ = make("{shape: [50], random: normal, seed: 3}", "float32")
    np.testing.assert_array_equal(narrow, wide.astype(np.float32))


def test_file(tmp_path: Path) -> None:
    """A file beside the scenario, read-only as the others."""
    np.savez(tmp_path / "w.npz", W=np.eye(2))
    array, report = make("{file: w.npz, key: W}", "float32", tmp_path)
    assert report.is_clean
    np.testing.assert_array_equal(array, np.eye(2))
    assert not array.flags.writeable


def test_file_problems_have_a_place(tmp_path: Path) -> None:
    """What is wrong with a file is said where the scenario names it."""
    array, report = make("{file: none.npy}", folder=tmp_path)
    assert array is None
    (problem,) = report.error().problems
    assert (problem.line, problem.column, problem.width) == (3, 13, 8)
    assert problem.message == "there is no such file"


@pytest.mark.parametrize("leaf", ["1e39", "[1, -1e39]", "{shape: [2], fill: 1e39}"])
def test_beyond_float32(leaf: str) -> None:
    """A finite number that float32 cannot hold does not silently become infinite."""
    assert complaint(leaf, dtype="float32").endswith("1e+39 is beyond the range of float32")


def test_infinities_fit_float32() -> None:
    """An infinity that was written is one."""
    array, report = make("[.inf, 1]", "float32")
    assert report.is_clean
    np.testing.assert_array_equal(array, [np.inf, 1])


@pytest.mark.parametrize(
    ("leaf", "shape", "fits"),
    [
        ("[1, 2]", (2,), True), ("[1, 2]", (3,), False), ("[[1, 2]]", (2,), False),
        ("7", (), True), ("7", (1,), True), ("[7]", (), True), ("7", (1, 1), True),
        ("7", (2,), False), ("{shape: [3], fill: 1}", (3,), True),
        ("{shape: [30000000], fill: 1}", (3,), False),
    ],
)  # fmt: skip
def test_wanted_shapes(leaf: str, shape: tuple[int, ...], fits: bool) -> None:
    """A wanted shape is checked first; one number fits any single entry."""
    if fits:
        array, _ = make(leaf, shape=shape)
        assert array.shape == shape
    else:
        assert f"expected shape {shape}, as 'Y' has, found" in complaint(leaf, shape=shape)


@pytest.mark.parametrize("leaf", [
    "{shape: [10000000000000], fill: 0}", "{shape: [3000000, 3000000], random: normal}",
    "{shape: [99999999999999999999999999999], fill: 0}",
])  # fmt: skip
def test_too_many_elements(leaf: str) -> None:
    """Size is refused by shape, before anything is allocated."""
    assert "elements exceed the limit" in complaint(leaf)


def test_all_arrays_together() -> None:
    """Many arrays, each within its limit, are refused by their sum."""
    read, report = document(
        "format: 1\nprogram: Y = X\ninputs:\n"
        + "".join(f"  X{k}: {{shape: [10], fill: 0}}\n" for k in range(4))
    )
    report.limits = DEFAULT_LIMITS.raised(total_elements=30)
    assert read is not None
    arrays = Arrays(np.dtype("float64"), None, report)
    made = [arrays.make(leaf) for leaf in (read.inputs or {}).values() if leaf is not None]
    assert [array is not None for array in made] == [True, True, True, False]
    assert "--limit total_elements=40" in str(report.error())
