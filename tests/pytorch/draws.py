"""What the laws are tried on: numbers on which a convention, a NaN or an infinity decides.

Every draw is the same each time.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from math import prod
from types import MappingProxyType
from typing import TYPE_CHECKING, Final
from zlib import crc32

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.rules.cases import Case
    from tui_backprop.rules.types import Array

DRAWS: Final = 4
"""Of each case and law, where there are too many to try all."""


@dataclass(frozen=True, slots=True)
class Law:
    """Where the numbers of a try come from.

    Attributes:
        x: entries of the operands; empty for the row's own domain.
        v: entries of v; empty for normal ones.
        with_parameters: whether the numbers among the static arguments, such as the bounds of a
            clip, stand among the entries of the operands.
    """

    x: tuple[float, ...] = ()
    v: tuple[float, ...] = ()
    with_parameters: bool = False

    def tries(self, case: Case) -> Iterator[tuple[tuple[Array, ...], Array]]:
        """Operands and v: of one or two entries all that there are, else some."""
        for number, operands in enumerate(self._operands(case)):
            random = _random(case, number)
            v = random.normal(size=case.out)
            yield operands, random.choice(self.v, size=case.out) if self.v else v

    def _operands(self, case: Case) -> Iterator[tuple[Array, ...]]:
        entries = [*self.x, *(_numbers(case) if self.with_parameters else ())]
        shapes = case.example.shapes
        free = [a for a in range(len(shapes)) if not _names_places(case, a)]
        sizes = [prod(shapes[a]) for a in free]
        if entries and free == [*range(len(shapes))] and 0 < sum(sizes) <= 2:
            for drawn in product(entries, repeat=sum(sizes)):
                parts = np.split(np.array(drawn), np.cumsum(sizes)[:-1])
                yield tuple(x.reshape(s) for x, s in zip(parts, shapes, strict=True))
            return
        for draw in range(DRAWS):
            operands, random = list(case.operands(draw)), _random(case, draw)
            for a in free if entries else ():
                operands[a] = random.choice(entries, size=shapes[a])
            yield tuple(operands)


LAWS: Final[Mapping[str, Law]] = MappingProxyType(
    {
        "kinks": Law(x=(-1.0, -0.0, 0.0, 1.0)),
        "bounds": Law(x=(0.0, 0.5, 1.0), with_parameters=True),
        "nan": Law(x=(np.nan, 0.5, 1.25, -0.75)),
        "infinity": Law(x=(np.inf, -np.inf, 0.5, 1.25, -0.75)),
        "infinite v": Law(v=(np.inf, -np.inf, 0.0, 1.0)),
        "nan v": Law(v=(np.nan, 0.0, 1.0)),
        "infinite v at kinks": Law(x=(-1.0, 0.0, 1.0), v=(np.inf, -np.inf, np.nan, 0.0, 1.0)),
    }
)

SIZES: Final[Mapping[str, Law]] = MappingProxyType(
    {
        "large": Law(x=(3e160, -1e160, 2e160)),
        "small": Law(x=(3e-170, -1e-170, 2e-170)),
    }
)
"""Numbers that float64 holds and their squares it does not."""


def _random(case: Case, number: int) -> np.random.Generator:
    return np.random.default_rng([crc32(str(case).encode()), number])


def _numbers(case: Case) -> list[float]:
    return [float(p) for p in case.params.values() if isinstance(p, float | int)]


def _names_places(case: Case, argument: int) -> bool:
    """Whether an operand names classes or rows: there PyTorch raises where none is named."""
    shapes = case.example.shapes
    is_place = case.rule.domains[argument].values == (0.0, 1.0, 2.0)
    is_data = case.rule.derivatives[argument] is None
    return is_place and (argument == 0 or is_data or len(shapes[argument]) < len(shapes[0]))
