"""Cases in shapes that no row gives as an example: axes of length 0, and numbers.

Each is made from an example of the row; what the row refuses is no case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.rules.cases import Case
from tui_backprop.errors import TuiBackpropError
from tui_backprop.rules.rule import Example

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.rules.types import Shape


def odd_cases(case: Case) -> list[Case]:
    """A length made 0 wherever it stands, one axis made 0, all operands made numbers."""
    shapes = case.example.shapes
    found = [*_lengths_gone(shapes), *_axes_gone(shapes), tuple(() for _ in shapes)]
    made = (Case(case.rule, Example(s, case.example.params)) for s in dict.fromkeys(found))
    return [odd for odd in made if _is_accepted(odd)]


def _lengths_gone(shapes: tuple[Shape, ...]) -> Iterator[tuple[Shape, ...]]:
    for gone in sorted({n for shape in shapes for n in shape}):
        yield tuple(tuple(0 if n == gone else n for n in shape) for shape in shapes)


def _axes_gone(shapes: tuple[Shape, ...]) -> Iterator[tuple[Shape, ...]]:
    for number, shape in enumerate(shapes):
        for axis in range(len(shape)):
            changed = (*shape[:axis], 0, *shape[axis + 1 :])
            yield (*shapes[:number], changed, *shapes[number + 1 :])


def _is_accepted(case: Case) -> bool:
    try:
        return case.out is not None
    except TuiBackpropError:
        return False
