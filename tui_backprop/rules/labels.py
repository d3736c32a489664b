"""Which axis of which operand bears which label, and how long each label is.

It stands apart from the sums because it is a matter of shapes: what does not fit, and which axes of
one entry are stretched and so have no say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.errors import ShapeError

if TYPE_CHECKING:
    from tui_backprop.rules.types import Index, Shape


@dataclass(frozen=True, slots=True, eq=False)
class _Squeezed:
    """An operand without some axes of 1 entry: an array, or symbols that are made when asked for.

    Attributes:
        whole: the operand.
        axes: those that are kept.
    """

    whole: Any
    axes: tuple[int, ...]

    @property
    def shape(self) -> Shape:
        """Of the axes that are kept."""
        return tuple(self.whole.shape[a] for a in self.axes)

    def __getitem__(self, index: Index) -> Any:
        at = dict(zip(self.axes, index, strict=True))
        return self.whole[tuple(at.get(a, 0) for a in range(len(self.whole.shape)))]


@dataclass(frozen=True, slots=True)
class Labels:
    """Which axis bears which label; one label twice in an operand means its diagonal.

    Attributes:
        operands: for each operand a label for each axis.
        out: the labels of the value, each once.
        stretches: whether an axis of 1 entry meets any other, as in broadcasting.
    """

    operands: tuple[tuple[int, ...], ...]
    out: tuple[int, ...]
    stretches: bool = False

    def lengths(self, shapes: tuple[Shape, ...]) -> dict[int, int]:
        """The length of each label.

        Raises:
            ShapeError: two axes that share a label differ.
        """
        found: dict[int, int] = {}
        for labels, shape in zip(self.operands, shapes, strict=True):
            own: dict[int, int] = {}
            for label, n in zip(labels, shape, strict=True):
                known = {own.setdefault(label, n)}  # within one operand nothing is stretched
                other = found.setdefault(label, n)
                if self.stretches and 1 in (n, other):
                    found[label] = n if other == 1 else other
                else:
                    known.add(other)
                if known != {n}:
                    self._refuse(shapes, *(known - {n}), n)
        return found

    def _refuse(self, shapes: tuple[Shape, ...], *lengths: int) -> None:
        shown = " and ".join(map(str, shapes))
        raise ShapeError(
            f"shapes {shown} do not fit: axes of {lengths[0]} and {lengths[-1]} entries "
            "are multiplied with each other"
        )

    def kept(self, shapes: tuple[Shape, ...]) -> tuple[tuple[int, ...], ...]:
        """For each operand its axes but those that are stretched: they have no say."""
        lengths = self.lengths(shapes)
        return tuple(
            tuple(a for a, n in enumerate(shape) if n == lengths[labels[a]])
            for labels, shape in zip(self.operands, shapes, strict=True)
        )

    def squeezed(self, shapes: tuple[Shape, ...]) -> Labels:
        """The labels without those axes."""
        kept = zip(self.operands, self.kept(shapes), strict=True)
        return Labels(tuple(tuple(labels[a] for a in axes) for labels, axes in kept), self.out)

    def shape(self, shapes: tuple[Shape, ...]) -> Shape:
        """The value's."""
        lengths = self.lengths(shapes)
        return tuple(lengths[label] for label in self.out)


def squeezed(labels: Labels, arrays: Any) -> tuple[Labels, tuple[Any, ...]]:
    """Operands without the axes that are stretched, and their labels."""
    if not labels.stretches:
        return labels, arrays
    shapes = tuple(x.shape for x in arrays)
    squeezed = tuple(
        x.reshape(tuple(x.shape[a] for a in axes)) if isinstance(x, np.ndarray | np.generic)
        else _Squeezed(x, axes)
        for x, axes in zip(arrays, labels.kept(shapes), strict=True)
    )  # fmt: skip
    return labels.squeezed(shapes), squeezed
