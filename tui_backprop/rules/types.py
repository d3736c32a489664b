"""The names that rules, graph and everything above use for arrays, shapes and indices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy.typing as npt

Array: TypeAlias = npt.NDArray[Any]
"""A value, cotangent or adjoint. Arrays that leave a layer are read-only."""

IntArray: TypeAlias = npt.NDArray[Any]
"""Flat positions, dtype intp."""

Shape: TypeAlias = tuple[int, ...]

Index: TypeAlias = tuple[Any, ...]
"""One coordinate per axis: all integers (one entry) or all integer arrays (many entries)."""

Params: TypeAlias = Mapping[str, Any]
"""The static arguments of one application of an op, such as ``{"axis": 0, "keepdims": False}``."""
