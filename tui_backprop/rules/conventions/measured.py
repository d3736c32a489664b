"""The gradients at special points as frameworks give them, from `measured.json`.

Each number there was measured: with the version of its framework, in the dtype and by the call that
stand beside it.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui_backprop.rules.types import Array

TITLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "torch": "PyTorch",
        "jax": "JAX",
        "tensorflow": "TensorFlow",
        "autograd": "HIPS autograd",
        "paddle": "PaddlePaddle",
        "mindspore": "MindSpore",
        "tinygrad": "tinygrad",
        "mlx": "MLX",
        "pytensor": "PyTensor",
        "casadi": "CasADi",
        "mygrad": "MyGrad",
        "mxnet": "MXNet",
        "jittor": "Jittor",
        "oneflow": "OneFlow",
        "chainer": "Chainer",
        "sympy": "SymPy",
    }
)
"""How a framework writes its name; a release of one that was measured too is ``torch-2.14``."""

_REFUSED: Final = "error: "
_CLOSE: Final = 1e-4
"""Numbers that are as near relative to their size are the same: some compute in float32 only."""


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """One special point of one op.

    Attributes:
        id: its name in the table.
        op: the op that it is about.
        at: where it lies, in words.
        inputs: the numbers there, by name.
        of: what is differentiated, in the program's language.
        grads: framework → its gradient by each input, in order; a text where it gives none: its
            refusal, or what stands for a number.
        values: framework → the value.
        calls: framework → how it was called.
    """

    id: str
    op: str
    at: str
    inputs: Mapping[str, Any]
    of: str
    grads: Mapping[str, Any]
    values: Mapping[str, Any]
    calls: Mapping[str, str]

    def gives(self, framework: str) -> tuple[Array, ...] | None:
        """The gradients that were measured, an array for each input; None where there are none."""
        found = self.grads.get(framework)
        if not isinstance(found, list):
            return None
        try:
            return tuple(np.asarray(numbers(x), dtype=np.float64) for x in found)
        except (TypeError, ValueError):
            return None  # a text in place of a number

    def refusal(self, framework: str) -> str:
        """The kind of error that the framework raises here; empty where it raises none."""
        found = self.grads.get(framework)
        if isinstance(found, str) and found.startswith(_REFUSED):
            return found[len(_REFUSED) :]
        return ""

    @property
    def place(self) -> str:
        """``x = 0, y = 1``: the inputs as a program has them."""
        return ", ".join(f"{name} = {shown(numbers(x))}" for name, x in self.inputs.items())


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """The whole table.

    Attributes:
        versions: framework → the version that was measured.
        dtypes: framework → the numbers that it computed with.
        notes: framework → how it was set up.
        by_id: point by its name, in order.
    """

    versions: Mapping[str, str]
    dtypes: Mapping[str, str]
    notes: Mapping[str, str]
    by_id: Mapping[str, Point]

    @property
    def points(self) -> tuple[Point, ...]:
        """All points, in order."""
        return tuple(self.by_id.values())

    def of(self, op: str) -> tuple[Point, ...]:
        """The points of an op."""
        return tuple(point for point in self.points if point.op == op)

    def point(self, name: str) -> Point:
        """The point of that name."""
        return self.by_id[name]


@cache
def measured() -> Measured:
    """The table, read once."""
    path = Path(__file__).with_name("measured.json")
    table = json.loads(path.read_text(encoding="utf-8"))
    return Measured(
        MappingProxyType(table["frameworks"]),
        MappingProxyType(table["dtypes"]),
        MappingProxyType(table["notes"]),
        MappingProxyType({row["id"]: Point(**row) for row in table["points"]}),
    )


def title(framework: str) -> str:
    """``PyTorch``, or with the release that is not the one meant by the name: ``PyTorch 2.14``."""
    name, _, release = framework.partition("-")
    return f"{TITLES[name]} {release}" if release else TITLES[name]


def full_title(framework: str) -> str:
    """``PyTorch 2.13.0``: with the version that was measured."""
    version = measured().versions[framework].partition("+")[0]
    return f"{TITLES[framework.partition('-')[0]]} {version}"


def is_same(found: tuple[Array, ...] | None, other: tuple[Array, ...] | None) -> bool:
    """Whether two gradients are the same, NaN as well, to what single precision can hold."""
    if found is None or other is None or len(found) != len(other):
        return False
    with np.errstate(all="ignore"):
        return all(
            x.shape == y.shape and np.allclose(x, y, rtol=_CLOSE, atol=1e-9, equal_nan=True)
            for x, y in zip(found, other, strict=True)
        )


def numbers(value: Any) -> Any:
    """A number, or lists of them, where JSON has a text for what it knows no number for."""
    if isinstance(value, list):
        return [numbers(part) for part in value]
    return float(value)


def shown(value: Any) -> str:
    """A number or a list of them, as short as it is exact."""
    if isinstance(value, list):
        return f"[{', '.join(map(shown, value))}]"
    return "NaN" if value != value else f"{value:.6g}"  # noqa: PLR0124 - what NaN is known by
